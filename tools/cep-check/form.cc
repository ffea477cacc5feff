// Form: ids, views, buffers, arenas, devices.
#include <algorithm>

#include "steps.h"

namespace cep_check {

namespace {

using cep::Plan;
using cep::Slice;
using cep::View;

// Sizes this small can be multiplied by an element's bytes and added up without leaving 64 bits.
constexpr std::int64_t kMaxNumber = std::int64_t{1} << 48;

bool small(std::int64_t n) { return n >= -kMaxNumber && n <= kMaxNumber; }

// Saturates: what does not fit is further away than anything.
std::int64_t product(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kFar = std::int64_t{1} << 58;  // eight of them add up within 64 bits
  std::int64_t out = 0;
  if (__builtin_mul_overflow(a, b, &out)) return (a < 0) == (b < 0) ? kFar : -kFar;
  return std::clamp(out, -kFar, kFar);
}

acp::Error no_such(std::string path) {
  return acp::invalid("CEP-CHECK-2", std::move(path), "an id that stands for nothing");
}

acp::Status check_view(const Plan& plan, const View& view) {
  if (view.buffer >= plan.buffers.size()) return no_such("view.buffer");
  if (view.dims.size() != view.strides.size() || view.dims.size() > ACP_MAX_RANK)
    return acp::invalid("CEP-CHECK-3", "view", "dims and strides differ in number, or are more than 8");
  const cep::TensorType& type = plan.buffers[view.buffer].type;
  const std::int64_t element = cep::size_bytes(type.dtype);
  if (!small(view.offset_bytes)) return acp::invalid("CEP-CHECK-3", "view", "offset out of range");
  std::int64_t lo = view.offset_bytes, hi = lo + element;
  bool empty = false;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    if (view.dims[d] < 0 || !small(view.dims[d]) || !small(view.strides[d]))
      return acp::invalid("CEP-CHECK-3", "view", "a dimension or stride out of range");
    empty = empty || view.dims[d] == 0;
    const std::int64_t span = product(view.strides[d], (view.dims[d] - 1) * element);
    if (view.dims[d] > 0) (span < 0 ? lo : hi) += span;
  }
  const std::int64_t room = cep::volume(type.dims) * element;
  if (!empty && (lo < 0 || hi > room))
    return acp::invalid("CEP-CHECK-3", "view", "reaches outside its buffer");
  return acp::ok();
}

acp::Status check_memory(const Plan& plan) {
  for (std::size_t i = 0; i < plan.arenas.size(); ++i) {
    if (plan.arenas[i].device >= plan.devices.size()) return no_such(item("arenas", i));
    if (plan.arenas[i].size_bytes < 0 || plan.arenas[i].size_bytes > kMaxNumber)
      return acp::invalid("CEP-CHECK-3", item("arenas", i), "size out of range");
  }
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const cep::Buffer& buffer = plan.buffers[i];
    const auto bad = [&](const char* why) { return acp::invalid("CEP-CHECK-3", item("buffers", i), why); };
    if (buffer.arena >= plan.arenas.size()) return no_such(item("buffers", i));
    const std::int64_t element = cep::size_bytes(buffer.type.dtype);
    if (element == 0 || buffer.type.dims.size() > ACP_MAX_RANK)
      return bad("no element type, or too many dimensions");
    std::int64_t bytes = element;
    for (const std::int64_t n : buffer.type.dims) {
      if (n < 0 || n > kMaxNumber) return bad("a dimension out of range");
      bytes = std::min(product(bytes, n), kMaxNumber + 1);
    }
    if (buffer.offset_bytes < 0 || buffer.offset_bytes % element != 0)
      return bad("offset negative or not aligned to the element");
    if (buffer.offset_bytes + bytes > plan.arenas[buffer.arena].size_bytes)
      return bad("reaches outside its arena");
  }
  for (std::size_t i = 0; i < plan.queues.size(); ++i) {
    if (plan.queues[i].device >= plan.devices.size()) return no_such(item("queues", i));
  }
  for (std::size_t i = 0; i < plan.timelines.size(); ++i) {
    if (plan.timelines[i].signaller >= plan.queues.size()) return no_such(item("timelines", i));
  }
  return acp::ok();
}

