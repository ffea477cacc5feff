// Operators of the oracle against numbers worked out by hand, and derivatives against differences.
#include "replay/operators.h"

#include <gtest/gtest.h>

#include <random>

#include "soundness/logical/document_writer.h"

namespace cep::logical::oracle {
namespace {

Array numbers(Shape shape, const std::vector<std::int64_t>& values, Element element = Element::kF32) {
  Array made{.shape = std::move(shape), .element = element, .scalars = {}};
  for (const std::int64_t value : values) made.scalars.push_back(from_integer(value));
  return made;
}
Array random_array(Shape shape, std::uint64_t key, Element element = Element::kF32) {
  Array made = zeros(std::move(shape), element);
  for (std::size_t i = 0; i < made.scalars.size(); ++i) made.scalars[i] = hash(key, i) % kPrime;
  return made;
}

std::vector<Array> run(const Operation& operation, const std::vector<Array>& operands,
                       const std::vector<Shape>& shapes, Element element = Element::kF32) {
  std::vector<const Array*> pointers;
  for (const Array& operand : operands) pointers.push_back(&operand);
  std::vector<Array> results;
  for (const Shape& shape : shapes) results.push_back(zeros(shape, element));
  EXPECT_EQ(apply(operation, pointers, results), "") << operation.name;
  return results;
}
Array run1(const Operation& operation, const std::vector<Array>& operands, const Shape& shape,
           Element element = Element::kF32) {
  return run(operation, operands, {shape}, element)[0];
}

TEST(Field, agrees_with_remainders) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    const Scalar a = random() % kPrime;
    const Scalar b = random() % kPrime;
    EXPECT_EQ(multiply(a, b), static_cast<Scalar>(static_cast<Wide>(a) * b % kPrime));
    EXPECT_EQ(add(a, b), (a + b) % kPrime);
    EXPECT_EQ(add(subtract(a, b), b), a);
    if (a != 0) {
      EXPECT_EQ(multiply(a, inverse(a)), 1u);
    }
  }
  EXPECT_EQ(multiply(kPrime - 1, kPrime - 1), 1u);
}

TEST(Field, doubles_are_dyadic_fractions) {
  EXPECT_EQ(from_double(3.0), 3u);
  EXPECT_EQ(from_double(-2.0), kPrime - 2);
  EXPECT_EQ(from_double(0.0), 0u);
  EXPECT_EQ(multiply(from_double(0.75), 4), 3u);
  const double root = 5.656854249492381;
  EXPECT_EQ(multiply(from_double(root), from_double(0.5)), from_double(root / 2));
  EXPECT_EQ(multiply(from_double(1e-05), 1024), from_double(1024 * 1e-05));
  EXPECT_NE(from_double(1e-05), from_double(1e-06));
}

