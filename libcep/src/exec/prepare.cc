// Preparation: memory for every arena, an executable for every program, a queue and a timeline for every lane.
#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "exec/prepared.h"

namespace cep::exec {

namespace {

std::string step_path(StepId step) { return "steps[" + std::to_string(step) + "]"; }

acp::Error bad(std::string path, const char* why) { return acp::invalid("CEP-EXEC-4", std::move(path), why); }

// Whether a view lies in its arena. The certificate says so; a broken one must still not make the host touch foreign bytes.
bool inside(const Plan& plan, const View& view) {
  if (view.buffer >= plan.buffers.size() || view.dims.size() != view.strides.size() ||
      view.dims.size() > ACP_MAX_RANK)
    return false;
  const Buffer& buffer = plan.buffers[view.buffer];
  if (buffer.arena >= plan.arenas.size()) return false;
  const std::int64_t element = size_bytes(buffer.type.dtype);
  std::int64_t lo = 0, hi = element;
  if (element == 0 || __builtin_add_overflow(buffer.offset_bytes, view.offset_bytes, &lo)) return false;
  if (__builtin_add_overflow(lo, element, &hi)) return false;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    if (view.dims[d] <= 0) return view.dims[d] == 0;
    std::int64_t span = 0;
    if (__builtin_mul_overflow(view.strides[d], (view.dims[d] - 1), &span) ||
        __builtin_mul_overflow(span, element, &span))
      return false;
    std::int64_t& end = span < 0 ? lo : hi;
    if (__builtin_add_overflow(end, span, &end)) return false;
  }
  return lo >= 0 && hi <= plan.arenas[buffer.arena].size_bytes;
}

std::string bytes_of(const Region& region) {
  std::string key;
  const auto add = [&](const auto& list) {
    const std::size_t count = list.size();
    key.append(reinterpret_cast<const char*>(&count), sizeof(count));
    if (count > 0) key.append(reinterpret_cast<const char*>(list.data()), count * sizeof(list[0]));
  };
  add(region.operands);
  add(region.indices);
  add(region.guards);
  add(region.reads);
  add(region.scalars);
  add(region.iters);
  add(region.writes);
  add(region.nests);
  add(region.loops);
  add(region.stages);
  return key;
}

Strided strided(const Plan& plan, const View& view) {
  const Buffer& buffer = plan.buffers[view.buffer];
  Strided out{buffer.offset_bytes + view.offset_bytes, {}};
  for (const std::int64_t stride : view.strides) out.step.push_back(stride * size_bytes(buffer.type.dtype));
  return out;
}

class Preparation {
 public:
  Preparation(const Workload& workload, const Plan& plan, const std::vector<acp::Device*>& devices)
      : w_(workload), p_(plan), devices_(devices) {}

  acp::Result<Prepared> run() && {
    ACP_CHECK(check_ids());
    ACP_CHECK(arenas());
    ACP_CHECK(lanes());
    out_.work.resize(p_.steps.size());
    points_.assign(p_.queues.size(), 0);
    for (StepId step = 0; step < p_.steps.size(); ++step) {
      out_.lanes[p_.steps[step].queue].steps.push_back(step);
      at_ = step;
      auto work = std::visit([&](const auto& what) { return work_of(what); }, p_.steps[step].what);
      if (!work) return std::move(work).error();
      out_.work[step] = std::move(*work);
    }
    for (QueueId queue = 0; queue < p_.queues.size(); ++queue) out_.lanes[queue].points = points_[queue];
    return std::move(out_);
  }

 private:
  acp::Status check_ids() const {
    if (devices_.size() != p_.devices.size()) return bad("devices", "not one device for each of the plan");
    for (const Arena& arena : p_.arenas) {
      if (arena.device >= devices_.size() || arena.size_bytes < 0)
        return bad("arenas", "no such device, or a negative size");
    }
    for (const Queue& queue : p_.queues) {
      if (queue.device >= devices_.size()) return bad("queues", "no such device");
    }
    for (const Step& step : p_.steps) {
      if (step.queue >= p_.queues.size()) return bad("steps", "no such queue");
    }
    for (const auto* slices : {&p_.inputs, &p_.outputs}) {
      for (const Slice& slice : *slices) {
        if (slice.tensor >= w_.tensors.size() || !inside(p_, slice.view) ||
            slice.view.dims != slice.box.dims() ||
            !Box::whole(w_.tensors[slice.tensor].type.dims).contains(slice.box)) {
          return bad("inputs and outputs", "a slice outside its tensor or its memory");
        }
      }
    }
    return acp::ok();
  }

