#include "replay/instantiate.h"

#include <map>
#include <tuple>
#include <utility>

namespace cep::logical::oracle {
namespace {

class Writer {
 public:
  explicit Writer(const Document& source) : source_(source), points_(points_of(source.plan.variables)) {
    made_.reference = source.reference;
    made_.plan.name = source.plan.name;
    made_.plan.ranks = source.plan.ranks;
    made_.plan.program.shapes = source.plan.program.shapes;
  }

  Document write() {
    const Plan& plan = source_.plan;
    for (const Tensor& tensor : plan.program.tensors) {
      for (const Point& point : points_) {
        Tensor one = tensor;
        if (tensor.place != kNone) one.place = place(value_at(plan.places[tensor.place], point));
        made_.plan.program.tensors.push_back(one);
      }
    }
    for (const Node& node : plan.program.nodes) {
      for (std::size_t p = 0; p < points_.size(); ++p) write_node(node, p);
    }
    for (const Bind& bind : plan.binds) {
      for (std::size_t p = 0; p < points_.size(); ++p)
        made_.plan.binds.push_back({at(bind.tensor, p), bind.reference, box_at(bind.box, points_[p])});
    }
    for (const Yield& yield : plan.yields) {
      for (std::size_t p = 0; p < points_.size(); ++p)
        made_.plan.yields.push_back({at(yield.tensor, p), yield.reference, box_at(yield.box, points_[p]),
                                     Affine{value_at(yield.part, points_[p]), {}}, yield.parts});
    }
    return std::move(made_);
  }

 private:
  [[nodiscard]] Id at(Id tensor, std::size_t point) const {
    return static_cast<Id>(tensor * points_.size() + point);
  }
  Id place(std::int64_t rank) {
    const auto [found, fresh] = places_.try_emplace(rank, static_cast<Id>(places_.size()));
    if (fresh) made_.plan.places.push_back(Affine{rank, {}});
    return found->second;
  }
  Id group(const std::vector<std::int64_t>& members) {
    const auto [found, fresh] = groups_.try_emplace(members, static_cast<Id>(groups_.size()));
    if (fresh) {
      Group& made = made_.plan.groups.emplace_back();
      for (const std::int64_t rank : members) made.ranks.push_back(Affine{rank, {}});
    }
    return found->second;
  }
  Id operation(const Operation& pattern, const Point& point) {
    Operation one = pattern;
    for (Operation::Attribute& attribute : one.attributes) {
      if (const auto* affine = std::get_if<Affine>(&attribute.value))
        attribute.value = value_at(*affine, point);
    }
    const auto [found, fresh] = operations_.try_emplace(one, static_cast<Id>(operations_.size()));
    if (fresh) made_.plan.program.operations.push_back(std::move(one));
    return found->second;
  }
  static Box box_at(const Box& box, const Point& point) {
    Box one = box;
    for (Interval& interval : one) interval.begin = Affine{value_at(interval.begin, point), {}};
    return one;
  }

  void write_node(const Node& node, std::size_t p) {
    const Plan& plan = source_.plan;
    Program& program = made_.plan.program;
    Node one = node;
    one.operation = operation(plan.program.operations[node.operation], points_[p]);
    if (node.place != kNone) one.place = place(value_at(plan.places[node.place], points_[p]));
    one.first_input = static_cast<std::uint32_t>(program.operands.size());
    for (const Id operand : plan.program.inputs(node)) program.operands.push_back(at(operand, p));
    one.first_output = static_cast<std::uint32_t>(program.operands.size());
    for (const Id result : plan.program.outputs(node)) program.operands.push_back(at(result, p));
    if (node.group != kNone) {
      one.group = group(members_at(plan, plan.groups[node.group], plan.places[node.place], points_[p]));
      const bool pair = node.comm == CommKind::kSend || node.comm == CommKind::kReceive;
      if (node.message != kNone)
        one.message =
            messages_.try_emplace({node.message, one.group, pair ? p : 0}, static_cast<Id>(messages_.size()))
                .first->second;
    }
    program.nodes.push_back(one);
  }

  const Document& source_;
  std::vector<Point> points_;
  Document made_;
  std::map<Operation, Id> operations_;
  std::map<std::int64_t, Id> places_;
  std::map<std::vector<std::int64_t>, Id> groups_;
  std::map<std::tuple<Id, Id, std::size_t>, Id> messages_;
};

}  // namespace

std::int64_t value_at(const Affine& form, const Point& point) {
  std::int64_t value = form.constant;
  for (std::size_t v = 0; v < form.by_variable.size() && v < point.size(); ++v)
    value += form.by_variable[v] * point[v];
  return value;
}

std::vector<Point> points_of(const std::vector<Variable>& variables) {
  std::vector<Point> points{Point(variables.size(), 0)};
  for (std::size_t v = 0; v < variables.size(); ++v) {
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (std::int64_t value = 0; value < variables[v].size; ++value) {
        longer.push_back(point);
        longer.back()[v] = value;
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<std::int64_t> members_at(const Plan& plan, const Group& group, const Affine& place,
                                     const Point& point) {
  std::vector<std::int64_t> members;
  if (group.variable == kNone) {
    for (const Affine& rank : group.ranks) members.push_back(value_at(rank, point));
    return members;
  }
  Point moved = point;
  for (std::int64_t value = 0; value < plan.variables[group.variable].size; ++value) {
    moved[group.variable] = value;
    members.push_back(value_at(place, moved));
  }
  return members;
}

Document instantiate(const Document& document) {
  if (document.plan.variables.empty()) return document;
  return Writer(document).write();
}

}  // namespace cep::logical::oracle
