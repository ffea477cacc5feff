// Attributes of nodes.
#include <algorithm>

#include "values.h"

namespace cep::onnx_room {
namespace {

acp::Result<AttrValue> value_of(const onnx::AttributeProto& attribute) {
  using Proto = onnx::AttributeProto;
  switch (attribute.type()) {
    case Proto::INT: return AttrValue(std::int64_t{attribute.i()});
    case Proto::FLOAT: return AttrValue(attribute.f());
    case Proto::STRING: return AttrValue(attribute.s());
    case Proto::INTS:
      return AttrValue(std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end()));
    case Proto::FLOATS:
      return AttrValue(std::vector<float>(attribute.floats().begin(), attribute.floats().end()));
    default:
      return acp::unsupported("CEP-ONNX-4", "attributes." + attribute.name(),
                              "a kind of attribute that is not offered");
  }
}

}  // namespace

const Attribute* Draft::attribute(std::string_view name) const {
  for (const Attribute& a : attributes) {
    if (a.name == name) return &a;
  }
  return nullptr;
}

std::int64_t Draft::int_attribute(std::string_view name, std::int64_t otherwise) const {
  const Attribute* found = attribute(name);
  const auto* value = found != nullptr ? std::get_if<std::int64_t>(&found->value) : nullptr;
  return value != nullptr ? *value : otherwise;
}

std::optional<std::vector<std::int64_t>> Draft::ints_attribute(std::string_view name) const {
  const Attribute* found = attribute(name);
  const auto* value = found != nullptr ? std::get_if<std::vector<std::int64_t>>(&found->value) : nullptr;
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

void Draft::set(std::string_view name, AttrValue value) {
  drop(name);
  attributes.push_back({std::string(name), std::move(value)});
}

void Draft::drop(std::string_view name) {
  std::erase_if(attributes, [&](const Attribute& a) { return a.name == name; });
}

acp::Result<std::vector<Attribute>> read_attributes(const onnx::NodeProto& node) {
  // They are looked up one by one: a node of a million attributes must not take a million times a million steps.
  constexpr int kMaxAttributes = 256;
  if (node.attribute_size() > kMaxAttributes)
    return acp::over_limit("CEP-ONNX-2", "attributes", "over 256 attributes");
  std::vector<Attribute> out;
  out.reserve(static_cast<std::size_t>(node.attribute_size()));
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.type() == onnx::AttributeProto::TENSOR) continue;
    if (!attribute.ref_attr_name().empty()) {
      return acp::unsupported("CEP-ONNX-4", "attributes." + attribute.name(), "refers to a function's");
    }
    const bool twice =
        std::any_of(out.begin(), out.end(), [&](const Attribute& a) { return a.name == attribute.name(); });
    if (twice) return acp::invalid("CEP-ONNX-4", "attributes." + attribute.name(), "given twice");
    ACP_TRY(AttrValue value, value_of(attribute));
    out.push_back({attribute.name(), std::move(value)});
  }
  return out;
}

}  // namespace cep::onnx_room
