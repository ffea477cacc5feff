// The table of forms, row by row, against the operators run on numbers (CEP 11.3, written a second time in the replay): what a form says of
// pieces is what the operator makes of pieces, in a field where sums and products are exact.
#include "cep/logical_forms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "logical/form_rows.h"
#include "replay/operators.h"

namespace cep::logical {
namespace {

using oracle::Array;
using oracle::Scalar;
using Attributes = std::vector<Operation::Attribute>;

struct Tensor {
  Shape shape;
  Element element = Element::kF32;
};
struct Case {
  const char* name;
  bool backward;
  Attributes attributes;
  std::vector<Tensor> operands, results;
};

constexpr bool kForth = false, kBack = true;
constexpr Element kIds = Element::kI64, kComplex = Element::kC64, kWide = Element::kF64;

Operation::Attribute number(const char* name, std::int64_t value) { return {name, value}; }
const Attributes kNoAttributes, kTo64{{"to", std::string("f64")}}, kTo32{{"to", std::string("f32")}},
    kByHalf{{"constant", 0.5}}, kByThree{number("constant", 3)}, kAlpha{{"alpha", -2.0}},
    kConstantAdded{{"alpha", 1.0}, {"constant", 0.25}}, kWindow{number("start", 0), number("stop", 4)},
    kExperts{number("count", 4), number("start", 0), number("stop", 4)}, kPosition{number("position", 1)},
    kDims{{"dims", std::vector<std::int64_t>{-1, 0}}}, kDim{number("dim", -2)}, kCube{{"exponent", 3.0}},
    kSwap{number("dim0", -1), number("dim1", 0)},
    kRouter{number("n_groups", 2),
            {"route_scale", 2.5},
            {"score_func", std::string("sigmoid")},
            number("topk", 2),
            number("topk_groups", 2)};

// Lengths are even, so that every dimension can be halved, but for those of 1, which stretch.
const Case kCases[] = {
    {"add", kForth, kConstantAdded, {{{2, 4}}}, {{{2, 4}}}},
    {"add", kForth, kAlpha, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"add", kForth, kAlpha, {{{2, 4}}, {{4}}}, {{{2, 4}}}},
    {"add", kForth, kAlpha, {{{6, 1, 4}}, {{2, 1}}}, {{{6, 2, 4}}}},
    {"add", kBack, kConstantAdded, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"add", kBack, kNoAttributes, {{{2, 4}}, {{2, 4}}, {{2, 4}}}, {{{2, 4}}, {{2, 4}}}},
    {"add", kBack, kNoAttributes, {{{6, 2, 4}}, {{6, 1, 4}}, {{2, 1}}}, {{{6, 1, 4}}, {{2, 1}}}},
    {"add_mask", kForth, kNoAttributes, {{{2, 2, 4, 4}}, {{1, 1, 4, 4}}}, {{{2, 2, 4, 4}}}},
    {"add_mask", kBack, kNoAttributes, {{{2, 2, 4, 4}}, {{2, 2, 4, 4}}, {{1, 1, 4, 4}}}, {{{2, 2, 4, 4}}}},
    {"cache_mask", kForth, kPosition, {{{2, 6}}}, {{{1, 1, 2, 4}}}},
    {"cache_update", kForth, kPosition, {{{2, 2, 4, 2}}, {{2, 2, 2, 2}}}, {{{2, 2, 4, 2}}}},
    {"cast", kForth, kTo32, {{{2, 4}}}, {{{2, 4}}}},
    {"cast", kForth, kTo64, {{{2, 4}}}, {{{2, 4}, kWide}}},
    {"cast", kBack, kTo32, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"cast", kBack, kTo32, {{{2, 4}}, {{2, 4}, kWide}}, {{{2, 4}, kWide}}},
    {"causal_mask", kForth, kNoAttributes, {{{2, 4}, kIds}, {{2, 4, 6}}}, {{{1, 1, 4, 4}}}},
    {"copy", kForth, kNoAttributes, {{{2, 4}}}, {{{2, 4}}, {{2, 4}}, {{2, 4}}}},
    {"div", kForth, kByThree, {{{2, 4}}}, {{{2, 4}}}},
    {"div", kForth, kByHalf, {{{2, 4}}}, {{{2, 4}}}},
    {"div", kBack, kByThree, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"div", kBack, kByHalf, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"embedding", kForth, kWindow, {{{2, 6}, kIds}, {{4, 2}}}, {{{2, 6, 2}}}},
    {"embedding", kBack, kWindow, {{{2, 6, 2}}, {{2, 6}, kIds}, {{4, 2}}}, {{{4, 2}}}},
    {"experts",
     kForth,
     kExperts,
     {{{6, 2}}, {{6, 2}, kIds}, {{6, 2}}, {{4, 4, 2}}, {{4, 4, 2}}, {{4, 2, 4}}},
     {{{6, 2}}}},
    {"experts",
     kBack,
     kExperts,
     {{{6, 2}}, {{6, 2}}, {{6, 2}, kIds}, {{6, 2}}, {{4, 4, 2}}, {{4, 4, 2}}, {{4, 2, 4}}},
     {{{6, 2}}, {{6, 2}}, {{4, 4, 2}}, {{4, 4, 2}}, {{4, 2, 4}}}},
    {"identity", kForth, kNoAttributes, {{{2, 4}}}, {{{2, 4}}}},
    {"linear", kForth, kNoAttributes, {{{2, 4, 6}}, {{8, 6}}}, {{{2, 4, 8}}}},
    {"linear", kBack, kNoAttributes, {{{2, 4, 8}}, {{2, 4, 6}}, {{8, 6}}}, {{{2, 4, 6}}, {{8, 6}}}},
    {"matmul", kForth, kNoAttributes, {{{2, 4, 6}}, {{2, 6, 8}}}, {{{2, 4, 8}}}},
    {"matmul", kBack, kNoAttributes, {{{2, 4, 8}}, {{2, 4, 6}}, {{2, 6, 8}}}, {{{2, 4, 6}}, {{2, 6, 8}}}},
    {"mean", kForth, kDims, {{{2, 6, 4}}}, {{{1, 6, 1}}}},
    {"mean", kBack, kDims, {{{1, 6, 1}}, {{2, 6, 4}}}, {{{2, 6, 4}}}},
    {"mul", kForth, kNoAttributes, {{{6, 1, 4}}, {{2, 1}}}, {{{6, 2, 4}}}},
    {"mul", kBack, kNoAttributes, {{{6, 2, 4}}, {{6, 1, 4}}, {{2, 1}}}, {{{6, 1, 4}}, {{2, 1}}}},
    {"power", kForth, kCube, {{{2, 4}}}, {{{2, 4}}}},
    {"power", kBack, kCube, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"reshape", kForth, kNoAttributes, {{{2, 6}}}, {{{4, 3}}}},
    {"reshape", kBack, kNoAttributes, {{{4, 3}}, {{2, 6}}}, {{{2, 6}}}},
    {"rotary",
     kForth,
     kNoAttributes,
     {{{2, 4, 2, 4}}, {{2, 4, 6, 4}}, {{4, 2}, kComplex}},
     {{{2, 4, 2, 4}}, {{2, 4, 6, 4}}}},
    {"rotary",
     kBack,
     kNoAttributes,
     {{{2, 4, 2, 4}}, {{2, 4, 6, 4}}, {{2, 4, 2, 4}}, {{2, 4, 6, 4}}, {{4, 2}, kComplex}},
     {{{2, 4, 2, 4}}, {{2, 4, 6, 4}}}},
    {"router", kForth, kRouter, {{{6, 2}}, {{4, 2}}}, {{{6, 2}}, {{6, 2}, kIds}}},
    {"router", kBack, kRouter, {{{6, 2}}, {{6, 2}}, {{4, 2}}}, {{{6, 2}}, {{4, 2}}}},
    {"rsqrt", kForth, kNoAttributes, {{{2, 4}}}, {{{2, 4}}}},
    {"rsqrt", kBack, kNoAttributes, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"silu", kForth, kNoAttributes, {{{2, 4}}}, {{{2, 4}}}},
    {"silu", kBack, kNoAttributes, {{{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"softmax", kForth, kDim, {{{2, 4, 6}}}, {{{2, 4, 6}}}},
    {"softmax", kBack, kDim, {{{2, 4, 6}}, {{2, 4, 6}}}, {{{2, 4, 6}}}},
    {"sum", kForth, kNoAttributes, {{{2, 4}}, {{2, 4}}, {{2, 4}}}, {{{2, 4}}}},
    {"sum_all", kForth, kNoAttributes, {{{2, 4}}}, {{{1}}}},
    {"sum_all", kBack, kNoAttributes, {{{1}}, {{2, 4}}}, {{{2, 4}}}},
    {"transpose", kForth, kSwap, {{{2, 6, 4}}}, {{{4, 6, 2}}}},
    {"transpose", kBack, kSwap, {{{4, 6, 2}}, {{2, 6, 4}}}, {{{2, 6, 4}}}},
};

struct Range {
  std::int64_t begin, size;
};
using Cuts = std::map<Axis, Range>;

// A case, its meaning, and its operator on numbers.
class Trial {
 public:
  explicit Trial(const Case& c) : case_(c), operation_{c.name, c.backward, c.attributes} {
    for (const Tensor& tensor : c.operands) inputs_.push_back({&tensor.shape, tensor.element});
    for (const Tensor& tensor : c.results) outputs_.push_back({&tensor.shape, tensor.element});
    auto meaning = meaning_of(operation_, inputs_, outputs_);
    EXPECT_TRUE(meaning) << c.name << ": " << (meaning ? "" : acp::to_string(meaning.error()));
    if (meaning) meaning_ = std::move(*meaning);
    for (std::size_t j = 0; j < c.operands.size(); ++j) operands_.push_back(random(j, 1));
  }

  [[nodiscard]] const FormRow* row() const { return form_row_of(operation_, inputs_, outputs_); }
  [[nodiscard]] const Meaning& meaning() const { return meaning_; }
  [[nodiscard]] const Form& form() const { return meaning_.form; }
  [[nodiscard]] const std::vector<Array>& operands() const { return operands_; }
  [[nodiscard]] std::size_t results() const { return outputs_.size(); }

  // Whole numbers below 4 where indices are wanted, those of a row all different.
  [[nodiscard]] Array random(std::size_t j, std::uint64_t key) const {
    const Tensor& tensor = case_.operands[j];
    Array made = oracle::zeros(tensor.shape, tensor.element);
    for (std::size_t i = 0; i < made.scalars.size(); ++i) {
      const bool odd = i % 2 != 0;
      made.scalars[i] = tensor.element == kIds ? (oracle::hash(key, i - odd) + odd) % 4
                                               : oracle::hash(key * 100 + j, i) % oracle::kPrime;
    }
    return made;
  }
  [[nodiscard]] std::int64_t length(Axis axis) const {
    const auto find = [&](const std::vector<Axis>& dims, const Shape& shape) {
      const auto at = std::ranges::find(dims, axis);
      return at == dims.end() ? 0 : shape[static_cast<std::size_t>(at - dims.begin())];
    };
    for (std::size_t j = 0; j < inputs_.size(); ++j) {
      if (const std::int64_t found = find(form().operands[j], *inputs_[j].shape)) return found;
    }
    for (std::size_t r = 0; r < outputs_.size(); ++r) {
      if (const std::int64_t found = find(form().results[r].dims, *outputs_[r].shape)) return found;
    }
    return 0;
  }

  // The operator on these, results as large as the cuts make them. Nothing where it takes no such operands.
  [[nodiscard]] std::vector<Array> run(const std::vector<Array>& operands, const Cuts& cuts = {}) const {
    Operation operation = operation_;
    if (form().window && cuts.contains(*form().window)) {
      const Range at = cuts.at(*form().window);
      for (auto& [name, value] : operation.attributes) {
        if (name == "start") value = at.begin;
        if (name == "stop") value = at.begin + at.size;
      }
    }
    std::vector<Array> cut, results;
    for (std::size_t j = 0; j < operands.size(); ++j) {
      cut.push_back(cuts.empty() ? operands[j] : piece(operands[j], form().operands[j], cuts));
    }
    std::vector<const Array*> pointers;
    for (const Array& operand : cut) pointers.push_back(&operand);
    for (std::size_t r = 0; r < outputs_.size(); ++r) {
      const Array whole = oracle::zeros(*outputs_[r].shape, outputs_[r].element);
      results.push_back(cuts.empty() ? whole : piece(whole, form().results[r].dims, cuts));
    }
    return oracle::apply(operation, pointers, results).empty() ? results : std::vector<Array>{};
  }
  [[nodiscard]] static Array piece(const Array& whole, const std::vector<Axis>& dims, const Cuts& cuts) {
    oracle::Piece box{std::vector<std::int64_t>(whole.shape.size()), whole.shape};
    for (std::size_t d = 0; d < dims.size(); ++d) {
      const auto at = cuts.find(dims[d]);
      if (at == cuts.end()) continue;
      box.begin[d] = at->second.begin;
      box.size[d] = at->second.size;
    }
    return oracle::cut(whole, box);
  }

 private:
  const Case& case_;
  Operation operation_;
  std::vector<Typed> inputs_, outputs_;
  Meaning meaning_;
  std::vector<Array> operands_;
};

bool has(const std::vector<Axis>& axes, Axis axis) { return std::ranges::find(axes, axis) != axes.end(); }

Array times(Array array, Scalar by) {
  for (Scalar& scalar : array.scalars) scalar = oracle::multiply(scalar, by);
  return array;
}
Array plus(Array a, const Array& b) {
  EXPECT_EQ(a.shape, b.shape);
  for (std::size_t i = 0; i < a.scalars.size(); ++i) a.scalars[i] = oracle::add(a.scalars[i], b.scalars[i]);
  return a;
}

// Is the operator on the parts of this axis what the form says: the parts of the results, or addends of them?
bool parts_of_results(const Trial& trial, Axis axis, std::int64_t first) {
  const std::int64_t length = trial.length(axis);
  const std::vector<Array> whole = trial.run(trial.operands());
  EXPECT_FALSE(whole.empty());
  std::vector<Array> sums(whole.size());
  for (const Range part : {Range{0, first}, Range{first, length - first}}) {
    const Cuts cuts{{axis, part}};
    const std::vector<Array> made = trial.run(trial.operands(), cuts);
    if (made.empty()) return false;
    for (std::size_t r = 0; r < whole.size(); ++r) {
      const Form::Result& result = trial.form().results[r];
      Array array = made[r];
      if (has(result.divided_by, axis))
        array = times(array, oracle::multiply(oracle::from_integer(part.size),
                                              oracle::inverse(oracle::from_integer(length))));
      if (has(result.reduced, axis)) {
        sums[r] = part.begin == 0 ? array : plus(sums[r], array);
        if (part.begin != 0 && sums[r] != whole[r]) return false;
      } else if (array != Trial::piece(whole[r], result.dims, cuts)) {
        return false;
      }
    }
  }
  return true;
}

TEST(Forms, every_row_has_a_case_and_every_case_its_row) {
  std::set<const FormRow*> met;
  for (const Case& c : kCases) met.insert(Trial(c).row());
  for (const FormRow& row : form_rows()) {
    EXPECT_TRUE(met.contains(&row)) << row.name << " " << row.operands;
  }
  EXPECT_FALSE(met.contains(nullptr));
}

// Printed by specgen_forms.
TEST(Forms, the_specification_prints_the_table) {
  std::ifstream file(SPEC);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find(forms_table()), std::string::npos) << forms_table();
}

TEST(Forms, parts_of_an_axis_make_parts_or_addends_of_the_results) {
  std::size_t tried = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm || !trial.form().reads_operands) continue;
    for (Axis axis = 0; axis < trial.form().axes; ++axis) {
      if ((trial.form().opaque >> axis & 1) != 0) continue;
      for (std::int64_t first = 1; first < trial.length(axis); ++first, ++tried) {
        EXPECT_TRUE(parts_of_results(trial, axis, first))
            << c.name << (c.backward ? "'" : "") << " axis " << int{axis} << " cut at " << first;
      }
    }
  }
  EXPECT_GT(tried, 200u);
}

TEST(Forms, parts_of_an_axis_that_must_be_whole_make_something_else) {
  std::size_t tried = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm || !trial.form().reads_operands) continue;
    for (Axis axis = 0; axis < trial.form().axes; ++axis) {
      if ((trial.form().opaque >> axis & 1) == 0) continue;
      ++tried;
      EXPECT_FALSE(parts_of_results(trial, axis, trial.length(axis) / 2))
          << c.name << (c.backward ? "'" : "") << " axis " << int{axis};
    }
  }
  EXPECT_EQ(tried, 18u);
}

