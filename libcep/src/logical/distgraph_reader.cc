#include "logical/distgraph_reader.h"

#include <algorithm>
#include <cstring>

#include "logical/limits.h"
#include "logical/names.h"

namespace cep::logical {
namespace {

constexpr std::string_view kKindNames[] = {"header", "tensor", "node", "ptensor", "pnode"};

// The names of a line's fields that are read, and their positions.
template <std::size_t n>
using Names = std::array<std::string_view, n>;
namespace header {
enum : std::size_t { kFormat, kVersion, kName, kParallel, kVariables, kCounts };
constexpr Names<6> kNames = {"format", "version", "name", "parallel", "variables", "counts"};
}  // namespace header
namespace tensor {
enum : std::size_t { kId, kShape, kDtype, kRole, kName, kOutput };
constexpr Names<6> kNames = {"id", "shape", "dtype", "role", "name", "output"};
}  // namespace tensor
namespace piece {
enum : std::size_t { kId, kRank, kShape, kDtype, kRole, kBind, kYield };
constexpr Names<7> kNames = {"id", "rank", "shape", "dtype", "role", "bind", "yield"};
}  // namespace piece
namespace node {
enum : std::size_t { kId, kRank, kMb, kSeq, kOp, kDir, kAt, kComm, kIn, kOut };
constexpr Names<10> kNames = {"id", "rank", "mb", "seq", "op", "dir", "at", "comm", "in", "out"};
}  // namespace node
namespace comm {
enum : std::size_t { kKind, kId, kRanks, kDim, kOtherDim, kSrc, kDst, kRoot, kRootPosition, kReduce };
constexpr Names<10> kNames = {"kind", "id",  "ranks", "dim",           "other_dim",
                              "src",  "dst", "root",  "root_position", "reduce"};
}  // namespace comm
namespace claim {
enum : std::size_t { kRef, kSlice, kPart };
constexpr Names<3> kNames = {"ref", "slice", "part"};
}  // namespace claim

struct RoleName {
  std::string_view name;
  Role role;
};
constexpr RoleName kRoles[] = {{"act", Role::kValue},   {"grad", Role::kValue},  {"param", Role::kParameter},
                               {"input", Role::kInput}, {"wgrad", Role::kValue}, {"buffer", Role::kBuffer},
                               {"seed", Role::kSeed},   {"loss", Role::kValue},  {"value", Role::kValue}};

constexpr std::int64_t kMost = limits::kMaxMagnitude;

[[noreturn]] void over(const Path& path, std::string what) {
  throw Refusal{acp::over_limit("CEP-DIST-7", path.text(), std::move(what))};
}

Role role_of(Json value, const Path& path) {
  const std::string_view name = text_of(value, path);
  const auto* found = std::ranges::find(kRoles, name, &RoleName::name);
  if (found == std::end(kRoles)) refuse_value(path, "no such role");
  return found->role;
}

std::string name_of(Json value, const Path& path) {
  const std::string_view name = text_of(value, path);
  if (name.size() > limits::kMaxNameBytes) refuse_value(path, "longer than a name may be");
  return std::string(name);
}

}  // namespace

acp::Status DistgraphReader::line(std::string_view text) {
  ++line_;
  try {
    parse(text);
    return acp::ok();
  } catch (Refusal& refusal) {
    return std::move(refusal.error);
  }
}

void DistgraphReader::parse(std::string_view text) {
  const Path path{line_};
  if (text.size() > limits::kMaxLineBytes) over(path, "a line of more than 2^20 bytes");
  if (padded_.size() < text.size() + simdjson::SIMDJSON_PADDING) {
    padded_.resize(2 * text.size() + simdjson::SIMDJSON_PADDING);
  }
  std::memcpy(padded_.data(), text.data(), text.size());
  Json object;
  const auto fault = parser_.parse(padded_.data(), text.size(), false).get(object);
  if (fault != simdjson::SUCCESS || !object.is_object()) {
    throw Refusal{
        acp::malformed("CEP-DIST-1", path.text(),
                       fault == simdjson::SUCCESS ? "not a JSON object" : simdjson::error_message(fault))};
  }
  constexpr Names<1> kKindField = {"kind"};
  const Fields fields(object, kKindField, path);
  const std::string_view name = text_of(fields[0], fields.path(0));
  const auto* known = std::ranges::find(kKindNames, name);
  const auto kind = static_cast<Kind>(known - kKindNames);
  if (version_ == 0 && kind != Kind::kHeader) {
    throw Refusal{acp::malformed("CEP-DIST-2", path.text(), "the first line is not a header")};
  }
  if (known == std::end(kKindNames) || kind < last_kind_ || (version_ != 0 && kind == Kind::kHeader)) {
    throw Refusal{acp::malformed("CEP-DIST-3", path.text(),
                                 "no line of kind " + std::string(name) + " may stand here")};
  }
  last_kind_ = kind;
  if (++counts_[static_cast<std::size_t>(kind)] > limits::kMaxItems)
    over(path, "more than 2^24 lines of a kind");
  switch (kind) {
    case Kind::kHeader: return read_header(object, path);
    case Kind::kTensor: return read_tensor(object, path);
    case Kind::kPieceTensor: return read_piece(object, path);
    case Kind::kNode:
    case Kind::kPieceNode: return read_node(object, path, kind);
  }
}

void DistgraphReader::read_header(Json object, const Path& path) {
  const Fields fields(object, header::kNames, path);
  const auto wrong = [&](std::size_t field, const char* what) {
    throw Refusal{acp::malformed("CEP-DIST-2", fields.path(field).text(), what)};
  };
  if (text_of(fields[header::kFormat], fields.path(header::kFormat)) != "distgraph-jsonl") {
    wrong(header::kFormat, "not distgraph-jsonl");
  }
  const std::int64_t version = integer_of(fields[header::kVersion], 0, kMost, fields.path(header::kVersion));
  if (version != 1 && version != 2) wrong(header::kVersion, "neither version 1 nor version 2");
  version_ = static_cast<int>(version);
  Plan& plan = document_.plan;
  plan.name = name_of(fields[header::kName], fields.path(header::kName));
  constexpr Names<1> kRanks = {"ranks"};
  const Path parallel = fields.path(header::kParallel);
  const Fields sizes(fields[header::kParallel], kRanks, parallel);
  plan.ranks = integer_of(sizes[0], 1, limits::kMaxPoints, sizes.path(0));
  if (fields.has(header::kVariables)) {
    const Path list = fields.path(header::kVariables);
    if (version_ != 2) wrong(header::kVariables, "version 1 has no variables");
    for (const Json item : list_of(fields[header::kVariables], list)) {
      const Path at = list[plan.variables.size()];
      const simdjson::dom::array pair = list_of(item, at);
      if (pair.size() != 2) refuse_value(at, "not a name and a size");
      if (plan.variables.size() == limits::kMaxVariables) over(at, "more than 8 variables");
      const std::string name = name_of(pair.at(0).value(), at[0]);
      const auto same = [&](const Variable& variable) { return variable.name == name; };
      if (name.empty() || name == "c" || std::ranges::any_of(plan.variables, same)) {
        refuse_value(at[0], "a variable's name is its own, and not \"c\"");
      }
      plan.variables.push_back({name, integer_of(pair.at(1).value(), 1, limits::kMaxPoints, at[1])});
    }
  }
  if (!fields.has(header::kCounts)) return;
  const Path at = fields.path(header::kCounts);
  const Fields counts(fields[header::kCounts], kKindNames, at);
  for (std::size_t kind = 1; kind < kKinds; ++kind) {
    if (counts.has(kind)) announced_[kind] = integer_of(counts[kind], 0, kMost, counts.path(kind));
  }
}

std::uint32_t DistgraphReader::add_id(Json id, Kind kind, std::size_t position, const Path& path) {
  const auto number = static_cast<std::uint32_t>(integer_of(id, 0, kNone - 1, path));
  if (!ids_.add(number, {kind, static_cast<Id>(position)})) {
    throw Refusal{
        acp::malformed("CEP-DIST-5", path.text(), std::to_string(number) + " is another line's id")};
  }
  return number;
}

Id DistgraphReader::find(Json id, Kind kind, const Path& path) const {
  const auto number = static_cast<std::uint32_t>(integer_of(id, 0, kNone - 1, path));
  const Known* known = ids_.find(number);
  if (known == nullptr || known->kind != kind) {
    throw Refusal{acp::malformed("CEP-DIST-5", path.text(),
                                 "no " + std::string(kKindNames[static_cast<std::size_t>(kind)]) +
                                     " above has id " + std::to_string(number))};
  }
  return known->position;
}

Affine DistgraphReader::read_affine(Json value, const Path& path) const {
  return affine_of(value, document_.plan.variables, path);
}

void DistgraphReader::read_tensor_fields(Tensor& tensor, Json shape, Json dtype, const Path& path,
                                         Kind kind) {
  const Path shape_path = path / "shape";
  tensor.shape =
      side(kind).shapes(program(kind).shapes, integers_of(shape, 0, kMost, limits::kMaxRank, shape_path));
  const auto element = named<Element>(kDtypeNames, text_of(dtype, path / "dtype"));
  if (!element) refuse_value(path / "dtype", "no such dtype");
  tensor.element = *element;
}

void DistgraphReader::read_tensor(Json object, const Path& path) {
  const Fields fields(object, tensor::kNames, path);
  Reference& reference = document_.reference;
  std::vector<Tensor>& tensors = reference.program.tensors;
  Tensor value;
  value.source = add_id(fields[tensor::kId], Kind::kTensor, tensors.size(), fields.path(tensor::kId));
  read_tensor_fields(value, fields[tensor::kShape], fields[tensor::kDtype], path, Kind::kTensor);
  value.role = role_of(fields[tensor::kRole], fields.path(tensor::kRole));
  reference.names.push_back(
      fields.has(tensor::kName) ? name_of(fields[tensor::kName], fields.path(tensor::kName)) : "");
  if (fields.has(tensor::kOutput) && truth_of(fields[tensor::kOutput], fields.path(tensor::kOutput))) {
    reference.outputs.push_back(static_cast<Id>(tensors.size()));
  }
  tensors.push_back(value);
}

void DistgraphReader::read_piece(Json object, const Path& path) {
  const Fields fields(object, piece::kNames, path);
  Plan& plan = document_.plan;
  std::vector<Tensor>& tensors = plan.program.tensors;
  const auto id = static_cast<Id>(tensors.size());
  Tensor value;
  value.source = add_id(fields[piece::kId], Kind::kPieceTensor, id, fields.path(piece::kId));
  value.place = places_(plan.places, read_affine(fields[piece::kRank], fields.path(piece::kRank)));
  read_tensor_fields(value, fields[piece::kShape], fields[piece::kDtype], path, Kind::kPieceTensor);
  value.role = role_of(fields[piece::kRole], fields.path(piece::kRole));
  tensors.push_back(value);
  if (fields.has(piece::kBind)) read_bind(fields[piece::kBind], fields.path(piece::kBind), id);
  if (fields.has(piece::kYield)) read_yield(fields[piece::kYield], fields.path(piece::kYield), id);
}

Box DistgraphReader::read_box(Json value, const Path& path) const {
  const simdjson::dom::array list = list_of(value, path);
  if (list.size() > limits::kMaxRank) refuse_value(path, "more dimensions than a tensor may have");
  Box box;
  box.reserve(list.size());
  for (const Json item : list) {
    const Path at = path[box.size()];
    const simdjson::dom::array pair = list_of(item, at);
    if (pair.size() != 2) refuse_value(at, "not a begin and an end");
    Affine begin = read_affine(pair.at(0).value(), at[0]);
    const Affine end = read_affine(pair.at(1).value(), at[1]);
    if (begin.by_variable != end.by_variable) refuse_value(at, "its length depends on a variable");
    if (end.constant < begin.constant) refuse_value(at, "ends before it begins");
    const std::int64_t size = end.constant - begin.constant;
    box.push_back({std::move(begin), size});
  }
  return box;
}

void DistgraphReader::read_bind(Json object, const Path& path, Id tensor) {
  const Fields fields(object, claim::kNames, path);
  const Id reference = find(fields[claim::kRef], Kind::kTensor, fields.path(claim::kRef));
  document_.plan.binds.push_back(
      {tensor, reference, read_box(fields[claim::kSlice], fields.path(claim::kSlice))});
}

void DistgraphReader::read_yield(Json object, const Path& path, Id tensor) {
  const Fields fields(object, claim::kNames, path);
  Yield yield{tensor,
              find(fields[claim::kRef], Kind::kTensor, fields.path(claim::kRef)),
              read_box(fields[claim::kSlice], fields.path(claim::kSlice)),
              {},
              1};
  if (fields.has(claim::kPart)) {
    const Path at = fields.path(claim::kPart);
    const simdjson::dom::array pair = list_of(fields[claim::kPart], at);
    if (pair.size() != 2) refuse_value(at, "not a part and the number of parts");
    yield.part = read_affine(pair.at(0).value(), at[0]);
    yield.parts = integer_of(pair.at(1).value(), 1, kMost, at[1]);
  }
  document_.plan.yields.push_back(std::move(yield));
}

void DistgraphReader::read_operands(Json value, const Path& path, Kind kind, std::vector<Id>& ids) const {
  ids.clear();
  for (const Json item : list_of(value, path)) {
    if (ids.size() == limits::kMaxMembers) over(path, "more than 2^14 operands of a line");
    ids.push_back(find(item, kind, path[ids.size()]));
  }
}

void DistgraphReader::check_sequence(Json value, Id place, const Path& path) {
  std::vector<std::int64_t>& last = plan_.last_sequence;
  const std::size_t at = place == kNone ? 0 : place + 1;
  if (last.size() <= at) last.resize(at + 1, -1);
  const std::int64_t number = integer_of(value, 0, kMost, path);
  if (number <= last[at])
    refuse_value(path, "the lines of a rank do not stand in the order of their numbers");
  last[at] = number;
}

void DistgraphReader::read_node(Json object, const Path& path, Kind kind) {
  const Fields fields(object, node::kNames, path);
  Program& to = program(kind);
  const bool plan = kind == Kind::kPieceNode;
  const Kind operand = plan ? Kind::kPieceTensor : Kind::kTensor;
  Node value;
  value.source = add_id(fields[node::kId], kind, to.nodes.size(), fields.path(node::kId));
  if (plan) {
    value.place = places_(document_.plan.places, read_affine(fields[node::kRank], fields.path(node::kRank)));
    const bool shared = !fields.has(node::kMb) || fields[node::kMb].is_null();
    value.micro_batch =
        shared
            ? -1
            : static_cast<std::int32_t>(integer_of(fields[node::kMb], 0, 0x7fffffff, fields.path(node::kMb)));
  }
  if (fields.has(node::kSeq)) check_sequence(fields[node::kSeq], value.place, fields.path(node::kSeq));
  const Path in = fields.path(node::kIn), out = fields.path(node::kOut);
  read_operands(fields[node::kIn], in, operand, inputs_);
  read_operands(fields[node::kOut], out, operand, outputs_);
  input_shapes_.clear();
  output_shapes_.clear();
  for (const Id id : inputs_) input_shapes_.push_back(&to.shape(id));
  for (const Id id : outputs_) output_shapes_.push_back(&to.shape(id));

  SourceLine line;
  line.op = text_of(fields[node::kOp], fields.path(node::kOp));
  const std::string_view direction = text_of(fields[node::kDir], fields.path(node::kDir));
  if (direction != "fw" && direction != "bw") refuse_value(fields.path(node::kDir), "neither fw nor bw");
  line.backward = direction == "bw";
  if (fields.has(node::kAt)) line.attributes = fields[node::kAt];
  line.inputs = input_shapes_;
  line.outputs = output_shapes_;
  if (!inputs_.empty() || !outputs_.empty()) {
    line.element = to.tensors[inputs_.empty() ? outputs_.front() : inputs_.front()].element;
  }
  line.communicates = plan && fields.has(node::kComm) && !fields[node::kComm].is_null();
  line.version = version_;
  line.variables = document_.plan.variables;
  std::string reason;
  std::optional<Translation> what = translate(line, path, reason);
  if (!what) {
    std::string full =
        std::string(line.op) + (line.backward ? " (bw)" : " (fw)") + (reason.empty() ? "" : ": " + reason);
    unsupported_.try_emplace(std::move(full), line_);
    return;
  }
  if (what->keep == Keep::kNothing) return;
  if (what->keep == Keep::kFirstOperand && inputs_.size() > 1)
    inputs_.erase(inputs_.begin() + 1, inputs_.end());
  if (line.communicates) {
    read_comm(fields[node::kComm], fields.path(node::kComm), value, *what);
    what->operation.name = to_string(value.comm);
  }
  if (to.operands.size() + inputs_.size() + outputs_.size() > limits::kMaxOperands)
    over(path, "more than 2^26 operands");
  value.operation = side(kind).operations(to.operations, what->operation);
  value.inputs = static_cast<std::uint32_t>(inputs_.size());
  value.outputs = static_cast<std::uint32_t>(outputs_.size());
  value.first_input = static_cast<std::uint32_t>(to.operands.size());
  value.first_output = value.first_input + value.inputs;
  to.operands.insert(to.operands.end(), inputs_.begin(), inputs_.end());
  to.operands.insert(to.operands.end(), outputs_.begin(), outputs_.end());
  to.nodes.push_back(value);
}

Id DistgraphReader::read_group(Json value, const Path& path) {
  Group group;
  if (value.is_string()) {
    const std::string_view name = text_of(value, path);
    const std::vector<Variable>& variables = document_.plan.variables;
    const auto at = std::ranges::find(variables, name, &Variable::name);
    if (at == variables.end()) refuse_value(path, "no such variable");
    group.variable = static_cast<Id>(at - variables.begin());
  } else {
    const simdjson::dom::array list = list_of(value, path);
    if (list.size() > limits::kMaxMembers) over(path, "a group of more than 2^14 members");
    group.ranks.reserve(list.size());
    for (const Json rank : list) group.ranks.push_back(read_affine(rank, path[group.ranks.size()]));
  }
  return groups_(document_.plan.groups, group);
}

void DistgraphReader::read_comm(Json object, const Path& path, Node& value, const Translation& what) {
  const Fields fields(object, comm::kNames, path);
  const std::string_view name = text_of(fields[comm::kKind], fields.path(comm::kKind));
  const auto kind = version_ == 1 && name == "recv" ? CommKind::kReceive : named<CommKind>(kCommNames, name);
  if (!kind || (what.comms >> static_cast<unsigned>(*kind) & 1u) == 0) {
    refuse_value(fields.path(comm::kKind), "not what the operator does");
  }
  value.comm = *kind;
  const auto dim = [&](std::size_t field) {
    return static_cast<std::uint8_t>(integer_of(fields[field], 0, limits::kMaxRank - 1, fields.path(field)));
  };
  const bool pair = *kind == CommKind::kSend || *kind == CommKind::kReceive;
  if (pair) {
    const Group ends{{read_affine(fields[comm::kSrc], fields.path(comm::kSrc)),
                      read_affine(fields[comm::kDst], fields.path(comm::kDst))},
                     kNone};
    value.group = groups_(document_.plan.groups, ends);
  } else {
    value.group = read_group(fields[comm::kRanks], fields.path(comm::kRanks));
  }
  if (*kind == CommKind::kAllReduce || *kind == CommKind::kReduceScatter) {
    if (text_of(fields[comm::kReduce], fields.path(comm::kReduce)) != "sum") {
      refuse_value(fields.path(comm::kReduce), "not a sum");
    }
  }
  if (!pair && *kind != CommKind::kAllReduce && *kind != CommKind::kBroadcast) value.dim = dim(comm::kDim);
  if (*kind == CommKind::kAllToAll) value.other_dim = dim(comm::kOtherDim);
  if (*kind == CommKind::kBroadcast && version_ == 1) {
    const Affine root = read_affine(fields[comm::kRoot], fields.path(comm::kRoot));
    const std::vector<Affine>& ranks = document_.plan.groups[value.group].ranks;
    const auto at = std::ranges::find(ranks, root);
    if (at == ranks.end()) refuse_value(fields.path(comm::kRoot), "not a member of the group");
    value.root = static_cast<std::uint16_t>(at - ranks.begin());
  } else if (*kind == CommKind::kBroadcast) {
    value.root = static_cast<std::uint16_t>(integer_of(
        fields[comm::kRootPosition], 0, limits::kMaxMembers - 1, fields.path(comm::kRootPosition)));
  }
  if (*kind == CommKind::kChunk) return;
  value.message = messages_.find_or_add(integer_of(fields[comm::kId], 0, kMost, fields.path(comm::kId))).id;
}

acp::Result<Document> DistgraphReader::finish() {
  if (version_ == 0) return acp::malformed("CEP-DIST-2", "", "no header");
  for (std::size_t kind = 1; kind < kKinds; ++kind) {
    if (announced_[kind] < 0 || static_cast<std::uint64_t>(announced_[kind]) == counts_[kind]) continue;
    return acp::malformed("CEP-DIST-2", "line 1.counts." + std::string(kKindNames[kind]),
                          "the file has " + std::to_string(counts_[kind]) + " such lines");
  }
  if (!unsupported_.empty()) {
    std::string all;
    for (const auto& [what, first] : unsupported_) {
      all += (all.empty() ? "" : "; ") + what + " first on line " + std::to_string(first);
    }
    return acp::unsupported("CEP-DIST-6", "", "without a meaning: " + all);
  }
  return std::move(document_);
}

}  // namespace cep::logical
