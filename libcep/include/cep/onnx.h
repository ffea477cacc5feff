// ONNX models: read into workloads, and written for use as examples.
//
// A node becomes a node of the same name; a float initialiser becomes a weight, an integer one a constant; arithmetic on shapes, which
// exporters write as nodes, is done at import. Models are hostile: everything is counted before it is read.
// Spec     CEP 10 (models).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"
#include "cep/graph.h"
#include "cep/interp.h"

namespace cep {

struct OnnxOptions {
  std::map<std::string, std::int64_t> dims = {};  // extents of the model's symbolic dimensions, by name
  Order order = {};  // of every node whose order is open; kNone: its operator's default
  std::optional<std::uint64_t> random_weights = {};  // a seed: float weights are drawn, not read
  // All weights together: a small file can ask for a large workload.
  std::uint64_t max_weight_bytes = std::uint64_t{1} << 31;
};

struct OnnxImport {
  Workload workload;
  std::vector<TensorBytes> weights;  // one per kWeight tensor, in order of id
};

// Reads a ModelProto of opset 7 to 17.
//
// Errors   CEP-ONNX-1 not a model; CEP-ONNX-2 over a limit; CEP-ONNX-3 another opset (unsupported); CEP-ONNX-4 nodes that are not offered,
//          all of them (unsupported, or invalid when all are); CEP-ONNX-5 an extent that is not known (unsupported); CEP-ONNX-6 contents
//          of another element type or in another file (unsupported); CEP-ONNX-7 contents of another size; CEP-ONNX-8 a name that is made
//          twice, or used and never made; CEP-GRAPH-n.
// Cost     linear in the model; one SHA-256 over the weights.
// Spec     CEP 10.1, CEP-ONNX-1 to CEP-ONNX-8.
[[nodiscard]] acp::Result<OnnxImport> import_onnx(std::span<const std::byte> bytes,
                                                  const OnnxOptions& options = {});

// A tensor as a TensorProto, which is how ONNX keeps inputs and outputs in files.
//
// Errors   CEP-ONNX-1 not a tensor; CEP-ONNX-2, CEP-ONNX-6, CEP-ONNX-7.
// Spec     CEP 10.4, CEP-ONNX-1, CEP-ONNX-2, CEP-ONNX-6, CEP-ONNX-7.
[[nodiscard]] acp::Result<TensorBytes> parse_onnx_tensor(std::span<const std::byte> bytes);
[[nodiscard]] std::vector<std::byte> to_onnx_tensor(const TensorBytes& tensor, const std::string& name);

// What a generated model is like; each takes of it what it has.
struct OnnxModelOptions {
  std::uint64_t seed = 0;    // of the weights (CEP 10.3)
  std::int64_t batch = 1;    // 0: left open, as the symbolic dimension "batch"
  std::int64_t image = 224;  // resnet50, squeezenet: height and width
  std::int64_t classes = 1000;
  std::int64_t sequence = 16;  // encoder
  std::int64_t hidden = 64;
  std::int64_t heads = 4;
  std::int64_t layers = 2;
  std::int64_t vocabulary = 128;
};

// The names generate_onnx knows.
[[nodiscard]] std::span<const std::string_view> onnx_models();

// A ModelProto of opset 17 with weights: resnet50 (v1.5), squeezenet (1.1), encoder (a transformer's).
//
// Errors   CEP-ONNX-9 no such model, or sizes it cannot have.
// Spec     CEP 10.5, CEP-ONNX-9.
[[nodiscard]] acp::Result<std::vector<std::byte>> generate_onnx(std::string_view model,
                                                                const OnnxModelOptions& options = {});

}  // namespace cep
