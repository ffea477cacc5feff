#include "logical/operators.h"

#include <gtest/gtest.h>

namespace cep::logical {
namespace {

Effect effect(const char* name, bool backward = false) {
  return effect_of({.name = name, .backward = backward, .attributes = {}});
}

TEST(Operators, what_becomes_of_bits) {
  for (const char* view : {"identity", "copy", "reshape", "transpose", "cast"})
    EXPECT_EQ(effect(view), Effect::kMoves) << view;
  for (const char* view : {"reshape", "transpose", "cast", "add_mask"})
    EXPECT_EQ(effect(view, true), Effect::kMoves) << view;
  for (const char* fill : {"causal_mask", "cache_mask"}) EXPECT_EQ(effect(fill), Effect::kFills) << fill;
  for (const char* addition : {"sum", "add"}) EXPECT_EQ(effect(addition), Effect::kAdds) << addition;
  EXPECT_EQ(effect("add", true), Effect::kSpreads);
  for (const char* other : {"linear", "add_mask", "div", "cache_update", "all_reduce", ""})
    EXPECT_EQ(effect(other), Effect::kComputes) << other;
}

TEST(Operators, windows_are_what_differs_from_piece_to_piece) {
  const Operation embedding{.name = "embedding",
                            .backward = true,
                            .attributes = {{"start", std::int64_t{4}}, {"stop", Affine{8, {1}}}}};
  EXPECT_EQ(without_windows(embedding), (Operation{.name = "embedding", .backward = true, .attributes = {}}));
  const Operation experts{
      .name = "experts",
      .backward = false,
      .attributes = {{"count", std::int64_t{8}}, {"start", Affine{}}, {"stop", Affine{}}}};
  EXPECT_EQ(without_windows(experts).attributes,
            (std::vector<Operation::Attribute>{{"count", std::int64_t{8}}}));
  // Of another operator it is no window.
  const Operation other{.name = "softmax", .backward = false, .attributes = {{"start", std::int64_t{0}}}};
  EXPECT_EQ(without_windows(other), other);
}

}  // namespace
}  // namespace cep::logical
