// Tensor files as ONNX writes them.
#include "libcep/onnx/model.h"

namespace cep {
namespace {

std::string refusal(const std::string& text) {
  const auto tensor = parse_onnx_tensor(std::as_bytes(std::span(text)));
  return tensor ? "" : tensor.error().requirement;
}

TEST(OnnxTensor, ReadsWhatItWrites) {
  for (const Dims& dims : {Dims{}, {3}, {2, 0}, {2, 3}}) {
    for (const Dtype dtype : {Dtype::kF32, Dtype::kI32, Dtype::kI64}) {
      TensorBytes tensor{{dtype, dims},
                         std::vector<std::byte>(static_cast<std::size_t>(volume(dims) * size_bytes(dtype)))};
      for (std::size_t i = 0; i < tensor.bytes.size(); ++i) tensor.bytes[i] = static_cast<std::byte>(i * 7);
      const auto read = parse_onnx_tensor(to_onnx_tensor(tensor, "t"));
      ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
      EXPECT_EQ(*read, tensor);
    }
  }
}

// dims 2; data_type 9 (BOOL); int32_data packed 0, 5: from the encoding of protobuf, by hand.
TEST(OnnxTensor, ReadsTypedData) {
  const std::string text("\x08\x02\x10\x09\x2a\x02\x00\x05", 8);
  const auto read = parse_onnx_tensor(std::as_bytes(std::span(text)));
  ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
  EXPECT_EQ(read->type, (TensorType{Dtype::kBool, {2}}));
  EXPECT_EQ(read->bytes, (std::vector<std::byte>{std::byte{0}, std::byte{1}}));
}

TEST(Reject, CEP_ONNX_1_not_a_tensor) {
  EXPECT_EQ(refusal(""), "CEP-ONNX-1");
  EXPECT_EQ(refusal("tensor"), "CEP-ONNX-1");
}
TEST(Reject, CEP_ONNX_2_a_tensor_of_nine_dimensions) {
  std::string text("\x10\x01", 2);
  for (int i = 0; i < 9; ++i) text += std::string("\x08\x01", 2);
  EXPECT_EQ(refusal(text), "CEP-ONNX-2");
}
TEST(Reject, CEP_ONNX_6_a_tensor_of_texts) { EXPECT_EQ(refusal(std::string("\x10\x08", 2)), "CEP-ONNX-6"); }
TEST(Reject, CEP_ONNX_7_a_tensor_without_its_contents) {
  EXPECT_EQ(refusal(std::string("\x08\x02\x10\x01", 4)), "CEP-ONNX-7");
}

}  // namespace
}  // namespace cep
