// Binds, lines that repeat a node, views and sums.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

PlanCheck::PlanCheck(const lp::Document& document, const lp::LogicalCertificate& certificate,
                     const Reference& reference, Facts& facts)
    : document_(document),
      plan_(document.plan),
      certificate_(certificate),
      reference_(reference),
      facts_(facts),
      linears_(facts.linears()),
      there_(plan_.program.tensors.size()),
      last_(plan_.program.nodes.size(), kNone),
      before_(plan_.program.nodes.size(), kNone),
      called_(plan_.program.nodes.size()) {
  if (certificate.repeats.size() != plan_.program.nodes.size())
    refuse("CEP-LCHK-1", "repeats", "not one for each line of the plan");
  for (const lp::Operation& operation : plan_.program.operations) {
    linear_.push_back(lp::may_be_view(operation));
    windowed_.push_back(lp::find_attribute(operation, "start") != nullptr);
  }
  for (std::size_t i = 0; i < certificate.repeats.size(); ++i) {
    if (certificate.repeats[i] != kNone && certificate.repeats[i] >= reference.program().nodes.size())
      refuse("CEP-LCHK-1", item("repeats", i), "no such node of the reference");
  }
}

std::string PlanCheck::place(Id line) const {
  return item("plan.nodes", line) + " (node " + std::to_string(plan_.program.nodes[line].source) + ")";
}

void PlanCheck::check() {
  for (const lp::Bind& bind : plan_.binds) check_bind(bind);
  for (Id line = 0; line < plan_.program.nodes.size(); ++line) {
    for (const Id tensor : plan_.program.inputs(plan_.program.nodes[line])) {
      if (!there_[tensor])
        refuse("CEP-LCHK-9", place(line),
               "an operand that is not there, or that not all members have called for");
    }
    check_line(line);
  }
  check_yields();
}

// A box of a tensor of the reference, as a piece.
Piece PlanCheck::delivered(Id reference, const lp::Box& box, const char* id, const std::string& where) {
  Piece piece = reference_.view(reference);
  bool fits = box.size() == piece.rank;
  for (std::size_t d = 0; fits && d < box.size(); ++d)
    fits = cut(linears_, piece, d, linears_.begin(box[d].begin), box[d].size);
  if (!fits) refuse(id, where, "a box that is none of the axes");
  return piece;
}

void PlanCheck::check_bind(const lp::Bind& bind) {
  const std::string where = item("facts", bind.tensor);
  if (reference_.made(bind.reference)) refuse("CEP-LCHK-5", where, "bound to what a node makes");
  const Piece piece = delivered(bind.reference, bind.box, "CEP-LCHK-5", where);
  if (!same_sum({piece}, facts_.pieces(bind.tensor)))
    refuse("CEP-LCHK-5", where, "not what the tensor is bound to");
  there_[bind.tensor] = true;
}

void PlanCheck::check_line(Id line) {
  const lp::Node& node = plan_.program.nodes[line];
  if (node.comm == lp::CommKind::kChunk) return check_chunk(line);
  if (node.comm != lp::CommKind::kNoComm) return check_communication(line);
  const auto outputs = plan_.program.outputs(node);
  for (const Id tensor : outputs) there_[tensor] = true;
  kind_ = {node.operation, certificate_.repeats[line], node.inputs, kNone};
  if (!windowed_[node.operation] && found_before(plan_.program.inputs(node), outputs)) return;
  bool terms = true;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (by_terms(line, k)) continue;
    if (terms) check_repeats(line);
    terms = false;
    check_form(line, k);
  }
  if (!windowed_[node.operation]) remember(terms, !linear_[node.operation] || whole_);
}

// ---- Lines like one that was found right ----

// Completes the kind: there is none where a fact has several pieces.
bool PlanCheck::found_before(std::span<const Id> operands, std::span<const Id> results) {
  begins_.clear();
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
  for (std::size_t i = 0; i < begins_.size(); ++i) {
    const Begin mine = begins_[i], its = at->second.begins[i];
    const std::size_t from = at->second.from[i];
    if (from == kFixed
            ? mine != its
            : mine.linear != begins_[from].linear ||
                  mine.constant - begins_[from].constant != its.constant - at->second.begins[from].constant) {
      return false;
    }
  }
  return true;
}

