// Models as exporters write them: the writer, and which models there are.
#include "generate.h"

#include <algorithm>

namespace cep {
namespace onnx_room {

namespace {

struct SetAttribute {
  onnx::AttributeProto& out;
  void operator()(std::int64_t value) const {
    out.set_type(onnx::AttributeProto::INT);
    out.set_i(value);
  }
  void operator()(float value) const {
    out.set_type(onnx::AttributeProto::FLOAT);
    out.set_f(value);
  }
  void operator()(const std::string& value) const {
    out.set_type(onnx::AttributeProto::STRING);
    out.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    out.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) out.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    out.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) out.add_floats(value);
  }
};

}  // namespace

ModelWriter::ModelWriter(std::string_view name, std::uint64_t seed) : seed_(seed) {
  model_.set_ir_version(8);
  model_.set_producer_name("cep generate");
  model_.add_opset_import()->set_version(17);
  model_.mutable_graph()->set_name(std::string(name));
}

void ModelWriter::describe(onnx::ValueInfoProto& info, const std::string& name, Dtype dtype,
                           const Dims& dims) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx_type_of(dtype));
  for (const std::int64_t extent : dims) {
    auto& dim = *tensor.mutable_shape()->add_dim();
    if (extent > 0) {
      dim.set_dim_value(extent);
    } else {
      dim.set_dim_param("batch");
    }
  }
}

void ModelWriter::input(const std::string& name, Dtype dtype, const Dims& dims) {
  describe(*model_.mutable_graph()->add_input(), name, dtype, dims);
}

void ModelWriter::output(const std::string& name, const Dims& dims) {
  describe(*model_.mutable_graph()->add_output(), name, Dtype::kF32, dims);
}

std::string ModelWriter::weight(const std::string& name, const Dims& dims, const Use& use) {
  const std::vector<std::byte> bytes = draw(seed_, name, dims, use);
  write_tensor({{Dtype::kF32, dims}, bytes}, name, *model_.mutable_graph()->add_initializer());
  return name;
}

std::string ModelWriter::number(const std::string& name, float value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  write_tensor({{Dtype::kF32, {}}, {bytes.begin(), bytes.end()}}, name,
               *model_.mutable_graph()->add_initializer());
  return name;
}

std::string ModelWriter::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  write_tensor({{Dtype::kI64, {static_cast<std::int64_t>(values.size())}}, {bytes.begin(), bytes.end()}},
               name, *model_.mutable_graph()->add_initializer());
  return name;
}

std::string ModelWriter::integer(const std::string& name, std::int64_t value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  write_tensor({{Dtype::kI64, {}}, {bytes.begin(), bytes.end()}}, name,
               *model_.mutable_graph()->add_initializer());
  return name;
}

std::string ModelWriter::node(std::string_view op, const std::string& name,
                              const std::vector<std::string>& inputs,
                              const std::vector<Attribute>& attributes) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(std::string(op));
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(name + "_out");
  for (const Attribute& attribute : attributes) {
    onnx::AttributeProto& out = *node.add_attribute();
    out.set_name(attribute.name);
    std::visit(SetAttribute{out}, attribute.value);
  }
  return name + "_out";
}

std::vector<std::byte> ModelWriter::finish() const {
  std::vector<std::byte> out(model_.ByteSizeLong());
  const bool written = model_.SerializeToArray(out.data(), static_cast<int>(out.size()));
  ACP_ASSERT(written);
  return out;
}

namespace {

constexpr std::string_view kNames[] = {"encoder", "resnet50", "squeezenet"};

// Sizes that give a model of some use and below 2 GiB.
acp::Status check_options(std::string_view model, const OnnxModelOptions& o) {
  const auto refuse = [](const char* path, const char* why) { return acp::invalid("CEP-ONNX-9", path, why); };
  const auto within = [](std::int64_t n, std::int64_t lo, std::int64_t hi) { return n >= lo && n <= hi; };
  if (!within(o.batch, 0, 65536)) return refuse("batch", "not 0 to 65,536");
  if (model == "encoder") {
    if (!within(o.sequence, 1, 4096)) return refuse("sequence", "not 1 to 4,096");
    if (!within(o.hidden, 2, 4096)) return refuse("hidden", "not 2 to 4,096");
    if (!within(o.heads, 1, o.hidden) || o.hidden % o.heads != 0)
      return refuse("heads", "does not divide hidden");
    if (!within(o.vocabulary, 2, 65536)) return refuse("vocabulary", "not 2 to 65,536");
    if (!within(o.layers, 1, 96)) return refuse("layers", "not 1 to 96");
    const std::int64_t weights = o.hidden * (12 * o.hidden * o.layers + o.vocabulary + o.sequence);
    return within(weights, 0, std::int64_t{500} << 20) ? acp::ok()
                                                       : refuse("layers", "over 2 GiB of weights");
  }
  if (!within(o.image, 32, 2048)) return refuse("image", "not 32 to 2,048");
  if (!within(o.classes, 1, 65536)) return refuse("classes", "not 1 to 65,536");
  return acp::ok();
}

}  // namespace
}  // namespace onnx_room

std::span<const std::string_view> onnx_models() { return onnx_room::kNames; }

acp::Result<std::vector<std::byte>> generate_onnx(std::string_view model, const OnnxModelOptions& options) {
  const auto names = onnx_models();
  if (std::find(names.begin(), names.end(), model) == names.end())
    return acp::invalid("CEP-ONNX-9", "model", "no model \"" + std::string(model) + "\"");
  ACP_CHECK(onnx_room::check_options(model, options));
  onnx_room::ModelWriter writer(model, options.seed);
  if (model == "resnet50") {
    onnx_room::write_resnet50(writer, options);
  } else if (model == "squeezenet") {
    onnx_room::write_squeezenet(writer, options);
  } else {
    onnx_room::write_encoder(writer, options);
  }
  return writer.finish();
}

}  // namespace cep
