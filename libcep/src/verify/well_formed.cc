// CEP-VER-1, well-formed: ids resolve, views lie in buffers and buffers in arenas, types and shapes agree, limits hold.
#include <algorithm>
#include <set>

#include "verify/analysis.h"

namespace cep {

namespace {

// Sizes below 2^46 bytes: sums and products of a few of them stay far from the end of 64 bits.
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 46;
// A hostile plan must not make per-step, per-queue tables grow without bound.
constexpr std::size_t kMaxSteps = 1u << 24;
constexpr std::size_t kMaxQueues = 1u << 14;
constexpr std::size_t kMaxClocks = 1u << 28;    // steps times queues
constexpr std::size_t kMaxBindings = 1u << 14;  // compared pair by pair

class Check {
 public:
  Check(const Workload& workload, const Plan& plan, const Context& context)
      : w_(workload), p_(plan), c_(context) {}

  std::vector<Finding> run() {
    if (p_.steps.size() > kMaxSteps || p_.queues.size() > kMaxQueues) {
      add("CEP-FORM-8", "steps", "more than 2^24 steps or 2^14 queues");
      return std::move(findings_);
    }
    if (p_.steps.size() * std::max<std::size_t>(1, p_.queues.size()) > kMaxClocks) {
      add("CEP-FORM-8", "steps", "steps times queues above 2^28");
      return std::move(findings_);
    }
    if (p_.inputs.size() > kMaxBindings || p_.outputs.size() > kMaxBindings ||
        w_.outputs.size() > kMaxBindings) {
      add("CEP-FORM-8", "inputs", "more than 2^14 bindings, or outputs of the workload");
      return std::move(findings_);
    }
    if (c_.documents.size() != p_.devices.size() || c_.digests.size() != p_.devices.size()) {
      add("CEP-FORM-7", "devices", "the context does not hold one document per device");
      return std::move(findings_);
    }
    places();
    if (!findings_.empty()) return std::move(findings_);
    for (std::size_t i = 0; i < p_.reassociated.size(); ++i) {
      if (p_.reassociated[i] >= w_.nodes.size())
        add("CEP-FORM-1", item_path("reassociated", i), "no such node");
    }
    for (std::size_t i = 0; i < p_.inputs.size(); ++i) {
      slice(p_.inputs[i], item_path("inputs", i), true);
      const TensorId tensor = p_.inputs[i].tensor;
      if (tensor < w_.tensors.size() && w_.tensors[tensor].kind == TensorKind::kValue) {
        add("CEP-FORM-9", item_path("inputs", i),
            "the host has no value to write: a step computes this tensor");
      }
    }
    for (std::size_t i = 0; i < p_.outputs.size(); ++i) slice(p_.outputs[i], item_path("outputs", i), true);
    for (std::size_t i = 0; i < p_.steps.size(); ++i) step(i);
    return std::move(findings_);
  }

 private:
  void add(const char* id, const std::string& path, const std::string& message) {
    findings_.push_back(
        finding(Condition::kWellFormed, id, path, step_ == nullptr ? "" : step_->name, message));
  }

  void places() {
    for (std::size_t i = 0; i < p_.arenas.size(); ++i) {
      const Arena& arena = p_.arenas[i];
      if (arena.device >= p_.devices.size())
        add("CEP-FORM-1", item_path("arenas", i) + ".device", "no such device");
      if (arena.size_bytes < 0 || arena.size_bytes > kMaxBytes) {
        add("CEP-FORM-8", item_path("arenas", i) + ".size_bytes", "negative, or above 2^46 bytes");
      }
    }
    for (std::size_t i = 0; i < p_.buffers.size(); ++i) buffer(p_.buffers[i], item_path("buffers", i));
    for (std::size_t i = 0; i < p_.queues.size(); ++i) {
      if (p_.queues[i].device >= p_.devices.size())
        add("CEP-FORM-1", item_path("queues", i) + ".device", "no such device");
    }
    for (std::size_t i = 0; i < p_.timelines.size(); ++i) {
      if (p_.timelines[i].signaller >= p_.queues.size()) {
        add("CEP-FORM-1", item_path("timelines", i) + ".signaller", "no such queue");
      }
    }
  }

