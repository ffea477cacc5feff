// From a model to a workload, node by node.
#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "cep/onnx.h"
#include "values.h"

namespace cep {
namespace onnx_room {
namespace {

// As in workloads and plans (CEP 2.2, CEP 5.5).
constexpr int kMaxItems = 1 << 20;
constexpr std::size_t kMaxNameBytes = 256;
constexpr int kMinOpset = 7;
constexpr int kMaxOpset = 17;

bool is_default_domain(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

std::string node_path(int i) { return "graph.node[" + std::to_string(i) + "]"; }

// Why a node cannot be imported.
struct Refusal {
  int node = 0;
  acp::Error error;
};

// Names given so far.
class Names {
 public:
  // The name, or NAME#2, NAME#3, ... when it is taken; it is taken from now on.
  std::string distinct(const std::string& name) {
    std::string out = name;
    // Counts on from where it stopped: a million nodes of one name must not take a million times a million steps.
    for (std::uint64_t& number = last_[name]; !given_.insert(out).second;)
      out = name + "#" + std::to_string(number = std::max<std::uint64_t>(number + 1, 2));
    return out;
  }

 private:
  std::unordered_set<std::string> given_;
  std::unordered_map<std::string, std::uint64_t> last_;
};

class Importer {
 public:
  Importer(const onnx::ModelProto& model, const OnnxOptions& options)
      : graph_(model.graph()), options_(options), builder_(model.graph().name().substr(0, kMaxNameBytes)) {}

  acp::Result<OnnxImport> run(const onnx::ModelProto& model) {
    ACP_TRY(opset_, opset_of(model));
    ACP_CHECK(check_limits());
    ACP_CHECK(read_initialisers());
    ACP_CHECK(read_inputs());
    note_uses();
    for (int i = 0; i < graph_.node_size(); ++i) {
      auto imported = import_node(graph_.node(i));
      if (imported) continue;
      if (is_fatal(imported.error())) return acp::at(node_path(i), std::move(imported).error());
      refusals_.push_back({i, std::move(imported).error()});
      ACP_CHECK(break_outputs(graph_.node(i)));
    }
    if (!refusals_.empty()) return all_refusals();
    ACP_CHECK(read_outputs());
    OnnxImport out{std::move(builder_).finish(), std::move(weights_)};
    ACP_CHECK(check_workload(out.workload));
    return out;
  }

 private:
  static acp::Result<int> opset_of(const onnx::ModelProto& model) {
    for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
      if (!is_default_domain(set.domain())) continue;
      if (set.version() < kMinOpset || set.version() > kMaxOpset) {
        return acp::unsupported("CEP-ONNX-3", "opset_import",
                                "opset " + std::to_string(set.version()) + "; offered are 7 to 17");
      }
      return static_cast<int>(set.version());
    }
    return acp::unsupported("CEP-ONNX-3", "opset_import", "no opset of ai.onnx");
  }

  // Errors that end the import at once: what is wrong is the model, not one node.
  static bool is_fatal(const acp::Error& error) {
    return error.requirement == "CEP-ONNX-2" || error.requirement == "CEP-ONNX-7" ||
           error.requirement == "CEP-ONNX-8";
  }

  acp::Status check_limits() const {
    if (graph_.node_size() > kMaxItems || graph_.initializer_size() > kMaxItems)
      return acp::over_limit("CEP-ONNX-2", "graph", "over 2^20 nodes or initialisers");
    if (graph_.sparse_initializer_size() > 0)
      return acp::unsupported("CEP-ONNX-6", "graph.sparse_initializer", "sparse contents");
    return acp::ok();
  }

  acp::Status define(const std::string& name, Value value) {
    if (name.size() > kMaxNameBytes) return acp::over_limit("CEP-ONNX-2", "", "a name of over 256 bytes");
    value.name = name;
    if (name.empty() || !values_.emplace(name, std::move(value)).second)
      return acp::invalid("CEP-ONNX-8", "", "no name, or a second value \"" + name + "\"");
    return acp::ok();
  }

  acp::Status read_initialisers() {
    for (int i = 0; i < graph_.initializer_size(); ++i) {
      const onnx::TensorProto& tensor = graph_.initializer(i);
      const std::string path = "graph.initializer[" + std::to_string(i) + "]";
      auto value = stored_value(tensor);
      if (!value) return acp::at(path, std::move(value).error());
      if (auto status = define(tensor.name(), std::move(*value)); !status)
        return acp::at(path, std::move(status).error());
    }
    return acp::ok();
  }

  // Integers are read now, for shapes depend on them; floats when a node needs them.
  static acp::Result<Value> stored_value(const onnx::TensorProto& tensor) {
    Value value;
    ACP_TRY(value.type, tensor_type(tensor));
    value.stored = &tensor;
    if (value.type.dtype == Dtype::kF32 || volume(value.type.dims) > std::int64_t{kMaxKnown}) return value;
    ACP_TRY(const TensorBytes bytes, read_tensor(tensor));
    const auto width = static_cast<std::size_t>(size_bytes(value.type.dtype));
    std::vector<std::int64_t> known(bytes.bytes.size() / width);
    for (std::size_t i = 0; i < known.size(); ++i) {
      std::int32_t narrow = 0;
      if (width == 8) std::memcpy(&known[i], bytes.bytes.data() + i * 8, 8);
      if (width == 4) std::memcpy(&narrow, bytes.bytes.data() + i * 4, 4);
      if (width == 4) known[i] = narrow;
      if (width == 1) known[i] = std::to_integer<std::int64_t>(bytes.bytes[i]);
    }
    value.known = std::move(known);
    return value;
  }

  acp::Status read_inputs() {
    for (int i = 0; i < graph_.input_size(); ++i) {
      const onnx::ValueInfoProto& input = graph_.input(i);
      // Models of IR 3 list their initialisers as inputs, too.
      if (const auto found = values_.find(input.name()); found != values_.end() && found->second.stored)
        continue;
      const std::string path = "graph.input[" + std::to_string(i) + "]";
      auto type = input_type(input);
      if (!type) return acp::at(path, std::move(type).error());
      Value value;
      value.type = *type;
      value.id = builder_.input(input.name(), *type);
      tensors_.distinct(input.name());
      if (auto status = define(input.name(), std::move(value)); !status)
        return acp::at(path, std::move(status).error());
    }
    return acp::ok();
  }

  acp::Result<TensorType> input_type(const onnx::ValueInfoProto& input) const {
    if (!input.type().has_tensor_type())
      return acp::unsupported("CEP-ONNX-6", input.name(), "an input that is no tensor");
    const auto& tensor = input.type().tensor_type();
    TensorType type{dtype_of(tensor.elem_type()), {}};
    if (type.dtype == Dtype::kUnknown) {
      return acp::unsupported("CEP-ONNX-6", input.name(),
                              "element type " + std::to_string(tensor.elem_type()) + " of ONNX");
    }
    if (!tensor.has_shape()) return acp::unsupported("CEP-ONNX-5", input.name(), "its shape is not given");
    for (int d = 0; d < tensor.shape().dim_size(); ++d) {
      const auto& dim = tensor.shape().dim(d);
      const auto bound = options_.dims.find(dim.dim_param());
      if (dim.has_dim_value()) {
        type.dims.push_back(dim.dim_value());
      } else if (!dim.dim_param().empty() && bound != options_.dims.end()) {
        type.dims.push_back(bound->second);
      } else {
        return acp::unsupported("CEP-ONNX-5", input.name(),
                                "axis " + std::to_string(d) + " is " +
                                    (dim.dim_param().empty() ? "not given" : "\"" + dim.dim_param() + "\"") +
                                    ": a number is wanted");
      }
      if (type.dims.back() < 0) return acp::invalid("CEP-ONNX-5", input.name(), "a negative extent");
    }
    ACP_CHECK(check_extents(type.dims, input.name()));
    return type;
  }

  // Names that something reads; an output that nothing reads need not be made.
  void note_uses() {
    for (const onnx::NodeProto& node : graph_.node()) {
      for (const std::string& name : node.input()) read_.insert(name);
    }
    for (const onnx::ValueInfoProto& output : graph_.output()) read_.insert(output.name());
  }

  acp::Status break_outputs(const onnx::NodeProto& node) {
    for (const std::string& name : node.output()) {
      if (!name.empty() && values_.find(name) == values_.end()) ACP_CHECK(define(name, {}));
    }
    return acp::ok();
  }

  acp::Result<Draft> draft_of(const onnx::NodeProto& node) {
    Draft draft{node.op_type(), opset_, {}, {}};
    draft.inputs.reserve(static_cast<std::size_t>(node.input_size()));
    for (int i = 0; i < node.input_size(); ++i) {
      if (node.input(i).empty()) {
        draft.inputs.push_back(nullptr);
        continue;
      }
      const auto found = values_.find(node.input(i));
      if (found == values_.end()) {
        return acp::invalid("CEP-ONNX-8", "input[" + std::to_string(i) + "]",
                            "\"" + node.input(i) + "\" is not made before");
      }
      draft.inputs.push_back(&found->second);
    }
    if (!is_default_domain(node.domain()))
      return acp::unsupported("CEP-ONNX-4", "", "no operator " + node.domain() + "::" + node.op_type());
    ACP_TRY(draft.attributes, read_attributes(node));
    return draft;
  }

  acp::Status import_node(const onnx::NodeProto& node) {
    ACP_TRY(Draft draft, draft_of(node));
    const bool broken = std::any_of(draft.inputs.begin(), draft.inputs.end(),
                                    [](const Value* input) { return input != nullptr && input->broken(); });
    const bool offered = find_op("ai.onnx", node.op_type()) != nullptr;
    // What is wrong then stands at the node above.
    if (broken && (offered || folds(draft.op) || draft.op == "Shape" || draft.op == "Size"))
      return break_outputs(node);
    ACP_TRY(const bool constant, import_constant(node, draft));
    if (constant) return acp::ok();
    if (!broken) {
      if (auto folded = fold(draft)) return define(first_output(node), std::move(*folded));
    }
    if (!offered) return acp::unsupported("CEP-ONNX-4", "", "no operator " + node.op_type());
    NewValues made;
    ACP_CHECK(normalise(draft, made));
    return add_node(node, draft);
  }

  static std::string first_output(const onnx::NodeProto& node) {
    return node.output_size() > 0 ? node.output(0) : std::string();
  }

  // Constant, ConstantOfShape, Shape and Size: what stands in an attribute or a type. False: the node is none of these.
  acp::Result<bool> import_constant(const onnx::NodeProto& node, Draft& draft) {
    const onnx::TensorProto* tensor = nullptr;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.name() == "value" && attribute.type() == onnx::AttributeProto::TENSOR)
        tensor = &attribute.t();
    }
    if (draft.op == "Constant") {
      ACP_TRY(Value value, tensor != nullptr ? stored_value(*tensor) : value_of_attribute(draft));
      ACP_CHECK(define(first_output(node), std::move(value)));
      return true;
    }
    if (draft.op == "ConstantOfShape") return import_fill(node, draft, tensor);
    const Value* x = draft.input(0);
    if ((draft.op != "Shape" && draft.op != "Size") || x == nullptr) return false;
    Value value;
    if (draft.op == "Size") {
      value.type = {Dtype::kI64, {}};
      value.known = {volume(x->type.dims)};
    } else {
      const auto rank = static_cast<std::int64_t>(x->type.dims.size());
      const auto bound = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
      };
      const std::int64_t lo = bound(draft.int_attribute("start", 0));
      const std::int64_t hi = std::max(lo, bound(draft.int_attribute("end", rank)));
      value.type = {Dtype::kI64, {hi - lo}};
      value.known = Dims(x->type.dims.begin() + lo, x->type.dims.begin() + hi);
    }
    ACP_CHECK(define(first_output(node), std::move(value)));
    return true;
  }

