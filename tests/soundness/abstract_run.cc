#include "soundness/abstract_run.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "soundness/random_plan.h"

namespace cep::fuzz {
namespace {

// A mutated plan must not make the run allocate without bound.
constexpr std::int64_t kMaxArena = 1 << 20;
constexpr std::int64_t kMaxElements = 1 << 16;

Dims first_point(const View& view) { return Dims(view.dims.size(), 0); }

// The next point of a box of these dims, row-major; false after the last.
bool advance(Dims& point, const Dims& dims) {
  for (std::size_t d = dims.size(); d-- > 0;) {
    if (++point[d] < dims[d]) return true;
    point[d] = 0;
  }
  return false;
}

std::int64_t position(const Dims& point, const Dims& strides) {
  return std::inner_product(point.begin(), point.end(), strides.begin(), std::int64_t{0});
}

}  // namespace

AbstractMachine::AbstractMachine(const Workload& workload, const Plan& plan)
    : workload_(workload), plan_(plan), queues_(plan.queues.size()), works_(plan.steps.size()) {
  if (!ids_resolve()) {
    broken_ = "an id or a view that leads nowhere";
    return;
  }
  for (StepId id = 0; id < plan.steps.size() && broken_.empty(); ++id) {
    queues_[plan.steps[id].queue].push_back(id);
    prepare(plan.steps[id]);
  }
  forget();
}

void AbstractMachine::forget() {
  memory_.clear();
  if (!broken_.empty()) return;
  for (const Arena& arena : plan_.arenas) memory_.emplace_back(static_cast<std::size_t>(arena.size_bytes));
}

bool AbstractMachine::view_ok(const View& view) const {
  if (view.buffer >= plan_.buffers.size() || view.dims.size() != view.strides.size()) return false;
  const Buffer& buffer = plan_.buffers[view.buffer];
  std::int64_t count = 1;
  std::int64_t last = 0;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    if (view.dims[d] <= 0 || view.strides[d] < 0 || view.strides[d] > kMaxElements) return false;
    if (view.dims[d] > kMaxElements / count) return false;
    count *= view.dims[d];
    last += (view.dims[d] - 1) * view.strides[d];
  }
  const std::int64_t begin = address(view);
  const std::int64_t end = begin + (last + 1) * size_bytes(buffer.type.dtype);
  return view.offset_bytes >= 0 && begin >= 0 && end <= plan_.arenas[buffer.arena].size_bytes;
}

std::int64_t AbstractMachine::address(const View& view) const {
  return plan_.buffers[view.buffer].offset_bytes + view.offset_bytes;
}

bool AbstractMachine::ids_resolve() const {
  const auto slice_ok = [&](const Slice& slice) {
    if (slice.tensor >= workload_.tensors.size() || !view_ok(slice.view)) return false;
    const TensorType& type = workload_.tensors[slice.tensor].type;
    return slice.box.rank() == type.dims.size() && slice.box.hi.size() == type.dims.size() &&
           Box::whole(type.dims).contains(slice.box) && slice.box.dims() == slice.view.dims &&
           plan_.buffers[slice.view.buffer].type.dtype == type.dtype;
  };
  const auto arena_ok = [](const Arena& arena) {
    return arena.size_bytes >= 0 && arena.size_bytes <= kMaxArena;
  };
  const auto buffer_ok = [&](const Buffer& buffer) {
    return buffer.arena < plan_.arenas.size() && buffer.offset_bytes >= 0 &&
           size_bytes(buffer.type.dtype) > 0;
  };
  const auto timeline_ok = [&](TimelineId id) { return id < plan_.timelines.size(); };
  const auto step_ok = [&](const Step& step) {
    if (step.queue >= plan_.queues.size()) return false;
    if (const auto* signal = std::get_if<Signal>(&step.what)) return timeline_ok(signal->timeline);
    if (const auto* wait = std::get_if<Wait>(&step.what)) return timeline_ok(wait->timeline);
    if (const auto* copy = std::get_if<Copy>(&step.what))
      return view_ok(copy->source) && view_ok(copy->target);
    if (const auto* fill = std::get_if<Fill>(&step.what)) return view_ok(fill->target);
    if (const auto* combine = std::get_if<Combine>(&step.what)) {
      return view_ok(combine->target) && std::all_of(combine->inputs.begin(), combine->inputs.end(),
                                                     [&](const View& v) { return view_ok(v); });
    }
    const auto& compute = std::get<Compute>(step.what);
    return std::all_of(compute.inputs.begin(), compute.inputs.end(), slice_ok) &&
           std::all_of(compute.outputs.begin(), compute.outputs.end(), slice_ok) &&
           (!compute.seed || view_ok(*compute.seed));
  };
  return std::all_of(plan_.arenas.begin(), plan_.arenas.end(), arena_ok) &&
         std::all_of(plan_.buffers.begin(), plan_.buffers.end(), buffer_ok) &&
         std::all_of(plan_.inputs.begin(), plan_.inputs.end(), slice_ok) &&
         std::all_of(plan_.outputs.begin(), plan_.outputs.end(), slice_ok) &&
         std::all_of(plan_.steps.begin(), plan_.steps.end(), step_ok);
}

