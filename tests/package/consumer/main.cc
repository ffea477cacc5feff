// Uses the installed headers and libraries the way a stranger would. Exit 0: all of it agrees with the published values.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/graph.h"
#include "cep/interp.h"

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "failed: %s\n", what);
  ++failures;
}

static_assert(std::endian::native == std::endian::little);

cep::TensorBytes tensor(const cep::Dims& dims, const std::vector<float>& values) {
  cep::TensorBytes result{{cep::Dtype::kF32, dims}, std::vector<std::byte>(4 * values.size())};
  std::memcpy(result.bytes.data(), values.data(), result.bytes.size());
  return result;
}

// [[1 2] [3 4]] times [[5 6] [7 8]] on the reference interpreter.
void multiply() {
  const cep::TensorType type{cep::Dtype::kF32, {2, 2}};
  cep::WorkloadBuilder builder("consumer");
  const cep::TensorId a = builder.input("A", type);
  const cep::TensorId b = builder.input("B", type);
  const auto y = builder.node("MatMul", {a, b}, {.name = "product"});
  expect(y.has_value(), "the operator is known");
  if (!y) return;
  builder.output(y->front());
  const auto product =
      cep::run_reference(builder.workload(), {tensor({2, 2}, {1, 2, 3, 4}), tensor({2, 2}, {5, 6, 7, 8})});
  expect(product.has_value() && product->size() == 1, "the product is computed");
  expect(product.has_value() && product->front() == tensor({2, 2}, {19, 22, 43, 50}),
         "and is [[19 22] [43 50]]");
}

}  // namespace

int main() {
  // FIPS 180-4, the example "abc".
  expect(acp::to_string(acp::sha256("abc")) ==
             "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
         "the digest of abc");
  const acp::Result<acp::Digest> refused = acp::parse_digest("sha256:AB");
  expect(!refused, "a short digest is refused");
  expect(!refused && refused.error().requirement == "ACP-DIG-1", "by its id");
  multiply();
  return failures == 0 ? 0 : 1;
}
