// The walk over reference and plan.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "batch/share.h"
#include "cep/message_lines.h"
#include "logical/intern.h"
#include "logical/limits.h"

namespace cep::logical {
namespace {

using batch::Fault;
using enum Batched::Kind;

// 2^30: lengths of a batch as many times larger again stay within 64 bits.
constexpr std::int64_t kMaxLength = std::int64_t{1} << 30;

std::string words(const Batched& how) {
  switch (how.kind) {
    case kFixed: return "the same at every batch";
    case kSum: return "a sum over samples";
    case kRows: break;
  }
  return "samples along dimension " + std::to_string(how.dim) +
         (how.run == 1 ? "" : ", each " + std::to_string(how.run) + " long");
}

// Of the samples along a dimension, whole ones.
bool between_samples(const Box& box, const Batched& how) {
  if (how.kind != kRows) return true;
  const Interval& cut = box[how.dim];
  const auto whole = [&](std::int64_t value) { return value % how.run == 0; };
  return whole(cut.size) && whole(cut.begin.constant) && std::ranges::all_of(cut.begin.by_variable, whole);
}

class Follower {
 public:
  explicit Follower(const Document& document)
      : reference_(document.reference.program), plan_(document.plan), messages_(plan_.program) {}

  std::variant<BatchFamily, Finding> run(std::span<const BatchAxis> axes) {
    if (auto finding = start(axes)) return std::move(*finding);
    // A line of the plan is linear in what the node is that it repeats.
    Infinities infinities(reference_);
    for (const Node& node : reference_.nodes) {
      auto finding = compute(reference_, family_.reference, node, infinities.operands(node));
      if (finding) return std::move(*finding);
      if (auto meaning = meaning_of(reference_, node)) infinities.pass(node, *meaning);
    }
    if (auto finding = bind()) return std::move(*finding);
    for (Id id = 0; id < plan_.program.nodes.size(); ++id) {
      const Node& node = plan_.program.nodes[id];
      auto finding =
          node.comm == CommKind::kNoComm ? compute(plan_.program, family_.plan, node, 0) : communicate(id);
      if (finding) return std::move(*finding);
    }
    if (auto finding = deliver()) return std::move(*finding);
    return std::move(family_);
  }

 private:
  using Refusal = std::optional<Finding>;

  Refusal start(std::span<const BatchAxis> axes) {
    family_.reference.resize(reference_.tensors.size());
    family_.plan.resize(plan_.program.tensors.size());
    for (const Program* program : {&reference_, &plan_.program}) {
      for (const Shape& shape : program->shapes) {
        for (const std::int64_t length : shape) {
          if (length > kMaxLength)
            return Finding{.id = "CEP-BATCH-4", .message = "a tensor too large to ask about other batches"};
          factor_ = std::max(factor_, length + 1);
        }
      }
    }
    for (const BatchAxis& axis : axes) {
      const auto refuse = [&](std::uint32_t source, std::string message) {
        return Finding{
            .id = "CEP-BATCH-4", .source = source, .message = std::move(message), .reference = true};
      };
      if (axis.tensor >= reference_.tensors.size()) return refuse(axis.tensor, "there is none");
      const Tensor& tensor = reference_.tensors[axis.tensor];
      const Shape& shape = reference_.shape(axis.tensor);
      if (tensor.role == Role::kValue || axis.dim >= shape.size())
        return refuse(tensor.source, "is computed, or has no dimension " + std::to_string(axis.dim));
      if (axis.run < 1 || shape[axis.dim] % axis.run != 0)
        return refuse(tensor.source,
                      "has no whole number of samples of " + std::to_string(axis.run) + " elements");
      family_.reference[axis.tensor] = {kRows, axis.dim, axis.run};
    }
    return std::nullopt;
  }

  [[nodiscard]] Finding refuse(const Program& program, const Node& node, Fault fault) const {
    const Operation& operation = program.operations[node.operation];
    const bool reference = &program == &reference_;
    return {.id = fault.id,
            .node = reference ? kNone : static_cast<Id>(&node - program.nodes.data()),
            .source = reference ? program.tensors[program.outputs(node)[0]].source : node.source,
            .message =
                operation.name + (operation.backward ? " (backward)" : "") + ": " + std::move(fault.message),
            .reference = reference};
  }

