#include "logical/dialect.h"

#include <algorithm>
#include <numeric>

#include "logical/limits.h"
#include "logical/names.h"
#include "logical/operators.h"

namespace cep::logical {
namespace {

// What becomes of an attribute of the source.
enum class Take : std::uint8_t {
  kInteger,       // kept
  kReal,          // kept
  kText,          // kept
  kAffine,        // kept
  kDimension,     // kept; negative ones count from the last
  kDimensions,    // kept, likewise
  kElement,       // kept, by our name
  kConstant,      // "const": [[1, number]], a literal in place of the second operand: the number is kept
  kNull,          // must be null, or absent
  kTrue,          // must be true
  kFalse,         // must be false, or absent
  kTargetShape,   // must be the result's shape, one -1 allowed
  kPieceShape,    // must be the piece's
  kPieceElement,  // must be the piece's
  kResultCount,   // must be the number of results
  kIgnored,       // does not matter to the value
};

struct Rule {
  std::string_view source, target;
  Take take;
  Presence presence = Presence::kRequired;
};

enum class Direction : std::uint8_t { kForward, kBackward, kBoth };
// kForward: the line's own meaning has no derivative in it, whichever direction it is part of.
enum class Form : std::uint8_t { kAsDirected, kForward };

struct Row {
  std::string_view spelling;  // '*': one of kModules stands in front
  Direction direction;
  std::string_view operation;  // empty: a communication, or nothing
  std::span<const Rule> rules;
  Form form = Form::kAsDirected;
  Keep keep = Keep::kNode;
  std::uint32_t comms = 0;
};

constexpr std::string_view kModules[] = {"genmodel.model.llama3_adpt.model.",
                                         "genmodel.model.llama3_moe.model."};

consteval std::uint32_t bit(CommKind kind) { return 1u << static_cast<unsigned>(kind); }

using enum Take;
using enum Direction;
constexpr auto kOptional = Presence::kOptional;

constexpr Rule kAdd[] = {{"alpha", "alpha", kReal}, {"const", "constant", kConstant, kOptional}};
constexpr Rule kBias[] = {{"bias", "", kNull}};
constexpr Rule kDiv[] = {{"const", "constant", kConstant}, {"rounding_mode", "", kNull}};
constexpr Rule kEmbedding[] = {
    {"start", "start", kAffine}, {"stop", "stop", kAffine}, {"padding_idx", "", kNull}};
constexpr Rule kExperts[] = {{"n_routed_experts", "count", kInteger},
                             {"local_expert_start", "start", kAffine},
                             {"local_expert_end", "stop", kAffine}};
constexpr Rule kMean[] = {{"dim", "dims", kDimensions}, {"keepdim", "", kTrue}};
constexpr Rule kMove[] = {{"shape", "", kPieceShape}, {"dtype", "", kPieceElement}};
constexpr Rule kPower[] = {{"const", "exponent", kConstant}};
constexpr Rule kRouter[] = {{"score_func", "score_func", kText},      {"n_groups", "n_groups", kInteger},
                            {"topk_groups", "topk_groups", kInteger}, {"topk", "topk", kInteger},
                            {"route_scale", "route_scale", kReal},    {"bias", "", kNull}};
constexpr Rule kSilu[] = {{"inplace", "", kFalse}};
constexpr Rule kSoftmax[] = {
    {"dim", "dim", kDimension}, {"dtype", "", kNull}, {"_stacklevel", "", kIgnored, kOptional}};
constexpr Rule kTimes[] = {{"times", "", kResultCount}};
constexpr Rule kTo[] = {{"dtype_or_device", "to", kElement}};
constexpr Rule kToFloat[] = {{"", "to", kElement}};  // not an attribute of the line: float32 by its name
constexpr Rule kTranspose[] = {{"dim0", "dim0", kDimension}, {"dim1", "dim1", kDimension}};
constexpr Rule kView[] = {{"size", "", kTargetShape}};

constexpr std::uint32_t kReduce = bit(CommKind::kAllReduce);
constexpr std::uint32_t kGather = bit(CommKind::kAllGather);
constexpr std::uint32_t kChunk = bit(CommKind::kChunk);
constexpr std::uint32_t kMoves = bit(CommKind::kSend) | bit(CommKind::kReceive);
constexpr std::uint32_t kSpread = bit(CommKind::kBroadcast);

constexpr Row comm(std::string_view spelling, Direction direction, std::uint32_t kinds,
                   std::span<const Rule> rules = {}) {
  return {spelling, direction, "", rules, Form::kForward, Keep::kNode, kinds};
}

// Every spelling of version 1.
constexpr Row kRows[] = {
    {"next", kForward, "", {}, Form::kForward, Keep::kNothing},
    {"nnscaler.runtime.function.embedding", kBoth, "embedding", kEmbedding},
    {"*create_mask", kForward, "causal_mask", {}},
    {"nnscaler.runtime.function.multiref", kForward, "copy", kTimes},
    {"nnscaler.runtime.function.multiref", kBackward, "sum", {}, Form::kForward},
    {"local_grad_accumulation", kBackward, "sum", {}, Form::kForward},
    {"nnscaler.runtime.function.identity", kBoth, "identity", {}, Form::kForward},
    {"torch.Tensor.contiguous", kForward, "identity", {}},
    {"torch.Tensor.contiguous", kBackward, "identity", {}, Form::kForward, Keep::kFirstOperand},
    {"torch.Tensor.float", kBoth, "cast", kToFloat},
    {"nnscaler.runtime.function.to", kBoth, "cast", kTo},
    {"torch.pow", kBoth, "power", kPower},
    {"torch.mean", kBoth, "mean", kMean},
    {"torch.add", kBoth, "add", kAdd},
    {"torch.rsqrt", kBoth, "rsqrt", {}},
    {"torch.mul", kBoth, "mul", {}},
    {"torch.div", kBoth, "div", kDiv},
    {"torch.nn.functional.linear", kBoth, "linear", kBias},
    {"torch.matmul", kBoth, "matmul", {}},
    {"torch.Tensor.view", kBoth, "reshape", kView},
    {"torch.transpose", kBoth, "transpose", kTranspose},
    {"*apply_rotary_emb", kBoth, "rotary", {}},
    {"*apply_mask", kBoth, "add_mask", {}},
    {"torch.nn.functional.softmax", kBoth, "softmax", kSoftmax},
    {"torch.nn.functional.silu", kBoth, "silu", kSilu},
    {"torch.sum", kBoth, "sum_all", {}},
    {"*gate_fw", kBoth, "router", kRouter},
    {"*nnscaler_moe_gmm", kBoth, "experts", kExperts},
    comm("reducer", kBackward, kReduce),
    comm("nnscaler.runtime.adapter.chunk", kBoth, kChunk),
    comm("nnscaler.runtime.adapter.move", kBoth, kMoves, kMove),
    comm("nnscaler.runtime.adapter.all_gather", kBoth, kGather),
    comm("nnscaler.runtime.adapter.broadcast", kBoth, kSpread, kMove),
    comm("nnscaler.runtime.adapter.nn.allreduce_identity", kForward, kReduce),
    comm("nnscaler.runtime.adapter.nn.identity_allreduce", kBackward, kReduce),
    comm("nnscaler.runtime.adapter.nn.allgather_split", kForward, kGather),
    comm("nnscaler.runtime.adapter.nn.allgather_split", kBackward, kChunk),
    comm("nnscaler.runtime.adapter.nn.split_allgather", kForward, kChunk),
    comm("nnscaler.runtime.adapter.nn.split_allgather", kBackward, kGather),
};

bool spells(const Row& row, std::string_view op, bool backward) {
  if (row.direction == (backward ? kForward : kBackward)) return false;
  if (!row.spelling.starts_with('*')) return op == row.spelling;
  return std::ranges::any_of(kModules, [&](std::string_view module) {
    return op.starts_with(module) && op.substr(module.size()) == row.spelling.substr(1);
  });
}

const Row* row_of(std::string_view op, bool backward) {
  const auto* row = std::ranges::find_if(kRows, [&](const Row& r) { return spells(r, op, backward); });
  return row == std::end(kRows) ? nullptr : row;
}

[[noreturn]] void contradicts(const Path& path, std::string message) {
  throw Refusal{acp::invalid("CEP-DIST-9", path.text(), std::move(message))};
}

std::int64_t elements_of(std::span<const std::int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, [](std::int64_t count, std::int64_t dim) {
    return count > limits::kMaxMagnitude / std::max<std::int64_t>(dim, 1) ? limits::kMaxMagnitude
                                                                          : count * dim;
  });
}

// The dimension of the forward operand that a possibly negative number means.
std::int64_t dimension(const SourceLine& line, Json value, const Path& path) {
  const std::size_t forward = line.backward ? 1 : 0;
  if (forward >= line.inputs.size()) contradicts(path, "the node has no operand with this dimension");
  const auto rank = static_cast<std::int64_t>(line.inputs[forward]->size());
  const std::int64_t dim =
      integer_of(value, -static_cast<std::int64_t>(limits::kMaxRank), limits::kMaxRank, path);
  if (dim < -rank || dim >= rank) contradicts(path, std::to_string(dim) + " is no dimension of the operand");
  return dim < 0 ? dim + rank : dim;
}

// [[1, number]].
double constant_of(Json value, const Path& path) {
  const simdjson::dom::array places = list_of(value, path);
  if (places.size() != 1) refuse_value(path, "not one constant");
  const simdjson::dom::array pair = list_of(places.at(0).value(), path[0]);
  if (pair.size() != 2) refuse_value(path[0], "not a position and a number");
  const Path item = path[0];
  (void)integer_of(pair.at(0).value(), 1, 1, item[0]);
  return real_of(pair.at(1).value(), item[1]);
}

void check_target_shape(const SourceLine& line, Json value, const Path& path) {
  std::vector<std::int64_t> size = integers_of(value, -1, limits::kMaxMagnitude, limits::kMaxRank, path);
  const std::span<const Shape* const> from = line.backward ? line.inputs : line.outputs;
  if (from.empty()) contradicts(path, "the node has no tensor of this shape");
  const auto open = std::ranges::find(size, -1);
  if (open != size.end()) {
    *open = 1;
    const std::int64_t rest = elements_of(size);
    if (rest > 0) *open = elements_of(*from.front()) / rest;
  }
  if (size != *from.front()) contradicts(path, "not the shape the tensor is declared with");
}

void check_piece_shape(const SourceLine& line, Json value, const Path& path) {
  const std::span<const Shape* const> from = line.inputs.empty() ? line.outputs : line.inputs;
  const std::vector<std::int64_t> shape =
      integers_of(value, 0, limits::kMaxMagnitude, limits::kMaxRank, path);
  if (from.empty() || shape != *from.front()) contradicts(path, "not the shape the piece is declared with");
}

Element element_named(Json value, const Path& path) {
  const auto element = named<Element>(kDtypeNames, text_of(value, path));
  if (!element) refuse_value(path, "no such dtype");
  return *element;
}

// Attributes of one line, against one row or one operator of ours.
class Taker {
 public:
  Taker(const SourceLine& line, const Path& path, Operation& operation)
      : line_(line), path_(path), operation_(operation) {}

