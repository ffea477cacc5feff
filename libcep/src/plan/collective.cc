// expand: a collective as copies, sums, and the events between them.
#include "cep/collective.h"

#include <algorithm>
#include <optional>
#include <set>

#include "plan/limits.h"

namespace cep {
namespace {

using acp::Result;
using acp::Status;

constexpr std::uint64_t kLastValue = UINT64_MAX - 4;

struct Extent {
  std::int64_t begin = 0, size = 0;
};

class Expansion {
 public:
  Expansion(const Plan& plan, const Collective& what, std::span<std::uint64_t> raised)
      : plan_(plan), what_(what), raised_(raised), count_(what.members.size()) {}

  Result<std::vector<Step>> run();

 private:
  [[nodiscard]] std::string where(const char* list, std::size_t i) const {
    return std::string(list) + "[" + std::to_string(i) + "]";
  }
  [[nodiscard]] acp::Error misfit(const char* list, std::size_t i, std::string message) const {
    return acp::invalid("CEP-COLL-3", where(list, i), std::move(message));
  }

  Status check_members() const;
  Status check_views() const;
  Status check_list(const char* list, const std::vector<View>& views, std::size_t count) const;
  Status check_all(const char* list, const std::vector<View>& views, const std::vector<Dims>& expected) const;
  Status check_like(const char* list, const std::vector<View>& views, const Dims& dims,
                    std::size_t free) const;
  Status check_gather();
  Status check_reduce();
  Status check_exchange();
  Status check_broadcast();

  [[nodiscard]] std::int64_t element_bytes(const View& view) const {
    return size_bytes(plan_.buffers[view.buffer].type.dtype);
  }
  // The view's elements from `part.begin` on, `part.size` of them, along an axis.
  [[nodiscard]] View part_of(View view, std::size_t axis, Extent part) const;
  [[nodiscard]] View scratch_of(std::size_t member, std::size_t of) const;
  [[nodiscard]] std::vector<Extent> one_after_another(const std::vector<View>& views, std::size_t axis) const;

  [[nodiscard]] std::string step_name(const char* what, std::size_t i,
                                      std::optional<std::size_t> j = {}) const;
  void say(const char* what, std::size_t member);
  void hear(const char* what, std::size_t member, std::size_t from);
  void hear_all(const char* what, std::size_t member);
  void copy(const char* what, std::size_t to, std::size_t from, View source, View target);
  void combine(std::size_t member, View target);

  void say_all(const char* what);
  void free_all();
  void all_gather();
  void reduce_scatter();
  void all_reduce();
  void all_to_all();
  void broadcast();
  void expand_gather(const char* what, std::size_t member, const std::vector<View>& sources);
  void expand_sums(const std::vector<View>& targets);

  const Plan& plan_;
  const Collective& what_;
  std::span<std::uint64_t> raised_;
  const std::size_t count_;
  std::vector<Extent> pieces_;  // of each member, along the axis
  std::vector<Step> steps_;
};

Status Expansion::check_members() const {
  if (count_ < 2) return acp::invalid("CEP-COLL-1", "members", "a group has two members or more");
  if (count_ > limits::kMaxMembers) return acp::over_limit("CEP-COLL-4", "members", "more than 512 members");
  std::set<QueueId> seen;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto [queue, timeline] = what_.members[i];
    if (queue >= plan_.queues.size() || timeline >= plan_.timelines.size() || timeline >= raised_.size())
      return acp::invalid("CEP-COLL-1", where("members", i), "no such queue or timeline");
    if (plan_.timelines[timeline].signaller != queue)
      return acp::invalid("CEP-COLL-1", where("members", i), "a timeline that another queue raises");
    if (!seen.insert(queue).second)
      return acp::invalid("CEP-COLL-1", where("members", i), "a queue that is a member already");
    if (raised_[timeline] > kLastValue)
      return acp::over_limit("CEP-COLL-4", where("members", i), "a timeline that cannot be raised further");
  }
  return acp::ok();
}

Status Expansion::check_list(const char* list, const std::vector<View>& views, std::size_t count) const {
  if (views.size() != count) {
    return acp::invalid("CEP-COLL-2", list,
                        std::to_string(views.size()) + " views; " + std::string(collective_name(what_.kind)) +
                            " among " + std::to_string(count_) + " takes " + std::to_string(count));
  }
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].buffer >= plan_.buffers.size()) return misfit(list, i, "no such buffer");
    if (!limits::view_ok(views[i]))
      return acp::over_limit("CEP-COLL-4", where(list, i), "a view beyond 2^48 bytes");
    if (plan_.buffers[views[i].buffer].type.dtype != plan_.buffers[what_.inputs[0].buffer].type.dtype)
      return misfit(list, i, "another element type than the first input's");
    if (cep::volume(views[i].dims) == 0) return misfit(list, i, "a view without elements");
  }
  return acp::ok();
}

