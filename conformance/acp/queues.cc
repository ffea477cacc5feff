// Queues: order, waits, what a submission keeps, and what a failure leaves behind (tier T2).
#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

// Long enough that a launch which does not wait is done by then; a device that waits only costs this time.
constexpr std::uint64_t kGrace = 30'000'000;
constexpr std::uint64_t kForever = UINT64_MAX;  // a hang ends with the process of the case

using Id = cep::RegionBuilder::Id;

// y[0] = x[0] * 2 + c. Two of them in another order give another number.
cep::Region step(float c) {
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {1}}), y = r.output({cep::Dtype::kF32, {1}});
  r.begin_nest({1}, {});
  const Id twice = r.mul(r.arg(r.read(x, r.iters())), r.f32(2.0f));
  r.write(y, r.iters(), r.add(twice, r.f32(c)));
  r.end_nest();
  return std::move(r).finish();
}

// y[0] = x[j[0]]: fails when j[0] is not 0.
cep::Region faulty() {
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {1}}), j = r.input({cep::Dtype::kI64, {1}});
  const Id y = r.output({cep::Dtype::kF32, {1}});
  r.begin_nest({1}, {});
  r.write(y, r.iters(), r.arg(r.read(x, {r.ix_load(r.read(j, r.iters()))})));
  r.end_nest();
  return std::move(r).finish();
}

acp::Result<acp::Memory> cell(const acp::Device& device, float value) {
  ACP_TRY(acp::Memory memory, device.allocate(64, 64));
  ACP_CHECK(memory.write(0, std::as_bytes(std::span(&value, 1))));
  return memory;
}
acp::Result<float> value_of(const acp::Memory& memory) {
  float value = 0;
  ACP_CHECK(memory.read(0, std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

std::string text_of(float value) { return hex(std::bit_cast<std::uint32_t>(value), 8); }

Outcome is(float expected, float got, const std::string& words) {
  return expected == got ? pass() : fail("ACP-CONF-14", words, text_of(expected), text_of(got));
}

// Turns a refusal that the case did not want into its outcome.
Outcome settled(const acp::Device& device, acp::Result<Outcome> result) {
  return result ? *std::move(result) : unexpected(device, "refused on the way", result.error());
}

// ((1 * 2 + 3) * 2 + 5) = 15 in order, 17 the other way around.
acp::Result<Outcome> order_here(const acp::Device& device) {
  ACP_TRY(const acp::Executable three, device.compile(step(3).view()));
  ACP_TRY(const acp::Executable five, device.compile(step(5).view()));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline done, device.create_timeline());
  ACP_TRY(const acp::Memory a, cell(device, 1));
  ACP_TRY(const acp::Memory b, cell(device, 0));
  ACP_TRY(const acp::Memory c, cell(device, 0));
  ACP_CHECK(queue.submit({{}, {{&three, {{&a, 0}, {&b, 0}}}, {&five, {{&b, 0}, {&c, 0}}}}, {{&done, 1}}}));
  ACP_CHECK(queue.submit({{}, {{&three, {{&c, 0}, {&a, 0}}}}, {{&done, 2}}}));
  ACP_CHECK(done.wait(2, kForever));
  ACP_CHECK(queue.status());
  ACP_TRY(const float middle, value_of(c));
  ACP_TRY(const float last, value_of(a));
  const Outcome first = is(15, middle, "launches of one submission run in order");
  return first.verdict == Verdict::kPass ? is(33, last, "submissions to one queue run in order") : first;
}
Outcome order(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  return settled(device, order_here(device));
}

acp::Result<Outcome> wait_here(const acp::Device& device) {
  ACP_TRY(const acp::Executable made, device.compile(step(3).view()));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline gate, device.create_timeline());
  ACP_TRY(const acp::Timeline done, device.create_timeline());
  ACP_TRY(const acp::Memory a, cell(device, 1));
  ACP_TRY(const acp::Memory b, cell(device, 0));
  ACP_CHECK(queue.submit({{{&gate, 7}}, {{&made, {{&a, 0}, {&b, 0}}}}, {{&done, 1}}}));
  ACP_CHECK(gate.signal(6));
  if (done.wait(1, kGrace))
    return fail("ACP-CONF-14", "a launch ran before its wait", "still waiting", "signalled");
  const float late = 10;
  ACP_CHECK(a.write(0, std::as_bytes(std::span(&late, 1))));
  ACP_CHECK(gate.signal(7));
  ACP_CHECK(done.wait(1, kForever));
  ACP_TRY(const float value, value_of(b));
  return is(23, value, "a launch sees what was written before its wait was signalled");
}
Outcome waits(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  return settled(device, wait_here(device));
}

acp::Result<Outcome> failure_here(const acp::Device& device) {
  ACP_TRY(const acp::Executable made, device.compile(faulty().view()));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline done, device.create_timeline());
  ACP_TRY(const acp::Memory x, cell(device, 1));
  ACP_TRY(const acp::Memory j, cell(device, 0));
  ACP_TRY(const acp::Memory y, cell(device, 0));
  const std::int64_t outside = 1, inside = 0;
  const acp::Launch launch{&made, {{&x, 0}, {&j, 0}, {&y, 0}}};
  ACP_CHECK(j.write(0, std::as_bytes(std::span(&outside, 1))));
  ACP_CHECK(queue.submit({{}, {launch}, {{&done, 1}}}));
  ACP_CHECK(done.wait(1, kForever));  // given although the launch fails
  const auto status = queue.status();
  if (status)
    return fail("ACP-CONF-16", "a failed launch is reported as success", "failure CEP-REG-7", "success");
  const auto refused = queue.submit({{}, {}, {{&done, 2}}});
  if (refused)
    return fail("ACP-SHIM-9", "a failed queue takes submissions", "refused ACP-SHIM-9", "accepted");
  if (refused.error().requirement != "ACP-SHIM-9")
    return fail("ACP-SHIM-9", "refused for another reason", "ACP-SHIM-9", acp::to_string(refused.error()));
  ACP_CHECK(queue.reset());
  ACP_CHECK(queue.status());
  ACP_CHECK(j.write(0, std::as_bytes(std::span(&inside, 1))));
  ACP_CHECK(queue.submit({{}, {launch}, {{&done, 3}}}));
  ACP_CHECK(done.wait(3, kForever));
  ACP_CHECK(queue.status());
  ACP_TRY(const float value, value_of(y));
  return is(1, value, "a queue works again after its reset");
}
Outcome failure(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  return settled(device, failure_here(device));
}

