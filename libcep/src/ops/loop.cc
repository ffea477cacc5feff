// Loop: a sub-graph repeated, with state carried from trip to trip.
#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

// A hostile trip count must be refused, not run.
constexpr std::int64_t kMaxTrips = std::int64_t{1} << 40;
// Inputs of the node before the states: trip count, condition. Inputs of the body before them: trip number, condition.
constexpr std::size_t kBeforeStates = 2;

bool is_one(const TensorType& type, Dtype dtype) {
  return type.dtype == dtype && (type.dims.empty() || type.dims == Dims{1});
}

TensorType body_type(const Region& body, std::uint8_t role, std::size_t slot) {
  return type_of(body.operands[body.operand_at(role, static_cast<std::uint32_t>(slot))]);
}

std::size_t state_count(const OpContext& context) {
  return context.inputs.size() > kBeforeStates ? context.inputs.size() - kBeforeStates : 0;
}

// Whether the body hands its condition on unchanged, or always gives true: one write, of the condition it was given or of the constant.
bool keeps_condition(const Region& body) {
  const std::uint32_t given = body.operand_at(ACP_ROLE_INPUT, 1);
  const std::uint32_t made = body.operand_at(ACP_ROLE_OUTPUT, 0);
  int writes = 0;
  bool kept = true;
  for (const acp_write& write : body.writes) {
    if (write.operand != made) continue;
    ++writes;
    const acp_scalar_node& value = body.scalars[write.value];
    const bool constant = value.op == ACP_SC_CONST && value.bits != 0;
    const bool copied = value.op == ACP_SC_ARG && body.reads[value.a].operand == given &&
                        body.reads[value.a].guard_count == 0;
    kept = kept && (constant || copied);
  }
  return writes == 1 && kept;
}

// The loop ends at its trip count and at nothing else.
bool count_is_certain(const OpContext& context) {
  return !context.has_input(1) && keeps_condition(*context.body);
}

acp::Status check_counts(const OpContext& context) {
  if (!context.has_input(0) || context.known_input(0) == nullptr) {
    return acp::unsupported("CEP-LOOP-1", "inputs[0]", "the trip count is not a constant");
  }
  if (!is_one(context.input(0), Dtype::kI64))
    return acp::invalid("CEP-LOOP-2", "inputs[0]", "the trip count is not one i64");
  if (context.known_input(0)->front() > kMaxTrips)
    return acp::over_limit("CEP-LOOP-2", "inputs[0]", "over 2^40 trips");
  if (context.has_input(1) && !is_one(context.input(1), Dtype::kBool)) {
    return acp::invalid("CEP-LOOP-3", "inputs[1]", "the condition is not one bool");
  }
  const Region& body = *context.body;
  const std::size_t states = state_count(context);
  if (body.count(ACP_ROLE_INPUT) != kBeforeStates + states || body.count(ACP_ROLE_OUTPUT) < 1 + states) {
    return acp::invalid("CEP-LOOP-4", "body",
                        "a body for " + std::to_string(states) + " states has " +
                            std::to_string(kBeforeStates + states) + " inputs and at least " +
                            std::to_string(1 + states) + " outputs");
  }
  if (!is_one(body_type(body, ACP_ROLE_INPUT, 0), Dtype::kI64) ||
      !is_one(body_type(body, ACP_ROLE_INPUT, 1), Dtype::kBool) ||
      !is_one(body_type(body, ACP_ROLE_OUTPUT, 0), Dtype::kBool)) {
    return acp::invalid("CEP-LOOP-5", "body",
                        "its trip number is not one i64, or its condition not one bool");
  }
  return acp::ok();
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  ACP_CHECK(check_counts(context));
  const Region& body = *context.body;
  const std::size_t states = state_count(context);
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < states; ++i) {
    const std::string path = "inputs[" + std::to_string(kBeforeStates + i) + "]";
    if (!context.has_input(kBeforeStates + i))
      return acp::invalid("CEP-LOOP-4", path, "an initial state is left out");
    const TensorType& type = context.input(kBeforeStates + i);
    if (body_type(body, ACP_ROLE_INPUT, kBeforeStates + i) != type ||
        body_type(body, ACP_ROLE_OUTPUT, 1 + i) != type) {
      return acp::unsupported("CEP-LOOP-6", path, "the body takes or gives a state of another type");
    }
    types.push_back(type);
  }
  const std::int64_t trips = std::max<std::int64_t>(0, context.known_input(0)->front());
  for (std::size_t i = 1 + states; i < body.count(ACP_ROLE_OUTPUT); ++i) {
    if (!count_is_certain(context)) {
      return acp::unsupported("CEP-LOOP-7", "outputs[" + std::to_string(i - 1) + "]",
                              "a scan output, but the number of trips depends on a condition");
    }
    TensorType type = body_type(body, ACP_ROLE_OUTPUT, i);
    type.dims.insert(type.dims.begin(), trips);
    types.push_back(std::move(type));
  }
  return types;
}

