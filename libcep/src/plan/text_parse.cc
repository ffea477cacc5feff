// parse_plan: reads the text form, line by line, into a Plan.
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cep/collective.h"
#include "cep/plan.h"
#include "plan/limits.h"
#include "plan/text_line.h"

namespace cep {
namespace {

using acp::Result;
using acp::Status;

// A hostile text must not make a reader hold one endless line, or endless lines; every plan within the limits of CEP 5.5 has a
// text within these.
constexpr std::size_t kMaxLineBytes = std::size_t{1} << 22;
constexpr std::size_t kMaxLines = std::size_t{1} << 23;

// Names of one kind, and the ids they stand for.
class Names {
 public:
  explicit Names(std::string_view kind) : kind_(kind) {}

  Status declare(const TextLine& line, const std::string& name, std::size_t id) {
    if (id >= limits::kMaxItems) return line.too_many("more than 2^20 of the kind " + kind_);
    if (!ids_.emplace(name, static_cast<std::uint32_t>(id)).second) {
      return acp::invalid("CEP-TEXT-3", line.path(), kind_ + " " + quoted_name(name) + " is declared twice");
    }
    return acp::ok();
  }
  void take(const std::string& name, std::size_t id) { ids_.emplace(name, static_cast<std::uint32_t>(id)); }
  Result<std::uint32_t> resolve(TextLine& line) const {
    ACP_TRY(const std::string name, line.name());
    const auto found = ids_.find(name);
    if (found == ids_.end()) {
      return acp::invalid("CEP-TEXT-2", line.path(), "no " + kind_ + " is called " + quoted_name(name));
    }
    return found->second;
  }

 private:
  std::string kind_;
  std::unordered_map<std::string, std::uint32_t> ids_;
};

class Parser {
 public:
  explicit Parser(const Workload& workload) : workload_(workload) {
    for (std::size_t i = 0; i < workload.tensors.size(); ++i) tensors_.take(workload.tensors[i].name, i);
    for (std::size_t i = 0; i < workload.nodes.size(); ++i) nodes_.take(workload.nodes[i].name, i);
  }
  Status first_line(TextLine& line);
  Status item(TextLine& line);
  [[nodiscard]] bool named() const { return named_; }
  [[nodiscard]] Plan finish() && { return std::move(plan_); }

 private:
  // Items, one function a word of the grammar.
  Status workload_digest(TextLine& line);
  Status guarantee(TextLine& line);
  Status reassociate(TextLine& line);
  Status device(TextLine& line);
  Status arena(TextLine& line);
  Status buffer(TextLine& line);
  Status queue(TextLine& line);
  Status timeline(TextLine& line);
  Status input(TextLine& line);
  Status output(TextLine& line);
  Status step(TextLine& line);
  Status group(TextLine& line);
  Status collective(TextLine& line);

  Status compute(TextLine& line, Step& step);
  Status copy(TextLine& line, Step& step);
  Status combine(TextLine& line, Step& step);
  Status fill(TextLine& line, Step& step);
  Status signal(TextLine& line, Step& step);
  Status wait(TextLine& line, Step& step);

  Result<std::size_t> axis(TextLine& line) const;
  Status sum(TextLine& line, CombineOp& op, CombineShape& shape) const;
  Result<View> view(TextLine& line) const;
  Result<std::vector<View>> views(TextLine& line) const;
  Result<Slice> slice(TextLine& line) const;
  Result<std::vector<Slice>> slices(TextLine& line) const;
  Status once(TextLine& line, std::string_view word, bool& seen);

