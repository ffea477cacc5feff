// The boundary itself: what host and shim do with sizes, versions, missing slots and wrong arguments.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "acp/host.h"
#include "vendors/launch.h"

namespace vendors_test {
namespace {

// The library of a shim, wherever the shim would run.
acp_shim_negotiate_fn negotiate_of(const std::string& shim_name) {
  const std::string name = shim_name.substr(0, shim_name.find('@'));
  void* library = ::dlopen(
      (std::string(std::getenv("ACP_SHIM_PATH")) + "/libacp_shim_" + name + ".so").c_str(), RTLD_NOW);
  if (library == nullptr) return nullptr;
  return reinterpret_cast<acp_shim_negotiate_fn>(::dlsym(library, "acp_shim_negotiate"));
}

acp_host host_of(std::uint32_t abi_min, std::uint32_t abi_max) {
  acp_host host = ACP_STRUCT(acp_host, ACP_TYPE_HOST);
  host.abi_min = abi_min;
  host.abi_max = abi_max;
  return host;
}

void expect_error(const acp::Error& error, const std::string& requirement, acp::Family family,
                  const std::string& path) {
  EXPECT_EQ(error.requirement, requirement) << to_string(error);
  EXPECT_EQ(error.family, family) << to_string(error);
  EXPECT_EQ(error.path, path);
}

// A shim of a few lines: whatever `slots` says.
acp_shim slots_to_answer;
std::uint16_t answer_slots(const acp_host*, acp_shim* out, acp_status*) {
  *out = slots_to_answer;
  return ACP_OK;
}
std::uint16_t count_one(void*, std::uint32_t* out_count, acp_status*) {
  *out_count = 1;
  return ACP_OK;
}
std::uint16_t no_document(void*, std::uint32_t, std::uint32_t, acp_document*, acp_status*) { return 9; }
void release_nothing(void*) {}

acp_shim smallest_shim() {
  acp_shim slots = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
  slots.abi = ACP_ABI_VERSION;
  slots.enumerate = count_one;
  slots.get_document = no_document;
  slots.release = release_nothing;
  return slots;
}
acp::Result<acp::Shim> negotiate(const acp_shim& slots) {
  slots_to_answer = slots;
  return acp::Shim::negotiate(answer_slots);
}

TEST(Reject, ACP_SHIM_1_no_common_version) {
  for (const char* name : shims()) {
    const acp_host host = host_of(2, 3);
    acp_shim out = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    EXPECT_EQ(negotiate_of(name)(&host, &out, &status), ACP_UNSUPPORTED);
    EXPECT_STREQ(status.requirement, "ACP-SHIM-1");
    EXPECT_EQ(out.compile, nullptr);
  }
  acp_shim slots = smallest_shim();
  slots.abi = 2;
  const auto shim = negotiate(slots);
  ASSERT_FALSE(shim.has_value());
  expect_error(shim.error(), "ACP-SHIM-1", acp::Family::kUnsupported, "shim.abi");
}

TEST(Abi, a_newer_host_finds_version_1_in_its_range) {
  for (const char* name : shims()) {
    const acp_host host = host_of(0, 7);
    acp_shim out = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    ASSERT_EQ(negotiate_of(name)(&host, &out, &status), ACP_OK);
    EXPECT_EQ(out.abi, 1u);
    out.release(out.self);
  }
}

TEST(Reject, ACP_SHIM_2_structs) {
  for (const char* name : shims()) {
    acp_host host = host_of(1, 1);
    acp_shim out = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    host.header.type = ACP_TYPE_SHIM;
    EXPECT_EQ(negotiate_of(name)(&host, &out, &status), ACP_MALFORMED);
    EXPECT_STREQ(status.requirement, "ACP-SHIM-2");
    EXPECT_STREQ(status.path, "host.header");
    host.header.type = ACP_TYPE_HOST;
    out.header.size = sizeof(acp_header);
    EXPECT_EQ(negotiate_of(name)(&host, &out, &status), ACP_MALFORMED);
    EXPECT_STREQ(status.path, "out.header");

    const acp::Shim shim = loaded(name).value();
    acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_STATE);
    EXPECT_EQ(shim.slots().get_document(shim.slots().self, 0, ACP_DOCUMENT_CLASS, &document, &status),
              ACP_MALFORMED);
    EXPECT_STREQ(status.requirement, "ACP-SHIM-2");
  }
  acp_shim slots = smallest_shim();
  slots.header.size = sizeof(acp_shim) + 8;
  const auto shim = negotiate(slots);
  ASSERT_FALSE(shim.has_value());
  expect_error(shim.error(), "ACP-SHIM-2", acp::Family::kMalformed, "shim.header");
}

TEST(Abi, an_older_host_gets_only_the_slots_it_knows) {
  for (const char* name : shims()) {
    acp_host host = host_of(1, 1);
    host.header.size = offsetof(acp_host, log);
    acp_shim out;
    std::memset(&out, 0xab, sizeof out);
    out.header = {offsetof(acp_shim, memory_alloc), ACP_TYPE_SHIM, nullptr};
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    ASSERT_EQ(negotiate_of(name)(&host, &out, &status), ACP_OK);
    EXPECT_NE(out.would_accept, nullptr);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&out);
    for (std::size_t i = offsetof(acp_shim, memory_alloc); i < sizeof out; ++i)
      ASSERT_EQ(bytes[i], 0xab) << i;
    out.release(out.self);
  }
}