// A nest that writes one value over all points of `type`.
void copy(RegionBuilder& r, const TensorType& type, Id from, Id to) {
  r.begin_nest(type.dims, {});
  r.write(to, r.iters(), r.arg(r.read(from, r.iters())));
  r.end_nest();
}

// Everything the loop changes is a temporary; the outputs are written once, after it, so that they can be cut like those of any nest.
struct Parts {
  std::vector<Id> outputs;                    // of the node
  std::vector<Id> body_inputs, body_outputs;  // temporaries
  std::vector<Id> scans;                      // temporaries, one trip behind another
};

Parts declare(RegionBuilder& r, const OpContext& context, const std::vector<TensorType>& types) {
  Parts parts;
  for (const TensorType& type : types) parts.outputs.push_back(r.output(type));
  const Region& body = *context.body;
  for (std::size_t i = 0; i < body.count(ACP_ROLE_INPUT); ++i)
    parts.body_inputs.push_back(r.temp(body_type(body, ACP_ROLE_INPUT, i)));
  for (std::size_t i = 0; i < body.count(ACP_ROLE_OUTPUT); ++i) {
    parts.body_outputs.push_back(r.temp(body_type(body, ACP_ROLE_OUTPUT, i)));
  }
  for (std::size_t i = state_count(context); i < types.size(); ++i) parts.scans.push_back(r.temp(types[i]));
  return parts;
}

// One trip: number the trip, run the body, hand its states on, keep its scan values.
void trip(RegionBuilder& r, const OpContext& context, const Parts& parts) {
  const Region& body = *context.body;
  const std::size_t states = state_count(context);
  r.begin_nest(body_type(body, ACP_ROLE_INPUT, 0).dims, {});
  r.write(parts.body_inputs[0], r.iters(), r.index_value(r.loop_trip(0)));
  r.end_nest();
  r.inline_region(body, parts.body_inputs, parts.body_outputs);
  const TensorType condition = body_type(body, ACP_ROLE_INPUT, 1);
  const std::size_t from_rank = body_type(body, ACP_ROLE_OUTPUT, 0).dims.size();
  r.begin_nest(condition.dims, {});
  r.write(parts.body_inputs[1], r.iters(),
          r.arg(r.read(parts.body_outputs[0], std::vector<Id>(from_rank, r.ix_const(0)))));
  r.end_nest();
  for (std::size_t i = 0; i < states; ++i) {
    copy(r, context.input(kBeforeStates + i), parts.body_outputs[1 + i],
         parts.body_inputs[kBeforeStates + i]);
  }
  for (std::size_t i = 0; i < parts.scans.size(); ++i) {
    r.begin_nest(body_type(body, ACP_ROLE_OUTPUT, 1 + states + i).dims, {});
    std::vector<Id> to = r.iters();
    to.insert(to.begin(), r.loop_trip(0));
    r.write(parts.scans[i], to, r.arg(r.read(parts.body_outputs[1 + states + i], r.iters())));
    r.end_nest();
  }
}

Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const std::size_t states = state_count(context);
  RegionBuilder r;
  std::vector<Id> inputs;  // of the node, ACP_NONE where left out
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    inputs.push_back(context.has_input(i) ? r.input(context.input(i)) : ACP_NONE);
  }
  const Parts parts = declare(r, context, *types);
  const TensorType condition = body_type(*context.body, ACP_ROLE_INPUT, 1);
  r.begin_nest(condition.dims, {});
  const Id start =
      context.has_input(1)
          ? r.arg(r.read(inputs[1], std::vector<Id>(context.input(1).dims.size(), r.ix_const(0))))
          : r.boolean(true);
  r.write(parts.body_inputs[1], r.iters(), start);
  r.end_nest();
  for (std::size_t i = kBeforeStates; i < inputs.size(); ++i)
    copy(r, context.input(i), inputs[i], parts.body_inputs[i]);
  const std::int64_t trips = std::max<std::int64_t>(0, context.known_input(0)->front());
  Id goes_on = ACP_NONE;
  if (!count_is_certain(context)) {
    goes_on = r.arg(r.read(parts.body_inputs[1], std::vector<Id>(condition.dims.size(), r.ix_const(0))));
  }
  r.begin_loop(r.i64(trips), goes_on, trips);
  trip(r, context, parts);
  r.end_loop();
  for (std::size_t i = 0; i < types->size(); ++i) {
    copy(r, (*types)[i], i < states ? parts.body_inputs[kBeforeStates + i] : parts.scans[i - states],
         parts.outputs[i]);
  }
  return std::move(r).finish();
}

