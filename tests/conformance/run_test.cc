// Right shims pass, unusual ones too; a crash and a hang cost one case; what the report says can be had again.
#include "conformance/runner/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "conformance/acp/suite.h"
#include "conformance/mutants/mutants.h"
#include "conformance/mutants/wrap.h"
#include "support/run_program.h"

namespace conformance {
namespace {

Options options() {
  Options options;
  options.nonce = "5eed";
  options.limit = std::chrono::milliseconds(60'000);
  return options;
}

std::string failures(const Report& report) {
  std::string text;
  for (const Entry& entry : report.entries) {
    if (entry.outcome.verdict != Verdict::kPass && entry.outcome.verdict != Verdict::kUnsupported)
      text += to_string(entry.query) + " " + to_json(entry.outcome) + "\n";
  }
  return text;
}

TEST(Run, template_and_cpu_are_conformant) {
  for (const char* name : {"template", "cpu"}) {
    const auto report = run(acp_suite(), testee_of(name), options());
    ASSERT_TRUE(report.has_value()) << acp::to_string(report.error());
    EXPECT_TRUE(report->conformant()) << failures(*report);
    EXPECT_EQ(report->counts().at(Verdict::kPass), report->entries.size()) << "every claim was tested";
    EXPECT_GT(report->entries.size(), 200u);
    EXPECT_EQ(report->missing, 0u);
    for (const ClaimFinding& row : report->findings())
      EXPECT_EQ(row.finding, Finding::kConfirmed) << row.claim;
  }
}

// The gpu's compiler takes a quarter of a second for each program: a part here, the whole suite in the full tier.
TEST(Run, a_shard_of_gpu_is_conformant) {
  Options part = options();
  part.shard = {.index = 1, .count = 12};
  const auto report = run(acp_suite(), testee_of("gpu"), part);
  ASSERT_TRUE(report.has_value()) << acp::to_string(report.error());
  EXPECT_TRUE(report->conformant()) << failures(*report);
  EXPECT_EQ(report->counts().at(Verdict::kPass), report->entries.size());
  EXPECT_GT(report->entries.size(), 15u);
}

// Rightful, but not what the suite sees every day. They must pass.
const Mutant kVariants[] = {
    {.name = "fewer_orders", .what = "", .breaks = "", .killer = "", .document = {"\"blocked_index\",", ""}},
    {.name = "any_nan", .what = "", .breaks = "", .killer = "", .document = {"canonical", "any"}},
    {.name = "slow",
     .what = "",
     .breaks = "",
     .killer = "",
     .replace =
         [](acp_shim& slots) {
           slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* submission,
                                   acp_status* status) {
             std::this_thread::sleep_for(std::chrono::milliseconds(3));
             const acp_shim& inner = wrapped(self).inner;
             return inner.queue_submit(inner.self, queue, submission, status);
           };
         }},
    {.name = "no_state",
     .what = "",
     .breaks = "",
     .killer = "",
     .replace = [](acp_shim& slots) { slots.get_state = nullptr, slots.would_accept = nullptr; }},
    {.name = "describes_only",
     .what = "",
     .breaks = "",
     .killer = "",
     .replace = [](acp_shim& slots) { slots.compile = nullptr; },
     .document = {"cep:region", "ai.example:Other"}},
};

TEST(Run, rightful_variants_pass_with_the_cases_they_claim) {
  const auto whole = run(acp_suite(), testee_of("template"), options());
  ASSERT_TRUE(whole.has_value());
  for (const Mutant& variant : kVariants) {
    const auto report = run(acp_suite(), mutated(testee_of("template"), variant), options());
    ASSERT_TRUE(report.has_value()) << variant.name << ": " << (report ? "" : acp::to_string(report.error()));
    EXPECT_TRUE(report->conformant()) << variant.name << "\n" << failures(*report);
    EXPECT_LE(report->entries.size(), whole->entries.size()) << variant.name;
  }
}

// A device may claim no region program at all, but not run them all the same.
TEST(Run, what_is_not_claimed_must_be_refused) {
  const Mutant silent = {.name = "silent",
                         .what = "",
                         .breaks = "",
                         .killer = "",
                         .document = {"cep:region", "ai.example:Other"}};
  const auto report = run(acp_suite(), mutated(testee_of("template"), silent), options());
  ASSERT_TRUE(report.has_value());
  for (const Entry& entry : report->entries) {
    EXPECT_EQ(entry.query.name.starts_with("canary.dtype"), entry.outcome.verdict == Verdict::kFail)
        << to_string(entry.query);
  }
  EXPECT_FALSE(report->conformant());
}

// A device that promises less than the canonical bits: what is exact all the same is asked of it, operators too.
TEST(Run, a_weak_contract_is_asked_what_is_exact) {
  const Mutant weak = {.name = "weak",
                       .what = "",
                       .breaks = "",
                       .killer = "",
                       .document = {"\"nan\": \"canonical\"", "\"nan\": \"any\""}};
  Suite suite = exact_kinds();
  for (Suite part : {operator_kinds(), stability_kinds()})
    suite.insert(suite.end(), part.begin(), part.end());
  const auto report = run(suite, mutated(testee_of("template"), weak), options());
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->conformant()) << failures(*report);
  std::size_t operators = 0;
  for (const Entry& entry : report->entries) {
    operators += entry.query.name.starts_with("num.exact.op.") ? 1 : 0;
    EXPECT_TRUE(entry.query.name.starts_with("num.exact.")) << to_string(entry.query);
  }
  EXPECT_GT(operators, 10u);
}

// One row for one operator of the table: its cases are asked, and no others.
TEST(Run, rows_select_the_operators_they_cover) {
  const Mutant narrow = {
      .name = "narrow",
      .what = "",
      .breaks = "",
      .killer = "",
      .document = {"cep:region\",\n      \"version\": 1", "ai.onnx:Relu\",\n      \"version\": 14"}};
  const auto report = run(operator_kinds(), mutated(testee_of("template"), narrow), options());
  ASSERT_TRUE(report.has_value()) << acp::to_string(report.error());
  EXPECT_GT(report->entries.size(), 0u);
  for (const Entry& entry : report->entries) EXPECT_EQ(entry.query.name, "num.op.Relu");
  EXPECT_EQ(report->findings().at(0).claim, "ops: ai.onnx:Relu 14");
  EXPECT_EQ(report->findings().at(0).finding, Finding::kConfirmed);
}

TEST(Run, seeds_follow_from_the_nonce) {
  const auto seed = [](const char* nonce) {
    Options some = options();
    some.nonce = nonce;
    some.shard = parse_shard("0/100").value();
    return run(acp_suite(), testee_of("template"), some).value().seed;
  };
  EXPECT_EQ(seed("01"), seed("01"));
  EXPECT_NE(seed("01"), seed("02"));
}

// Wrong for programs with the operation SQRT only: how one case is lost, and not the next.
template <void (*kFault)()>
void fails_on_sqrt(acp_shim& slots) {
  slots.compile = [](void* self, std::uint32_t device, const acp_region* region, acp_executable** out,
                     acp_status* status) {
    for (std::uint32_t i = 0; i < region->scalar_count && region->scalar_count < 100; ++i) {
      if (region->scalars[i].op == ACP_SC_SQRT) kFault();
    }
    const acp_shim& inner = wrapped(self).inner;
    return inner.compile(inner.self, device, region, out, status);
  };
}
void crash() { ::_exit(9); }
void hang() {
  for (;;) ::pause();
}

Suite detectors_only() { return detector_kinds(); }

void expect_lost(const Mutant& mutant, Verdict verdict, std::chrono::milliseconds limit) {
  Options some = options();
  some.limit = limit;
  const auto report = run(detectors_only(), mutated(testee_of("template"), mutant), some);
  ASSERT_TRUE(report.has_value()) << acp::to_string(report.error());
  std::size_t lost = 0;
  for (const Entry& entry : report->entries) {
    const bool is_sqrt = entry.query.name.ends_with(".sqrt");
    lost += is_sqrt ? 1 : 0;
    EXPECT_EQ(entry.outcome.verdict, is_sqrt ? verdict : Verdict::kPass) << to_string(entry.query);
  }
  EXPECT_EQ(lost, 4u) << "subnormals, nan, rounding and zeros have one each";
  EXPECT_FALSE(report->conformant());
}

TEST(Reject, ACP_CONF_13_a_crash_costs_its_case) {
  expect_lost({.name = "crash", .what = "", .breaks = "", .killer = "", .replace = fails_on_sqrt<crash>},
              Verdict::kCrash, std::chrono::milliseconds(60'000));
}

TEST(Reject, ACP_CONF_13_a_hang_costs_its_case) {
  expect_lost({.name = "hang", .what = "", .breaks = "", .killer = "", .replace = fails_on_sqrt<hang>},
              Verdict::kHang, std::chrono::milliseconds(1'500));
}

TEST(Reject, ACP_CONF_1_a_case_that_does_not_exist) {
  const auto entry = run_case(acp_suite(), testee_of("template"), parse_query("num.magic").value(),
                              std::chrono::milliseconds(1000), Minimise::kNo);
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().requirement, "ACP-CONF-1");
}

TEST(Reject, ACP_CONF_4_nonce_that_is_not_hexadecimal) {
  for (const std::string& nonce : {std::string("xyz"), std::string(65, '0')}) {
    Options some = options();
    some.nonce = nonce;
    const auto report = run(acp_suite(), testee_of("template"), some);
    ASSERT_FALSE(report.has_value()) << nonce;
    EXPECT_EQ(report.error().requirement, "ACP-CONF-4");
  }
}

TEST(Run, a_query_of_a_report_fails_alone_and_smaller) {
  const Suite suite = swamping_kinds();
  const Testee wrong = mutated(testee_of("template"), *mutant_named("chain_as_tree"));
  const auto report = run(suite, wrong, options());
  ASSERT_TRUE(report.has_value());
  std::size_t failed = 0;
  for (const Entry& entry : report->entries) {
    if (entry.outcome.verdict == Verdict::kPass) continue;
    ++failed;
    const auto again = run_case(suite, wrong, entry.query, options().limit, Minimise::kNo);
    EXPECT_EQ(again->outcome, entry.outcome) << to_string(entry.query);
    ASSERT_FALSE(entry.minimised.empty());
    const Query small = parse_query(entry.minimised).value();
    EXPECT_GT(small.number("k", 0), 64) << "one block of 64 is a chain";
    EXPECT_LE(small.number("k", 0), 128);
    const auto smaller = run_case(suite, wrong, small, options().limit, Minimise::kNo);
    EXPECT_EQ(smaller->outcome.verdict, Verdict::kFail);
  }
  EXPECT_EQ(failed, 2u) << "add and fma";
}

}  // namespace
}  // namespace conformance
