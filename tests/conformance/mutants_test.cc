// The suite must find every wrong shim, by the case of its row and for its reason.
#include "conformance/mutants/mutants.h"

#include <gtest/gtest.h>

#include <set>

#include "conformance/acp/suite.h"
#include "conformance/mutants/forgeries.h"
#include "conformance/mutants/misfits.h"

namespace conformance {
namespace {

void expect_killed(const Mutant& mutant, const char* base) {
  // Two seconds are enough for a hang; on a loaded machine nothing else comes near.
  const auto limit = std::chrono::milliseconds(mutant.verdict == Verdict::kHang ? 2'000 : 60'000);
  const auto kill = hunt(acp_suite(), testee_of(base), mutant, Hunt::kKiller, limit);
  ASSERT_TRUE(kill.has_value()) << acp::to_string(kill.error());
  EXPECT_TRUE(kill->for_its_reason) << mutant.name << " of " << base << ": killed by \"" << kill->killed_by
                                    << "\", which says: " << kill->words;
}

void expect_killed(std::string_view requirement) {
  std::size_t count = 0;
  for (const Mutant& mutant : mutants()) {
    if (mutant.breaks != requirement) continue;
    ++count;
    for (const char* base : {"template", "cpu"}) expect_killed(mutant, base);
  }
  EXPECT_GT(count, 0u);
}

TEST(Reject, ACP_CONF_5_sums_in_another_order) { expect_killed("ACP-CONF-5"); }
TEST(Reject, ACP_CONF_6_rounds_twice) { expect_killed("ACP-CONF-6"); }
TEST(Reject, ACP_CONF_7_flushes_subnormals) { expect_killed("ACP-CONF-7"); }
TEST(Reject, ACP_CONF_8_other_nans) { expect_killed("ACP-CONF-8"); }
TEST(Reject, ACP_CONF_9_contracts_or_splits) { expect_killed("ACP-CONF-9"); }
TEST(Reject, ACP_CONF_10_other_bits) { expect_killed("ACP-CONF-10"); }
TEST(Reject, ACP_CONF_11_unclaimed_element_type) { expect_killed("ACP-CONF-11"); }
TEST(Reject, ACP_CONF_12_would_accept_is_not_compile) { expect_killed("ACP-CONF-12"); }
TEST(Reject, ACP_CONF_13_crashes_and_hangs) { expect_killed("ACP-CONF-13"); }
TEST(Reject, ACP_CONF_14_waits_and_order) { expect_killed("ACP-CONF-14"); }
TEST(Reject, ACP_CONF_15_state) { expect_killed("ACP-CONF-15"); }
TEST(Reject, ACP_CONF_16_hides_a_failure) { expect_killed("ACP-CONF-16"); }
TEST(Reject, ACP_CONF_17_loses_bytes) { expect_killed("ACP-CONF-17"); }

TEST(Reject, ACP_CONF_20_what_is_exact_whatever_the_contract) { expect_killed("ACP-CONF-20"); }
TEST(Reject, ACP_CONF_21_bits_depend_on_circumstances) { expect_killed("ACP-CONF-21"); }
TEST(Reject, ACP_CONF_22_an_output_over_an_input) { expect_killed("ACP-CONF-22"); }
TEST(Reject, ACP_SHIM_13_what_a_newer_host_adds) { expect_killed("ACP-SHIM-13"); }

TEST(Mutants, every_other_one_is_killed_for_its_reason) {
  for (const Mutant& mutant : mutants()) {
    if (!mutant.breaks.starts_with("ACP-CONF-")) expect_killed(mutant, "template");
  }
}

TEST(Mutants, every_forgery_is_refused_for_its_reason) {
  std::set<std::string_view> names;
  for (const Forgery& forgery : forgeries()) {
    EXPECT_TRUE(names.insert(forgery.name).second) << forgery.name;
    const acp::Status refused = forgery.attempt(true_evidence());
    ASSERT_FALSE(refused.has_value()) << forgery.name;
    EXPECT_EQ(refused.error().requirement, forgery.breaks)
        << forgery.name << ": " << acp::to_string(refused.error());
  }
}

TEST(Mutants, every_misfit_is_refused_for_its_reason) {
  std::set<std::string> names;
  for (const Misfit& misfit : misfits()) {
    EXPECT_TRUE(names.insert(misfit.name).second) << misfit.name;
    const acp::Status refused = misfit.attempt();
    EXPECT_FALSE(refused.has_value()) << misfit.name;
    if (refused.has_value()) continue;
    EXPECT_EQ(refused.error().requirement, misfit.breaks)
        << misfit.name << ": " << acp::to_string(refused.error());
  }
  EXPECT_FALSE(names.empty());
}

TEST(Mutants, true_evidence_is_accepted) {
  const Evidence evidence = true_evidence();
  const acp::Status accepted = accept(evidence, signed_text(acp::to_json(evidence.statement), evidence.key));
  EXPECT_TRUE(accepted.has_value()) << acp::to_string(accepted.error());
}

TEST(Mutants, names_differ_and_one_thing_is_wrong) {
  std::set<std::string_view> names;
  for (const Mutant& mutant : mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_EQ(mutant_named(mutant.name), &mutant);
    const int wrong = (mutant.replace != nullptr ? 1 : 0) + (mutant.rewrite != nullptr ? 1 : 0) +
                      (mutant.negotiate != nullptr ? 1 : 0) + (mutant.forgives.empty() ? 0 : 1) +
                      (mutant.document.first.empty() ? 0 : 1);
    EXPECT_EQ(wrong, 1) << mutant.name;
  }
  EXPECT_EQ(mutant_named("none"), nullptr);
}

// A right shim, with a mutant's row around it that changes nothing: the hunt must say that it survives.
TEST(Mutants, one_that_is_right_survives) {
  const Mutant right = {.name = "right",
                        .what = "",
                        .breaks = "ACP-CONF-5",
                        .killer = "num.reduce.add.f32.chain:k=300,seed=1",
                        .rewrite = [](cep::Region&) {}};
  const auto kill =
      hunt(acp_suite(), testee_of("template"), right, Hunt::kWholeSuite, std::chrono::seconds(60));
  ASSERT_TRUE(kill.has_value());
  EXPECT_FALSE(kill->for_its_reason);
  EXPECT_EQ(kill->killed_by, "");
  EXPECT_TRUE(kill->failed.empty());
}

TEST(Mutants, one_that_is_found_for_another_reason_is_told) {
  Mutant other = *mutant_named("lanes_as_chain");
  other.killer = "num.reduce.add.f32.chain:k=300,seed=1";  // which it does not touch
  const auto kill = hunt(acp_suite(), testee_of("template"), other, Hunt::kKiller, std::chrono::seconds(60));
  ASSERT_TRUE(kill.has_value());
  EXPECT_FALSE(kill->for_its_reason);
  EXPECT_NE(kill->killed_by.find("lanes32"), std::string::npos) << kill->killed_by;
}

}  // namespace
}  // namespace conformance