Status Expansion::check_views() const {
  ACP_CHECK(check_list("inputs", what_.inputs, what_.kind == CollectiveKind::kBroadcast ? 1 : count_));
  ACP_CHECK(check_list("scratch", what_.scratch, reduces(what_.kind) ? count_ : 0));
  ACP_CHECK(check_list("outputs", what_.outputs, count_));
  if (what_.kind == CollectiveKind::kBroadcast) return acp::ok();
  const std::size_t rank = what_.inputs[0].dims.size();
  if (what_.axis >= rank || what_.joined >= rank) return misfit("inputs", 0, "has no such axis");
  return acp::ok();
}

Status Expansion::check_all(const char* list, const std::vector<View>& views,
                            const std::vector<Dims>& expected) const {
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].dims != expected[i]) {
      return misfit(list, i,
                    "is " + to_string(Box::whole(views[i].dims)) + ", " + to_string(Box::whole(expected[i])) +
                        " is needed");
    }
  }
  return acp::ok();
}

// All of these dimensions, but for the free one.
Status Expansion::check_like(const char* list, const std::vector<View>& views, const Dims& dims,
                             std::size_t free) const {
  std::vector<Dims> expected(views.size(), dims);
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (free < views[i].dims.size()) expected[i][free] = views[i].dims[free];
  }
  return check_all(list, views, expected);
}

std::vector<Extent> Expansion::one_after_another(const std::vector<View>& views, std::size_t axis) const {
  std::vector<Extent> extents;
  std::int64_t begin = 0;
  for (const View& view : views) {
    extents.push_back({begin, view.dims[axis]});
    begin += view.dims[axis];
  }
  return extents;
}

Status Expansion::check_gather() {
  ACP_CHECK(check_like("inputs", what_.inputs, what_.inputs[0].dims, what_.axis));
  pieces_ = one_after_another(what_.inputs, what_.axis);
  Dims all = what_.inputs[0].dims;
  all[what_.axis] = pieces_.back().begin + pieces_.back().size;
  return check_all("outputs", what_.outputs, std::vector<Dims>(count_, all));
}

Status Expansion::check_reduce() {
  const Dims& dims = what_.inputs[0].dims;
  const std::int64_t extent = dims[what_.axis];
  const auto members = static_cast<std::int64_t>(count_);
  ACP_CHECK(check_all("inputs", what_.inputs, std::vector<Dims>(count_, dims)));
  if (what_.kind == CollectiveKind::kAllReduce) {
    ACP_CHECK(check_all("outputs", what_.outputs, std::vector<Dims>(count_, dims)));
    if (extent < members) return misfit("inputs", 0, "an axis with fewer elements than there are members");
    for (std::int64_t i = 0; i < members; ++i) {
      const std::int64_t begin = i * extent / members;
      pieces_.push_back({begin, (i + 1) * extent / members - begin});
    }
  } else {
    ACP_CHECK(check_like("outputs", what_.outputs, dims, what_.axis));
    pieces_ = one_after_another(what_.outputs, what_.axis);
    if (pieces_.back().begin + pieces_.back().size != extent)
      return misfit("outputs", 0, "and the others are not as long as an input");
  }
  std::vector<Dims> rooms;
  for (const Extent& piece : pieces_) {
    Dims room = dims;
    room[what_.axis] = piece.size;
    room.insert(room.begin(), members);
    rooms.push_back(std::move(room));
  }
  return check_all("scratch", what_.scratch, rooms);
}

