// Communications: each complete, and its lines of one mind.
#include <algorithm>
#include <span>
#include <utility>

#include "cep/message_lines.h"
#include "logical/checks.h"

namespace cep::logical {
namespace {

// How many operands and results a line has, and what the group is to it.
struct Form {
  std::uint8_t inputs, outputs;
};

class Communications {
 public:
  explicit Communications(const Plan& plan)
      : plan_(plan), members_(member_places(plan)), first_(plan.program.nodes.size(), kNone) {
    spots_.resize(members_.size());
    for (std::size_t g = 0; g < members_.size(); ++g) {
      spots_[g].reserve(members_[g].size());
      for (std::uint32_t i = 0; i < members_[g].size(); ++i) spots_[g].push_back({members_[g][i], i});
      std::ranges::sort(spots_[g]);
    }
  }

  acp::Status check() {
    const std::vector<Node>& nodes = plan_.program.nodes;
    for (Id id = 0; id < nodes.size(); ++id) {
      if (nodes[id].comm == CommKind::kNoComm) {
        if (nodes[id].group != kNone || nodes[id].message != kNone)
          return no(id, "a group or message without a communication");
      } else {
        ACP_CHECK(check_line(id));
      }
    }
    return check_complete();
  }

 private:
  [[nodiscard]] acp::Error no(Id id, std::string what) const {
    return acp::invalid("CEP-LOGICAL-4", node_path(id), std::move(what) + line_of(plan_.program.nodes[id]));
  }

  [[nodiscard]] std::int64_t size_of(Id group) const {
    const Group& g = plan_.groups[group];
    return g.variable == kNone ? static_cast<std::int64_t>(g.ranks.size()) : plan_.variables[g.variable].size;
  }

  // A member of a group, and its position there.
  struct Spot {
    Id place;
    std::uint32_t position;
    auto operator<=>(const Spot&) const = default;
  };
  // Where the line's own rank stands among the members.
  [[nodiscard]] std::span<const Spot> spots(const Node& node) const {
    const auto found = std::ranges::equal_range(spots_[node.group], node.place, {}, &Spot::place);
    return {found.begin(), found.end()};
  }

  acp::Status check_line(Id id) {
    const Node& node = plan_.program.nodes[id];
    if (node.group == kNone) return no(id, "a communication without a group");
    const Operation& operation = plan_.program.operations[node.operation];
    if (operation.name != to_string(node.comm) || operation.backward || !operation.attributes.empty()) {
      return no(id, "its operation is another than its communication, or says more");
    }
    if ((node.message == kNone) != (node.comm == CommKind::kChunk))
      return no(id, "a message where none belongs, or none where one does");
    const bool pair = node.comm == CommKind::kSend || node.comm == CommKind::kReceive;
    const Group& group = plan_.groups[node.group];
    if (group.variable != kNone && (pair || node.comm == CommKind::kBroadcast))
      return no(id, "needs its members one by one");
    if (group.variable == kNone) {
      const std::span<const Spot> own = spots(node);
      if (own.empty()) return no(id, "its rank is not a member of the group");
      if (own.size() > 1) return no(id, "its rank is a member twice");
      const std::uint32_t end = node.comm == CommKind::kSend ? 0 : 1;
      if (pair && (group.ranks.size() != 2 || own.front().position != end))
        return no(id, "not an end of this pair");
    }
    ACP_CHECK(check_operands(id));
    return node.message == kNone ? acp::ok() : check_same(id);
  }