  // False where the value is one that the dialect has no meaning for.
  bool take(const Rule& rule, Json value) {
    const Path at = path_ / "at";
    const Path place = at / rule.source;
    switch (rule.take) {
      case kInteger:
        return keep(rule, integer_of(value, -limits::kMaxMagnitude, limits::kMaxMagnitude, place));
      case kReal: return keep(rule, real_of(value, place));
      case kText: return keep(rule, short_text(value, place));
      case kAffine: return keep(rule, affine_of(value, line_.variables, place));
      case kDimension: return keep(rule, dimension(line_, value, place));
      case kDimensions: return keep(rule, dimensions(value, place));
      case kElement: return keep(rule, std::string(to_string(element_named(value, place))));
      case kConstant: return keep(rule, constant_of(value, place));
      case kNull: return value.is_null();
      case kTrue: return truth_of(value, place);
      case kFalse: return !truth_of(value, place);
      case kTargetShape: check_target_shape(line_, value, place); return true;
      case kPieceShape: check_piece_shape(line_, value, place); return true;
      case kPieceElement:
        if (element_named(value, place) != line_.element) contradicts(place, "not the dtype of the piece");
        return true;
      case kResultCount:
        if (integer_of(value, 0, limits::kMaxMembers, place) !=
            static_cast<std::int64_t>(line_.outputs.size())) {
          contradicts(place, "not the number of results");
        }
        return true;
      case kIgnored: return true;
    }
    return false;
  }

