// Random changes to plans. Most make a plan wrong, some do not: which, the abstract runs say.
#include <algorithm>
#include <iterator>
#include <utility>

#include "acp/wire.h"
#include "soundness/random_plan.h"

namespace cep::fuzz {
namespace {

// Positions of the steps of a kind that `fits` accepts.
template <typename What, typename Fits>
std::vector<std::size_t> steps_of(const Plan& plan, Fits fits) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto* what = std::get_if<What>(&plan.steps[i].what);
    if (what != nullptr && fits(*what)) found.push_back(i);
  }
  return found;
}
template <typename What>
std::vector<std::size_t> steps_of(const Plan& plan) {
  return steps_of<What>(plan, [](const What&) { return true; });
}
template <typename T>
T any_of(const std::vector<T>& choices, Random& random) {
  return choices[static_cast<std::size_t>(random() % choices.size())];
}
template <typename What>
What* some(Plan& plan, Random& random) {
  const std::vector<std::size_t> found = steps_of<What>(plan);
  return found.empty() ? nullptr : &std::get<What>(plan.steps[any_of(found, random)].what);
}
template <typename What, typename Fits>
What* some(Plan& plan, Random& random, Fits fits) {
  const std::vector<std::size_t> found = steps_of<What>(plan, fits);
  return found.empty() ? nullptr : &std::get<What>(plan.steps[any_of(found, random)].what);
}
void erase_step(Plan& plan, std::size_t at) {
  plan.steps.erase(plan.steps.begin() + static_cast<std::ptrdiff_t>(at));
}

template <typename What>
bool drop(Plan& plan, Random& random) {
  const std::vector<std::size_t> found = steps_of<What>(plan);
  if (found.empty()) return false;
  erase_step(plan, any_of(found, random));
  return true;
}
template <typename What>
bool move(Plan& plan, Random& random) {
  const std::vector<std::size_t> found = steps_of<What>(plan);
  if (found.empty()) return false;
  const std::size_t from = any_of(found, random);
  const Step step = plan.steps[from];
  erase_step(plan, from);
  const auto to = static_cast<std::ptrdiff_t>(random() % (plan.steps.size() + 1));
  plan.steps.insert(plan.steps.begin() + to, step);
  return static_cast<std::size_t>(to) != from;
}

// Every view a step uses, the ones it writes last.
std::vector<View*> views_of(Step& step) {
  std::vector<View*> views;
  if (auto* compute = std::get_if<Compute>(&step.what)) {
    for (Slice& slice : compute->inputs) views.push_back(&slice.view);
    if (compute->seed) views.push_back(&*compute->seed);
    for (Slice& slice : compute->outputs) views.push_back(&slice.view);
  } else if (auto* copy = std::get_if<Copy>(&step.what)) {
    views = {&copy->source, &copy->target};
  } else if (auto* combine = std::get_if<Combine>(&step.what)) {
    for (View& view : combine->inputs) views.push_back(&view);
    views.push_back(&combine->target);
  } else if (auto* fill = std::get_if<Fill>(&step.what)) {
    views = {&fill->target};
  }
  return views;
}
View* some_view(Plan& plan, Random& random) {
  std::vector<View*> views;
  for (Step& step : plan.steps) {
    for (View* view : views_of(step)) views.push_back(view);
  }
  return views.empty() ? nullptr : any_of(views, random);
}
// A buffer of the same arena and element type, other than this one; the same one when there is none.
BufferId other_buffer(const Plan& plan, BufferId id, Random& random) {
  std::vector<BufferId> fitting;
  for (BufferId other = 0; other < plan.buffers.size(); ++other) {
    if (other != id && plan.buffers[other].arena == plan.buffers[id].arena &&
        plan.buffers[other].type.dtype == plan.buffers[id].type.dtype) {
      fitting.push_back(other);
    }
  }
  return fitting.empty() ? id : any_of(fitting, random);
}
std::int64_t off_by_one(Random& random) { return chance(random, 50) ? 1 : -1; }

