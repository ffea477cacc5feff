// Operators with a form: each piece of an operand makes its piece of the results; where the operator is linear in it, of a part, its share.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

// Of a piece for each operand, each of what the node takes, one piece; where operands are several pieces, the shares of every choice.
void PlanCheck::check_form(Id line, const Recipe& recipe, std::size_t output) {
  const lp::Node& node = plan_.program.nodes[line];
  const auto no = [&](const char* what) {
    refuse("CEP-LCHK-6", place(line) + item(".outputs", output), what);
  };
  const Recipe::Result& result = recipe.results[output];
  const Pieces claimed = facts_.pieces(plan_.program.outputs(node)[output]);
  Pieces made;
  if (!recipe.adds.empty() && !plain(line, claimed)) {
    made = added(line, recipe, claimed);
  } else {
    std::vector<Pieces> held;
    std::size_t combinations = 1;
    for (const Id tensor : recipe.reads_operands ? plan_.program.inputs(node) : std::span<const Id>()) {
      const std::size_t j = held.size();
      held.push_back(facts_.pieces(tensor));
      if ((result.unread >> j & 1) != 0) held[j].resize(1);
      if (held[j].size() > 1 && (result.scales >> j & 1) == 0) no("a sum where a value is needed");
      combinations *= held[j].size();
      bounded(combinations, kMaxPieces, kTooMany);
    }
    for (std::size_t which = 0; which < combinations; ++which) {
      Pieces operands;
      std::size_t left = which;
      for (const Pieces& list : held) {
        operands.push_back(list[left % list.size()]);
        left /= list.size();
      }
      made.push_back(share_of(line, recipe, output, operands));
    }
  }
  if (made.size() == 1 && !reference_.is_share(made[0].value) && same_sum(made, claimed)) return;
  kind_.clear();  // of shares, and of sums known by their terms, nothing is remembered
  if (!reference_.same(made, claimed)) no("not what the operands' pieces make together");
}

// Is each operand a whole piece of what the node takes, and the result claimed to be one of what it makes?
bool PlanCheck::plain(Id line, const Pieces& claimed) const {
  const lp::Node& node = reference_.program().nodes[certificate_.repeats[line]];
  const auto in = plan_.program.inputs(plan_.program.nodes[line]), takes = reference_.program().inputs(node);
  bool all =
      claimed.size() == 1 && claimed[0].value == reference_.view(reference_.program().outputs(node)[0]).value;
  for (std::size_t j = 0; all && j < in.size(); ++j) {
    const Piece* kind = facts_.single(in[j]).kind;
    all = kind != nullptr && whole_of(*kind, reference_.view(takes[j]));
  }
  return all;
}

// What one piece of each operand makes.
Piece PlanCheck::share_of(Id line, const Recipe& recipe, std::size_t output, const Pieces& operands) {
  const auto no = [&](const char* what) {
    refuse("CEP-LCHK-6", place(line) + item(".outputs", output), what);
  };
  const Recipe::Result& result = recipe.results[output];
  const lp::Node& other = reference_.program().nodes[certificate_.repeats[line]];
  const auto takes = reference_.program().inputs(other);
  const Id tensor = reference_.program().outputs(other)[output];
  const Piece& view = reference_.view(tensor);
  Taken parts;
  std::vector<bool> as_taken;  // the axes lie as in the node's operand
  Piece made = view;
  for (std::size_t j = 0; j < operands.size(); ++j) {
    const Piece& piece = operands[j];
    const Piece& whole = reference_.view(takes[j]);
    as_taken.push_back(reference_.base(piece.value) == whole.value);
    if ((result.unread >> j & 1) != 0) {
      if (!as_taken[j]) no("not of the value that the node takes");
      continue;
    }
    if (!whole_of(piece, whole)) parts.emplace_back(j, piece.value);
    if (piece.factor == whole.factor) continue;
    if ((result.scales >> j & 1) == 0) no("a multiple of an operand with which the result does not scale");
    made.factor = made.factor * (piece.factor / whole.factor);
  }
  // Which share it is, by how its parts are laid out.
  const auto fits = [&](const lp::LogicalCertificate::Value* share) {
    cuts_.assign(recipe.slots.size(), {});
    std::size_t p = 0;
    for (std::size_t j = 0; j < operands.size(); ++j) {
      const bool part = p < parts.size() && parts[p].first == j;
      if (!cut_by(recipe, j, operands[j], reference_.view(takes[j]), part ? &share->parts[p].dims : nullptr))
        return false;
      p += part ? 1 : 0;
    }
    return true;
  };
  if (!parts.empty()) made.value = kNone;
  if (parts.empty() && !fits(nullptr)) no("operands that are cut differently");
  for (const Id id :
       parts.empty() ? std::vector<Id>() : reference_.shares_of(reference_.value(view.value).tensor, parts)) {
    if (made.value == kNone && fits(&reference_.value(id))) made.value = id;
  }
  if (made.value == kNone || reference_.base(made.value) != view.value)
    no("no share of the node's result, or operands that are cut differently");
  for (Cut& cut : cuts_) {
    if (cut.size == 0) cut.size = recipe.slots[static_cast<std::size_t>(&cut - cuts_.data())].extent;
  }
  check_window(line, recipe);
  for (const std::uint16_t slot : result.averaged) {
    if (cuts_[slot].size != recipe.slots[slot].extent)
      made.factor = made.factor * fraction(recipe.slots[slot].extent, cuts_[slot].size);
  }
  lay_out(made, view, result);
  for (const auto& [j, value] : parts) {
    for (std::size_t a = operands[j].coordinates; a < operands[j].axes; ++a)
      add_axis(made, operands[j].sizes[a], operands[j].begins[a]);
  }
  return made;
}

