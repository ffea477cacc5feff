// What an operator does to operands of given patterns: found once, by searching the reference for a node that takes them.
#include <algorithm>

#include "fired.h"
#include "prover.h"

namespace cep::logical::calculus {

Transfer Prover::derive_view(const Node& node, const Meaning& meaning) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  Transfer transfer;
  transfer.kind = Transfer::Kind::kApply;
  for (std::size_t r = 0; r < out.size(); ++r) {
    const std::uint8_t operand = meaning.operand.empty() ? std::uint8_t{0} : meaning.operand[r];
    const auto pattern =
        viewed(meaning, facts_.terms[facts_.of[in[operand]].first].pattern, plan_.program.shape(out[r]));
    if (!pattern) {
      transfer.kind = Transfer::Kind::kRefuse;
      transfer.finding =
          refuse("CEP-EQV-9", &node,
                 plan_.program.operations[node.operation].name + ": its operand has no such view");
      return transfer;
    }
    transfer.results.push_back({.pattern = *pattern, .view_of = operand, .begins = {}});
  }
  return transfer;
}

Transfer Prover::derive(const Node& node) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  std::vector<Typed> inputs, outputs;
  inputs.reserve(in.size());
  outputs.reserve(out.size());
  for (const Id id : in) inputs.push_back({&plan_.program.shape(id), plan_.program.tensors[id].element});
  for (const Id id : out) outputs.push_back({&plan_.program.shape(id), plan_.program.tensors[id].element});
  const auto meaning = meaning_of(operation, inputs, outputs);
  Transfer transfer;
  if (!meaning) {
    transfer.finding = refuse(meaning.error().requirement.c_str(), &node, meaning.error().message);
    return transfer;
  }
  if (meaning->kind != Kind::kForm && meaning->kind != Kind::kSum) return derive_view(node, *meaning);
  const std::string name = operator_key(operation, in.empty() ? 0 : plan_.program.shape(in[0]).size());
  transfer = derive_form(node, name);
  // Pieces of one shape can always be added, whether or not the reference adds them here.
  if (transfer.kind == Transfer::Kind::kRefuse && meaning->kind == Kind::kSum) {
    transfer = {};
    transfer.kind = Transfer::Kind::kAddUp;
    transfer.factors = meaning->factors;
  }
  return transfer;
}

Transfer Prover::derive_form(const Node& node, const std::string& name) {
  const auto in = plan_.program.inputs(node);
  Transfer transfer;
  std::vector<Id> atoms;
  atoms.reserve(in.size());
  for (const Id operand : in) {
    const Pattern& pattern = patterns_[facts_.terms[facts_.of[operand].first].pattern];
    atoms.push_back(pattern.atom);
  }
  // Operators that read shapes alone are kept under no operands.
  auto candidates = values_.candidates(name, atoms);
  const auto shape_readers = values_.candidates(name, {});
  candidates.insert(candidates.end(), shape_readers.begin(), shape_readers.end());
  Finding finding = refuse("CEP-EQV-1", &node,
                           plan_.program.operations[node.operation].name +
                               ": no node of the reference applies this to these values");
  for (const ReferenceForm* candidate : candidates) {
    transfer = {};
    if (match(node, *candidate, transfer)) {
      transfer.kind = Transfer::Kind::kApply;
      transfer.repeats = candidate->node;
      return transfer;
    }
    finding = transfer.finding;
  }
  transfer = {};
  transfer.finding = std::move(finding);
  return transfer;
}

namespace {

// One axis of a form: for each factor of its dimension the size, and which operand's axis says where it begins.
struct Cut {
  std::int64_t size;
  std::int64_t extent;
  Transfer::Source source;
};
using Cuts = std::vector<Cut>;

bool is_whole(const Cuts& cuts) {
  return std::ranges::all_of(cuts, [](const Cut& cut) { return cut.size == cut.extent; });
}
std::int64_t length(const Cuts& cuts) {
  std::int64_t product = 1;
  for (const Cut& cut : cuts) product *= cut.size;
  return product;
}
std::int64_t full_length(const Cuts& cuts) {
  std::int64_t product = 1;
  for (const Cut& cut : cuts) product *= cut.extent;
  return product;
}

// Reads the operands through the dimensions of the reference node's operands, and lays the results out as the node's.
class Match {
 public:
  struct Refusal {
    const char* id;
    std::string message;
  };
  using Done = std::optional<Refusal>;

