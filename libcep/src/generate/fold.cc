#include "cep/fold.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cep::logical {
namespace {

struct Grid {
  std::int64_t outer = 1, stages = 1, inner = 1;
  [[nodiscard]] std::int64_t rank(std::int64_t o, std::int64_t s, std::int64_t i) const {
    return (o * stages + s) * inner + i;
  }
};

// One rank's program: its lines in order, its tensors by first appearance, and every number that may differ from rank to rank.
struct RankProgram {
  std::vector<Id> lines;
  std::vector<Id> tensors;
  std::vector<std::int64_t> numbers;
  std::uint64_t outline = 0;  // equal for ranks that may be alike
};

class Folder {
 public:
  explicit Folder(const Document& document) : from_(document.plan), reference_(document.reference) {}
  std::optional<Document> run();

 private:
  bool read_ranks();
  void number_tensors(RankProgram& rank);
  void list_numbers(RankProgram& rank);
  [[nodiscard]] std::vector<Grid> grids() const;
  [[nodiscard]] bool alike(const RankProgram& a, const RankProgram& b) const;
  bool fits(const Grid& grid);
  bool fit_rank(const Grid& grid, std::int64_t o, std::int64_t s, std::int64_t i);
  bool fit_communications(const Grid& grid);
  bool fit_group(const Grid& grid, const Node& node, std::int64_t o, std::int64_t s, std::int64_t i,
                 int& kind) const;
  std::size_t fold_ends(const Grid& grid, std::int64_t stage, const std::vector<Id>& new_tensor,
                        Plan& plan) const;
  Document fold_to(const Grid& grid);
  [[nodiscard]] Affine number(const Grid& grid, std::int64_t stage, std::size_t slot) const;
  [[nodiscard]] Affine affine(std::int64_t constant, std::int64_t by_outer, std::int64_t by_inner) const;
  Id pattern_group(const Grid& grid, const Node& node, int kind, Document& out);

  // What the numbers of a rank are, in order: begins of its binds, windows, begins and parts of its yields.
  const Plan& from_;
  const Reference& reference_;
  std::vector<Id> operation_class_;                // operations that differ in their window alone share one
  std::vector<Id> local_;                          // per tensor: its place in its rank
  std::vector<std::vector<const Bind*>> binds_;    // per rank
  std::vector<std::vector<const Yield*>> yields_;  // per rank
  std::vector<RankProgram> ranks_;
  std::vector<int>
      group_kind_;  // per line of the first point: 0 no group, 1 over outer, 2 over inner, 3 listed
};

const Operation::Attribute* window(const Operation& operation, std::string_view name) {
  const auto at = std::ranges::find(operation.attributes, name, &Operation::Attribute::name);
  return at == operation.attributes.end() ? nullptr : &*at;
}
std::int64_t whole(const Operation::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* form = std::get_if<Affine>(&value)) return form->constant;
  return 0;
}

bool Folder::read_ranks() {
  if (!from_.variables.empty() || from_.ranks <= 1) return false;
  std::map<Operation, Id> classes;
  for (const Operation& operation : from_.program.operations) {
    Operation bare = operation;
    for (auto& [name, value] : bare.attributes) {
      const bool number =
          std::holds_alternative<std::int64_t>(value) || std::holds_alternative<Affine>(value);
      if (number && (name == "start" || name == "stop")) value = std::int64_t{0};
    }
    operation_class_.push_back(
        classes.try_emplace(std::move(bare), static_cast<Id>(classes.size())).first->second);
  }
  const auto ranks = static_cast<std::size_t>(from_.ranks);
  ranks_.resize(ranks);
  binds_.resize(ranks);
  yields_.resize(ranks);
  const auto rank_of = [&](Id place) { return static_cast<std::size_t>(from_.places[place].constant); };
  for (Id line = 0; line < from_.program.nodes.size(); ++line)
    ranks_[rank_of(from_.program.nodes[line].place)].lines.push_back(line);
  local_.assign(from_.program.tensors.size(), kNone);
  for (RankProgram& rank : ranks_) number_tensors(rank);
  for (Id tensor = 0; tensor < local_.size(); ++tensor) {  // those that no line touches
    if (local_[tensor] != kNone) continue;
    RankProgram& rank = ranks_[rank_of(from_.program.tensors[tensor].place)];
    local_[tensor] = static_cast<Id>(rank.tensors.size());
    rank.tensors.push_back(tensor);
  }
  for (const Bind& bind : from_.binds)
    binds_[rank_of(from_.program.tensors[bind.tensor].place)].push_back(&bind);
  for (const Yield& yield : from_.yields)
    yields_[rank_of(from_.program.tensors[yield.tensor].place)].push_back(&yield);
  for (std::size_t r = 0; r < ranks; ++r) {
    const auto by_local = [&](const auto* a, const auto* b) { return local_[a->tensor] < local_[b->tensor]; };
    std::ranges::sort(binds_[r], by_local);
    std::ranges::sort(yields_[r], by_local);
    list_numbers(ranks_[r]);
  }
  return true;
}

