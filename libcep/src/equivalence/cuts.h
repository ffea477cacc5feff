// Cutting the dimensions of a program into factors, so that every reshape is a regrouping of them and every axis of an operator is cut alike
// wherever it runs.
//
// Spec     CEP 11.5 (values).
#pragma once

#include <vector>

#include "cep/logical_forms.h"

namespace cep::logical::calculus {

// The finest of two cuts of one length, outermost factor first.
// Errors   false: neither divides the other somewhere.
[[nodiscard]] bool common_cut(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b,
                              std::vector<std::int64_t>& out);

class AxisCuts {
 public:
  using Factors = std::vector<std::int64_t>;  // none is 1

  AxisCuts() = default;
  explicit AxisCuts(const Program& program);
  // Makes a node's operands and results agree. Errors: false, when they cannot.
  [[nodiscard]] bool tie(const Node& node, const Meaning& meaning);
  void start_round() { changed_ = false; }
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] const Factors& factors(Id tensor, std::size_t dim) const {
    return factors_[first_dim_[tensor] + dim];
  }

 private:
  Factors& at(Id tensor, std::size_t dim) { return factors_[first_dim_[tensor] + dim]; }
  bool tie_dims(Factors& a, Factors& b);
  bool tie_tensors(Id a, Id b);
  bool tie_transposed(Id a, Id b, std::size_t dim0, std::size_t dim1);
  bool tie_reshaped(Id a, Id b);
  bool tie_axes(const std::vector<Axis>& dims, Id tensor, std::vector<Factors*>& first);
  bool tie_form(const Node& node, const Form& form);

  const Program* program_ = nullptr;
  std::vector<std::size_t> first_dim_;  // per tensor, in factors_
  std::vector<Factors> factors_;        // per dimension of every tensor
  bool changed_ = false;
};

}  // namespace cep::logical::calculus