// A body over one f32 state s: s' = s + (f32)trip, and the old s as a scan value when asked for; it goes on while s < limit, or as it
// was told to.
struct BodyOptions {
  std::optional<float> limit;
  bool scan = false;
  Dtype state = Dtype::kF32;
};
Region body_of(const BodyOptions& options) {
  const TensorType state{options.state, {3}};
  RegionBuilder r;
  const Id number = r.input({Dtype::kI64, {}});
  const Id condition = r.input({Dtype::kBool, {}});
  const Id s = r.input(state);
  const Id goes_on = r.output({Dtype::kBool, {}});
  const Id next = r.output(state);
  const Id scan = options.scan ? r.output(state) : ACP_NONE;
  r.begin_nest({}, {});
  const Id first = r.cast(r.arg(r.read(s, {r.ix_const(0)})), Dtype::kF32);
  const Id kept = r.arg(r.read(condition, {}));
  r.write(goes_on, {}, options.limit ? r.binary(ACP_SC_LT, first, r.f32(*options.limit)) : kept);
  r.end_nest();
  r.begin_nest(state.dims, {});
  const Id old = r.arg(r.read(s, r.iters()));
  r.write(next, r.iters(), r.add(old, r.cast(r.arg(r.read(number, {})), options.state)));
  if (options.scan) r.write(scan, r.iters(), old);
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  static const Region plain = body_of({});
  static const Region scanning = body_of({.limit = {}, .scan = true});
  static const Region stopping = body_of({.limit = 2.0f});
  static const Region both = body_of({.limit = 2.0f, .scan = true});
  static const Region integers = body_of({.limit = {}, .scan = false, .state = Dtype::kI32});
  static const Region not_a_body = [] {
    RegionBuilder r;
    for (int i = 0; i < 3; ++i) r.input({Dtype::kF32, {3}});
    for (int i = 0; i < 2; ++i) r.output({Dtype::kF32, {3}});
    return std::move(r).finish();
  }();
  const TensorType count{Dtype::kI64, {}}, flag{Dtype::kBool, {}}, state{Dtype::kF32, {3}};
  const auto times = [](std::int64_t trips) { return std::vector<std::optional<Dims>>{Dims{trips}}; };
  return {
      {.requirement = "", .inputs = {count, flag, state}, .known = times(4), .body = &plain},
      {.requirement = "",
       .inputs = {count, {}, state},
       .known = times(3),
       .body = &scanning,
       .output_count = 2},
      {.requirement = "", .inputs = {count, {}, state}, .known = times(5), .body = &stopping},
      {.requirement = "",
       .inputs = {{Dtype::kI64, {1}}, {Dtype::kBool, {1}}, {Dtype::kI32, {3}}},
       .known = times(2),
       .body = &integers},
      {.requirement = "",
       .inputs = {count, {}, state},
       .known = times(-1),
       .body = &scanning,
       .output_count = 2},
      {.requirement = "CEP-LOOP-1", .inputs = {count, flag, state}, .body = &plain},
      {.requirement = "CEP-LOOP-1", .inputs = {{}, flag, state}, .body = &plain},
      {.requirement = "CEP-LOOP-2",
       .inputs = {{Dtype::kI64, {2}}, {}, state},
       .known = {Dims{1, 2}},
       .body = &plain},
      {.requirement = "CEP-LOOP-2",
       .inputs = {count, {}, state},
       .known = times(kMaxTrips + 1),
       .body = &plain},
      {.requirement = "CEP-LOOP-3", .inputs = {count, count, state}, .known = times(1), .body = &plain},
      {.requirement = "CEP-LOOP-4", .inputs = {count, flag}, .known = times(1), .body = &plain},
      {.requirement = "CEP-LOOP-4", .inputs = {count, flag, {}}, .known = times(1), .body = &plain},
      {.requirement = "CEP-LOOP-5", .inputs = {count, flag, state}, .known = times(1), .body = &not_a_body},
      {.requirement = "CEP-LOOP-6",
       .inputs = {count, flag, {Dtype::kF32, {2}}},
       .known = times(1),
       .body = &plain},
      {.requirement = "CEP-LOOP-7",
       .inputs = {count, {}, state},
       .known = times(1),
       .body = &both,
       .output_count = 2},
      {.requirement = "CEP-LOOP-7",
       .inputs = {count, flag, state},
       .known = times(1),
       .body = &scanning,
       .output_count = 2},
  };
}

}  // namespace

extern const OpDef op_loop = {
    .name = "Loop",
    .domain = "ai.onnx",
    .version = 16,
    .page = "spec/cep/ops/Loop.md",
    .min_inputs = 0,
    .max_inputs = 65536,
    .attributes = {},
    .default_order = {},
    .has_body = true,
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
