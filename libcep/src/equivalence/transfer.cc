// What an operator does to operands of given patterns: found once, by searching the reference for a node that takes them.
#include <algorithm>

#include "fired.h"
#include "prover.h"

namespace cep::logical::calculus {

Transfer Prover::derive_view(const Node& node, const Meaning& meaning, Terms terms) {
  const auto out = plan_.program.outputs(node);
  Transfer transfer;
  transfer.kind = Transfer::Kind::kApply;
  for (std::size_t r = 0; r < out.size(); ++r) {
    const auto pattern = viewed(meaning, terms[0].pattern, plan_.program.shape(out[r]));
    if (!pattern) {
      transfer.kind = Transfer::Kind::kRefuse;
      transfer.finding =
          refuse("CEP-EQV-9", &node,
                 plan_.program.operations[node.operation].name + ": its operand has no such view");
      return transfer;
    }
    transfer.results.push_back({.pattern = *pattern, .view_of = 0, .begins = {}});
  }
  return transfer;
}

Transfer Prover::derive(const Node& node, Terms terms) {
  const auto in = plan_.program.inputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  const auto meaning = meaning_of(plan_.program, node);
  Transfer transfer;
  if (!meaning) {
    transfer.finding = refuse(meaning.error().requirement.c_str(), &node, meaning.error().message);
    return transfer;
  }
  if (meaning->kind != Meaning::Kind::kForm && meaning->kind != Meaning::Kind::kSum)
    return derive_view(node, *meaning, terms);
  const std::string name = operator_key(operation, in.empty() ? 0 : plan_.program.shape(in[0]).size());
  transfer = derive_form(node, name, terms);
  if (Transfer carried; transfer.kind == Transfer::Kind::kRefuse && meaning->kind == Meaning::Kind::kForm &&
                        derive_share(node, name, terms, carried)) {
    return carried;
  }
  // Pieces of one shape can always be added, whether or not the reference adds them here.
  if (transfer.kind == Transfer::Kind::kRefuse && meaning->kind == Meaning::Kind::kSum) {
    transfer = {};
    transfer.kind = Transfer::Kind::kAddUp;
    transfer.factors = meaning->factors;
  }
  return transfer;
}

Transfer Prover::derive_form(const Node& node, const std::string& name, Terms terms) {
  Transfer transfer;
  std::vector<Id> atoms;
  atoms.reserve(terms.size());
  for (const TermRef& term : terms) atoms.push_back(patterns_[term.pattern].atom);
  // Operators that read shapes alone are kept under no operands.
  auto candidates = values_.candidates(name, atoms);
  const auto shape_readers = values_.candidates(name, {});
  candidates.insert(candidates.end(), shape_readers.begin(), shape_readers.end());
  const bool shares = std::ranges::any_of(atoms, [this](Id id) { return !values_.atom(id).parts.empty(); });
  Finding finding =
      shares
          ? refuse("CEP-EQV-2", &node,
                   plan_.program.operations[node.operation].name + " needs a value, and gets a share of one")
          : refuse("CEP-EQV-1", &node,
                   plan_.program.operations[node.operation].name +
                       ": no node of the reference applies this to these values");
  for (const ReferenceForm* candidate : candidates) {
    transfer = {};
    std::vector<View> operands;
    operands.reserve(candidate->operands.size());
    for (const Id operand : candidate->operands) operands.push_back(values_.view(operand));
    if (match(node, *candidate, std::move(operands), terms, transfer)) return transfer;
    finding = transfer.finding;
  }
  transfer = {};
  transfer.finding = std::move(finding);
  return transfer;
}

namespace {

constexpr std::size_t kMostChoices = 4096;

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

  // operands: the candidate's, as views of what stands in their places.
  Match(ReferenceValues& values, Patterns& patterns, Linears& linears, const ReferenceForm& candidate,
        std::vector<View> operands)
      : values_(values),
        patterns_(patterns),
        linears_(linears),
        candidate_(candidate),
        form_(candidate.form),
        operands_(std::move(operands)),
        cuts_(candidate.form.axes),
        scale_(candidate.operands.size()) {}

  [[nodiscard]] Done read(std::size_t i, Id pattern_id) {
    const Pattern& pattern = patterns_[pattern_id];
    const View& view = operands_[i];
    const std::string operand = "operand " + std::to_string(i);
    if (!pattern.whole || pattern.atom != values_.view(candidate_.operands[i]).atom) {
      const bool carried = std::ranges::any_of(
          form_.results, [i](const Form::Result& made) { return (made.linear_in >> i & 1) != 0; });
      const bool masked = (form_.infinite & ~(1u << i)) != 0;
      if (!carried)
        return Refusal{"CEP-EQV-2", operand + " is a pending sum" +
                                        (masked ? ", and another operand may hold minus infinity" : "")};
      parts_.push_back({static_cast<std::uint8_t>(i), pattern.atom, view.dims});
      part_sizes_.push_back(pattern.sizes);
    }
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
    const auto start = affine_attribute(operation, "start"), stop = affine_attribute(operation, "stop");
    if (!window || window->size() > 1 || !start || !stop) {
      return Refusal{"CEP-EQV-4", "needs start and stop, and a dimension cut at most once"};
    }
    const std::int64_t size = window->empty() ? 1 : (*window)[0].size;
    Begin from = linears_.begin(*start);
    const Begin to = linears_.begin(*stop);
    if (from.linear != to.linear ||
        !fired<0>(piece_rules().window, std::array{from.constant, to.constant, from.constant, size})) {
      return Refusal{"CEP-EQV-4", "stop - start is not the length of the piece, " + std::to_string(size)};
    }
    from.constant -= candidate_.start;
    if (!window->empty() && size != (*window)[0].extent) {
      transfer_.windows.push_back({(*window)[0].source, from});
    } else if (from != Begin{}) {
      return Refusal{"CEP-EQV-4",
                     "start is not where its operand begins, " + std::to_string(candidate_.start)};
    }
    return std::nullopt;
  }

