// Operands that are sums of several pieces, where the operator is linear in them; and what is added to such a sum stretched.
#include <algorithm>

#include "prover.h"

namespace cep::logical::calculus {
namespace {

constexpr std::size_t kMostCombinations = 4096;

// The next choice of one piece of each operand; false after the last.
bool next(std::vector<std::uint32_t>& which, const std::vector<Fact>& facts) {
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (++which[i] < facts[i].count) return true;
    which[i] = 0;
  }
  return false;
}

}  // namespace

// f(p1 + p2 + ..) = f(p1) + f(p2) + .., for each result that is linear in every operand of several pieces that it reads.
Prover::Done Prover::step_form(const Node& node) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  if (Done done; add_stretched(node, done)) return done;
  std::vector<Fact> facts;
  std::string operands;
  std::size_t combinations = 1;
  for (const Id id : in) {
    facts.push_back(facts_.of[id]);
    if (facts.back().count == 1) continue;
    operands += " {" + std::to_string(plan_.program.tensors[id].source) + ": " + held(id) + "}";
    combinations = std::min(combinations * facts.back().count, kMostCombinations + 1);
  }
  Finding refusal =
      refuse("CEP-EQV-2", &node,
             plan_.program.operations[node.operation].name +
                 " needs a value, and gets a sum that is no value of the reference:" + operands);
  if (combinations > kMostCombinations) return refusal;
  std::vector<Pieces> made(out.size());
  std::vector<std::uint32_t> which(in.size());
  Id repeats = kNone;
  do {
    std::vector<TermRef> terms;
    for (std::size_t i = 0; i < facts.size(); ++i) terms.push_back(facts_.terms[facts[i].first + which[i]]);
    const Transfer& transfer = transfer_of(node, terms);
    if (transfer.kind != Transfer::Kind::kApply || transfer.form == nullptr) return refusal;
    if (repeats != kNone && repeats != transfer.repeats) return refusal;
    repeats = transfer.repeats;
    if (!transfer.form->reads_operands) return apply(node, transfer, terms);
    if (auto fault = meet(node, transfer, terms)) return fault;
    for (std::size_t r = 0; r < out.size(); ++r) {
      bool counted = true;
      for (std::size_t i = 0; i < facts.size(); ++i) {
        const bool unread = (transfer.form->results[r].unread >> i & 1) != 0;
        if (unread && which[i] != 0) counted = false;
        if (!unread && facts[i].count != 1 && (transfer.form->results[r].linear_in >> i & 1) == 0)
          return refusal;
      }
      if (counted) made[r].push_back({transfer.results[r].pattern, begins_of(transfer.results[r], terms)});
    }
  } while (next(which, facts));
  repeat(node, repeats);
  for (std::size_t r = 0; r < out.size(); ++r) {
    Id named = kNone;
    if (!add_up(patterns_, made[r], joins_, named))
      return refuse("CEP-EQV-2", &node, "a coefficient leaves 64 bits");
    if (auto fault = store(node, out[r], made[r])) return fault;
  }
  return std::nullopt;
}

// The piece in the axes of the value of which `view` is a view, where the piece is laid out like it.
std::optional<Piece> Prover::laid_like(Id atom, const View& view, const Piece& piece) const {
  const Pattern& pattern = patterns_[piece.pattern];
  for (const Whole& whole : values_.wholes(pattern.atom)) {
    if (whole.atom != atom || pattern.dims.size() != view.dims.size()) continue;
    for (std::size_t d = 0; d < view.dims.size(); ++d) {
      std::vector<AxisId> longer;
      for (const AxisId axis : view.dims[d]) {
        if (pattern.sizes[whole.axes[axis]] > 1) longer.push_back(whole.axes[axis]);
      }
      if (longer != pattern.dims[d]) return std::nullopt;
    }
    Piece laid{piece.pattern, {}};
    for (const AxisId axis : whole.axes) laid.begins.push_back(piece.begins[axis]);
    return laid;
  }
  return std::nullopt;
}

