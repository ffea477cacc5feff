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
  for (std::size_t i = 0; i < kinds_.size(); ++i) check_pattern(i, reference);
  for (Id id = 0; id < plan.tensors.size(); ++id) check_fact(plan, id, reference);
}

void Facts::check_pattern(std::size_t index, const Reference& reference) {
  const auto& pattern = certificate_.patterns[index];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-4", item("patterns", index), what); };
  if (!reference.defined(pattern.value))
    refuse("CEP-LCHK-1", item("patterns", index), "no value of a tensor of the reference");
  const auto& value = reference.value(pattern.value);
  if (pattern.sizes.size() != value.extents.size() || pattern.dims.size() > kMaxRank)
    no("not a size for each axis, or a rank over 8");
  if (pattern.numerator == 0 || pattern.denominator == 0) no("no factor");
  Piece& kind = kinds_[index];
  kind.value = pattern.value;
  kind.factor = fraction(pattern.numerator, pattern.denominator);
  kind.axes = static_cast<std::uint8_t>(value.extents.size());
  kind.coordinates = static_cast<std::uint8_t>(value.coordinates);
  for (std::size_t a = 0; a < pattern.sizes.size(); ++a) {
    kind.sizes[a] = pattern.sizes[a];
    if (kind.sizes[a] < 1 || kind.sizes[a] > value.extents[a]) no("a size that its axis does not have");
  }
  if (!lay_out(kind, pattern.dims)) no("an axis that is not to be laid out, twice, or missing");
}

// The pieces lie within their values, and have the tensor's shape and element.
void Facts::check_fact(const lp::Program& plan, Id tensor, const Reference& reference) {
  const auto& fact = certificate_.facts[tensor];
  const lp::Shape& shape = plan.shape(tensor);
  const std::size_t pieces = certificate_.pieces.size(), begins = certificate_.begins.size();
  if (fact.first_piece > pieces || fact.pieces > pieces - fact.first_piece)
    refuse("CEP-LCHK-1", item("facts", tensor), "pieces that are not there");
  if (fact.pieces == 0) refuse("CEP-LCHK-4", item("facts", tensor), "nothing is said");
  for (std::size_t i = fact.first_piece; i < std::size_t{fact.first_piece} + fact.pieces; ++i) {
    const auto& piece = certificate_.pieces[i];
    if (piece.pattern >= kinds_.size()) refuse("CEP-LCHK-1", item("pieces", i), "no such pattern");
    const Piece& kind = kinds_[piece.pattern];
    if (piece.first_begin > begins || kind.axes > begins - piece.first_begin)
      refuse("CEP-LCHK-1", item("pieces", i), "begins that are not there");
    if (shape_[piece.pattern] != plan.tensors[tensor].shape && !has_shape(kind, shape))
      refuse("CEP-LCHK-4", item("facts", tensor), "a piece of another shape");
    shape_[piece.pattern] = plan.tensors[tensor].shape;
    if (reference.element(kind.value) != plan.tensors[tensor].element)
      refuse("CEP-LCHK-4", item("facts", tensor), "a piece of another element type");
    const auto& extents = reference.value(kind.value).extents;
    for (std::size_t a = 0; a < kind.axes; ++a) {
      const Begin begin = begins_[piece.first_begin + a];
      if (begin.linear == kNone) refuse("CEP-LCHK-1", item("pieces", i), "no such linear form");
      const Range range = linears_.range(begin);
      if (range.low < 0 || range.high > extents[a] - kind.sizes[a])
        refuse("CEP-LCHK-4", item("facts", tensor), "a piece that leaves its value");
    }
  }
}

Pieces Facts::pieces(Id tensor) const {
  const auto& fact = certificate_.facts[tensor];
  bounded(fact.pieces, kMaxPieces, kTooMany);
  Pieces all;
  all.reserve(fact.pieces);
  for (std::size_t i = fact.first_piece; i < std::size_t{fact.first_piece} + fact.pieces; ++i) {
    const auto& piece = certificate_.pieces[i];
    all.push_back(kinds_[piece.pattern]);
    std::copy_n(begins_.data() + piece.first_begin, all.back().axes, all.back().begins.begin());
  }
  return all;
}

bool Facts::equal(Id a, Id b) const {
  const Single x = single(a), y = single(b);
  return x.kind != nullptr && x.kind == y.kind && std::equal(x.begins, x.begins + x.kind->axes, y.begins);
}

}  // namespace cep_check::logical