  // Constant's other attributes.
  acp::Result<Value> value_of_attribute(const Draft& draft) {
    Value value;
    if (draft.attribute("value_int") != nullptr) {
      value.type = {Dtype::kI64, {}};
      value.known = {draft.int_attribute("value_int", 0)};
      return value;
    }
    if (const auto ints = draft.ints_attribute("value_ints"); ints && ints->size() <= kMaxKnown) {
      value.type = {Dtype::kI64, {static_cast<std::int64_t>(ints->size())}};
      value.known = ints;
      return value;
    }
    const Attribute* number = draft.attribute("value_float");
    if (const auto* f = number != nullptr ? std::get_if<float>(&number->value) : nullptr) {
      value.type = {Dtype::kF32, {}};
      value.fill = std::bit_cast<std::uint32_t>(*f);
      return value;
    }
    return acp::unsupported("CEP-ONNX-4", "attributes", "a constant of a kind that is not offered");
  }

  acp::Result<bool> import_fill(const onnx::NodeProto& node, Draft& draft, const onnx::TensorProto* tensor) {
    Value fill;
    fill.type = {Dtype::kF32, {1}};
    fill.fill = 0;
    if (tensor != nullptr) {
      ACP_TRY(fill, stored_value(*tensor));
    }
    if (volume(fill.type.dims) != 1) return acp::invalid("CEP-ONNX-4", "attributes.value", "not one element");
    const Value* shape = draft.input(0);
    if (shape == nullptr || !shape->known || shape->type.dims.size() != 1)
      return acp::unsupported("CEP-ONNX-4", "inputs[0]", "a shape that is not known at import");
    if (fill.known) {
      fill.stored = nullptr;
      draft.inputs = {shape, &fill};
      auto folded = fold(draft);
      if (!folded) return acp::over_limit("CEP-ONNX-2", "", "integers that do not fit a constant");
      ACP_CHECK(define(first_output(node), std::move(*folded)));
      return true;
    }
    if (fill.stored != nullptr) {
      ACP_TRY(const TensorBytes bytes, read_tensor(*fill.stored));
      std::uint32_t bits = 0;
      std::memcpy(&bits, bytes.bytes.data(), sizeof(bits));
      fill.fill = bits;
      fill.stored = nullptr;
    }
    ACP_TRY(fill.type.dims, extents(*shape->known));
    ACP_CHECK(define(first_output(node), std::move(fill)));
    return true;
  }