// --- queues and timelines
bool drop_wait(Plan& plan, const Workload&, Random& random) { return drop<Wait>(plan, random); }
bool drop_signal(Plan& plan, const Workload&, Random& random) { return drop<Signal>(plan, random); }
bool move_wait(Plan& plan, const Workload&, Random& random) { return move<Wait>(plan, random); }
bool move_signal(Plan& plan, const Workload&, Random& random) { return move<Signal>(plan, random); }
bool change_wait_value(Plan& plan, const Workload&, Random& random) {
  auto* wait = some<Wait>(plan, random);
  if (wait == nullptr) return false;
  wait->value = static_cast<std::uint64_t>(static_cast<std::int64_t>(wait->value) + off_by_one(random));
  return true;
}
bool change_signal_value(Plan& plan, const Workload&, Random& random) {
  auto* signal = some<Signal>(plan, random);
  if (signal == nullptr) return false;
  signal->value = static_cast<std::uint64_t>(static_cast<std::int64_t>(signal->value) + off_by_one(random));
  return true;
}
bool wait_for_other_timeline(Plan& plan, const Workload&, Random& random) {
  auto* wait = some<Wait>(plan, random);
  if (wait == nullptr || plan.timelines.size() < 2) return false;
  wait->timeline = static_cast<TimelineId>(random() % plan.timelines.size());
  return true;
}
bool swap_neighbours_on_a_queue(Plan& plan, const Workload&, Random& random) {
  if (plan.steps.empty()) return false;
  const std::size_t a = static_cast<std::size_t>(random() % plan.steps.size());
  for (std::size_t b = a + 1; b < plan.steps.size(); ++b) {
    if (plan.steps[b].queue != plan.steps[a].queue) continue;
    std::swap(plan.steps[a], plan.steps[b]);
    return true;
  }
  return false;
}
bool move_step_to_other_queue(Plan& plan, const Workload&, Random& random) {
  if (plan.queues.size() < 2 || plan.steps.empty()) return false;
  Step& step = plan.steps[static_cast<std::size_t>(random() % plan.steps.size())];
  const auto queue = static_cast<QueueId>(random() % plan.queues.size());
  return std::exchange(step.queue, queue) != queue;
}

// --- views and memory
bool shift_view(Plan& plan, const Workload&, Random& random) {
  View* view = some_view(plan, random);
  if (view == nullptr) return false;
  view->offset_bytes += off_by_one(random) * size_bytes(plan.buffers[view->buffer].type.dtype);
  return true;
}
bool shift_view_by_bytes(Plan& plan, const Workload&, Random& random) {
  View* view = some_view(plan, random);
  if (view == nullptr) return false;
  view->offset_bytes += off_by_one(random) * 2;
  return true;
}
bool change_stride(Plan& plan, const Workload&, Random& random) {
  View* view = some_view(plan, random);
  if (view == nullptr || view->strides.empty()) return false;
  view->strides[static_cast<std::size_t>(random() % view->strides.size())] += off_by_one(random);
  return true;
}
bool swap_strides(Plan& plan, const Workload&, Random& random) {
  View* view = some_view(plan, random);
  if (view == nullptr || view->strides.size() < 2) return false;
  std::swap(view->strides[0], view->strides[1]);
  return view->strides[0] != view->strides[1];
}
bool view_other_buffer(Plan& plan, const Workload&, Random& random) {
  View* view = some_view(plan, random);
  if (view == nullptr) return false;
  const BufferId other = other_buffer(plan, view->buffer, random);
  return std::exchange(view->buffer, other) != other;
}
bool alias_two_buffers(Plan& plan, const Workload&, Random& random) {
  if (plan.buffers.empty()) return false;
  const auto id = static_cast<BufferId>(random() % plan.buffers.size());
  const BufferId other = other_buffer(plan, id, random);
  if (other == id) return false;
  plan.buffers[id].offset_bytes = plan.buffers[other].offset_bytes + (chance(random, 50) ? 0 : 4);
  return true;
}
bool other_arena(Plan& plan, const Workload&, Random& random) {
  if (plan.buffers.empty()) return false;
  Buffer& buffer = plan.buffers[static_cast<std::size_t>(random() % plan.buffers.size())];
  const auto arena = static_cast<ArenaId>(random() % plan.arenas.size());
  return std::exchange(buffer.arena, arena) != arena;
}
bool shrink_arena(Plan& plan, const Workload&, Random& random) {
  Arena& arena = plan.arenas[static_cast<std::size_t>(random() % plan.arenas.size())];
  if (arena.size_bytes == 0) return false;
  arena.size_bytes -= 8;
  return true;
}
bool step_in_place(Plan& plan, const Workload&, Random& random) {
  if (plan.steps.empty()) return false;
  const std::vector<View*> views =
      views_of(plan.steps[static_cast<std::size_t>(random() % plan.steps.size())]);
  if (views.size() < 2) return false;
  View* read = views[static_cast<std::size_t>(random() % (views.size() - 1))];
  if (read->dims != views.back()->dims) return false;
  *views.back() = *read;
  return true;
}
bool swap_host_inputs(Plan& plan, const Workload&, Random& random) {
  if (plan.inputs.size() < 2) return false;
  Slice& a = plan.inputs[static_cast<std::size_t>(random() % plan.inputs.size())];
  Slice& b = plan.inputs[static_cast<std::size_t>(random() % plan.inputs.size())];
  if (a.view.dims != b.view.dims || a == b) return false;
  std::swap(a.view, b.view);
  return true;
}
bool drop_host_input(Plan& plan, const Workload&, Random& random) {
  if (plan.inputs.empty()) return false;
  plan.inputs.erase(plan.inputs.begin() + static_cast<std::ptrdiff_t>(random() % plan.inputs.size()));
  return true;
}
bool drop_host_output(Plan& plan, const Workload&, Random& random) {
  if (plan.outputs.empty()) return false;
  plan.outputs.erase(plan.outputs.begin() + static_cast<std::ptrdiff_t>(random() % plan.outputs.size()));
  return true;
}
bool retarget_output(Plan& plan, const Workload&, Random& random) {
  if (plan.outputs.empty()) return false;
  Slice& output = plan.outputs[static_cast<std::size_t>(random() % plan.outputs.size())];
  const BufferId other = other_buffer(plan, output.view.buffer, random);
  return std::exchange(output.view.buffer, other) != other;
}

