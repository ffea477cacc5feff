// Binds, lines that repeat a node, views and sums.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

std::string PlanCheck::place(Id line) const {
  return item("plan.nodes", line) + " (node " + std::to_string(plan_.program.nodes[line].source) + ")";
}

void PlanCheck::check() {
  const lp::Program& program = plan_.program;
  if (certificate_.repeats.size() != program.nodes.size())
    refuse("CEP-LCHK-1", "repeats", "not one for each line of the plan");
  for (const lp::Bind& bind : plan_.binds) check_bind(bind);
  for (Id line = 0; line < program.nodes.size(); ++line) {
    const Id repeats = certificate_.repeats[line];
    if (repeats != kNone && repeats >= reference_.program().nodes.size())
      refuse("CEP-LCHK-1", item("repeats", line), "no such node of the reference");
    const lp::Node& node = program.nodes[line];
    for (const Id tensor : program.inputs(node)) {
      if (!there_[tensor])
        refuse("CEP-LCHK-9", place(line),
               "an operand that is not there, or that not all members have called for");
    }
    node.comm == lp::CommKind::kNoComm ? check_operator(line) : check_communication(line);
  }
  check_yields();
}

// A box of a tensor of the reference, as a piece; nothing where it is a box of none of the axes.
std::optional<Piece> PlanCheck::delivered(Id reference, const lp::Box& box) {
  Piece piece = reference_.view(reference);
  for (std::size_t d = 0; d < box.size(); ++d) {
    if (!cut(linears_, piece, d, linears_.begin(box[d].begin), box[d].size)) return std::nullopt;
  }
  return piece;
}

void PlanCheck::check_bind(const lp::Bind& bind) {
  const std::string where = item("facts", bind.tensor);
  if (reference_.made(bind.reference)) refuse("CEP-LCHK-5", where, "bound to what a node makes");
  const auto piece = delivered(bind.reference, bind.box);
  if (!piece || !same_sum({*piece}, facts_.pieces(bind.tensor)))
    refuse("CEP-LCHK-5", where, "not what the tensor is bound to, or bound to a box of none of the axes");
  there_[bind.tensor] = true;
}

void PlanCheck::check_operator(Id line) {
  const lp::Node& node = plan_.program.nodes[line];
  const lp::Operation& operation = plan_.program.operations[node.operation];
  const auto outputs = plan_.program.outputs(node);
  for (const Id tensor : outputs) there_[tensor] = true;
  kind_ = {node.operation, certificate_.repeats[line], node.inputs, kNone};
  if (found_before(plan_.program.inputs(node), outputs)) return;
  const auto meaning = lp::meaning_of(plan_.program, node);
  if (!meaning) refuse("CEP-LCHK-6", place(line), "no operator with a form that makes these shapes");
  bool terms = true;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (by_terms(line, k, *meaning)) continue;
    if (!reference_.repeated(plan_.program, node, certificate_.repeats[line]))
      refuse("CEP-LCHK-6", place(line),
             "repeats no node of the reference with this operator, on as many operands");
    terms = false;
    check_form(line, k);
  }
  remember(terms,
           lp::find_attribute(operation, "start") == nullptr && (!lp::may_be_view(operation) || whole_));
}

// ---- Lines like one that was found right ----

namespace {
// No begins of different linear forms are as far apart as any of equal ones.
Begin distance(Begin a, Begin b) { return {a.constant - b.constant, a.linear - b.linear}; }
}  // namespace

