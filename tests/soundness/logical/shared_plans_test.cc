// Plans another system wrote, of real sizes, scaled down and run: they deliver what their references do, and changed ones do not.
//
// ACP_DISTGRAPH_PLANS names the folder of the files; without it these cases are not built.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>

#include "cep/distgraph.h"
#include "cep/replay.h"
#include "replay/run.h"
#include "replay/scale_down.h"
#include "soundness/logical/plan_mutations.h"

namespace cep::logical::oracle {
namespace {

Document load(const std::string& name) {
  std::ifstream file(std::string(std::getenv("ACP_DISTGRAPH_PLANS")) + "/" + name + ".jsonl.zst",
                     std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto document = read_distgraph_zst(std::as_bytes(std::span(bytes)));
  EXPECT_TRUE(document.has_value()) << acp::to_string(document.error());
  return *std::move(document);
}

struct Sized {
  std::string name;
  Lengths lengths;
};
class SharedPlan : public testing::TestWithParam<Sized> {};
TEST_P(SharedPlan, delivers_what_the_reference_does_at_a_small_size) {
  const Document large = load(GetParam().name);
  // Half of a head is as long as there are experts: the factors of the rotation are given.
  std::map<Id, Shape> factors;
  const Program& program = large.reference.program;
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].element == Element::kC64) factors[id] = {2, 1};
  }
  const Scaled small = scale_down(large, GetParam().lengths, factors);
  ASSERT_EQ(small.fault, "");
  const auto reference = run_reference(small.document, 1);
  ASSERT_EQ(reference.fault, "");
  const auto found = compare(small.document, reference, run_plan(small.document, 1));
  EXPECT_TRUE(found.empty()) << found[0].output << ": " << found[0].what;
  Random random(1);
  for (int i = 0; i < 3; ++i) {
    Document changed = small.document;
    ASSERT_TRUE(find_mutation("drop_all_reduce").apply(changed.plan, changed.reference, random));
    EXPECT_FALSE(compare(changed, reference, run_plan(changed, 1)).empty()) << "mutant " << i;
  }
}
// The lengths are found, not given.
TEST_P(SharedPlan, is_replayed_at_shapes_that_are_found) {
  Document document = load(GetParam().name);
  const ReplayVerdict right = replay(document);
  const auto* agrees = std::get_if<Agrees>(&right);
  ASSERT_NE(agrees, nullptr) << to_string(right);
  EXPECT_FALSE(agrees->scaled.empty());
  Random random(1);
  ASSERT_TRUE(find_mutation("drop_all_reduce").apply(document.plan, document.reference, random));
  const ReplayVerdict wrong = replay(document);
  const auto* differs = std::get_if<Differs>(&wrong);
  ASSERT_NE(differs, nullptr) << to_string(wrong);
  EXPECT_FALSE(differs->refutes());
  EXPECT_FALSE(differs->suspects.empty());
}
INSTANTIATE_TEST_SUITE_P(All, SharedPlan,
                         testing::Values(
                             // 32 heads of length 128, as long as the sequence
                             Sized{"llama2l_dp2tp2pp2mb2",
                                   {{512, 8}, {128, 2}, {4096, 8}, {32, 4}, {11008, 8}, {51200, 8}}},
                             // 16 heads of length 32, 16 experts
                             Sized{"moe2l_dp2tp2pp2mb2",
                                   {{1024, 8},
                                    {256, 2},
                                    {128, 2},
                                    {512, 32},
                                    {32, 2},
                                    {131072, 16},
                                    {32768, 4},
                                    {2048, 8},
                                    {51200, 4}}}),
                         [](const auto& which) { return which.param.name; });

}  // namespace
}  // namespace cep::logical::oracle