TEST(Abi, an_older_host_gets_a_status_as_long_as_its_own) {
  const acp_host host = host_of(2, 2);
  acp_shim out = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  std::memset(status.message, 0xab, sizeof status.message);
  status.header.size = offsetof(acp_status, message);
  EXPECT_EQ(negotiate_of("template")(&host, &out, &status), ACP_UNSUPPORTED);
  EXPECT_STREQ(status.requirement, "ACP-SHIM-1");
  EXPECT_EQ(static_cast<unsigned char>(status.message[0]), 0xab);
  EXPECT_EQ(negotiate_of("template")(&host, &out, nullptr), ACP_UNSUPPORTED);
}

TEST(Reject, ACP_SHIM_3_missing_slot) {
  acp_shim slots = smallest_shim();
  slots.get_document = nullptr;
  const auto shim = negotiate(slots);
  ASSERT_FALSE(shim.has_value());
  expect_error(shim.error(), "ACP-SHIM-3", acp::Family::kInvalid, "shim.get_document");
  EXPECT_TRUE(negotiate(smallest_shim()).has_value());
}

TEST(Reject, ACP_SHIM_4_call_that_is_not_offered) {
  const acp::Shim shim = negotiate(smallest_shim()).value();
  const acp::Device device = shim.device(0).value();
  const Maker empty;
  expect_error(device.state().error(), "ACP-SHIM-4", acp::Family::kUnsupported, "get_state");
  expect_error(device.would_accept(empty.view()).error(), "ACP-SHIM-4", acp::Family::kUnsupported,
               "would_accept");
  expect_error(device.compile(empty.view()).error(), "ACP-SHIM-4", acp::Family::kUnsupported, "compile");
  expect_error(device.allocate(8, 8).error(), "ACP-SHIM-4", acp::Family::kUnsupported, "memory_alloc");
  expect_error(device.create_queue().error(), "ACP-SHIM-4", acp::Family::kUnsupported, "queue_create");
  expect_error(device.create_timeline().error(), "ACP-SHIM-4", acp::Family::kUnsupported, "timeline_create");
}

TEST(Reject, ACP_SHIM_5_no_such_device) {
  for (const char* name : shims()) {
    const acp::Shim shim = loaded(name).value();
    expect_error(shim.device(1).error(), "ACP-SHIM-5", acp::Family::kInvalid, "device");
    acp_queue* queue = nullptr;
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    EXPECT_EQ(shim.slots().queue_create(shim.slots().self, 1, &queue, &status), ACP_INVALID);
    EXPECT_STREQ(status.requirement, "ACP-SHIM-5");
  }
}

