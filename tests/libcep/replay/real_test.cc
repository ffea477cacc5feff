// Intervals hold the numbers they stand for, and derivatives over the reals are those of the forward operators.
#include "replay/real.h"

#include <gtest/gtest.h>

#include <random>

#include "replay/operators.h"
#include "soundness/logical/document_writer.h"

namespace cep::logical::oracle {
namespace {

using Array = ArrayOf<Real>;

void expect_holds(Real interval, long double value) {
  EXPECT_LE(static_cast<long double>(interval.low), value);
  EXPECT_GE(static_cast<long double>(interval.high), value);
  EXPECT_LT(static_cast<long double>(interval.high) - static_cast<long double>(interval.low),
            1e-12L * (1 + std::fabs(value)));
}

TEST(Real, intervals_hold_what_a_longer_type_computes) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> in(-20, 20);
  for (int i = 0; i < 20000; ++i) {
    const double a = in(random), b = in(random);
    const long double x = a, y = b;
    const Real p{a, a}, q{b, b};
    expect_holds(add(p, q), x + y);
    expect_holds(subtract(p, q), x - y);
    expect_holds(multiply(p, q), x * y);
    expect_holds(inverse(p), 1 / x);
    expect_holds(sigmoid(p), 1 / (1 + std::exp(-x)));
    expect_holds(sigmoid_slope(p), std::exp(-x) / ((1 + std::exp(-x)) * (1 + std::exp(-x))));
    expect_holds(Numbers<Real>::power(p, 3), x * x * x);
    expect_holds(Numbers<Real>::power(p, -2), 1 / (x * x));
    expect_holds(Numbers<Real>::power_slope(p, 3), 3 * x * x);
    const Real small{a / 20, a / 20};
    expect_holds(exponential(small), std::exp(static_cast<long double>(a / 20)));
    if (a <= 0.1) continue;
    expect_holds(rsqrt(p), 1 / std::sqrt(x));
    expect_holds(rsqrt_slope(p), -0.5L / (x * std::sqrt(x)));
    expect_holds(Numbers<Real>::power(p, 0.75), std::pow(x, 0.75L));
    expect_holds(Numbers<Real>::power(p, -1.5), std::pow(x, -1.5L));
  }
}

TEST(Real, what_does_not_exist_differs_from_nothing) {
  const Real zero{0, 0}, one{1, 1};
  const Real undefined = inverse(zero);
  for (const Real none :
       {undefined, rsqrt(zero), rsqrt(Real{-1, -1}), multiply(undefined, zero),
        Numbers<Real>::power({-1, -1}, 0.5), add(undefined, one), sigmoid(undefined), exponential(undefined),
        inverse(undefined), Numbers<Real>::power(undefined, 0), round_to(Element::kBf16, undefined)}) {
    EXPECT_FALSE(Numbers<Real>::exists(none));
    EXPECT_FALSE(Numbers<Real>::certainly_differ(none, one));
    EXPECT_FALSE(Numbers<Real>::certainly_differ(one, none));
  }
  EXPECT_FALSE(Numbers<Real>::certainly_differ(multiply(Real{1e300, 1e300}, Real{1e300, 1e300}), one));
  EXPECT_TRUE(Numbers<Real>::certainly_differ(one, {1.0000001, 1.0000001}));
  EXPECT_FALSE(Numbers<Real>::certainly_differ(add(Real{0.1, 0.1}, Real{0.2, 0.2}), {0.3, 0.3}));
}

TEST(Real, a_mask_leaves_nothing) {
  const Real masked = Numbers<Real>::masked();
  EXPECT_LT(exponential(add({3, 3}, masked)).high, 1e-290);
  EXPECT_FALSE(Numbers<Real>::certainly_differ(masked, {0, 0})) << "it is no number";
}

TEST(Real, narrow_types_round_to_nearest_even) {
  const auto rounded = [](Element element, double value) {
    const Real at = round_to(element, Real{value, value});
    EXPECT_EQ(at.low, at.high);
    return at.low;
  };
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> in(-4, 4);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::ldexp(in(random), static_cast<int>(random() % 270) - 150);
    EXPECT_EQ(rounded(Element::kF32, value), static_cast<double>(static_cast<float>(value)));
  }
  EXPECT_EQ(rounded(Element::kBf16, 1.00390625), 1.0);       // 1 + 2^-8, to even
  EXPECT_EQ(rounded(Element::kBf16, 1.01171875), 1.015625);  // 1 + 3 * 2^-8
  EXPECT_EQ(rounded(Element::kF16, 1.0 + 0x1p-11), 1.0);
  EXPECT_EQ(rounded(Element::kF16, 65504), 65504);
  EXPECT_EQ(rounded(Element::kF16, 0x1p-25), 0);
  EXPECT_FALSE(Numbers<Real>::exists(round_to(Element::kF16, Real{70000, 70000})));
  EXPECT_EQ(round_to(Element::kF64, Real{0.1, 0.1}), (Real{0.1, 0.1}));
}

Array random_array(Shape shape, std::uint64_t key, double low, double high) {
  std::mt19937_64 random(key);
  std::uniform_real_distribution<double> in(low, high);
  Array made = zeros<Real>(std::move(shape), Element::kF32);
  for (Real& scalar : made.scalars) scalar = Numbers<Real>::of(in(random));
  return made;
}
std::vector<Array> run(const Operation& operation, const std::vector<Array>& operands,
                       const std::vector<Shape>& shapes) {
  std::vector<const Array*> pointers;
  for (const Array& operand : operands) pointers.push_back(&operand);
  std::vector<Array> results;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const bool indices = operation.name == "router" && !operation.backward && i == 1;
    results.push_back(zeros<Real>(shapes[i], indices ? Element::kI64 : Element::kF32));
  }
  EXPECT_EQ(apply(operation, pointers, results), "") << operation.name;
  return results;
}
double middle(Real at) { return (at.low + at.high) / 2; }

