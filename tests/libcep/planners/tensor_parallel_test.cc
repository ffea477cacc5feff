// Tensor parallelism in a transformer's encoder: attention by heads, products by columns and then by rows, one sum behind each pair.
// Proved to the bit, and the bits of one device.
#include <cmath>
#include <set>

#include "cep/onnx.h"
#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"
#include "tools/cep-check/check.h"

namespace cep {
namespace {

using namespace support;

// Queries, keys and values by heads; the products behind them by the part of the reduction that a device has.
std::string by_columns_and_rows(const std::string& devices) {
  std::string text = "cep-placement 1\ndefault d0\n";
  const auto split = [&](const char* pattern, const char* how) {
    text += std::string("split ") + pattern + " " + how + " over " + devices + "\n";
  };
  for (const char* part : {"*.attention.query*", "*.attention.key*", "*.attention.value*"})
    split(part, "axis:2");
  for (const char* part : {"*.attention.*.transpose", "*.attention.scores", "*.attention.div",
                           "*.attention.mask", "*.attention.softmax", "*.attention.context"})
    split(part, "axis:1");
  for (const char* part : {"*.attention.transpose", "*.attention.reshape"}) split(part, "axis:2");
  split("*.attention.output", "reduction");
  for (const char* part : {"*.ffn1", "*.ffn1.add", "*.gelu.*"}) split(part, "axis:2");
  split("*.ffn2", "reduction");
  return text;
}
// What lies between the pairs by positions of the sequence: each sum is scattered, each of its consumers gathers.
std::string between_by_sequence(const std::string& devices) {
  std::string text = by_columns_and_rows(devices);
  for (const char* part :
       {"embeddings.norm", "*.attention.output.add", "*.add1", "*.norm1", "*.ffn2.add", "*.add2", "*.norm2"})
    text += std::string("split ") + part + " axis:1 over " + devices + "\n";
  return text;
}

class Encoder {
 public:
  explicit Encoder(std::uint32_t block) {
    const OnnxModelOptions options{
        .seed = 3, .sequence = 8, .hidden = 32, .heads = 4, .layers = 2, .vocabulary = 16};
    OnnxImport import =
        import_onnx(generate_onnx("encoder", options).value(), {.order = {OrderKind::kBlockedTree, block}})
            .value();
    workload = std::move(import.workload);
    auto weight = import.weights.begin();
    // The inputs: tokens, and a mask of which the last two are hidden; the weights as drawn.
    for (const Tensor& tensor : workload.tensors) {
      if (tensor.kind == TensorKind::kWeight) {
        inputs.push_back(std::move(*weight++));
      } else if (tensor.kind == TensorKind::kInput) {
        Elements elements;
        const std::int64_t count = volume(tensor.type.dims);
        for (std::int64_t i = 0; i < count; ++i) {
          const std::int64_t value = tensor.name == "input_ids" ? 5 * i % 16 : i + 2 < count ? 1 : 0;
          elements.push_back({static_cast<std::uint64_t>(value), Value::kConcrete});
        }
        inputs.push_back(bytes_from_elements(tensor.type, elements));
      }
    }
  }

  // As placed on so many devices, cpu and template in turn. Proved and checked, or a failure.
  Plan plan(const std::string& placement, std::size_t devices) const {
    std::vector<PlanTarget> targets(devices);
    for (std::size_t i = 0; i < devices; ++i) {
      const std::string shim = i % 2 == 0 ? "cpu" : "template";
      targets[i].device = {"d" + std::to_string(i), shim, acp::Digest{}};
      targets[i].document = acp::Shim::load(shim).value().device(0).value().class_document().value();
    }
    const auto parsed = parse_placement(placement, workload, targets);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : acp::to_string(parsed.error()));
    return planned(workload, targets, parsed.value());
  }