  static acp::Result<Dims> extents(const std::vector<std::int64_t>& known) {
    for (const std::int64_t extent : known) {
      if (extent < 0) return acp::invalid("CEP-ONNX-4", "inputs[0]", "a negative extent");
    }
    ACP_CHECK(check_extents(known, "inputs[0]"));
    return known;
  }

  acp::Status add_node(const onnx::NodeProto& node, Draft& draft) {
    const OpDef* op = find_op("ai.onnx", draft.op);
    WorkloadBuilder::NodeOptions to;
    to.name = node_name(node);
    to.attributes = draft.attributes;
    if (options_.order.kind != OrderKind::kNone && is_open(op->default_order)) to.order = options_.order;
    std::vector<TensorId> inputs;
    inputs.reserve(draft.inputs.size());
    for (std::size_t i = 0; i < draft.inputs.size(); ++i) {
      const Value* value = draft.inputs[i];
      if (value == nullptr) {
        inputs.push_back(kNoId);
        continue;
      }
      const bool transposed = i == 1 && draft.int_attribute("transB", 0) != 0;
      const std::string name = value->name.empty() ? to.name + "/input" + std::to_string(i) : value->name;
      ACP_TRY(const TensorId id, tensor_of(*value, name, use_of(draft.op, i, transposed, value->type.dims)));
      inputs.push_back(id);
    }
    int outputs = node.output_size();
    while (outputs > 1 && read_.count(node.output(outputs - 1)) == 0) --outputs;
    for (int i = 0; i < outputs; ++i) {
      const std::string& name = node.output(i);
      if (!name.empty() && values_.count(name) > 0)
        return acp::invalid("CEP-ONNX-8", "output[" + std::to_string(i) + "]",
                            "\"" + name + "\" is made twice");
      to.outputs.push_back(tensors_.distinct(name.empty() ? to.name + "/output" + std::to_string(i) : name));
    }
    auto made = builder_.node(draft.op, std::move(inputs), to);
    if (!made) {
      acp::Error error = std::move(made).error();
      if (error.path.rfind(to.name, 0) == 0) error.path.erase(0, to.name.size());
      if (error.path.rfind('.', 0) == 0) error.path.erase(0, 1);
      return error;
    }
    for (int i = 0; i < outputs; ++i) {
      if (node.output(i).empty()) continue;
      Value value;
      value.id = (*made)[static_cast<std::size_t>(i)];
      value.type = builder_.workload().tensors[value.id].type;
      ACP_CHECK(define(node.output(i), std::move(value)));
    }
    return acp::ok();
  }

