#include "tools/cep-check/logical/numbers.h"

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

__extension__ using Wide = __int128;  // no sum or product of two numbers leaves it

[[noreturn]] void too_large() {
  throw Refusal{acp::over_limit("CEP-LCHK-12", "", "a number that leaves 64 bits")};
}
std::int64_t narrow(Wide number) {
  if (number < INT64_MIN || number > INT64_MAX) too_large();
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::int64_t plus(std::int64_t a, std::int64_t b) { return narrow(Wide{a} + b); }
std::int64_t times(std::int64_t a, std::int64_t b) { return narrow(Wide{a} * b); }

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
  const Fraction by = fraction(b.denominator, a.denominator);  // to the least common denominator
  return fraction(plus(times(a.numerator, by.numerator), times(b.numerator, by.denominator)),
                  times(a.denominator, by.numerator));
}

// ---- Linear forms ----

Linears::Linears(const std::vector<lp::Variable>& variables, std::vector<std::vector<std::int64_t>> radices) {
  if (radices.empty()) {
    for (const lp::Variable& variable : variables) radices.push_back({variable.size});
  }
  if (radices.size() != variables.size()) refuse("CEP-LCHK-1", "digits", "not those of each variable");
  for (Id v = 0; v < radices.size(); ++v) {
    std::int64_t left = variables[v].size;
    for (const std::int64_t radix : radices[v]) {
      left = radix < 1 || left % radix != 0 ? 0 : left / radix;
      digits_.push_back({v, radix, left});
    }
    if (left != 1) refuse("CEP-LCHK-1", item("digits", v), "not the digits of a variable");
  }
  (void)number({});
}

std::uint32_t Linears::number(std::vector<std::int64_t> coefficients) {
  for (Id digit = 0; digit < coefficients.size(); ++digit) {
    if (points(digit) == 1) coefficients[digit] = 0;
  }
  while (!coefficients.empty() && coefficients.back() == 0) coefficients.pop_back();
  const auto [at, added] =
      numbers_.try_emplace(std::move(coefficients), static_cast<std::uint32_t>(forms_.size()));
  if (added) forms_.push_back(at->first);
  return at->second;
}

std::vector<Id> Linears::digits(Id variable) const {
  std::vector<Id> all;
  for (Id digit = 0; digit < digits(); ++digit) {
    if (digits_[digit].variable == variable) all.push_back(digit);
  }
  return all;
}

// That has this coefficient of every digit, and of every twin.
template <typename Coefficient>
std::uint32_t Linears::form(const Coefficient& coefficient) {
  std::vector<std::int64_t> coefficients(2 * digits_.size());
  for (Id digit = 0; digit < coefficients.size(); ++digit) coefficients[digit] = coefficient(digit);
  return number(std::move(coefficients));
}

Begin Linears::begin(const lp::Affine& affine) {
  std::vector<std::int64_t> form;
  form.reserve(digits_.size());
  for (const Digit& digit : digits_) {
    const bool there = digit.variable < affine.by_variable.size();
    form.push_back(there ? times(affine.by_variable[digit.variable], digit.step) : 0);
  }
  return {affine.constant, number(std::move(form))};
}

bool Linears::within(Begin begin, std::int64_t most) const {
  if (begin.linear == 0) return begin.constant >= 0 && begin.constant <= most;
  std::int64_t low = begin.constant, high = begin.constant;
  for (Id digit = 0; digit < forms_[begin.linear].size(); ++digit) {
    const std::int64_t reach = times(forms_[begin.linear][digit], points(digit) - 1);
    std::int64_t& end = reach < 0 ? low : high;
    end = plus(end, reach);
  }
  return low >= 0 && high <= most;
}

std::int64_t Linears::coefficient(std::uint32_t linear, Id digit) const {
  const std::vector<std::int64_t>& form = forms_[linear];
  return digit < form.size() ? form[digit] : 0;
}

Begin Linears::sum(Begin a, Begin b) {
  const std::int64_t constant = plus(a.constant, b.constant);
  if (a.linear == 0 || b.linear == 0) return {constant, a.linear + b.linear};
  return {constant,
          form([&](Id digit) { return plus(coefficient(a.linear, digit), coefficient(b.linear, digit)); })};
}

Begin Linears::put(Begin begin, Id digit, std::int64_t value) {
  const std::int64_t step = coefficient(begin.linear, digit);
  if (step == 0) return begin;
  return {plus(begin.constant, times(step, value)),
          form([&](Id other) { return other == digit ? 0 : coefficient(begin.linear, other); })};
}

Begin Linears::twin(Begin begin, Id variable) {
  if (begin.linear == 0) return begin;
  return {begin.constant, form([&](Id digit) {
            const std::int64_t mine = coefficient(begin.linear, digit);
            if (digits_[digit % digits()].variable != variable) return mine;
            return digit < digits() ? 0 : plus(mine, coefficient(begin.linear, digit - digits()));
          })};
}

std::pair<Begin, Begin> Linears::divide(Begin begin, std::int64_t divisor) {
  Begin quotient{begin.constant / divisor}, rest{begin.constant % divisor};
  if (begin.linear == 0) return {quotient, rest};
  const auto term = [&](Id digit) { return coefficient(begin.linear, digit); };
  quotient.linear = form([&](Id digit) { return term(digit) % divisor == 0 ? term(digit) / divisor : 0; });
  rest.linear = form([&](Id digit) { return term(digit) % divisor == 0 ? 0 : term(digit); });
  return {quotient, rest};
}

}  // namespace cep_check::logical
