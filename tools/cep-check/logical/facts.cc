#include "tools/cep-check/logical/facts.h"

#include <algorithm>

namespace cep_check::logical {

Facts::Facts(const lp::Document& document, const lp::LogicalCertificate& certificate,
             const Reference& reference)
    : certificate_(certificate), linears_(document.plan.variables, certificate.digits) {
  const lp::Program& plan = document.plan.program;
  if (certificate.facts.size() != plan.tensors.size())
    refuse("CEP-LCHK-1", "facts", "not one for each tensor of the plan");
  if (certificate.linears.empty() || !certificate.linears[0].empty())
    refuse("CEP-LCHK-1", "linears", "the first one is not empty");
  std::vector<Id> linear;
  linear.reserve(certificate.linears.size());
  for (const std::vector<std::int64_t>& form : certificate.linears)
    linear.push_back(form.size() > linears_.digits() ? kNone : linears_.number(form));
  begins_.reserve(certificate.begins.size());
  for (const auto& begin : certificate.begins)
    begins_.push_back({begin.constant, begin.linear < linear.size() ? linear[begin.linear] : kNone});
  // What is set aside for a pattern is some hundred bytes.
  bounded(certificate.patterns.size(), std::size_t{1} << 20, "more than 2^20 patterns");
  kinds_.resize(certificate.patterns.size());
  shape_.resize(kinds_.size(), kNone);
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const auto& pattern = certificate.patterns[i];
    if (!reference.defined(pattern.value))
      refuse("CEP-LCHK-1", item("patterns", i), "no value of a tensor of the reference");
    const auto no = [&](const char* what) { refuse("CEP-LCHK-4", item("patterns", i), what); };
    if (pattern.numerator == 0 || pattern.denominator == 0) no("no factor");
    const auto& value = reference.value(pattern.value);
    if (const char* wrong = lay_out(kinds_[i], pattern.value, value, pattern.sizes, pattern.dims)) no(wrong);
    kinds_[i].factor = fraction(pattern.numerator, pattern.denominator);
  }
  for (Id id = 0; id < plan.tensors.size(); ++id) check_fact(plan, id, reference);
}

// The pieces lie within their values, and have the tensor's shape and element.
void Facts::check_fact(const lp::Program& plan, Id id, const Reference& reference) {
  const auto& fact = certificate_.facts[id];
  const lp::Tensor& tensor = plan.tensors[id];
  const auto no = [&](const char* requirement, const char* what) {
    refuse(requirement, item("facts", id), what);
  };
  if (std::size_t{fact.first_piece} + fact.pieces > certificate_.pieces.size())
    no("CEP-LCHK-1", "pieces that are not there");
  if (fact.pieces == 0) no("CEP-LCHK-4", "nothing is said");
  bounded(fact.pieces, kMaxPieces, kTooMany);
  for (const auto& [pattern, first_begin] : listed(id)) {
    if (pattern >= kinds_.size()) no("CEP-LCHK-1", "a piece of a pattern that is not there");
    const Piece& kind = kinds_[pattern];
    if (std::size_t{first_begin} + kind.axes > begins_.size())
      no("CEP-LCHK-1", "a piece with begins that are not there");
    if (shape_[pattern] != tensor.shape && !has_shape(kind, plan.shape(id)))
      no("CEP-LCHK-4", "a piece of another shape");
    shape_[pattern] = tensor.shape;
    if (reference.element(kind.value) != tensor.element) no("CEP-LCHK-4", "a piece of another element type");
    const auto& extents = reference.value(kind.value).extents;
    for (std::size_t a = 0; a < kind.axes; ++a) {
      const Begin begin = begins_[first_begin + a];
      if (begin.linear == kNone) no("CEP-LCHK-1", "a piece that begins by a linear form that is not there");
      if (!linears_.within(begin, extents[a] - kind.sizes[a]))
        no("CEP-LCHK-4", "a piece that leaves its value");
    }
  }
}

Pieces Facts::pieces(Id tensor) const {
  bounded(certificate_.facts[tensor].pieces, kMaxPieces, kTooMany);
  Pieces all;
  all.reserve(certificate_.facts[tensor].pieces);
  for (const auto& [pattern, first_begin] : listed(tensor)) {
    all.push_back(kinds_[pattern]);
    std::copy_n(begins_.data() + first_begin, all.back().axes, all.back().begins.begin());
  }
  return all;
}

bool Facts::equal(Id a, Id b) const {
  const Single x = single(a), y = single(b);
  return x.kind != nullptr && x.kind == y.kind && std::equal(x.begins, x.begins + x.kind->axes, y.begins);
}

}  // namespace cep_check::logical