  const Workload& workload_;
  Plan plan_;
  bool named_ = false;
  bool has_workload_ = false;
  bool has_guarantee_ = false;
  Names tensors_{"tensor"};
  Names nodes_{"node"};
  Names reassociated_{"reassociated node"};
  Names devices_{"device"};
  Names arenas_{"arena"};
  Names buffers_{"buffer"};
  Names queues_{"queue"};
  Names timelines_{"timeline"};
  Names steps_{"step"};
  Names groups_{"group"};
  std::vector<std::vector<Member>> members_;  // of each group
  std::vector<std::uint64_t> raised_;         // of each timeline, as the steps so far raise it
};

Result<acp::Digest> digest(TextLine& line) {
  ACP_TRY(const std::string_view text, line.word());
  auto read = acp::parse_digest(text);
  if (!read) return line.bad("a digest is \"sha256:\" and 64 digits 0-9a-f");
  return *read;
}

Status Parser::first_line(TextLine& line) {
  const auto wrong = [&] {
    return acp::malformed("CEP-TEXT-6", line.path(), "a plan begins with the line 'cep-plan 1 NAME'");
  };
  if (!line.accept_word("cep-plan") || !line.accept_word("1")) return wrong();
  auto name = line.name();
  if (!name || !line.at_end()) return wrong();
  plan_.name = *std::move(name);
  named_ = true;
  return acp::ok();
}

Status Parser::item(TextLine& line) {
  struct Row {
    std::string_view word;
    Status (Parser::*read)(TextLine&);
  };
  static constexpr Row kRows[] = {
      {"step", &Parser::step},
      {"buffer", &Parser::buffer},
      {"device", &Parser::device},
      {"arena", &Parser::arena},
      {"queue", &Parser::queue},
      {"timeline", &Parser::timeline},
      {"input", &Parser::input},
      {"output", &Parser::output},
      {"workload", &Parser::workload_digest},
      {"guarantee", &Parser::guarantee},
      {"reassociate", &Parser::reassociate},
      {"group", &Parser::group},
      {"collective", &Parser::collective},
  };
  for (const Row& row : kRows) {
    if (!line.accept_word(row.word)) continue;
    ACP_CHECK((this->*row.read)(line));
    return line.expect_end();
  }
  return line.unknown("an item");
}

Status Parser::once(TextLine& line, std::string_view word, bool& seen) {
  if (seen) return acp::invalid("CEP-TEXT-3", line.path(), std::string(word) + " is declared twice");
  seen = true;
  return acp::ok();
}

Status Parser::workload_digest(TextLine& line) {
  ACP_CHECK(once(line, "workload", has_workload_));
  ACP_TRY(plan_.workload, digest(line));
  return acp::ok();
}

Status Parser::guarantee(TextLine& line) {
  ACP_CHECK(once(line, "guarantee", has_guarantee_));
  for (const Grade grade : {Grade::kReal, Grade::kBitwise}) {
    if (!line.accept_word(grade_name(grade))) continue;
    plan_.guarantee = grade;
    return acp::ok();
  }
  return line.unknown("'bitwise' or 'real'");
}

Status Parser::reassociate(TextLine& line) {
  ACP_TRY(const NodeId node, nodes_.resolve(line));
  ACP_CHECK(reassociated_.declare(line, workload_.nodes[node].name, node));
  plan_.reassociated.push_back(node);
  return acp::ok();
}

Status Parser::device(TextLine& line) {
  Device device;
  ACP_TRY(device.name, line.name());
  ACP_CHECK(line.expect_word("shim"));
  ACP_TRY(device.shim, line.name());
  if (line.accept_word("document")) {
    ACP_TRY(device.document, digest(line));
  }
  ACP_CHECK(devices_.declare(line, device.name, plan_.devices.size()));
  plan_.devices.push_back(std::move(device));
  return acp::ok();
}

Status Parser::arena(TextLine& line) {
  Arena arena;
  ACP_TRY(arena.name, line.name());
  ACP_CHECK(line.expect_word("on"));
  ACP_TRY(arena.device, devices_.resolve(line));
  ACP_CHECK(line.expect_word("bytes"));
  ACP_TRY(arena.size_bytes, line.integer());
  ACP_CHECK(arenas_.declare(line, arena.name, plan_.arenas.size()));
  plan_.arenas.push_back(std::move(arena));
  return acp::ok();
}

Status Parser::buffer(TextLine& line) {
  Buffer buffer;
  ACP_TRY(buffer.name, line.name());
  ACP_CHECK(line.expect_word("in"));
  ACP_TRY(buffer.arena, arenas_.resolve(line));
  ACP_CHECK(line.expect_word("at"));
  ACP_TRY(buffer.offset_bytes, line.integer());
  ACP_TRY(const std::string_view dtype, line.word());
  buffer.type.dtype = dtype_named(dtype);
  if (buffer.type.dtype == Dtype::kUnknown) {
    return acp::malformed("CEP-TEXT-1", line.path(), "no element type is called " + quoted_name(dtype));
  }
  ACP_CHECK(line.expect('['));
  ACP_TRY(buffer.type.dims, line.integers(']'));
  for (const std::int64_t d : buffer.type.dims) {
    if (d < 0) return line.bad("a negative dimension");
  }
  if (!limits::type_ok(buffer.type)) return line.too_many("a buffer beyond 2^48 bytes");
  ACP_CHECK(buffers_.declare(line, buffer.name, plan_.buffers.size()));
  plan_.buffers.push_back(std::move(buffer));
  return acp::ok();
}

Status Parser::queue(TextLine& line) {
  Queue queue;
  ACP_TRY(queue.name, line.name());
  ACP_CHECK(line.expect_word("on"));
  ACP_TRY(queue.device, devices_.resolve(line));
  ACP_CHECK(queues_.declare(line, queue.name, plan_.queues.size()));
  plan_.queues.push_back(std::move(queue));
  return acp::ok();
}

Status Parser::timeline(TextLine& line) {
  Timeline timeline;
  ACP_TRY(timeline.name, line.name());
  ACP_CHECK(line.expect_word("by"));
  ACP_TRY(timeline.signaller, queues_.resolve(line));
  ACP_CHECK(timelines_.declare(line, timeline.name, plan_.timelines.size()));
  plan_.timelines.push_back(std::move(timeline));
  raised_.push_back(0);
  return acp::ok();
}

Status Parser::input(TextLine& line) {
  if (plan_.inputs.size() == limits::kMaxItems) return line.too_many("more than 2^20 inputs");
  ACP_TRY(Slice slice, this->slice(line));
  plan_.inputs.push_back(std::move(slice));
  return acp::ok();
}

Status Parser::output(TextLine& line) {
  if (plan_.outputs.size() == limits::kMaxItems) return line.too_many("more than 2^20 outputs");
  ACP_TRY(Slice slice, this->slice(line));
  plan_.outputs.push_back(std::move(slice));
  return acp::ok();
}

Status Parser::step(TextLine& line) {
  struct Row {
    std::string_view word;
    Status (Parser::*read)(TextLine&, Step&);
  };
  static constexpr Row kRows[] = {{"compute", &Parser::compute}, {"copy", &Parser::copy},
                                  {"combine", &Parser::combine}, {"fill", &Parser::fill},
                                  {"signal", &Parser::signal},   {"wait", &Parser::wait}};
  Step step;
  ACP_TRY(step.name, line.name());
  ACP_CHECK(line.expect('@'));
  ACP_TRY(step.queue, queues_.resolve(line));
  for (const Row& row : kRows) {
    if (!line.accept_word(row.word)) continue;
    ACP_CHECK((this->*row.read)(line, step));
    ACP_CHECK(steps_.declare(line, step.name, plan_.steps.size()));
    plan_.steps.push_back(std::move(step));
    return acp::ok();
  }
  return line.unknown("a kind of step");
}

Status Parser::group(TextLine& line) {
  ACP_TRY(const std::string name, line.name());
  ACP_CHECK(line.expect_word(":"));
  std::vector<Member> members;
  do {
    if (members.size() == limits::kMaxStepViews) return line.too_many("more than 1024 members");
    Member member;
    ACP_TRY(member.queue, queues_.resolve(line));
    ACP_TRY(member.timeline, timelines_.resolve(line));
    members.push_back(member);
  } while (line.accept(','));
  ACP_CHECK(groups_.declare(line, name, members_.size()));
  members_.push_back(std::move(members));
  return acp::ok();
}

Result<std::size_t> Parser::axis(TextLine& line) const {
  ACP_TRY(const std::uint64_t number, line.unsigned_integer());
  if (number > limits::kMaxMembers) return line.bad("no axis and no member has this number");
  return static_cast<std::size_t>(number);
}

Status Parser::collective(TextLine& line) {
  using Kind = CollectiveKind;
  Collective what;
  ACP_TRY(what.name, line.name());
  ACP_CHECK(line.expect_word("in"));
  ACP_TRY(const std::uint32_t group, groups_.resolve(line));
  what.members = members_[group];
  const auto kinds = collective_kinds();
  const auto kind =
      std::ranges::find_if(kinds, [&](Kind each) { return line.accept_word(collective_name(each)); });
  if (kind == kinds.end()) return line.unknown("a kind of collective");
  what.kind = *kind;
  if (what.kind == Kind::kBroadcast) {
    ACP_CHECK(line.expect_word("root"));
    ACP_TRY(what.root, axis(line));
  } else {
    ACP_CHECK(line.expect_word("axis"));
    ACP_TRY(what.axis, axis(line));
  }
  if (what.kind == Kind::kAllToAll) {
    ACP_CHECK(line.expect_word("to"));
    ACP_TRY(what.joined, axis(line));
  }
  if (reduces(what.kind)) ACP_CHECK(sum(line, what.op, what.shape));
  ACP_CHECK(line.expect_word(":"));
  ACP_TRY(what.inputs, views(line));
  if (line.accept_word("via")) {
    ACP_TRY(what.scratch, views(line));
  }
  ACP_CHECK(line.expect_arrow());
  ACP_TRY(what.outputs, views(line));
  auto steps = expand(plan_, what, raised_);
  if (!steps) {
    acp::Error error = std::move(steps).error();
    error.message = error.path + ": " + error.message;
    error.path = line.path();
    return error;
  }
  for (Step& step : *steps) {
    ACP_CHECK(steps_.declare(line, step.name, plan_.steps.size()));
    plan_.steps.push_back(std::move(step));
  }
  return acp::ok();
}

Status Parser::compute(TextLine& line, Step& step) {
  Compute compute;
  ACP_TRY(compute.node, nodes_.resolve(line));
  if (line.accept_word("k")) {
    ACP_TRY(const auto ends, line.range());
    compute.k = KRange{ends.first, ends.second};
  }
  if (line.accept_word("seed")) {
    ACP_TRY(compute.seed, view(line));
  }
  ACP_CHECK(line.expect_word(":"));
  ACP_TRY(compute.inputs, slices(line));
  ACP_CHECK(line.expect_arrow());
  ACP_TRY(compute.outputs, slices(line));
  step.what = std::move(compute);
  return acp::ok();
}

Status Parser::copy(TextLine& line, Step& step) {
  Copy copy;
  ACP_TRY(copy.source, view(line));
  ACP_CHECK(line.expect_arrow());
  ACP_TRY(copy.target, view(line));
  step.what = std::move(copy);
  return acp::ok();
}

Status Parser::sum(TextLine& line, CombineOp& op, CombineShape& shape) const {
  if (line.accept_word("add")) {
    op = CombineOp::kAdd;
  } else if (line.accept_word("max")) {
    op = CombineOp::kMax;
  } else if (line.accept_word("min")) {
    op = CombineOp::kMin;
  } else {
    return line.unknown("'add', 'max' or 'min'");
  }
  if (line.accept_word("fold")) {
    shape = CombineShape::kFold;
  } else if (line.accept_word("tree")) {
    shape = CombineShape::kTree;
  } else {
    return line.unknown("'fold' or 'tree'");
  }
  return acp::ok();
}

Status Parser::combine(TextLine& line, Step& step) {
  Combine combine;
  ACP_CHECK(sum(line, combine.op, combine.shape));
  ACP_TRY(combine.inputs, views(line));
  ACP_CHECK(line.expect_arrow());
  ACP_TRY(combine.target, view(line));
  step.what = std::move(combine);
  return acp::ok();
}

Status Parser::fill(TextLine& line, Step& step) {
  Fill fill;
  ACP_TRY(fill.target, view(line));
  ACP_CHECK(line.expect('='));
  ACP_TRY(fill.bits, line.hexadecimal());
  step.what = std::move(fill);
  return acp::ok();
}

Status Parser::signal(TextLine& line, Step& step) {
  Signal signal;
  ACP_TRY(signal.timeline, timelines_.resolve(line));
  ACP_TRY(signal.value, line.unsigned_integer());
  raised_[signal.timeline] = std::max(raised_[signal.timeline], signal.value);
  step.what = signal;
  return acp::ok();
}

Status Parser::wait(TextLine& line, Step& step) {
  Wait wait;
  ACP_TRY(wait.timeline, timelines_.resolve(line));
  ACP_TRY(wait.value, line.unsigned_integer());
  step.what = wait;
  return acp::ok();
}

Result<View> Parser::view(TextLine& line) const {
  ACP_TRY(const BufferId id, buffers_.resolve(line));
  const Buffer& buffer = plan_.buffers[id];
  if (line.accept('[')) {
    ACP_TRY(const Box box, line.box());
    if (box.rank() != buffer.type.dims.size() || !Box::whole(buffer.type.dims).contains(box)) {
      return line.bad("the box is not within buffer " + quoted_name(buffer.name));
    }
    return box_view(id, buffer, box);
  }
  if (!line.accept('{')) return whole_view(id, buffer);
  View view{id, 0, {}, {}};
  line.accept('+');
  ACP_TRY(view.offset_bytes, line.integer());
  ACP_CHECK(line.expect(';'));
  ACP_TRY(view.dims, line.integers(';'));
  ACP_TRY(view.strides, line.integers('}'));
  if (view.dims.size() != view.strides.size()) return line.bad("a view needs one stride a dimension");
  for (const std::int64_t d : view.dims) {
    if (d < 0) return line.bad("a negative dimension");
  }
  if (!limits::view_ok(view)) return line.too_many("a view beyond 2^48 bytes");
  return view;
}

// None, or some with commas between; ends before "->".
Result<std::vector<View>> Parser::views(TextLine& line) const {
  std::vector<View> all;
  if (line.at_arrow()) return all;
  do {
    if (all.size() == limits::kMaxStepViews) return line.too_many("more than 1024 views in a step");
    ACP_TRY(View next, view(line));
    all.push_back(std::move(next));
  } while (line.accept(','));
  return all;
}

Result<Slice> Parser::slice(TextLine& line) const {
  Slice slice;
  ACP_TRY(slice.tensor, tensors_.resolve(line));
  if (line.accept('[')) {
    ACP_TRY(slice.box, line.box());
  } else {
    slice.box = Box::whole(workload_.tensors[slice.tensor].type.dims);
  }
  ACP_CHECK(line.expect('='));
  ACP_TRY(slice.view, view(line));
  return slice;
}

// None, or some with commas between; ends before "->" or at the end of the line.
Result<std::vector<Slice>> Parser::slices(TextLine& line) const {
  std::vector<Slice> all;
  if (line.at_end() || line.at_arrow()) return all;
  do {
    if (all.size() == limits::kMaxStepViews) return line.too_many("more than 1024 views in a step");
    ACP_TRY(Slice next, slice(line));
    all.push_back(std::move(next));
  } while (line.accept(','));
  return all;
}

}  // namespace

Result<Plan> parse_plan(std::string_view text, const Workload& workload) {
  Parser parser(workload);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    TextLine line(text.substr(0, length), number);
    if (length > kMaxLineBytes) return line.too_many("a line of more than 2^22 bytes");
    if (number > kMaxLines) return line.too_many("more than 2^23 lines");
    text.remove_prefix(std::min(length + 1, text.size()));
    if (line.at_end()) continue;
    ACP_CHECK(parser.named() ? parser.item(line) : parser.first_line(line));
  }
  if (!parser.named()) {
    return acp::malformed("CEP-TEXT-6", "line 1", "a plan begins with the line 'cep-plan 1 NAME'");
  }
  return std::move(parser).finish();
}

}  // namespace cep