TEST(Reject, ACP_SHIM_6_memory) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    expect_error(device.allocate(8, 24).error(), "ACP-SHIM-6", acp::Family::kInvalid, "alignment");
    expect_error(device.allocate(8, 0).error(), "ACP-SHIM-6", acp::Family::kInvalid, "alignment");
    expect_error(device.allocate(UINT64_MAX, 8).error(), "ACP-SHIM-6", acp::Family::kLimit, "size_bytes");
    const acp::Memory memory = device.allocate(8, 8).value();
    Bytes bytes(4);
    EXPECT_TRUE(memory.write(4, bytes).has_value());
    expect_error(memory.write(5, bytes).error(), "ACP-SHIM-6", acp::Family::kInvalid, "size_bytes");
    expect_error(memory.read(UINT64_MAX, bytes).error(), "ACP-SHIM-6", acp::Family::kInvalid, "size_bytes");
  }
}

TEST(Reject, ACP_SHIM_7_timeline_that_does_not_grow) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Timeline timeline = device.create_timeline().value();
    EXPECT_TRUE(timeline.signal(3).has_value());
    expect_error(timeline.signal(3).error(), "ACP-SHIM-7", acp::Family::kInvalid, "value");
    EXPECT_EQ(timeline.query().value(), 3u);
    const acp::Timeline other = device.create_timeline().value();
    const acp::Queue queue = device.create_queue().value();
    ASSERT_TRUE(
        queue.submit({.waits = {}, .launches = {}, .signals = {{&timeline, 2}, {&other, 1}}}).has_value());
    ASSERT_TRUE(other.wait(1, 60'000'000'000).has_value());
    expect_error(queue.status().error(), "ACP-SHIM-7", acp::Family::kInvalid, "signals[0]");
  }
}

Maker copy_of_four() {
  Maker maker;
  const auto x = maker.input(ACP_F32, {4}), y = maker.output(ACP_F32, {4});
  const auto i = maker.iter(0);
  maker.nest({.parallel = {4}, .writes = {{y, maker.arg(x, {i}), {i}}}});
  return maker;
}

TEST(Reject, ACP_SHIM_8_bindings) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Executable copy = device.compile(copy_of_four().view()).value();
    const acp::Queue queue = device.create_queue().value();
    const acp::Memory memory = device.allocate(36, 64).value();
    const auto submit = [&](std::vector<acp::Binding> bindings) {
      return queue.submit({.waits = {}, .launches = {{&copy, std::move(bindings)}}, .signals = {}});
    };
    EXPECT_TRUE(submit({{&memory, 0}, {&memory, 20}}).has_value());
    expect_error(submit({{&memory, 0}}).error(), "ACP-SHIM-8", acp::Family::kInvalid, "launches[0].bindings");
    expect_error(submit({{&memory, 0}, {&memory, 24}}).error(), "ACP-SHIM-8", acp::Family::kInvalid,
                 "launches[0].bindings[1]");
    expect_error(submit({{&memory, 1}, {&memory, 20}}).error(), "ACP-SHIM-8", acp::Family::kInvalid,
                 "launches[0].bindings[0]");
    expect_error(submit({{&memory, UINT64_MAX}, {&memory, 16}}).error(), "ACP-SHIM-8", acp::Family::kInvalid,
                 "launches[0].bindings[0]");
  }
}

