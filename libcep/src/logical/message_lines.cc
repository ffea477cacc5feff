#include "cep/message_lines.h"

#include <algorithm>
#include <map>

namespace cep::logical {

MessageLines::MessageLines(const Program& program) {
  std::size_t messages = 0;
  for (const Node& node : program.nodes) {
    if (node.message != kNone) messages = std::max(messages, node.message + std::size_t{1});
  }
  first_.assign(messages + 1, 0);
  for (const Node& node : program.nodes) {
    if (node.message != kNone) ++first_[node.message + 1];
  }
  for (std::size_t m = 0; m < messages; ++m) first_[m + 1] += first_[m];
  lines_.resize(first_[messages]);
  auto next = first_;
  for (Id id = 0; id < program.nodes.size(); ++id) {
    const Id message = program.nodes[id].message;
    if (message != kNone) lines_[next[message]++] = id;
  }
}

std::vector<std::vector<Id>> member_places(const Plan& plan) {
  std::map<Affine, Id> places;
  for (Id id = 0; id < plan.places.size(); ++id) places.emplace(plan.places[id], id);
  std::vector<std::vector<Id>> members(plan.groups.size());
  for (std::size_t g = 0; g < members.size(); ++g) {
    members[g].reserve(plan.groups[g].ranks.size());
    for (const Affine& rank : plan.groups[g].ranks) {
      const auto at = places.find(rank);
      members[g].push_back(at == places.end() ? kNone : at->second);
    }
  }
  return members;
}

Making making(const Node& node) {
  switch (node.comm) {
    case CommKind::kChunk:
    case CommKind::kReduceScatter: return {.cut = true};
    case CommKind::kAllGather: return {.joined = node.dim};
    case CommKind::kAllToAll: return {.cut = true, .joined = node.other_dim};
    default: return {};
  }
}

}  // namespace cep::logical
