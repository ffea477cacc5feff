/* References, codes and element types of a region's nodes. */
#include "region_rules.h"
#include "status.h"

static uint16_t bad_reference(acp_status* status, const char* array, uint32_t number, const char* field) {
  return kit_refuse(status, ACP_INVALID, "CEP-REG-2", "refers past the array, or not to an earlier node",
                    "%s[%u].%s", array, number, field);
}

static uint16_t bad_code(acp_status* status, const char* array, uint32_t number, const char* field) {
  return kit_refuse(status, ACP_INVALID, "CEP-REG-3", "unknown code, or a reserved field that is not zero",
                    "%s[%u].%s", array, number, field);
}

static uint16_t check_reads(const acp_region* region, acp_status* status) {
  for (uint32_t i = 0; i < region->read_count; ++i) {
    const acp_read* read = &region->reads[i];
    if (read->operand >= region->operand_count) return bad_reference(status, "reads", i, "operand");
    if (read->guard_first > region->guard_count ||
        read->guard_count > region->guard_count - read->guard_first) {
      return bad_reference(status, "reads", i, "guard_first");
    }
    for (uint32_t d = 0; d < region->operands[read->operand].rank; ++d) {
      if (read->coord[d] >= region->index_count) return bad_reference(status, "reads", i, "coord");
    }
    if (read->reserved != 0) return bad_code(status, "reads", i, "reserved");
    if (region->operands[read->operand].dtype == ACP_BOOL && read->otherwise > 1) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-5", "a BOOL is 0 or 1", "reads[%u].otherwise", i);
    }
  }
  for (uint32_t i = 0; i < region->guard_count; ++i) {
    if (region->guards[i].index >= region->index_count) return bad_reference(status, "guards", i, "index");
    if (region->guards[i].reserved != 0) return bad_code(status, "guards", i, "reserved");
  }
  return ACP_OK;
}

/* A LOAD sees only reads whose coordinates and guards stand before it: one forward pass evaluates everything. */
static uint16_t check_load(const acp_region* region, uint32_t i, acp_status* status) {
  const acp_index_node* node = &region->indices[i];
  if (node->a >= region->read_count) return bad_reference(status, "indices", i, "a");
  const acp_read* read = &region->reads[node->a];
  const acp_operand* operand = &region->operands[read->operand];
  if (operand->dtype != ACP_I32 && operand->dtype != ACP_I64) {
    return kit_refuse(status, ACP_INVALID, "CEP-REG-5", "LOAD reads an integer operand", "indices[%u].a", i);
  }
  for (uint32_t d = 0; d < operand->rank; ++d) {
    if (read->coord[d] >= i) return bad_reference(status, "indices", i, "a");
  }
  for (uint32_t g = 0; g < read->guard_count; ++g) {
    if (region->guards[read->guard_first + g].index >= i) return bad_reference(status, "indices", i, "a");
  }
  return ACP_OK;
}

static uint16_t check_indices(const acp_region* region, acp_status* status) {
  for (uint32_t i = 0; i < region->index_count; ++i) {
    const acp_index_node* node = &region->indices[i];
    if (node->op < ACP_IX_CONST || node->op > ACP_IX_LOAD) return bad_code(status, "indices", i, "op");
    const int zero =
        node->reserved[0] == 0 && node->reserved[1] == 0 && node->reserved[2] == 0 && node->reserved2 == 0;
    if (!zero) return bad_code(status, "indices", i, "reserved");
    const int unary = node->op >= ACP_IX_SCALE && node->op <= ACP_IX_WRAP;
    if ((unary || node->op == ACP_IX_ADD) && node->a >= i) return bad_reference(status, "indices", i, "a");
    if (node->op == ACP_IX_ADD && node->b >= i) return bad_reference(status, "indices", i, "b");
    const int divides = node->op == ACP_IX_FLOORDIV || node->op == ACP_IX_MOD;
    if ((divides && node->value <= 0) || (node->op == ACP_IX_WRAP && node->value < 0)) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-14", "the divisor must be above 0, the wrap not below",
                        "indices[%u].value", i);
    }
    if (node->op == ACP_IX_LOAD) {
      const uint16_t family = check_load(region, i, status);
      if (family != ACP_OK) return family;
    }
  }
  return ACP_OK;
}

uint32_t kit_scalar_arity(uint8_t op) {
  if (op <= ACP_SC_INDEX) return 0;
  if (op <= ACP_SC_RINT || op == ACP_SC_CAST || op == ACP_SC_BITCAST) return 1;
  return op == ACP_SC_FMA || op == ACP_SC_SELECT ? 3 : 2;
}

