#include "follow.h"

#include <algorithm>
#include <span>

#include "contracts.h"

namespace cep_check {

namespace {

using cep::Box;
using cep::Fact;
using cep::Grade;
using cep::kNoId;
using cep::Part;
using cep::Slice;

std::optional<Reduction> reduction_in(const cep::Region& region) {
  const auto split = cep::split_reduction(region);
  if (!split) return std::nullopt;
  Reduction out{*split};
  if (split->has_init) {
    const acp_scalar_node& init = region.scalars[region.nests.front().init];
    out.init_constant = init.op == ACP_SC_CONST;
    out.init_bits = init.bits;
  }
  return out;
}

// What a compute's program reads of each of its inputs: the boxes, in coordinates of the tensor.
std::vector<std::vector<Box>> needs_of(const cep::Region& region, std::size_t inputs) {
  std::vector<std::vector<Box>> needs(inputs);
  const auto need = [&](std::uint32_t read, const Box* box) {
    const acp_operand& operand = region.operands[region.reads[read].operand];
    if (operand.role != ACP_ROLE_INPUT || operand.slot >= inputs) return;
    needs[operand.slot].push_back(box != nullptr ? *box : Box::whole(cep::type_of(operand).dims));
  };
  for (const acp_stage& stage : region.stages) {
    if (stage.kind == ACP_STAGE_NEST) {
      for (const cep::ReadHull& hull : cep::read_hulls(region, stage.index)) need(hull.read, &hull.box);
    } else if (stage.kind == ACP_STAGE_LOOP_BEGIN) {
      for (const std::uint32_t read : cep::loop_reads(region, region.loops[stage.index])) need(read, nullptr);
    }
  }
  return needs;
}

class Step {
 public:
  Step(Following& f, cep::StepId step, Contract contract)
      : f_(f), step_(step), program_(std::move(contract.program)) {
    grade_ = device_ = contract.exact ? Grade::kBitwise : Grade::kReal;
    for (const std::uint32_t fact : f.facts.used(step)) grade_ = std::min(grade_, f.facts[fact].grade);
  }

  acp::Status run() {
    return std::visit([&](const auto& what) { return made_by(what); }, f_.plan.steps[step_].what);
  }

 private:
  acp::Error bad(const char* id, const std::string& why) const {
    return acp::invalid(id, item("steps", step_), why);
  }
  acp::Error bad(const char* id, std::uint32_t fact, const std::string& why) const {
    return acp::invalid(id, item("proof.facts", fact), why + " (step \"" + f_.plan.steps[step_].name + "\")");
  }
  acp::Error wrong_part(std::uint32_t fact) const {
    return bad("CEP-CHECK-12", fact, "this part does not follow");
  }

  acp::Error above(std::uint32_t fact) const {
    return bad("CEP-CHECK-14", fact, "a higher grade than follows");
  }
  // A lower grade than follows says less, and is true.
  acp::Status graded(std::uint32_t fact, Grade part_grade) const {
    const cep::NodeId node = f_.maker[f_.facts[fact].slice.tensor];
    const bool declared = std::ranges::find(f_.plan.reassociated, node) != f_.plan.reassociated.end();
    if (part_grade == Grade::kReal && !declared)
      return bad("CEP-CHECK-14", fact, "summed in another order, which the plan does not declare");
    if (f_.facts[fact].grade > std::min(grade_, part_grade)) return above(fact);
    return acp::ok();
  }

  // A used fact that has `box` of `tensor` at `where`; why not, when there is none.
  acp::Result<std::uint32_t> source(std::uint32_t made, const Place& where, const char* otherwise) const {
    const Slice& slice = f_.facts[made].slice;
    bool stale = false;
    for (const std::uint32_t fact : f_.facts.used(step_)) {
      if (!f_.facts.held(fact, slice.tensor, slice.box, where)) continue;
      if (f_.facts.intact(fact, where)) return fact;
      stale = true;
    }
    if (stale) return bad("CEP-CHECK-9", made, "what it was made of had been written over");
    return bad(otherwise, made, "nothing the step used vouches for what it was made of");
  }

  acp::Status covered(const Slice& input, const Box& needed, std::size_t position) const {
    if (needed.empty()) return acp::ok();
    if (!input.box.contains(needed))
      return bad("CEP-CHECK-10", "reads " + cep::to_string(needed) + " of input " + std::to_string(position) +
                                     ", which the step does not give");
    const Place where = part_of(place_of(f_.plan, input.view), input.box, needed);
    const Facts::Cover cover =
        f_.facts.cover(f_.facts.used(step_), input.tensor, needed, where, Part::Kind::kWhole);
    if (cover.open.empty()) return acp::ok();
    return bad(cover.stale ? "CEP-CHECK-9" : "CEP-CHECK-10",
               cep::to_string(cover.open.front()) + " of input " + std::to_string(position) +
                   (cover.stale ? " had been written over" : " is not vouched for by any fact it used"));
  }

