#include "tools/files/workload_json.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "acp/text.h"

namespace tools {

namespace {

using Json = nlohmann::ordered_json;

// A hostile file must not fill the memory, nor a sub-graph in a sub-graph the stack.
constexpr std::size_t kMaxText = std::size_t{16} << 20;
constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxNesting = 64;  // of lists and objects, for all of those

acp::Error missing(const std::string& path, const std::string& what) {
  return acp::malformed("CEP-JSON-2", path, what);
}
acp::Error wrong(const std::string& path, const std::string& what) {
  return acp::malformed("CEP-JSON-3", path, what);
}
std::string item(const std::string& list, std::size_t i) { return list + "[" + std::to_string(i) + "]"; }

// The first integer of a JSON text that has more than 64 bits; empty: there is none. A parser makes the nearest float of it.
std::string_view too_large_integer(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    if (quoted || (text[at] != '-' && (text[at] < '0' || text[at] > '9'))) continue;
    const std::string_view number = text.substr(at, text.find_first_not_of("+-.eE0123456789", at) - at);
    at += number.size() - 1;
    std::int64_t low = 0;
    std::uint64_t high = 0;
    const bool fits = std::from_chars(number.begin(), number.end(), low).ec == std::errc{} ||
                      std::from_chars(number.begin(), number.end(), high).ec == std::errc{};
    if (!fits && number.find_first_of(".eE") == std::string_view::npos) return number.substr(0, 24);
  }
  return {};
}

acp::Result<Json> parsed(std::string_view text) {
  if (text.size() > kMaxText) return acp::over_limit("CEP-JSON-5", "", "over 16 MiB");
  if (auto status = acp::check_json(text, kMaxNesting); !status)
    return acp::malformed("CEP-JSON-1", status.error().path, status.error().message);
  if (const std::string_view large = too_large_integer(text); !large.empty())
    return wrong("", "an integer of more than 64 bits: " + std::string(large) + "...");
  return Json::parse(text, nullptr, false);
}

acp::Status keys_among(const Json& json, const std::string& path,
                       std::initializer_list<std::string_view> known) {
  if (!json.is_object()) return wrong(path, "an object is wanted");
  for (const auto& entry : json.items()) {
    if (std::find(known.begin(), known.end(), entry.key()) == known.end())
      return missing(path, "no key \"" + entry.key() + "\" is known here");
  }
  return acp::ok();
}

acp::Result<std::string> text_at(const Json& json, const std::string& path, const char* key) {
  if (!json.contains(key)) return missing(path, std::string("\"") + key + "\" is missing");
  if (!json.at(key).is_string()) return wrong(path + "." + key, "text is wanted");
  return json.at(key).get<std::string>();
}

// The list under a key, empty when the key is not there.
acp::Result<Json> list_at(const Json& json, const std::string& path, const char* key) {
  if (!json.contains(key)) return Json(Json::array());
  if (!json.at(key).is_array()) return wrong(path + "." + key, "a list is wanted");
  return json.at(key);
}

acp::Result<std::int64_t> integer(const Json& json, const std::string& path) {
  const bool too_large = json.is_number_unsigned() &&
                         json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!json.is_number_integer() || too_large) return wrong(path, "a 64-bit integer is wanted");
  return json.get<std::int64_t>();
}

// "f32[4,8]"
acp::Result<cep::TensorType> type_from(const std::string& text, const std::string& path) {
  const std::size_t open = text.find('[');
  if (open == std::string::npos || text.back() != ']') return wrong(path, "a type is written like f32[4,8]");
  cep::TensorType type{cep::dtype_named(text.substr(0, open)), {}};
  if (type.dtype == cep::Dtype::kUnknown)
    return wrong(path, "no element type \"" + text.substr(0, open) + "\"");
  const char* at = text.data() + open + 1;
  const char* end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t extent = 0;
    const auto [next, failed] = std::from_chars(at, end, extent);
    if (failed != std::errc{} || extent < 0 || (next != end && (*next != ',' || next + 1 == end)))
      return wrong(path, "a type is written like f32[4,8]");
    type.dims.push_back(extent);
    at = next == end ? end : next + 1;
  }
  return type;
}

