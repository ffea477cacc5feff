// Numbers of facts: fractions, and begins of boxes that are linear in the plan's variables.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "acp/result.h"
#include "cep/logical_certificate.h"

namespace cep_check::logical {

namespace lp = cep::logical;
using lp::Id;
using lp::kNone;

// Thrown inside this folder, caught by check().
struct Refusal {
  acp::Error error;
};
[[noreturn]] void refuse(const char* id, std::string where, std::string what);
// CEP-LCHK-12 where a number is over its limit.
void bounded(std::size_t number, std::size_t most, const char* what);
[[nodiscard]] std::string item(const char* list, std::size_t index);

// Sums and products that leave 64 bits are refused: CEP-LCHK-12.
[[nodiscard]] std::int64_t plus(std::int64_t a, std::int64_t b);
[[nodiscard]] std::int64_t times(std::int64_t a, std::int64_t b);

struct Fraction {  // in lowest terms, denominator positive
  std::int64_t numerator = 1, denominator = 1;
  auto operator<=>(const Fraction&) const = default;
};
[[nodiscard]] Fraction fraction(std::int64_t numerator, std::int64_t denominator);  // not of 0
[[nodiscard]] Fraction operator*(Fraction a, Fraction b);
[[nodiscard]] Fraction operator/(Fraction a, Fraction b);
[[nodiscard]] Fraction operator+(Fraction a, Fraction b);

// constant + the linear form of this number.
struct Begin {
  std::int64_t constant = 0;
  std::uint32_t linear = 0;  // in Linears; 0: none
  auto operator<=>(const Begin&) const = default;
};

// The linear forms that occur, each once, so that equal numbers are equal functions: digits of one point count as zero. Forms are in the
// digits of the plan's variables, the outermost first; every digit has a twin that runs over the same points, for a second member of a group.
class Linears {
 public:
  // radices: per variable; none: every variable is its only digit.
  Linears(const std::vector<lp::Variable>& variables, std::vector<std::vector<std::int64_t>> radices);

  [[nodiscard]] std::uint32_t number(std::vector<std::int64_t> coefficients);  // of at most the digits
  [[nodiscard]] Begin begin(const lp::Affine& affine);
  [[nodiscard]] bool within(Begin begin, std::int64_t most) const;  // [0, most], at every point?
  [[nodiscard]] std::int64_t coefficient(std::uint32_t linear, Id digit) const;
  [[nodiscard]] Id digits() const { return static_cast<Id>(digits_.size()); }
  [[nodiscard]] std::int64_t points(Id digit) const { return digits_[digit % digits()].points; }
  [[nodiscard]] std::vector<Id> digits(Id variable) const;

  [[nodiscard]] Begin sum(Begin a, Begin b);
  // The value of a digit put in, or a variable's twin in its place.
  [[nodiscard]] Begin put(Begin begin, Id digit, std::int64_t value);
  [[nodiscard]] Begin twin(Begin begin, Id variable);
  // begin = quotient * divisor + rest, term by term: a term that is not a multiple is all rest.
  [[nodiscard]] std::pair<Begin, Begin> divide(Begin begin, std::int64_t divisor);

 private:
  template <typename Coefficient>
  [[nodiscard]] std::uint32_t form(const Coefficient& coefficient);

  struct Digit {
    Id variable = 0;
    std::int64_t points = 1, step = 1;  // step: what one of it is of the variable
  };
  std::vector<Digit> digits_;  // the twins, which are numbered behind them, left out
  std::vector<std::vector<std::int64_t>> forms_;
  std::map<std::vector<std::int64_t>, std::uint32_t> numbers_;
};

}  // namespace cep_check::logical