// --- claims
Slice* some_slice(Plan& plan, Random& random) {
  auto* compute = some<Compute>(plan, random);
  if (compute == nullptr) return nullptr;
  std::vector<Slice*> slices;
  for (Slice& slice : compute->inputs) slices.push_back(&slice);
  for (Slice& slice : compute->outputs) slices.push_back(&slice);
  return any_of(slices, random);
}
bool shift_box(Plan& plan, const Workload&, Random& random) {
  Slice* slice = some_slice(plan, random);
  if (slice == nullptr || slice->box.rank() == 0) return false;
  const std::size_t d = static_cast<std::size_t>(random() % slice->box.rank());
  const std::int64_t by = off_by_one(random);
  slice->box.lo[d] += by;
  slice->box.hi[d] += by;
  return true;
}
bool shrink_box(Plan& plan, const Workload&, Random& random) {
  Slice* slice = some_slice(plan, random);
  if (slice == nullptr || slice->box.rank() == 0) return false;
  const std::size_t d = static_cast<std::size_t>(random() % slice->box.rank());
  if (slice->box.hi[d] - slice->box.lo[d] < 2) return false;
  --slice->box.hi[d];
  --slice->view.dims[d];
  return true;
}
bool swap_compute_inputs(Plan& plan, const Workload&, Random& random) {
  auto* compute = some<Compute>(plan, random, [](const Compute& c) { return c.inputs.size() > 1; });
  if (compute == nullptr) return false;
  std::swap(compute->inputs[0].view, compute->inputs[1].view);
  if (chance(random, 50)) {
    std::swap(compute->inputs[0], compute->inputs[1]);
    std::swap(compute->inputs[0].view, compute->inputs[1].view);
  }
  return true;
}
bool other_tensor(Plan& plan, const Workload& workload, Random& random) {
  Slice* slice = some_slice(plan, random);
  if (slice == nullptr) return false;
  const auto other = static_cast<TensorId>(random() % workload.tensors.size());
  return std::exchange(slice->tensor, other) != other;
}
bool other_node(Plan& plan, const Workload& workload, Random& random) {
  auto* compute = some<Compute>(plan, random);
  if (compute == nullptr || workload.nodes.size() < 2) return false;
  const auto other = static_cast<NodeId>(random() % workload.nodes.size());
  return std::exchange(compute->node, other) != other;
}
bool other_input_source(Plan& plan, const Workload&, Random& random) {
  // The claim stays, the bytes are those of another slice of the same shape.
  std::vector<Slice*> slices;
  for (Step& step : plan.steps) {
    if (auto* compute = std::get_if<Compute>(&step.what)) {
      for (Slice& slice : compute->inputs) slices.push_back(&slice);
    }
  }
  if (slices.size() < 2) return false;
  Slice* a = any_of(slices, random);
  Slice* b = any_of(slices, random);
  if (a->view.dims != b->view.dims || a->view == b->view) return false;
  a->view = b->view;
  return true;
}

