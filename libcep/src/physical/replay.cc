// Replay: draws, one run of both programs for each, and what they come to.
#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "cep/physical_replay.h"
#include "physical/memory.h"
#include "physical/reference.h"
#include "verify/schedule.h"

namespace cep::physical {
namespace {

// What is compared how. Bits decide where the plan promises them, and devices and sums leave no choice of others.
struct Measure {
  bool steps_by_bits = false;
  bool outputs_by_bits = false;
};
Measure measure_of(const Plan& plan, const std::vector<bool>& exact) {
  Measure measure;
  const bool canonical = std::find(exact.begin(), exact.end(), false) == exact.end();
  measure.outputs_by_bits = canonical && plan.guarantee == Grade::kBitwise;
  // A declared reassociation may change the bits of what stands between.
  measure.steps_by_bits = measure.outputs_by_bits && plan.reassociated.empty();
  return measure;
}

// One element against the other, of which one bit at least differs; nothing where both are one real number, and only that is asked.
std::optional<Evidence> evidence_of(Dtype dtype, Value expected, Value found, bool by_bits, bool exact) {
  if (by_bits) return Evidence::kBits;
  if (dtype == Dtype::kF32) {
    const auto wanted = std::bit_cast<float>(static_cast<std::uint32_t>(expected.lo));
    const auto given = std::bit_cast<float>(static_cast<std::uint32_t>(found.lo));
    if (wanted == given) return std::nullopt;
    exact = exact && std::isfinite(wanted) && std::isfinite(given);
  }
  return exact ? Evidence::kReal : Evidence::kRounded;
}

bool certain(const std::optional<Witness>& witness) {
  return witness && witness->evidence != Evidence::kRounded;
}

std::uint64_t elements_of(const View& view) { return static_cast<std::uint64_t>(volume(view.dims)); }
std::uint64_t elements_of(const std::vector<View>& views) {
  std::uint64_t sum = 0;
  for (const View& view : views) sum = plus(sum, elements_of(view));
  return sum;
}

// Both programs on one draw.
class Run {
 public:
  enum class End { kDone, kFound, kOverLimit, kNoValue };
  Run(const Analysis& analysis, const Schedule& schedule, const Measure& measure, const Draw& draw,
      Budget& budget, const ReplayOptions& options, bool to_the_end)
      : a_(analysis),
        w_(analysis.workload),
        p_(analysis.plan),
        s_(schedule),
        measure_(measure),
        draw_(draw),
        budget_(budget),
        max_elements_(options.max_elements),
        to_the_end_(to_the_end),
        memory_(p_, draw_),
        reference_(w_, draw_, budget, options.max_elements, !measure.steps_by_bits) {}

  End run() {
    for (const Slice& slice : p_.inputs) {
      each_point(slice, w_.tensors[slice.tensor].type.dims, [&](std::int64_t dense, std::int64_t at) {
        memory_.store(slice.view, at, draw_.element(slice.tensor, dense));
      });
    }
    for (const StepId step : s_.order) {
      at_ = step;
      if (const auto end = std::visit([&](const auto& what) { return on(what); }, p_.steps[step].what))
        return *end;
      if (certain(first_) && !to_the_end_) return End::kFound;
    }
    return outputs();
  }

  [[nodiscard]] StepId at() const { return at_; }
  [[nodiscard]] bool compared() const { return compared_; }
  [[nodiscard]] const acp::Error& fault() const { return fault_; }
  [[nodiscard]] const std::optional<Witness>& first() const { return first_; }
  [[nodiscard]] const std::optional<Witness>& output() const { return output_; }

 private:
  using Ends = std::optional<End>;  // nothing: go on

