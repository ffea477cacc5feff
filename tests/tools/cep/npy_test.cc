// Tensor files and described inputs: what NumPy writes is read, what is no tensor is refused.
#include "tools/cep/npy.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/thread_plan.h"
#include "tools/cep/devices.h"
#include "tools/cli/cli.h"

namespace tools {
namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string text = "\x93NUMPY";
  text += {version, 0, static_cast<char>(header.size()), 0};
  if (version > 1) text += std::string(2, '\0');
  return text + header + data;
}

void expect_refused(const std::string& text, const std::string& id) {
  const auto read = parse_npy(bytes_of(text));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().requirement, id) << acp::to_string(read.error());
}

TEST(Npy, ReadsWhatNumpyWrites) {
  // numpy.save of numpy.array([[1], [2]], dtype='<i4'), whose padding does not matter.
  const std::string data("\1\0\0\0\2\0\0\0", 8);
  for (const char version : {'\1', '\2', '\3'}) {
    const auto read = parse_npy(
        bytes_of(npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }     \n", data, version)));
    ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
    EXPECT_EQ(read->type, (cep::TensorType{cep::Dtype::kI32, {2, 1}}));
    EXPECT_EQ(text_of(read->bytes), data);
  }
}

TEST(Npy, ReadsWhatItWrites) {
  for (const cep::Dims& dims : {cep::Dims{}, {3}, {2, 0}, {1, 2, 3}}) {
    cep::TensorBytes tensor{{cep::Dtype::kI64, dims},
                            std::vector<std::byte>(static_cast<std::size_t>(cep::volume(dims) * 8))};
    for (std::size_t i = 0; i < tensor.bytes.size(); ++i) tensor.bytes[i] = static_cast<std::byte>(i * 7);
    const auto bytes = to_npy(tensor);
    EXPECT_EQ((bytes.size() - tensor.bytes.size()) % 64, 0u);
    const auto read = parse_npy(bytes);
    ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
    EXPECT_EQ(*read, tensor);
  }
}

TEST(Reject, CEP_NPY_1_not_a_tensor_file) {
  expect_refused("", "CEP-NPY-1");
  expect_refused("{\"json\": true, \"x\": 1}", "CEP-NPY-1");
  expect_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "1234", 4), "CEP-NPY-1");
}
TEST(Reject, CEP_NPY_2_broken_header) {
  expect_refused(npy("{'descr': '<f4', 'shape': (), }", "1234"), "CEP-NPY-2");
  expect_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", "1234"), "CEP-NPY-2");
  expect_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1", "1234"), "CEP-NPY-2");
  expect_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "1234"),
                 "CEP-NPY-2");
  expect_refused(std::string("\x93NUMPY\1\0\xff\0{}", 12), "CEP-NPY-2");
}
TEST(Reject, CEP_NPY_3_other_elements) {
  expect_refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "12345678"), "CEP-NPY-3");
  expect_refused(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (), }", "1234"), "CEP-NPY-3");
}
TEST(Reject, CEP_NPY_4_other_size) {
  expect_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234"), "CEP-NPY-4");
  expect_refused(
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,1099511627776), }", "1234"),
      "CEP-NPY-4");
}

TEST(Inputs, AreTheSameWhereverTheyAreMade) {
  const cep::Workload w = cep::support::thread_workload();
  const auto all = read_inputs(w, {"random:7"}, "");
  const auto named = read_inputs(w, {"B=random:7", "A=random:7"}, "");
  ASSERT_TRUE(all.has_value());
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(*all, *named);
  const auto ramp = read_inputs(w, {}, "");
  ASSERT_TRUE(ramp.has_value());
  float first = 0;
  std::memcpy(&first, (*ramp)[0].bytes.data(), sizeof(first));
  EXPECT_EQ(first, -1.0f);
}

TEST(Reject, CEP_INPUT_1_no_such_input) {
  for (const char* described : {"C=ramp", "Y=ramp", "A=random:x"}) {
    const auto read = read_inputs(cep::support::thread_workload(), {described}, "");
    ASSERT_FALSE(read.has_value()) << described;
    EXPECT_EQ(read.error().requirement, "CEP-INPUT-1");
  }
  EXPECT_FALSE(read_inputs(cep::support::thread_workload(), {"A=ramp", "A=ramp"}, "").has_value());
}

}  // namespace
}  // namespace tools
