#include "soundness/logical/random_partition.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "soundness/logical/split_options.h"

namespace cep::logical::oracle {
namespace {

constexpr std::size_t kAxes = 3;
constexpr Split kCopies{Spread::kCopies, 0};
using Layout = std::array<Split, kAxes>;

// A reference tensor as the ranks of one stage hold it: a tensor of the plan for every point of the mesh. Points that differ only in their
// micro-batch may have the same one.
struct Version {
  Layout layout;
  std::int64_t stage = 0;
  std::vector<Id> pieces;
};

struct Axis {
  std::int64_t size = 1;
  bool in_turn = false;  // the points are micro-batches of one rank
};

class Partitioner {
 public:
  Partitioner(RandomReference reference, const Mesh& mesh, Sums sums, Random& random)
      : random_(random),
        reference_(std::move(reference)),
        program_(reference_.writer.so_far().reference.program),
        sums_(sums),
        stages_(mesh.stages),
        tensor_(mesh.tensor) {
    // In which order pieces nest is drawn, too.
    std::array<std::size_t, kAxes> order{0, 1, 2};
    std::shuffle(order.begin(), order.end(), random_);
    replica_axis_ = order[0];
    tensor_axis_ = order[1];
    turn_axis_ = order[2];
    axes_[replica_axis_].size = mesh.replicas;
    axes_[tensor_axis_].size = mesh.tensor;
    axes_[turn_axis_] = {mesh.micro_batches, true};
    for (const Axis& axis : axes_) points_ *= static_cast<std::size_t>(axis.size);
    versions_.resize(program_.tensors.size());
    for (std::int64_t stage = 1; stage < stages_; ++stage)
      first_of_stage_.push_back(random_() % (reference_.forward_nodes + 1));
    std::sort(first_of_stage_.begin(), first_of_stage_.end());
  }

  std::optional<Document> write() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      if (!compute(i)) return std::nullopt;
    }
    for (const Id output : reference_.writer.so_far().reference.outputs) deliver(output);
    return reference_.writer.finish();
  }

 private:
  // Points and pieces.
  [[nodiscard]] std::size_t step(std::size_t axis) const {
    std::size_t product = 1;
    for (std::size_t a = axis + 1; a < kAxes; ++a) product *= static_cast<std::size_t>(axes_[a].size);
    return product;
  }
  [[nodiscard]] std::int64_t coordinate(std::size_t point, std::size_t axis) const {
    return static_cast<std::int64_t>(point / step(axis)) % axes_[axis].size;
  }
  [[nodiscard]] std::int64_t rank(std::size_t point, std::int64_t stage) const {
    return (coordinate(point, replica_axis_) * stages_ + stage) * tensor_ + coordinate(point, tensor_axis_);
  }
  [[nodiscard]] std::int32_t turn(std::size_t point) const {
    return static_cast<std::int32_t>(coordinate(point, turn_axis_));
  }
  [[nodiscard]] bool fits(const Shape& shape, const Layout& layout) const {
    Shape left = shape;
    for (std::size_t a = 0; a < kAxes; ++a) {
      if (layout[a].spread != Spread::kPieces) continue;
      if (layout[a].dim >= left.size() || left[layout[a].dim] % axes_[a].size != 0) return false;
      left[layout[a].dim] /= axes_[a].size;
    }
    return true;
  }
  [[nodiscard]] Box box(const Shape& shape, const Layout& layout, std::size_t point) const {
    std::vector<std::int64_t> begin(shape.size(), 0);
    Shape size = shape;
    for (std::size_t a = 0; a < kAxes; ++a) {
      if (layout[a].spread != Spread::kPieces) continue;
      size[layout[a].dim] /= axes_[a].size;
      begin[layout[a].dim] += coordinate(point, a) * size[layout[a].dim];
    }
    return make_box(begin, size);
  }
  [[nodiscard]] Shape piece_shape(Id tensor, const Layout& layout) const {
    Shape shape;
    for (const Interval& interval : box(program_.shape(tensor), layout, 0)) shape.push_back(interval.size);
    return shape;
  }
  [[nodiscard]] std::int64_t stage_of(std::size_t node) const {
    const std::size_t position = reference_.position[node];
    return std::upper_bound(first_of_stage_.begin(), first_of_stage_.end(), position) -
           first_of_stage_.begin();
  }

