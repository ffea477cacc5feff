// Workloads on the wire.
#include <bit>

#include "cep/certificate.h"
#include "wire/fields.h"
#include "wire/workload.h"

namespace cep {
namespace wire {
namespace {

static_assert(static_cast<int>(schema::TensorKind::VALUE) == static_cast<int>(TensorKind::kValue));
static_assert(static_cast<int>(schema::OrderKind::ANY) == static_cast<int>(OrderKind::kAny));

// Sub-graphs within sub-graphs: a hostile workload must not overflow the stack of a recursive reader.
constexpr int kMaxDepth = 8;

// ---- Writing ----

struct WriteValue {
  schema::Attribute::Value::Builder out;
  void operator()(std::int64_t value) { out.setInt(value); }
  void operator()(float value) { out.setFloat(std::bit_cast<std::uint32_t>(value)); }
  void operator()(const std::string& value) {
    out.setString({reinterpret_cast<const kj::byte*>(value.data()), value.size()});
  }
  void operator()(const std::vector<std::int64_t>& values) {
    auto list = out.initInts(static_cast<unsigned>(values.size()));
    for (unsigned i = 0; i < values.size(); ++i) list.set(i, values[i]);
  }
  void operator()(const std::vector<float>& values) {
    auto list = out.initFloats(static_cast<unsigned>(values.size()));
    for (unsigned i = 0; i < values.size(); ++i) list.set(i, std::bit_cast<std::uint32_t>(values[i]));
  }
};

void write_tensor(schema::Tensor::Builder out, const Tensor& tensor) {
  write_text(tensor.name, [&](auto text) { out.setName(text); });
  out.setKind(wire_enum<schema::TensorKind>(tensor.kind));
  write_type(out.initType(), tensor.type);
  write_numbers(tensor.constant, [&](unsigned n) { return out.initConstant(n); });
  write_digest(tensor.digest, [&](auto data) { out.setDigest(data); });
}

void write_workload(schema::Workload::Builder out, const Workload& workload);

void write_node(schema::Node::Builder out, const Node& node) {
  write_text(node.name, [&](auto text) { out.setName(text); });
  write_text(node.domain, [&](auto text) { out.setDomain(text); });
  write_text(node.op, [&](auto text) { out.setOp(text); });
  write_numbers(node.inputs, [&](unsigned n) { return out.initInputs(n); });
  write_numbers(node.outputs, [&](unsigned n) { return out.initOutputs(n); });
  write_list(
      node.attributes, [&](unsigned n) { return out.initAttributes(n); },
      [](schema::Attribute::Builder to, const Attribute& attribute) {
        write_text(attribute.name, [&](auto text) { to.setName(text); });
        std::visit(WriteValue{to.getValue()}, attribute.value);
      });
  out.setOrder(wire_enum<schema::OrderKind>(node.order.kind));
  out.setOrderBlock(node.order.block);
  write_list(node.body, [&](unsigned n) { return out.initBody(n); }, write_workload);
}

void write_workload(schema::Workload::Builder out, const Workload& workload) {
  write_text(workload.name, [&](auto text) { out.setName(text); });
  write_list(workload.tensors, [&](unsigned n) { return out.initTensors(n); }, write_tensor);
  write_list(workload.nodes, [&](unsigned n) { return out.initNodes(n); }, write_node);
  write_numbers(workload.inputs, [&](unsigned n) { return out.initInputs(n); });
  write_numbers(workload.outputs, [&](unsigned n) { return out.initOutputs(n); });
}

// ---- Reading ----

AttrValue read_value(schema::Attribute::Value::Reader value) {
  using Which = schema::Attribute::Value::Which;
  switch (value.which()) {
    case Which::INT: return value.getInt();
    case Which::FLOAT: return std::bit_cast<float>(value.getFloat());
    case Which::STRING: {
      const auto data = value.getString();
      if (data.size() > kMaxStringBytes) refuse_size("the bytes of an attribute's string");
      return std::string(data.begin(), data.end());
    }
    case Which::INTS: return read_numbers<std::int64_t>(value.getInts());
    case Which::FLOATS: {
      std::vector<float> floats;
      for (const std::uint32_t bits : read_numbers<std::uint32_t>(value.getFloats())) {
        floats.push_back(std::bit_cast<float>(bits));
      }
      return floats;
    }
  }
  refuse_value("an unknown kind of attribute");
}

Tensor read_tensor(schema::Tensor::Reader tensor) {
  return {.name = read_text(tensor.getName()),
          .kind = read_enum(tensor.getKind(), TensorKind::kInput, TensorKind::kValue),
          .type = read_type(tensor.getType()),
          .constant = read_numbers<std::int64_t>(tensor.getConstant()),
          .digest = read_digest(tensor.getDigest())};
}

Workload read_workload(schema::Workload::Reader workload, int depth);

Node read_node(schema::Node::Reader node, int depth) {
  Node value;
  value.name = read_text(node.getName());
  value.domain = read_text(node.getDomain());
  value.op = read_text(node.getOp());
  value.inputs = read_numbers<std::uint32_t>(node.getInputs());
  value.outputs = read_numbers<std::uint32_t>(node.getOutputs());
  value.attributes = read_list("attributes", node.getAttributes(), [](schema::Attribute::Reader attribute) {
    return Attribute{read_text(attribute.getName()), read_value(attribute.getValue())};
  });
  value.order = {read_enum(node.getOrder(), OrderKind::kNone, OrderKind::kAny), node.getOrderBlock()};
  value.body = read_list(
      "body", node.getBody(), [&](schema::Workload::Reader body) { return read_workload(body, depth + 1); },
      1);
  return value;
}

Workload read_workload(schema::Workload::Reader workload, int depth) {
  if (depth > kMaxDepth) refuse_size("sub-graphs within sub-graphs");
  Workload value;
  value.name = read_text(workload.getName());
  value.tensors = read_list("tensors", workload.getTensors(), read_tensor);
  value.nodes = read_list("nodes", workload.getNodes(),
                          [&](schema::Node::Reader node) { return read_node(node, depth); });
  value.inputs = read_numbers<std::uint32_t>(workload.getInputs());
  value.outputs = read_numbers<std::uint32_t>(workload.getOutputs());
  return value;
}

}  // namespace
}  // namespace wire

std::vector<std::byte> encode(const Workload& workload) {
  return wire::encode_frame<schema::Workload>(
      wire::kWorkloadMagic, [&](schema::Workload::Builder root) { wire::write_workload(root, workload); });
}

namespace wire {
acp::Result<Workload> decode_unchecked_workload(std::span<const std::byte> bytes) {
  return decode_frame<schema::Workload>(
      kWorkloadMagic, bytes, [](schema::Workload::Reader root) { return read_workload(root, 0); },
      [](const Workload& value) { return encode(value); });
}
}  // namespace wire

acp::Result<Workload> decode_workload(std::span<const std::byte> bytes) {
  ACP_TRY(Workload workload, wire::decode_unchecked_workload(bytes));
  ACP_CHECK(check_workload(workload));
  return workload;
}

acp::Digest digest_of(const Workload& workload) { return acp::sha256(encode(workload)); }

}  // namespace cep