  bool keep(const Rule& rule, Operation::Value value) {
    operation_.attributes.push_back({std::string(rule.target), std::move(value)});
    return true;
  }

 private:
  static std::string short_text(Json value, const Path& place) {
    const std::string_view text = text_of(value, place);
    if (text.size() > limits::kMaxNameBytes) refuse_value(place, "longer than a name may be");
    return std::string(text);
  }
  std::vector<std::int64_t> dimensions(Json value, const Path& place) const {
    std::vector<std::int64_t> dims;
    for (const Json dim : list_of(value, place)) {
      if (dims.size() == limits::kMaxRank) refuse_value(place, "more dimensions than a tensor may have");
      dims.push_back(dimension(line_, dim, place[dims.size()]));
    }
    std::ranges::sort(dims);
    return dims;
  }
  const SourceLine& line_;
  const Path& path_;
  Operation& operation_;
};

// The rules for one of our own operators.
std::vector<Rule> own_rules(const OperatorDef& def) {
  std::vector<Rule> rules;
  rules.reserve(def.attributes.size());
  for (const AttributeDef& attribute : def.attributes) {
    constexpr Take kTakes[] = {kInteger, kReal, kText, kDimensions, kAffine};
    rules.push_back({attribute.name, attribute.name, kTakes[static_cast<std::size_t>(attribute.kind)],
                     attribute.presence});
  }
  return rules;
}

bool absent_is_fine(const Rule& rule) {
  return rule.presence == kOptional || rule.take == kNull || rule.take == kFalse;
}

bool take_all(const SourceLine& line, const Path& path, std::span<const Rule> rules, Operation& operation,
              std::string& unsupported) {
  Taker taker(line, path, operation);
  std::uint32_t seen = 0;
  const auto no = [&](std::string_view attribute, std::string_view what) {
    unsupported = std::string(attribute) + std::string(what);
    return false;
  };
  if (line.attributes) {
    for (const auto field : object_of(*line.attributes, path / "at")) {
      const auto rule = std::ranges::find(rules, field.key, &Rule::source);
      if (rule == rules.end() || field.key.empty())
        return no(field.key, " is an attribute without a meaning");
      const std::uint32_t mark = 1u << (rule - rules.begin());
      const Path at = path / "at";
      if ((seen & mark) != 0) refuse_value(at / field.key, "stands twice");
      seen |= mark;
      if (!taker.take(*rule, field.value)) return no(field.key, " has a value without a meaning");
    }
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if ((seen >> i & 1u) != 0) continue;
    if (rules[i].source.empty()) {
      taker.keep(rules[i], std::string(to_string(Element::kF32)));
    } else if (!absent_is_fine(rules[i])) {
      return no(rules[i].source, " is missing");
    }
  }
  std::ranges::sort(operation.attributes, {}, &Operation::Attribute::name);
  return true;
}

// Version 2: our own names, and the names of communications for communications.
std::optional<Translation> translate_own(const SourceLine& line, const Path& path, std::string& unsupported) {
  Translation out;
  if (line.communicates) {
    const auto kind = named<CommKind>(kCommNames, line.op);
    if (!kind || *kind == CommKind::kNoComm) return std::nullopt;
    out.comms = 1u << static_cast<unsigned>(*kind);
    return take_all(line, path, {}, out.operation, unsupported) ? std::optional(out) : std::nullopt;
  }
  const OperatorDef* def = find_operator(line.op);
  if (def == nullptr || (line.backward && !def->backward.exists())) return std::nullopt;
  out.operation.name = def->name;
  out.operation.backward = line.backward;
  if (!take_all(line, path, own_rules(*def), out.operation, unsupported)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Translation> translate(const SourceLine& line, const Path& path, std::string& unsupported) {
  if (line.version == 2) return translate_own(line, path, unsupported);
  const Row* row = row_of(line.op, line.backward);
  if (row == nullptr) return std::nullopt;
  if ((row->comms != 0) != line.communicates) {
    unsupported = line.communicates ? "does not communicate" : "says nothing about how it communicates";
    return std::nullopt;
  }
  Translation out;
  out.keep = row->keep;
  out.comms = row->comms;
  out.operation.name = row->operation;
  out.operation.backward = row->form == Form::kAsDirected && line.backward;
  if (!take_all(line, path, row->rules, out.operation, unsupported)) return std::nullopt;
  return out;
}

}  // namespace cep::logical
