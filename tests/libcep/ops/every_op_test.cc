// What holds for every operator of the table, over the cases it brings along. No operator is named here.
#include <gtest/gtest.h>

#include <set>

#include "support/region_run.h"

namespace cep {
namespace {

std::string name_of(const OpDef& op, std::size_t i) {
  return std::string(op.name) + " case " + std::to_string(i);
}

TEST(EveryOp, cases_are_accepted_or_refused_as_they_say) {
  for (const OpDef* op : op_table()) {
    const std::vector<OpCase> cases = op->cases();
    bool has_valid = false;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      SCOPED_TRACE(name_of(*op, i));
      const OpContext context = context_of(cases[i]);
      const auto region = build_region(*op, context);
      if (!cases[i].requirement.empty()) {
        ASSERT_FALSE(region.has_value());
        EXPECT_EQ(region.error().requirement, cases[i].requirement);
        continue;
      }
      has_valid = true;
      ASSERT_TRUE(region.has_value()) << acp::to_string(region.error());
      const acp::Status status = check_region(*region);
      EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
      const auto types = infer_types(*op, context);
      ASSERT_TRUE(types.has_value());
      ASSERT_EQ(region->count(ACP_ROLE_OUTPUT), types->size());
      for (std::uint32_t slot = 0; slot < types->size(); ++slot) {
        EXPECT_EQ(type_of(region->operands[region->operand_at(ACP_ROLE_OUTPUT, slot)]), (*types)[slot]);
      }
      std::uint32_t slot = 0;
      for (const auto& input : context.inputs) {
        if (!input) continue;
        ASSERT_LT(slot, region->count(ACP_ROLE_INPUT));
        EXPECT_EQ(type_of(region->operands[region->operand_at(ACP_ROLE_INPUT, slot)]), *input);
        ++slot;
      }
      EXPECT_EQ(slot, region->count(ACP_ROLE_INPUT));
    }
    EXPECT_TRUE(has_valid) << op->name;
  }
}

TEST(EveryOp, has_a_case_for_each_attribute_requirement) {
  for (const OpDef* op : op_table()) {
    std::set<std::string_view> covered;
    for (const OpCase& op_case : op->cases()) covered.insert(op_case.requirement);
    for (const AttrRow& row : op->attributes)
      EXPECT_TRUE(covered.contains(row.requirement)) << op->name << " " << row.name;
  }
}

TEST(EveryOp, is_found_by_its_name_and_sorted) {
  for (const OpDef* op : op_table()) EXPECT_EQ(find_op(op->domain, op->name), op);
  const auto small_letters = [](std::string_view name) {
    std::string small(name);
    for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return small;
  };
  for (std::size_t i = 1; i < op_table().size(); ++i) {
    EXPECT_LT(small_letters(op_table()[i - 1]->name), small_letters(op_table()[i]->name));
  }
}

// Every element of every output is written.
TEST(EveryOp, writes_all_of_its_outputs) {
  std::mt19937_64 random(1);
  for (const OpDef* op : op_table()) {
    const std::vector<OpCase> cases = op->cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].requirement.empty()) continue;
      SCOPED_TRACE(name_of(*op, i));
      const auto region = build_region(*op, context_of(cases[i]));
      ASSERT_TRUE(region.has_value());
      for (const Elements& output :
           testing::run(*region, testing::random_inputs(*region, testing::Integers::kSmall, random))) {
        for (const Value& value : output) EXPECT_EQ(value.hi, Value::kConcrete);
      }
    }
  }
}

std::size_t number_of(const Dims& coord, const Dims& origin, const Dims& dims) {
  const Dims strides = row_major_strides(dims);
  std::int64_t number = 0;
  for (std::size_t d = 0; d < dims.size(); ++d) number += (coord[d] - origin[d]) * strides[d];
  return static_cast<std::size_t>(number);
}

bool next_point(Dims& coord, const Box& box) {
  for (std::size_t d = coord.size(); d-- > 0;) {
    if (++coord[d] < box.hi[d]) return true;
    coord[d] = box.lo[d];
  }
  return false;
}

// part holds the box of whole, both row-major.
void expect_part(const Elements& whole, const Dims& dims, const Elements& part, const Box& box) {
  ASSERT_EQ(part.size(), static_cast<std::size_t>(box.volume()));
  if (box.empty()) return;
  Dims coord = box.lo;
  do {
    ASSERT_EQ(part[number_of(coord, box.lo, box.dims())], whole[number_of(coord, Dims(dims.size(), 0), dims)])
        << to_string(box);
  } while (next_point(coord, box));
}

TEST(EveryOp, restricted_to_boxes_gives_those_elements) {
  std::mt19937_64 random(2);
  for (const OpDef* op : op_table()) {
    const std::vector<OpCase> cases = op->cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].requirement.empty()) continue;
      SCOPED_TRACE(name_of(*op, i));
      const auto region = build_region(*op, context_of(cases[i]));
      ASSERT_TRUE(region.has_value());
      const auto inputs = testing::random_inputs(*region, testing::Integers::kSmall, random);
      const auto whole = testing::run(*region, inputs);
      for (int round = 0; round < 12; ++round) {
        std::vector<Box> boxes;
        for (std::uint32_t slot = 0; slot < whole.size(); ++slot) {
          boxes.push_back(testing::random_box(
              type_of(region->operands[region->operand_at(ACP_ROLE_OUTPUT, slot)]).dims, random));
        }
        const Region part = restrict_outputs(*region, boxes);
        const acp::Status status = check_region(part);
        ASSERT_TRUE(status.has_value()) << acp::to_string(status.error()) << "\n" << to_text(part);
        const auto outputs = testing::run(part, inputs);
        for (std::uint32_t slot = 0; slot < whole.size(); ++slot) {
          const Dims dims = type_of(region->operands[region->operand_at(ACP_ROLE_OUTPUT, slot)]).dims;
          expect_part(whole[slot], dims, outputs[slot], boxes[slot]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace cep