  // Lines that repeat an application that was looked at have its answer.
  struct Known {
    std::vector<Batched> results;
    std::optional<Fault> fault;
  };
  using Key = std::vector<std::int64_t>;

  // infinite: operands, as bits, that may hold minus infinity.
  Refusal compute(const Program& program, std::vector<Batched>& shares, const Node& node,
                  std::uint32_t infinite) {
    const auto in = program.inputs(node), out = program.outputs(node);
    Key key{node.operation, infinite, static_cast<std::int64_t>(in.size())};
    const auto put = [&](Id tensor) {
      key.push_back(program.tensors[tensor].shape);
      key.push_back(static_cast<std::int64_t>(program.tensors[tensor].element));
    };
    for (const Id tensor : in) {
      const Batched& how = shares[tensor];
      put(tensor);
      key.insert(key.end(), {static_cast<std::int64_t>(how.kind), how.dim, how.run});
    }
    std::ranges::for_each(out, put);
    const auto [at, fresh] = known_[&program == &reference_].try_emplace(std::move(key));
    if (fresh) at->second = look(program, shares, node, infinite);
    if (at->second.fault) return refuse(program, node, *at->second.fault);
    for (std::size_t r = 0; r < out.size(); ++r) shares[out[r]] = at->second.results[r];
    return std::nullopt;
  }

  [[nodiscard]] Known look(const Program& program, const std::vector<Batched>& shares, const Node& node,
                           std::uint32_t infinite) const {
    const auto in = program.inputs(node), out = program.outputs(node);
    batch::Application application{program.operations[node.operation], {}, {}, infinite};
    application.inputs.reserve(in.size());
    application.outputs.reserve(out.size());
    std::vector<Batched> operands;
    operands.reserve(in.size());
    for (const Id tensor : in) {
      application.inputs.push_back({&program.shape(tensor), program.tensors[tensor].element});
      operands.push_back(shares[tensor]);
    }
    for (const Id tensor : out)
      application.outputs.push_back({&program.shape(tensor), program.tensors[tensor].element});
    auto answer = batch::share(application, operands, factor_);
    if (auto* fault = std::get_if<Fault>(&answer)) return {{}, std::move(*fault)};
    return {std::move(std::get<std::vector<Batched>>(answer)), std::nullopt};
  }

  Refusal bind() {
    for (const Bind& bind : plan_.binds) {
      const Batched& how = family_.reference[bind.reference];
      if (!between_samples(bind.box, how))
        return Finding{.id = "CEP-BATCH-3",
                       .source = reference_.tensors[bind.reference].source,
                       .message = "a piece that a rank is given begins or ends within a sample",
                       .reference = true};
      family_.plan[bind.tensor] = how;
    }
    return std::nullopt;
  }

  // --- communication: every member holds alike, and keeps whole samples ------------------------------------------------------------------

  Refusal communicate(Id id) {
    const Program& program = plan_.program;
    const Id message = program.nodes[id].message;
    const std::span<const Id> lines =
        message == kNone ? std::span<const Id>(&id, 1) : messages_.lines(message);
    if (lines.back() != id) return std::nullopt;  // with its last member
    std::optional<Batched> given;
    for (const Id line : lines) {
      const Node& node = program.nodes[line];
      if (program.inputs(node).empty()) continue;
      const Batched& how = family_.plan[program.inputs(node)[0]];
      if (given && *given != how)
        return refuse(program, node,
                      {"CEP-BATCH-3", "one member holds " + words(*given) + ", another " + words(how)});
      given = how;
      if (cuts_samples(node, how))
        return refuse(program, node, {"CEP-BATCH-3", "cuts between two elements of one sample"});
    }
    for (const Id line : lines) {
      for (const Id tensor : program.outputs(program.nodes[line]))
        family_.plan[tensor] = given.value_or(Batched{});
    }
    return std::nullopt;
  }
  [[nodiscard]] bool cuts_samples(const Node& node, const Batched& how) const {
    const bool cuts = node.comm == CommKind::kChunk || node.comm == CommKind::kReduceScatter ||
                      node.comm == CommKind::kAllToAll;
    return cuts && how.kind == kRows && how.dim == node.dim &&
           plan_.program.shape(plan_.program.inputs(node)[0])[node.dim] / members(node) % how.run != 0;
  }
  [[nodiscard]] std::int64_t members(const Node& node) const {
    const Group& group = plan_.groups[node.group];
    return group.variable == kNone ? static_cast<std::int64_t>(group.ranks.size())
                                   : plan_.variables[group.variable].size;
  }