  // Changing a layout. An axis can only change in a dimension no axis after it cuts: its pieces would not be contiguous.
  [[nodiscard]] bool may_change(Id tensor, const Layout& from, std::size_t axis, Split to) const {
    if (from[axis] == to) return true;
    if (axes_[axis].in_turn) return from[axis].spread == Spread::kAddends && to.spread == Spread::kCopies;
    if (to.spread == Spread::kAddends) return false;
    for (std::size_t a = axis + 1; a < kAxes; ++a) {
      if (from[a].spread != Spread::kPieces || axes_[a].size == 1) continue;
      if (from[axis].spread == Spread::kPieces && from[a].dim == from[axis].dim) return false;
      if (to.spread == Spread::kPieces && from[a].dim == to.dim) return false;
    }
    Layout after = from;
    after[axis] = to;
    return fits(program_.shape(tensor), after);
  }
  // An order of the axes in which one layout becomes the other.
  [[nodiscard]] std::optional<std::array<std::size_t, kAxes>> way(Id tensor, const Layout& from,
                                                                  const Layout& to) const {
    std::array<std::size_t, kAxes> order{0, 1, 2};
    do {
      Layout now = from;
      bool good = true;
      for (const std::size_t axis : order) {
        good = good && may_change(tensor, now, axis, to[axis]);
        now[axis] = to[axis];
      }
      if (good) return order;
    } while (std::next_permutation(order.begin(), order.end()));
    return std::nullopt;
  }