void Folder::number_tensors(RankProgram& rank) {
  std::uint64_t outline = rank.lines.size();
  const auto touch = [&](Id tensor) {
    if (local_[tensor] == kNone) {
      local_[tensor] = static_cast<Id>(rank.tensors.size());
      rank.tensors.push_back(tensor);
    }
    outline = (outline ^ local_[tensor]) * 0x9e3779b97f4a7c15ull;
  };
  for (const Id line : rank.lines) {
    const Node& node = from_.program.nodes[line];
    for (const Id tensor : from_.program.inputs(node)) touch(tensor);
    for (const Id tensor : from_.program.outputs(node)) touch(tensor);
    outline = (outline ^ operation_class_[node.operation]) * 0x9e3779b97f4a7c15ull;
  }
  rank.outline = outline;
}

void Folder::list_numbers(RankProgram& rank) {
  const auto r = static_cast<std::size_t>(&rank - ranks_.data());
  for (const Bind* bind : binds_[r]) {
    for (const Interval& side : bind->box) rank.numbers.push_back(side.begin.constant);
  }
  for (const Id line : rank.lines) {
    const Operation& operation = from_.program.operations[from_.program.nodes[line].operation];
    for (const char* name : {"start", "stop"}) {
      if (const auto* attribute = window(operation, name)) rank.numbers.push_back(whole(attribute->value));
    }
  }
  for (const Yield* yield : yields_[r]) {
    for (const Interval& side : yield->box) rank.numbers.push_back(side.begin.constant);
    rank.numbers.push_back(yield->part.constant);
  }
}

// The most points first.
std::vector<Grid> Folder::grids() const {
  std::vector<Grid> grids;
  const std::int64_t ranks = from_.ranks;
  for (std::int64_t outer = 1; outer <= ranks; ++outer) {
    for (std::int64_t inner = 1; ranks % outer == 0 && inner <= ranks / outer; ++inner) {
      if (ranks / outer % inner != 0 || outer * inner == 1) continue;
      const Grid grid{outer, ranks / outer / inner, inner};
      bool same = true;
      for (std::int64_t r = 0; r < ranks && same; ++r) {
        const std::int64_t stage = r / inner % grid.stages;
        same = ranks_[static_cast<std::size_t>(r)].outline ==
               ranks_[static_cast<std::size_t>(grid.rank(0, stage, 0))].outline;
      }
      if (same) grids.push_back(grid);
    }
  }
  std::ranges::sort(grids, {}, [](const Grid& g) { return std::pair(g.stages, g.outer); });
  return grids;
}

