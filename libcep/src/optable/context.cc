// Checks that hold for every operator: counts, attributes and orders against the rows of its OpDef.
#include <algorithm>

#include "cep/op.h"

namespace cep {

const TensorType& OpContext::input(std::size_t i) const {
  ACP_ASSERT(has_input(i));
  return *inputs[i];
}

const std::vector<std::int64_t>* OpContext::known_input(std::size_t i) const {
  return i < known.size() && known[i] ? &*known[i] : nullptr;
}

OpContext context_of(const OpCase& op_case) {
  OpContext context;
  for (const TensorType& type : op_case.inputs) {
    context.inputs.push_back(type.dtype == Dtype::kUnknown ? std::nullopt : std::optional(type));
  }
  context.known = op_case.known;
  context.attributes = op_case.attributes;
  context.body = op_case.body;
  context.output_count = op_case.output_count;
  return context;
}

namespace {

template <typename T>
const T* attribute(std::span<const Attribute> attributes, std::string_view name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return std::get_if<T>(&attribute.value);
  }
  return nullptr;
}

AttrKind kind_of(const AttrValue& value) {
  constexpr AttrKind kKinds[] = {AttrKind::kInt, AttrKind::kFloat, AttrKind::kString, AttrKind::kInts,
                                 AttrKind::kFloats};
  return kKinds[value.index()];
}

acp::Status check_attributes(const OpDef& op, const OpContext& context) {
  for (const Attribute& attribute : context.attributes) {
    const auto row = std::find_if(op.attributes.begin(), op.attributes.end(),
                                  [&](const AttrRow& r) { return r.name == attribute.name; });
    const std::string path = "attributes." + attribute.name;
    if (row == op.attributes.end()) {
      return acp::invalid("CEP-OP-2", path, std::string(op.name) + " has no such attribute");
    }
    if (row->kind != kind_of(attribute.value))
      return acp::invalid("CEP-OP-3", path, "attribute of another kind");
    // One reader takes the first of two values, another the last.
    const auto named = [&](const Attribute& other) { return other.name == attribute.name; };
    if (std::count_if(context.attributes.begin(), context.attributes.end(), named) > 1)
      return acp::invalid("CEP-OP-2", path, "given twice");
  }
  for (const AttrRow& row : op.attributes) {
    const bool given = std::any_of(context.attributes.begin(), context.attributes.end(),
                                   [&](const Attribute& a) { return a.name == row.name; });
    if (row.required && !given) {
      return acp::invalid("CEP-OP-4", "attributes." + std::string(row.name), "required attribute missing");
    }
  }
  return acp::ok();
}

acp::Status check_order(const OpDef& op, const Order& order) {
  if (order.kind == OrderKind::kNone) return acp::ok();
  const bool blocked = order.kind == OrderKind::kBlockedTree || order.kind == OrderKind::kBlockedIndex;
  const bool chosen = blocked || order.kind == OrderKind::kChain;
  const bool fixed = op.default_order.kind == OrderKind::kNone || op.default_order.kind == OrderKind::kAny ||
                     op.default_order.kind == OrderKind::kLanes32;
  if (order == op.default_order) return acp::ok();
  if (fixed || !chosen || blocked != (order.block > 0)) {
    return acp::invalid("CEP-OP-5", "order", std::string(op.name) + " does not take this order");
  }
  return acp::ok();
}

// A hostile shape must not overflow a reader's fixed arrays, nor the arithmetic on element numbers.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;

acp::Status check_limits(const TensorType& type, const std::string& path) {
  if (type.dims.size() > ACP_MAX_RANK) return acp::over_limit("CEP-OP-6", path, "rank above 8");
  std::int64_t product = 1;
  for (const std::int64_t extent : type.dims) {
    const std::int64_t factor = std::max<std::int64_t>(1, extent);
    if (factor > kMaxElements / product) return acp::over_limit("CEP-OP-6", path, "more than 2^40 elements");
    product *= factor;
  }
  return acp::ok();
}

}  // namespace

std::int64_t OpContext::int_attr(std::string_view name, std::int64_t otherwise) const {
  const auto* value = attribute<std::int64_t>(attributes, name);
  return value != nullptr ? *value : otherwise;
}

float OpContext::float_attr(std::string_view name, float otherwise) const {
  const auto* value = attribute<float>(attributes, name);
  return value != nullptr ? *value : otherwise;
}

std::string OpContext::string_attr(std::string_view name, std::string_view otherwise) const {
  const auto* value = attribute<std::string>(attributes, name);
  return value != nullptr ? *value : std::string(otherwise);
}

std::optional<std::vector<std::int64_t>> OpContext::ints_attr(std::string_view name) const {
  const auto* value = attribute<std::vector<std::int64_t>>(attributes, name);
  if (value == nullptr) return std::nullopt;
  return *value;
}

const OpDef* find_op(std::string_view domain, std::string_view name) {
  for (const OpDef* op : op_table()) {
    if (op->domain == domain && op->name == name) return op;
  }
  return nullptr;
}

acp::Result<std::vector<TensorType>> infer_types(const OpDef& op, const OpContext& context) {
  if (context.inputs.size() < op.min_inputs || context.inputs.size() > op.max_inputs) {
    return acp::invalid("CEP-OP-1", "inputs",
                        std::string(op.name) + " takes " + std::to_string(op.min_inputs) + " to " +
                            std::to_string(op.max_inputs) + " inputs, " +
                            std::to_string(context.inputs.size()) + " given");
  }
  for (std::size_t i = 0; i < op.min_inputs; ++i) {
    if (!context.has_input(i))
      return acp::invalid("CEP-OP-1", "inputs[" + std::to_string(i) + "]", "required input left out");
  }
  ACP_CHECK(check_attributes(op, context));
  ACP_CHECK(check_order(op, context.order));
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.has_input(i)) ACP_CHECK(check_limits(context.input(i), "inputs[" + std::to_string(i) + "]"));
  }
  ACP_TRY(std::vector<TensorType> types, op.infer(context));
  for (std::size_t i = 0; i < types.size(); ++i) {
    ACP_CHECK(check_limits(types[i], "outputs[" + std::to_string(i) + "]"));
  }
  return types;
}

acp::Result<Region> build_region(const OpDef& op, const OpContext& context) {
  ACP_TRY(const std::vector<TensorType> types, infer_types(op, context));
  OpContext in_force = context;
  if (in_force.order.kind == OrderKind::kNone) in_force.order = op.default_order;
  Region region = op.build(in_force);
  ACP_ASSERT(region.count(ACP_ROLE_OUTPUT) == types.size());
  return region;
}

}  // namespace cep