  acp::Status arenas() {
    // Enough for every element type, and a cache line: what shims like best.
    constexpr std::uint64_t kAlignment = 64;
    for (std::size_t i = 0; i < p_.arenas.size(); ++i) {
      const Arena& arena = p_.arenas[i];
      auto memory = devices_[arena.device]->allocate(
          std::max<std::uint64_t>(1, static_cast<std::uint64_t>(arena.size_bytes)), kAlignment);
      if (!memory) return acp::at("arenas[" + std::to_string(i) + "]", std::move(memory).error());
      out_.arenas.push_back(std::move(*memory));
    }
    return acp::ok();
  }

  acp::Status lanes() {
    for (const Queue& queue : p_.queues) {
      ACP_TRY(acp::Queue device_queue, devices_[queue.device]->create_queue());
      ACP_TRY(acp::Timeline timeline, devices_[queue.device]->create_timeline());
      out_.lanes.push_back({std::make_unique<acp::Queue>(std::move(device_queue)),
                            std::make_unique<acp::Timeline>(std::move(timeline)),
                            {}});
    }
    return acp::ok();
  }

  DeviceId home(const View& view) const { return p_.arenas[p_.buffers[view.buffer].arena].device; }

  // One executable for all steps of a device that run the same program.
  acp::Result<const acp::Executable*> compiled(DeviceId device, const Region& region) {
    auto [found, fresh] = cache_.try_emplace({device, bytes_of(region)}, nullptr);
    if (fresh) {
      auto executable = devices_[device]->compile(region.view());
      if (!executable) return refused(p_, at_, executable.error());
      out_.executables.push_back(std::make_unique<acp::Executable>(std::move(*executable)));
      found->second = out_.executables.back().get();
    }
    return found->second;
  }

  acp::Result<Work> launch(acp::Result<Region> region, const std::vector<View>& views) {
    if (!region) return acp::at(step_path(at_), std::move(region).error());
    const QueueId queue = p_.steps[at_].queue;
    acp::Launch launch;
    for (const View& view : views) {
      if (!inside(p_, view) || home(view) != p_.queues[queue].device)
        return bad(step_path(at_), "a view outside the device's memory");
      const Buffer& buffer = p_.buffers[view.buffer];
      launch.bindings.push_back(
          {&out_.arenas[buffer.arena], static_cast<std::uint64_t>(buffer.offset_bytes + view.offset_bytes)});
    }
    ACP_TRY(launch.executable, compiled(p_.queues[queue].device, *region));
    DeviceWork work;
    work.done = {out_.lanes[queue].timeline.get(), ++points_[queue]};
    work.submission.launches.push_back(std::move(launch));
    work.submission.signals.push_back(work.done);
    return Work(std::move(work));
  }

  acp::Result<Work> work_of(const Compute& compute) {
    std::vector<View> views;
    for (const Slice& slice : compute.inputs) views.push_back(slice.view);
    if (compute.seed) views.push_back(*compute.seed);
    for (const Slice& slice : compute.outputs) views.push_back(slice.view);
    return launch(lower(w_, compute), views);
  }

  acp::Status check_views(const std::vector<View>& views) const {
    for (const View& view : views) {
      if (!inside(p_, view)) return bad(step_path(at_), "a view outside its memory");
    }
    return acp::ok();
  }

