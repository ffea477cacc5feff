// Views and sums.
#include <algorithm>

#include "tools/cep-check/logical/reference.h"

namespace cep_check::logical {

bool may_be_linear(const lp::Operation& operation) {
  static constexpr std::string_view kNames[] = {"add",      "add_mask", "cast", "copy",     "div",
                                                "identity", "reshape",  "sum",  "transpose"};
  return std::ranges::find(kNames, operation.name) != std::end(kNames);
}

std::optional<Linear> linear_of(const lp::Program& program, const lp::Node& node, std::size_t output) {
  const lp::Operation& operation = program.operations[node.operation];
  const std::string& name = operation.name;
  const auto in = program.inputs(node);
  const auto of_first = [](Linear::Layout layout = Linear::Layout::kSame, std::int64_t factor = 1,
                           std::int64_t divisor = 1) {
    return Linear{{{0, fraction(factor, divisor)}}, layout};
  };
  const auto alike = [&](Id a, Id b) { return program.tensors[a].shape == program.tensors[b].shape; };
  // Other counts of operands have no meaning.
  const std::size_t given = !operation.backward ? 1 : name == "add_mask" ? 3 : 2;
  if (in.empty() || output >= node.outputs) return std::nullopt;
  // A gradient has the shape of what it is the gradient of; these have none.
  if (operation.backward &&
      (name == "copy" || name == "identity" || name == "sum" || output + 1 >= in.size() ||
       !alike(in[output + 1], program.outputs(node)[output])))
    return std::nullopt;
  if (node.outputs > 1 && name != "add" && name != "copy") return std::nullopt;
  if (name != "sum" && name != "add" && in.size() != given) return std::nullopt;
  if (name == "identity" || name == "copy" || (name == "add_mask" && operation.backward)) return of_first();
  if (name == "reshape") return of_first(Linear::Layout::kReshaped);
  if (name == "transpose") return of_first(Linear::Layout::kTransposed);
  if (name == "sum") {
    Linear linear;
    for (std::size_t i = 0; i < in.size(); ++i) linear.terms.push_back({i, {}});
    return linear;
  }
  if (name == "cast") {
    // The attribute and the declared element must not tell two stories.
    const lp::Element result = program.tensors[program.outputs(node)[output]].element;
    const auto* text = std::get_if<std::string>(attribute(operation, "to"));
    const bool one_story = operation.backward ? program.tensors[in[1]].element == result
                                              : text != nullptr && *text == lp::to_string(result);
    if (one_story && program.tensors[in[0]].element == result) return of_first();
  } else if (name == "div") {
    const std::int64_t divisor = whole_number(operation, "constant", 0);
    if (divisor != 0) return of_first(Linear::Layout::kSame, 1, divisor);
  } else if (name == "add") {
    const std::int64_t alpha = whole_number(operation, "alpha", 1);
    const std::size_t addends = attribute(operation, "constant") != nullptr ? 1 : 2;
    if (in.size() + 1 != addends + given || node.outputs != (operation.backward ? addends : 1))
      return std::nullopt;
    if (!operation.backward && in.size() == 2 && alike(in[0], in[1]) && alpha != 0)
      return Linear{{{0, {}}, {1, fraction(alpha, 1)}}};
    // Where one operand is stretched both gradients have a form.
    if (!operation.backward || !alike(in[0], in[1]) || !alike(in[0], in.back())) return std::nullopt;
    if (output == 0 || alpha != 0) return of_first(Linear::Layout::kSame, output == 0 ? 1 : alpha);
  }
  return std::nullopt;
}

bool add_term(const lp::Program& program, const lp::Node& node, std::size_t output, const Linear& linear,
              const Linear::Term& term, Piece piece, Pieces& sum) {
  if (linear.layout == Linear::Layout::kReshaped &&
      !reshape(piece, program.shape(program.outputs(node)[output]))) {
    return false;
  }
  if (linear.layout == Linear::Layout::kTransposed) {
    const lp::Operation& operation = program.operations[node.operation];
    const auto* first = std::get_if<std::int64_t>(attribute(operation, "dim0"));
    const auto* second = std::get_if<std::int64_t>(attribute(operation, "dim1"));
    if (first == nullptr || second == nullptr || !transpose(piece, *first, *second)) return false;
  }
  if (term.factor != Fraction{}) piece.factor = piece.factor * term.factor;
  sum.push_back(piece);
  return true;
}

// ---- Sums of the reference, by their terms ----

// What `node`, a sum of the reference, adds up within a piece of its result. False where the piece is of another value, or only part of it.
bool Reference::by_terms(const Piece& piece, Id node, Pieces& terms) const {
  const lp::Node& sum = program_.nodes[node];
  const auto linear = linear_of(program_, sum, 0);
  if (!linear || linear->layout != Linear::Layout::kSame) return false;
  const Piece& whole = views_[program_.outputs(sum)[0]];
  if (piece.value != whole.value) return false;
  for (std::size_t a = piece.coordinates; a < piece.axes; ++a) {
    if (piece.sizes[a] != whole.sizes[a]) return false;
  }
  const std::size_t before = terms.size();
  for (const Linear::Term& term : linear->terms) {
    Piece part;
    if (!read_as(piece, whole, views_[program_.inputs(sum)[term.operand]], part)) {
      terms.resize(before);
      return false;
    }
    part.factor = part.factor * term.factor;
    terms.push_back(part);
  }
  return true;
}

// Every sum by its terms, until none is left. False where nothing changed.
bool Reference::atoms(Pieces& pieces) const {
  Pieces done;
  bool changed = false;
  while (!pieces.empty()) {
    const Piece piece = pieces.back();
    pieces.pop_back();
    const Id sum = sums_[piece.value];
    if (sum != kNone && by_terms(piece, sum, pieces)) {
      changed = true;
    } else {
      done.push_back(piece);
    }
    // Sums of sums of one value with itself double at every step.
    bounded(pieces.size() + done.size(), kMaxPieces, kTooMany);
  }
  pieces = std::move(done);
  return changed;
}

bool Reference::same(const Pieces& a, const Pieces& b, Id sum) const {
  if (same_sum(a, b)) return true;
  if (sum != kNone) {
    Pieces terms;
    for (const Piece& piece : b) {
      if (!by_terms(piece, sum, terms)) terms.push_back(piece);
    }
    if (same_sum(a, terms)) return true;
  }
  Pieces left = a, right = b;
  const bool left_changed = atoms(left), right_changed = atoms(right);
  return ((left_changed || right_changed) && same_sum(left, right)) || same_shares(a, b);
}

}  // namespace cep_check::logical