  [[nodiscard]] Done make(std::size_t r) {
    const Form::Result& made = form_.results[r];
    const View& view = values_.view(candidate_.results[r]);
    const auto value = share(made, r, view.atom);
    if (!value) {
      return Refusal{"CEP-EQV-2", "an operand is a pending sum, or a term of one, that result " +
                                      std::to_string(r) + " cannot carry on"};
    }
    const Atom& atom = values_.atom(*value);
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
        if (next >= atom.own) return Refusal{"CEP-EQV-9", "a result is summed differently"};
        put(static_cast<AxisId>(next++), cut);
      }
    }
    if (next != atom.own) return Refusal{"CEP-EQV-9", "a result is summed differently"};
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if ((made.unread >> parts_[p].operand & 1) != 0) continue;
      const Atom& part = values_.atom(parts_[p].atom);
      for (std::size_t a = part.coordinates; a < part.extents.size(); ++a) {
        put(static_cast<AxisId>(next++),
            {part_sizes_[p][a], part.extents[a], {parts_[p].operand, static_cast<AxisId>(a)}});
      }
    }
    result.pattern = patterns_.intern(factor, *value, std::move(sizes), std::move(dims));
    transfer_.results.push_back(std::move(result));
    return std::nullopt;
  }

  [[nodiscard]] Transfer finish() && { return std::move(transfer_); }

 private:
  // The value of result r with the parts in their places.
  [[nodiscard]] std::optional<Id> share(const Form::Result& made, std::size_t r, Id value) {
    std::vector<SharePart> parts;
    for (const SharePart& part : parts_) {
      if ((made.unread >> part.operand & 1) != 0) continue;
      if ((made.linear_in >> part.operand & 1) == 0) return std::nullopt;
      parts.push_back(part);
    }
    if (parts.empty()) return value;
    return values_.share(values_.atom(value).form, static_cast<std::uint8_t>(r), std::move(parts));
  }

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

  // Multiples of operands pass where the result scales by them; a mean of less divides by less.
  [[nodiscard]] Done scale(const Form::Result& made, Rational& factor) const {
    for (std::size_t i = 0; i < scale_.size(); ++i) {
      if (scale_[i] == kOne || (made.unread >> i & 1) != 0) continue;
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

  ReferenceValues& values_;
  Patterns& patterns_;
  Linears& linears_;
  const ReferenceForm& candidate_;
  const Form& form_;
  std::vector<View> operands_;
  std::vector<SharePart> parts_;                       // operands that hold a pending sum, or a term of a sum
  std::vector<std::vector<std::int64_t>> part_sizes_;  // of each
  std::vector<std::optional<Cuts>> cuts_;
  std::vector<Rational> scale_;
  Transfer transfer_;
};

}  // namespace

// A node of the reference that is linear in the operands of which only a share, or a term, is there.
bool Prover::derive_share(const Node& node, const std::string& name, Terms terms, Transfer& transfer) {
  std::vector<std::vector<Whole>> wholes;
  std::size_t choices = terms.empty() ? 0 : 1;
  for (const TermRef& term : terms) {
    wholes.push_back(values_.wholes(patterns_[term.pattern].atom));
    choices = std::min(choices * wholes.back().size(), kMostChoices + 1);
  }
  if (choices > kMostChoices) return false;
  for (std::size_t choice = 1; choice < choices; ++choice) {
    std::vector<Id> atoms;
    std::vector<const Whole*> chosen;
    std::size_t left = choice;
    for (const auto& list : wholes) {
      chosen.push_back(&list[left % list.size()]);
      atoms.push_back(chosen.back()->atom);
      left /= list.size();
    }
    for (const ReferenceForm* candidate : values_.candidates(name, atoms)) {
      std::vector<View> operands;
      for (std::size_t i = 0; i < terms.size(); ++i) {
        View view = values_.view(candidate->operands[i]);
        for (auto& dim : view.dims) {
          for (AxisId& axis : dim) axis = chosen[i]->axes[axis];
        }
        view.atom = patterns_[terms[i].pattern].atom;
        operands.push_back(std::move(view));
      }
      transfer = {};
      if (match(node, *candidate, std::move(operands), terms, transfer)) return true;
    }
  }
  return false;
}

bool Prover::match(const Node& node, const ReferenceForm& candidate, std::vector<View> operands, Terms terms,
                   Transfer& transfer) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  const auto matched = [&]() -> Match::Done {
    if (candidate.results.size() != out.size() || candidate.operands.size() != in.size()) {
      return Match::Refusal{"CEP-EQV-1", "not the operands and results of the reference's node"};
    }
    Match match(values_, patterns_, linears_, candidate, std::move(operands));
    for (std::size_t i = 0; candidate.form.reads_operands && i < in.size(); ++i) {
      if (auto fault = match.read(i, terms[i].pattern)) return fault;
    }
    if (auto fault = match.check_opaque()) return fault;
    if (auto fault = match.check_window(operation)) return fault;
    for (std::size_t r = 0; r < out.size(); ++r) {
      if (auto fault = match.make(r)) return fault;
    }
    transfer = std::move(match).finish();
    transfer.kind = Transfer::Kind::kApply;
    transfer.repeats = candidate.node;
    transfer.form = &candidate.form;
    return std::nullopt;
  }();
  if (matched) transfer.finding = refuse(matched->id, &node, operation.name + ": " + matched->message);
  return !matched;
}

}  // namespace cep::logical::calculus
