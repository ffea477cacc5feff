#include "cep/expand.h"

#include "generate/partition.h"
#include "generate/writer.h"

namespace cep::logical {

namespace {

constexpr std::int64_t kMaxParts = std::int64_t{1} << 26;  // tensors, operands

// Values of the variables.
using Point = std::vector<std::int64_t>;

std::int64_t value(const Affine& affine, const Point& point) {
  std::int64_t out = affine.constant;
  for (std::size_t v = 0; v < affine.by_variable.size(); ++v) out += affine.by_variable[v] * point[v];
  return out;
}

Affine fixed(const Affine& affine, const Point& point) {
  return {.constant = value(affine, point), .by_variable = {}};
}

class Expander {
 public:
  explicit Expander(const Document& document) : from_(document.plan), reference_(document.reference) {}
  acp::Result<Document> run();

 private:
  [[nodiscard]] acp::Status check_size() const;
  void tensors();
  void nodes();
  void node(const Node& node, std::size_t point);
  void ports();
  Box box(const Box& box, const Point& point) const;
  Id tensor(Id tensor, std::size_t point) const { return static_cast<Id>(tensor * points_.size() + point); }
  Id place(Id place, const Point& point) const {
    return place == kNone ? kNone : static_cast<Id>(value(from_.places[place], point));
  }
  Id operation(Id operation, const Point& point);
  Id group(const Node& node, const Point& point);
  Id message(const Node& node, std::size_t point);
  std::vector<std::size_t> order_of(const Node& node) const;