  acp::Result<Work> work_of(const Copy& copy) {
    ACP_CHECK(check_views({copy.source, copy.target}));
    const Dtype dtype = p_.buffers[copy.source.buffer].type.dtype;
    if (copy.source.dims != copy.target.dims || dtype != p_.buffers[copy.target.buffer].type.dtype) {
      return bad(step_path(at_), "views of different shape or element type");
    }
    if (volume(copy.target.dims) == 0) return Work(Nothing{});
    if (home(copy.source) == home(copy.target)) return launch(lower(p_, copy), {copy.source, copy.target});
    HostCopy work;
    work.from = p_.buffers[copy.source.buffer].arena;
    work.to = p_.buffers[copy.target.buffer].arena;
    work.pieces =
        pieces_of(strided(p_, copy.source), strided(p_, copy.target), copy.source.dims, size_bytes(dtype));
    for (const Piece& piece : work.pieces)
      work.row.resize(std::max<std::size_t>(work.row.size(), piece.size_bytes));
    return Work(std::move(work));
  }

  acp::Result<Work> work_of(const Combine& combine) {
    std::vector<View> views = combine.inputs;
    views.push_back(combine.target);
    ACP_CHECK(check_views(views));
    if (volume(combine.target.dims) == 0) return Work(Nothing{});
    return launch(lower(p_, combine), views);
  }

  acp::Result<Work> work_of(const Fill& fill) {
    ACP_CHECK(check_views({fill.target}));
    if (volume(fill.target.dims) == 0) return Work(Nothing{});
    return launch(lower(p_, fill), {fill.target});
  }

  acp::Result<Work> point(const Work& work, TimelineId timeline) const {
    if (timeline >= p_.timelines.size()) return bad(step_path(at_), "no such timeline");
    return work;
  }
  acp::Result<Work> work_of(const Signal& signal) { return point(signal, signal.timeline); }
  acp::Result<Work> work_of(const Wait& wait) { return point(wait, wait.timeline); }

  const Workload& w_;
  const Plan& p_;
  const std::vector<acp::Device*>& devices_;
  Prepared out_;
  std::map<std::pair<DeviceId, std::string>, const acp::Executable*> cache_;
  std::vector<std::uint64_t> points_;
  StepId at_ = 0;
};

}  // namespace

std::vector<Piece> pieces_of(const Strided& from, const Strided& to, const Dims& dims,
                             std::int64_t element_bytes) {
  // Inner axes that are contiguous on both sides are one piece.
  std::int64_t length = element_bytes;
  std::size_t outer = dims.size();
  while (outer > 0 &&
         (dims[outer - 1] == 1 || (from.step[outer - 1] == length && to.step[outer - 1] == length))) {
    length *= dims[--outer];
  }
  std::vector<Piece> pieces;
  std::int64_t count = 1;
  for (std::size_t d = 0; d < outer; ++d) count *= dims[d];
  if (length == 0) return pieces;
  Dims index(outer, 0);
  for (std::int64_t n = 0; n < count; ++n) {
    std::int64_t a = from.at, b = to.at;
    for (std::size_t d = 0; d < outer; ++d) {
      a += index[d] * from.step[d];
      b += index[d] * to.step[d];
    }
    pieces.push_back(
        {static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(length)});
    for (std::size_t d = outer; d-- > 0;) {
      if (++index[d] < dims[d]) break;
      index[d] = 0;
    }
  }
  return pieces;
}

std::vector<Piece> host_pieces(const Plan& plan, const Slice& slice, const Dims& tensor_dims) {
  const std::int64_t element = size_bytes(plan.buffers[slice.view.buffer].type.dtype);
  Strided host{0, row_major_strides(tensor_dims)};
  for (std::size_t d = 0; d < host.step.size(); ++d) {
    host.step[d] *= element;
    host.at += slice.box.lo[d] * host.step[d];
  }
  return pieces_of(host, strided(plan, slice.view), slice.view.dims, element);
}

acp::Error refused(const Plan& plan, StepId step, const acp::Error& error) {
  return {error.family, "CEP-EXEC-2", step_path(step),
          "step \"" + plan.steps[step].name + "\": " + to_string(error)};
}

acp::Result<Prepared> prepare(const Workload& workload, const Plan& plan,
                              const std::vector<acp::Device*>& devices) {
  return Preparation(workload, plan, devices).run();
}

}  // namespace cep::exec