TEST(Reject, ACP_SHIM_9_failed_queue) {
  Maker maker;  // reads x[table[0]]
  const auto table = maker.input(ACP_I32, {1}), x = maker.input(ACP_F32, {1}), y = maker.output(ACP_F32, {1});
  const auto zero = maker.constant(0);
  const auto at = maker.index(ACP_IX_LOAD, maker.read(table, {zero}), 0, 0);
  maker.nest({.parallel = {1}, .writes = {{y, maker.arg(x, {at}), {zero}}}});
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Executable gather = device.compile(maker.view()).value();
    const acp::Queue queue = device.create_queue().value();
    const acp::Timeline timeline = device.create_timeline().value();
    const acp::Memory memory = device.allocate(16, 64).value();
    const auto submit = [&](std::int32_t row, std::uint64_t signal) {
      EXPECT_TRUE(memory.write(0, bytes_of<std::int32_t>({row})).has_value());
      return queue.submit({.waits = {},
                           .launches = {{&gather, {{&memory, 0}, {&memory, 4}, {&memory, 8}}}},
                           .signals = {{&timeline, signal}}});
    };
    ASSERT_TRUE(submit(7, 1).has_value());
    ASSERT_TRUE(timeline.wait(1, 60'000'000'000).has_value()) << "a failed launch still signals";
    expect_error(queue.status().error(), "CEP-REG-7", acp::Family::kInvalid, "reads[1]");
    expect_error(submit(0, 2).error(), "ACP-SHIM-9", acp::Family::kInvalid, "queue");
    ASSERT_TRUE(queue.reset().has_value());
    ASSERT_TRUE(queue.status().has_value());
    ASSERT_TRUE(submit(0, 2).has_value());
    ASSERT_TRUE(timeline.wait(2, 60'000'000'000).has_value());
    EXPECT_TRUE(queue.status().has_value());
  }
}

TEST(Reject, ACP_SHIM_10_documents) {
  for (const char* name : shims()) {
    const acp::Shim shim = loaded(name).value();
    acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_DOCUMENT);
    acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
    EXPECT_EQ(shim.slots().get_document(shim.slots().self, 0, ACP_DOCUMENT_INSTANCE, &document, &status),
              ACP_UNSUPPORTED);
    EXPECT_STREQ(status.requirement, "ACP-SHIM-10");
  }
  acp_shim slots = smallest_shim();
  slots.get_document = [](void*, std::uint32_t, std::uint32_t, acp_document* out,
                          acp_status*) -> std::uint16_t {
    out->encoding = 7;
    return ACP_OK;
  };
  const acp::Shim shim = negotiate(slots).value();
  expect_error(shim.device(0)->class_document().error(), "ACP-SHIM-10", acp::Family::kMalformed,
               "document.encoding");
}

TEST(Reject, ACP_SHIM_11_refusal_without_family) {
  const acp::Shim shim = negotiate(smallest_shim()).value();
  expect_error(shim.device(0)->class_document().error(), "ACP-SHIM-11", acp::Family::kMalformed, "status");
}

TEST(Reject, ACP_SHIM_12_library) {
  const auto missing = acp::Shim::load("no_such_vendor");
  ASSERT_FALSE(missing.has_value());
  expect_error(missing.error(), "ACP-SHIM-12", acp::Family::kEnvironment, "no_such_vendor");
  const auto foreign = acp::Shim::load("libm.so.6/../libm.so.6");
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().requirement, "ACP-SHIM-12");
  const auto other = acp::Shim::load("/lib/x86_64-linux-gnu/libm.so.6");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().requirement, "ACP-SHIM-12");
}

TEST(Abi, documents_are_valid_and_claim_region_programs) {
  for (const char* name : shims()) {
    const auto document = device_of(name).class_document();
    ASSERT_TRUE(document.has_value()) << to_string(document.error());
    // The gpu is whatever device the platform has.
    const std::string product = std::string(name).substr(0, std::string(name).find('@'));
    EXPECT_EQ(document->identity.product == product, product != "gpu");
    EXPECT_FALSE(document->identity.vendor.empty());
    ASSERT_EQ(document->ops.size(), 1u);
    EXPECT_EQ(document->ops[0].op, acp::kRegionOp);
    EXPECT_EQ(device_of(name).state()->healthy, 1u);
  }
}

TEST(Abi, a_shim_with_other_slots_keeps_the_first_one_loaded) {
  acp::Shim mutant = [] {
    const acp::Shim inner = acp::Shim::load("template").value();
    acp_shim slots = inner.slots();
    slots.get_state = nullptr;
    return inner.with_slots(slots);
  }();
  expect_error(mutant.device(0)->state().error(), "ACP-SHIM-4", acp::Family::kUnsupported, "get_state");
  const auto bytes =
      launch(*mutant.device(0), copy_of_four().view(), {bytes_of<float>({1, 2, 3, 4})}, {Bytes(16)});
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(elements_of<float>((*bytes)[0]), (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace vendors_test
