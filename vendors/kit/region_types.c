/* Element types of scalar nodes: one row an operation. */
#include "region_rules.h"
#include "status.h"

enum {
  F = 1 << ACP_F32,
  I = 1 << ACP_I32,
  L = 1 << ACP_I64,
  B = 1 << ACP_BOOL,
  NUMBER = F | I | L,
  ALL = NUMBER | B
};

/* results: types the node may have. same: which of a, b, c must have the node's type. */
typedef struct type_rule {
  uint8_t results;
  uint8_t same_a, same_b, same_c;
} type_rule;

static const type_rule kRules[ACP_SC_SHR + 1] = {
    [ACP_SC_ARG] = {ALL, 0, 0, 0},       [ACP_SC_CONST] = {ALL, 0, 0, 0},
    [ACP_SC_ACC] = {NUMBER, 0, 0, 0},    [ACP_SC_INDEX] = {L, 0, 0, 0},
    [ACP_SC_NEG] = {NUMBER, 1, 0, 0},    [ACP_SC_ABS] = {NUMBER, 1, 0, 0},
    [ACP_SC_SQRT] = {F, 1, 0, 0},        [ACP_SC_RINT] = {F, 1, 0, 0},
    [ACP_SC_ADD] = {NUMBER, 1, 1, 0},    [ACP_SC_SUB] = {NUMBER, 1, 1, 0},
    [ACP_SC_MUL] = {NUMBER, 1, 1, 0},    [ACP_SC_DIV] = {F, 1, 1, 0},
    [ACP_SC_MIN] = {NUMBER, 1, 1, 0},    [ACP_SC_MAX] = {NUMBER, 1, 1, 0},
    [ACP_SC_FMA] = {NUMBER, 1, 1, 1},    [ACP_SC_LT] = {B, 0, 0, 0},
    [ACP_SC_LE] = {B, 0, 0, 0},          [ACP_SC_EQ] = {B, 0, 0, 0},
    [ACP_SC_SELECT] = {ALL, 0, 1, 1},    [ACP_SC_CAST] = {ALL, 0, 0, 0},
    [ACP_SC_BITCAST] = {F | I, 0, 0, 0}, [ACP_SC_AND] = {I | L | B, 1, 1, 0},
    [ACP_SC_OR] = {I | L | B, 1, 1, 0},  [ACP_SC_XOR] = {I | L | B, 1, 1, 0},
    [ACP_SC_SHL] = {I | L, 1, 1, 0},     [ACP_SC_SHR] = {I | L, 1, 1, 0},
};

static int has_type(const acp_region* region, uint32_t scalar, uint8_t dtype) {
  return region->scalars[scalar].dtype == dtype;
}

static int types_agree(const acp_region* region, const acp_scalar_node* node) {
  const type_rule* rule = &kRules[node->op];
  if ((rule->results & (1 << node->dtype)) == 0) return 0;
  if (rule->same_a && !has_type(region, node->a, node->dtype)) return 0;
  if (rule->same_b && !has_type(region, node->b, node->dtype)) return 0;
  if (rule->same_c && !has_type(region, node->c, node->dtype)) return 0;
  switch (node->op) {
    case ACP_SC_ARG: return region->operands[region->reads[node->a].operand].dtype == node->dtype;
    case ACP_SC_CONST: return node->dtype != ACP_BOOL || node->bits <= 1;
    case ACP_SC_LT:
    case ACP_SC_LE:
      return region->scalars[node->a].dtype == region->scalars[node->b].dtype &&
             !has_type(region, node->a, ACP_BOOL);
    case ACP_SC_EQ: return region->scalars[node->a].dtype == region->scalars[node->b].dtype;
    case ACP_SC_SELECT: return has_type(region, node->a, ACP_BOOL);
    case ACP_SC_BITCAST: return has_type(region, node->a, node->dtype == ACP_F32 ? ACP_I32 : ACP_F32);
    default: return 1;
  }
}

static uint16_t bad(acp_status* status, const char* array, uint32_t number, const char* field) {
  return kit_refuse(status, ACP_INVALID, "CEP-REG-5", "element types do not agree", "%s[%u].%s", array,
                    number, field);
}

uint16_t kit_check_types(const acp_region* region, acp_status* status) {
  for (uint32_t i = 0; i < region->scalar_count; ++i) {
    if (!types_agree(region, &region->scalars[i])) return bad(status, "scalars", i, "dtype");
  }
  for (uint32_t i = 0; i < region->write_count; ++i) {
    const acp_write* write = &region->writes[i];
    if (!has_type(region, write->value, region->operands[write->operand].dtype))
      return bad(status, "writes", i, "value");
  }
  for (uint32_t i = 0; i < region->nest_count; ++i) {
    const acp_nest* nest = &region->nests[i];
    if (nest->combiner == ACP_COMBINE_NONE) continue;
    const uint8_t dtype = region->scalars[nest->body_a].dtype;
    if (dtype == ACP_BOOL) return bad(status, "nests", i, "body_a");
    if (nest->body_b != ACP_NONE && !has_type(region, nest->body_b, dtype))
      return bad(status, "nests", i, "body_b");
    if (nest->init != ACP_NONE && !has_type(region, nest->init, dtype))
      return bad(status, "nests", i, "init");
  }
  for (uint32_t i = 0; i < region->loop_count; ++i) {
    const acp_loop* loop = &region->loops[i];
    if (!has_type(region, loop->trips, ACP_I64)) return bad(status, "loops", i, "trips");
    if (loop->condition != ACP_NONE && !has_type(region, loop->condition, ACP_BOOL)) {
      return bad(status, "loops", i, "condition");
    }
  }
  return ACP_OK;
}