// The line at hand is right, by its terms or by its form. Another one of its kind is as well, `apart`: if its pieces, all of one value, lie equally far apart along each
// axis, for sums and cuts of pieces move with them; `equal`: if begins that are equal in this one are equal in it, and 0 where
// they are 0, for where a piece begins then decides nothing else.
void PlanCheck::remember(bool apart, bool equal) {
  if (kind_.empty()) return;
  Found& found = found_[kind_];
  found = {begins_, std::vector<std::size_t>(begins_.size(), kFixed)};
  const std::size_t facts = kind_.size() - kKindHead;
  for (std::size_t i = 0; i < begins_.size(); ++i) {
    if (apart && one_value_) {
      const std::size_t from = i % (begins_.size() / facts);
      if (begins_[from].linear == begins_[i].linear) found.from[i] = from;
    } else if (equal && begins_[i] != Begin{}) {
      found.from[i] = static_cast<std::size_t>(std::ranges::find(begins_, begins_[i]) - begins_.begin());
    }
  }
}

// A view, or a sum of views. False where the operator is neither; refused where nothing else could explain the result.
bool PlanCheck::by_terms(Id line, std::size_t output) {
  const lp::Program& program = plan_.program;
  const lp::Node& node = program.nodes[line];
  if (!linear_[node.operation]) return false;
  const auto meaning = lp::meaning_of(program, node);
  if (!meaning || meaning->kind == lp::Meaning::Kind::kForm) return false;
  const auto in = program.inputs(node);
  const Id result = program.outputs(node)[output];
  if (meaning->kind == lp::Meaning::Kind::kSame && meaning->denominator == 1 && facts_.equal(in[0], result))
    return true;
  Pieces sum;
  for (std::size_t j = 0; j < terms(*meaning); ++j) {
    for (const Piece& piece : facts_.pieces(in[j])) {
      sum.push_back(piece);
      if (!contribute(*meaning, j, program.shape(result), sum.back()))
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

// ---- Operators with a form ----

void PlanCheck::check_repeats(Id line) {
  const lp::Program& program = plan_.program;
  const lp::Node& node = program.nodes[line];
  const Id repeats = certificate_.repeats[line];
  if (repeats == kNone || reference_.form(repeats) == nullptr)
    refuse("CEP-LCHK-6", place(line), "repeats no operator of the reference");
  const lp::Node& other = reference_.program().nodes[repeats];
  if (node.inputs != other.inputs || node.outputs != other.outputs)
    refuse("CEP-LCHK-6", place(line), "repeats a node with other operands");
  const std::size_t rank = node.inputs == 0 ? 0 : program.shape(program.inputs(node)[0]).size();
  if (lp::operator_key(program.operations[node.operation], rank) !=
      lp::operator_key(reference_.program().operations[other.operation], rank)) {
    refuse("CEP-LCHK-6", place(line), "repeats another operator");
  }
  if (!lp::meaning_of(program, node))
    refuse("CEP-LCHK-6", place(line), "no operator with a form that makes these shapes");
}

// That a window is as long as its piece is part of what the operator means.
void PlanCheck::check_window(Id line, const lp::Form& form) {
  const lp::Node& node = plan_.program.nodes[line];
  if (!windowed_[node.operation]) return;
  const lp::Node& other = reference_.program().nodes[certificate_.repeats[line]];
  const auto mine = lp::affine_attribute(plan_.program.operations[node.operation], "start");
  const auto whole = lp::affine_attribute(reference_.program().operations[other.operation], "start");
  const Cut piece = form.window ? cuts_[*form.window * kMaxAxes] : Cut{};
  if (!mine || !whole || piece.axes > 1)
    refuse("CEP-LCHK-6", place(line), "a window of a dimension cut into axes");
  if (linears_.begin(*mine) != linears_.sum(linears_.begin(*whole), piece.begin))
    refuse("CEP-LCHK-6", place(line), "a window beside the piece of its operand");
}

}  // namespace cep_check::logical