  Refusal deliver() {
    for (const Yield& yield : plan_.yields) {
      const Batched &needed = family_.reference[yield.reference], &found = family_.plan[yield.tensor];
      const auto refuse_it = [&](std::string message) {
        return Finding{.id = "CEP-BATCH-3",
                       .source = plan_.program.tensors[yield.tensor].source,
                       .message = std::move(message)};
      };
      if (found != needed) return refuse_it("delivers " + words(found) + " of what is " + words(needed));
      if (!between_samples(yield.box, needed)) return refuse_it("is delivered as a part of a sample");
    }
    return std::nullopt;
  }

  const Program& reference_;
  const Plan& plan_;
  BatchFamily family_;
  std::int64_t factor_ = 2;
  std::map<Key, Known> known_[2];
  const MessageLines messages_;
};

// The document, larger. Every function: whether all numbers stay within the limits of CEP 11.2.
class Stretch {
 public:
  explicit Stretch(std::int64_t times) : times_(times) {}

  // A program names a shape once, in the order in which its tensors have them.
  [[nodiscard]] bool program(Program& program, const std::vector<Batched>& how) const {
    std::vector<Shape> shapes;
    Intern<Shape> known;
    for (Id id = 0; id < program.tensors.size(); ++id) {
      Shape shape = program.shape(id);
      if (how[id].kind == kRows && !grow(shape[how[id].dim])) return false;
      std::int64_t elements = 1;
      for (const std::int64_t length : shape) {
        if (length > limits::kMaxMagnitude / std::max<std::int64_t>(elements, 1)) return false;
        elements *= length;
      }
      program.tensors[id].shape = known(shapes, shape);
    }
    program.shapes = std::move(shapes);
    return true;
  }
  template <typename Agreed>
  [[nodiscard]] bool boxes(std::vector<Agreed>& list, const std::vector<Batched>& reference) const {
    return std::ranges::all_of(list, [&](Agreed& agreed) {
      const Batched& how = reference[agreed.reference];
      if (how.kind != kRows) return true;
      Interval& cut = agreed.box[how.dim];
      return grow(cut.size) && grow(cut.begin.constant) &&
             std::ranges::all_of(cut.begin.by_variable, [&](std::int64_t& by) { return grow(by); });
    });
  }

 private:
  [[nodiscard]] bool grow(std::int64_t& value) const {
    return !__builtin_mul_overflow(value, times_, &value) && limits::magnitude_ok(value);
  }
  std::int64_t times_;
};

}  // namespace

bool BatchFamily::sums() const {
  const auto sum = [](const Batched& how) { return how.kind == kSum; };
  return std::ranges::any_of(reference, sum) || std::ranges::any_of(plan, sum);
}

std::variant<BatchFamily, Finding> follow_batch(const Document& document, std::span<const BatchAxis> axes) {
  return Follower(document).run(axes);
}

acp::Result<Document> with_batch(const Document& document, const BatchFamily& family, std::int64_t times) {
  Document large = document;
  const Stretch stretch(times);
  const bool fit = times >= 1 && stretch.program(large.reference.program, family.reference) &&
                   stretch.program(large.plan.program, family.plan) &&
                   stretch.boxes(large.plan.binds, family.reference) &&
                   stretch.boxes(large.plan.yields, family.reference);
  if (!fit)
    return acp::Error{acp::Family::kUnsupported, "CEP-BATCH-4", "times",
                      std::to_string(times) + " of each sample are none, or too many"};
  return large;
}

}  // namespace cep::logical