// --- reductions
bool change_k(Plan& plan, const Workload&, Random& random) {
  auto* compute = some<Compute>(plan, random, [](const Compute& c) { return c.k.has_value(); });
  if (compute == nullptr) return false;
  (chance(random, 50) ? compute->k->begin : compute->k->end) += off_by_one(random);
  return true;
}
bool shift_cut(Plan& plan, const Workload&, Random& random) {
  // Moves the border between two neighbouring ranges of the same node: every k is still there once.
  auto* left = some<Compute>(plan, random, [](const Compute& c) { return c.k.has_value(); });
  if (left == nullptr) return false;
  const std::int64_t border = left->k->end;
  const std::int64_t by = off_by_one(random);
  bool found = false;
  for (Step& step : plan.steps) {
    auto* right = std::get_if<Compute>(&step.what);
    if (right == nullptr || !right->k || right->node != left->node || right->k->begin != border) continue;
    right->k->begin += by;
    found = true;
  }
  left->k->end += by;
  return found;
}
bool forget_k(Plan& plan, const Workload&, Random& random) {
  auto* compute = some<Compute>(plan, random, [](const Compute& c) { return c.k.has_value(); });
  if (compute == nullptr) return false;
  compute->k.reset();
  return true;
}
bool drop_seed(Plan& plan, const Workload&, Random& random) {
  auto* compute = some<Compute>(plan, random, [](const Compute& c) { return c.seed.has_value(); });
  if (compute == nullptr) return false;
  compute->seed.reset();
  return true;
}
bool other_seed(Plan& plan, const Workload&, Random& random) {
  auto* compute = some<Compute>(plan, random, [](const Compute& c) { return c.seed.has_value(); });
  if (compute == nullptr) return false;
  compute->seed->buffer = other_buffer(plan, compute->seed->buffer, random);
  return true;
}
bool seed_a_compute(Plan& plan, const Workload&, Random& random) {
  auto* compute =
      some<Compute>(plan, random, [](const Compute& c) { return !c.seed && c.outputs.size() == 1; });
  if (compute == nullptr) return false;
  View seed = compute->outputs.front().view;
  seed.buffer = other_buffer(plan, seed.buffer, random);
  compute->seed = seed;
  return true;
}
bool swap_k_ranges(Plan& plan, const Workload&, Random& random) {
  auto* a = some<Compute>(plan, random, [](const Compute& c) { return c.k.has_value(); });
  if (a == nullptr) return false;
  auto* b = some<Compute>(plan, random,
                          [&](const Compute& c) { return c.k && c.node == a->node && *c.k != *a->k; });
  if (b == nullptr) return false;
  std::swap(a->k, b->k);
  std::swap(a->inputs, b->inputs);
  return true;
}
bool swap_combine_inputs(Plan& plan, const Workload&, Random& random) {
  auto* combine = some<Combine>(plan, random, [](const Combine& c) { return c.inputs.size() > 1; });
  if (combine == nullptr) return false;
  const std::size_t a = static_cast<std::size_t>(random() % combine->inputs.size());
  const std::size_t b = static_cast<std::size_t>(random() % combine->inputs.size());
  std::swap(combine->inputs[a], combine->inputs[b]);
  return a != b;
}
bool repeat_combine_input(Plan& plan, const Workload&, Random& random) {
  auto* combine = some<Combine>(plan, random);
  if (combine == nullptr) return false;
  combine->inputs.push_back(any_of(combine->inputs, random));
  return true;
}
bool drop_combine_input(Plan& plan, const Workload&, Random& random) {
  auto* combine = some<Combine>(plan, random, [](const Combine& c) { return c.inputs.size() > 1; });
  if (combine == nullptr) return false;
  combine->inputs.erase(combine->inputs.begin() +
                        static_cast<std::ptrdiff_t>(random() % combine->inputs.size()));
  return true;
}
bool other_combine_shape(Plan& plan, const Workload&, Random& random) {
  // Of three inputs or fewer, fold and tree are the same.
  auto* combine = some<Combine>(plan, random, [](const Combine& c) { return c.inputs.size() > 3; });
  if (combine == nullptr) return false;
  combine->shape = combine->shape == CombineShape::kFold ? CombineShape::kTree : CombineShape::kFold;
  return true;
}
bool other_combine_operator(Plan& plan, const Workload&, Random& random) {
  auto* combine = some<Combine>(plan, random);
  if (combine == nullptr) return false;
  combine->op = static_cast<CombineOp>(between(random, 1, 3));
  return true;
}
bool fill_in_front(Plan& plan, const Workload&, Random& random) {
  // A zero as one more addend: -0 changes no bit, +0 may.
  const std::vector<std::size_t> found = steps_of<Combine>(plan);
  if (found.empty()) return false;
  const std::size_t at = any_of(found, random);
  auto& combine = std::get<Combine>(plan.steps[at].what);
  const Buffer like = plan.buffers[combine.target.buffer];
  Arena& arena = plan.arenas[like.arena];
  const auto id = static_cast<BufferId>(plan.buffers.size());
  plan.buffers.push_back(
      {"zero", like.arena, (arena.size_bytes + 7) / 8 * 8, {like.type.dtype, combine.target.dims}});
  arena.size_bytes =
      plan.buffers.back().offset_bytes + volume(combine.target.dims) * size_bytes(like.type.dtype);
  const View zero = whole_view(id, plan.buffers.back());
  combine.inputs.insert(
      combine.inputs.begin() + static_cast<std::ptrdiff_t>(random() % (combine.inputs.size() + 1)), zero);
  const std::uint64_t bits = chance(random, 50) ? 0 : 0x80000000U;
  plan.steps.insert(plan.steps.begin() + static_cast<std::ptrdiff_t>(at),
                    {"zero", plan.steps[at].queue, Fill{zero, bits}});
  return true;
}
bool fill_instead(Plan& plan, const Workload&, Random& random) {
  // A step's result replaced by zeros.
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!views_of(plan.steps[i]).empty()) found.push_back(i);
  }
  if (found.empty()) return false;
  Step& step = plan.steps[any_of(found, random)];
  const View target = *views_of(step).back();
  step.what = Fill{target, chance(random, 50) ? 0 : 0x80000000U};
  return true;
}

