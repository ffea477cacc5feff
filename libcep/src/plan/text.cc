// to_text: the canonical text of a plan.
#include <cstdio>
#include <string>
#include <string_view>

#include "cep/plan.h"
#include "plan/limits.h"
#include "plan/text_line.h"

namespace cep {
namespace {

std::string printed_name(std::string_view name) {
  return is_bare_name(name) ? std::string(name) : quoted_name(name);
}

// An id that stands for nothing prints as something no reader accepts.
template <typename Items>
std::string name_at(const Items& items, std::size_t id) {
  return id < items.size() ? printed_name(items[id].name) : "?" + std::to_string(id);
}

std::string list(const Dims& values) {
  std::string text;
  for (const std::int64_t v : values) text += (text.empty() ? "" : ",") + std::to_string(v);
  return text;
}

// The box of the buffer this view is, if it is one.
std::optional<Box> box_of(const View& view, const Buffer& buffer) {
  if (!limits::view_ok(view) || !limits::type_ok(buffer.type) || view.offset_bytes < 0) return std::nullopt;
  const Dims strides = row_major_strides(buffer.type.dims);
  if (view.strides != strides) return std::nullopt;
  std::int64_t rest = view.offset_bytes / size_bytes(buffer.type.dtype);
  Box box;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    const std::int64_t lo = strides[d] > 0 ? rest / strides[d] : 0;
    rest -= lo * strides[d];
    box.lo.push_back(lo);
    box.hi.push_back(lo + view.dims[d]);
    if (box.hi[d] > buffer.type.dims[d]) return std::nullopt;
  }
  if (box_view(view.buffer, buffer, box) != view) return std::nullopt;
  return box;
}

class Printer {
 public:
  Printer(const Plan& plan, const Workload& workload) : plan_(plan), workload_(workload) {}

  std::string print() {
    heading();
    for (const Device& d : plan_.devices) {
      line("device " + printed_name(d.name) + " shim " + printed_name(d.shim) + " document " +
           acp::to_string(d.document));
    }
    for (const Arena& a : plan_.arenas) {
      line("arena " + printed_name(a.name) + " on " + name_at(plan_.devices, a.device) + " bytes " +
           std::to_string(a.size_bytes));
    }
    for (const Buffer& b : plan_.buffers) {
      line("buffer " + printed_name(b.name) + " in " + name_at(plan_.arenas, b.arena) + " at " +
           std::to_string(b.offset_bytes) + " " + std::string(dtype_name(b.type.dtype)) + "[" +
           list(b.type.dims) + "]");
    }
    for (const Queue& q : plan_.queues) {
      line("queue " + printed_name(q.name) + " on " + name_at(plan_.devices, q.device));
    }
    for (const Timeline& t : plan_.timelines) {
      line("timeline " + printed_name(t.name) + " by " + name_at(plan_.queues, t.signaller));
    }
    for (const Slice& s : plan_.inputs) line("input " + slice(s));
    for (const Step& s : plan_.steps) {
      line("step " + printed_name(s.name) + " @" + name_at(plan_.queues, s.queue) + " " +
           std::visit([this](const auto& what) { return step(what); }, s.what));
    }
    for (const Slice& s : plan_.outputs) line("output " + slice(s));
    return std::move(text_);
  }

 private:
  void line(const std::string& content) { text_ += content + "\n"; }

  void heading() {
    line("cep-plan 1 " + printed_name(plan_.name));
    line("workload " + acp::to_string(plan_.workload));
    line("guarantee " + std::string(grade_name(plan_.guarantee)));
    for (const NodeId node : plan_.reassociated) line("reassociate " + name_at(workload_.nodes, node));
  }

  [[nodiscard]] std::string view(const View& view) const {
    std::string name = name_at(plan_.buffers, view.buffer);
    if (view.buffer < plan_.buffers.size()) {
      const Buffer& buffer = plan_.buffers[view.buffer];
      if (limits::type_ok(buffer.type) && view == whole_view(view.buffer, buffer)) return name;
      if (const auto box = box_of(view, buffer)) return name + to_string(*box);
    }
    const std::string sign = view.offset_bytes < 0 ? "" : "+";
    return name + "{" + sign + std::to_string(view.offset_bytes) + ";" + list(view.dims) + ";" +
           list(view.strides) + "}";
  }
  [[nodiscard]] std::string slice(const Slice& slice) const {
    return name_at(workload_.tensors, slice.tensor) + to_string(slice.box) + " = " + view(slice.view);
  }
  [[nodiscard]] std::string slices(const std::vector<Slice>& slices) const {
    std::string text;
    for (const Slice& s : slices) text += (text.empty() ? "" : ", ") + slice(s);
    return text;
  }

  [[nodiscard]] std::string step(const Compute& c) const {
    std::string text = "compute " + name_at(workload_.nodes, c.node);
    if (c.k) text += " k " + std::to_string(c.k->begin) + ":" + std::to_string(c.k->end);
    if (c.seed) text += " seed " + view(*c.seed);
    return text + " : " + slices(c.inputs) + " -> " + slices(c.outputs);
  }
  [[nodiscard]] std::string step(const Copy& c) const {
    return "copy " + view(c.source) + " -> " + view(c.target);
  }
  [[nodiscard]] std::string step(const Combine& c) const {
    const char* op = c.op == CombineOp::kAdd ? "add" : c.op == CombineOp::kMax ? "max" : "min";
    std::string text;
    for (const View& v : c.inputs) text += (text.empty() ? "" : ", ") + view(v);
    return std::string("combine ") + op + (c.shape == CombineShape::kFold ? " fold " : " tree ") + text +
           " -> " + view(c.target);
  }
  [[nodiscard]] std::string step(const Fill& f) const {
    char bits[2 + 16 + 1];
    std::snprintf(bits, sizeof bits, "0x%08llx", static_cast<unsigned long long>(f.bits));
    return "fill " + view(f.target) + " = " + bits;
  }
  [[nodiscard]] std::string step(const Signal& s) const {
    return "signal " + name_at(plan_.timelines, s.timeline) + " " + std::to_string(s.value);
  }
  [[nodiscard]] std::string step(const Wait& w) const {
    return "wait " + name_at(plan_.timelines, w.timeline) + " " + std::to_string(w.value);
  }

  const Plan& plan_;
  const Workload& workload_;
  std::string text_;
};

}  // namespace

std::string to_text(const Plan& plan, const Workload& workload) { return Printer(plan, workload).print(); }

}  // namespace cep