// Several axes at once: the piece of a result at a box of all axes that it is not summed over.
TEST(Forms, boxes_of_axes_make_boxes_of_the_results) {
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm || !trial.form().reads_operands) continue;
    const std::vector<Array> whole = trial.run(trial.operands());
    for (std::size_t r = 0; r < whole.size(); ++r) {
      const Form::Result& result = trial.form().results[r];
      for (std::uint64_t key = 0; key < 4; ++key) {
        Cuts cuts;
        for (Axis axis = 0; axis < trial.form().axes; ++axis) {
          const auto length = static_cast<std::uint64_t>(trial.length(axis));
          if ((trial.form().opaque >> axis & 1) != 0 || has(result.reduced, axis) ||
              has(result.divided_by, axis) || length < 2)
            continue;
          const std::uint64_t begin = oracle::hash(key, axis) % length;
          const std::uint64_t size = 1 + oracle::hash(key + 9, axis) % (length - begin);
          cuts[axis] = {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(size)};
        }
        const std::vector<Array> made = trial.run(trial.operands(), cuts);
        ASSERT_FALSE(made.empty()) << c.name;
        EXPECT_EQ(made[r], Trial::piece(whole[r], result.dims, cuts)) << c.name << " result " << r;
      }
    }
  }
}

TEST(Forms, results_are_linear_where_they_say_so) {
  std::size_t tried = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm) continue;
    const std::vector<Array> one = trial.run(trial.operands());
    for (std::size_t j = 0; j < trial.operands().size(); ++j) {
      std::vector<Array> operands = trial.operands();
      operands[j] = trial.random(j, 2);
      const std::vector<Array> other = trial.run(operands);
      const Scalar by = 12345;
      operands[j] = plus(times(operands[j], by), trial.operands()[j]);
      const std::vector<Array> both = trial.run(operands);
      for (std::size_t r = 0; r < one.size(); ++r) {
        if ((trial.form().results[r].linear_in >> j & 1) == 0) continue;
        ++tried;
        EXPECT_EQ(both[r], plus(times(other[r], by), one[r]))
            << c.name << " operand " << j << " result " << r;
      }
    }
  }
  EXPECT_GT(tried, 30u);
}

