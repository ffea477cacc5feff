// The checker accepts what the verifier proved, and refuses it after any one change.
#include "tools/cep_check/certified.h"

namespace cep {
namespace {

using namespace support;

const std::string kThread(kThreadPlan);
std::string run(const std::string& name, const std::string& k, const std::string& target) {
  return "step " + name + " @q0 compute mm k " + k +
         " : A[0:4,0:8] = a, B[0:8,0:4] = b -> Y[0:4,0:4] = " + target + "\n";
}

TEST(CepCheck, AcceptsTheThread) { EXPECT_EQ(certified(thread_workload(), kThread).refusal(), "accepted"); }

TEST(CepCheck, AcceptsAlignedSubtreesJoinedByOneAddition) {
  const std::string steps =
      run("lower", "0:4", "p0") + run("upper", "4:8", "p1") + "step join @q0 combine add fold p0, p1 -> y\n";
  const Certified c =
      certified(blocked_workload(OrderKind::kBlockedTree), edit(kOneDevicePlan, "STEPS", steps));
  EXPECT_EQ(c.refusal(), "accepted");
  EXPECT_EQ(c.certificate.proof.guarantee, Grade::kBitwise);
}

TEST(CepCheck, AcceptsBlocksJoinedInIndexOrder) {
  const std::string steps =
      run("prefix", "0:6", "p0") + run("block", "6:8", "p1") + "step join @q0 combine add fold p0, p1 -> y\n";
  const Certified c =
      certified(blocked_workload(OrderKind::kBlockedIndex), edit(kOneDevicePlan, "STEPS", steps));
  EXPECT_EQ(c.refusal(), "accepted");
  EXPECT_EQ(c.certificate.proof.guarantee, Grade::kBitwise);
}

std::string real_halves() {
  const std::string steps =
      run("lower", "0:4", "p0") + run("upper", "4:8", "p1") + "step join @q0 combine add fold p0, p1 -> y\n";
  return edit(edit(kOneDevicePlan, "STEPS", steps), "guarantee bitwise\n",
              "guarantee real\nreassociate mm\n");
}

TEST(CepCheck, AcceptsADeclaredReassociationAtReal) {
  const Certified c = certified(blocked_workload(OrderKind::kChain), real_halves());
  EXPECT_EQ(c.refusal(), "accepted");
  EXPECT_EQ(c.certificate.proof.guarantee, Grade::kReal);
}

TEST(CepCheck, AcceptsACopyOfAFilledAccumulator) {
  const std::string steps = "step zero @q0 fill p0 = 0x0\nstep aside @q0 copy p0 -> p1\n" +
                            edit(run("all", "0:8", "y"), "k 0:8", "k 0:8 seed p1");
  EXPECT_EQ(certified(blocked_workload(OrderKind::kChain), edit(kOneDevicePlan, "STEPS", steps)).refusal(),
            "accepted");
}

// One bit of each byte: nothing of a certificate, a plan or a workload may change unseen.
TEST(CepCheck, RefusesEveryChangedByteOfACertificate) {
  const Certified c = certified(thread_workload(), kThread);
  const std::vector<std::byte> bytes = encode(c.certificate);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::byte> changed = bytes;
    changed[i] ^= static_cast<std::byte>(1u << (i % 8));
    const auto read = decode_certificate(changed);
    if (!read) continue;
    EXPECT_FALSE(cep_check::check(c.workload, c.plan, *read, c.context).has_value())
        << "byte " << i << " of " << bytes.size();
  }
}

TEST(CepCheck, RefusesEveryChangedByteOfAPlanOrWorkload) {
  const Certified c = certified(thread_workload(), kThread);
  std::vector<std::byte> plan = encode(c.plan);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    plan[i] ^= static_cast<std::byte>(1u << (i % 8));
    const auto read = decode_plan(plan);
    if (read) {
      EXPECT_FALSE(cep_check::check(c.workload, *read, c.certificate, c.context).has_value()) << "byte " << i;
    }
    plan[i] ^= static_cast<std::byte>(1u << (i % 8));
  }
  std::vector<std::byte> workload = encode(c.workload);
  for (std::size_t i = 0; i < workload.size(); ++i) {
    workload[i] ^= static_cast<std::byte>(1u << (i % 8));
    const auto read = decode_workload(workload);
    if (read) {
      EXPECT_FALSE(cep_check::check(*read, c.plan, c.certificate, c.context).has_value()) << "byte " << i;
    }
    workload[i] ^= static_cast<std::byte>(1u << (i % 8));
  }
}