// The node's result at the cuts of the slots.
void PlanCheck::lay_out(Piece& made, const Piece& view, const Recipe::Result& result) const {
  std::uint8_t end = 0;
  for (std::size_t a = 0; a < view.axes; ++a) {
    made.sizes[a] = cuts_[result.axes[a]].size;
    made.begins[a] = cuts_[result.axes[a]].begin;
  }
  for (std::size_t d = 0; d < view.rank; ++d) {
    for (const std::uint8_t axis : view.dim(d)) {
      if (made.sizes[axis] > 1) made.order[end++] = axis;
    }
    made.ends[d] = end;
  }
}

// Cuts the slots as operand j has them, its axes lying as `dims` says, or as in the node's operand.
bool PlanCheck::cut_by(const Recipe& recipe, std::size_t j, const Piece& piece, const Piece& view,
                       const std::vector<std::vector<std::uint16_t>>* dims) {
  if (piece.rank != view.rank || (dims == nullptr && reference_.base(piece.value) != view.value))
    return false;
  std::size_t next = 0;
  for (std::size_t d = 0; d < view.rank; ++d) {
    const auto dim = view.dim(d);
    for (std::size_t i = 0; i < dim.size(); ++i) {
      const std::size_t axis = dims == nullptr ? dim[i] : (*dims)[d][i];
      if (piece.sizes[axis] > 1) {
        if (next >= piece.ends[d] || piece.order[next] != axis) return false;
        ++next;
      }
      const std::uint16_t slot = recipe.operands[j][dim[i]];
      Cut& cut = cuts_[slot];
      const Cut mine = {piece.begins[axis], piece.sizes[axis]};
      if (cut.size == 0) cut = mine;
      if (cut.size != mine.size || cut.begin != mine.begin) return false;
      if (recipe.slots[slot].whole && mine.size != recipe.slots[slot].extent) return false;
    }
    if (next != piece.ends[d]) return false;
  }
  return true;
}

// A sum of operands, some stretched to its shape: those of its shape as they are, of each other what it contributes.
Pieces PlanCheck::added(Id line, const Recipe& recipe, const Pieces& claimed) {
  const lp::Node& node = plan_.program.nodes[line];
  const lp::Node& other = reference_.program().nodes[certificate_.repeats[line]];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-6", place(line), what); };
  const auto in = plan_.program.inputs(node);
  const Id result = plan_.program.outputs(node)[0], tensor = reference_.program().outputs(other)[0];
  const lp::Shape& shape = plan_.program.shape(result);
  const Piece& view = reference_.view(tensor);
  Pieces all;
  for (std::size_t j = 0; j < in.size(); ++j) {
    const Fraction by = fraction(recipe.adds[j], 1);
    const Piece& whole = reference_.view(reference_.program().inputs(other)[j]);
    for (Piece piece : facts_.pieces(in[j])) {
      piece.factor = piece.factor * by;
      if (plan_.program.shape(in[j]) == shape) {
        all.push_back(piece);
        continue;
      }
      // Along the axes it is stretched over, it is the same wherever the result lies.
      Piece made = view;
      made.value = kNone;
      made.factor = piece.factor / whole.factor;
      for (const Id id : reference_.shares_of(reference_.value(view.value).tensor, {{j, piece.value}})) {
        const auto beside = std::ranges::find_if(claimed, [&](const Piece& c) {
          return c.value == id || c.value == view.value || reference_.base(c.value) == view.value;
        });
        if (beside == claimed.end() || reference_.base(id) != view.value) continue;
        cuts_.assign(recipe.slots.size(), {});
        if (!cut_by(recipe, j, piece, whole, &reference_.value(id).parts[0].dims)) continue;
        for (std::size_t a = 0; a < view.coordinates; ++a) {
          Cut& cut = cuts_[recipe.results[0].axes[a]];
          if (cut.size == 0) cut = {beside->begins[a], beside->sizes[a]};
        }
        made.value = id;
        break;
      }
      if (made.value == kNone) no("no share of the node's sum");
      lay_out(made, view, recipe.results[0]);
      if (!has_shape(made, shape)) no("stretched to another shape than the result's");
      for (std::size_t a = piece.coordinates; a < piece.axes; ++a)
        add_axis(made, piece.sizes[a], piece.begins[a]);
      all.push_back(made);
    }
  }
  return all;
}

}  // namespace cep_check::logical
