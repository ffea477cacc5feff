// Operators with a form: each piece of an operand makes its piece of the results; where the operator is linear in it, of a part, its share.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

namespace {

// Cuts the axes of an operand as the piece has them, whose own lie so in their place. False where others are cut differently.
bool cut_by(const lp::Form& form, std::size_t operand, const Piece& piece, const Piece& whole,
            const Layout& lies, Cuts& cuts) {
  if (laid_out(piece, lies) != piece) return false;
  for (std::size_t d = 0; d < whole.rank; ++d) {
    const lp::Axis of = form.operands[operand][d];
    for (std::size_t i = 0; i < whole.dim(d).size(); ++i) {
      const std::uint8_t axis = lies.dim(d)[i];
      const Cut mine = {piece.begins[axis], piece.sizes[axis], whole.sizes[whole.dim(d)[i]],
                        whole.dim(d).size()};
      Cut& cut = cuts[of * kMaxAxes + i];
      if (cut.size == 0) cut = mine;
      if (cut != mine || ((form.opaque >> of & 1) != 0 && mine.size != mine.extent)) return false;
    }
  }
  return true;
}

// The result at these cuts; along axes that no operand has, as it lies beside another piece, or whole. False where it has other axes.
bool lay_out(const lp::Form::Result& result, const Cuts& cuts, const Piece* beside, Piece& made) {
  const auto put = [&](std::size_t axis, const Cut& cut) {
    if (cut.size != 0 && cut.extent != made.sizes[axis]) return false;
    if (cut.size == 0 && beside == nullptr) return true;
    made.begins[axis] = cut.size != 0 ? cut.begin : beside->begins[axis];
    made.sizes[axis] = cut.size != 0 ? cut.size : beside->sizes[axis];
    return true;
  };
  bool fits = true;
  for (std::size_t d = 0; d < made.rank; ++d) {
    for (std::size_t i = 0; i < made.dim(d).size(); ++i)
      fits = fits && put(made.dim(d)[i], cuts[result.dims[d] * kMaxAxes + i]);
  }
  std::size_t axis = made.coordinates;
  for (const lp::Axis reduced : result.reduced) {
    for (std::size_t i = 0; i < cuts[reduced * kMaxAxes].axes; ++i, ++axis)
      fits = fits && axis < made.axes && put(axis, cuts[reduced * kMaxAxes + i]);
  }
  settle(made);
  return fits && axis == made.axes;
}

}  // namespace

const char* Reference::apply(Id node, std::size_t output, std::span<const Piece* const> operands,
                             const Piece* beside, Cuts& cuts, Piece& made) const {
  const lp::Form& form = forms_[node];
  const lp::Form::Result& result = form.results[output];
  const auto takes = program_.inputs(program_.nodes[node]);
  made = views_[program_.outputs(program_.nodes[node])[output]];
  Taken taken;
  for (std::size_t j = 0; form.reads_operands && j < operands.size(); ++j) {
    if (operands[j] == nullptr) continue;
    const Piece &piece = *operands[j], &whole = views_[takes[j]];
    if ((result.unread >> j & 1) != 0) {
      if (base(piece.value) != whole.value) return "not of the value that the node takes";
      continue;
    }
    if (beside != nullptr || !whole_of(piece, whole)) taken.emplace_back(j, piece.value);
    if (piece.factor == whole.factor) continue;
    if (beside == nullptr && (result.linear_in >> j & 1) == 0)
      return "a multiple of an operand with which the result does not scale";
    made.factor = made.factor * (piece.factor / whole.factor);
  }
  // Which share it is, by how its parts are laid out.
  const auto fits = [&](Id id) {
    cuts.assign(form.axes * kMaxAxes, {});
    std::size_t p = 0;
    for (std::size_t j = 0; form.reads_operands && j < operands.size(); ++j) {
      if (operands[j] == nullptr) continue;
      const Piece& whole = views_[takes[j]];
      const Layout& lies = p < taken.size() && taken[p].first == j ? keys_[id]->laid[p++] : whole;
      if (!cut_by(form, j, *operands[j], whole, lies, cuts)) return false;
    }
    return true;
  };
  const std::vector<Id> candidates =
      taken.empty() ? std::vector{made.value} : shares_of(value(made.value).tensor, taken);
  const auto found = std::ranges::find_if(candidates, fits);
  if (found == candidates.end() || (beside == nullptr && !taken.empty() && !form.adds.empty()))
    return "no share of the node's result, or operands that are cut differently";
  made.value = *found;
  for (const lp::Axis axis : result.divided_by) {
    for (const Cut& cut : std::span(cuts).subspan(axis * kMaxAxes, cuts[axis * kMaxAxes].axes))
      made.factor = made.factor * fraction(cut.extent, cut.size);
  }
  if (!lay_out(result, cuts, beside, made)) return "a result that is cut otherwise than its operator's";
  for (const auto& [j, of] : taken) {
    for (std::size_t a = operands[j]->coordinates; a < operands[j]->axes; ++a)
      add_axis(made, operands[j]->sizes[a], operands[j]->begins[a]);
  }
  return nullptr;
}