// The same but for numbers, groups and messages.
bool Folder::alike(const RankProgram& a, const RankProgram& b) const {
  const Program& program = from_.program;
  if (a.lines.size() != b.lines.size() || a.tensors.size() != b.tensors.size() ||
      a.numbers.size() != b.numbers.size())
    return false;
  for (std::size_t t = 0; t < a.tensors.size(); ++t) {
    const Tensor &x = program.tensors[a.tensors[t]], &y = program.tensors[b.tensors[t]];
    if (x.shape != y.shape || x.element != y.element || x.role != y.role) return false;
  }
  for (std::size_t n = 0; n < a.lines.size(); ++n) {
    const Node &x = program.nodes[a.lines[n]], &y = program.nodes[b.lines[n]];
    if (operation_class_[x.operation] != operation_class_[y.operation] || x.comm != y.comm ||
        x.dim != y.dim || x.other_dim != y.other_dim || x.root != y.root || x.micro_batch != y.micro_batch ||
        x.inputs != y.inputs || x.outputs != y.outputs) {
      return false;
    }
    const auto same_place = [&](Id t, Id u) { return local_[t] == local_[u]; };
    if (!std::ranges::equal(program.inputs(x), program.inputs(y), same_place) ||
        !std::ranges::equal(program.outputs(x), program.outputs(y), same_place)) {
      return false;
    }
  }
  const auto ra = static_cast<std::size_t>(&a - ranks_.data()),
             rb = static_cast<std::size_t>(&b - ranks_.data());
  const auto same_box = [](const Box& x, const Box& y) {
    return std::ranges::equal(x, y, {}, &Interval::size, &Interval::size);
  };
  return std::ranges::equal(binds_[ra], binds_[rb],
                            [&](const Bind* x, const Bind* y) {
                              return local_[x->tensor] == local_[y->tensor] && x->reference == y->reference &&
                                     same_box(x->box, y->box);
                            }) &&
         std::ranges::equal(yields_[ra], yields_[rb], [&](const Yield* x, const Yield* y) {
           return local_[x->tensor] == local_[y->tensor] && x->reference == y->reference &&
                  x->parts == y->parts && same_box(x->box, y->box);
         });
}

Affine Folder::affine(std::int64_t constant, std::int64_t by_outer, std::int64_t by_inner) const {
  Affine form{constant, {by_outer, by_inner}};
  while (!form.by_variable.empty() && form.by_variable.back() == 0) form.by_variable.pop_back();
  return form;
}

Affine Folder::number(const Grid& grid, std::int64_t stage, std::size_t slot) const {
  const auto at = [&](std::int64_t o, std::int64_t i) {
    return ranks_[static_cast<std::size_t>(grid.rank(o, stage, i))].numbers[slot];
  };
  return affine(at(0, 0), grid.outer > 1 ? at(1, 0) - at(0, 0) : 0, grid.inner > 1 ? at(0, 1) - at(0, 0) : 0);
}

bool Folder::fit_rank(const Grid& grid, std::int64_t o, std::int64_t s, std::int64_t i) {
  const RankProgram& here = ranks_[static_cast<std::size_t>(grid.rank(o, s, i))];
  const RankProgram& first = ranks_[static_cast<std::size_t>(grid.rank(0, s, 0))];
  if (!alike(first, here)) return false;
  const auto& one_out = ranks_[static_cast<std::size_t>(grid.rank(grid.outer > 1 ? 1 : 0, s, 0))].numbers;
  const auto& one_in = ranks_[static_cast<std::size_t>(grid.rank(0, s, grid.inner > 1 ? 1 : 0))].numbers;
  if (one_out.size() != first.numbers.size() || one_in.size() != first.numbers.size()) return false;
  for (std::size_t n = 0; n < first.numbers.size(); ++n) {
    const std::int64_t base = first.numbers[n];
    if (here.numbers[n] != base + o * (one_out[n] - base) + i * (one_in[n] - base)) return false;
  }
  return true;
}

// kind 0: not known yet; otherwise the kind that the group must be of.
bool Folder::fit_group(const Grid& grid, const Node& node, std::int64_t o, std::int64_t s, std::int64_t i,
                       int& kind) const {
  const auto& members = from_.groups[node.group].ranks;
  const auto is = [&](auto expected, std::int64_t count) {
    if (std::ssize(members) != count) return false;
    for (std::int64_t m = 0; m < count; ++m) {
      if (members[static_cast<std::size_t>(m)].constant != expected(m)) return false;
    }
    return true;
  };
  const bool outer = grid.outer > 1 && is([&](std::int64_t m) { return grid.rank(m, s, i); }, grid.outer);
  const bool inner = grid.inner > 1 && is([&](std::int64_t m) { return grid.rank(o, s, m); }, grid.inner);
  const bool listed = std::ranges::all_of(members, [&](const Affine& rank) {
    return rank.constant / (grid.stages * grid.inner) == o && rank.constant % grid.inner == i;
  });
  const int found = outer ? 1 : inner ? 2 : listed ? 3 : 0;
  if (kind == 0) kind = found;
  return found != 0 && found == kind;
}