std::string type_text(const cep::TensorType& type) {
  std::string dims;
  for (const std::int64_t extent : type.dims) dims += (dims.empty() ? "" : ",") + std::to_string(extent);
  return std::string(cep::dtype_name(type.dtype)) + "[" + dims + "]";
}

constexpr struct {
  cep::OrderKind kind;
  std::string_view name;
} kOrders[] = {{cep::OrderKind::kChain, "chain"},
               {cep::OrderKind::kBlockedTree, "blocked_tree"},
               {cep::OrderKind::kBlockedIndex, "blocked_index"},
               {cep::OrderKind::kLanes32, "lanes32"},
               {cep::OrderKind::kAny, "any"}};

// "chain", "blocked_tree:256"
acp::Result<cep::Order> order_from(const std::string& text, const std::string& path) {
  const std::size_t colon = text.find(':');
  cep::Order order;
  for (const auto& row : kOrders) {
    if (row.name == text.substr(0, colon)) order.kind = row.kind;
  }
  if (order.kind == cep::OrderKind::kNone) return wrong(path, "no order \"" + text + "\"");
  if (colon == std::string::npos) return order;
  const char* end = text.data() + text.size();
  const auto [next, failed] = std::from_chars(text.data() + colon + 1, end, order.block);
  if (failed != std::errc{} || next != end) return wrong(path, "a block length is wanted behind the colon");
  return order;
}

// A number of F32: an integer that is one, or the nearest to what has a fraction or an exponent.
acp::Result<float> real(const Json& json, const std::string& path) {
  constexpr double kMost = std::numeric_limits<float>::max();
  const double value = json.get<double>();
  if (json.is_number_integer()) {
    ACP_TRY(const std::int64_t whole, integer(json, path));
    const std::uint64_t size =
        whole < 0 ? 0 - static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole);
    if (size != 0 && std::bit_width(size) - std::countr_zero(size) > std::numeric_limits<float>::digits)
      return wrong(path, "an integer of more than 24 bits, which no F32 is");
  }
  if (!(std::abs(value) <= kMost)) return wrong(path, "beyond the numbers of F32");
  return static_cast<float>(value);
}

acp::Result<cep::AttrValue> attribute_from(const Json& json, const std::string& path) {
  if (json.is_string()) return cep::AttrValue(json.get<std::string>());
  if (json.is_number_float()) {
    ACP_TRY(const float value, real(json, path));
    return cep::AttrValue(value);
  }
  if (!json.is_array()) {
    ACP_TRY(const std::int64_t value, integer(json, path));
    return cep::AttrValue(value);
  }
  if (!json.empty() && json.front().is_number_float()) {
    std::vector<float> values;
    values.reserve(json.size());
    for (const Json& item_json : json) {
      if (!item_json.is_number()) return wrong(path, "a list of numbers is wanted");
      ACP_TRY(const float value, real(item_json, item(path, values.size())));
      values.push_back(value);
    }
    return cep::AttrValue(std::move(values));
  }
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < json.size(); ++i) {
    ACP_TRY(const std::int64_t value, integer(json[i], item(path, i)));
    values.push_back(value);
  }
  return cep::AttrValue(std::move(values));
}

class Reader {
 public:
  Reader(std::string name, std::string path, int depth)
      : builder_(std::move(name)), path_(std::move(path)), depth_(depth) {}

  acp::Result<cep::Workload> read(const Json& json) {
    ACP_CHECK(each(json, "inputs", &Reader::input));
    ACP_CHECK(each(json, "weights", &Reader::weight));
    ACP_CHECK(each(json, "constants", &Reader::constant));
    ACP_CHECK(each(json, "nodes", &Reader::node));
    ACP_CHECK(each(json, "outputs", &Reader::output));
    return std::move(builder_).finish();
  }

 private:
  acp::Status each(const Json& json, const char* key,
                   acp::Status (Reader::*one)(const Json&, const std::string&)) {
    ACP_TRY(const Json list, list_at(json, path_, key));
    for (std::size_t i = 0; i < list.size(); ++i) ACP_CHECK((this->*one)(list[i], item(path_ + key, i)));
    return acp::ok();
  }

  acp::Status named(const std::string& name, const std::string& path, cep::TensorId id) {
    if (!ids_.emplace(name, id).second)
      return acp::invalid("CEP-GRAPH-6", path, "a second tensor \"" + name + "\"");
    return acp::ok();
  }