// Of a piece for each operand, each of what the node takes, one piece; where operands are several pieces, the shares of every choice.
void PlanCheck::check_form(Id line, std::size_t output) {
  const lp::Node& node = plan_.program.nodes[line];
  const Id repeats = certificate_.repeats[line];
  const lp::Form& form = *reference_.form(repeats);
  const auto no = [&](const char* what) {
    refuse("CEP-LCHK-6", place(line) + item(".outputs", output), what);
  };
  const lp::Form::Result& result = form.results[output];
  const Pieces claimed = facts_.pieces(plan_.program.outputs(node)[output]);
  Pieces made;
  if (!form.adds.empty()) {
    made = added(line, claimed);
  } else {
    std::vector<Pieces> held;
    std::size_t combinations = 1;
    for (const Id tensor : form.reads_operands ? plan_.program.inputs(node) : std::span<const Id>()) {
      const std::size_t j = held.size();
      held.push_back(facts_.pieces(tensor));
      if ((result.unread >> j & 1) != 0) held[j].resize(1);
      if (held[j].size() > 1 && (result.linear_in >> j & 1) == 0) no("a sum where a value is needed");
      combinations *= held[j].size();
      bounded(combinations, kMaxPieces, kTooMany);
    }
    for (std::size_t which = 0; which < combinations; ++which) {
      std::vector<const Piece*> operands;
      std::size_t left = which;
      for (const Pieces& list : held) {
        operands.push_back(&list[left % list.size()]);
        left /= list.size();
      }
      if (const char* why = reference_.apply(repeats, output, operands, nullptr, cuts_, made.emplace_back()))
        no(why);
      check_window(line, form);
    }
    // Of shares nothing is remembered.
    if (made.size() > 1 || reference_.is_share(made[0].value) || !same_sum(made, claimed)) kind_.clear();
  }
  if (!reference_.same(made, claimed)) no("not what the operands' pieces make together");
}

// A sum of operands, some stretched: of each of these what it contributes beside a piece of the result, the others as they are.
Pieces PlanCheck::added(Id line, const Pieces& claimed) {
  const lp::Program &program = plan_.program, &reference = reference_.program();
  const Id repeats = certificate_.repeats[line];
  const auto in = program.inputs(program.nodes[line]), takes = reference.inputs(reference.nodes[repeats]);
  const Id result = reference.outputs(reference.nodes[repeats])[0];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-6", place(line), what); };
  const auto beside = std::ranges::find(claimed, reference_.view(result).value,
                                        [&](const Piece& piece) { return reference_.base(piece.value); });
  Pieces all;
  for (std::size_t j = 0; j < in.size(); ++j) {
    for (const Piece& piece : facts_.pieces(in[j])) {
      all.push_back(piece);
      if (reference.shape(takes[j]) != reference.shape(result)) {
        if (beside == claimed.end()) no("no share of the node's sum");
        std::vector<const Piece*> operands(in.size());
        operands[j] = &piece;
        if (const char* why = reference_.apply(repeats, 0, operands, &*beside, cuts_, all.back())) no(why);
      }
      if (!has_shape(all.back(), program.shape(program.outputs(program.nodes[line])[0])))
        no("an operand of another shape than the result");
      all.back().factor = all.back().factor * fraction(reference_.form(repeats)->adds[j], 1);
    }
  }
  return all;
}

}  // namespace cep_check::logical