// <g, f(x + e) - f(x - e)> / 2 for a small step e along one operand is <df(g), e>, but for e^3.
struct Case {
  Operation forward;
  std::vector<Array> operands;
  std::size_t operand;  // that is moved
  std::vector<Shape> results, gradients;
  std::size_t gradient;  // of it, among those the backward form gives
};
void expect_derivative(const Case& one) {
  const Array g = random_array(one.results[0], 90, -1, 1);
  const Array step = random_array(one.operands[one.operand].shape, 91, -1e-4, 1e-4);
  std::vector<Array> operands{g};
  operands.insert(operands.end(), one.operands.begin(), one.operands.end());
  const Array slope = run(make_operation(one.forward.name, one.forward.attributes, true), operands,
                          one.gradients)[one.gradient];
  const auto moved = [&](double sign) {
    std::vector<Array> there = one.operands;
    Array& at = there[one.operand];
    for (std::size_t i = 0; i < at.scalars.size(); ++i)
      at.scalars[i] = Numbers<Real>::of(middle(at.scalars[i]) + sign * middle(step.scalars[i]));
    return run(one.forward, there, one.results)[0];
  };
  const Array up = moved(1), down = moved(-1);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < g.scalars.size(); ++i)
    left += middle(g.scalars[i]) * (middle(up.scalars[i]) - middle(down.scalars[i])) / 2;
  for (std::size_t i = 0; i < step.scalars.size(); ++i)
    right += middle(slope.scalars[i]) * middle(step.scalars[i]);
  EXPECT_NEAR(left, right, 1e-10) << one.forward.name << " operand " << one.operand;
  EXPECT_GT(std::fabs(right), 1e-7) << one.forward.name << ": the step changes nothing";
}

TEST(Real, derivatives_are_those_of_the_forward_operators) {
  const Array x = random_array({3, 4}, 1, -2, 2), positive = random_array({3, 4}, 2, 0.5, 2);
  expect_derivative({make_operation("silu"), {x}, 0, {{3, 4}}, {{3, 4}}, 0});
  expect_derivative({make_operation("rsqrt"), {positive}, 0, {{3, 4}}, {{3, 4}}, 0});
  expect_derivative({make_operation("softmax", {{"dim", std::int64_t{1}}}), {x}, 0, {{3, 4}}, {{3, 4}}, 0});
  for (const double exponent : {3.0, -2.0, 0.5, 1.0})
    expect_derivative(
        {make_operation("power", {{"exponent", exponent}}), {positive}, 0, {{3, 4}}, {{3, 4}}, 0});
  const Array w = random_array({6, 4}, 3, -1, 1);
  for (const char* score : {"sigmoid", "softmax"}) {
    const Operation router = make_operation("router", {{"n_groups", std::int64_t{2}},
                                                       {"route_scale", 2.5},
                                                       {"score_func", std::string(score)},
                                                       {"topk", std::int64_t{2}},
                                                       {"topk_groups", std::int64_t{1}}});
    for (const std::size_t operand : {0u, 1u})
      expect_derivative({router, {x, w}, operand, {{3, 2}, {3, 2}}, {{3, 4}, {6, 4}}, operand});
  }
  Array indices = zeros<Real>({3, 2}, Element::kI64);
  for (std::size_t i = 0; i < 6; ++i)
    indices.scalars[i] = Numbers<Real>::of(static_cast<std::int64_t>(i % 2));
  const std::vector<Array> operands{x,
                                    indices,
                                    random_array({3, 2}, 4, -1, 1),
                                    random_array({2, 5, 4}, 5, -1, 1),
                                    random_array({2, 5, 4}, 6, -1, 1),
                                    random_array({2, 4, 5}, 7, -1, 1)};
  const std::vector<Shape> gradients{{3, 4}, {3, 2}, {2, 5, 4}, {2, 5, 4}, {2, 4, 5}};
  const Operation experts = make_operation(
      "experts", {{"count", std::int64_t{2}}, {"start", std::int64_t{0}}, {"stop", std::int64_t{2}}});
  for (const auto& [operand, gradient] : {std::pair(0u, 0u), {2u, 1u}, {3u, 2u}, {4u, 3u}, {5u, 4u}})
    expect_derivative({experts, operands, operand, {{3, 4}}, gradients, gradient});
}

TEST(Real, a_choice_between_equal_scores_is_not_made) {
  const Array x = random_array({1, 2}, 1, 1, 2);
  const Array w = zeros<Real>({4, 2}, Element::kF32);
  const Operation router = make_operation("router", {{"n_groups", std::int64_t{1}},
                                                     {"route_scale", 1.0},
                                                     {"score_func", std::string("sigmoid")},
                                                     {"topk", std::int64_t{2}},
                                                     {"topk_groups", std::int64_t{1}}});
  std::vector<Array> results{zeros<Real>({1, 2}, Element::kF32), zeros<Real>({1, 2}, Element::kI64)};
  const std::vector<const Array*> operands{&x, &w};
  EXPECT_EQ(apply(router, operands, results), "router: scores too close to each other to choose");
}

}  // namespace
}  // namespace cep::logical::oracle