  acp::Result<cep::TensorId> known(const Json& json, const std::string& path) const {
    if (!json.is_string()) return wrong(path, "the name of a tensor is wanted");
    const auto found = ids_.find(json.get<std::string>());
    if (found == ids_.end())
      return acp::malformed("CEP-JSON-4", path, "no tensor \"" + json.get<std::string>() + "\" so far");
    return found->second;
  }

  acp::Result<cep::TensorType> type_at(const Json& json, const std::string& path) const {
    ACP_TRY(const std::string text, text_at(json, path, "type"));
    return type_from(text, path + ".type");
  }

  acp::Status input(const Json& json, const std::string& path) {
    ACP_CHECK(keys_among(json, path, {"name", "type"}));
    ACP_TRY(const std::string name, text_at(json, path, "name"));
    ACP_TRY(const cep::TensorType type, type_at(json, path));
    return named(name, path, builder_.input(name, type));
  }

  acp::Status weight(const Json& json, const std::string& path) {
    ACP_CHECK(keys_among(json, path, {"name", "type", "digest"}));
    ACP_TRY(const std::string name, text_at(json, path, "name"));
    ACP_TRY(const cep::TensorType type, type_at(json, path));
    ACP_TRY(const std::string text, text_at(json, path, "digest"));
    auto digest = acp::parse_digest(text);
    if (!digest) return acp::at(path + ".digest", std::move(digest).error());
    return named(name, path, builder_.weight(name, type, *digest));
  }

  acp::Status constant(const Json& json, const std::string& path) {
    ACP_CHECK(keys_among(json, path, {"name", "value", "values"}));
    ACP_TRY(const std::string name, text_at(json, path, "name"));
    if (json.contains("value") == json.contains("values"))
      return missing(path, "either \"value\" or \"values\"");
    if (json.contains("value")) {
      ACP_TRY(const std::int64_t value, integer(json.at("value"), path + ".value"));
      return named(name, path, builder_.constant_scalar(name, value));
    }
    ACP_TRY(const Json list, list_at(json, path, "values"));
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < list.size(); ++i) {
      ACP_TRY(const std::int64_t value, integer(list[i], item(path + ".values", i)));
      values.push_back(value);
    }
    return named(name, path, builder_.constant(name, std::move(values)));
  }

  acp::Result<cep::WorkloadBuilder::NodeOptions> options(const Json& json, const std::string& path) const {
    cep::WorkloadBuilder::NodeOptions out;
    ACP_TRY(out.name, text_at(json, path, "name"));
    if (json.contains("order")) {
      ACP_TRY(const std::string text, text_at(json, path, "order"));
      ACP_TRY(out.order, order_from(text, path + ".order"));
    }
    ACP_TRY(const Json outputs, list_at(json, path, "outputs"));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i].is_string()) return wrong(item(path + ".outputs", i), "a name is wanted");
      out.outputs.push_back(outputs[i].get<std::string>());
    }
    if (out.outputs.empty()) out.outputs = {out.name + "_out"};
    if (json.contains("attributes")) {
      if (!json.at("attributes").is_object()) return wrong(path + ".attributes", "an object is wanted");
      for (const auto& entry : json.at("attributes").items()) {
        ACP_TRY(cep::AttrValue value, attribute_from(entry.value(), path + ".attributes." + entry.key()));
        out.attributes.push_back({entry.key(), std::move(value)});
      }
    }
    if (json.contains("body")) {
      if (depth_ == kMaxDepth) return acp::over_limit("CEP-JSON-5", path, "sub-graphs nested over 8 deep");
      const Json& body = json.at("body");
      ACP_CHECK(keys_among(body, path + ".body", {"name", "inputs", "constants", "nodes", "outputs"}));
      ACP_TRY(const std::string name, text_at(body, path + ".body", "name"));
      ACP_TRY(cep::Workload inner, Reader(name, path + ".body.", depth_ + 1).read(body));
      out.body.push_back(std::move(inner));
    }
    return out;
  }

  acp::Status node(const Json& json, const std::string& path) {
    ACP_CHECK(keys_among(json, path, {"name", "op", "inputs", "outputs", "attributes", "order", "body"}));
    ACP_TRY(const std::string op, text_at(json, path, "op"));
    ACP_TRY(cep::WorkloadBuilder::NodeOptions node_options, options(json, path));
    ACP_TRY(const Json list, list_at(json, path, "inputs"));
    std::vector<cep::TensorId> inputs;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].is_null()) {
        inputs.push_back(cep::kNoId);
        continue;
      }
      ACP_TRY(const cep::TensorId id, known(list[i], item(path + ".inputs", i)));
      inputs.push_back(id);
    }
    const std::vector<std::string> names = node_options.outputs;
    auto made = builder_.node(op, std::move(inputs), std::move(node_options));
    if (!made) return acp::at(path, std::move(made).error());
    for (std::size_t i = 0; i < made->size(); ++i) ACP_CHECK(named(names[i], path, (*made)[i]));
    return acp::ok();
  }

  acp::Status output(const Json& json, const std::string& path) {
    ACP_TRY(const cep::TensorId id, known(json, path));
    builder_.output(id);
    return acp::ok();
  }

  cep::WorkloadBuilder builder_;
  std::string path_;
  int depth_;
  std::map<std::string, cep::TensorId> ids_;
};

