// The whole check, in the order of CEP 7.2: digests, form, order, races, contracts, steps, outputs.
#include "check.h"

#include <algorithm>

#include "acp/wire.h"
#include "contracts.h"
#include "follow.h"

namespace cep_check {

namespace {

using cep::Grade;

acp::Error differs(std::string path) {
  return acp::invalid("CEP-CHECK-1", std::move(path), "not the digest of what was given");
}

acp::Status check_digests(const cep::Workload& workload, const cep::Plan& plan,
                          const cep::Certificate& certificate, const cep::Context& context) {
  if (certificate.workload != cep::digest_of(workload)) return differs("workload");
  if (plan.workload != certificate.workload) return differs("plan.workload");
  if (certificate.plan != cep::digest_of(plan)) return differs("plan");
  if (certificate.rules != cep::digest_of_rules()) return differs("rules");
  const std::size_t devices = plan.devices.size();
  if (certificate.documents.size() != devices || context.digests.size() != devices ||
      context.documents.size() != devices) {
    return acp::invalid("CEP-CHECK-1", "documents", "not one document a device");
  }
  for (std::size_t i = 0; i < devices; ++i) {
    const auto bytes = acp::encode(context.documents[i]);
    const bool given = bytes && acp::sha256(*bytes) == context.digests[i];
    if (!given || certificate.documents[i] != context.digests[i] ||
        plan.devices[i].document != context.digests[i]) {
      return differs(item("documents", i));
    }
  }
  return acp::ok();
}

acp::Status check_grades(const cep::Workload& workload, const cep::Plan& plan, const cep::Proved& proof,
                         const std::vector<std::optional<Grade>>& grades) {
  const auto bad_grade = [](const char* path, const char* why) {
    return acp::invalid("CEP-CHECK-14", path, why);
  };
  if (proof.outputs.size() != workload.outputs.size())
    return bad_grade("proof.outputs", "not one grade an output");
  Grade lowest = Grade::kBitwise;
  for (std::size_t i = 0; i < proof.outputs.size(); ++i) {
    const cep::TensorId tensor = workload.outputs[i];
    if (proof.outputs[i].tensor != workload.tensors[tensor].name ||
        proof.outputs[i].grade != *grades[tensor]) {
      return bad_grade("proof.outputs", "not the grade of the facts behind it");
    }
    lowest = std::min(lowest, proof.outputs[i].grade);
  }
  if (proof.guarantee != lowest) return bad_grade("proof.guarantee", "not the lowest grade of the outputs");
  if (proof.guarantee < plan.guarantee) return bad_grade("proof.guarantee", "lower than the plan's");
  if (lowest != Grade::kBitwise && proof.lowered_by.empty())
    return bad_grade("proof.lowered_by", "lowered silently");
  return acp::ok();
}

// Every element of every output, once, out of whole facts that still stand; the grades are those of these facts.
acp::Status check_outputs(const cep::Workload& workload, const cep::Plan& plan, const cep::Proved& proof,
                          const Facts& facts) {
  std::vector<std::optional<Grade>> grades(workload.tensors.size());
  for (const cep::TensorId tensor : workload.outputs) grades[tensor] = Grade::kBitwise;
  for (const std::uint32_t fact : proof.output_facts) {
    if (fact >= proof.facts.size()) return acp::invalid("CEP-CHECK-8", "proof.output_facts", "no such fact");
  }
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const cep::Slice& output = plan.outputs[i];
    const auto bad = [&](const char* id, const std::string& why) {
      return acp::invalid(id, item("outputs", i), why);
    };
    if (!grades[output.tensor]) return bad("CEP-CHECK-15", "not an output of the workload");
    for (std::size_t j = 0; j < i; ++j) {
      if (plan.outputs[j].tensor == output.tensor &&
          !cep::intersect(plan.outputs[j].box, output.box).empty()) {
        return bad("CEP-CHECK-15", "elements of another output, a second time");
      }
    }
    const Facts::Cover cover = facts.cover(proof.output_facts, output.tensor, output.box,
                                           place_of(plan, output.view), cep::Part::Kind::kWhole);
    if (!cover.open.empty()) {
      return bad(cover.stale ? "CEP-CHECK-9" : "CEP-CHECK-15",
                 cep::to_string(cover.open.front()) +
                     (cover.stale ? " had been written over" : " is not vouched for"));
    }
    for (const std::uint32_t fact : cover.by)
      grades[output.tensor] = std::min(*grades[output.tensor], facts[fact].grade);
  }
  for (const cep::TensorId tensor : workload.outputs) {
    std::vector<cep::Box> open{cep::Box::whole(workload.tensors[tensor].type.dims)};
    for (const cep::Slice& output : plan.outputs) {
      if (output.tensor == tensor) Facts::remove(open, output.box);
    }
    std::erase_if(open, [](const cep::Box& box) { return box.empty(); });
    if (!open.empty()) {
      return acp::invalid(
          "CEP-CHECK-15", "outputs",
          cep::to_string(open.front()) + " of \"" + workload.tensors[tensor].name + "\" is bound nowhere");
    }
  }
  return check_grades(workload, plan, proof, grades);
}

}  // namespace

acp::Status check(const cep::Workload& workload, const cep::Plan& plan, const cep::Certificate& certificate,
                  const cep::Context& context) {
  const cep::Proved& proof = certificate.proof;
  ACP_CHECK(cep::check_workload(workload));
  ACP_CHECK(check_digests(workload, plan, certificate, context));
  ACP_TRY(const std::vector<Touched> touched, check_form(workload, plan));
  ACP_TRY(const Happens happens, Happens::check(plan, proof.order));
  ACP_CHECK(check_races(plan, touched, happens));
  ACP_CHECK(check_assumptions(plan, proof, context));
  ACP_TRY(Facts facts, Facts::check(workload, plan, proof));
  std::vector<cep::NodeId> maker(workload.tensors.size(), cep::kNoId);
  for (cep::NodeId node = 0; node < workload.nodes.size(); ++node) {
    for (const cep::TensorId tensor : workload.nodes[node].outputs) maker[tensor] = node;
  }
  Following following{workload, plan, facts, context, std::move(maker)};
  for (const cep::StepId step : proof.order) {
    ACP_CHECK(follow(following, step));
    facts.leave(step, touched[step].writes);
  }
  return check_outputs(workload, plan, proof, facts);
}

}  // namespace cep_check
