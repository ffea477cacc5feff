#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "cep/certificate.h"
#include "support/thread_plan.h"
#include "wire/frame.h"
#include "wire/workload.h"

#include "cep.capnp.h"

namespace cep {
namespace {

using Bytes = std::vector<std::byte>;
using capnp::word;

template <typename Value>
void expect_refused(const acp::Result<Value>& value, std::string_view requirement, acp::Family family,
                    std::string_view path = "") {
  ASSERT_FALSE(value) << requirement << " at " << path;
  EXPECT_EQ(value.error().requirement, requirement) << to_string(value.error());
  EXPECT_EQ(value.error().family, family);
  EXPECT_EQ(value.error().path, path) << to_string(value.error());
}

Plan thread_plan() { return *parse_plan(support::kThreadPlan, support::thread_workload()); }

// A plan message written as the test likes, canonical and framed.
Bytes plan_bytes(const std::function<void(schema::Plan::Builder)>& write) {
  return wire::encode_frame<schema::Plan>(wire::kPlanMagic, [&](schema::Plan::Builder root) {
    root.setGuarantee(schema::Grade::BITWISE);
    write(root);
  });
}
Bytes workload_bytes(const std::function<void(schema::Workload::Builder)>& write) {
  return wire::encode_frame<schema::Workload>(wire::kWorkloadMagic, write);
}
// A message given as words.
Bytes words_bytes(std::string_view magic, const std::vector<std::uint64_t>& words) {
  const auto* first = reinterpret_cast<const word*>(words.data());
  return wire::frame(magic, kj::arrayPtr(first, words.size()));
}

TEST(Reject, CEP_WIRE_1_frame) {
  const Bytes good = encode(thread_plan());
  ASSERT_TRUE(decode_plan(good));
  std::vector<Bytes> wrong = {{},
                              Bytes(good.begin(), good.begin() + 15),
                              Bytes(good.begin(), good.end() - 1),
                              Bytes(good.begin(), good.end() - 8)};
  Bytes longer = good;
  longer.resize(longer.size() + 8);
  wrong.push_back(longer);
  Bytes other_kind = good;
  std::memcpy(other_kind.data(), wire::kWorkloadMagic.data(), 8);
  wrong.push_back(other_kind);
  Bytes miscounted = good;
  miscounted[8] ^= std::byte{1};
  wrong.push_back(miscounted);
  Bytes empty(good.begin(), good.begin() + 16);
  std::memset(empty.data() + 8, 0, 8);
  wrong.push_back(empty);
  for (const Bytes& bytes : wrong) expect_refused(decode_plan(bytes), "CEP-WIRE-1", acp::Family::kMalformed);
  expect_refused(decode_workload(good), "CEP-WIRE-1", acp::Family::kMalformed);
  expect_refused(decode_certificate(good), "CEP-WIRE-1", acp::Family::kMalformed);
}

TEST(Reject, CEP_WIRE_2_not_a_readable_message) {
  const std::vector<std::uint64_t> wrong[] = {
      {0x0000'0001'0000'0004},                               // root struct beyond the end
      {0x0000'0000'0000'0001},                               // root is a list
      {0x0000'0000'0000'0003},                               // root is a capability
      {0x0000'0000'0000'0002},                               // root is a far pointer to itself
      {0x0000'0001'ffff'fff8, 0},                            // root struct before its pointer
      {0x0001'0000'0000'0000, 0x0000'0052'0000'0001},        // name of ten bytes, of which none are there
      {0x0001'0000'0000'0000, 0x0000'000a'0000'0001, 0x41},  // name whose last byte is no NUL
      {0x0001'0000'0000'0000, 0x0000'0002'0000'0001},        // name of no bytes, not even a NUL
      {0x0002'0000'0000'0000, 0, 0xffff'ffff'0000'0001},     // 2^29 - 1 tensors
      {0x0002'0000'0000'0000, 0, 0xffff'fff8'0000'0001},     // as many tensors of no size at all
      {0x0002'0000'0000'0000, 0, 0x0000'0007'0000'0001,
       0x0000'0000'0400'0000},  // 2^24 tensors of no size, as structs
  };
  for (const auto& words : wrong) {
    const auto value = decode_workload(words_bytes(wire::kWorkloadMagic, words));
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().requirement, "CEP-WIRE-2") << to_string(value.error());
    EXPECT_EQ(value.error().family, acp::Family::kMalformed);
  }
}

TEST(Reject, CEP_WIRE_3_not_canonical) {
  const std::vector<std::uint64_t> wrong[] = {
      {0x0000'0002'0000'0000, 2, 0},                                   // trailing zero data word
      {0x0000'0002'0000'0000, 2, 77},                                  // a field this version does not know
      {0x0001'0001'0000'0000, 2, 0},                                   // trailing null pointer
      {0x0000'0001'0000'0004, 99, 2},                                  // a word nobody refers to
      {0x0003'0001'0000'0000, 2, 0, 0, 0x0000'0004'0000'0001},         // a list that is there, and empty
      {0x0001'0001'0000'0000, 2, 0x0000'0012'0000'0001, 0xff00'0041},  // bytes behind the end of a text
      {0x0000'0001'0000'0000, 0x0001'0002},                            // data no field covers
  };
  for (const auto& words : wrong) {
    const auto value = decode_plan(words_bytes(wire::kPlanMagic, words));
    ASSERT_FALSE(value) << std::hex << words[0];
    EXPECT_EQ(value.error().requirement, "CEP-WIRE-3") << to_string(value.error());
    EXPECT_EQ(value.error().family, acp::Family::kMalformed);
  }
  ASSERT_TRUE(decode_plan(words_bytes(wire::kPlanMagic, {0x0000'0001'0000'0000, 2})));
}

// Where the byte is that tells two encodings of one length apart.
std::size_t first_difference(const Bytes& a, const Bytes& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
}

TEST(Reject, CEP_WIRE_4_values_out_of_range_in_plans) {
  using Builder = schema::Plan::Builder;
  const struct {
    std::string_view path;
    std::function<void(Builder)> write;
  } rows[] = {
      {"", [](Builder p) { p.setGuarantee(schema::Grade::UNKNOWN); }},
      {"", [](Builder p) { p.setGuarantee(static_cast<schema::Grade>(3)); }},
      {"", [](Builder p) { p.initWorkload(31)[0] = 1; }},
      {"devices[0]", [](Builder p) { p.initDevices(1)[0].initDocument(33)[0] = 1; }},
      {"arenas[0]", [](Builder p) { p.initArenas(1)[0].setSizeBytes((std::int64_t{1} << 48) + 1); }},
      {"buffers[0]", [](Builder p) { p.initBuffers(1)[0].initType().setDtype(schema::Dtype::UNKNOWN); }},
      {"buffers[1]",
       [](Builder p) {
         auto buffers = p.initBuffers(2);
         buffers[0].initType().setDtype(schema::Dtype::F32);
         buffers[1].initType().setDtype(static_cast<schema::Dtype>(5));
       }},
      {"buffers[0]",
       [](Builder p) {
         auto type = p.initBuffers(1)[0].initType();
         type.setDtype(schema::Dtype::F32);
         type.initDims(1).set(0, -1);
       }},
      {"inputs[0]",
       [](Builder p) {
         auto box = p.initInputs(1)[0].initBox();
         box.initLo(1).set(0, 2);
         box.initHi(1).set(0, 1);
       }},
      {"outputs[0]", [](Builder p) { p.initOutputs(1)[0].initView().initDims(1).set(0, 1); }},
      {"steps[0]",
       [](Builder p) {
         p.initSteps(1)[0].getWhat().initFill().initTarget().setOffsetBytes(std::int64_t{1} << 60);
       }},
      {"steps[0]", [](Builder p) { p.initSteps(1)[0].getWhat().initCompute().initK().setBegin(1); }},
      {"steps[0]",
       [](Builder p) {
         auto combine = p.initSteps(1)[0].getWhat().initCombine();
         combine.setOp(schema::CombineOp::ADD);
       }},
      {"steps[0]",
       [](Builder p) {
         auto combine = p.initSteps(1)[0].getWhat().initCombine();
         combine.setOp(static_cast<schema::CombineOp>(4));
         combine.setShape(schema::CombineShape::FOLD);
       }},
      {"steps[0].inputs[1]",
       [](Builder p) {
         auto compute = p.initSteps(1)[0].getWhat().initCompute();
         compute.initInputs(2)[1].initView().initStrides(1).set(0, 1);
       }},
  };
  for (const auto& row : rows) {
    expect_refused(decode_plan(plan_bytes(row.write)), "CEP-WIRE-4", acp::Family::kInvalid, row.path);
  }
}

TEST(Reject, CEP_WIRE_4_kind_of_step_of_a_later_version) {
  Plan plan;
  plan.steps = {{"s", 0, Signal{0, 1}}};
  Bytes bytes = encode(plan);
  plan.steps = {{"s", 0, Wait{0, 1}}};
  const std::size_t discriminant = first_difference(bytes, encode(plan));
  ASSERT_EQ(std::to_integer<int>(bytes[discriminant]), 4);
  bytes[discriminant] = std::byte{6};
  expect_refused(decode_plan(bytes), "CEP-WIRE-4", acp::Family::kInvalid, "steps[0]");
}

TEST(Reject, CEP_WIRE_4_values_out_of_range_in_workloads) {
  using Builder = schema::Workload::Builder;
  const auto typed = [](schema::Tensor::Builder tensor) {
    tensor.setKind(schema::TensorKind::INPUT);
    tensor.initType().setDtype(schema::Dtype::F32);
    return tensor;
  };
  const struct {
    std::string_view path;
    std::function<void(Builder)> write;
  } rows[] = {
      {"tensors[0]", [&](Builder w) { typed(w.initTensors(1)[0]).setKind(schema::TensorKind::UNKNOWN); }},
      {"tensors[0]",
       [&](Builder w) { typed(w.initTensors(1)[0]).setKind(static_cast<schema::TensorKind>(5)); }},
      {"tensors[0]", [&](Builder w) { typed(w.initTensors(1)[0]).initDigest(1)[0] = 1; }},
      {"nodes[0]", [](Builder w) { w.initNodes(1)[0].setOrder(static_cast<schema::OrderKind>(6)); }},
      {"nodes[0].body[0].tensors[0]",
       [](Builder w) { w.initNodes(1)[0].initBody(1)[0].initTensors(1)[0].initType(); }},
  };
  for (const auto& row : rows) {
    expect_refused(decode_workload(workload_bytes(row.write)), "CEP-WIRE-4", acp::Family::kInvalid, row.path);
  }
  const auto attribute = [](Builder w) { return w.initNodes(1)[0].initAttributes(1)[0].getValue(); };
  Bytes bytes = workload_bytes([&](Builder w) { attribute(w).initInts(0); });
  const std::size_t discriminant =
      first_difference(bytes, workload_bytes([&](Builder w) { attribute(w).initFloats(0); }));
  ASSERT_EQ(std::to_integer<int>(bytes[discriminant]), 3);
  bytes[discriminant] = std::byte{5};
  expect_refused(decode_workload(bytes), "CEP-WIRE-4", acp::Family::kInvalid, "nodes[0].attributes[0]");
}

TEST(Reject, CEP_WIRE_4_values_out_of_range_in_certificates) {
  Certificate certificate;
  certificate.proof.facts.resize(1);
  ASSERT_TRUE(decode_certificate(encode(certificate)));
  const auto refused = [](Certificate wrong) {
    expect_refused(decode_certificate(encode(wrong)), "CEP-WIRE-4", acp::Family::kInvalid, "facts[0]");
  };
  Certificate wrong = certificate;
  wrong.proof.facts[0].part.kind = static_cast<Part::Kind>(0);
  refused(wrong);
  wrong = certificate;
  wrong.proof.facts[0].part.state = static_cast<Part::State>(3);
  refused(wrong);
  wrong = certificate;
  wrong.proof.facts[0].part.position = std::int64_t{1} << 49;
  refused(wrong);
  wrong = certificate;
  wrong.proof.facts[0].grade = static_cast<Grade>(3);
  refused(wrong);
}

TEST(Reject, CEP_WIRE_5_limits) {
  using Builder = schema::Plan::Builder;
  const struct {
    std::string_view path;
    std::function<void(Builder)> write;
  } rows[] = {
      {"", [](Builder p) { p.setName(kj::StringPtr(std::string(257, 'x').c_str())); }},
      {"queues[0]",
       [](Builder p) { p.initQueues(1)[0].setName(kj::StringPtr(std::string(257, 'x').c_str())); }},
      {"buffers[0]",
       [](Builder p) {
         auto type = p.initBuffers(1)[0].initType();
         type.setDtype(schema::Dtype::F32);
         type.initDims(9);
       }},
      {"inputs[0]", [](Builder p) { p.initInputs(1)[0].initBox().initLo(9); }},
      {"outputs[0]", [](Builder p) { p.initOutputs(1)[0].initView().initStrides(9); }},
      {"steps[0].inputs[0]",
       [](Builder p) { p.initSteps(1)[0].getWhat().initCompute().initInputs(1025)[0].setTensor(1); }},
      {"", [](Builder p) { p.initReassociated((1u << 20) + 1); }},
  };
  for (const auto& row : rows) {
    expect_refused(decode_plan(plan_bytes(row.write)), "CEP-WIRE-5", acp::Family::kLimit, row.path);
  }
}

TEST(Reject, CEP_WIRE_5_more_words_than_any_message_may_have) {
  Bytes bytes = encode(Plan{});
  bytes[11] = std::byte{0x04};  // 2^26 + 2
  expect_refused(decode_plan(bytes), "CEP-WIRE-5", acp::Family::kLimit);
}

TEST(Reject, CEP_WIRE_5_sub_graphs_too_deep) {
  const auto nested = [](int depth) {
    Workload workload;
    for (int i = 0; i < depth; ++i) {
      Node node;
      node.body = {workload};
      workload.nodes = {node};
    }
    return workload;
  };
  EXPECT_TRUE(wire::decode_unchecked_workload(encode(nested(8))));
  const auto value = wire::decode_unchecked_workload(encode(nested(9)));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().requirement, "CEP-WIRE-5");
  EXPECT_EQ(value.error().family, acp::Family::kLimit);
  Workload two = nested(1);
  two.nodes[0].body.resize(2);
  expect_refused(wire::decode_unchecked_workload(encode(two)), "CEP-WIRE-5", acp::Family::kLimit,
                 "nodes[0].body[0]");
}

}  // namespace
}  // namespace cep