void AbstractMachine::prepare(const Step& step) {
  Work work;
  acp::Result<Region> region = Region{};
  if (const auto* compute = std::get_if<Compute>(&step.what)) {
    region = lower(workload_, *compute);
    for (const Slice& slice : compute->inputs) work.inputs.push_back(slice.view);
    if (compute->seed) work.inputs.push_back(*compute->seed);
    for (const Slice& slice : compute->outputs) work.outputs.push_back(slice.view);
  } else if (const auto* copy = std::get_if<Copy>(&step.what)) {
    region = lower(plan_, *copy);
    work.inputs = {copy->source};
    work.outputs = {copy->target};
  } else if (const auto* combine = std::get_if<Combine>(&step.what)) {
    region = lower(plan_, *combine);
    work.inputs = combine->inputs;
    work.outputs = {combine->target};
  } else if (const auto* fill = std::get_if<Fill>(&step.what)) {
    region = lower(plan_, *fill);
    work.outputs = {fill->target};
  } else {
    return;
  }
  if (!region) {
    broken_ = step.name + ": " + acp::to_string(region.error());
    return;
  }
  work.region = std::move(*region);
  work.overlaps = in_place_is_wrong(step, work);
  const auto device = [&](const View& view) { return plan_.arenas[plan_.buffers[view.buffer].arena].device; };
  const auto* copy = std::get_if<Copy>(&step.what);
  // Between two devices it is the host that moves bytes.
  const bool by_host = copy != nullptr && device(copy->source) != device(copy->target);
  work.weak = !by_host && plan_.devices[plan_.queues[step.queue].device].shim == kWeakShim;
  works_[static_cast<std::size_t>(&step - plan_.steps.data())] = std::move(work);
}

// Element by element in place is fine: every byte is read solely by the point that writes it.
bool AbstractMachine::in_place_is_wrong(const Step& step, const Work& work) const {
  const auto addresses = [&](const View& view) {
    std::vector<std::int64_t> result;
    const std::int64_t width = size_bytes(plan_.buffers[view.buffer].type.dtype);
    Dims point = first_point(view);
    do {
      for (std::int64_t b = 0; b < width; ++b)
        result.push_back(address(view) + position(point, view.strides) * width + b);
    } while (advance(point, view.dims));
    return result;
  };
  for (const View& output : work.outputs) {
    const std::vector<std::int64_t> written = addresses(output);
    for (std::size_t i = 0; i < work.inputs.size(); ++i) {
      const View& input = work.inputs[i];
      if (plan_.buffers[input.buffer].arena != plan_.buffers[output.buffer].arena) continue;
      std::vector<std::int64_t> read = addresses(input);
      const auto* compute = std::get_if<Compute>(&step.what);
      const bool pointwise = compute == nullptr || i == compute->inputs.size();  // the seed
      if (pointwise && read == written) continue;
      std::vector<std::int64_t> sorted = written;
      std::sort(sorted.begin(), sorted.end());
      std::sort(read.begin(), read.end());
      std::vector<std::int64_t> both;
      std::set_intersection(sorted.begin(), sorted.end(), read.begin(), read.end(), std::back_inserter(both));
      if (!both.empty()) return true;
    }
  }
  return false;
}

Value AbstractMachine::poison(Dtype dtype) {
  const std::uint64_t bits = random_();
  switch (domain_) {
    case Domain::kTerms: return {bits, (random_() << 2) | 2};
    case Domain::kField: return {bits & ((std::uint64_t{1} << 61) - 1), 3};
    default: break;
  }
  switch (dtype) {
    case Dtype::kI64: return {bits, Value::kConcrete};
    case Dtype::kI32:
      return {static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(bits))),
              Value::kConcrete};
    case Dtype::kBool: return {bits & 1, Value::kConcrete};
    default: return {bits & 0xffffffffU, Value::kConcrete};
  }
}