  static bool is_open(const Order& order) {
    return order.kind == OrderKind::kChain || order.kind == OrderKind::kBlockedTree ||
           order.kind == OrderKind::kBlockedIndex;
  }

  // A node's own name; without one, that of its first output. Two of one name are told apart by a number.
  std::string node_name(const onnx::NodeProto& node) {
    std::string name = node.name().empty() ? first_output(node) : node.name();
    if (name.empty()) name = node.op_type();
    // Room for a number, and for what names of its tensors add.
    if (name.size() > kMaxNameBytes - 64) name.resize(kMaxNameBytes - 64);
    return nodes_.distinct(name);
  }

  // Puts a value into the workload, the first time it is needed there.
  acp::Result<TensorId> tensor_of(const Value& value, const std::string& name, const Use& use) {
    if (value.id != kNoId) return value.id;
    TensorId id = kNoId;
    const bool listed = value.known && value.type.dtype == Dtype::kI64 && value.type.dims.size() <= 1;
    if (listed && value.type.dims.empty()) {
      id = builder_.constant_scalar(tensors_.distinct(name), value.known->front());
    } else if (listed) {
      id = builder_.constant(tensors_.distinct(name), *value.known);
    } else {
      ACP_TRY(TensorBytes bytes, contents(value, name, use));
      id = builder_.weight(tensors_.distinct(name), value.type, acp::sha256(bytes.bytes));
      weights_.push_back(std::move(bytes));
    }
    if (const auto found = values_.find(value.name); found != values_.end()) found->second.id = id;
    return id;
  }