  std::vector<TensorBytes> run(const Plan& plan) const {
    std::vector<std::string> shims;
    for (const Device& device : plan.devices) shims.push_back(device.shim);
    OnShims on(workload, plan, shims);
    EXPECT_EQ(on.certificate.proof.guarantee, Grade::kBitwise);
    const acp::Status status = cep_check::check(workload, on.plan, on.certificate, on.context);
    EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
    auto result = on.run(inputs);
    EXPECT_TRUE(result.has_value()) << (result ? "" : acp::to_string(result.error()));
    return result ? std::move(result->outputs) : std::vector<TensorBytes>{};
  }

  Workload workload;
  std::vector<TensorBytes> inputs;
};

// Equal outputs prove little when they are all one value or not numbers.
void expect_lively(const std::vector<TensorBytes>& outputs) {
  ASSERT_FALSE(outputs.empty());
  for (const TensorBytes& output : outputs) {
    std::set<std::uint64_t> distinct;
    const Elements elements = elements_from_bytes(output);
    for (const Value& value : elements) {
      ASSERT_TRUE(std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(value.lo))));
      distinct.insert(value.lo);
    }
    EXPECT_GT(distinct.size(), elements.size() / 2);
  }
}

constexpr std::size_t kCombineStep = 2;

// A device's own half of everything; what moves is what enters a pair, and one partial result behind each.
TEST(TensorParallel, OneSumBehindEachPairOfProducts) {
  const Encoder encoder(16);
  const Plan plan = encoder.plan(by_columns_and_rows("d0,d1"), 2);
  EXPECT_EQ(steps_of(plan, kCombineStep), 4u);    // two layers, attention and what follows it
  EXPECT_EQ(steps_of(plan, kCopyStep), 8u + 1u);  // and the mask, once
  for (const Slice& input : plan.inputs) {
    const Tensor& tensor = encoder.workload.tensors[input.tensor];
    if (tensor.name.ends_with("ffn1.weight")) {
      EXPECT_EQ(input.box.dims(), (Dims{32, 64}));
    } else if (tensor.name.ends_with("ffn2.weight")) {
      EXPECT_EQ(input.box.dims(), (Dims{64, 32}));
    } else if (tensor.name.ends_with("output.weight")) {
      EXPECT_EQ(input.box.dims(), (Dims{16, 32}));
    } else if (tensor.name.ends_with("query.weight")) {
      EXPECT_EQ(input.box.dims(), (Dims{32, 16}));
    }
  }
}

TEST(TensorParallel, TheBitsAreThoseOfOneDevice) {
  const Encoder encoder(8);
  const auto expected = run_reference(encoder.workload, encoder.inputs).value();
  expect_lively(expected);
  EXPECT_EQ(encoder.run(encoder.plan("cep-placement 1\ndefault d0\n", 1)), expected);
  EXPECT_EQ(encoder.run(encoder.plan(by_columns_and_rows("d0,d1"), 2)), expected);
  EXPECT_EQ(encoder.run(encoder.plan(between_by_sequence("d0,d1"), 2)), expected);
  EXPECT_EQ(encoder.run(encoder.plan(by_columns_and_rows("d0,d1,d2,d3"), 4)), expected);
  EXPECT_EQ(encoder.run(encoder.plan(between_by_sequence("d1,d3,d0,d2"), 4)), expected);
}

// In other orders the same placement is refused, and says what would do.
TEST(TensorParallel, NeedsAnOrderThatCanBeCut) {
  const Encoder encoder(32);
  const std::vector<PlanTarget> targets = exact_targets({"d0", "d1"});
  const auto placement = parse_placement(by_columns_and_rows("d0,d1"), encoder.workload, targets);
  const auto plan = plan_workload(encoder.workload, targets, placement.value());
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().requirement, "CEP-PLAN-7");
  EXPECT_EQ(plan.error().path, "node layer0.attention.output");
  EXPECT_NE(plan.error().message.find("at most 31"), std::string::npos) << plan.error().message;
}

}  // namespace
}  // namespace cep