  // That the slices are of the node's tensors, lower() has seen to.
  acp::Status check_inputs(const cep::Compute& compute) const {
    const auto needs = needs_of(*program_, compute.inputs.size());
    for (std::size_t i = 0; i < needs.size(); ++i) {
      for (const Box& box : needs[i]) ACP_CHECK(covered(compute.inputs[i], box, i));
    }
    return acp::ok();
  }

  acp::Result<Parts> seeded(const Reduction& r, const cep::Compute& compute, std::uint32_t made,
                            cep::KRange k) const {
    const Slice& out = compute.outputs.front();
    const Box& box = f_.facts[made].slice.box;
    const Place where = part_of(place_of(f_.plan, *compute.seed), out.box, box);
    const std::vector<std::uint32_t>& used = f_.facts.used(step_);
    for (const std::uint32_t fact : used) {
      const Part& part = f_.facts[fact].part;
      if (part.kind != Part::Kind::kConstant || !f_.facts.encloses(fact, where)) continue;
      const auto start = constant_start(r, part.bits, f_.workload.tensors[out.tensor].type.dtype);
      return start ? run_from(r, *start, k) : Parts{};
    }
    const Facts::Cover cover = f_.facts.cover(used, out.tensor, box, where, Part::Kind::kSum);
    if (!cover.open.empty()) {
      return bad(cover.stale ? "CEP-CHECK-9" : "CEP-CHECK-12", made,
                 "what it continues from is not vouched for");
    }
    if (cover.by.empty()) return Parts{};
    const Part& seed = f_.facts[cover.by.front()].part;
    for (const std::uint32_t fact : cover.by) {
      if (f_.facts[fact].part != seed)
        return bad("CEP-CHECK-12", made, "continues from different parts of the reduction");
    }
    return run_from(r, seed, k);
  }

  acp::Result<Parts> parts_of(const cep::Compute& compute, std::uint32_t made) const {
    if (!compute.k && !compute.seed) return Parts{Part{}};
    const Reduction* reduction = f_.reduction_of(compute.outputs.front().tensor);
    if (reduction == nullptr) return bad("CEP-CHECK-12", made, "no reduction that can be split");
    const cep::KRange k = compute.k.value_or(cep::KRange{0, reduction->split.length});
    if (!compute.seed) return run_alone(*reduction, k);
    return seeded(*reduction, compute, made, k);
  }

  acp::Status made_by(const cep::Compute& compute) const {
    ACP_CHECK(check_inputs(compute));
    for (const std::uint32_t made : f_.facts.made(step_)) {
      const Slice& slice = f_.facts[made].slice;
      const auto out = std::find_if(compute.outputs.begin(), compute.outputs.end(), [&](const Slice& output) {
        return output.tensor == slice.tensor && output.box.contains(slice.box) &&
               same_elements(part_of(place_of(f_.plan, output.view), output.box, slice.box),
                             f_.facts.place(made));
      });
      if (out == compute.outputs.end())
        return bad("CEP-CHECK-11", made, "not what the step wrote, or not where");
      ACP_TRY(const Parts parts, parts_of(compute, made));
      const bool whole = parts.size() == 1 && parts.front().kind == Part::Kind::kWhole;
      const Reduction* reduction = whole ? nullptr : f_.reduction_of(slice.tensor);
      const auto grade = whole && f_.facts[made].part == parts.front() ? std::optional(Grade::kBitwise)
                         : whole || reduction == nullptr               ? std::nullopt
                                                         : follows(*reduction, parts, f_.facts[made].part);
      if (!grade) return wrong_part(made);
      ACP_CHECK(graded(made, *grade));
    }
    return acp::ok();
  }

  // Of a step that moves bytes: each fact it made, and where in each of its sources that came from.
  template <typename Check>
  acp::Status moved(const cep::View& target, std::span<const cep::View> sources, Check check) const {
    const Place to = place_of(f_.plan, target);
    for (const std::uint32_t made : f_.facts.made(step_)) {
      if (!came_from(f_.facts.place(made), to, to))
        return bad("CEP-CHECK-11", made, "not what the step wrote, or not where");
      if (f_.facts[made].grade > device_) return above(made);
      std::vector<Place> from;
      for (const cep::View& source : sources)
        from.push_back(*came_from(f_.facts.place(made), to, place_of(f_.plan, source)));
      ACP_CHECK(check(made, f_.facts[made], from));
    }
    return acp::ok();
  }