TEST(CepCheck, NeedsEveryFactThatWasUsed) {
  const Certified whole = certified(thread_workload(), kThread);
  for (StepId step = 0; step < whole.plan.steps.size(); ++step) {
    for (std::size_t i = 0; i < whole.certificate.proof.used[step].size(); ++i) {
      Certified c = whole;
      c.proof().used[step].erase(c.proof().used[step].begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NE(c.refusal(), "accepted") << "step " << step << " fact " << i;
    }
  }
}

TEST(Reject, CEP_CHECK_1_digests_of_something_else) {
  const Certified whole = certified(thread_workload(), kThread);
  for (int field = 0; field < 6; ++field) {
    Certified c = whole;
    acp::Digest* const digests[] = {&c.certificate.workload,     &c.certificate.plan,   &c.certificate.rules,
                                    &c.certificate.documents[1], &c.context.digests[0], &c.plan.workload};
    digests[field]->bytes[7] ^= 1;
    expect_refusal(c.refusal(), "CEP-CHECK-1");
  }
  Certified c = whole;
  c.context.documents[0].contracts[0].nan = acp::Nan::kAny;
  expect_refusal(c.refusal(), "CEP-CHECK-1");
}

TEST(Reject, CEP_CHECK_2_ids_that_stand_for_nothing) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.plan.buffers[2].arena = 2;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-2");
  c = whole;
  std::get<Signal>(c.plan.steps[step_named(c.plan, "done")].what).timeline = 1;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-2");
  c = whole;
  c.proof().facts[0].slice.view.buffer = 99;
  expect_refusal(c.refusal(), "CEP-CHECK-2");
}

TEST(Reject, CEP_CHECK_3_views_outside_their_buffers) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.plan.arenas[0].size_bytes = 190;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-3");
  c = whole;
  std::get<Copy>(c.plan.steps[step_named(c.plan, "carry")].what).source.offset_bytes = 4;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-3");
  c = whole;
  c.plan.steps[step_named(c.plan, "first")].queue = 1;  // the other device's memory
  expect_refusal(c.bound_refusal(), "CEP-CHECK-3");
}

TEST(Reject, CEP_CHECK_4_order_is_no_order_of_the_steps) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  std::swap(c.proof().order[0], c.proof().order[1]);
  expect_refusal(c.refusal(), "CEP-CHECK-4");
  c = whole;
  c.proof().order.back() = c.proof().order.front();
  expect_refusal(c.refusal(), "CEP-CHECK-4");
  c = whole;
  c.proof().order.pop_back();
  expect_refusal(c.refusal(), "CEP-CHECK-4");
}

TEST(Reject, CEP_CHECK_5_a_wait_that_nothing_satisfies) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  std::get<Wait>(c.plan.steps[step_named(c.plan, "ready")].what).value = 2;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-5");
  c = whole;
  std::get<Signal>(c.plan.steps[step_named(c.plan, "done")].what).value = 0;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-5");
  c = whole;
  c.plan.timelines[0].signaller = 1;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-5");
  c = whole;  // the wait is listed before its signal
  c.proof().order = {step_named(c.plan, "ready"), step_named(c.plan, "first"), step_named(c.plan, "done"),
                     step_named(c.plan, "carry"), step_named(c.plan, "rest")};
  expect_refusal(c.refusal(), "CEP-CHECK-5");
}

TEST(Reject, CEP_CHECK_6_unordered_steps_on_one_byte) {
  Certified c = certified(thread_workload(), kThread);
  std::get<Wait>(c.plan.steps[step_named(c.plan, "ready")].what).value = 0;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-6");
}

TEST(Reject, CEP_CHECK_7_a_step_writes_what_it_reads) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  auto& first = std::get<Compute>(c.plan.steps[step_named(c.plan, "first")].what);
  first.outputs[0].view.buffer = first.inputs[0].view.buffer;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-7");
  c = whole;
  c.plan.buffers[1].offset_bytes = 32;  // B over A's last rows
  expect_refusal(c.bound_refusal(), "CEP-CHECK-7");
  c = whole;
  std::get<Copy>(c.plan.steps[step_named(c.plan, "carry")].what).target.strides = {0, 1};
  expect_refusal(c.bound_refusal(), "CEP-CHECK-7");
}

TEST(Reject, CEP_CHECK_8_facts_from_nowhere) {
  const Certified whole = certified(thread_workload(), kThread);
  const StepId first = step_named(whole.plan, "first");
  Certified c = whole;
  c.proof().used[first].push_back(static_cast<std::uint32_t>(c.proof().facts.size()));
  expect_refusal(c.refusal(), "CEP-CHECK-8");
  c = whole;  // from the future
  c.proof().used[first].push_back(c.proof().made[step_named(c.plan, "rest")][0]);
  expect_refusal(c.refusal(), "CEP-CHECK-8");
  c = whole;  // present at the start, but no input gives it
  c.proof().facts[c.proof().made[first][0]].step = kNoId;
  c.proof().made[first].clear();
  expect_refusal(c.refusal(), "CEP-CHECK-8");
  c = whole;
  c.proof().facts[c.proof().used[first][0]].part.position = 1;
  expect_refusal(c.refusal(), "CEP-CHECK-8");
}

