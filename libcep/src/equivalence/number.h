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

// A variable's digits by their radices, the outermost first. Every point of the variable is one tuple of digits (axis.regroup).
using Radices = std::vector<std::vector<std::int64_t>>;

// Linear forms without a constant, each once, in the digits of the plan's variables: what moves through two axes at once is linear in a
// digit for each. Number 0 is the form that is zero.
class Linears {
 public:
  // radices: per variable; none: every variable is its only digit.
  Linears(const std::vector<Variable>& variables, Radices radices) : radices_(std::move(radices)) {
    for (std::size_t v = 0; v < variables.size(); ++v) {
      first_.push_back(static_cast<Id>(points_.size()));
      const std::vector<std::int64_t> one{variables[v].size};
      const auto& digits = radices_.empty() ? one : radices_[v];
      points_.insert(points_.end(), digits.begin(), digits.end());
      steps_.resize(points_.size(), 1);
      for (std::size_t d = points_.size() - 1; d-- > first_.back();)
        steps_[d] = steps_[d + 1] * points_[d + 1];
    }
    first_.push_back(static_cast<Id>(points_.size()));
    (void)id({});
  }
  // Of a variable the first, and behind its last the first of the next.
  [[nodiscard]] Id first_digit(Id variable) const { return first_[variable]; }
  [[nodiscard]] Id digits() const { return first_.back(); }
  [[nodiscard]] const Radices& radices() const { return radices_; }
  [[nodiscard]] std::int64_t points(Id digit) const { return points_[digit]; }
  [[nodiscard]] bool moves(Id form, Id variable) const {
    for (Id digit = first_[variable]; digit < first_[variable + std::size_t{1}]; ++digit) {
      if (by(form, digit) != 0) return true;
    }
    return false;
  }
  [[nodiscard]] Id id(std::vector<std::int64_t> form) {
    // A digit of one point is always 0.
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
  [[nodiscard]] std::int64_t by(Id id, Id digit) const {
    return digit < forms_[id].size() ? forms_[id][digit] : 0;
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
  [[nodiscard]] Id without(Id form, Id digit) {
    if (by(form, digit) == 0) return form;
    auto rest = forms_[form];
    rest[digit] = 0;
    return id(std::move(rest));
  }
  // The digit at one of its points.
  [[nodiscard]] Begin at(const Begin& begin, Id digit, std::int64_t point) {
    return {begin.constant + by(begin.linear, digit) * point, without(begin.linear, digit)};
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
  [[nodiscard]] Begin digit(Id number) {
    std::vector<std::int64_t> form(number + std::size_t{1});
    form[number] = 1;
    return {0, id(std::move(form))};
  }
  [[nodiscard]] Begin begin(const Affine& affine) {
    std::vector<std::int64_t> form(points_.size());
    for (std::size_t v = 0; v < affine.by_variable.size() && v + 1 < first_.size(); ++v) {
      for (Id d = first_[v]; d < first_[v + 1]; ++d) {
        // Where a number of a plan is out of all range this wraps; the last digit's is still the number itself, and equals no other.
        form[d] = static_cast<std::int64_t>(static_cast<std::uint64_t>(affine.by_variable[v]) *
                                            static_cast<std::uint64_t>(steps_[d]));
      }
    }
    return {affine.constant, id(std::move(form))};
  }

 private:
  Radices radices_;
  std::vector<Id> first_;  // per variable, and one behind
  std::vector<std::int64_t> points_,
      steps_;  // per digit: how many it has, and what one of it is of the variable
  std::vector<std::vector<std::int64_t>> forms_;
  std::map<std::vector<std::int64_t>, Id> ids_;
};

}  // namespace cep::logical::calculus