Json attribute_json(const cep::AttrValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json node_json(const cep::Workload& workload, const cep::Node& node);

Json graph_json(const cep::Workload& workload) {
  Json out = {{"name", workload.name}, {"inputs", Json::array()}};
  const auto add = [&](const char* list, Json entry) { out[list].push_back(std::move(entry)); };
  for (const cep::TensorId id : workload.inputs)
    add("inputs", {{"name", workload.tensors[id].name}, {"type", type_text(workload.tensors[id].type)}});
  for (const cep::Tensor& tensor : workload.tensors) {
    if (tensor.kind == cep::TensorKind::kWeight) {
      add("weights", {{"name", tensor.name},
                      {"type", type_text(tensor.type)},
                      {"digest", acp::to_string(tensor.digest)}});
    } else if (tensor.kind == cep::TensorKind::kConstant && tensor.type.dims.empty()) {
      add("constants", {{"name", tensor.name}, {"value", tensor.constant.front()}});
    } else if (tensor.kind == cep::TensorKind::kConstant) {
      add("constants", {{"name", tensor.name}, {"values", tensor.constant}});
    }
  }
  out["nodes"] = Json::array();
  for (const cep::Node& node : workload.nodes) add("nodes", node_json(workload, node));
  out["outputs"] = Json::array();
  for (const cep::TensorId id : workload.outputs) add("outputs", workload.tensors[id].name);
  return out;
}

Json node_json(const cep::Workload& workload, const cep::Node& node) {
  Json out = {{"name", node.name}, {"op", node.op}, {"inputs", Json::array()}, {"outputs", Json::array()}};
  for (const cep::TensorId id : node.inputs)
    out["inputs"].push_back(id == cep::kNoId ? Json() : Json(workload.tensors[id].name));
  for (const cep::TensorId id : node.outputs) out["outputs"].push_back(workload.tensors[id].name);
  for (const cep::Attribute& attribute : node.attributes)
    out["attributes"][attribute.name] = attribute_json(attribute.value);
  for (const auto& row : kOrders) {
    if (row.kind != node.order.kind) continue;
    out["order"] =
        std::string(row.name) + (node.order.block > 0 ? ":" + std::to_string(node.order.block) : "");
  }
  for (const cep::Workload& body : node.body) out["body"] = graph_json(body);
  return out;
}

}  // namespace

acp::Result<cep::Workload> parse_workload_json(std::string_view text) {
  ACP_TRY(const Json json, parsed(text));
  ACP_CHECK(keys_among(json, "", {"cep", "name", "inputs", "weights", "constants", "nodes", "outputs"}));
  if (!json.contains("cep") || json.at("cep") != 1)
    return missing("cep", "\"cep\": 1 is missing, or another version");
  ACP_TRY(const std::string name, text_at(json, "", "name"));
  ACP_TRY(cep::Workload workload, Reader(name, "", 0).read(json));
  ACP_CHECK(cep::check_workload(workload));
  return workload;
}

std::string workload_to_json(const cep::Workload& workload) {
  Json out = {{"cep", 1}};
  out.update(graph_json(workload));
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace tools
