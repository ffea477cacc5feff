// Resources: memories and timelines (tier T2).
#include <array>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

// A refusal with this id is what the case wants.
template <typename Value>
Outcome refused(const acp::Result<Value>& result, const std::string& id, std::string_view what) {
  if (result) return fail(id, std::string(what) + " is accepted", "refused " + id, "success");
  if (result.error().requirement != id)
    return fail(id, std::string(what) + " is refused for another reason", id, acp::to_string(result.error()));
  return pass();
}

Outcome memory_bytes(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto memory = device.allocate(1000, 64);
  if (!memory) return unexpected(device, "memory_alloc", memory.error());
  std::vector<std::byte> wrote(1000), read(300);
  for (std::size_t i = 0; i < wrote.size(); ++i) wrote[i] = static_cast<std::byte>(query.seed() + 7 * i);
  if (const auto done = memory->write(0, wrote); !done)
    return unexpected(device, "memory_write", done.error());
  if (const auto done = memory->read(700, read); !done)
    return unexpected(device, "memory_read", done.error());
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read[i] == wrote[700 + i]) continue;
    return fail("ACP-CONF-17", "byte " + std::to_string(700 + i) + " is not what was written",
                hex(static_cast<std::uint64_t>(wrote[700 + i]), 2),
                hex(static_cast<std::uint64_t>(read[i]), 2));
  }
  return pass();
}

Outcome memory_bounds(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto memory = device.allocate(16, 64);
  if (!memory) return unexpected(device, "memory_alloc", memory.error());
  std::array<std::byte, 16> bytes{};
  for (const std::uint64_t offset : {std::uint64_t{1}, std::uint64_t{17}, UINT64_MAX - 7}) {
    Outcome written = refused(memory->write(offset, bytes), "ACP-SHIM-6", "a write past the end");
    if (written.verdict != Verdict::kPass) return written;
    Outcome read = refused(memory->read(offset, bytes), "ACP-SHIM-6", "a read past the end");
    if (read.verdict != Verdict::kPass) return read;
  }
  return pass();
}

Outcome memory_alignment(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  for (const std::uint64_t alignment : {0, 3, 48}) {
    Outcome outcome = refused(device.allocate(16, alignment), "ACP-SHIM-6", "an alignment of 0, 3 or 48");
    if (outcome.verdict != Verdict::kPass) return outcome;
  }
  return pass();
}

Outcome timeline_grows(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto timeline = device.create_timeline();
  if (!timeline) return unexpected(device, "timeline_create", timeline.error());
  if (const auto done = timeline->signal(5); !done)
    return unexpected(device, "timeline_signal", done.error());
  for (const std::uint64_t value : {5, 4, 0}) {
    Outcome outcome = refused(timeline->signal(value), "ACP-SHIM-7", "a value that does not grow");
    if (outcome.verdict != Verdict::kPass) return outcome;
  }
  const auto value = timeline->query();
  if (!value) return unexpected(device, "timeline_query", value.error());
  if (*value != 5) return fail("ACP-SHIM-7", "the timeline moved", "5", std::to_string(*value));
  return pass();
}

Outcome timeline_waits(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto timeline = device.create_timeline();
  if (!timeline) return unexpected(device, "timeline_create", timeline.error());
  const auto early = timeline->wait(1, kSecond / 100);
  if (early)
    return fail("ACP-CONF-14", "a wait for a value that was not signalled succeeds", "timeout", "success");
  if (early.error().family != acp::Family::kEnvironment)
    return fail("ACP-CONF-14", "a timeout is of family environment", "environment",
                acp::to_string(early.error()));
  if (const auto done = timeline->signal(2); !done)
    return unexpected(device, "timeline_signal", done.error());
  if (const auto done = timeline->wait(1, UINT64_MAX); !done)
    return unexpected(device, "timeline_wait", done.error());
  return pass();
}

// Only a device that runs region programs has memories and timelines to speak of.
template <const std::string_view& kName>
std::vector<Query> when_it_runs(const Claims& claims, Tier /*tier*/) {
  if (!claims.regions) return {};
  return {{std::string(kName), {}}};
}

constexpr std::string_view kBytes = "acp.memory.bytes", kBounds = "acp.memory.bounds",
                           kAlignment = "acp.memory.alignment", kGrows = "acp.timeline.grows",
                           kWaits = "acp.timeline.waits";

}  // namespace

Suite resource_kinds() {
  return {{.name = kBytes,
           .what = "what is written is what is read",
           .list = when_it_runs<kBytes>,
           .run = memory_bytes,
           .about = {"ACP-CONF-17"}},
          {.name = kBounds,
           .what = "ranges past the end: refused",
           .list = when_it_runs<kBounds>,
           .run = memory_bounds,
           .about = {"ACP-SHIM-6"}},
          {.name = kAlignment,
           .what = "alignments that are no power of two: refused",
           .list = when_it_runs<kAlignment>,
           .run = memory_alignment,
           .about = {"ACP-SHIM-6"}},
          {.name = kGrows,
           .what = "a value that does not grow: refused",
           .list = when_it_runs<kGrows>,
           .run = timeline_grows,
           .about = {"ACP-SHIM-7"}},
          {.name = kWaits,
           .what = "a wait ends with its value or its time",
           .list = when_it_runs<kWaits>,
           .run = timeline_waits,
           .about = {"ACP-CONF-14"}}};
}

}  // namespace conformance