// Lines of one message at one point are lines of one message at every point, and of no other.
bool Folder::fit_communications(const Grid& grid) {
  group_kind_.assign(from_.program.nodes.size(), 0);
  std::map<std::tuple<Id, std::int64_t, std::int64_t>, Id> instance;
  std::map<Id, std::tuple<Id, std::int64_t, std::int64_t>> owner;
  for (std::int64_t r = 0; r < from_.ranks; ++r) {
    const std::int64_t o = r / (grid.stages * grid.inner), s = r / grid.inner % grid.stages,
                       i = r % grid.inner;
    const auto& first = ranks_[static_cast<std::size_t>(grid.rank(0, s, 0))].lines;
    const auto& here = ranks_[static_cast<std::size_t>(r)].lines;
    for (std::size_t n = 0; n < here.size(); ++n) {
      const Node &pattern = from_.program.nodes[first[n]], &node = from_.program.nodes[here[n]];
      if ((pattern.group == kNone) != (node.group == kNone) ||
          (pattern.message == kNone) != (node.message == kNone))
        return false;
      if (node.group == kNone) continue;
      int& kind = group_kind_[first[n]];
      if (!fit_group(grid, node, o, s, i, kind)) return false;
      if (kind == 3) {  // the same members, moved to this point
        const auto &a = from_.groups[pattern.group].ranks, &b = from_.groups[node.group].ranks;
        const std::int64_t moved = o * grid.stages * grid.inner + i;
        const bool same = std::ranges::equal(
            a, b, [&](const Affine& x, const Affine& y) { return x.constant + moved == y.constant; });
        if (!same) return false;
      }
      if (node.message == kNone) continue;
      const std::tuple key{pattern.message, kind == 1 ? -1 : o, kind == 2 ? -1 : i};
      if (instance.try_emplace(key, node.message).first->second != node.message) return false;
      if (owner.try_emplace(node.message, key).first->second != key) return false;
    }
  }
  return true;
}

bool Folder::fits(const Grid& grid) {
  for (std::int64_t r = 0; r < from_.ranks; ++r) {
    if (!fit_rank(grid, r / (grid.stages * grid.inner), r / grid.inner % grid.stages, r % grid.inner))
      return false;
  }
  return fit_communications(grid);
}

Id Folder::pattern_group(const Grid& grid, const Node& node, int kind, Document& out) {
  Group group;
  if (kind == 3) {
    for (const Affine& rank : from_.groups[node.group].ranks) {
      group.ranks.push_back(affine(rank.constant, grid.stages * grid.inner, 1));
    }
  } else {
    group.variable = kind == 1 ? 0 : 1;
  }
  const auto known = std::ranges::find(out.plan.groups, group);
  const auto id = static_cast<Id>(known - out.plan.groups.begin());
  if (known == out.plan.groups.end()) out.plan.groups.push_back(std::move(group));
  return id;
}

// Binds and yields of one stage. Gives where the numbers of its windows begin.
std::size_t Folder::fold_ends(const Grid& grid, std::int64_t stage, const std::vector<Id>& new_tensor,
                              Plan& plan) const {
  const auto r = static_cast<std::size_t>(grid.rank(0, stage, 0));
  std::size_t slot = 0;
  for (const Bind* bind : binds_[r]) {
    Bind folded{new_tensor[bind->tensor], bind->reference, bind->box};
    for (Interval& side : folded.box) side.begin = number(grid, stage, slot++);
    plan.binds.push_back(std::move(folded));
  }
  const std::size_t windows = slot;
  slot = ranks_[r].numbers.size();
  for (const Yield* yield : yields_[r]) slot -= yield->box.size() + 1;
  for (const Yield* yield : yields_[r]) {
    Yield folded{new_tensor[yield->tensor], yield->reference, yield->box, {}, yield->parts};
    for (Interval& side : folded.box) side.begin = number(grid, stage, slot++);
    folded.part = number(grid, stage, slot++);
    plan.yields.push_back(std::move(folded));
  }
  return windows;
}