  Ends on(const Signal&) { return {}; }
  Ends on(const Wait&) { return {}; }
  Ends on(const Fill& fill) {
    if (!budget_.take(elements_of(fill.target))) return End::kOverLimit;
    each_point(fill.target, fill.target.strides, 0, [&](std::int64_t, std::int64_t at) {
      memory_.store(fill.target, at, {fill.bits, Value::kConcrete});
    });
    return {};
  }
  Ends on(const Copy& copy) {
    if (!budget_.take(elements_of(copy.target))) return End::kOverLimit;
    memory_.copy(copy.source, copy.target);
    return {};
  }
  Ends on(const Combine& combine) { return execute(combine.inputs, {combine.target}); }
  Ends on(const Compute& compute) {
    std::vector<View> inputs, outputs;
    inputs.reserve(compute.inputs.size() + 1);
    outputs.reserve(compute.outputs.size());
    for (const Slice& slice : compute.inputs) inputs.push_back(slice.view);
    if (compute.seed) inputs.push_back(*compute.seed);
    for (const Slice& slice : compute.outputs) {
      outputs.push_back(slice.view);
      if (const Ends ends = make(slice.tensor)) return ends;
    }
    const std::optional<SplitReduction>& split = a_.splits[compute.node];
    const bool part = compute.seed || (split && compute.k && *compute.k != KRange{0, split->length});
    if (!part && is_whole(compute)) {
      if (!budget_.take(plus(elements_of(inputs), elements_of(outputs)))) return End::kOverLimit;
      if (has_the_operands(compute)) return take_over(compute);
    }
    if (const Ends ends = execute(inputs, outputs)) return ends;
    if (part || certain(first_)) return {};
    for (const Slice& slice : compute.outputs) {
      std::optional<Witness> found = difference(slice, measure_.steps_by_bits);
      if (!found) continue;
      found->step = at_;
      keep(first_, std::move(found));
    }
    return {};
  }

  // A whole node: lower() gives the step the node's program. Where it finds the bits of the node's operands too, it makes of them what the
  // node made, and is not run again.
  [[nodiscard]] bool is_whole(const Compute& compute) const {
    const auto whole = [&](const Slice& slice) {
      return slice.box == Box::whole(w_.tensors[slice.tensor].type.dims);
    };
    return std::ranges::all_of(compute.inputs, whole) && std::ranges::all_of(compute.outputs, whole);
  }
  [[nodiscard]] bool has_the_operands(const Compute& compute) const {
    bool same = true;
    for (const Slice& slice : compute.inputs) {
      each_point(slice, w_.tensors[slice.tensor].type.dims, [&](std::int64_t dense, std::int64_t at) {
        same = same && memory_.load(slice.view, at) == reference_.element(slice.tensor, dense);
      });
    }
    return same;
  }
  Ends take_over(const Compute& compute) {
    for (const Slice& slice : compute.outputs) {
      each_point(slice, w_.tensors[slice.tensor].type.dims, [&](std::int64_t dense, std::int64_t at) {
        memory_.store(slice.view, at, reference_.element(slice.tensor, dense));
      });
      compared_ = true;
    }
    return {};
  }

  // Makes a value of the reference.
  Ends make(TensorId tensor) {
    auto status = reference_.make(tensor);
    if (status) return {};
    fault_ = std::move(status).error();
    return fault_.requirement == "CEP-REPLAY-5" ? End::kOverLimit : End::kNoValue;
  }

  Ends execute(const std::vector<View>& inputs, const std::vector<View>& outputs) {
    const Region& region = *a_.steps[at_].region;
    const std::uint64_t operands = plus(elements_of(inputs), elements_of(outputs));
    if (operands > max_elements_ || !budget_.take(operations(region)) || !budget_.take(operands))
      return End::kOverLimit;
    std::vector<Elements> elements;
    elements.reserve(inputs.size() + outputs.size());
    for (const View& view : inputs) elements.push_back(memory_.gather(view));
    for (const View& view : outputs) elements.push_back(memory_.gather(view));
    std::vector<Elements*> buffers;
    buffers.reserve(elements.size());
    for (Elements& each : elements) buffers.push_back(&each);
    if (const acp::Status status = interpreted(region, buffers); !status) {
      Witness fault;
      const bool real = exact_ && reference_.exact();
      fault.evidence = measure_.steps_by_bits || real ? Evidence::kFault : Evidence::kRounded;
      fault.seed = draw_.seed();
      fault.step = at_;
      fault.fault = acp::to_string(status.error());
      if (!certain(first_)) first_ = std::move(fault);
      return End::kFound;
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) memory_.scatter(outputs[i], elements[inputs.size() + i]);
    return {};
  }
  acp::Status interpreted(const Region& region, const std::vector<Elements*>& buffers) {
    if (measure_.steps_by_bits) return interpret(region, Domain::kBits, buffers);
    ACP_TRY(const bool exact, interpret_exactly(region, buffers));
    exact_ = exact_ && exact;
    return acp::ok();
  }