  const Plan& from_;
  const Reference& reference_;
  Document out_;
  std::vector<Point> points_;
  std::vector<std::size_t> stride_;  // of a variable in points_
  Groups groups_{out_.plan.groups};
  std::map<Operation, Id> operations_;
  std::map<std::pair<Id, std::size_t>, Id> messages_;
};

acp::Status Expander::check_size() const {
  std::int64_t points = 1;
  for (const Variable& variable : from_.variables) {
    if (variable.size > kMaxLines / points)
      return acp::over_limit("CEP-GEN-11", "plan.variables", "over 2^24 points");
    points *= variable.size;
  }
  const Program& program = from_.program;
  if (static_cast<std::int64_t>(program.nodes.size()) > kMaxLines / points)
    return acp::over_limit("CEP-GEN-11", "plan.nodes", "over 2^24 lines when expanded");
  if (static_cast<std::int64_t>(program.tensors.size()) > kMaxParts / points ||
      static_cast<std::int64_t>(program.operands.size()) > kMaxParts / points)
    return acp::over_limit("CEP-GEN-11", "plan.tensors", "over 2^26 tensors or operands when expanded");
  return acp::ok();
}

Box Expander::box(const Box& box, const Point& point) const {
  Box out;
  out.reserve(box.size());
  for (const Interval& interval : box)
    out.push_back({.begin = fixed(interval.begin, point), .size = interval.size});
  return out;
}

Id Expander::operation(Id operation, const Point& point) {
  Operation fixed_one = from_.program.operations[operation];
  for (Operation::Attribute& attribute : fixed_one.attributes)
    if (const auto* affine = std::get_if<Affine>(&attribute.value)) attribute.value = fixed(*affine, point);
  std::vector<Operation>& all = out_.plan.program.operations;
  const auto [known, fresh] = operations_.emplace(fixed_one, static_cast<Id>(all.size()));
  if (fresh) all.push_back(std::move(fixed_one));
  return known->second;
}

Id Expander::group(const Node& node, const Point& point) {
  if (node.group == kNone) return kNone;
  const Group& group = from_.groups[node.group];
  std::vector<Affine> ranks;
  if (group.variable == kNone) {
    for (const Affine& rank : group.ranks) ranks.push_back(fixed(rank, point));
  } else {
    Point member = point;
    for (std::int64_t i = 0; i < from_.variables[group.variable].size; ++i) {
      member[group.variable] = i;
      ranks.push_back(fixed(from_.places[node.place], member));
    }
  }
  return groups_.of(std::move(ranks));
}

// One instance per point; where the members are the points of a variable, they share it.
Id Expander::message(const Node& node, std::size_t point) {
  if (node.message == kNone) return kNone;
  if (node.group != kNone)
    if (const Id variable = from_.groups[node.group].variable; variable != kNone)
      point -= static_cast<std::size_t>(points_[point][variable]) * stride_[variable];
  return messages_.emplace(std::pair(node.message, point), static_cast<Id>(messages_.size())).first->second;
}

// The points, those that differ only in the group's variable in a row.
std::vector<std::size_t> Expander::order_of(const Node& node) const {
  std::vector<std::size_t> order;
  order.reserve(points_.size());
  const Id variable = node.group == kNone ? kNone : from_.groups[node.group].variable;
  for (std::size_t p = 0; p < points_.size(); ++p) {
    if (variable == kNone) {
      order.push_back(p);
    } else if (points_[p][variable] == 0) {
      for (std::int64_t i = 0; i < from_.variables[variable].size; ++i)
        order.push_back(p + static_cast<std::size_t>(i) * stride_[variable]);
    }
  }
  return order;
}

void Expander::tensors() {
  Program& program = out_.plan.program;
  program.shapes = from_.program.shapes;
  program.tensors.reserve(from_.program.tensors.size() * points_.size());
  for (const Tensor& tensor : from_.program.tensors)
    for (const Point& point : points_) {
      program.tensors.push_back(tensor);
      program.tensors.back().place = place(tensor.place, point);
    }
}

void Expander::node(const Node& node, std::size_t p) {
  const Point& point = points_[p];
  Program& program = out_.plan.program;
  Node one = node;
  one.operation = operation(node.operation, point);
  one.place = place(node.place, point);
  one.group = group(node, point);
  one.message = message(node, p);
  one.first_input = static_cast<std::uint32_t>(program.operands.size());
  for (const Id input : from_.program.inputs(node)) program.operands.push_back(tensor(input, p));
  one.first_output = static_cast<std::uint32_t>(program.operands.size());
  for (const Id output : from_.program.outputs(node)) program.operands.push_back(tensor(output, p));
  program.nodes.push_back(one);
}

void Expander::nodes() {
  const std::vector<Node>& lines = from_.program.nodes;
  out_.plan.program.nodes.reserve(lines.size() * points_.size());
  out_.plan.program.operands.reserve(from_.program.operands.size() * points_.size());
  for (std::size_t first = 0; first < lines.size();) {
    std::size_t behind = first + 1;
    while (behind < lines.size() && lines[first].message != kNone &&
           lines[behind].message == lines[first].message)
      ++behind;
    for (const std::size_t point : order_of(lines[first]))
      for (std::size_t line = first; line < behind; ++line) node(lines[line], point);
    first = behind;
  }
}

void Expander::ports() {
  Plan& plan = out_.plan;
  plan.binds.reserve(from_.binds.size() * points_.size());
  plan.yields.reserve(from_.yields.size() * points_.size());
  for (const Bind& bind : from_.binds)
    for (std::size_t p = 0; p < points_.size(); ++p)
      plan.binds.push_back(
          {.tensor = tensor(bind.tensor, p), .reference = bind.reference, .box = box(bind.box, points_[p])});
  for (const Yield& yield : from_.yields)
    for (std::size_t p = 0; p < points_.size(); ++p)
      plan.yields.push_back({.tensor = tensor(yield.tensor, p),
                             .reference = yield.reference,
                             .box = box(yield.box, points_[p]),
                             .part = fixed(yield.part, points_[p]),
                             .parts = yield.parts});
}

acp::Result<Document> Expander::run() {
  ACP_CHECK(check_size());
  points_ = {{}};
  for (const Variable& variable : from_.variables) {
    std::vector<Point> longer;
    longer.reserve(points_.size() * static_cast<std::size_t>(variable.size));
    for (const Point& point : points_)
      for (std::int64_t i = 0; i < variable.size; ++i) {
        longer.push_back(point);
        longer.back().push_back(i);
      }
    points_ = std::move(longer);
  }
  stride_.assign(from_.variables.size(), 1);
  for (std::size_t v = from_.variables.size(); v-- > 1;)
    stride_[v - 1] = stride_[v] * static_cast<std::size_t>(from_.variables[v].size);
  out_.reference = reference_;
  out_.plan.name = from_.name;
  out_.plan.ranks = from_.ranks;
  out_.plan.places.reserve(static_cast<std::size_t>(from_.ranks));
  for (std::int64_t rank = 0; rank < from_.ranks; ++rank)
    out_.plan.places.push_back({.constant = rank, .by_variable = {}});
  tensors();
  nodes();
  ports();
  std::uint32_t next = 0;
  for (Program* program : {&out_.reference.program, &out_.plan.program}) {
    for (Tensor& tensor : program->tensors) tensor.source = next++;
    for (Node& node : program->nodes) node.source = next++;
  }
  return std::move(out_);
}

}  // namespace

acp::Result<Document> expand(const Document& document) { return Expander(document).run(); }

}  // namespace cep::logical