TEST(Forms, what_is_not_read_does_not_matter) {
  std::size_t tried = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm) continue;
    const std::vector<Array> one = trial.run(trial.operands());
    ASSERT_FALSE(one.empty()) << c.name;
    for (std::size_t j = 0; j < trial.operands().size(); ++j) {
      std::vector<Array> operands = trial.operands();
      operands[j] = trial.random(j, 2);
      const std::vector<Array> other = trial.run(operands);
      for (std::size_t r = 0; r < one.size(); ++r) {
        if (trial.form().reads_operands && (trial.form().results[r].unread >> j & 1) == 0) continue;
        ++tried;
        EXPECT_EQ(one[r], other[r]) << c.name << " operand " << j << " result " << r;
      }
    }
  }
  EXPECT_EQ(tried, 15u);
}

// Small numbers of the machine, and minus infinity as the first element of operand `at`. Does a result hold anything but finite numbers?
std::vector<bool> not_finite(const Case& c, const Trial& trial, std::size_t at) {
  using oracle::Rounded;
  using Numbers = oracle::ArrayOf<Rounded>;
  std::vector<Numbers> operands, results;
  for (std::size_t j = 0; j < c.operands.size(); ++j) {
    const auto& [shape, element] = c.operands[j];
    Numbers& made = operands.emplace_back(oracle::zeros<Rounded>(shape, element));
    for (std::size_t i = 0; i < made.scalars.size(); ++i) {
      const auto index = static_cast<double>(trial.operands()[j].scalars[i]);
      made.scalars[i] = {element == kIds ? index : 1 + static_cast<double>(i % 3),
                         oracle::arithmetic_of(element)};
    }
    if (j == at) made.scalars[0].value = -std::numeric_limits<double>::infinity();
  }
  for (const auto& [shape, element] : c.results) results.push_back(oracle::zeros<Rounded>(shape, element));
  std::vector<const Numbers*> pointers;
  for (const Numbers& operand : operands) pointers.push_back(&operand);
  EXPECT_EQ(oracle::apply({c.name, c.backward, c.attributes}, pointers, results), "") << c.name;
  std::vector<bool> found;
  for (const Numbers& result : results) {
    found.push_back(
        std::ranges::any_of(result.scalars, [](const Rounded& x) { return !std::isfinite(x.value); }));
  }
  return found;
}

