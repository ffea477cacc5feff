#include "logical/operators.h"

#include <algorithm>

namespace cep::logical {
namespace {

using enum AttributeKind;
using enum Presence;

constexpr AttributeDef kAdd[] = {{"alpha", kReal}, {"constant", kReal, kOptional}};
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
    {"add", Backward::kOffered, kAdd},
    {"add_mask", Backward::kOffered, {}},
    {"cast", Backward::kOffered, kCast},
    {"causal_mask", Backward::kAbsent, {}},
    {"copy", Backward::kAbsent, {}},
    {"div", Backward::kOffered, kDiv},
    {"embedding", Backward::kOffered, kEmbedding},
    {"experts", Backward::kOffered, kExperts},
    {"identity", Backward::kAbsent, {}},
    {"linear", Backward::kOffered, {}},
    {"matmul", Backward::kOffered, {}},
    {"mean", Backward::kOffered, kMean},
    {"mul", Backward::kOffered, {}},
    {"power", Backward::kOffered, kPower},
    {"reshape", Backward::kOffered, {}},
    {"rotary", Backward::kOffered, {}},
    {"router", Backward::kOffered, kRouter},
    {"rsqrt", Backward::kOffered, {}},
    {"silu", Backward::kOffered, {}},
    {"softmax", Backward::kOffered, kSoftmax},
    {"sum", Backward::kAbsent, {}},
    {"sum_all", Backward::kOffered, {}},
    {"transpose", Backward::kOffered, kTranspose},
};
static_assert(std::ranges::is_sorted(kOperators, {}, &OperatorDef::name));

}  // namespace

std::span<const OperatorDef> operators() { return kOperators; }

const OperatorDef* find_operator(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kOperators, name, {}, &OperatorDef::name);
  return at != std::end(kOperators) && at->name == name ? at : nullptr;
}

}  // namespace cep::logical
