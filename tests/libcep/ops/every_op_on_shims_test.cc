// Every operator runs on every bundled shim with the interpreter's bits, on the day it is written. No operator is named here.
#include <gtest/gtest.h>
#include <algorithm>

#include <cstdlib>

#include "support/region_run.h"
#include "vendors/launch.h"

namespace cep {
namespace {

using vendors_test::Bytes;

std::vector<Bytes> bytes_of(const Region& region, std::uint8_t role, const std::vector<Elements>& elements) {
  std::vector<Bytes> all;
  for (std::uint32_t slot = 0; slot < elements.size(); ++slot) {
    const TensorType type = type_of(region.operands[region.operand_at(role, slot)]);
    all.push_back(bytes_from_elements(type, elements[slot]).bytes);
  }
  return all;
}

// What became of the runs compared so far.
struct Tally {
  int equal = 0;
  int faults = 0;
};

// The shim gives the interpreter's bits, or the interpreter's fault.
void compare(const acp::Device& device, const Region& region, const std::vector<Elements>& inputs,
             Tally& tally) {
  const testing::Outcome expected = testing::attempt(region, inputs);
  std::vector<Bytes> before;
  for (std::uint32_t slot = 0; slot < expected.outputs.size(); ++slot) {
    const TensorType type = type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, slot)]);
    before.emplace_back(static_cast<std::size_t>(volume(type.dims) * size_bytes(type.dtype)));
  }
  const auto result =
      vendors_test::launch(device, region.view(), bytes_of(region, ACP_ROLE_INPUT, inputs), before);
  ASSERT_EQ(result.has_value(), expected.status.has_value())
      << (result ? "the interpreter alone gives a fault" : acp::to_string(result.error()));
  if (!result) {
    EXPECT_EQ(result.error().requirement, expected.status.error().requirement);
    ++tally.faults;
    return;
  }
  EXPECT_EQ(*result, bytes_of(region, ACP_ROLE_OUTPUT, expected.outputs));
  ++tally.equal;
}

// The gpu's compiler takes a quarter of a second for each program: the quick tier gives it two cases of every operator, the full
// tier all of them.
std::vector<OpCase> cases_for(const std::string& shim, const OpDef& op) {
  std::vector<OpCase> valid;
  for (const OpCase& each : op.cases()) {
    if (each.requirement.empty()) valid.push_back(each);
  }
  if (shim == "gpu" && std::getenv("ACP_EVERY_CASE") == nullptr && valid.size() > 2) valid.resize(2);
  return valid;
}

class EveryOpOn : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryOpOn, gives_the_interpreters_bits) {
  const acp::Device device = vendors_test::device_of(GetParam());
  std::mt19937_64 random(11);
  Tally tally;
  int runs = 0;
  for (const OpDef* op : op_table()) {
    const std::vector<OpCase> cases = cases_for(GetParam(), *op);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const auto region = build_region(*op, context_of(cases[i]));
      ASSERT_TRUE(region.has_value());
      for (int round = 0; round < 6; ++round) {
        SCOPED_TRACE(std::string(op->name) + " case " + std::to_string(i) + " round " +
                     std::to_string(round));
        const auto integers = round % 2 == 0 ? testing::Integers::kSmall : testing::Integers::kWide;
        compare(device, *region, testing::random_inputs(*region, integers, random), tally);
        ++runs;
      }
    }
  }
  EXPECT_EQ(tally.equal + tally.faults, runs);
  EXPECT_GT(tally.equal, runs * 3 / 4);
  EXPECT_GT(tally.faults, 0) << "wide integers reach outside of something";
}

// Parts of outputs, as plans cut them: windows with an origin, iterators that do not begin at 0.
TEST_P(EveryOpOn, gives_the_interpreters_bits_of_parts) {
  const acp::Device device = vendors_test::device_of(GetParam());
  std::mt19937_64 random(12);
  Tally tally;
  for (const OpDef* op : op_table()) {
    const std::vector<OpCase> cases = cases_for(GetParam(), *op);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      SCOPED_TRACE(std::string(op->name) + " case " + std::to_string(i));
      const auto region = build_region(*op, context_of(cases[i]));
      ASSERT_TRUE(region.has_value());
      std::vector<Box> boxes;
      for (std::uint32_t slot = 0; slot < region->count(ACP_ROLE_OUTPUT); ++slot) {
        boxes.push_back(testing::random_box(
            type_of(region->operands[region->operand_at(ACP_ROLE_OUTPUT, slot)]).dims, random));
      }
      const Region part = restrict_outputs(*region, boxes);
      const auto inputs = testing::random_inputs(*region, testing::Integers::kSmall, random);
      const testing::Outcome expected = testing::attempt(part, inputs);
      ASSERT_TRUE(expected.status.has_value());
      std::vector<Bytes> outputs, wanted;
      for (std::uint32_t slot = 0; slot < boxes.size(); ++slot) {
        const auto dtype = static_cast<Dtype>(part.operands[part.operand_at(ACP_ROLE_OUTPUT, slot)].dtype);
        wanted.push_back(bytes_from_elements({dtype, boxes[slot].dims()}, expected.outputs[slot]).bytes);
        outputs.emplace_back(wanted.back().size());
      }
      const auto result =
          vendors_test::launch(device, part.view(), bytes_of(*region, ACP_ROLE_INPUT, inputs), outputs);
      ASSERT_TRUE(result.has_value()) << acp::to_string(result.error()) << "\n" << to_text(part);
      EXPECT_EQ(*result, wanted);
      ++tally.equal;
    }
  }
  EXPECT_GT(tally.equal, 0);
}

INSTANTIATE_TEST_SUITE_P(Shims, EveryOpOn, ::testing::ValuesIn(vendors_test::kShims), [](const auto& shim) {
  std::string name = shim.param;
  std::replace(name.begin(), name.end(), '@', '_');
  return name;
});

}  // namespace
}  // namespace cep