  void buffer(const Buffer& b, const std::string& path) {
    if (b.arena >= p_.arenas.size()) return add("CEP-FORM-1", path + ".arena", "no such arena");
    const std::int64_t element = size_bytes(b.type.dtype);
    if (element == 0) return add("CEP-FORM-5", path + ".type", "unknown element type");
    if (b.type.dims.size() > ACP_MAX_RANK) return add("CEP-FORM-8", path + ".type", "rank above 8");
    std::int64_t bytes = element;
    for (const std::int64_t extent : b.type.dims) {
      if (extent < 0 || extent > kMaxBytes || (extent > 0 && bytes > kMaxBytes / extent)) {
        return add("CEP-FORM-8", path + ".type", "negative, or above 2^46 bytes");
      }
      bytes *= extent;
    }
    const Arena& arena = p_.arenas[b.arena];
    if (b.offset_bytes < 0 || b.offset_bytes > arena.size_bytes ||
        bytes > arena.size_bytes - b.offset_bytes) {
      return add("CEP-FORM-2", path,
                 "does not fit its arena of " + std::to_string(arena.size_bytes) + " bytes");
    }
    if (b.offset_bytes % element != 0)
      add("CEP-FORM-2", path + ".offset_bytes", "not a multiple of the element size");
  }

  // In the buffer, and, for a target, no element twice.
  bool view(const View& v, const std::string& path, bool target) {
    if (v.buffer >= p_.buffers.size()) return fail("CEP-FORM-1", path + ".buffer", "no such buffer");
    const Buffer& b = p_.buffers[v.buffer];
    const std::int64_t element = size_bytes(b.type.dtype);
    if (v.dims.size() > ACP_MAX_RANK || v.strides.size() != v.dims.size()) {
      return fail("CEP-FORM-5", path, "rank above 8, or as many strides as dims are not given");
    }
    const std::int64_t bytes = volume(b.type.dims) * element;
    std::int64_t last = 0;
    for (std::size_t d = 0; d < v.dims.size(); ++d) {
      const bool sane = v.dims[d] >= 1 && v.dims[d] <= bytes && v.strides[d] >= 0 &&
                        v.dims[d] - 1 <= bytes / std::max<std::int64_t>(1, v.strides[d]);
      if (!sane) {
        return fail("CEP-FORM-3", path, "empty view, or outside its buffer");
      }
      last += (v.dims[d] - 1) * v.strides[d];
      if (last > bytes)
        return fail("CEP-FORM-3", path, "reaches past its buffer of " + std::to_string(bytes) + " bytes");
    }
    if (v.offset_bytes < 0 || v.offset_bytes % element != 0 || v.offset_bytes > bytes ||
        (last + 1) * element > bytes - v.offset_bytes) {
      return fail("CEP-FORM-3", path, "reaches past its buffer of " + std::to_string(bytes) + " bytes");
    }
    if (target && !injective(v)) return fail("CEP-FORM-4", path, "a target view that meets an element twice");
    return true;
  }

  static bool injective(const View& v) {
    std::vector<std::pair<std::int64_t, std::int64_t>> axes;  // stride, extent
    for (std::size_t d = 0; d < v.dims.size(); ++d) {
      if (v.dims[d] > 1) axes.emplace_back(v.strides[d], v.dims[d]);
    }
    std::sort(axes.begin(), axes.end());
    std::int64_t reach = 0;
    for (const auto& [stride, extent] : axes) {
      if (stride <= reach) return false;
      reach += stride * (extent - 1);
    }
    return true;
  }

  bool fail(const char* id, const std::string& path, const std::string& message) {
    add(id, path, message);
    return false;
  }

