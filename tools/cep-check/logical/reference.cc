#include "tools/cep-check/logical/reference.h"

#include <algorithm>

namespace cep_check::logical {

Reference::Reference(const lp::Reference& reference, const lp::LogicalCertificate& certificate)
    : program_(reference.program), certificate_(certificate) {
  const std::size_t tensors = program_.tensors.size();
  const auto shares =
      std::ranges::count_if(certificate.values, [](const auto& v) { return !v.parts.empty(); });
  if (certificate.views.size() != tensors ||
      certificate.values.size() - static_cast<std::size_t>(shares) > tensors) {
    refuse("CEP-LCHK-1", "views", "not one for each tensor of the reference");
  }
  if (shares > std::int64_t{1} << 20)
    throw Refusal{acp::over_limit("CEP-LCHK-12", "values", "more than 2^20 shares")};
  check_values();
  views_.resize(tensors);
  for (Id id = 0; id < tensors; ++id) check_view(id);
  maker_.resize(tensors);
  defined_.resize(certificate.values.size());
  weights_.assign(certificate.values.size(), 1);
  keys_.resize(certificate.values.size());
  forms_.resize(program_.nodes.size());
  factors_.resize(program_.nodes.size());
  for (Id id = 0; id < program_.nodes.size(); ++id) {
    const auto outputs = program_.outputs(program_.nodes[id]);
    for (std::size_t k = 0; k < outputs.size(); ++k) maker_[outputs[k]] = {id, k};
  }
  for (Id id = 0; id < tensors; ++id) {
    if (made(id)) continue;
    if (!defines(id) || views_[id].axes != views_[id].coordinates)
      refuse("CEP-LCHK-3", item("views", id),
             "what no node makes has a value of its own, summed over nothing");
    defined_[views_[id].value] = true;
  }
  lp::Infinities infinities(program_);
  for (Id id = 0; id < program_.nodes.size(); ++id) check_node(id, infinities);
  for (Id id = 0; id < certificate.values.size(); ++id) {
    if (is_share(id)) check_share(id);
  }
}

void Reference::check_values() {
  for (std::size_t i = 0; i < certificate_.values.size(); ++i) {
    const auto& value = certificate_.values[i];
    if (value.tensor >= program_.tensors.size() || value.coordinates > value.extents.size())
      refuse("CEP-LCHK-1", item("values", i), "no such tensor, or more coordinates than axes");
    if (value.extents.size() > kMaxAxes)
      throw Refusal{acp::over_limit("CEP-LCHK-12", item("values", i), "more than 16 axes")};
    for (const std::int64_t extent : value.extents) {
      if (extent < 2) refuse("CEP-LCHK-2", item("values", i), "an axis of less than two");
    }
  }
}

// A view is a cut of every dimension into axes, each coordinate once.
void Reference::check_view(Id tensor) {
  const auto& view = certificate_.views[tensor];
  const lp::Shape& shape = program_.shape(tensor);
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("views", tensor), what); };
  if (view.value >= certificate_.values.size()) refuse("CEP-LCHK-1", item("views", tensor), "no such value");
  const auto& value = certificate_.values[view.value];
  if (!value.parts.empty()) no("a share of a value");
  if (view.dims.size() != shape.size() || shape.size() > kMaxRank) no("another rank than the tensor");
  if (view.numerator == 0 || view.denominator == 0) no("no factor");
  if (program_.tensors[value.tensor].element != program_.tensors[tensor].element)
    no("another element than the value's");
  Piece& piece = views_[tensor];
  if (!whole(piece, view.value, view.dims)) no("an axis that is no coordinate, twice, or missing");
  piece.factor = fraction(view.numerator, view.denominator);
  if (!has_shape(piece, shape)) no("axes that do not make up the dimension");
}

// All of a value, laid out.
bool Reference::whole(Piece& piece, Id id, const std::vector<std::vector<std::uint16_t>>& dims) const {
  return lay_out(piece, id, value(id), value(id).extents, dims) == nullptr;
}

