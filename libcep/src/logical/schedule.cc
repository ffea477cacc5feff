// Schedule: calls match by their order, and every rank's program runs to its end.
//
// Why      hardware matches messages by call order per group and per pair; the numbers in a plan are only what its writer meant.
// Spec     CEP 11.2, CEP-LOGICAL-7, CEP-LOGICAL-8.
#include <algorithm>
#include <map>
#include <span>

#include "cep/message_lines.h"
#include "logical/affine.h"
#include "logical/checks.h"

namespace cep::logical {
namespace {

class Schedule {
 public:
  explicit Schedule(const Plan& plan) : plan_(plan), members_(member_places(plan)) {}

  acp::Status check() {
    ACP_CHECK(check_collectives());
    ACP_CHECK(check_pairs());
    return run();
  }

 private:
  [[nodiscard]] const Node& node(Id id) const { return plan_.program.nodes[id]; }
  static bool of_pair(const Node& node) {
    return node.comm == CommKind::kSend || node.comm == CommKind::kReceive;
  }

  // Whether a line waits for lines of other places. One that stands for all points of a variable waits for itself alone: its members
  // run one program, at one line of it.
  [[nodiscard]] bool waits(const Node& node) const {
    return node.message != kNone && plan_.groups[node.group].variable == kNone;
  }

  // The calls over one set of ranks, whatever order a line gives its members in: all of them make the same calls in the same order.
  acp::Status check_collectives() const {
    std::map<std::vector<Id>, Id> sets;
    std::vector<Id> set_of(plan_.groups.size(), kNone);
    struct Calls {
      std::vector<Id> members;
      std::vector<std::uint32_t> made;  // per member
      std::vector<Id> lines;            // the first to make each call
    };
    std::vector<Calls> calls;
    for (Id id = 0; id < plan_.program.nodes.size(); ++id) {
      const Node& line = node(id);
      if (!waits(line) || of_pair(line)) continue;
      Id& set = set_of[line.group];
      if (set == kNone) {
        std::vector<Id> members = members_[line.group];
        std::ranges::sort(members);
        set = sets.try_emplace(members, static_cast<Id>(calls.size())).first->second;
        if (set == calls.size()) calls.push_back({members, std::vector<std::uint32_t>(members.size()), {}});
      }
      Calls& all = calls[set];
      const auto member =
          static_cast<std::size_t>(std::ranges::lower_bound(all.members, line.place) - all.members.begin());
      const std::uint32_t call = all.made[member]++;
      if (call == all.lines.size()) all.lines.push_back(id);
      const Node& first = node(all.lines[call]);
      if (first.message == line.message) continue;
      return acp::invalid("CEP-LOGICAL-7", node_path(id),
                          "call " + std::to_string(call) + " of its rank over these ranks" + line_of(line) +
                              " meets another message, call " + std::to_string(call) + " of rank " +
                              rank(first.place) + line_of(first));
    }
    return acp::ok();
  }

  // The sends of one pair and the receives of it, in the order of either end.
  acp::Status check_pairs() const {
    std::vector<std::vector<Id>> sent(plan_.groups.size()), received(plan_.groups.size());
    for (Id id = 0; id < plan_.program.nodes.size(); ++id) {
      const Node& line = node(id);
      if (line.comm == CommKind::kSend) sent[line.group].push_back(id);
      if (line.comm == CommKind::kReceive) received[line.group].push_back(id);
    }
    for (std::size_t pair = 0; pair < sent.size(); ++pair) {
      for (std::size_t call = 0; call < sent[pair].size(); ++call) {
        const Node& send = node(sent[pair][call]);
        const Node& receive = node(received[pair][call]);
        if (send.message == receive.message) continue;
        return acp::invalid("CEP-LOGICAL-7", node_path(received[pair][call]),
                            "receive " + std::to_string(call) + " of its pair" + line_of(receive) +
                                " meets another message, send " + std::to_string(call) + " of rank " +
                                rank(send.place) + line_of(send));
      }
    }
    return acp::ok();
  }

  // Every place goes on until it waits; a message whose lines all wait lets their places go on.
  acp::Status run() {
    const std::vector<Node>& nodes = plan_.program.nodes;
    calls_.resize(plan_.places.size());
    next_.resize(plan_.places.size());
    waiting_.resize(nodes.size());
    std::size_t left = 0;
    for (Id id = 0; id < nodes.size(); ++id) {
      if (!waits(nodes[id])) continue;
      calls_[nodes[id].place].push_back(id);
      ++left;
    }
    std::vector<Id> free(plan_.places.size());
    for (Id place = 0; place < free.size(); ++place) free[place] = place;
    while (!free.empty()) {
      const Id place = free.back();
      free.pop_back();
      if (next_[place] == calls_[place].size()) continue;
      const Node& line = node(calls_[place][next_[place]]);
      const std::vector<Id>& members = members_[line.group];
      if (++waiting_[line.message] < members.size()) continue;
      for (const Id member : members) ++next_[member];
      free.insert(free.end(), members.begin(), members.end());
      left -= members.size();
    }
    return left == 0 ? acp::ok() : deadlock();
  }

  // Follows who waits for whom until somebody is met again.
  [[nodiscard]] acp::Status deadlock() const {
    std::vector<Id> chain;
    std::vector<bool> met(plan_.places.size());
    Id place = 0;
    while (next_[place] == calls_[place].size()) ++place;
    while (!met[place]) {
      met[place] = true;
      chain.push_back(place);
      place = awaited(node(at(place)));
    }
    chain.erase(chain.begin(), std::ranges::find(chain, place));
    constexpr std::size_t kShown = 8;
    std::string text;
    for (const Id stuck : std::span(chain).first(std::min(kShown, chain.size()))) {
      text += (text.empty() ? "rank " : ", which waits in ") +
              (text.empty() ? rank(stuck) + " waits in " : std::string()) +
              std::string(to_string(node(at(stuck)).comm)) + line_of(node(at(stuck))) + " for rank " +
              rank(awaited(node(at(stuck))));
    }
    if (chain.size() > kShown)
      text +=
          ", and so on over " + std::to_string(chain.size() - kShown) + " more, back to rank " + rank(place);
    return acp::invalid("CEP-LOGICAL-8", node_path(at(chain.front())), text);
  }
  [[nodiscard]] Id at(Id place) const { return calls_[place][next_[place]]; }
  // A member that is not at this line's message.
  [[nodiscard]] Id awaited(const Node& line) const {
    for (const Id member : members_[line.group]) {
      if (node(at(member)).message != line.message) return member;
    }
    return line.place;
  }

  [[nodiscard]] std::string rank(Id place) const { return to_text(plan_.places[place], plan_.variables); }

  const Plan& plan_;
  std::vector<std::vector<Id>> members_;
  std::vector<std::vector<Id>> calls_;  // per place: its lines that wait, in order
  std::vector<std::size_t> next_;       // per place: how many of them it has behind it
  std::vector<std::size_t> waiting_;    // per message: how many have come
};

}  // namespace

acp::Status check_schedule(const Plan& plan) { return Schedule(plan).check(); }

}  // namespace cep::logical