// What pieces of an operand that is stretched contribute to a sum whose other operand's first piece is `other`: nothing, when they are no
// pieces of this form's operand, or of other pieces of an axis.
std::optional<Pieces> Prover::stretched(Id form, std::size_t operand, const Pieces& pieces,
                                        const Piece& other) {
  const ReferenceForm& made = values_.forms()[form];
  const View &result = values_.view(made.results[0]), &full = values_.view(made.operands[1 - operand]),
             &small = values_.view(made.operands[operand]);
  const auto beside = laid_like(full.atom, full, other);
  if (!beside) return std::nullopt;
  const auto axes_of = [&](Id atom, const Piece& piece) {
    for (Whole& whole : values_.wholes(patterns_[piece.pattern].atom)) {
      if (whole.atom == atom) return whole.axes;
    }
    return std::vector<AxisId>{};
  };
  const auto beside_axes = axes_of(full.atom, other);
  Pieces all;
  for (const Piece& piece : pieces) {
    const Pattern pattern = patterns_[piece.pattern];
    if (!laid_like(small.atom, small, piece)) return std::nullopt;
    const auto own_axes = axes_of(small.atom, piece);
    SharePart part{static_cast<std::uint8_t>(operand), pattern.atom, small.dims};
    for (auto& dim : part.dims) {
      for (AxisId& axis : dim) axis = own_axes[axis];
    }
    const auto share = values_.share(form, 0, {part});
    const auto factor = ratio(pattern.factor, small.factor);
    if (!share || !factor) return std::nullopt;
    const Atom& atom = values_.atom(*share);
    std::vector<std::int64_t> sizes(atom.coordinates);
    Piece laid{0, std::vector<Begin>(atom.coordinates)};
    std::vector<std::vector<AxisId>> dims(result.dims.size());
    for (std::size_t d = 0; d < result.dims.size(); ++d) {
      const Axis axis = made.form.results[0].dims[d];
      const auto mine = std::ranges::find(made.form.operands[operand], axis);
      for (std::size_t i = 0; i < result.dims[d].size(); ++i) {
        const AxisId to = result.dims[d][i], from = beside_axes[full.dims[d][i]];
        sizes[to] = patterns_[other.pattern].sizes[from];
        laid.begins[to] = other.begins[from];
        if (sizes[to] > 1) dims[d].push_back(to);
        if (mine == made.form.operands[operand].end()) continue;
        const AxisId own = part.dims[static_cast<std::size_t>(mine - made.form.operands[operand].begin())][i];
        if (pattern.sizes[own] != sizes[to] || piece.begins[own] != laid.begins[to]) return std::nullopt;
      }
    }
    const AxisId reduced = values_.atom(pattern.atom).coordinates;
    sizes.insert(sizes.end(), pattern.sizes.begin() + reduced, pattern.sizes.end());
    laid.begins.insert(laid.begins.end(), piece.begins.begin() + reduced, piece.begins.end());
    laid.pattern = patterns_.intern(*factor, *share, std::move(sizes), std::move(dims));
    all.push_back(std::move(laid));
  }
  return all;
}

// A sum of a pending sum and something that is stretched to its shape. False: the line is none.
bool Prover::add_stretched(const Node& node, Done& done) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  if (operation.name != "add" || operation.backward || in.size() != 2 || out.size() != 1) return false;
  const std::size_t operand = plan_.program.shape(in[0]) == plan_.program.shape(out[0]) ? 1 : 0;
  if (plan_.program.shape(in[operand]) == plan_.program.shape(out[0])) return false;
  const std::string name = operator_key(operation, plan_.program.shape(in[0]).size());
  const Pieces full = pieces(in[1 - operand]), small = pieces(in[operand]);
  for (const Id form : values_.adding_forms()) {
    const ReferenceForm& candidate = values_.forms()[form];
    const Operation& other =
        reference_.program.operations[reference_.program.nodes[candidate.node].operation];
    if (operator_key(other, reference_.program.shape(candidate.operands[0]).size()) != name) continue;
    if (candidate.form.operands[1 - operand] != candidate.form.results[0].dims) continue;
    auto sum = stretched(form, operand, small, full[0]);
    if (!sum) continue;
    sum->insert(sum->end(), full.begin(), full.end());
    bool fits = true;
    for (std::size_t p = 0; p < sum->size(); ++p) {
      const std::int64_t by = candidate.form.adds[p < small.size() ? operand : 1 - operand];
      const auto pattern = scaled(patterns_, (*sum)[p].pattern, {by, 1});
      fits = fits && pattern.has_value();
      if (pattern) (*sum)[p].pattern = *pattern;
    }
    Id named = kNone;
    if (!fits || !add_up(patterns_, *sum, joins_, named)) continue;
    repeat(node, candidate.node);
    done = store(node, out[0], *sum);
    return true;
  }
  return false;
}

}  // namespace cep::logical::calculus