Status Expansion::check_exchange() {
  Dims part = what_.inputs[0].dims;
  const auto members = static_cast<std::int64_t>(count_);
  ACP_CHECK(check_all("inputs", what_.inputs, std::vector<Dims>(count_, part)));
  if (part[what_.axis] % members != 0) return misfit("inputs", 0, "an axis that cannot be cut evenly");
  part[what_.axis] /= members;
  for (std::int64_t i = 0; i < members; ++i) pieces_.push_back({i * part[what_.axis], part[what_.axis]});
  Dims all = part;
  all[what_.joined] *= members;
  return check_all("outputs", what_.outputs, std::vector<Dims>(count_, all));
}

Status Expansion::check_broadcast() {
  if (what_.root >= count_) return acp::invalid("CEP-COLL-1", "root", "not a member of the group");
  return check_all("outputs", what_.outputs, std::vector<Dims>(count_, what_.inputs[0].dims));
}

View Expansion::part_of(View view, std::size_t axis, Extent part) const {
  view.offset_bytes += part.begin * view.strides[axis] * element_bytes(view);
  view.dims[axis] = part.size;
  return view;
}

View Expansion::scratch_of(std::size_t member, std::size_t of) const {
  View view = part_of(what_.scratch[member], 0, {static_cast<std::int64_t>(of), 1});
  view.dims.erase(view.dims.begin());
  view.strides.erase(view.strides.begin());
  return view;
}

// ---- Steps ----

std::string Expansion::step_name(const char* what, std::size_t i, std::optional<std::size_t> j) const {
  std::string name = what_.name + ":" + what + ":" + std::to_string(i);
  if (j) name += ":" + std::to_string(*j);
  return name;
}

void Expansion::say(const char* what, std::size_t member) {
  const auto [queue, timeline] = what_.members[member];
  steps_.push_back({step_name(what, member), queue, Signal{timeline, ++raised_[timeline]}});
}

// Waits for what another member said last.
void Expansion::hear(const char* what, std::size_t member, std::size_t from) {
  if (member == from) return;
  const TimelineId timeline = what_.members[from].timeline;
  steps_.push_back(
      {step_name(what, member, from), what_.members[member].queue, Wait{timeline, raised_[timeline]}});
}
void Expansion::hear_all(const char* what, std::size_t member) {
  for (std::size_t from = 0; from < count_; ++from) hear(what, member, from);
}

void Expansion::say_all(const char* what) {
  for (std::size_t i = 0; i < count_; ++i) say(what, i);
}
// Everyone has what it needs; behind it nobody reads an input any more.
void Expansion::free_all() {
  say_all("finish");
  for (std::size_t i = 0; i < count_; ++i) hear_all("free", i);
}

void Expansion::copy(const char* what, std::size_t to, std::size_t from, View source, View target) {
  if (source == target) return;  // in place
  steps_.push_back(
      {step_name(what, to, from), what_.members[to].queue, Copy{std::move(source), std::move(target)}});
}

void Expansion::combine(std::size_t member, View target) {
  Combine sum{.op = what_.op, .shape = what_.shape, .inputs = {}, .target = std::move(target)};
  for (std::size_t of = 0; of < count_; ++of) sum.inputs.push_back(scratch_of(member, of));
  steps_.push_back({step_name("add", member), what_.members[member].queue, std::move(sum)});
}

// Every member's piece into its place in the output of one.
void Expansion::expand_gather(const char* what, std::size_t member, const std::vector<View>& sources) {
  for (std::size_t from = 0; from < count_; ++from)
    copy(what, member, from, sources[from], part_of(what_.outputs[member], what_.axis, pieces_[from]));
}

void Expansion::expand_sums(const std::vector<View>& targets) {
  for (std::size_t i = 0; i < count_; ++i) {
    hear_all("ready", i);
    for (std::size_t from = 0; from < count_; ++from)
      copy("take", i, from, part_of(what_.inputs[from], what_.axis, pieces_[i]), scratch_of(i, from));
    combine(i, targets[i]);
  }
}