  Match(const ReferenceValues& values, Patterns& patterns, Linears& linears, const ReferenceForm& candidate)
      : values_(values),
        patterns_(patterns),
        linears_(linears),
        candidate_(candidate),
        form_(candidate.form),
        cuts_(candidate.form.axes),
        scale_(candidate.operands.size()) {}

  [[nodiscard]] Done read(std::size_t i, Id pattern_id) {
    const Pattern& pattern = patterns_[pattern_id];
    const View& view = values_.view(candidate_.operands[i]);
    const std::string operand = "operand " + std::to_string(i);
    if (!pattern.whole) return Refusal{"CEP-EQV-2", operand + " is a pending sum"};
    const auto by = ratio(pattern.factor, view.factor);
    if (!by) return Refusal{"CEP-EQV-2", "a coefficient leaves 64 bits"};
    scale_[i] = *by;
    if (pattern.dims.size() != view.dims.size()) return Refusal{"CEP-EQV-1", operand + " has another rank"};
    for (std::size_t d = 0; d < view.dims.size(); ++d) {
      Cuts here;
      std::vector<AxisId> long_axes;
      for (const AxisId axis : view.dims[d]) {
        here.push_back({pattern.sizes[axis],
                        values_.atom(view.atom).extents[axis],
                        {static_cast<std::uint8_t>(i), axis}});
        if (pattern.sizes[axis] > 1) long_axes.push_back(axis);
      }
      if (long_axes != pattern.dims[d]) return Refusal{"CEP-EQV-1", operand + " is laid out differently"};
      const Axis axis = form_.operands[i][d];
      if (axis == kUnit) continue;
      if (auto fault = meet(axis, std::move(here))) return fault;
    }
    return std::nullopt;
  }

