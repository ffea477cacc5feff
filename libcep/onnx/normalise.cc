// From what a model of some opset says to what the operator table takes. Rows, not branches: an operator that takes the newest form as it
// stands needs no row.
#include <algorithm>

#include "values.h"

namespace cep::onnx_room {
namespace {

// An attribute of old opsets that later became an input.
struct Moved {
  std::string_view op;
  std::string_view attribute;
  std::size_t input;
};
constexpr Moved kMoved[] = {
    {"ReduceSum", "axes", 1}, {"Slice", "starts", 1}, {"Slice", "ends", 2},     {"Slice", "axes", 3},
    {"Split", "split", 1},    {"Squeeze", "axes", 1}, {"Unsqueeze", "axes", 1}, {"Pad", "pads", 1},
};

// An attribute that says nothing to an operator that does not list it, as long as it has this value.
struct Silent {
  std::string_view op;
  std::string_view attribute;
  std::optional<std::int64_t> value;  // nothing: whatever it is
};
constexpr Silent kSilent[] = {
    {"AveragePool", "ceil_mode", 0},
    {"AveragePool", "count_include_pad", 0},
    {"BatchNormalization", "momentum", std::nullopt},
    {"BatchNormalization", "spatial", 1},
    {"BatchNormalization", "training_mode", 0},
    {"Dropout", "ratio", std::nullopt},
    {"Dropout", "seed", std::nullopt},
    {"LayerNormalization", "stash_type", 1},
    {"MaxPool", "ceil_mode", 0},
    {"MaxPool", "storage_order", 0},
    {"Reshape", "allowzero", 0},
};

// What is meant where nothing is said, in opsets below `before`.
struct OldDefault {
  std::string_view op;
  std::string_view attribute;
  std::int64_t value;
  int before;
};
constexpr OldDefault kOldDefaults[] = {{"Softmax", "axis", 1, 13},    {"Softmax", "coerce", 1, 13},
                                       {"LogSoftmax", "axis", 1, 13}, {"LogSoftmax", "coerce", 1, 13},
                                       {"Hardmax", "axis", 1, 13},    {"Hardmax", "coerce", 1, 13}};

acp::Error no_form(const std::string& path, const std::string& why) {
  return acp::unsupported("CEP-ONNX-4", path, why);
}

bool lists(const OpDef& op, std::string_view attribute) {
  return std::any_of(op.attributes.begin(), op.attributes.end(),
                     [&](const AttrRow& row) { return row.name == attribute; });
}

void move_attributes(Draft& node, const OpDef& op, NewValues& made) {
  for (const Moved& row : kMoved) {
    if (row.op != node.op) continue;
    const auto values = node.ints_attribute(row.attribute);
    if (values && !lists(op, row.attribute)) {
      if (node.inputs.size() <= row.input) node.inputs.resize(row.input + 1, nullptr);
      node.inputs[row.input] = made.list(*values);
      node.drop(row.attribute);
    }
  }
  // Bounds and axes may be of 32 bits in a model; a workload's constants are of 64.
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const Value* input = node.inputs[i];
    const bool row =
        std::any_of(std::begin(kMoved), std::end(kMoved), [&](const Moved& r) { return r.op == node.op; });
    if (row && input != nullptr && input->known && input->type.dtype == Dtype::kI32)
      node.inputs[i] = made.list(*input->known);
  }
}

void drop_silent(Draft& node, const OpDef& op) {
  for (const Silent& row : kSilent) {
    if (row.op != node.op || lists(op, row.attribute) || node.attribute(row.attribute) == nullptr) continue;
    if (!row.value || node.int_attribute(row.attribute, *row.value + 1) == *row.value)
      node.drop(row.attribute);
  }
}

// auto_pad says where the windows lie by a word; with extents known, so do numbers.
acp::Status write_pads(Draft& node) {
  const Attribute* attribute = node.attribute("auto_pad");
  if (attribute == nullptr) return acp::ok();
  const auto* word = std::get_if<std::string>(&attribute->value);
  if (word == nullptr) return no_form("attributes.auto_pad", "not a text");
  const std::string mode = *word;
  node.drop("auto_pad");
  if (mode.empty() || mode == "NOTSET") return acp::ok();
  if (mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER")
    return no_form("attributes.auto_pad", "no such word");
  if (node.attribute("pads") != nullptr) return no_form("attributes.pads", "given together with auto_pad");
  if (mode == "VALID") return acp::ok();
  const Value* x = node.input(0);
  if (x == nullptr || x->type.dims.size() < 2) return no_form("attributes.auto_pad", "no windows here");
  const std::size_t axes = x->type.dims.size() - 2;
  auto kernel = node.ints_attribute("kernel_shape");
  if (!kernel && node.input(1) != nullptr && node.input(1)->type.dims.size() == axes + 2)
    kernel = Dims(node.input(1)->type.dims.begin() + 2, node.input(1)->type.dims.end());
  const auto strides = node.ints_attribute("strides").value_or(Dims(axes, 1));
  const auto dilations = node.ints_attribute("dilations").value_or(Dims(axes, 1));
  if (!kernel || kernel->size() != axes || strides.size() != axes || dilations.size() != axes)
    return no_form("attributes.auto_pad", "a list of another length");
  constexpr std::int64_t kLongest = std::int64_t{1} << 30;
  Dims pads(2 * axes, 0);
  for (std::size_t d = 0; d < axes; ++d) {
    const std::int64_t extent = x->type.dims[2 + d], k = (*kernel)[d], s = strides[d], l = dilations[d];
    if (std::min({k, s, l}) < 1 || std::max({k, s, l, extent}) > kLongest)
      return no_form("attributes.auto_pad", "a window out of range");
    const std::int64_t positions = (extent + s - 1) / s;
    const std::int64_t total = std::max<std::int64_t>(0, (positions - 1) * s + (k - 1) * l + 1 - extent);
    pads[d] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[axes + d] = total - pads[d];
  }
  node.set("pads", pads);
  return acp::ok();
}

// Inputs that only training reads.
acp::Status drop_training(Draft& node) {
  if (node.op != "Dropout" || node.inputs.size() < 2) return acp::ok();
  const Value* training = node.input(2);
  const bool off = training == nullptr ||
                   (training->known && training->known->size() == 1 && training->known->front() == 0);
  if (!off) return no_form("inputs[2]", "training");
  node.inputs.erase(node.inputs.begin() + 1, node.inputs.end());
  return acp::ok();
}

}  // namespace

const Value* NewValues::list(std::vector<std::int64_t> values) {
  Value value;
  value.type = {Dtype::kI64, {static_cast<std::int64_t>(values.size())}};
  value.known = std::move(values);
  made_.push_back(std::move(value));
  return &made_.back();
}

acp::Status normalise(Draft& node, NewValues& made) {
  const OpDef* op = find_op("ai.onnx", node.op);
  ACP_ASSERT(op != nullptr);
  for (const OldDefault& row : kOldDefaults) {
    if (row.op == node.op && node.opset < row.before && lists(*op, row.attribute) &&
        node.attribute(row.attribute) == nullptr)
      node.set(row.attribute, row.value);
  }
  move_attributes(node, *op, made);
  drop_silent(node, *op);
  ACP_CHECK(write_pads(node));
  ACP_CHECK(drop_training(node));
  while (!node.inputs.empty() && node.inputs.back() == nullptr) node.inputs.pop_back();
  return acp::ok();
}

}  // namespace cep::onnx_room