// Completes the kind: there is none where a fact has several pieces.
bool PlanCheck::found_before(std::span<const Id> operands, std::span<const Id> results) {
  begins_ = {Begin{}};
  one_value_ = whole_ = true;
  Id value = kNone;
  for (const auto& tensors : {operands, results}) {
    for (const Id tensor : tensors) {
      const Facts::Single fact = facts_.single(tensor);
      if (fact.kind == nullptr) return kind_.clear(), false;
      kind_.push_back(fact.pattern);
      one_value_ = one_value_ && (value == kNone || value == fact.kind->value);
      value = fact.kind->value;
      begins_.insert(begins_.end(), fact.begins, fact.begins + fact.kind->axes);
      for (std::size_t a = fact.kind->coordinates; a < fact.kind->axes; ++a)
        whole_ = whole_ && fact.begins[a] == Begin{};
    }
  }
  const auto at = found_.find(kind_);
  if (at == found_.end()) return false;
  for (std::size_t i = 1; i < begins_.size(); ++i) {
    const Measured& its = at->second[i];
    if (distance(begins_[i], begins_[its.from]) != its.distance) return false;
  }
  return true;
}

// The line at hand is right, by its terms or by its form. Another one of its kind is as well, `apart`: if its pieces, all of one value,
// lie equally far apart along each axis, for sums and cuts of pieces move with them; `equal`: if begins that are equal in this one are
// equal in it, and 0 where they are 0, for where a piece begins then decides nothing else; else: if they begin where these do.
void PlanCheck::remember(bool apart, bool equal) {
  if (kind_.empty()) return;
  std::vector<Measured>& found = found_[kind_];
  found.assign(begins_.size(), {});
  for (std::size_t i = 1; i < begins_.size(); ++i) {
    std::size_t from = 0;
    if (apart && one_value_) {
      const std::size_t first = 1 + (i - 1) % ((begins_.size() - 1) / (kind_.size() - kKindHead));
      if (begins_[first].linear == begins_[i].linear) from = first;
    } else if (equal) {
      from = static_cast<std::size_t>(std::ranges::find(begins_, begins_[i]) - begins_.begin());
    }
    found[i] = {from, distance(begins_[i], begins_[from])};
  }
}

// A view, or a sum of views. False where the operator is neither; refused where nothing else could explain the result.
bool PlanCheck::by_terms(Id line, std::size_t output, const lp::Meaning& meaning) {
  if (meaning.kind == lp::Meaning::Kind::kForm) return false;
  const lp::Program& program = plan_.program;
  const lp::Node& node = program.nodes[line];
  const Id result = program.outputs(node)[output];
  Pieces sum;
  for (std::size_t j = 0; j < terms(meaning); ++j) {
    for (const Piece& piece : facts_.pieces(program.inputs(node)[j])) {
      bounded(sum.size(), kMaxPieces, kTooMany);
      sum.push_back(piece);
      if (!contribute(meaning, j, program.shape(result), sum.back()))
        refuse("CEP-LCHK-7", place(line), "a view that no axes follow");
    }
  }
  const Id repeats = certificate_.repeats[line];
  if (reference_.same(sum, facts_.pieces(result))) return true;
  // A sum may also stand for an operator of the reference that broadcasts.
  if (repeats == kNone || reference_.form(repeats) == nullptr)
    refuse("CEP-LCHK-7", place(line), "not what the view, or the sum, makes of its operands");
  return false;
}

// That a window is as long as its piece is part of what the operator means.
void PlanCheck::check_window(Id line, const lp::Form& form) {
  const lp::Node& other = reference_.program().nodes[certificate_.repeats[line]];
  const auto mine =
      lp::affine_attribute(plan_.program.operations[plan_.program.nodes[line].operation], "start");
  const auto whole = lp::affine_attribute(reference_.program().operations[other.operation], "start");
  if (!mine) return;
  const Cut piece = form.window ? cuts_[*form.window * kMaxAxes] : Cut{};
  if (!whole || piece.axes > 1) refuse("CEP-LCHK-6", place(line), "a window of a dimension cut into axes");
  if (linears_.begin(*mine) != linears_.sum(linears_.begin(*whole), piece.begin))
    refuse("CEP-LCHK-6", place(line), "a window beside the piece of its operand");
}

}  // namespace cep_check::logical
