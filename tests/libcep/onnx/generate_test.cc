// Generated models: their size is what is published of them, and they come back as workloads.
#include <cmath>
#include <cstring>

#include "libcep/onnx/model.h"

namespace cep {
namespace {

onnx::ModelProto generated(std::string_view model, const OnnxModelOptions& options) {
  onnx::ModelProto proto;
  const auto bytes = generate_onnx(model, options);
  EXPECT_TRUE(bytes.has_value());
  EXPECT_TRUE(bytes && proto.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
  return proto;
}

std::int64_t elements(const onnx::ModelProto& model, const std::string& leave_out) {
  std::int64_t sum = 0;
  for (const auto& tensor : model.graph().initializer()) {
    if (!leave_out.empty() && tensor.name().find(leave_out) != std::string::npos) continue;
    std::int64_t count = 1;
    for (const std::int64_t extent : tensor.dims()) count *= extent;
    sum += count;
  }
  return sum;
}

// torchvision: resnet50 has 25,557,032 parameters, squeezenet1_1 1,235,496; running statistics are not parameters.
TEST(OnnxGenerate, HasAsManyParametersAsPublished) {
  EXPECT_EQ(elements(generated("resnet50", {}), ".running"), 25557032);
  EXPECT_EQ(elements(generated("squeezenet", {}), ""), 1235496);
}

TEST(OnnxGenerate, SeedsDecideTheBytes) {
  const auto one = generate_onnx("encoder", {.seed = 1}), again = generate_onnx("encoder", {.seed = 1}),
             two = generate_onnx("encoder", {.seed = 2});
  ASSERT_TRUE(one && again && two);
  EXPECT_EQ(*one, *again);
  EXPECT_NE(*one, *two);
}

// fan_in times the mean square of a convolution's weights is 1, as the scheme intends.
TEST(OnnxGenerate, WeightsAreScaledByFanIn) {
  const onnx::ModelProto model = generated("squeezenet", {});
  for (const auto& tensor : model.graph().initializer()) {
    if (tensor.dims_size() != 4) continue;
    const double fan_in = static_cast<double>(tensor.dims(1) * tensor.dims(2) * tensor.dims(3));
    std::vector<float> values(tensor.raw_data().size() / sizeof(float));
    std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
    double squares = 0;
    for (const float v : values) squares += double{v} * double{v};
    const auto count = static_cast<double>(values.size());
    EXPECT_NEAR(squares / count * fan_in, 1.0, 6.0 / std::sqrt(count)) << tensor.name();
  }
}

}  // namespace
}  // namespace cep