  Version change(Id tensor, const Version& from, std::size_t axis, Split to) {
    Version made{from.layout, from.stage, std::vector<Id>(points_, kNone)};
    made.layout[axis] = to;
    std::map<std::vector<Id>, std::vector<Id>> done;
    for (std::size_t point = 0; point < points_; ++point) {
      if (coordinate(point, axis) != 0) continue;
      std::vector<Id> inputs;
      for (std::int64_t i = 0; i < axes_[axis].size; ++i)
        inputs.push_back(from.pieces[point + static_cast<std::size_t>(i) * step(axis)]);
      auto [outputs, fresh] = done.try_emplace(inputs);
      if (fresh)
        outputs->second = axes_[axis].in_turn ? accumulate(tensor, made, point, inputs)
                                              : exchange(tensor, from, made, point, axis, inputs);
      for (std::int64_t i = 0; i < axes_[axis].size; ++i)
        made.pieces[point + static_cast<std::size_t>(i) * step(axis)] =
            outputs->second[static_cast<std::size_t>(i)];
    }
    return made;
  }
  std::vector<Id> accumulate(Id tensor, const Version& made, std::size_t point,
                             const std::vector<Id>& inputs) {
    const Shape shape = piece_shape(tensor, made.layout);
    Id total = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i)
      total = reference_.writer.line(rank(point, made.stage), make_operation("sum"), {total, inputs[i]},
                                     {shape}, program_.tensors[tensor].element)[0];
    return std::vector<Id>(inputs.size(), total);
  }
  std::vector<Id> exchange(Id tensor, const Version& from, const Version& made, std::size_t point,
                           std::size_t axis, const std::vector<Id>& inputs) {
    const Split before = from.layout[axis];
    const Split after = made.layout[axis];
    const bool cuts = after.spread == Spread::kPieces;
    Collective what;
    what.dim = static_cast<std::uint8_t>(cuts ? after.dim : before.dim);
    what.other_dim = static_cast<std::uint8_t>(before.dim);
    for (std::int64_t i = 0; i < axes_[axis].size; ++i)
      what.ranks.push_back(rank(point + static_cast<std::size_t>(i) * step(axis), made.stage));
    const Shape shape = piece_shape(tensor, made.layout);
    if (before.spread == Spread::kCopies) {
      std::vector<Id> outputs;
      for (std::size_t i = 0; i < inputs.size(); ++i)
        outputs.push_back(reference_.writer.chunk(what.ranks[i], what, inputs[i], shape, turn(point)));
      return outputs;
    }
    if (before.spread == Spread::kAddends) {
      what.kind = cuts ? CommKind::kReduceScatter : CommKind::kAllReduce;
    } else {
      what.kind = cuts ? CommKind::kAllToAll : CommKind::kAllGather;
    }
    if (what.kind != CommKind::kAllToAll) what.other_dim = 0;
    return reference_.writer.exchange(what, inputs, shape, turn(point));
  }

  Version move(const Version& from, std::int64_t stage) {
    Version made{from.layout, stage, {}};
    std::map<Id, Id> done;
    for (std::size_t point = 0; point < points_; ++point) {
      auto [to, fresh] = done.try_emplace(from.pieces[point]);
      if (fresh)
        to->second = reference_.writer.move(rank(point, from.stage), rank(point, stage), from.pieces[point],
                                            turn(point));
      made.pieces.push_back(to->second);
    }
    return made;
  }

  [[nodiscard]] bool is_root(Id tensor) const { return program_.tensors[tensor].role != Role::kValue; }
  Version bind(Id tensor, const Layout& layout, std::int64_t stage) {
    Version made{layout, stage, {}};
    for (std::size_t point = 0; point < points_; ++point) {
      const Box piece = box(program_.shape(tensor), layout, point);
      auto [id, fresh] = bound_.try_emplace({tensor, rank(point, stage), piece});
      if (fresh) id->second = reference_.writer.bound(rank(point, stage), tensor, piece);
      made.pieces.push_back(id->second);
    }
    return made;
  }

  // The version the next exchange would start from: of this stage if there is one, else the last.
  [[nodiscard]] const Version& nearest(Id tensor, std::int64_t stage) const {
    const std::vector<Version>& all = versions_[tensor];
    for (auto version = all.rbegin(); version != all.rend(); ++version) {
      if (version->stage == stage) return *version;
    }
    return all.back();
  }
  [[nodiscard]] bool reachable(Id tensor, const Layout& to, std::int64_t stage) const {
    if (!fits(program_.shape(tensor), to)) return false;
    if (!is_root(tensor)) return way(tensor, nearest(tensor, stage).layout, to).has_value();
    for (std::size_t a = 0; a < kAxes; ++a) {
      // Every micro-batch has other inputs, and all have the same parameters.
      const bool by_turns = axes_[a].in_turn && axes_[a].size > 1;
      const bool input = program_.tensors[tensor].role == Role::kInput;
      if (to[a].spread == Spread::kAddends) return false;
      if (by_turns && input && to[a] != Split{Spread::kPieces, 0}) return false;
      if (by_turns && !input && program_.tensors[tensor].role == Role::kParameter &&
          to[a].spread != Spread::kCopies)
        return false;
    }
    return true;
  }
  Version obtain(Id tensor, const Layout& to, std::int64_t stage) {
    for (const Version& version : versions_[tensor]) {
      if (version.stage == stage && version.layout == to && random_() % 8 != 0) return version;
    }
    if (is_root(tensor)) {
      versions_[tensor].push_back(bind(tensor, to, stage));
      return versions_[tensor].back();
    }
    Version now = nearest(tensor, stage);
    const bool move_first = random_() % 2 == 0;
    if (move_first && now.stage != stage) now = move(now, stage);
    const auto order = way(tensor, now.layout, to);
    for (const std::size_t axis : *order) {
      if (now.layout[axis] == to[axis]) continue;
      now = change(tensor, now, axis, to[axis]);
      versions_[tensor].push_back(now);
    }
    if (now.stage != stage) now = move(now, stage);
    versions_[tensor].push_back(now);
    return now;
  }

  // An option for each axis, drawn so that few exchanges are needed.
  std::optional<std::array<Option, kAxes>> choose(const Node& node, const std::vector<Id>& inputs,
                                                  std::int64_t stage) {
    std::vector<Shape> in, out;
    for (const Id id : inputs) in.push_back(program_.shape(id));
    for (const Id id : program_.outputs(node)) out.push_back(program_.shape(id));
    const Operation& operation = program_.operations[node.operation];
    std::vector<Option> options = options_of(operation, in, out);
    if (sums_ == Sums::kReducedFirst && !lays_out(operation.name))
      std::erase_if(options, [](const Option& option) {
        return std::ranges::any_of(option.operands,
                                   [](Split split) { return split.spread == Spread::kAddends; });
      });
    for (int attempt = 0; attempt < 60; ++attempt) {
      std::array<Option, kAxes> chosen;
      for (std::size_t a = 0; a < kAxes; ++a)
        chosen[a] = axes_[a].size == 1 ? options[0] : draw(options, inputs, a, stage, attempt > 30);
      if (works(chosen, inputs, program_.outputs(node), stage)) return chosen;
    }
    return std::nullopt;
  }
  static bool lays_out(std::string_view name) {
    constexpr std::array<std::string_view, 6> kNames{"copy",     "sum",     "add",
                                                     "identity", "reshape", "transpose"};
    return std::ranges::find(kNames, name) != kNames.end();
  }
  const Option& draw(const std::vector<Option>& options, const std::vector<Id>& inputs, std::size_t axis,
                     std::int64_t stage, bool freely) {
    std::vector<double> weights;
    for (std::size_t o = 0; o < options.size(); ++o) {
      double weight = o == 0 ? 0.2 : 1;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Split wanted = options[o].operands[i];
        if (is_root(inputs[i])) {
          if (wanted.spread == Spread::kAddends) weight = 0;
        } else if (nearest(inputs[i], stage).layout[axis] != wanted) {
          const Spread has = nearest(inputs[i], stage).layout[axis].spread;
          const bool never =
              wanted.spread == Spread::kAddends ||
              (axes_[axis].in_turn && (has != Spread::kAddends || wanted.spread != Spread::kCopies));
          weight *= never ? 0 : freely ? 0.5 : 0.1;
        }
      }
      weights.push_back(weight);
    }
    if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; })) return options[0];
    return options[std::discrete_distribution<std::size_t>(weights.begin(), weights.end())(random_)];
  }
  static Layout layout_of(const std::array<Option, kAxes>& chosen, std::size_t operand) {
    return {chosen[0].operands[operand], chosen[1].operands[operand], chosen[2].operands[operand]};
  }
  static Layout result_layout(const std::array<Option, kAxes>& chosen, std::size_t result) {
    return {chosen[0].results[result], chosen[1].results[result], chosen[2].results[result]};
  }
  [[nodiscard]] bool works(const std::array<Option, kAxes>& chosen, const std::vector<Id>& inputs,
                           std::span<const Id> outputs, std::int64_t stage) const {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!reachable(inputs[i], layout_of(chosen, i), stage)) return false;
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!fits(program_.shape(outputs[i]), result_layout(chosen, i))) return false;
    }
    return true;
  }

  bool compute(std::size_t index) {
    const Node node = program_.nodes[index];
    const std::int64_t stage = stage_of(index);
    const auto span = program_.inputs(node);
    const std::vector<Id> inputs(span.begin(), span.end());
    const auto chosen = choose(node, inputs, stage);
    if (!chosen) return false;
    std::vector<Version> operands;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      operands.push_back(obtain(inputs[i], layout_of(*chosen, i), stage));
    std::vector<Version> results;
    for (std::size_t i = 0; i < node.outputs; ++i)
      results.push_back({result_layout(*chosen, i), stage, std::vector<Id>(points_, kNone)});
    std::map<std::vector<Id>, std::vector<Id>> done;
    for (std::size_t point = 0; point < points_; ++point) {
      std::vector<Id> pieces;
      for (const Version& operand : operands) pieces.push_back(operand.pieces[point]);
      auto [made, fresh] = done.try_emplace(pieces);
      if (fresh) made->second = write_line(node, inputs, operands, results, pieces, point);
      for (std::size_t i = 0; i < results.size(); ++i) results[i].pieces[point] = made->second[i];
    }
    for (std::size_t i = 0; i < results.size(); ++i)
      versions_[program_.outputs(node)[i]].push_back(results[i]);
    return true;
  }
  std::vector<Id> write_line(const Node& node, const std::vector<Id>& inputs,
                             const std::vector<Version>& operands, const std::vector<Version>& results,
                             const std::vector<Id>& pieces, std::size_t point) {
    Operation operation = program_.operations[node.operation];
    if (node.operation % 2 == 1)
      count_from_the_last(operation, static_cast<std::int64_t>(program_.shape(inputs[0]).size()));
    // The rows of a table, or the experts, that this piece has.
    const bool table = operation.name == "embedding";
    if (table || operation.name == "experts") {
      const std::size_t which = operation.backward ? (table ? 2 : 4) : (table ? 1 : 3);
      const Interval range = box(program_.shape(inputs[which]), operands[which].layout, point)[0];
      std::int64_t first = 0;
      for (const Operation::Attribute& attribute : operation.attributes) {
        if (attribute.name == "start") first = std::get<std::int64_t>(attribute.value) + range.begin.constant;
      }
      for (Operation::Attribute& attribute : operation.attributes) {
        if (attribute.name == "start") attribute.value = first;
        if (attribute.name == "stop") attribute.value = first + range.size;
      }
    }
    std::vector<Shape> shapes;
    const std::vector<Id> outputs(program_.outputs(node).begin(), program_.outputs(node).end());
    for (std::size_t i = 0; i < outputs.size(); ++i)
      shapes.push_back(piece_shape(outputs[i], results[i].layout));
    const std::vector<Id> made = reference_.writer.line(rank(point, operands[0].stage), operation, pieces,
                                                        shapes, Element::kF32, turn(point));
    for (std::size_t i = 0; i < outputs.size(); ++i)
      reference_.writer.set_piece_element(made[i], program_.tensors[outputs[i]].element);
    return made;
  }

  // Dimensions as they may be written too.
  static void count_from_the_last(Operation& operation, std::int64_t rank) {
    for (Operation::Attribute& attribute : operation.attributes) {
      if (!attribute.name.starts_with("dim")) continue;
      if (auto* dim = std::get_if<std::int64_t>(&attribute.value)) *dim -= rank;
      if (auto* dims = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
        for (std::int64_t& dim : *dims) dim -= rank;
      }
    }
  }

  // Reduced, scattered, or left as addends.
  void deliver(Id output) {
    Version version = versions_[output].back();
    for (std::size_t a = 0; a < kAxes; ++a) {
      if (version.layout[a].spread != Spread::kAddends || random_() % 4 == 0) continue;
      Split to = kCopies;
      const Shape& shape = program_.shape(output);
      if (random_() % 3 == 0 && !axes_[a].in_turn) to = {Spread::kPieces, random_() % shape.size()};
      if (may_change(output, version.layout, a, to)) version = change(output, version, a, to);
    }
    std::int64_t parts = 1;
    for (std::size_t a = 0; a < kAxes; ++a) {
      if (version.layout[a].spread == Spread::kAddends) parts *= axes_[a].size;
    }
    const bool all_copies = random_() % 2 == 0;
    for (std::size_t point = 0; point < points_; ++point) {
      std::int64_t part = 0;
      bool copy = false;
      for (std::size_t a = 0; a < kAxes; ++a) {
        if (version.layout[a].spread == Spread::kAddends) part = part * axes_[a].size + coordinate(point, a);
        const bool again = axes_[a].in_turn || !all_copies;
        copy = copy || (version.layout[a].spread == Spread::kCopies && again && coordinate(point, a) != 0);
      }
      if (!copy)
        reference_.writer.yield(version.pieces[point], output,
                                box(program_.shape(output), version.layout, point), part, parts);
    }
  }

  Random& random_;
  RandomReference reference_;
  const Program program_;  // the reference's
  Sums sums_;
  std::int64_t stages_, tensor_;
  std::size_t replica_axis_ = 0, tensor_axis_ = 0, turn_axis_ = 0;
  std::array<Axis, kAxes> axes_;
  std::size_t points_ = 1;
  std::vector<std::vector<Version>> versions_;
  std::vector<std::size_t> first_of_stage_;
  std::map<std::tuple<Id, std::int64_t, Box>, Id> bound_;
};

}  // namespace

Mesh random_mesh(Random& random) {
  constexpr std::array<Mesh, 11> kMeshes{{{1, 2, 1, 1},
                                          {1, 2, 1, 1},
                                          {1, 4, 1, 1},
                                          {2, 1, 1, 1},
                                          {1, 1, 1, 2},
                                          {1, 1, 2, 1},
                                          {2, 2, 1, 1},
                                          {2, 1, 1, 2},
                                          {1, 2, 2, 1},
                                          {1, 2, 1, 2},
                                          {2, 2, 2, 1}}};
  return kMeshes[random() % kMeshes.size()];
}

std::optional<Document> partition(RandomReference reference, const Mesh& mesh, Sums sums, Random& random) {
  return Partitioner(std::move(reference), mesh, sums, random).write();
}

Document random_document(Random& random, Sums sums) {
  for (;;) {
    RandomReference reference = random_reference(random);
    const Mesh mesh = random_mesh(random);
    if (auto made = partition(std::move(reference), mesh, sums, random)) return *std::move(made);
  }
}

}  // namespace cep::logical::oracle
