// What a document takes to be run, and a small one in place of one that takes too much.
#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "acp/result.h"
#include "cep/replay.h"
#include "replay/cost.h"

namespace cep::logical::oracle {

// Errors   CEP-REPLAY-1 over a limit.
// Spec     CEP 11.9.
[[nodiscard]] std::optional<acp::Error> over_limit(const Document& document, const ReplayOptions& options,
                                                   Places places);

// An expanded document within the limits, with the lengths that were made smaller.
struct Runnable {
  Document document;
  std::vector<ScaledLength> scaled;     // none: it is the document itself
  std::optional<acp::Error> too_large;  // what that would have been refused for, where it is not
};
// Errors   CEP-REPLAY-1 over a limit, and no smaller lengths were found.
// Spec     CEP 11.9.
[[nodiscard]] acp::Result<Runnable> make_runnable(const Document& document, const ReplayOptions& options,
                                                  Places places);

// An answer about the runnable document, as one about the document it stands for. What cannot be run at smaller lengths may be all right
// at its own.
template <typename Verdict>
Verdict answered(Runnable runnable, Verdict verdict) {
  if (runnable.too_large && std::holds_alternative<CannotRun>(verdict))
    return CannotRun{*std::move(runnable.too_large)};
  std::visit(
      [&](auto& answer) {
        if constexpr (requires { answer.scaled; }) answer.scaled = std::move(runnable.scaled);
      },
      verdict);
  return verdict;
}

}  // namespace cep::logical::oracle