  // A constant is known by place alone; anything else by tensor, box and part too.
  acp::Status made_by(const cep::Copy& copy) const {
    return moved(copy.target, {&copy.source, 1},
                 [&](std::uint32_t made, const Fact& fact, const std::vector<Place>& from) -> acp::Status {
                   if (fact.part.kind == Part::Kind::kConstant) {
                     const auto known = [&](std::uint32_t other) {
                       return f_.facts[other].part == fact.part && f_.facts[other].grade >= fact.grade &&
                              f_.facts.encloses(other, from[0]);
                     };
                     if (std::ranges::any_of(f_.facts.used(step_), known)) return acp::ok();
                     return bad("CEP-CHECK-13", made, "the copied bytes are not known to be this constant");
                   }
                   ACP_TRY(const std::uint32_t source_fact, source(made, from[0], "CEP-CHECK-13"));
                   if (f_.facts[source_fact].part != fact.part) return wrong_part(made);
                   return fact.grade > f_.facts[source_fact].grade ? above(made) : acp::ok();
                 });
  }

  acp::Status made_by(const cep::Fill& fill) const {
    return moved(fill.target, {},
                 [&](std::uint32_t made, const Fact& fact, const std::vector<Place>&) -> acp::Status {
                   if (fact.part.kind == Part::Kind::kConstant && fact.part.bits == fill.bits)
                     return acp::ok();
                   return bad("CEP-CHECK-13", made, "not the constant the step fills with");
                 });
  }

  static bool joins(cep::CombineOp op, const Reduction& r) {
    if (op == cep::CombineOp::kAdd) return r.sums();
    return r.split.combiner == (op == cep::CombineOp::kMax ? ACP_COMBINE_MAX : ACP_COMBINE_MIN);
  }

  static Parts joined(const Reduction& r, cep::CombineShape shape, std::vector<Parts> parts) {
    if (shape == cep::CombineShape::kFold) {
      Parts sum = parts.front();
      for (std::size_t i = 1; i < parts.size(); ++i) sum = join(r, sum, parts[i]);
      return sum;
    }
    while (parts.size() > 1) {
      std::vector<Parts> level;
      for (std::size_t i = 0; i + 1 < parts.size(); i += 2) level.push_back(join(r, parts[i], parts[i + 1]));
      if (parts.size() % 2 == 1) level.push_back(parts.back());
      parts = std::move(level);
    }
    return parts.front();
  }

  acp::Status made_by(const cep::Combine& combine) const {
    return moved(combine.target, combine.inputs,
                 [&](std::uint32_t made, const Fact& fact, const std::vector<Place>& from) -> acp::Status {
                   const Reduction* reduction =
                       fact.slice.tensor == kNoId ? nullptr : f_.reduction_of(fact.slice.tensor);
                   if (reduction == nullptr || !joins(combine.op, *reduction))
                     return bad("CEP-CHECK-13", made, "not the combiner of a reduction that can be split");
                   std::vector<Parts> parts;
                   for (const Place& place : from) {
                     ACP_TRY(const std::uint32_t fact_in, source(made, place, "CEP-CHECK-13"));
                     parts.push_back(readings(*reduction, f_.facts[fact_in].part));
                   }
                   const auto grade =
                       follows(*reduction, joined(*reduction, combine.shape, std::move(parts)), fact.part);
                   return grade ? graded(made, *grade) : acp::Status(wrong_part(made));
                 });
  }

  // Signals and waits.
  acp::Status made_by(const auto&) const {
    if (f_.facts.made(step_).empty() && f_.facts.used(step_).empty()) return acp::ok();
    return bad("CEP-CHECK-8", "a signal or wait uses and makes no fact");
  }

  Following& f_;
  cep::StepId step_;
  std::optional<cep::Region> program_;
  Grade device_, grade_;  // what the device's contract allows; and what the facts used do
};

}  // namespace

const Reduction* Following::reduction_of(cep::TensorId tensor) {
  if (maker[tensor] == kNoId) return nullptr;
  const auto [at, added] = reductions.try_emplace(maker[tensor]);
  if (added) {
    const auto region = cep::node_region(workload, at->first);
    if (region) at->second = reduction_in(*region);
  }
  return at->second ? &*at->second : nullptr;
}

acp::Status follow(Following& following, cep::StepId step) {
  ACP_CHECK(following.facts.enter(step));
  auto contract =
      contract_of(following.workload, following.plan, following.context, following.plan.steps[step]);
  if (!contract) return acp::at(item("steps", step), std::move(contract).error());
  return Step(following, step, std::move(*contract)).run();
}

}  // namespace cep_check