  // Lines of one message against its first.
  acp::Status check_same(Id id) {
    const std::vector<Node>& nodes = plan_.program.nodes;
    const Node& node = nodes[id];
    if (first_[node.message] == kNone) {
      first_[node.message] = id;
      return acp::ok();
    }
    const Node& first = nodes[first_[node.message]];
    const auto other = [&](const char* what) {
      return no(id, std::string(what) + " than the first line of its message" + line_of(first));
    };
    const auto kind = [](const Node& n) { return n.comm == CommKind::kReceive ? CommKind::kSend : n.comm; };
    if (kind(node) != kind(first)) return other("another communication");
    if (node.group != first.group) return other("other members");
    if (plan_.groups[node.group].variable != kNone)
      return no(id, "a second line of a message whose one line stands for all its members");
    if (node.dim != first.dim || node.other_dim != first.other_dim || node.root != first.root)
      return other("another dimension or root");
    const Tensor& mine = passed(node);
    const Tensor& its = passed(first);
    if (mine.shape != its.shape || mine.element != its.element) return other("another shape or element");
    return acp::ok();
  }

  // Every member of every message exactly once.
  acp::Status check_complete() const {
    const std::vector<Node>& nodes = plan_.program.nodes;
    const MessageLines messages(plan_.program);
    std::vector<Id> spoken(plan_.places.size(), kNone);
    for (Id message = 0; message < messages.messages(); ++message) {
      const std::span<const Id> all = messages.lines(message);
      if (all.empty() || plan_.groups[nodes[all[0]].group].variable != kNone) continue;
      const std::size_t expected = members_[nodes[all[0]].group].size();
      for (const Id id : all) {
        if (std::exchange(spoken[nodes[id].place], message) == message)
          return no(id, "a second line of its rank in one message");
      }
      // Their ranks are members, and differ: as many as there are members means all of them.
      if (all.size() != expected) {
        return no(all[0], "its message has lines of " + std::to_string(all.size()) + " of " +
                              std::to_string(expected) + " members");
      }
    }
    return acp::ok();
  }

  // What a line puts in, or else takes out.
  [[nodiscard]] const Tensor& passed(const Node& node) const {
    return plan_.program
        .tensors[plan_.program.operands[node.inputs > 0 ? node.first_input : node.first_output]];
  }

  static Form form_of(const Node& node, bool root) {
    switch (node.comm) {
      case CommKind::kSend: return {1, 0};
      case CommKind::kReceive: return {0, 1};
      case CommKind::kBroadcast: return root ? Form{1, 0} : Form{0, 1};
      default: return {1, 1};
    }
  }

  acp::Status check_operands(Id id) const {
    const Node& node = plan_.program.nodes[id];
    const bool broadcast = node.comm == CommKind::kBroadcast;
    if (broadcast && node.root >= members_[node.group].size())
      return no(id, "a root that is no position in the group");
    const Form form = form_of(node, broadcast && spots(node).front().position == node.root);
    if (node.inputs != form.inputs || node.outputs != form.outputs) {
      return no(id, "takes " + std::to_string(form.inputs) + " and gives " + std::to_string(form.outputs));
    }
    if (form.inputs + form.outputs < 2) return acp::ok();
    const Program& program = plan_.program;
    const Id in = program.inputs(node)[0], out = program.outputs(node)[0];
    if (program.tensors[in].element != program.tensors[out].element)
      return no(id, "gives another element than it takes");
    Shape expected = program.shape(in);
    if (!reshape(node, expected) || expected != program.shape(out))
      return no(id, "gives a shape that does not follow from the one it takes");
    return acp::ok();
  }

  // The shape of a result from that of the operand; false where it cannot be cut so.
  [[nodiscard]] bool reshape(const Node& node, Shape& shape) const {
    const std::int64_t members = size_of(node.group);
    const Making how = making(node);
    if (how.cut) {
      if (node.dim >= shape.size() || shape[node.dim] % members != 0) return false;
      shape[node.dim] /= members;
    }
    if (how.joined == kNone) return true;
    if (how.joined >= shape.size()) return false;
    shape[how.joined] *= members;
    return true;
  }

  const Plan& plan_;
  std::vector<std::vector<Id>> members_;
  std::vector<std::vector<Spot>> spots_;  // per group: its members by place
  std::vector<Id> first_;                 // per message: its first line
};

}  // namespace

acp::Status check_communications(const Plan& plan) { return Communications(plan).check(); }

}  // namespace cep::logical