  // The first element of a slice that is not the workload's; one that is certain before one that is not.
  std::optional<Witness> difference(const Slice& slice, bool by_bits) {
    const TensorType& type = w_.tensors[slice.tensor].type;
    const Dims strides = row_major_strides(type.dims);
    const bool exact = exact_ && reference_.exact();
    std::optional<Witness> found;
    each_point(slice, type.dims, [&](std::int64_t dense, std::int64_t at) {
      compared_ = true;
      if (certain(found)) return;
      const Value expected = reference_.element(slice.tensor, dense);
      const Value given = memory_.load(slice.view, at);
      if (given == expected) return;
      const auto evidence = evidence_of(type.dtype, expected, given, by_bits, exact);
      if (!evidence || (found && *evidence == Evidence::kRounded)) return;
      Witness witness;
      witness.evidence = *evidence;
      witness.seed = draw_.seed();
      witness.tensor = slice.tensor;
      witness.dtype = type.dtype;
      witness.expected = expected.lo;
      witness.found = given.lo;
      witness.buffer = slice.view.buffer;
      witness.byte = memory_.address(slice.view, at) - p_.buffers[slice.view.buffer].offset_bytes;
      witness.index.reserve(strides.size());
      for (std::int64_t rest = dense; const std::int64_t stride : strides) {
        witness.index.push_back(stride > 0 ? rest / stride : 0);
        rest -= witness.index.back() * stride;
      }
      found = std::move(witness);
    });
    return found;
  }
  static void keep(std::optional<Witness>& kept, std::optional<Witness> found) {
    if (!kept || (!certain(kept) && certain(found))) kept = std::move(found);
  }

  End outputs() {
    for (const Slice& slice : p_.outputs) {
      if (const Ends ends = make(slice.tensor)) return *ends;
      std::optional<Witness> found = difference(slice, measure_.outputs_by_bits);
      if (!found) continue;
      found->output = true;
      found->step =
          last_writer(p_.buffers[found->buffer].arena, p_.buffers[found->buffer].offset_bytes + found->byte);
      keep(output_, found);
      keep(first_, std::move(found));
    }
    return End::kDone;
  }
  StepId last_writer(ArenaId arena, std::int64_t byte) const {
    for (auto step = s_.order.rbegin(); step != s_.order.rend(); ++step) {
      for (const Footprint& write : a_.steps[*step].writes) {
        const auto holds = [&](const ByteRange& run) { return run.begin <= byte && byte < run.end; };
        if (write.arena == arena && std::any_of(write.runs.begin(), write.runs.end(), holds)) return *step;
      }
    }
    return kNoId;
  }

  const Analysis& a_;
  const Workload& w_;
  const Plan& p_;
  const Schedule& s_;
  const Measure& measure_;
  const Draw draw_;
  Budget& budget_;
  const std::uint64_t max_elements_;
  const bool to_the_end_;
  Memory memory_;
  Reference reference_;
  bool exact_ = true;  // of the plan
  bool compared_ = false;
  StepId at_ = kNoId;
  acp::Error fault_;
  std::optional<Witness> first_;
  std::optional<Witness> output_;
};

// A plan that has been found to have one meaning, and what its runs have in common.
class Replay {
 public:
  Replay(const Analysis& analysis, const Schedule& schedule, const std::vector<bool>& exact,
         const ReplayOptions& options)
      : a_(analysis),
        s_(schedule),
        measure_(measure_of(analysis.plan, exact)),
        options_(options),
        budget_{options.max_operations},
        whole_(whole_cost(analysis)) {}