cep::Dtype dtype_of(const Plan& plan, const View& view) { return plan.buffers[view.buffer].type.dtype; }

// Shapes and types among the views of one step, ids that are no views.
acp::Status check_agreement(const cep::Workload& workload, const Plan& plan, const cep::Step& step) {
  const auto same = [&](const View& a, const View& b) {
    return a.dims == b.dims && dtype_of(plan, a) == dtype_of(plan, b);
  };
  const auto differ = [] {
    return acp::invalid("CEP-CHECK-3", "", "views of different shape or element type");
  };
  if (const auto* copy = std::get_if<cep::Copy>(&step.what)) {
    if (!same(copy->source, copy->target)) return differ();
  } else if (const auto* combine = std::get_if<cep::Combine>(&step.what)) {
    if (combine->inputs.empty()) return acp::invalid("CEP-CHECK-3", "inputs", "nothing to combine");
    for (const View& view : combine->inputs) {
      if (!same(view, combine->target)) return differ();
    }
  } else if (const auto* compute = std::get_if<cep::Compute>(&step.what)) {
    if (compute->node >= workload.nodes.size()) return no_such("node");
    for (const auto& [list, slices] :
         {std::pair{"inputs", &compute->inputs}, std::pair{"outputs", &compute->outputs}}) {
      for (std::size_t i = 0; i < slices->size(); ++i) {
        if (auto s = check_slice(workload, plan, (*slices)[i]); !s)
          return acp::at(item(list, i), std::move(s).error());
      }
    }
    if (compute->seed && (compute->outputs.size() != 1 || !same(*compute->seed, compute->outputs[0].view)))
      return differ();
  } else if (const auto* signal = std::get_if<cep::Signal>(&step.what)) {
    if (signal->timeline >= plan.timelines.size()) return no_such("timeline");
  } else if (const auto* wait = std::get_if<cep::Wait>(&step.what)) {
    if (wait->timeline >= plan.timelines.size()) return no_such("timeline");
  }
  return acp::ok();
}

acp::Status check_devices(const Plan& plan, const cep::Step& step, const Touched& touched) {
  const cep::DeviceId own = plan.queues[step.queue].device;
  bool touches_own = touched.reads.empty() && touched.writes.empty();
  bool touches_other = false;
  for (const auto* places : {&touched.reads, &touched.writes}) {
    for (const Place& place : *places)
      (plan.arenas[place.arena].device == own ? touches_own : touches_other) = true;
  }
  const bool copy = std::holds_alternative<cep::Copy>(step.what);
  if (!touches_own || (touches_other && !copy))
    return acp::invalid("CEP-CHECK-3", "", "touches memory its queue's device does not have");
  return acp::ok();
}

// A step may write only what it does not touch otherwise; the seed may be exactly the output.
acp::Status check_aliases(const cep::Step& step, const Touched& touched) {
  const auto* compute = std::get_if<cep::Compute>(&step.what);
  const bool seeded = compute != nullptr && compute->seed.has_value();
  for (std::size_t w = 0; w < touched.writes.size(); ++w) {
    const Place& written = touched.writes[w];
    const auto bad = [&](const char* why) { return acp::invalid("CEP-CHECK-7", "", why); };
    if (!injective(written)) return bad("two elements of a written view share bytes");
    for (std::size_t other = 0; other < w; ++other) {
      if (overlap(written, touched.writes[other])) return bad("two written views share bytes");
    }
    for (std::size_t r = 0; r < touched.reads.size(); ++r) {
      const Place& read = touched.reads[r];
      const bool in_place = seeded && r + 1 == touched.reads.size() && same_elements(read, written);
      if (!in_place && overlap(written, read)) return bad("writes bytes it also reads");
    }
  }
  return acp::ok();
}