  void slice(const Slice& s, const std::string& path, bool target) {
    if (s.tensor >= w_.tensors.size()) return add("CEP-FORM-1", path + ".tensor", "no such tensor");
    if (!view(s.view, path + ".view", target)) return;
    const TensorType& type = w_.tensors[s.tensor].type;
    const Box whole = Box::whole(type.dims);
    const bool ranks = s.box.lo.size() == whole.rank() && s.box.hi.size() == whole.rank();
    if (!ranks || s.box.empty() || !whole.contains(s.box) || s.box.dims() != s.view.dims) {
      return add("CEP-FORM-5", path, "box is empty, outside its tensor, or not of the view's shape");
    }
    if (type.dtype != p_.buffers[s.view.buffer].type.dtype)
      add("CEP-FORM-5", path, "tensor and buffer have different element types");
  }

  void step(std::size_t i) {
    step_ = &p_.steps[i];
    path_ = step_path(i);
    if (step_->queue >= p_.queues.size()) add("CEP-FORM-1", path_ + ".queue", "no such queue");
    if (!names_.insert(step_->name).second)
      add("CEP-FORM-6", path_ + ".name", "two steps named \"" + step_->name + "\"");
    std::visit([&](const auto& what) { contents(what); }, step_->what);
    step_ = nullptr;
  }
  void contents(const Compute& c) {
    if (c.node >= w_.nodes.size()) return add("CEP-FORM-1", path_ + ".node", "no such node");
    const Node& node = w_.nodes[c.node];
    std::vector<TensorId> present;
    for (const TensorId id : node.inputs) {
      if (id != kNoId) present.push_back(id);
    }
    // Which of the present inputs the program reads is lowering's business; here: each given one is one of them, in order.
    std::size_t at = 0;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      while (at < present.size() && present[at] != c.inputs[i].tensor) ++at;
      if (at++ >= present.size())
        return add("CEP-FORM-5", path_ + "." + item_path("inputs", i), "not an input of this node");
      slice(c.inputs[i], path_ + "." + item_path("inputs", i), false);
    }
    if (c.outputs.size() != node.outputs.size())
      return add("CEP-FORM-5", path_ + ".outputs", "not one slice per output");
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      if (c.outputs[i].tensor != node.outputs[i]) {
        return add("CEP-FORM-5", path_ + "." + item_path("outputs", i), "not this output of the node");
      }
      slice(c.outputs[i], path_ + "." + item_path("outputs", i), true);
    }
    if (c.seed && view(*c.seed, path_ + ".seed", false)) {
      if (c.outputs.empty() ||
          p_.buffers[c.seed->buffer].type.dtype != w_.tensors[c.outputs[0].tensor].type.dtype) {
        add("CEP-FORM-5", path_ + ".seed", "seed and output have different element types");
      }
    }
  }
  void contents(const Copy& c) {
    view(c.source, path_ + ".source", false);
    view(c.target, path_ + ".target", true);
  }
  void contents(const Combine& c) {
    for (std::size_t i = 0; i < c.inputs.size(); ++i)
      view(c.inputs[i], path_ + "." + item_path("inputs", i), false);
    view(c.target, path_ + ".target", true);
  }
  void contents(const Fill& f) { view(f.target, path_ + ".target", true); }
  void contents(const Signal& s) {
    if (s.timeline >= p_.timelines.size()) add("CEP-FORM-1", path_ + ".timeline", "no such timeline");
  }
  void contents(const Wait& s) {
    if (s.timeline >= p_.timelines.size()) add("CEP-FORM-1", path_ + ".timeline", "no such timeline");
  }

  const Workload& w_;
  const Plan& p_;
  const Context& c_;
  std::vector<Finding> findings_;
  const Step* step_ = nullptr;
  std::string path_;
  std::set<std::string_view> names_;
};

}  // namespace

std::vector<Finding> check_well_formed(const Workload& workload, const Plan& plan, const Context& context) {
  return Check(workload, plan, context).run();
}

}  // namespace cep
