// A workload, a plan and its certificate, all digests right, for tests that change one thing and look what the checker says.
#pragma once

#include <utility>

#include "acp/wire.h"
#include "cep/certificate.h"
#include "support/verify_text.h"
#include "tools/cep-check/check.h"

namespace cep::support {

struct Certified {
  Workload workload;
  Plan plan;
  Context context;
  Certificate certificate;

  [[nodiscard]] Proved& proof() { return certificate.proof; }
  // The certificate's digests, made right again after a change of the plan.
  void bind() {
    certificate.workload = plan.workload = digest_of(workload);
    for (std::size_t i = 0; i < plan.devices.size(); ++i) plan.devices[i].document = context.digests[i];
    certificate.documents = context.digests;
    certificate.plan = digest_of(plan);
  }
  [[nodiscard]] std::string refusal() const {
    const acp::Status status = cep_check::check(workload, plan, certificate, context);
    return status ? "accepted" : acp::to_string(status.error());
  }
  // Of a changed plan: the digests made right first.
  [[nodiscard]] std::string bound_refusal() {
    bind();
    return refusal();
  }
};

// For devices that run everything, each with a document of its own; nothing is proved yet.
inline Certified bound(const Workload& workload, Plan plan) {
  Certified out{workload, std::move(plan), {}, {}};
  for (std::size_t i = 0; i < out.plan.devices.size(); ++i) {
    acp::Class document = exact_device();
    document.identity.product += std::to_string(i);
    const auto bytes = acp::encode(document);
    EXPECT_TRUE(bytes.has_value()) << (bytes ? "" : acp::to_string(bytes.error()));
    if (bytes) out.context.digests.push_back(acp::sha256(*bytes));
    out.context.documents.push_back(std::move(document));
  }
  out.bind();
  return out;
}

inline Certified certified(const Workload& workload, const std::string& text) {
  Certified out = bound(workload, plan_of(workload, text));
  Verdict verdict = verify(out.workload, out.plan, out.context);
  EXPECT_TRUE(proved(verdict)) << describe(verdict);
  if (proved(verdict))
    out.certificate = certify(out.workload, out.plan, out.context, std::get<Proved>(std::move(verdict)));
  return out;
}

inline StepId step_named(const Plan& plan, std::string_view name) {
  for (StepId step = 0; step < plan.steps.size(); ++step) {
    if (plan.steps[step].name == name) return step;
  }
  ADD_FAILURE() << "no step " << name;
  return 0;
}

// The id stands at the end of the refusal.
inline void expect_refusal(const std::string& refusal, const std::string& id) {
  EXPECT_NE(refusal.find("[" + id + "]"), std::string::npos) << refusal;
}

}  // namespace cep::support