struct Access {
  std::vector<const View*> reads, writes;
};
Access access_of(const cep::Step& step) {
  Access access;
  if (const auto* compute = std::get_if<cep::Compute>(&step.what)) {
    for (const Slice& slice : compute->inputs) access.reads.push_back(&slice.view);
    for (const Slice& slice : compute->outputs) access.writes.push_back(&slice.view);
    if (compute->seed) access.reads.push_back(&*compute->seed);
  } else if (const auto* copy = std::get_if<cep::Copy>(&step.what)) {
    access = {{&copy->source}, {&copy->target}};
  } else if (const auto* combine = std::get_if<cep::Combine>(&step.what)) {
    for (const View& view : combine->inputs) access.reads.push_back(&view);
    access.writes.push_back(&combine->target);
  } else if (const auto* fill = std::get_if<cep::Fill>(&step.what)) {
    access.writes.push_back(&fill->target);
  }
  return access;
}

acp::Result<Touched> check_step(const cep::Workload& workload, const Plan& plan, const cep::Step& step) {
  if (step.queue >= plan.queues.size()) return no_such("queue");
  const Access access = access_of(step);
  Touched touched;
  for (const auto& [views, places] :
       {std::pair{&access.reads, &touched.reads}, std::pair{&access.writes, &touched.writes}}) {
    for (const View* view : *views) {
      ACP_CHECK(check_view(plan, *view));
      places->push_back(place_of(plan, *view));
    }
  }
  ACP_CHECK(check_agreement(workload, plan, step));
  ACP_CHECK(check_devices(plan, step, touched));
  ACP_CHECK(check_aliases(step, touched));
  return touched;
}

}  // namespace

std::string item(std::string_view list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

acp::Status check_slice(const cep::Workload& workload, const Plan& plan, const Slice& slice) {
  ACP_CHECK(check_view(plan, slice.view));
  if (slice.box.lo.size() != slice.box.hi.size() || slice.box.rank() != slice.view.dims.size())
    return acp::invalid("CEP-CHECK-3", "box", "not of its view's rank");
  for (std::size_t d = 0; d < slice.box.rank(); ++d) {
    if (slice.box.lo[d] < 0 || !small(slice.box.hi[d]) ||
        slice.box.hi[d] - slice.box.lo[d] != slice.view.dims[d]) {
      return acp::invalid("CEP-CHECK-3", "box", "not of its view's shape");
    }
  }
  if (slice.tensor == cep::kNoId)
    return acp::ok();  // a constant; where none may stand, the id is looked at there
  if (slice.tensor >= workload.tensors.size()) return no_such("tensor");
  const cep::TensorType& type = workload.tensors[slice.tensor].type;
  if (type.dtype != dtype_of(plan, slice.view) || type.dims.size() != slice.box.rank() ||
      !cep::Box::whole(type.dims).contains(slice.box)) {
    return acp::invalid("CEP-CHECK-3", "box", "not a box of its tensor, or of another element type");
  }
  return acp::ok();
}

acp::Result<std::vector<Touched>> check_form(const cep::Workload& workload, const Plan& plan) {
  ACP_CHECK(check_memory(plan));
  for (const cep::NodeId node : plan.reassociated) {
    if (node >= workload.nodes.size()) return no_such("reassociated");
  }
  for (const auto& [list, slices] :
       {std::pair{"inputs", &plan.inputs}, std::pair{"outputs", &plan.outputs}}) {
    for (std::size_t i = 0; i < slices->size(); ++i) {
      auto status = check_slice(workload, plan, (*slices)[i]);
      if (status && (*slices)[i].tensor == cep::kNoId) status = no_such("tensor");
      if (!status) return acp::at(item(list, i), std::move(status).error());
    }
  }
  std::vector<Place> inputs;
  inputs.reserve(plan.inputs.size());
  for (const Slice& input : plan.inputs) {
    const auto bad = [&](const char* why) {
      return acp::invalid("CEP-CHECK-7", item("inputs", inputs.size()), why);
    };
    const Place place = place_of(plan, input.view);
    if (!injective(place)) return bad("two elements share bytes");
    for (const Place& other : inputs) {
      if (overlap(place, other)) return bad("written over another input");
    }
    inputs.push_back(place);
  }
  std::vector<Touched> touched;
  touched.reserve(plan.steps.size());
  for (const cep::Step& step : plan.steps) {
    auto checked = check_step(workload, plan, step);
    if (!checked) return acp::at(item("steps", touched.size()), std::move(checked).error());
    touched.push_back(std::move(*checked));
  }
  return touched;
}

}  // namespace cep_check