// --- whole steps, devices, and the plan's own words
bool weaken_a_device(Plan& plan, const Workload&, Random& random) {
  Device& device = plan.devices[static_cast<std::size_t>(random() % plan.devices.size())];
  return std::exchange(device.shim, kWeakShim) != kWeakShim;
}
bool drop_step(Plan& plan, const Workload&, Random& random) {
  if (plan.steps.empty()) return false;
  erase_step(plan, static_cast<std::size_t>(random() % plan.steps.size()));
  return true;
}
bool repeat_step(Plan& plan, const Workload&, Random& random) {
  if (plan.steps.empty()) return false;
  Step step = plan.steps[static_cast<std::size_t>(random() % plan.steps.size())];
  step.name += "again";
  plan.steps.insert(plan.steps.begin() + static_cast<std::ptrdiff_t>(random() % (plan.steps.size() + 1)),
                    std::move(step));
  return true;
}
bool claim_bitwise(Plan& plan, const Workload&, Random&) {
  return std::exchange(plan.guarantee, Grade::kBitwise) != Grade::kBitwise;
}
bool claim_real(Plan& plan, const Workload&, Random&) {
  return std::exchange(plan.guarantee, Grade::kReal) != Grade::kReal;
}
bool hide_reassociation(Plan& plan, const Workload&, Random& random) {
  if (plan.reassociated.empty()) return false;
  plan.reassociated.erase(plan.reassociated.begin() +
                          static_cast<std::ptrdiff_t>(random() % plan.reassociated.size()));
  return true;
}