void Expansion::all_gather() {
  say_all("start");
  for (std::size_t i = 0; i < count_; ++i) {
    hear_all("ready", i);
    expand_gather("take", i, what_.inputs);
  }
  free_all();
}

void Expansion::reduce_scatter() {
  say_all("start");
  expand_sums(what_.outputs);
  free_all();
}

void Expansion::all_reduce() {
  std::vector<View> sums;
  for (std::size_t i = 0; i < count_; ++i) sums.push_back(part_of(what_.outputs[i], what_.axis, pieces_[i]));
  say_all("start");
  expand_sums(sums);
  say_all("summed");
  for (std::size_t i = 0; i < count_; ++i) {
    hear_all("there", i);
    expand_gather("give", i, sums);
  }
  free_all();
}

void Expansion::all_to_all() {
  say_all("start");
  const std::int64_t length = what_.outputs[0].dims[what_.joined] / static_cast<std::int64_t>(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    hear_all("ready", i);
    for (std::size_t from = 0; from < count_; ++from) {
      const Extent there = {static_cast<std::int64_t>(from) * length, length};
      copy("take", i, from, part_of(what_.inputs[from], what_.axis, pieces_[i]),
           part_of(what_.outputs[i], what_.joined, there));
    }
  }
  free_all();
}

void Expansion::broadcast() {
  say("start", what_.root);
  for (std::size_t i = 0; i < count_; ++i) {
    hear("ready", i, what_.root);
    copy("take", i, what_.root, what_.inputs[0], what_.outputs[i]);
  }
  for (std::size_t i = 0; i < count_; ++i) {
    if (i != what_.root) say("finish", i);
  }
  hear_all("free", what_.root);
}

Result<std::vector<Step>> Expansion::run() {
  struct Row {
    CollectiveKind kind;
    Status (Expansion::*check)();
    void (Expansion::*make)();
  };
  static constexpr Row kRows[] = {
      {CollectiveKind::kAllGather, &Expansion::check_gather, &Expansion::all_gather},
      {CollectiveKind::kReduceScatter, &Expansion::check_reduce, &Expansion::reduce_scatter},
      {CollectiveKind::kAllReduce, &Expansion::check_reduce, &Expansion::all_reduce},
      {CollectiveKind::kAllToAll, &Expansion::check_exchange, &Expansion::all_to_all},
      {CollectiveKind::kBroadcast, &Expansion::check_broadcast, &Expansion::broadcast},
  };
  const auto* const row = std::ranges::find(kRows, what_.kind, &Row::kind);
  ACP_ASSERT(row != std::end(kRows));
  ACP_CHECK(check_members());
  if (what_.name.size() + sizeof(":summed:511:511") > limits::kMaxNameBytes)
    return acp::over_limit("CEP-COLL-4", "name", "a name too long for those of its steps");
  ACP_CHECK(check_views());
  ACP_CHECK((this->*row->check)());
  (this->*row->make)();
  return std::move(steps_);
}

}  // namespace

std::span<const CollectiveKind> collective_kinds() {
  static constexpr CollectiveKind kKinds[] = {CollectiveKind::kAllGather, CollectiveKind::kReduceScatter,
                                              CollectiveKind::kAllReduce, CollectiveKind::kAllToAll,
                                              CollectiveKind::kBroadcast};
  return kKinds;
}

std::string_view collective_name(CollectiveKind kind) {
  switch (kind) {
    case CollectiveKind::kAllGather: return "all_gather";
    case CollectiveKind::kReduceScatter: return "reduce_scatter";
    case CollectiveKind::kAllReduce: return "all_reduce";
    case CollectiveKind::kAllToAll: return "all_to_all";
    case CollectiveKind::kBroadcast: return "broadcast";
  }
  return "";
}

bool reduces(CollectiveKind kind) {
  return kind == CollectiveKind::kReduceScatter || kind == CollectiveKind::kAllReduce;
}

Result<std::vector<Step>> expand(const Plan& plan, const Collective& collective,
                                 std::span<std::uint64_t> raised) {
  return Expansion(plan, collective, raised).run();
}

}  // namespace cep