void Reference::check_node(Id id, lp::Infinities& infinities) {
  const auto outputs = program_.outputs(program_.nodes[id]);
  auto meaning = lp::meaning_of(program_, program_.nodes[id]);
  if (!meaning)
    refuse("CEP-LCHK-3", item("reference.nodes", id), "no operator with a form that makes these shapes");
  infinities.pass(program_.nodes[id], *meaning);
  const bool form = meaning->kind == lp::Meaning::Kind::kForm;
  factors_[id] = form ? meaning->form.adds : meaning->factors;
  if (form) forms_[id] = std::move(meaning->form);
  for (std::size_t k = 0; k < outputs.size(); ++k) form ? check_made(id, k) : check_linear(id, k, *meaning);
}

// A view is its operand's value, a sum the sum of its operands'; only a sum can be a value of its own.
void Reference::check_linear(Id id, std::size_t output, const lp::Meaning& meaning) {
  const auto in = program_.inputs(program_.nodes[id]);
  const Id tensor = program_.outputs(program_.nodes[id])[output];
  const Piece& view = views_[tensor];
  bounded(in.size(), kMaxPieces, kTooMany);
  Pieces sum;
  for (std::size_t j = 0; j < terms(meaning); ++j) {
    if (program_.tensors[in[j]].element != program_.tensors[tensor].element)
      refuse("CEP-LCHK-3", item("reference.nodes", id), "a view, or a sum, of another element type");
    sum.push_back(views_[in[j]]);
    if (!contribute(meaning, j, program_.shape(tensor), sum.back()))
      refuse("CEP-LCHK-3", item("reference.nodes", id), "a view that no axes follow");
  }
  if (sum.size() > 1 && defines(tensor)) {
    Pieces terms;
    if (view.axes != view.coordinates || !by_terms(view, id, terms))
      refuse("CEP-LCHK-3", item("views", tensor),
             "a sum is cut like its operands, and has no axes of its own");
    defined_[view.value] = true;
    return;
  }
  if (!defined(view.value) || !same({view}, sum))
    refuse("CEP-LCHK-3", item("views", tensor), "not what its node makes of the operands' values");
}

bool Reference::repeated(const lp::Program& program, const lp::Node& node, Id id) const {
  if (id == kNone || form(id) == nullptr) return false;
  const lp::Node& other = program_.nodes[id];
  const std::size_t rank = node.inputs == 0 ? 0 : program.shape(program.inputs(node)[0]).size();
  const auto mine = [&](Id tensor) { return program.tensors[tensor].element; };
  const auto its = [&](Id tensor) { return program_.tensors[tensor].element; };
  return std::ranges::equal(program.inputs(node), program_.inputs(other), {}, mine, its) &&
         std::ranges::equal(program.outputs(node), program_.outputs(other), {}, mine, its) &&
         lp::operator_key(program.operations[node.operation], rank) ==
             lp::operator_key(program_.operations[other.operation], rank);
}

// What the operator makes of its operands, as a value of its own; or as that of an earlier node with the same operator.
void Reference::check_made(Id id, std::size_t output) {
  const lp::Node& node = program_.nodes[id];
  const Id tensor = program_.outputs(node)[output];
  const Piece& view = views_[tensor];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("views", tensor), what); };
  if (!defines(tensor) && !defined(view.value)) no("a value that no earlier tensor has");
  const Maker by = defines(tensor) ? Maker{id, output} : maker_[value(view.value).tensor];
  const auto start = [&](Id of) {
    return lp::affine_attribute(program_.operations[program_.nodes[of].operation], "start");
  };
  if (by.output != output ||
      (by.node != id && (!repeated(program_, node, by.node) || start(id) != start(by.node))))
    no("the value of another operator, or of another of its results");
  std::vector<const Piece*> operands;
  for (const Id operand : program_.inputs(node)) operands.push_back(&views_[operand]);
  Cuts cuts;
  Piece made;
  if (const char* why = apply(by.node, output, operands, nullptr, cuts, made)) no(why);
  if (!same_sum({made}, {view}))
    no("not what its operator makes of the operands, laid out or scaled otherwise");
  defined_[view.value] = true;
}

}  // namespace cep_check::logical