Value AbstractMachine::take(ArenaId arena, std::int64_t at, Dtype dtype) {
  const auto& bytes = memory_[arena];
  const Byte& first = bytes[static_cast<std::size_t>(at)];
  bool good = first.write != 0 && first.dtype == dtype;
  for (std::int64_t i = 0; i < size_bytes(dtype) && good; ++i) {
    const Byte& byte = bytes[static_cast<std::size_t>(at + i)];
    good = byte.write == first.write && byte.position == i;
  }
  return good ? first.value : poison(dtype);
}

void AbstractMachine::put(ArenaId arena, std::int64_t at, Dtype dtype, Value value) {
  ++writes_;
  for (std::int64_t i = 0; i < size_bytes(dtype); ++i) {
    memory_[arena][static_cast<std::size_t>(at + i)] = {writes_, value, static_cast<std::uint8_t>(i), dtype};
  }
}

Elements AbstractMachine::gather(const View& view, const acp_operand& operand) {
  const Buffer& buffer = plan_.buffers[view.buffer];
  Elements elements(static_cast<std::size_t>(span_elements(operand)));
  Dims point = first_point(view);
  do {
    const std::int64_t at = position(point, view.strides);
    elements[static_cast<std::size_t>(at)] =
        take(buffer.arena, address(view) + at * size_bytes(buffer.type.dtype), buffer.type.dtype);
  } while (advance(point, view.dims));
  return elements;
}

void AbstractMachine::scatter(const View& view, const acp_operand& operand, const Elements& elements) {
  const Buffer& buffer = plan_.buffers[view.buffer];
  ACP_ASSERT(operand.rank == view.dims.size());
  Dims point = first_point(view);
  do {
    const std::int64_t at = position(point, view.strides);
    put(buffer.arena, address(view) + at * size_bytes(buffer.type.dtype), buffer.type.dtype,
        elements[static_cast<std::size_t>(at)]);
  } while (advance(point, view.dims));
}

void AbstractMachine::spoil(const View& view) {
  const Buffer& buffer = plan_.buffers[view.buffer];
  Dims point = first_point(view);
  do {
    const std::int64_t at = address(view) + position(point, view.strides) * size_bytes(buffer.type.dtype);
    put(buffer.arena, at, buffer.type.dtype, poison(buffer.type.dtype));
  } while (advance(point, view.dims));
}

void AbstractMachine::disturb(Elements& elements, Dtype dtype) {
  if (dtype != Dtype::kF32 || domain_ == Domain::kField) return;
  for (Value& value : elements) {
    if (domain_ == Domain::kTerms) value = poison(dtype);
    if (domain_ == Domain::kBits) value.lo ^= 1;
  }
}

bool AbstractMachine::execute(const Work& work, std::string& why) {
  // A device may write before it has read everything.
  if (work.overlaps) {
    for (const View& view : work.outputs) spoil(view);
  }
  std::vector<Elements> elements;
  std::vector<const acp_operand*> operands;
  for (std::size_t i = 0; i < work.inputs.size() + work.outputs.size(); ++i) {
    const bool input = i < work.inputs.size();
    const std::size_t slot = input ? i : i - work.inputs.size();
    const std::uint32_t id =
        work.region.operand_at(input ? ACP_ROLE_INPUT : ACP_ROLE_OUTPUT, static_cast<std::uint32_t>(slot));
    if (id == ACP_NONE) {
      why = "the lowered step has no operand for a view";
      return false;
    }
    operands.push_back(&work.region.operands[id]);
    const View& view = input ? work.inputs[slot] : work.outputs[slot];
    const Dtype dtype = static_cast<Dtype>(operands.back()->dtype);
    if (plan_.buffers[view.buffer].type.dtype != dtype) {
      why = "element type of a view differs from the operand's";
      return false;
    }
    elements.push_back(gather(view, *operands.back()));
  }
  std::vector<Elements*> buffers;
  for (Elements& each : elements) buffers.push_back(&each);
  const acp::Status status = domain_ == Domain::kTerms ? interpret_terms(work.region, *space_, buffers)
                                                       : interpret(work.region, domain_, buffers);
  if (!status) {
    why = acp::to_string(status.error());
    return false;
  }
  for (std::size_t i = 0; i < work.outputs.size(); ++i) {
    const std::size_t at = work.inputs.size() + i;
    if (work.weak) disturb(elements[at], static_cast<Dtype>(operands[at]->dtype));
    scatter(work.outputs[i], *operands[at], elements[at]);
  }
  return true;
}