TEST(Forms, minus_infinity_is_made_and_hidden_where_they_say_so) {
  std::size_t masks = 0, hidden = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    if (trial.meaning().kind != Meaning::Kind::kForm) continue;
    const Form& form = trial.form();
    for (std::size_t r = 0; r < trial.results(); ++r)
      EXPECT_EQ(not_finite(c, trial, c.operands.size())[r], form.masks) << c.name;
    masks += form.masks;
    for (std::size_t j = 0; j < c.operands.size() && !form.masks; ++j) {
      if (c.operands[j].element == kIds) continue;
      const bool hides = (form.hides >> j & 1) != 0;
      hidden += hides;
      for (std::size_t r = 0; r < trial.results(); ++r) {
        Form limited = form;
        const bool may = (limit_linear(limited, 1u << j) >> r & 1) != 0;
        EXPECT_EQ(may, !hides && (form.results[r].unread >> j & 1) == 0) << c.name;
        EXPECT_LE(not_finite(c, trial, j)[r], may) << c.name << " operand " << j << " result " << r;
      }
    }
  }
  EXPECT_EQ(masks, 2u);
  EXPECT_EQ(hidden, 2u);
}

// What adds stretched operands is the sum of what each contributes, its factor times it.
TEST(Forms, sums_of_stretched_operands) {
  std::size_t tried = 0;
  for (const Case& c : kCases) {
    const Trial trial(c);
    const std::vector<std::int64_t>& factors = trial.form().adds;
    if (factors.empty()) continue;
    ++tried;
    std::vector<Array> first = trial.operands(), second = trial.operands();
    first[1] = times(first[1], 0);
    second[0] = times(second[0], 0);
    EXPECT_EQ(plus(trial.run(first)[0], trial.run(second)[0]), trial.run(trial.operands())[0]);
    // Ones become their factor.
    std::ranges::fill(first[0].scalars, Scalar{1});
    std::ranges::fill(second[1].scalars, Scalar{1});
    const Array a = trial.run(first)[0], b = trial.run(second)[0];
    for (const Scalar scalar : a.scalars) EXPECT_EQ(scalar, oracle::from_integer(factors[0]));
    for (const Scalar scalar : b.scalars) EXPECT_EQ(scalar, oracle::from_integer(factors[1]));
  }
  EXPECT_EQ(tried, 2u);
}

