#include "cep/logical_wire.h"

#include <bit>
#include <cstring>

#include "logical/limits.h"
#include "wire/fields.h"

#include "logical.capnp.h"

namespace cep::logical {
namespace {

using wire::read_list;
using wire::read_numbers;
using wire::read_text;
using wire::require_value;
using wire::wire_text;
using wire::write_list;
using wire::write_numbers;
using wire::write_text;

constexpr std::string_view kMagic = "cep-lgc1";

// The schema's numbers are ours and one more: its 0 is unknown.
static_assert(static_cast<int>(schema::Element::BOOL) == static_cast<int>(Element::kBool) + 1);
static_assert(static_cast<int>(schema::Role::VALUE) == static_cast<int>(Role::kValue) + 1);
static_assert(static_cast<int>(schema::CommKind::BROADCAST) == static_cast<int>(CommKind::kBroadcast));

// ---- Writing ----

template <typename Wire, typename Enum>
Wire from_one(Enum value) {
  return static_cast<Wire>(static_cast<std::uint16_t>(value) + 1);
}

void write_affine(schema::Affine::Builder out, const Affine& value) {
  out.setConstant(value.constant);
  write_numbers(value.by_variable, [&](unsigned n) { return out.initByVariable(n); });
}

struct WriteAttribute {
  schema::Attribute::Value::Builder out;
  void operator()(std::int64_t value) { out.setInteger(value); }
  void operator()(double value) { out.setReal(std::bit_cast<std::uint64_t>(value)); }
  void operator()(const std::string& value) { out.setText(wire_text(value)); }
  void operator()(const std::vector<std::int64_t>& value) {
    auto list = out.initIntegers(static_cast<unsigned>(value.size()));
    for (unsigned i = 0; i < value.size(); ++i) list.set(i, value[i]);
  }
  void operator()(const Affine& value) { write_affine(out.initAffine(), value); }
};

void write_operation(schema::Operation::Builder out, const Operation& value) {
  write_text(value.name, [&](auto text) { out.setName(text); });
  out.setBackward(value.backward);
  write_list(
      value.attributes, [&](unsigned n) { return out.initAttributes(n); },
      [](schema::Attribute::Builder to, const Operation::Attribute& attribute) {
        write_text(attribute.name, [&](auto text) { to.setName(text); });
        std::visit(WriteAttribute{to.getValue()}, attribute.value);
      });
}

void write_node(schema::Node::Builder to, const Node& node) {
  to.setOperation(node.operation);
  to.setPlace(node.place);
  to.setInputs(node.inputs);
  to.setOutputs(node.outputs);
  to.setMicroBatch(node.micro_batch);
  to.setComm(wire::wire_enum<schema::CommKind>(node.comm));
  to.setDim(node.dim);
  to.setOtherDim(node.other_dim);
  to.setRoot(node.root);
  to.setGroup(node.group);
  to.setMessage(node.message);
  to.setSource(node.source);
}

void write_program(schema::Program::Builder out, const Program& program) {
  if (!program.shapes.empty()) {
    auto shapes = out.initShapes(static_cast<unsigned>(program.shapes.size()));
    for (unsigned i = 0; i < program.shapes.size(); ++i) {
      write_numbers(program.shapes[i], [&](unsigned n) { return shapes.init(i, n); });
    }
  }
  write_list(program.operations, [&](unsigned n) { return out.initOperations(n); }, write_operation);
  write_list(
      program.tensors, [&](unsigned n) { return out.initTensors(n); },
      [](schema::Tensor::Builder to, const Tensor& tensor) {
        to.setShape(tensor.shape);
        to.setElement(from_one<schema::Element>(tensor.element));
        to.setRole(from_one<schema::Role>(tensor.role));
        to.setPlace(tensor.place);
        to.setSource(tensor.source);
      });
  write_list(program.nodes, [&](unsigned n) { return out.initNodes(n); }, write_node);
  std::size_t operands = 0;
  for (const Node& node : program.nodes) operands += node.inputs + node.outputs;
  if (operands == 0) return;
  auto list = out.initOperands(static_cast<unsigned>(operands));
  unsigned next = 0;
  for (const Node& node : program.nodes) {
    for (const Id id : program.inputs(node)) list.set(next++, id);
    for (const Id id : program.outputs(node)) list.set(next++, id);
  }
}

void write_box(schema::Claim::Builder out, const Box& box) {
  write_list(
      box, [&](unsigned n) { return out.initBox(n); },
      [](schema::Interval::Builder to, const Interval& side) {
        to.setBegin(side.begin.constant);
        to.setSize(side.size);
        write_numbers(side.begin.by_variable, [&](unsigned n) { return to.initBeginByVariable(n); });
      });
}

void write_plan(schema::Plan::Builder out, const Plan& plan) {
  write_text(plan.name, [&](auto text) { out.setName(text); });
  write_list(
      plan.variables, [&](unsigned n) { return out.initVariables(n); },
      [](schema::Variable::Builder to, const Variable& variable) {
        write_text(variable.name, [&](auto text) { to.setName(text); });
        to.setSize(variable.size);
      });
  write_list(plan.places, [&](unsigned n) { return out.initPlaces(n); }, write_affine);
  write_list(
      plan.groups, [&](unsigned n) { return out.initGroups(n); },
      [](schema::Group::Builder to, const Group& group) {
        write_list(group.ranks, [&](unsigned n) { return to.initRanks(n); }, write_affine);
        to.setVariable(group.variable);
      });
  write_program(out.initProgram(), plan.program);
  write_list(
      plan.binds, [&](unsigned n) { return out.initBinds(n); },
      [](schema::Claim::Builder to, const Bind& bind) {
        to.setTensor(bind.tensor);
        to.setReference(bind.reference);
        write_box(to, bind.box);
      });
  write_list(
      plan.yields, [&](unsigned n) { return out.initYields(n); },
      [](schema::Claim::Builder to, const Yield& yield) {
        to.setTensor(yield.tensor);
        to.setReference(yield.reference);
        write_box(to, yield.box);
        if (yield.part != Affine{}) write_affine(to.initPart(), yield.part);
        to.setParts(yield.parts);
      });
  out.setRanks(plan.ranks);
}

void write_document(schema::Document::Builder out, const Document& document) {
  const Reference& reference = document.reference;
  write_program(out.initReference(), reference.program);
  bool named = false;
  for (const std::string& name : reference.names) named = named || !name.empty();
  if (named) {
    auto names = out.initNames(static_cast<unsigned>(reference.names.size()));
    for (unsigned i = 0; i < reference.names.size(); ++i) {
      write_text(reference.names[i], [&](auto text) { names.set(i, text); });
    }
  }
  write_numbers(reference.outputs, [&](unsigned n) { return out.initOutputs(n); });
  write_plan(out.initPlan(), document.plan);
}

// ---- Reading ----

std::int64_t read_number(std::int64_t value) {
  require_value(limits::magnitude_ok(value), "a number beyond 2^48");
  return value;
}

std::vector<std::int64_t> read_small(capnp::List<std::int64_t>::Reader list, std::size_t max_items) {
  auto numbers = read_numbers<std::int64_t>(list, max_items);
  for (const std::int64_t number : numbers) (void)read_number(number);
  return numbers;
}

std::vector<std::int64_t> read_coefficients(capnp::List<std::int64_t>::Reader list) {
  auto numbers = read_small(list, limits::kMaxVariables);
  require_value(numbers.empty() || numbers.back() != 0, "a last coefficient that is zero");
  return numbers;
}

Affine read_affine(schema::Affine::Reader value) {
  return {read_number(value.getConstant()), read_coefficients(value.getByVariable())};
}

template <typename Enum, typename Wire>
Enum to_one(Wire value, Enum last) {
  const auto number = static_cast<std::uint16_t>(value);
  require_value(number >= 1 && number <= static_cast<std::uint16_t>(last) + 1,
                "an unknown number of an enum");
  return static_cast<Enum>(number - 1);
}

Operation::Value read_value(schema::Attribute::Value::Reader value) {
  using Which = schema::Attribute::Value::Which;
  switch (value.which()) {
    case Which::INTEGER: return read_number(value.getInteger());
    case Which::REAL: return std::bit_cast<double>(value.getReal());
    case Which::TEXT: return read_text(value.getText(), limits::kMaxNameBytes);
    case Which::INTEGERS: return read_small(value.getIntegers(), limits::kMaxNameBytes);
    case Which::AFFINE: return read_affine(value.getAffine());
  }
  wire::refuse_value("an unknown kind of attribute");
}

Operation read_operation(schema::Operation::Reader operation) {
  return {read_text(operation.getName(), limits::kMaxNameBytes), operation.getBackward(),
          read_list(
              "attributes", operation.getAttributes(),
              [](schema::Attribute::Reader attribute) {
                return Operation::Attribute{read_text(attribute.getName(), limits::kMaxNameBytes),
                                            read_value(attribute.getValue())};
              },
              limits::kMaxAttributes)};
}

Node read_node(schema::Node::Reader node) {
  Node value;
  value.operation = node.getOperation();
  value.place = node.getPlace();
  value.inputs = node.getInputs();
  value.outputs = node.getOutputs();
  value.micro_batch = node.getMicroBatch();
  value.comm = wire::read_enum(node.getComm(), CommKind::kNoComm, CommKind::kBroadcast);
  value.dim = node.getDim();
  value.other_dim = node.getOtherDim();
  value.root = node.getRoot();
  value.group = node.getGroup();
  value.message = node.getMessage();
  value.source = node.getSource();
  if (value.inputs > limits::kMaxMembers || value.outputs > limits::kMaxMembers)
    wire::refuse_size("the operands of a node");
  return value;
}

Program read_program(schema::Program::Reader program) {
  Program value;
  value.shapes = read_list(
      "shapes", program.getShapes(),
      [](capnp::List<std::int64_t>::Reader shape) { return read_small(shape, limits::kMaxRank); },
      limits::kMaxItems);
  value.operations = read_list("operations", program.getOperations(), read_operation, limits::kMaxItems);
  value.tensors = read_list(
      "tensors", program.getTensors(),
      [](schema::Tensor::Reader tensor) {
        return Tensor{tensor.getShape(), to_one<Element>(tensor.getElement(), Element::kBool),
                      to_one<Role>(tensor.getRole(), Role::kValue), tensor.getPlace(), tensor.getSource()};
      },
      limits::kMaxItems);
  value.nodes = read_list("nodes", program.getNodes(), read_node, limits::kMaxItems);
  value.operands = read_numbers<Id>(program.getOperands(), limits::kMaxOperands);
  std::uint64_t next = 0;
  for (Node& node : value.nodes) {
    node.first_input = static_cast<std::uint32_t>(next);
    node.first_output = node.first_input + node.inputs;
    next += std::uint64_t{node.inputs} + node.outputs;
    require_value(next <= value.operands.size(), "fewer operands than the nodes have");
  }
  require_value(next == value.operands.size(), "more operands than the nodes have");
  return value;
}

Box read_box(schema::Claim::Reader claim) {
  return read_list(
      "box", claim.getBox(),
      [](schema::Interval::Reader side) {
        return Interval{{read_number(side.getBegin()), read_coefficients(side.getBeginByVariable())},
                        read_number(side.getSize())};
      },
      limits::kMaxRank);
}

Plan read_plan(schema::Plan::Reader plan) {
  Plan value;
  value.name = read_text(plan.getName(), limits::kMaxNameBytes);
  value.variables = read_list(
      "variables", plan.getVariables(),
      [](schema::Variable::Reader variable) {
        return Variable{read_text(variable.getName(), limits::kMaxNameBytes),
                        read_number(variable.getSize())};
      },
      limits::kMaxVariables);
  value.places = read_list("places", plan.getPlaces(), read_affine, limits::kMaxItems);
  value.groups = read_list(
      "groups", plan.getGroups(),
      [](schema::Group::Reader group) {
        return Group{read_list("ranks", group.getRanks(), read_affine, limits::kMaxMembers),
                     group.getVariable()};
      },
      limits::kMaxItems);
  value.program = read_program(plan.getProgram());
  value.binds = read_list(
      "binds", plan.getBinds(),
      [](schema::Claim::Reader claim) {
        return Bind{claim.getTensor(), claim.getReference(), read_box(claim)};
      },
      limits::kMaxItems);
  value.yields = read_list(
      "yields", plan.getYields(),
      [](schema::Claim::Reader claim) {
        return Yield{claim.getTensor(), claim.getReference(), read_box(claim), read_affine(claim.getPart()),
                     read_number(claim.getParts())};
      },
      limits::kMaxItems);
  value.ranks = read_number(plan.getRanks());
  return value;
}

Document read_document(schema::Document::Reader document) {
  Document value;
  value.reference.program = read_program(document.getReference());
  value.reference.names = read_list(
      "names", document.getNames(),
      [](capnp::Text::Reader name) { return read_text(name, limits::kMaxNameBytes); }, limits::kMaxItems);
  if (!document.hasNames()) value.reference.names.resize(value.reference.program.tensors.size());
  value.reference.outputs = read_numbers<Id>(document.getOutputs(), limits::kMaxItems);
  value.plan = read_plan(document.getPlan());
  return value;
}

}  // namespace

std::vector<std::byte> encode(const Document& document) {
  return wire::encode_frame<schema::Document>(
      kMagic, [&](schema::Document::Builder root) { write_document(root, document); });
}

acp::Result<Document> decode_logical(std::span<const std::byte> bytes) {
  return wire::decode_frame<schema::Document>(kMagic, bytes, read_document,
                                              [](const Document& value) { return encode(value); });
}

bool is_logical(std::span<const std::byte> bytes) {
  return bytes.size() >= kMagic.size() && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

acp::Digest digest(const Document& document) { return acp::sha256(encode(document)); }

}  // namespace cep::logical