// The lines of the first point, with what differs written as forms.
Document Folder::fold_to(const Grid& grid) {
  Document out;
  out.reference = reference_;
  Plan& plan = out.plan;
  plan.name = from_.name;
  plan.ranks = from_.ranks;
  plan.variables = {{"outer", grid.outer}, {"inner", grid.inner}};
  plan.program.shapes = from_.program.shapes;
  std::vector<Id> new_tensor(from_.program.tensors.size(), kNone);
  std::vector<Id> new_place(static_cast<std::size_t>(grid.stages));
  std::vector<std::size_t> next_window(static_cast<std::size_t>(grid.stages));
  const auto stage_of = [&](Id place) { return from_.places[place].constant / grid.inner; };
  const auto first_point = [&](Id place) {
    const std::int64_t rank = from_.places[place].constant;
    return rank < grid.stages * grid.inner && rank % grid.inner == 0;
  };
  for (std::int64_t s = 0; s < grid.stages; ++s) {
    new_place[static_cast<std::size_t>(s)] = static_cast<Id>(s);
    plan.places.push_back(affine(s * grid.inner, grid.stages * grid.inner, 1));
  }
  for (Id id = 0; id < from_.program.tensors.size(); ++id) {
    Tensor tensor = from_.program.tensors[id];
    if (!first_point(tensor.place)) continue;
    new_tensor[id] = static_cast<Id>(plan.program.tensors.size());
    tensor.place = new_place[static_cast<std::size_t>(stage_of(tensor.place))];
    plan.program.tensors.push_back(tensor);
  }
  for (std::int64_t s = 0; s < grid.stages; ++s)
    next_window[static_cast<std::size_t>(s)] = fold_ends(grid, s, new_tensor, plan);
  std::ranges::sort(plan.binds, {}, &Bind::tensor);
  std::ranges::sort(plan.yields, {}, &Yield::tensor);
  std::map<Operation, Id> operations;
  std::map<Id, Id> messages;
  for (Id line = 0; line < from_.program.nodes.size(); ++line) {
    Node node = from_.program.nodes[line];
    if (!first_point(node.place)) continue;
    const std::int64_t stage = stage_of(node.place);
    Operation operation = from_.program.operations[node.operation];
    for (const char* name : {"start", "stop"}) {
      const auto at = std::ranges::find(operation.attributes, name, &Operation::Attribute::name);
      if (at == operation.attributes.end()) continue;
      const Affine form = number(grid, stage, next_window[static_cast<std::size_t>(stage)]++);
      if (!form.by_variable.empty() || std::holds_alternative<Affine>(at->value)) at->value = form;
    }
    const auto [known, added] =
        operations.try_emplace(operation, static_cast<Id>(plan.program.operations.size()));
    if (added) plan.program.operations.push_back(std::move(operation));
    node.operation = known->second;
    node.place = new_place[static_cast<std::size_t>(stage)];
    if (node.group != kNone) node.group = pattern_group(grid, node, group_kind_[line], out);
    if (node.message != kNone) {
      node.message = messages.try_emplace(node.message, static_cast<Id>(messages.size())).first->second;
    }
    const auto first = static_cast<std::uint32_t>(plan.program.operands.size());
    for (const Id tensor : from_.program.inputs(node)) plan.program.operands.push_back(new_tensor[tensor]);
    for (const Id tensor : from_.program.outputs(node)) plan.program.operands.push_back(new_tensor[tensor]);
    node.first_input = first;
    node.first_output = first + node.inputs;
    plan.program.nodes.push_back(node);
  }
  return out;
}

std::optional<Document> Folder::run() {
  if (!read_ranks()) return std::nullopt;
  for (const Grid& grid : grids()) {
    if (fits(grid)) return fold_to(grid);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Document> fold(const Document& document) { return Folder(document).run(); }

}  // namespace cep::logical