TEST(Forms, views_and_sums_are_what_they_say) {
  for (const Case& c : kCases) {
    const Trial trial(c);
    const Meaning& meaning = trial.meaning();
    if (meaning.kind == Meaning::Kind::kForm) continue;
    const std::vector<Array> made = trial.run(trial.operands());
    ASSERT_FALSE(made.empty()) << c.name;
    const Array& first = trial.operands()[0];
    for (const Array& result : made) {
      switch (meaning.kind) {
        case Meaning::Kind::kForm: break;
        case Meaning::Kind::kReshape: EXPECT_EQ(result.scalars, first.scalars) << c.name; break;
        case Meaning::Kind::kSame:
          EXPECT_EQ(times(result, oracle::from_integer(meaning.denominator)), first) << c.name;
          break;
        case Meaning::Kind::kSum: {
          Array sum = times(first, 0);
          for (std::size_t j = 0; j < trial.operands().size(); ++j)
            sum = plus(sum, times(trial.operands()[j], oracle::from_integer(meaning.factors[j])));
          EXPECT_EQ(result, sum) << c.name;
          break;
        }
        case Meaning::Kind::kTranspose: {
          Array swapped = result;
          std::swap(swapped.shape[meaning.dim0], swapped.shape[meaning.dim1]);
          ASSERT_EQ(swapped.shape, first.shape) << c.name;
          for (std::int64_t i = 0; i < 48; ++i) {
            const Shape& shape = first.shape;
            std::vector<std::int64_t> at = {i / (shape[1] * shape[2]), i / shape[2] % shape[1], i % shape[2]};
            std::swap(at[meaning.dim0], at[meaning.dim1]);
            const auto there =
                static_cast<std::size_t>((at[0] * result.shape[1] + at[1]) * result.shape[2] + at[2]);
            EXPECT_EQ(first.scalars[static_cast<std::size_t>(i)], result.scalars[there]) << c.name;
          }
          break;
        }
      }
    }
  }
}

}  // namespace
}  // namespace cep::logical
