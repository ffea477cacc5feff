#include "logical/operators.h"

#include <algorithm>

namespace cep::logical {
namespace {

using enum AttributeKind;
using enum Effect;
using enum Presence;
constexpr std::uint8_t kAny = Arity::kAny;

constexpr AttributeDef kAdd[] = {{"alpha", kReal}, {"constant", kReal, kOptional}};
constexpr AttributeDef kCache[] = {{"position", kInteger}};
constexpr AttributeDef kCast[] = {{"to", kText}};
constexpr AttributeDef kDiv[] = {{"constant", kReal}};
constexpr AttributeDef kEmbedding[] = {{"start", kAffine}, {"stop", kAffine}};
constexpr AttributeDef kExperts[] = {{"count", kInteger}, {"start", kAffine}, {"stop", kAffine}};
constexpr AttributeDef kMean[] = {{"dims", kIntegers}};
constexpr AttributeDef kPower[] = {{"exponent", kReal}};
constexpr AttributeDef kRouter[] = {{"n_groups", kInteger},
                                    {"route_scale", kReal},
                                    {"score_func", kText},
                                    {"topk", kInteger},
                                    {"topk_groups", kInteger}};
constexpr AttributeDef kSoftmax[] = {{"dim", kInteger}};
constexpr AttributeDef kTranspose[] = {{"dim0", kInteger}, {"dim1", kInteger}};

constexpr OperatorDef kOperators[] = {
    {"add", {kAny, 1, kAdds}, {kAny, kAny, kSpreads}, kAdd},
    {"add_mask", {2, 1}, {3, 1, kMoves}},
    {"cache_mask", {1, 1, kFills}, {}, kCache},
    {"cache_update", {2, 1}, {}, kCache},
    {"cast", {1, 1, kMoves}, {2, 1, kMoves}, kCast},
    {"causal_mask", {2, 1, kFills}},
    {"copy", {1, kAny, kMoves}},
    {"div", {1, 1}, {2, 1}, kDiv},
    {"embedding", {2, 1}, {3, 1}, kEmbedding},
    {"experts", {6, 1}, {7, 5}, kExperts},
    {"identity", {1, 1, kMoves}},
    {"linear", {2, 1}, {3, 2}},
    {"matmul", {2, 1}, {3, 2}},
    {"mean", {1, 1}, {2, 1}, kMean},
    {"mul", {2, 1}, {3, 2}},
    {"power", {1, 1}, {2, 1}, kPower},
    {"reshape", {1, 1, kMoves}, {2, 1, kMoves}},
    {"rotary", {3, 2}, {5, 2}},
    {"router", {2, 2}, {3, 2}, kRouter},
    {"rsqrt", {1, 1}, {2, 1}},
    {"silu", {1, 1}, {2, 1}},
    {"softmax", {1, 1}, {2, 1}, kSoftmax},
    {"sum", {kAny, 1, kAdds}},
    {"sum_all", {1, 1}, {2, 1}},
    {"transpose", {1, 1, kMoves}, {2, 1, kMoves}, kTranspose},
};
static_assert(std::ranges::is_sorted(kOperators, {}, &OperatorDef::name));

}  // namespace

std::span<const OperatorDef> operators() { return kOperators; }

const OperatorDef* find_operator(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kOperators, name, {}, &OperatorDef::name);
  return at != std::end(kOperators) && at->name == name ? at : nullptr;
}

Effect effect_of(const Operation& operation) {
  const OperatorDef* def = find_operator(operation.name);
  if (def == nullptr) return Effect::kComputes;
  return (operation.backward ? def->backward : def->forward).effect;
}

Operation without_windows(const Operation& operation) {
  Operation plain = operation;
  const OperatorDef* def = find_operator(operation.name);
  if (def == nullptr) return plain;
  std::erase_if(plain.attributes, [&](const Operation::Attribute& attribute) {
    return std::ranges::any_of(def->attributes, [&](const AttributeDef& row) {
      return row.name == attribute.name && row.kind == kAffine;
    });
  });
  return plain;
}

bool of_kind(const Operation::Value& value, AttributeKind kind) {
  const bool whole = std::holds_alternative<std::int64_t>(value);
  switch (kind) {
    case AttributeKind::kInteger: return whole;
    case AttributeKind::kReal: return whole || std::holds_alternative<double>(value);
    case AttributeKind::kText: return std::holds_alternative<std::string>(value);
    case AttributeKind::kIntegers: return std::holds_alternative<std::vector<std::int64_t>>(value);
    case AttributeKind::kAffine: return whole || std::holds_alternative<Affine>(value);
  }
  return false;
}

}  // namespace cep::logical