bool AbstractMachine::host_writes(const TensorElements& tensors) {
  for (const Slice& slice : plan_.inputs) {
    const Tensor& tensor = workload_.tensors[slice.tensor];
    const Elements& elements = tensors[slice.tensor];
    if (elements.empty()) return false;  // a value: the host has none
    const Dims strides = row_major_strides(tensor.type.dims);
    const Buffer& buffer = plan_.buffers[slice.view.buffer];
    Dims point = first_point(slice.view);
    do {
      std::int64_t from = position(point, strides);
      for (std::size_t d = 0; d < point.size(); ++d) from += slice.box.lo[d] * strides[d];
      const std::int64_t at =
          address(slice.view) + position(point, slice.view.strides) * size_bytes(buffer.type.dtype);
      put(buffer.arena, at, buffer.type.dtype, elements[static_cast<std::size_t>(from)]);
    } while (advance(point, slice.view.dims));
  }
  return true;
}

std::vector<Elements> AbstractMachine::host_reads() {
  std::vector<Elements> outputs;
  for (const TensorId id : workload_.outputs) {
    const TensorType& type = workload_.tensors[id].type;
    Elements elements;
    for (std::int64_t i = 0; i < volume(type.dims); ++i) elements.push_back(poison(type.dtype));
    const Dims strides = row_major_strides(type.dims);
    for (const Slice& slice : plan_.outputs) {
      if (slice.tensor != id) continue;
      const Buffer& buffer = plan_.buffers[slice.view.buffer];
      Dims point = first_point(slice.view);
      do {
        std::int64_t to = position(point, strides);
        for (std::size_t d = 0; d < point.size(); ++d) to += slice.box.lo[d] * strides[d];
        const std::int64_t at =
            address(slice.view) + position(point, slice.view.strides) * size_bytes(buffer.type.dtype);
        elements[static_cast<std::size_t>(to)] = take(buffer.arena, at, buffer.type.dtype);
      } while (advance(point, slice.view.dims));
    }
    outputs.push_back(std::move(elements));
  }
  return outputs;
}

std::optional<StepId> AbstractMachine::next(const std::vector<std::size_t>& at) {
  std::vector<std::size_t> ready;
  for (std::size_t q = 0; q < queues_.size(); ++q) {
    if (at[q] == queues_[q].size()) continue;
    const auto* wait = std::get_if<Wait>(&plan_.steps[queues_[q][at[q]]].what);
    if (wait == nullptr || timelines_[wait->timeline] >= wait->value) ready.push_back(q);
  }
  if (ready.empty()) return std::nullopt;
  // Half of the orders let one queue run ahead as far as it can, which shows what is missing between two queues best.
  std::size_t chosen = ready[random_() % ready.size()];
  if (!priority_.empty()) {
    chosen = *std::max_element(ready.begin(), ready.end(),
                               [&](std::size_t a, std::size_t b) { return priority_[a] < priority_[b]; });
  }
  return queues_[chosen][at[chosen]];
}

RunEnd AbstractMachine::run(Domain domain, TermSpace& space, const TensorElements& tensors,
                            std::uint64_t seed) {
  RunEnd end;
  const auto fault = [&](std::string why) {
    end.kind = RunEnd::Kind::kFault;
    end.why = std::move(why);
    return end;
  };
  if (!broken_.empty()) return fault(broken_);
  random_.seed(seed);
  domain_ = domain;
  space_ = &space;
  priority_.clear();
  if (random_() % 2 == 0) {
    for (std::size_t q = 0; q < queues_.size(); ++q)
      priority_.push_back(static_cast<std::uint32_t>(random_()));
  }
  timelines_.assign(plan_.timelines.size(), 0);
  if (!host_writes(tensors)) return fault("a value among the plan's inputs");
  std::vector<std::size_t> at(queues_.size(), 0);
  for (std::size_t done = 0; done < plan_.steps.size(); ++done) {
    const std::optional<StepId> id = next(at);
    if (!id) {
      end.kind = RunEnd::Kind::kDeadlock;
      return end;
    }
    const Step& step = plan_.steps[*id];
    ++at[step.queue];
    if (const auto* signal = std::get_if<Signal>(&step.what)) {
      const bool mine = plan_.timelines[signal->timeline].signaller == step.queue;
      if (!mine || signal->value <= timelines_[signal->timeline])
        return fault("signal of another queue, or not ascending");
      timelines_[signal->timeline] = signal->value;
    } else if (!std::holds_alternative<Wait>(step.what)) {
      if (!execute(works_[*id], end.why)) return fault(step.name + ": " + end.why);
    }
  }
  end.outputs = host_reads();
  return end;
}

}  // namespace cep::fuzz