  [[nodiscard]] Done check_opaque() const {
    for (Axis axis = 0; axis < form_.axes; ++axis) {
      if ((form_.opaque >> axis & 1) != 0 && cuts_[axis] && !is_whole(*cuts_[axis])) {
        return Refusal{"CEP-EQV-3", "needs a whole dimension, and gets a piece of it"};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] Done check_window(const Operation& operation) {
    if (!form_.window) return std::nullopt;
    const auto& window = cuts_[*form_.window];
    const auto start = bound(operation, "start"), stop = bound(operation, "stop");
    if (!window || window->size() > 1 || !start || !stop) {
      return Refusal{"CEP-EQV-4", "needs start and stop, and a dimension cut at most once"};
    }
    const std::int64_t size = window->empty() ? 1 : (*window)[0].size;
    const Begin from = linears_.begin(*start), to = linears_.begin(*stop);
    if (from.linear != to.linear ||
        !fired<0>(piece_rules().window, std::array{from.constant, to.constant, from.constant, size})) {
      return Refusal{"CEP-EQV-4", "stop - start is not the length of the piece, " + std::to_string(size)};
    }
    if (!window->empty() && size != (*window)[0].extent) {
      transfer_.windows.push_back({(*window)[0].source, from});
    } else if (from != Begin{}) {
      return Refusal{"CEP-EQV-4", "start is not where its operand begins, 0"};
    }
    return std::nullopt;
  }

  [[nodiscard]] Done make(std::size_t r) {
    const Form::Result& made = form_.results[r];
    const View& view = values_.view(candidate_.results[r]);
    const Atom& atom = values_.atom(view.atom);
    Rational factor = view.factor;
    if (auto fault = scale(made, factor)) return fault;
    Transfer::Result result;
    result.begins.resize(atom.extents.size());
    std::vector<std::int64_t> sizes = atom.extents;
    std::vector<std::vector<AxisId>> dims(view.dims.size());
    const auto put = [&](AxisId axis, const Cut& cut) {
      sizes[axis] = cut.size;
      if (cut.size != cut.extent) result.begins[axis] = cut.source;
    };
    for (std::size_t d = 0; d < view.dims.size(); ++d) {
      const Axis axis = made.dims[d];
      if (axis != kUnit && cuts_[axis]) {
        if (cuts_[axis]->size() != view.dims[d].size())
          return Refusal{"CEP-EQV-9", "a result is cut differently"};
        for (std::size_t c = 0; c < view.dims[d].size(); ++c) put(view.dims[d][c], (*cuts_[axis])[c]);
      }
      for (const AxisId a : view.dims[d]) {
        if (sizes[a] > 1) dims[d].push_back(a);
      }
    }
    std::size_t next = atom.coordinates;
    for (const Axis axis : made.reduced) {
      for (const Cut& cut : *cuts_[axis]) {
        if (next >= atom.extents.size()) return Refusal{"CEP-EQV-9", "a result is summed differently"};
        put(static_cast<AxisId>(next++), cut);
      }
    }
    if (next != atom.extents.size()) return Refusal{"CEP-EQV-9", "a result is summed differently"};
    result.pattern = patterns_.intern(factor, view.atom, std::move(sizes), std::move(dims));
    transfer_.results.push_back(std::move(result));
    return std::nullopt;
  }

  [[nodiscard]] Transfer finish() && { return std::move(transfer_); }

 private:
  Done meet(Axis axis, Cuts here) {
    auto& known = cuts_[axis];
    if (!known) {
      known = std::move(here);
      return std::nullopt;
    }
    if (known->size() != here.size())
      return Refusal{"CEP-EQV-3", "a dimension is cut differently in two operands"};
    for (std::size_t c = 0; c < here.size(); ++c) {
      const Cut &a = (*known)[c], &b = here[c];
      if (a.extent != b.extent || a.size != b.size) {
        return Refusal{"CEP-EQV-3", "operands hold different pieces of one dimension"};
      }
      if (a.size != a.extent) transfer_.equal.push_back({a.source, b.source});
    }
    return std::nullopt;
  }

  [[nodiscard]] static std::optional<Affine> bound(const Operation& operation, std::string_view attribute) {
    const auto* value = find_attribute(operation, attribute);
    if (value == nullptr) return std::nullopt;
    if (const auto* number = std::get_if<std::int64_t>(value)) return Affine{*number, {}};
    if (const auto* affine = std::get_if<Affine>(value)) return *affine;
    return std::nullopt;
  }

  // Multiples of operands pass where the result scales by them; a mean of less divides by less.
  [[nodiscard]] Done scale(const Form::Result& made, Rational& factor) const {
    for (std::size_t i = 0; i < scale_.size(); ++i) {
      if (scale_[i] == kOne) continue;
      const auto next = times(factor, scale_[i]);
      if ((made.linear_in >> i & 1) == 0 || !next) {
        return Refusal{"CEP-EQV-2",
                       "operand " + std::to_string(i) + " is " + std::to_string(scale_[i].numerator) + "/" +
                           std::to_string(scale_[i].denominator) + " of what the reference's node takes"};
      }
      factor = *next;
    }
    for (const Axis axis : made.divided_by) {
      const auto next = times(factor, {full_length(*cuts_[axis]), length(*cuts_[axis])});
      if (!next) return Refusal{"CEP-EQV-2", "a coefficient leaves 64 bits"};
      factor = *next;
    }
    return std::nullopt;
  }

  const ReferenceValues& values_;
  Patterns& patterns_;
  Linears& linears_;
  const ReferenceForm& candidate_;
  const Form& form_;
  std::vector<std::optional<Cuts>> cuts_;
  std::vector<Rational> scale_;
  Transfer transfer_;
};

}  // namespace

bool Prover::match(const Node& node, const ReferenceForm& candidate, Transfer& transfer) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  const auto matched = [&]() -> Match::Done {
    if (candidate.results.size() != out.size() || candidate.operands.size() != in.size()) {
      return Match::Refusal{"CEP-EQV-1", "not the operands and results of the reference's node"};
    }
    Match match(values_, patterns_, linears_, candidate);
    for (std::size_t i = 0; candidate.form.reads_operands && i < in.size(); ++i) {
      if (auto fault = match.read(i, facts_.terms[facts_.of[in[i]].first].pattern)) return fault;
    }
    if (auto fault = match.check_opaque()) return fault;
    if (auto fault = match.check_window(operation)) return fault;
    for (std::size_t r = 0; r < out.size(); ++r) {
      if (auto fault = match.make(r)) return fault;
    }
    transfer = std::move(match).finish();
    return std::nullopt;
  }();
  if (matched) transfer.finding = refuse(matched->id, &node, operation.name + ": " + matched->message);
  return !matched;
}

}  // namespace cep::logical::calculus