static uint16_t check_scalars(const acp_region* region, acp_status* status) {
  for (uint32_t i = 0; i < region->scalar_count; ++i) {
    const acp_scalar_node* node = &region->scalars[i];
    if (node->op < ACP_SC_ARG || node->op > ACP_SC_SHR) return bad_code(status, "scalars", i, "op");
    if (kit_dtype_bytes(node->dtype) == 0) return bad_code(status, "scalars", i, "dtype");
    if (node->reserved[0] != 0 || node->reserved[1] != 0) return bad_code(status, "scalars", i, "reserved");
    if (node->op == ACP_SC_ARG && node->a >= region->read_count)
      return bad_reference(status, "scalars", i, "a");
    if (node->op == ACP_SC_INDEX && node->a >= region->index_count)
      return bad_reference(status, "scalars", i, "a");
    const uint32_t arity = kit_scalar_arity(node->op);
    if (arity >= 1 && node->a >= i) return bad_reference(status, "scalars", i, "a");
    if (arity >= 2 && node->b >= i) return bad_reference(status, "scalars", i, "b");
    if (arity >= 3 && node->c >= i) return bad_reference(status, "scalars", i, "c");
  }
  return ACP_OK;
}

static uint16_t check_reduction(const acp_nest* nest, uint32_t i, acp_status* status) {
  const int min_or_max = nest->combiner == ACP_COMBINE_MAX || nest->combiner == ACP_COMBINE_MIN;
  const int blocked = nest->order == ACP_ORDER_BLOCKED_TREE || nest->order == ACP_ORDER_BLOCKED_INDEX;
  const char* wrong = NULL;
  if (nest->combiner == ACP_COMBINE_NONE) {
    if (nest->order != ACP_ORDER_NONE || nest->reduce_count != 0)
      wrong = "no combiner, but an order or a reduce iterator";
    if (nest->init != ACP_NONE || nest->body_a != ACP_NONE) wrong = "no combiner, but an init or a body";
  } else {
    if (nest->order == ACP_ORDER_NONE) wrong = "a reduction needs an order";
    if (nest->order == ACP_ORDER_ANY && !min_or_max) wrong = "order ANY is for MAX and MIN only";
    if (blocked && nest->block == 0) wrong = "a blocked order needs a block length";
  }
  if ((nest->combiner == ACP_COMBINE_FMA) != (nest->body_b != ACP_NONE))
    wrong = "body_b goes with FMA, and only with FMA";
  if (wrong == NULL) return ACP_OK;
  return kit_refuse(status, ACP_INVALID, "CEP-REG-9", wrong, "nests[%u]", i);
}

static uint16_t check_nest(const acp_region* region, uint32_t i, acp_status* status) {
  const acp_nest* nest = &region->nests[i];
  if (nest->combiner > ACP_COMBINE_MIN) return bad_code(status, "nests", i, "combiner");
  if (nest->order > ACP_ORDER_ANY) return bad_code(status, "nests", i, "order");
  if (nest->reserved[0] != 0 || nest->reserved[1] != 0) return bad_code(status, "nests", i, "reserved");
  if (nest->iter_first > region->iter_count || nest->iter_count > region->iter_count - nest->iter_first ||
      nest->reduce_count > nest->iter_count) {
    return bad_reference(status, "nests", i, "iter_first");
  }
  if (nest->iter_count > KIT_MAX_ITERS) {
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "too many iterators", "nests[%u].iter_count", i);
  }
  if (nest->write_first > region->write_count ||
      nest->write_count > region->write_count - nest->write_first) {
    return bad_reference(status, "nests", i, "write_first");
  }
  const uint16_t family = check_reduction(nest, i, status);
  if (family != ACP_OK) return family;
  const uint32_t scalars = region->scalar_count;
  if (nest->init != ACP_NONE && nest->init >= scalars) return bad_reference(status, "nests", i, "init");
  if (nest->combiner != ACP_COMBINE_NONE && nest->body_a >= scalars)
    return bad_reference(status, "nests", i, "body_a");
  if (nest->body_b != ACP_NONE && nest->body_b >= scalars) return bad_reference(status, "nests", i, "body_b");
  return ACP_OK;
}

static uint16_t check_writes_and_loops(const acp_region* region, acp_status* status) {
  for (uint32_t i = 0; i < region->write_count; ++i) {
    const acp_write* write = &region->writes[i];
    if (write->operand >= region->operand_count) return bad_reference(status, "writes", i, "operand");
    if (write->value >= region->scalar_count) return bad_reference(status, "writes", i, "value");
    for (uint32_t d = 0; d < region->operands[write->operand].rank; ++d) {
      if (write->coord[d] >= region->index_count) return bad_reference(status, "writes", i, "coord");
    }
  }
  for (uint32_t i = 0; i < region->loop_count; ++i) {
    const acp_loop* loop = &region->loops[i];
    if (loop->trips >= region->scalar_count) return bad_reference(status, "loops", i, "trips");
    if (loop->condition != ACP_NONE && loop->condition >= region->scalar_count) {
      return bad_reference(status, "loops", i, "condition");
    }
    if (loop->max_trips < 0) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-14", "max_trips is below 0", "loops[%u].max_trips", i);
    }
  }
  return ACP_OK;
}

uint16_t kit_check_references(const acp_region* region, acp_status* status) {
  uint16_t family = check_reads(region, status);
  if (family == ACP_OK) family = check_indices(region, status);
  if (family == ACP_OK) family = check_scalars(region, status);
  for (uint32_t i = 0; family == ACP_OK && i < region->nest_count; ++i)
    family = check_nest(region, i, status);
  if (family == ACP_OK) family = check_writes_and_loops(region, status);
  return family;
}
