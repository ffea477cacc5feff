// Numbers of facts: coefficients of terms, and where a piece begins.
#pragma once

#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::calculus {

__extension__ using Wide = __int128;

// A fraction in lowest terms, its denominator positive.
struct Rational {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  auto operator<=>(const Rational&) const = default;
};
inline constexpr Rational kOne{};

// Errors   nothing, when a number leaves 64 bits: the caller cannot follow.
[[nodiscard]] inline std::optional<Rational> fraction(Wide numerator, Wide denominator) {
  if (denominator == 0) return std::nullopt;
  if (denominator < 0) numerator = -numerator, denominator = -denominator;
  Wide a = numerator < 0 ? -numerator : numerator, b = denominator;
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  numerator /= a;
  denominator /= a;
  constexpr Wide kMost = INT64_MAX;
  if (numerator > kMost || numerator < -kMost || denominator > kMost) return std::nullopt;
  return Rational{static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}
[[nodiscard]] inline std::optional<Rational> times(const Rational& a, const Rational& b) {
  const auto left = fraction(a.numerator, b.denominator), right = fraction(b.numerator, a.denominator);
  if (!left || !right) return std::nullopt;
  return fraction(static_cast<Wide>(left->numerator) * right->numerator,
                  static_cast<Wide>(left->denominator) * right->denominator);
}
[[nodiscard]] inline std::optional<Rational> ratio(const Rational& a, const Rational& b) {
  if (b.numerator == 0) return std::nullopt;
  return times(a, {b.denominator, b.numerator});
}
[[nodiscard]] inline std::optional<Rational> plus(const Rational& a, const Rational& b) {
  // At most 127 bits: 63 + 63 + 1.
  return fraction(
      static_cast<Wide>(a.numerator) * b.denominator + static_cast<Wide>(b.numerator) * a.denominator,
      static_cast<Wide>(a.denominator) * b.denominator);
}

// Where a piece begins along one axis: a number, and a linear form in the plan's variables by its place in a table (0: none).
struct Begin {
  std::int64_t constant = 0;
  Id linear = 0;
  auto operator<=>(const Begin&) const = default;
};

// Linear forms without a constant, each once. Number 0 is the form that is zero.
class Linears {
 public:
  explicit Linears(const std::vector<Variable>& variables) {
    for (const Variable& variable : variables) points_.push_back(variable.size);
    (void)id({});
  }
  [[nodiscard]] Id id(std::vector<std::int64_t> form) {
    // A variable of one point is always 0.
    for (std::size_t v = 0; v < form.size() && v < points_.size(); ++v) {
      if (points_[v] <= 1) form[v] = 0;
    }
    while (!form.empty() && form.back() == 0) form.pop_back();
    const auto [at, added] = ids_.try_emplace(form, static_cast<Id>(forms_.size()));
    if (added) forms_.push_back(std::move(form));
    return at->second;
  }
  [[nodiscard]] std::size_t size() const { return forms_.size(); }
  [[nodiscard]] const std::vector<std::int64_t>& form(Id id) const { return forms_[id]; }
  [[nodiscard]] std::int64_t by(Id id, Id variable) const {
    return variable < forms_[id].size() ? forms_[id][variable] : 0;
  }
  // form + factor * other
  [[nodiscard]] Id add(Id form, Id other, std::int64_t factor) {
    if (other == 0 || factor == 0) return form;
    auto sum = forms_[form];
    const auto& more = forms_[other];
    if (sum.size() < more.size()) sum.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) sum[i] += factor * more[i];
    return id(std::move(sum));
  }
  [[nodiscard]] Id without(Id form, Id variable) {
    if (by(form, variable) == 0) return form;
    auto rest = forms_[form];
    rest[variable] = 0;
    return id(std::move(rest));
  }
  // The variable at one of its points.
  [[nodiscard]] Begin at(const Begin& begin, Id variable, std::int64_t point) {
    return {begin.constant + by(begin.linear, variable) * point, without(begin.linear, variable)};
  }
  // Whether constant + form lies within [0, most] at all points.
  [[nodiscard]] bool stays_within(std::int64_t constant, const std::vector<std::int64_t>& form,
                                  std::int64_t most) const {
    Wide low = constant, high = constant;
    for (std::size_t v = 0; v < form.size(); ++v) {
      const Wide reach = static_cast<Wide>(form[v]) * (v < points_.size() ? points_[v] - 1 : 0);
      (reach < 0 ? low : high) += reach;
    }
    return low >= 0 && high <= most;
  }
  [[nodiscard]] Begin variable(Id number) {
    std::vector<std::int64_t> form(number + std::size_t{1});
    form[number] = 1;
    return {0, id(std::move(form))};
  }
  [[nodiscard]] Begin begin(const Affine& affine) { return {affine.constant, id(affine.by_variable)}; }

 private:
  std::vector<std::int64_t> points_;  // per variable
  std::vector<std::vector<std::int64_t>> forms_;
  std::map<std::vector<std::int64_t>, Id> ids_;
};

}  // namespace cep::logical::calculus
