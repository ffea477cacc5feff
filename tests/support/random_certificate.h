// Random values of certificates. None of them certifies anything.
#pragma once

#include <rapidcheck.h>

#include "cep/certificate.h"
#include "support/random_plan.h"

namespace cep::support {

inline Fact random_fact(const Plan& plan, const Workload& workload) {
  Fact fact;
  fact.slice = random_slice(plan, workload);
  if (*rc::gen::arbitrary<bool>()) fact.slice.tensor = kNoId;
  fact.part.kind = *rc::gen::element(Part::Kind::kWhole, Part::Kind::kSum, Part::Kind::kConstant);
  fact.part.state = *rc::gen::element(Part::State::kUnordered, Part::State::kPrefix, Part::State::kTreeNode);
  fact.part.has_init = *rc::gen::arbitrary<bool>();
  fact.part.ranges = some(0, [](std::size_t) {
    const Box k = random_box({1000});
    return KRange{k.lo[0], k.hi[0]};
  });
  fact.part.span = *rc::gen::inRange<std::int64_t>(0, 1000);
  fact.part.position = *rc::gen::inRange<std::int64_t>(0, 1000);
  fact.part.bits = *rc::gen::arbitrary<std::uint64_t>();
  fact.grade = *rc::gen::element(Grade::kReal, Grade::kBitwise);
  fact.step = *rc::gen::element<StepId>(0, 7, kNoId);
  return fact;
}

inline Certificate random_certificate(const Workload& workload) {
  const Plan plan = random_plan(workload);
  const auto ids = [](std::size_t) {
    return *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  };
  Certificate certificate;
  certificate.workload = random_digest();
  certificate.plan = random_digest();
  certificate.rules = random_digest();
  certificate.documents = some(0, [](std::size_t) { return random_digest(); });
  Proved& proof = certificate.proof;
  proof.guarantee = *rc::gen::element(Grade::kReal, Grade::kBitwise);
  proof.outputs = some(0, [](std::size_t i) { return OutputGuarantee{random_name(i), Grade::kReal}; });
  proof.assumptions =
      some(0, [](std::size_t i) { return Assumption{random_name(i), random_digest(), random_name(0)}; });
  proof.lowered_by = some(0, [](std::size_t i) { return random_name(i); });
  proof.order = ids(0);
  proof.facts = some(0, [&](std::size_t) { return random_fact(plan, workload); });
  proof.used = some(0, ids);
  proof.made = some(0, ids);
  proof.output_facts = ids(0);
  return certificate;
}

}  // namespace cep::support