TEST(Reject, CEP_CHECK_9_written_over_before_use) {
  // The proof of a plan without the step "clear", carried over to one with it.
  const Certified before = certified(thread_workload(), kThread);
  Certified c = before;
  const StepId done = step_named(c.plan, "done");
  c.plan.steps.push_back(
      {"clear", 0, Fill{std::get<Copy>(c.plan.steps[step_named(c.plan, "carry")].what).source, 0}});
  std::swap(c.plan.steps[done], c.plan.steps.back());
  c.plan.steps.insert(c.plan.steps.begin() + done + 1, c.plan.steps.back());
  c.plan.steps.pop_back();
  const auto shifted = [&](std::uint32_t step) { return step == kNoId || step < done ? step : step + 1; };
  for (StepId& step : c.proof().order) step = shifted(step);
  c.proof().order.insert(c.proof().order.begin() + 1, done);
  for (Fact& fact : c.proof().facts) fact.step = shifted(fact.step);
  for (auto* lists : {&c.proof().used, &c.proof().made})
    lists->insert(lists->begin() + done, std::vector<std::uint32_t>());
  expect_refusal(c.bound_refusal(), "CEP-CHECK-9");
}

TEST(Reject, CEP_CHECK_10_reads_what_nothing_vouches_for) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.proof().used[step_named(c.plan, "first")].pop_back();
  expect_refusal(c.refusal(), "CEP-CHECK-10");
  c = whole;  // the other half of B, of the same shape
  auto& rest = std::get<Compute>(c.plan.steps[step_named(c.plan, "rest")].what);
  rest.inputs[1].box = {{0, 0}, {4, 4}};
  expect_refusal(c.bound_refusal(), "CEP-CHECK-10");
}

TEST(Reject, CEP_CHECK_11_a_fact_where_nothing_was_written) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  Fact& made = c.proof().facts[c.proof().made[step_named(c.plan, "first")][0]];
  made.slice.view.buffer = 0;
  expect_refusal(c.refusal(), "CEP-CHECK-11");
  c = whole;
  c.proof().facts[c.proof().made[step_named(c.plan, "first")][0]].slice.view.strides = {1, 4};
  expect_refusal(c.refusal(), "CEP-CHECK-11");
}

TEST(Reject, CEP_CHECK_12_parts_that_do_not_follow) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.proof().facts[c.proof().made[step_named(c.plan, "first")][0]].part.position = 5;
  expect_refusal(c.refusal(), "CEP-CHECK-12");
  c = whole;  // half of a sum is no whole
  c.proof().facts[c.proof().made[step_named(c.plan, "first")][0]].part = Part{};
  expect_refusal(c.refusal(), "CEP-CHECK-12");
  c = whole;  // continues a second time over the first half
  auto& rest = std::get<Compute>(c.plan.steps[step_named(c.plan, "rest")].what);
  rest.k = KRange{0, 8};
  rest.inputs[0].box = {{0, 0}, {4, 4}};
  c.plan.inputs[2].box = {{0, 0}, {4, 4}};
  EXPECT_NE(c.bound_refusal(), "accepted");
}

TEST(Reject, CEP_CHECK_13_a_copy_of_something_else) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.proof().used[step_named(c.plan, "carry")].clear();
  expect_refusal(c.refusal(), "CEP-CHECK-13");
}

TEST(Reject, CEP_CHECK_14_grades_too_high) {
  const Certified whole = certified(blocked_workload(OrderKind::kChain), real_halves());
  Certified c = whole;
  c.proof().facts[c.proof().made[step_named(c.plan, "join")][0]].grade = Grade::kBitwise;
  expect_refusal(c.refusal(), "CEP-CHECK-14");
  c = whole;
  c.plan.reassociated.clear();
  expect_refusal(c.bound_refusal(), "CEP-CHECK-14");
  c = whole;
  c.proof().outputs[0].grade = c.proof().guarantee = Grade::kBitwise;
  expect_refusal(c.refusal(), "CEP-CHECK-14");
  c = whole;
  c.plan.guarantee = Grade::kBitwise;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-14");
  c = whole;
  c.proof().lowered_by.clear();
  expect_refusal(c.refusal(), "CEP-CHECK-14");
}

