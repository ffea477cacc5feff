// Random values of plans: any numbers in any fields that the limits allow. Most of them mean nothing; readers and writers must not care.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "cep/plan.h"
#include "support/thread_plan.h"

namespace cep::support {

// Names with everything in them that a text form may trip over. Distinct ones get their position appended.
inline std::string random_name(std::size_t position) {
  const auto stem =
      *rc::gen::element<std::string>("x", "buf", "k", "seed", ":", "-", "->", "a b", "a#b", "\"", "\\x41",
                                     "0:4", "+", "caf\xc3\xa9", std::string("\0\n\t", 3), "a->b", "step");
  return position == 0 ? stem : stem + std::to_string(position);
}

inline acp::Digest random_digest() {
  return *rc::gen::inRange(0, 3) == 0 ? acp::Digest{} : acp::sha256(*rc::gen::string<std::string>());
}

inline Dims random_dims(std::size_t rank, std::int64_t min, std::int64_t max) {
  return *rc::gen::container<Dims>(rank, rc::gen::inRange<std::int64_t>(min, max + 1));
}

inline Box random_box(const Dims& within) {
  Box box;
  for (const std::int64_t extent : within) {
    const auto a = *rc::gen::inRange<std::int64_t>(0, extent + 1);
    const auto b = *rc::gen::inRange<std::int64_t>(0, extent + 1);
    box.lo.push_back(std::min(a, b));
    box.hi.push_back(std::max(a, b));
  }
  return box;
}

inline TensorType random_type() {
  const auto rank = *rc::gen::inRange<std::size_t>(0, ACP_MAX_RANK + 1);
  return {*rc::gen::element(Dtype::kF32, Dtype::kI32, Dtype::kI64, Dtype::kBool), random_dims(rank, 0, 5)};
}

inline std::uint32_t random_id(std::size_t count) {
  return *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(count));
}

// Whole, a box, or anything.
inline View random_view(const Plan& plan) {
  const BufferId id = random_id(plan.buffers.size());
  const Buffer& buffer = plan.buffers[id];
  switch (*rc::gen::inRange(0, 3)) {
    case 0: return whole_view(id, buffer);
    case 1: return box_view(id, buffer, random_box(buffer.type.dims));
    default: break;
  }
  const auto rank = *rc::gen::inRange<std::size_t>(0, ACP_MAX_RANK + 1);
  return {id, *rc::gen::inRange<std::int64_t>(-100, 100), random_dims(rank, 0, 5), random_dims(rank, -9, 9)};
}

inline Slice random_slice(const Plan& plan, const Workload& workload) {
  const auto rank = *rc::gen::inRange<std::size_t>(0, ACP_MAX_RANK + 1);
  return {random_id(workload.tensors.size()), random_box(random_dims(rank, 0, 9)), random_view(plan)};
}

// n items, n < 4, made by make(i).
template <typename Make>
auto some(int least, Make make) {
  std::vector<decltype(make(std::size_t{0}))> items;
  const auto n = *rc::gen::inRange<std::size_t>(static_cast<std::size_t>(least), 4);
  for (std::size_t i = 0; i < n; ++i) items.push_back(make(i));
  return items;
}

inline decltype(Step::what) random_work(const Plan& plan, const Workload& workload) {
  const auto view = [&](std::size_t) { return random_view(plan); };
  const auto slice = [&](std::size_t) { return random_slice(plan, workload); };
  switch (*rc::gen::inRange(0, 6)) {
    case 0: {
      Compute compute{random_id(workload.nodes.size()), some(0, slice), some(0, slice), {}, {}};
      if (*rc::gen::arbitrary<bool>()) {
        const Box k = random_box({100});
        compute.k = KRange{k.lo[0], k.hi[0]};
      }
      if (*rc::gen::arbitrary<bool>()) compute.seed = view(0);
      return compute;
    }
    case 1: return Copy{view(0), view(0)};
    case 2:
      return Combine{*rc::gen::element(CombineOp::kAdd, CombineOp::kMax, CombineOp::kMin),
                     *rc::gen::element(CombineShape::kFold, CombineShape::kTree), some(0, view), view(0)};
    case 3: return Fill{view(0), *rc::gen::arbitrary<std::uint64_t>()};
    case 4: return Signal{random_id(plan.timelines.size()), *rc::gen::arbitrary<std::uint64_t>()};
    default: return Wait{random_id(plan.timelines.size()), *rc::gen::arbitrary<std::uint64_t>()};
  }
}

// Every id is in range, every name of a kind distinct.
inline Plan random_plan(const Workload& workload) {
  const auto bytes = [] {
    return *rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 48), std::int64_t{1} << 48);
  };
  Plan plan;
  plan.name = random_name(0);
  plan.workload = random_digest();
  plan.guarantee = *rc::gen::element(Grade::kReal, Grade::kBitwise);
  if (*rc::gen::arbitrary<bool>()) plan.reassociated = {random_id(workload.nodes.size())};
  plan.devices =
      some(1, [](std::size_t i) { return Device{random_name(i), random_name(0), random_digest()}; });
  plan.arenas =
      some(1, [&](std::size_t i) { return Arena{random_name(i), random_id(plan.devices.size()), bytes()}; });
  plan.buffers = some(1, [&](std::size_t i) {
    return Buffer{random_name(i), random_id(plan.arenas.size()), bytes(), random_type()};
  });
  plan.queues = some(1, [&](std::size_t i) { return Queue{random_name(i), random_id(plan.devices.size())}; });
  plan.timelines =
      some(1, [&](std::size_t i) { return Timeline{random_name(i), random_id(plan.queues.size())}; });
  plan.inputs = some(0, [&](std::size_t) { return random_slice(plan, workload); });
  plan.outputs = some(0, [&](std::size_t) { return random_slice(plan, workload); });
  plan.steps = some(0, [&](std::size_t i) {
    return Step{random_name(i), random_id(plan.queues.size()), random_work(plan, workload)};
  });
  return plan;
}

}  // namespace cep::support
