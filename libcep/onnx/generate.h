// Writing models as exporters do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cep/onnx.h"
#include "values.h"

namespace cep::onnx_room {

class ModelWriter {
 public:
  ModelWriter(std::string_view name, std::uint64_t seed);

  // An extent of 0 stands for the symbolic dimension "batch".
  void input(const std::string& name, Dtype dtype, const Dims& dims);
  void output(const std::string& name, const Dims& dims);

  std::string weight(const std::string& name, const Dims& dims, const Use& use);
  std::string number(const std::string& name, float value);
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
  std::string integer(const std::string& name, std::int64_t value);

  // Returns the name of its output, NAME_out.
  std::string node(std::string_view op, const std::string& name, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {});

  [[nodiscard]] std::vector<std::byte> finish() const;

 private:
  static void describe(onnx::ValueInfoProto& info, const std::string& name, Dtype dtype, const Dims& dims);

  onnx::ModelProto model_;
  std::uint64_t seed_;
};

void write_resnet50(ModelWriter& model, const OnnxModelOptions& options);
void write_squeezenet(ModelWriter& model, const OnnxModelOptions& options);
void write_encoder(ModelWriter& model, const OnnxModelOptions& options);

}  // namespace cep::onnx_room
