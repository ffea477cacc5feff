// Certificate: the flat list behind a Proved verdict, that cep-check re-checks with other code.
//
// Per step: the rule-relevant facts it used and made. In front: digests of workload, plan, ACP documents and the rule table.
// Spec     CEP 7 (certificates).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/verify.h"

namespace cep {

struct Certificate {
  acp::Digest workload{};
  acp::Digest plan{};
  acp::Digest rules{};
  std::vector<acp::Digest> documents;  // one per device of the plan
  Proved proof;
};

// Only from a verdict reached with every condition on.
[[nodiscard]] Certificate certify(const Workload& workload, const Plan& plan, const Context& context,
                                  Proved proof);

// Wire forms: canonical Cap'n Proto, length-prefixed frame. A digest is always that of the canonical bytes.
[[nodiscard]] std::vector<std::byte> encode(const Workload& workload);
[[nodiscard]] std::vector<std::byte> encode(const Plan& plan);
[[nodiscard]] std::vector<std::byte> encode(const Certificate& certificate);
// Errors   CEP-WIRE-1 frame length; CEP-WIRE-2 not a readable message; CEP-WIRE-3 not canonical; CEP-WIRE-4 value out of range;
//          CEP-WIRE-5 over a limit. decode_workload also runs check_workload.
// Spec     CEP 9 (wire).
[[nodiscard]] acp::Result<Workload> decode_workload(std::span<const std::byte> bytes);
[[nodiscard]] acp::Result<Plan> decode_plan(std::span<const std::byte> bytes);
[[nodiscard]] acp::Result<Certificate> decode_certificate(std::span<const std::byte> bytes);
[[nodiscard]] acp::Digest digest_of(const Workload& workload);
[[nodiscard]] acp::Digest digest_of(const Plan& plan);
[[nodiscard]] acp::Digest digest_of_rules();

}  // namespace cep