acp::Result<Outcome> bindings_here(const acp::Device& device) {
  ACP_TRY(const acp::Executable made, device.compile(step(3).view()));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline done, device.create_timeline());
  ACP_TRY(const acp::Memory a, cell(device, 1));
  ACP_TRY(const acp::Memory small, device.allocate(2, 64));
  const acp::Launch wrong[] = {{&made, {{&a, 0}}},                    // one binding is missing
                               {&made, {{&a, 0}, {&a, 4}, {&a, 8}}},  // one too many
                               {&made, {{&a, 0}, {&small, 0}}},       // the window does not fit
                               {&made, {{&a, 64}, {&a, 4}}},          // past the end
                               {&made, {{&a, 2}, {&a, 8}}}};          // not aligned to the element
  for (const acp::Launch& launch : wrong) {
    const auto refused = queue.submit({{}, {launch}, {{&done, 1}}});
    if (refused)
      return fail("ACP-SHIM-8", "a binding that does not fit is accepted", "refused ACP-SHIM-8", "accepted");
    if (refused.error().requirement != "ACP-SHIM-8")
      return fail("ACP-SHIM-8", "refused for another reason", "ACP-SHIM-8", acp::to_string(refused.error()));
  }
  return pass();
}
Outcome bindings(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  return settled(device, bindings_here(device));
}

acp::Result<Outcome> kept_here(const acp::Device& device) {
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline gate, device.create_timeline());
  ACP_TRY(const acp::Timeline done, device.create_timeline());
  ACP_TRY(const acp::Memory out, cell(device, 0));
  {
    ACP_TRY(const acp::Executable made, device.compile(step(3).view()));
    ACP_TRY(const acp::Memory in, cell(device, 4));
    ACP_CHECK(queue.submit({{{&gate, 1}}, {{&made, {{&in, 0}, {&out, 0}}}}, {{&done, 1}}}));
  }
  ACP_CHECK(gate.signal(1));
  ACP_CHECK(done.wait(1, kForever));
  ACP_TRY(const float value, value_of(out));
  return is(11, value, "a submission keeps what it names until its signal");
}
Outcome kept(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  return settled(device, kept_here(device));
}

template <const std::string_view& kName>
std::vector<Query> when_f32(const Claims& claims, Tier /*tier*/) {
  if (!claims.exact("") || !claims.has("f32") || !claims.has("i64")) return {};
  return {{std::string(kName), {}}};
}

constexpr std::string_view kOrder = "acp.queue.order", kWaits = "acp.queue.waits",
                           kFailure = "acp.queue.failure", kBindings = "acp.queue.bindings",
                           kKept = "acp.queue.keeps";

}  // namespace

Suite queue_kinds() {
  return {{.name = kOrder,
           .what = "launches run in order",
           .list = when_f32<kOrder>,
           .run = order,
           .about = {"ACP-CONF-14"}},
          {.name = kWaits,
           .what = "no launch runs before its waits",
           .list = when_f32<kWaits>,
           .run = waits,
           .about = {"ACP-CONF-14"}},
          {.name = kKept,
           .what = "a submission keeps what it names",
           .list = when_f32<kKept>,
           .run = kept,
           .about = {"ACP-CONF-14"}},
          {.name = kBindings,
           .what = "bindings that do not fit: refused",
           .list = when_f32<kBindings>,
           .run = bindings,
           .about = {"ACP-SHIM-8"}},
          {.name = kFailure,
           .what = "a failed launch is reported; the queue refuses work until it is reset",
           .list = when_f32<kFailure>,
           .run = failure,
           .about = {"ACP-CONF-16", "ACP-SHIM-9"}}};
}

}  // namespace conformance
