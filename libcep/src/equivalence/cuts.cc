#include "cuts.h"

#include <algorithm>

#include "fired.h"

namespace cep::logical::calculus {

bool common_cut(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b,
                std::vector<std::int64_t>& out) {
  out.clear();
  std::size_t i = a.size(), j = b.size();
  std::int64_t x = 1, y = 1;
  for (;;) {
    while (x == 1 && i > 0) x = a[--i];
    while (y == 1 && j > 0) y = b[--j];
    if (x == 1 || y == 1) break;
    const auto common = fired<3>(piece_rules().common, std::array{x, y});
    if (!common) return false;
    out.push_back((*common)[0]);
    x = (*common)[1];
    y = (*common)[2];
  }
  std::ranges::reverse(out);
  return x == y;
}

AxisCuts::AxisCuts(const Program& program) : program_(&program) {
  first_dim_.reserve(program.tensors.size());
  for (Id id = 0; id < program.tensors.size(); ++id) {
    first_dim_.push_back(factors_.size());
    for (const std::int64_t length : program.shape(id))
      factors_.push_back(length == 1 ? Factors{} : Factors{length});
  }
}

bool AxisCuts::tie_dims(Factors& a, Factors& b) {
  if (a == b) return true;
  Factors cut;
  if (!common_cut(a, b, cut)) return false;
  changed_ = true;
  a = b = cut;
  return true;
}

bool AxisCuts::tie_tensors(Id a, Id b) { return tie_transposed(a, b, 0, 0); }

bool AxisCuts::tie_transposed(Id a, Id b, std::size_t dim0, std::size_t dim1) {
  const Shape &from = program_->shape(a), &to = program_->shape(b);
  if (from.size() != to.size()) return false;
  for (std::size_t d = 0; d < to.size(); ++d) {
    const std::size_t source = d == dim0 ? dim1 : d == dim1 ? dim0 : d;
    if (from[source] != to[d] || !tie_dims(at(a, source), at(b, d))) return false;
  }
  return true;
}

bool AxisCuts::tie_reshaped(Id a, Id b) {
  const auto flat = [this](Id tensor) {
    Factors all;
    for (std::size_t d = 0; d < program_->shape(tensor).size(); ++d)
      all.insert(all.end(), at(tensor, d).begin(), at(tensor, d).end());
    return all;
  };
  const Factors flat_a = flat(a), flat_b = flat(b);
  if (flat_a == flat_b) return true;
  Factors fine;
  if (!common_cut(flat_a, flat_b, fine)) return false;
  changed_ = true;
  for (const Id tensor : {a, b}) {
    std::size_t next = 0;
    for (std::size_t d = 0; d < program_->shape(tensor).size(); ++d) {
      Factors& list = at(tensor, d);
      list.clear();
      for (std::int64_t product = 1; product < program_->shape(tensor)[d]; product *= list.back())
        list.push_back(fine[next++]);
    }
  }
  return true;
}

bool AxisCuts::tie_axes(const std::vector<Axis>& dims, Id tensor, std::vector<Factors*>& first) {
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == kUnit) continue;
    auto*& seen = first[dims[d]];
    if (seen == nullptr) seen = &at(tensor, d);
    if (!tie_dims(*seen, at(tensor, d))) return false;
  }
  return true;
}

bool AxisCuts::tie_form(const Node& node, const Form& form) {
  std::vector<Factors*> first(form.axes, nullptr);
  const auto in = program_->inputs(node), out = program_->outputs(node);
  for (std::size_t i = 0; form.reads_operands && i < form.operands.size(); ++i) {
    if (!tie_axes(form.operands[i], in[i], first)) return false;
  }
  for (std::size_t r = 0; r < form.results.size(); ++r) {
    if (!tie_axes(form.results[r].dims, out[r], first)) return false;
  }
  return true;
}

bool AxisCuts::tie(const Node& node, const Meaning& meaning) {
  const auto in = program_->inputs(node), out = program_->outputs(node);
  switch (meaning.kind) {
    case Meaning::Kind::kForm: return tie_form(node, meaning.form);
    case Meaning::Kind::kSame:
      for (std::size_t r = 0; r < out.size(); ++r) {
        if (!tie_tensors(in[0], out[r])) return false;
      }
      return true;
    case Meaning::Kind::kSum:
      return std::ranges::all_of(in, [&](Id operand) { return tie_tensors(operand, out[0]); });
    case Meaning::Kind::kReshape: return tie_reshaped(in[0], out[0]);
    case Meaning::Kind::kTranspose: return tie_transposed(in[0], out[0], meaning.dim0, meaning.dim1);
  }
  return false;
}

}  // namespace cep::logical::calculus