// The bits of a product on d0 go through d1, which says that it does not keep the canonical numerics: not even when it moves them.
TEST(Reject, CEP_CHECK_14_copies_and_fills_of_a_device_that_keeps_no_bits) {
  const std::string second =
      "device d1 shim cpu\narena m1 on d1 bytes 4096\nbuffer in1 in m1 at 0 f32[4,4]\nbuffer out1 in m1 at "
      "64 f32[4,4]\n"
      "queue q0 on d0\nqueue q1 on d1\ntimeline t0 by q0\ntimeline t1 by q1\n";
  const std::string plan = edit(kOneDevicePlan, "queue q0 on d0\n", second);
  const std::string moved =
      edit(edit(plan, "STEPS",
                run("all", "0:8", "y") + "step made @q0 signal t0 1\nstep ready @q1 wait t0 1\n"
                                         "step carry @q1 copy y -> in1\nstep move @q1 copy in1 -> out1\n"),
           "output Y[0:4,0:4] = y", "output Y[0:4,0:4] = out1");
  const std::string filled =
      edit(plan, "STEPS",
           "step zero @q1 fill out1 = 0x0\nstep made @q1 signal t1 1\nstep ready @q0 wait t1 1\n"
           "step carry @q0 copy out1 -> p0\n" +
               edit(run("all", "0:8", "y"), "k 0:8", "k 0:8 seed p0"));
  for (const std::string& text : {moved, filled}) {
    Certified c = certified(blocked_workload(OrderKind::kChain), text);
    ASSERT_EQ(c.refusal(), "accepted");
    c.context.documents[1].contracts[0].subnormals = acp::Subnormals::kFlushed;
    c.context.digests[1] = acp::sha256(*acp::encode(c.context.documents[1]));
    for (Assumption& assumption : c.proof().assumptions) {
      if (assumption.device == "d1") assumption.document = c.context.digests[1];
    }
    expect_refusal(c.bound_refusal(), "CEP-CHECK-14");
    const Verdict verdict = verify(c.workload, c.plan, c.context);
    ASSERT_FALSE(findings_of(verdict).empty()) << describe(verdict);
    EXPECT_EQ(findings_of(verdict).front().id, "CEP-NUM-2") << describe(verdict);
  }
}

TEST(Reject, CEP_CHECK_15_outputs_not_bound_once) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.plan.outputs[0].box.hi[0] = c.plan.outputs[0].view.dims[0] = 3;
  expect_refusal(c.bound_refusal(), "CEP-CHECK-15");
  c = whole;
  c.plan.outputs.push_back(c.plan.outputs[0]);
  expect_refusal(c.bound_refusal(), "CEP-CHECK-15");
  c = whole;
  c.proof().output_facts.clear();
  expect_refusal(c.refusal(), "CEP-CHECK-15");
}

TEST(Reject, CEP_CHECK_16_devices_that_promise_nothing) {
  const Certified whole = certified(thread_workload(), kThread);
  Certified c = whole;
  c.proof().assumptions.pop_back();
  expect_refusal(c.refusal(), "CEP-CHECK-16");
  c = whole;
  c.context.documents[0].ops[0].dtypes = {"i32"};
  c.context.digests[0] = acp::sha256(*acp::encode(c.context.documents[0]));
  expect_refusal(c.bound_refusal(), "CEP-CHECK-16");
}

TEST(Reject, CEP_CHECK_16_limits_and_links_of_devices) {
  const auto with = [](void (*change)(acp::Class&)) {
    Certified c = certified(thread_workload(), kThread);
    change(c.context.documents[1]);
    c.context.digests[1] = acp::sha256(*acp::encode(c.context.documents[1]));
    for (Assumption& assumption : c.proof().assumptions) {
      if (assumption.device == c.plan.devices[1].name) assumption.document = c.context.digests[1];
    }
    return c.bound_refusal();
  };
  EXPECT_EQ(with([](acp::Class&) {}), "accepted");
  expect_refusal(with([](acp::Class& d) { d.limits.max_rank = 1; }), "CEP-CHECK-16");
  expect_refusal(with([](acp::Class& d) { d.limits.max_operand_bytes = 60; }), "CEP-CHECK-16");
  expect_refusal(with([](acp::Class& d) { d.limits.max_region_nodes = 2; }), "CEP-CHECK-16");
  expect_refusal(with([](acp::Class& d) { d.links = {{"main", "host"}}; }), "CEP-CHECK-16");
}

TEST(Reject, CEP_CHECK_17_more_counters_than_it_holds) {
  Certified c = certified(thread_workload(), kThread);
  c.plan.queues.resize(1 << 14, {"q", 0});
  for (std::size_t i = 0; i < c.plan.queues.size(); ++i) c.plan.queues[i].name = "q" + std::to_string(i);
  c.plan.steps.resize((1 << 14) + 1, {"w", 0, Wait{0, 0}});
  for (std::size_t i = 0; i < c.plan.steps.size(); ++i) c.plan.steps[i].name = "w" + std::to_string(i);
  expect_refusal(c.bound_refusal(), "CEP-CHECK-17");
}

}  // namespace
}  // namespace cep