constexpr Mutation kMutations[] = {
    {"drop wait", drop_wait},
    {"drop signal", drop_signal},
    {"move wait", move_wait},
    {"move signal", move_signal},
    {"change wait value", change_wait_value},
    {"change signal value", change_signal_value},
    {"wait for other timeline", wait_for_other_timeline},
    {"swap neighbours on a queue", swap_neighbours_on_a_queue},
    {"move step to other queue", move_step_to_other_queue},
    {"shift view", shift_view},
    {"shift view by bytes", shift_view_by_bytes},
    {"change stride", change_stride},
    {"swap strides", swap_strides},
    {"view other buffer", view_other_buffer},
    {"alias two buffers", alias_two_buffers},
    {"other arena", other_arena},
    {"shrink arena", shrink_arena},
    {"step in place", step_in_place},
    {"swap host inputs", swap_host_inputs},
    {"drop host input", drop_host_input},
    {"drop host output", drop_host_output},
    {"retarget output", retarget_output},
    {"shift box", shift_box},
    {"shrink box", shrink_box},
    {"swap compute inputs", swap_compute_inputs},
    {"other tensor", other_tensor},
    {"other node", other_node},
    {"other input source", other_input_source},
    {"change k", change_k},
    {"shift cut", shift_cut},
    {"forget k", forget_k},
    {"drop seed", drop_seed},
    {"other seed", other_seed},
    {"seed a compute", seed_a_compute},
    {"swap k ranges", swap_k_ranges},
    {"swap combine inputs", swap_combine_inputs},
    {"repeat combine input", repeat_combine_input},
    {"drop combine input", drop_combine_input},
    {"other combine shape", other_combine_shape},
    {"other combine operator", other_combine_operator},
    {"fill in front", fill_in_front},
    {"fill instead", fill_instead},
    {"drop step", drop_step},
    {"repeat step", repeat_step},
    {"weaken a device", weaken_a_device},
    {"claim bitwise", claim_bitwise},
    {"claim real", claim_real},
    {"hide reassociation", hide_reassociation},
};

}  // namespace

std::span<const Mutation> mutations() { return kMutations; }

namespace {
acp::Class generous_document() {
  acp::Class document;
  document.identity = {"test", "generous", "a0", "1"};
  document.memories = {{"memory", 1U << 30U, 64}};
  document.links = {{"host", "memory"}, {"memory", "host"}};
  document.queues = {{"queues", 8}};
  document.contracts = {{"exact",
                         acp::Rounding::kNearestEven,
                         acp::Subnormals::kKept,
                         acp::Nan::kCanonical,
                         acp::Contraction::kFma,
                         {"chain", "blocked_tree", "blocked_index", "lanes32"}}};
  document.ops = {
      {std::string(acp::kRegionOp), ACP_REGION_VERSION, {"f32", "i32", "i64", "bool"}, "exact", {}}};
  return document;
}
acp::Digest digest_of_document(const acp::Class& document) {
  const auto bytes = acp::encode(document);
  ACP_ASSERT(bytes.has_value());
  return acp::sha256(*bytes);
}
}  // namespace

Context generous_context(Plan& plan) {
  static const acp::Class exact = generous_document();
  static const acp::Class weak = [] {
    acp::Class document = generous_document();
    document.contracts[0].subnormals = acp::Subnormals::kFlushed;
    return document;
  }();
  static const acp::Digest exact_digest = digest_of_document(exact), weak_digest = digest_of_document(weak);
  Context context;
  for (Device& device : plan.devices) {
    const bool is_weak = device.shim == kWeakShim;
    device.document = is_weak ? weak_digest : exact_digest;
    context.documents.push_back(is_weak ? weak : exact);
    context.digests.push_back(device.document);
  }
  return context;
}

}  // namespace cep::fuzz
