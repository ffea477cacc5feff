#include "tools/cep-check/logical/numbers.h"

#include <algorithm>
#include <numeric>

namespace cep_check::logical {

void refuse(const char* id, std::string where, std::string what) {
  throw Refusal{acp::invalid(id, std::move(where), std::move(what))};
}
void bounded(std::size_t number, std::size_t most, const char* what) {
  if (number > most) throw Refusal{acp::over_limit("CEP-LCHK-12", "", what)};
}
std::string item(const char* list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

namespace {
[[noreturn]] void too_large() {
  throw Refusal{acp::over_limit("CEP-LCHK-12", "", "a number that leaves 64 bits")};
}
}  // namespace

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) too_large();
  return sum;
}
std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) too_large();
  return product;
}

// ---- Fractions ----

Fraction fraction(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0 || denominator == INT64_MIN || numerator == INT64_MIN) too_large();
  const std::int64_t common = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
  return {numerator / common, denominator / common};
}
Fraction operator*(Fraction a, Fraction b) {
  const Fraction first = fraction(a.numerator, b.denominator), second = fraction(b.numerator, a.denominator);
  return fraction(times(first.numerator, second.numerator), times(first.denominator, second.denominator));
}
Fraction operator/(Fraction a, Fraction b) { return a * fraction(b.denominator, b.numerator); }
Fraction operator+(Fraction a, Fraction b) {
  if (a.denominator == b.denominator) return fraction(plus(a.numerator, b.numerator), a.denominator);
  return fraction(plus(times(a.numerator, b.denominator), times(b.numerator, a.denominator)),
                  times(a.denominator, b.denominator));
}

// ---- Linear forms ----

Linears::Linears(const std::vector<lp::Variable>& variables, std::vector<std::vector<std::int64_t>> radices) {
  if (radices.empty()) {
    for (const lp::Variable& variable : variables) radices.push_back({variable.size});
  }
  for (std::size_t v = 0; v < radices.size(); ++v) {
    of_.emplace_back();
    std::int64_t left = v < variables.size() ? variables[v].size : 0;
    for (const std::int64_t radix : radices[v]) {
      left = radix < 1 || left % radix != 0 ? 0 : left / radix;
      of_[v].push_back(static_cast<Id>(sizes_.size()));
      sizes_.push_back(radix);
      steps_.push_back(left);
    }
    if (left != 1) refuse("CEP-LCHK-1", item("digits", v), "not the digits of a variable");
  }
  if (of_.size() != variables.size()) refuse("CEP-LCHK-1", "digits", "not those of each variable");
  sizes_.resize(2 * sizes_.size());
  std::copy_n(sizes_.begin(), digits(), sizes_.begin() + static_cast<std::ptrdiff_t>(digits()));
  (void)number({});
}

std::uint32_t Linears::number(std::vector<std::int64_t> coefficients) {
  if (coefficients.size() > sizes_.size())
    refuse("CEP-LCHK-1", "linears", "a coefficient of a digit that is not there");
  for (std::size_t v = 0; v < coefficients.size(); ++v) {
    if (sizes_[v] == 1) coefficients[v] = 0;
  }
  while (!coefficients.empty() && coefficients.back() == 0) coefficients.pop_back();
  const auto [at, added] =
      numbers_.emplace(std::move(coefficients), static_cast<std::uint32_t>(forms_.size()));
  if (added) {
    Range range;
    for (std::size_t v = 0; v < at->first.size(); ++v) {
      const std::int64_t reach = times(at->first[v], sizes_[v] - 1);
      range.low = plus(range.low, std::min<std::int64_t>(reach, 0));
      range.high = plus(range.high, std::max<std::int64_t>(reach, 0));
    }
    forms_.push_back(at->first);
    ranges_.push_back(range);
  }
  return at->second;
}

Begin Linears::begin(const lp::Affine& affine) {
  std::vector<std::int64_t> form(digits());
  for (std::size_t v = 0; v < affine.by_variable.size(); ++v) {
    for (const Id digit : digits(static_cast<Id>(v)))
      form[digit] = times(affine.by_variable[v], steps_[digit]);
  }
  return {affine.constant, number(std::move(form))};
}

Range Linears::range(Begin begin) const {
  if (begin.linear == 0) return {begin.constant, begin.constant};
  const Range& range = ranges_[begin.linear];
  return {plus(range.low, begin.constant), plus(range.high, begin.constant)};
}

std::int64_t Linears::coefficient(std::uint32_t linear, Id variable) const {
  const std::vector<std::int64_t>& form = forms_[linear];
  return variable < form.size() ? form[variable] : 0;
}

Begin Linears::sum(Begin a, Begin b) {
  const std::int64_t constant = plus(a.constant, b.constant);
  if (a.linear == 0 || b.linear == 0) return {constant, a.linear + b.linear};
  std::vector<std::int64_t> form(sizes_.size());
  for (Id v = 0; v < form.size(); ++v) form[v] = plus(coefficient(a.linear, v), coefficient(b.linear, v));
  return {constant, number(std::move(form))};
}

Begin Linears::put(Begin begin, Id variable, std::int64_t value) {
  std::vector<std::int64_t> form = forms_[begin.linear];
  if (variable >= form.size() || form[variable] == 0) return begin;
  const std::int64_t constant = plus(begin.constant, times(form[variable], value));
  form[variable] = 0;
  return {constant, number(std::move(form))};
}

Begin Linears::twin(Begin begin, Id variable) {
  if (begin.linear == 0) return begin;
  std::vector<std::int64_t> form = forms_[begin.linear];
  form.resize(sizes_.size());
  for (const Id digit : digits(variable))
    form[digit + digits()] = plus(form[digit + digits()], std::exchange(form[digit], 0));
  return {begin.constant, number(std::move(form))};
}

bool Linears::divide(Begin begin, std::int64_t divisor, Begin& quotient, Begin& rest) {
  if (begin.constant < 0) return false;
  quotient = {begin.constant / divisor, 0};
  rest = {begin.constant % divisor, 0};
  if (begin.linear == 0) return true;
  std::vector<std::int64_t> whole = forms_[begin.linear], part(whole.size());
  for (std::size_t v = 0; v < whole.size(); ++v) {
    if (whole[v] % divisor == 0) {
      whole[v] /= divisor;
    } else {
      part[v] = std::exchange(whole[v], 0);
    }
  }
  quotient.linear = number(std::move(whole));
  rest.linear = number(std::move(part));
  return true;
}

}  // namespace cep_check::logical