  acp::Result<TensorBytes> contents(const Value& value, const std::string& name, const Use& use) {
    const auto count = static_cast<std::uint64_t>(volume(value.type.dims));
    const std::uint64_t size = count * static_cast<std::uint64_t>(size_bytes(value.type.dtype));
    weight_bytes_ += size;
    if (weight_bytes_ > options_.max_weight_bytes)
      return acp::over_limit("CEP-ONNX-2", name, "more bytes of weights than are allowed");
    TensorBytes out{value.type, {}};
    if (options_.random_weights && value.type.dtype == Dtype::kF32 && count > 1) {
      out.bytes = draw(*options_.random_weights, name, value.type.dims, use);
      return out;
    }
    if (value.stored != nullptr) return read_tensor(*value.stored);
    out.bytes.resize(size);
    const auto width = static_cast<std::size_t>(size_bytes(value.type.dtype));
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t bits = value.fill ? *value.fill : static_cast<std::uint64_t>((*value.known)[i]);
      std::memcpy(out.bytes.data() + i * width, &bits, width);
    }
    return out;
  }

  acp::Status read_outputs() {
    if (graph_.output_size() == 0) return acp::invalid("CEP-ONNX-8", "graph.output", "no outputs");
    for (int i = 0; i < graph_.output_size(); ++i) {
      const std::string path = "graph.output[" + std::to_string(i) + "]";
      const auto found = values_.find(graph_.output(i).name());
      if (found == values_.end())
        return acp::invalid("CEP-ONNX-8", path, "\"" + graph_.output(i).name() + "\" is never made");
      ACP_TRY(const TensorId id, tensor_of(found->second, found->second.name, {}));
      builder_.output(id);
    }
    return acp::ok();
  }

  // One error that names every node, so that a person learns at once what a model lacks.
  [[nodiscard]] acp::Error all_refusals() const {
    acp::Error all{acp::Family::kInvalid, "CEP-ONNX-4", node_path(refusals_.front().node),
                   "not every node can be imported"};
    for (const Refusal& refusal : refusals_) {
      const onnx::NodeProto& node = graph_.node(refusal.node);
      const std::string name = node.name().empty() ? first_output(node) : node.name();
      const acp::Error error = acp::at(node_path(refusal.node), refusal.error);
      all.message += "\n  " + node.op_type() + " \"" + name + "\": " + acp::to_string(error);
      if (error.family != acp::Family::kInvalid && error.family != acp::Family::kMalformed)
        all.family = acp::Family::kUnsupported;
    }
    all.message +=
        "\n" + std::to_string(refusals_.size()) + (refusals_.size() == 1 ? " node" : " nodes") + " in all";
    return all;
  }

  const onnx::GraphProto& graph_;
  const OnnxOptions& options_;
  WorkloadBuilder builder_;
  int opset_ = 0;
  std::unordered_map<std::string, Value> values_;
  std::unordered_set<std::string> read_;
  Names tensors_;  // of the workload
  Names nodes_;
  std::vector<TensorBytes> weights_;
  std::uint64_t weight_bytes_ = 0;
  std::vector<Refusal> refusals_;
};

}  // namespace
}  // namespace onnx_room

acp::Result<OnnxImport> import_onnx(std::span<const std::byte> bytes, const OnnxOptions& options) {
  ACP_TRY(const onnx::ModelProto model, onnx_room::parse_model(bytes));
  return onnx_room::Importer(model, options).run(model);
}

}  // namespace cep