TEST(Operators, linear_by_hand) {
  // [1 2 3; 4 5 6] times [1 0 1; 2 1 0] transposed
  const Array x = numbers({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array w = numbers({2, 3}, {1, 0, 1, 2, 1, 0});
  EXPECT_EQ(run1(make_operation("linear"), {x, w}, {2, 2}), numbers({2, 2}, {4, 4, 10, 13}));
  const Array g = numbers({2, 2}, {1, 10, 100, 1000});
  const auto back = run(make_operation("linear", {}, true), {g, x, w}, {{2, 3}, {2, 3}});
  EXPECT_EQ(back[0], numbers({2, 3}, {21, 10, 1, 2100, 1000, 100}));
  EXPECT_EQ(back[1], numbers({2, 3}, {401, 502, 603, 4010, 5020, 6030}));
}

TEST(Operators, matmul_by_hand) {
  const Array a = numbers({1, 2, 2}, {1, 2, 3, 4});
  const Array b = numbers({1, 2, 2}, {5, 6, 7, 8});
  EXPECT_EQ(run1(make_operation("matmul"), {a, b}, {1, 2, 2}), numbers({1, 2, 2}, {19, 22, 43, 50}));
}

TEST(Operators, embedding_by_hand) {
  const Array ids = numbers({3}, {2, 5, 3}, Element::kI64);
  const Array w = numbers({2, 2}, {1, 2, 3, 4});
  const Attributes range{{"start", std::int64_t{2}}, {"stop", std::int64_t{4}}};
  EXPECT_EQ(run1(make_operation("embedding", range), {ids, w}, {3, 2}), numbers({3, 2}, {1, 2, 0, 0, 3, 4}));
  const Array g = numbers({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(run1(make_operation("embedding", range, true), {g, ids, w}, {2, 2}),
            numbers({2, 2}, {1, 2, 5, 6}));
}

TEST(Operators, caches_by_hand) {
  const Attributes at1{{"position", std::int64_t{1}}};
  const Array cache = numbers({1, 2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Array fresh = numbers({1, 2, 1, 2}, {21, 22, 23, 24});
  EXPECT_EQ(run1(make_operation("cache_update", at1), {cache, fresh}, {1, 2, 3, 2}),
            numbers({1, 2, 3, 2}, {1, 2, 21, 22, 5, 6, 7, 8, 23, 24, 11, 12}));
  const Array mask = run1(make_operation("cache_mask", at1), {fresh}, {1, 1, 2, 4});
  std::vector<bool> hidden;
  for (const Scalar scalar : mask.scalars) hidden.push_back(scalar != 0);
  EXPECT_EQ(hidden, (std::vector<bool>{false, false, true, true, false, false, false, true}));
  // A position past the end.
  const Attributes at3{{"position", std::int64_t{3}}};
  std::vector<Array> results = {zeros({1, 2, 3, 2}, Element::kF32)};
  const Array* operands[] = {&cache, &fresh};
  EXPECT_NE(apply(make_operation("cache_update", at3), operands, results), "");
}

TEST(Operators, stretched_operands) {
  const Array a = numbers({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array column = numbers({2, 1}, {10, 100});
  const Array row = numbers({3}, {1, 2, 3});
  EXPECT_EQ(run1(make_operation("mul"), {a, column}, {2, 3}), numbers({2, 3}, {10, 20, 30, 400, 500, 600}));
  EXPECT_EQ(run1(make_operation("add", {{"alpha", 2.0}}), {a, row}, {2, 3}),
            numbers({2, 3}, {3, 6, 9, 6, 9, 12}));
  const Array g = numbers({2, 3}, {1, 1, 1, 1, 1, 1});
  const auto mul_back = run(make_operation("mul", {}, true), {g, a, column}, {{2, 3}, {2, 1}});
  EXPECT_EQ(mul_back[0], numbers({2, 3}, {10, 10, 10, 100, 100, 100}));
  EXPECT_EQ(mul_back[1], numbers({2, 1}, {6, 15}));
  const auto add_back = run(make_operation("add", {{"alpha", 2.0}}, true), {g, a, row}, {{2, 3}, {3}});
  EXPECT_EQ(add_back[1], numbers({3}, {4, 4, 4}));
}

TEST(Operators, constants_means_and_powers) {
  const Array x = numbers({2, 2}, {2, 4, 6, 8});
  EXPECT_EQ(run1(make_operation("mean", {{"dims", std::vector<std::int64_t>{1}}}), {x}, {2, 1}),
            numbers({2, 1}, {3, 7}));
  EXPECT_EQ(run1(make_operation("power", {{"exponent", 2.0}}), {x}, {2, 2}),
            numbers({2, 2}, {4, 16, 36, 64}));
  EXPECT_EQ(run1(make_operation("div", {{"constant", 2.0}}), {x}, {2, 2}), numbers({2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(run1(make_operation("add", {{"alpha", 2.0}, {"constant", 3.0}}), {x}, {2, 2}),
            numbers({2, 2}, {8, 10, 12, 14}));
  EXPECT_EQ(run1(make_operation("sum_all"), {x}, {1}), numbers({1}, {20}));
  const Array g = numbers({2, 1}, {2, 4});
  EXPECT_EQ(run1(make_operation("mean", {{"dims", std::vector<std::int64_t>{1}}}, true), {g, x}, {2, 2}),
            numbers({2, 2}, {1, 1, 2, 2}));
  EXPECT_EQ(run1(make_operation("power", {{"exponent", 3.0}}, true), {x, x}, {2, 2}),
            numbers({2, 2}, {24, 192, 648, 1536}));
}

TEST(Operators, rotary_by_hand) {
  // One position, one head, one pair: (1 + 2i)(3 + 4i) = -5 + 10i; by the conjugate 11 + 2i.
  const Array q = numbers({1, 1, 1, 2}, {1, 2});
  const Array f = numbers({1, 1}, {3, 4}, Element::kC64);
  const auto forward = run(make_operation("rotary"), {q, q, f}, {{1, 1, 1, 2}, {1, 1, 1, 2}});
  EXPECT_EQ(forward[0], numbers({1, 1, 1, 2}, {-5, 10}));
  const auto back = run(make_operation("rotary", {}, true), {q, q, q, q, f}, {{1, 1, 1, 2}, {1, 1, 1, 2}});
  EXPECT_EQ(back[1], numbers({1, 1, 1, 2}, {11, 2}));
}

TEST(Operators, transpose_by_hand) {
  const Array x = numbers({2, 3}, {1, 2, 3, 4, 5, 6});
  const Attributes dims{{"dim0", std::int64_t{0}}, {"dim1", std::int64_t{-1}}};
  EXPECT_EQ(run1(make_operation("transpose", dims), {x}, {3, 2}), numbers({3, 2}, {1, 4, 2, 5, 3, 6}));
}

TEST(Operators, softmax_rows_add_up_to_one) {
  const Array x = random_array({3, 4}, 1);
  const Operation rows = make_operation("softmax", {{"dim", std::int64_t{-1}}});
  const Array y = run1(rows, {x}, {3, 4});
  for (std::size_t row = 0; row < 3; ++row) {
    Scalar total = 0;
    for (std::size_t i = 0; i < 4; ++i) total = add(total, y.scalars[row * 4 + i]);
    EXPECT_EQ(total, 1u);
  }
  const Operation columns = make_operation("softmax", {{"dim", std::int64_t{0}}});
  EXPECT_NE(run1(columns, {x}, {3, 4}), y);
  // The derivative of a constant sum: a constant gradient gives none.
  Array g = zeros({3, 4}, Element::kF32);
  std::fill(g.scalars.begin(), g.scalars.end(), 7);
  EXPECT_EQ(run1(make_operation("softmax", rows.attributes, true), {g, x}, {3, 4}),
            zeros({3, 4}, Element::kF32));
}

TEST(Operators, mask_is_above_the_diagonal) {
  const Array mask = run1(make_operation("causal_mask"),
                          {numbers({1, 2}, {0, 0}, Element::kI64), numbers({1}, {0})}, {1, 1, 2, 2});
  EXPECT_EQ(mask.scalars[0], 0u);
  EXPECT_NE(mask.scalars[1], 0u);
  EXPECT_EQ(mask.scalars[2], 0u);
  EXPECT_EQ(mask.scalars[3], 0u);
}

const Attributes kRouting{{"score_func", std::string("sigmoid")},
                          {"n_groups", std::int64_t{2}},
                          {"topk_groups", std::int64_t{1}},
                          {"topk", std::int64_t{2}},
                          {"route_scale", 2.5}};

TEST(Operators, router_keeps_to_one_group_and_its_scale) {
  const Array x = random_array({5, 3}, 2);
  const Array w = random_array({6, 3}, 3);
  std::vector<Array> results{zeros({5, 2}, Element::kF32), zeros({5, 2}, Element::kI64)};
  const std::vector<const Array*> operands{&x, &w};
  ASSERT_EQ(apply(make_operation("router", kRouting), operands, results), "");
  for (std::size_t row = 0; row < 5; ++row) {
    EXPECT_EQ(add(results[0].scalars[row * 2], results[0].scalars[row * 2 + 1]), from_double(2.5));
    EXPECT_EQ(results[1].scalars[row * 2] / 3, results[1].scalars[row * 2 + 1] / 3) << "of one group";
    EXPECT_NE(results[1].scalars[row * 2], results[1].scalars[row * 2 + 1]);
  }
}

TEST(Operators, experts_of_two_ranges_add_up) {
  const Array x = random_array({4, 3}, 4);
  const Array indices = numbers({4, 2}, {0, 1, 2, 3, 1, 2, 3, 0}, Element::kI64);
  const Array weights = random_array({4, 2}, 5);
  const Array w1 = random_array({4, 2, 3}, 6), w3 = random_array({4, 2, 3}, 7),
              w2 = random_array({4, 3, 2}, 8);
  const auto range = [](std::int64_t start, std::int64_t stop) {
    return Attributes{{"count", std::int64_t{4}}, {"start", start}, {"stop", stop}};
  };
  const Array whole = run1(make_operation("experts", range(0, 4)), {x, indices, weights, w1, w3, w2}, {4, 3});
  Array sum = zeros({4, 3}, Element::kF32);
  for (std::int64_t half = 0; half < 2; ++half) {
    const auto part = [&](const Array& w) { return piece_of(w, 0, half, 2); };
    const Array y = run1(make_operation("experts", range(2 * half, 2 * half + 2)),
                         {x, indices, weights, part(w1), part(w3), part(w2)}, {4, 3});
    for (std::size_t i = 0; i < y.scalars.size(); ++i) sum.scalars[i] = add(sum.scalars[i], y.scalars[i]);
  }
  EXPECT_EQ(sum, whole);
}

// In what an operator is linear in, its derivative times a step is the difference it makes, exactly:
// <g, f(x + d) - f(x)> = <df(g), d>.
void expect_derivative(const Operation& forward, std::vector<Array> operands, std::size_t in,
                       const Shape& result, const std::vector<Shape>& gradients, std::size_t which) {
  const Array g = random_array(result, 90);
  const Array step = random_array(operands[in].shape, 91);
  std::vector<Array> back_operands{g};
  back_operands.insert(back_operands.end(), operands.begin(), operands.end());
  const Array slope =
      run(make_operation(forward.name, forward.attributes, true), back_operands, gradients)[which];
  const Array before = run1(forward, operands, result);
  for (std::size_t i = 0; i < step.scalars.size(); ++i)
    operands[in].scalars[i] = add(operands[in].scalars[i], step.scalars[i]);
  const Array after = run1(forward, operands, result);
  Scalar left = 0, right = 0;
  for (std::size_t i = 0; i < g.scalars.size(); ++i)
    left = add(left, multiply(g.scalars[i], subtract(after.scalars[i], before.scalars[i])));
  for (std::size_t i = 0; i < step.scalars.size(); ++i)
    right = add(right, multiply(slope.scalars[i], step.scalars[i]));
  EXPECT_EQ(left, right) << forward.name << " operand " << in;
}

TEST(Operators, derivatives_are_those_of_the_forward_operators) {
  const Array x = random_array({3, 4}, 20), w = random_array({5, 4}, 21);
  for (const std::size_t in : {0u, 1u})
    expect_derivative(make_operation("linear"), {x, w}, in, {3, 5}, {{3, 4}, {5, 4}}, in);
  const Array a = random_array({2, 3, 4}, 22), b = random_array({2, 4, 5}, 23);
  for (const std::size_t in : {0u, 1u})
    expect_derivative(make_operation("matmul"), {a, b}, in, {2, 3, 5}, {{2, 3, 4}, {2, 4, 5}}, in);
  const Array row = random_array({4}, 24);
  for (const std::size_t in : {0u, 1u}) {
    expect_derivative(make_operation("mul"), {x, row}, in, {3, 4}, {{3, 4}, {4}}, in);
    expect_derivative(make_operation("add", {{"alpha", 3.0}}), {x, row}, in, {3, 4}, {{3, 4}, {4}}, in);
  }
  expect_derivative(make_operation("mean", {{"dims", std::vector<std::int64_t>{-1}}}), {x}, 0, {3, 1},
                    {{3, 4}}, 0);
  expect_derivative(make_operation("sum_all"), {x}, 0, {1}, {{3, 4}}, 0);
  const Array ids = numbers({3}, {1, 0, 1}, Element::kI64);
  expect_derivative(make_operation("embedding", {{"start", std::int64_t{0}}, {"stop", std::int64_t{2}}}),
                    {ids, random_array({2, 4}, 25)}, 1, {3, 4}, {{2, 4}}, 0);
  const Array indices = numbers({3, 2}, {0, 1, 1, 2, 2, 0}, Element::kI64);
  const std::vector<Array> operands{x,
                                    indices,
                                    random_array({3, 2}, 26),
                                    random_array({3, 5, 4}, 27),
                                    random_array({3, 5, 4}, 28),
                                    random_array({3, 4, 5}, 29)};
  const std::vector<Shape> gradients{{3, 4}, {3, 2}, {3, 5, 4}, {3, 5, 4}, {3, 4, 5}};
  const Operation experts = make_operation(
      "experts", {{"count", std::int64_t{3}}, {"start", std::int64_t{0}}, {"stop", std::int64_t{3}}});
  expect_derivative(experts, operands, 2, {3, 4}, gradients, 1);
  expect_derivative(experts, operands, 4, {3, 4}, gradients, 3);
  expect_derivative(experts, operands, 5, {3, 4}, gradients, 4);
}

TEST(Operators, narrow_results_are_rounded_once) {
  const Array x = random_array({4}, 40);
  const Operation narrow = make_operation("cast", {{"to", std::string("bf16")}});
  const Array y = run1(narrow, {x}, {4}, Element::kBf16);
  EXPECT_NE(y.scalars, x.scalars);
  const Array wide = run1(make_operation("cast", {{"to", std::string("f32")}}), {y}, {4});
  EXPECT_EQ(wide.scalars, y.scalars);
  EXPECT_EQ(run1(narrow, {wide}, {4}, Element::kBf16), y);
}

TEST(Operators, faults_are_named) {
  const Array x = numbers({2, 3}, {1, 2, 3, 4, 5, 6});
  const std::vector<const Array*> operands{&x, &x};
  std::vector<Array> results{zeros({2, 3}, Element::kF32)};
  EXPECT_EQ(apply(make_operation("linear"), operands, results), "linear: shapes");
  EXPECT_EQ(apply(make_operation("conv"), operands, results), "unknown operator conv");
  EXPECT_EQ(apply(make_operation("copy", {}, true), operands, results), "copy has no derivative");
}

}  // namespace
}  // namespace cep::logical::oracle