  ReplayVerdict run() {
    Agrees agrees{options_.seed, 0, kNoId};
    bool compared = false;
    acp::Error no_value;
    for (std::uint64_t i = 0; i < options_.draws; ++i) {
      const std::unique_ptr<Run> last = draw(options_.seed + i);
      compared = compared || last->compared();
      if (end_ == Run::End::kNoValue) {
        no_value = last->fault();
        continue;
      }
      if (certain(last->first())) return differs(*last);
      if (last->first() && !rounded_) rounded_ = differs(*last);
      if (end_ == Run::End::kOverLimit) {
        agrees.stopped_at = last->at();
        break;
      }
      ++agrees.draws;
    }
    if (rounded_) return *rounded_;
    if (agrees.stopped_at != kNoId && !compared) {
      return CannotRun{acp::unsupported("CEP-REPLAY-5", step_path(agrees.stopped_at),
                                        "the plan takes more than a replay may, up to here already")};
    }
    if (agrees.draws == 0 && agrees.stopped_at == kNoId)
      return CannotRun{acp::unsupported("CEP-REPLAY-6", no_value.path, no_value.message)};
    return agrees;
  }

 private:
  // Integers below 8, or fewer, until the reference takes them for positions.
  std::unique_ptr<Run> draw(std::uint64_t seed) {
    for (std::uint64_t below = 8;; below /= 2) {
      const Draw inputs(a_.workload, seed, below);
      auto one =
          std::make_unique<Run>(a_, s_, measure_, inputs, budget_, options_, whole_ <= budget_.operations);
      end_ = one->run();
      if (end_ != Run::End::kNoValue || below == 1) return one;
    }
  }
  [[nodiscard]] Differs differs(const Run& run) const {
    return {*run.first(), run.output(), end_ == Run::End::kDone};
  }
  static std::uint64_t whole_cost(const Analysis& analysis) {
    std::uint64_t sum = 0;
    const auto add = [&](const Region& region) { sum = plus(sum, operations(region)); };
    for (const StepInfo& step : analysis.steps) {
      if (step.region) add(*step.region);
    }
    for (NodeId node = 0; node < analysis.workload.nodes.size(); ++node) {
      if (const auto region = node_region(analysis.workload, node)) add(*region);
    }
    return sum;
  }

  const Analysis& a_;
  const Schedule& s_;
  const Measure measure_;
  const ReplayOptions& options_;
  Budget budget_;
  const std::uint64_t whole_;
  Run::End end_ = Run::End::kDone;
  std::optional<Differs> rounded_;
};

acp::Status within_memory(const Plan& plan, const ReplayOptions& options) {
  Budget bytes{options.max_bytes};
  Budget elements{options.max_bytes};  // of buffers: they may share bytes
  bool fits = true;
  for (const Arena& arena : plan.arenas)
    fits = fits && bytes.take(static_cast<std::uint64_t>(arena.size_bytes));
  for (const Buffer& buffer : plan.buffers)
    fits = fits && elements.take(static_cast<std::uint64_t>(volume(buffer.type.dims)));
  if (fits) return acp::ok();
  return acp::unsupported("CEP-REPLAY-5", "arenas",
                          "more than " + std::to_string(options.max_bytes) + " bytes in all");
}

CannotRun breaks(const std::vector<Finding>& findings) {
  return {acp::unsupported("CEP-REPLAY-4", findings.front().path, to_string(findings.front()))};
}

}  // namespace

ReplayVerdict replay(const Workload& workload, const Plan& plan, const Context& context,
                     const ReplayOptions& options) {
  if (const auto found = check_well_formed(workload, plan, context); !found.empty()) return breaks(found);
  Analysis analysis{workload, plan, {}, {}};
  if (const auto found = analyse(analysis); !found.empty()) return breaks(found);
  std::vector<bool> exact;
  if (const auto found = check_capability(analysis, context, exact); !found.empty()) return breaks(found);
  Schedule schedule;
  if (const auto found = check_order(plan, schedule); !found.empty()) return breaks(found);
  if (const auto found = check_memory(analysis, context, schedule); !found.empty()) return breaks(found);
  if (auto status = within_memory(plan, options); !status) return CannotRun{std::move(status).error()};
  return Replay(analysis, schedule, exact, options).run();
}

}  // namespace cep::physical
