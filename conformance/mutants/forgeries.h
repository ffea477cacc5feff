// Forgeries: evidence that is wrong in one thing each: statements, envelopes, journals. Whoever reads them must refuse every one, and
// for its reason.
//
// Spec     ACP 7.6, ACP 8.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "acp/statement.h"
#include "conformance/runner/journal.h"

namespace conformance {

// What is true: a device, a shim, what was found about them, and who signed it.
struct Evidence {
  std::string descriptor;  // its bytes
  std::string shim;        // its file's bytes
  acp::Statement statement;
  acp::SecretKey key;       // trusted
  acp::SecretKey stranger;  // not trusted
};
[[nodiscard]] Evidence true_evidence();
// The check that a runtime makes, of an envelope it was given.
[[nodiscard]] acp::Status accept(const Evidence& evidence, const std::string& envelope);
[[nodiscard]] std::string signed_text(const std::string& statement, const acp::SecretKey& key);

struct Forgery {
  std::string_view name;
  std::string_view what;
  std::string_view breaks;  // the id it must be refused with
  // Makes one thing of what is true wrong, and has it checked.
  acp::Status (*attempt)(const Evidence& evidence);
};
[[nodiscard]] std::span<const Forgery> forgeries();

}  // namespace conformance
