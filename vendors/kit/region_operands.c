/* The frame of a region: sizes, limits, operands. */
#include <stdlib.h>

#include "objects.h"
#include "region_rules.h"

uint32_t kit_dtype_bytes(uint8_t dtype) {
  switch (dtype) {
    case ACP_F32:
    case ACP_I32: return 4;
    case ACP_I64: return 8;
    case ACP_BOOL: return 1;
    default: return 0;
  }
}

static uint16_t check_frame(const acp_region* region, acp_status* status) {
  if (region == NULL || region->size < sizeof(acp_region)) {
    return kit_refuse(status, ACP_MALFORMED, "CEP-REG-1", "not an acp_region of a known size", "size");
  }
  if (region->version != ACP_REGION_VERSION) {
    return kit_refuse(status, ACP_UNSUPPORTED, "CEP-REG-1", "not version 1 of region programs", "version");
  }
  const struct {
    const char* name;
    const void* data;
    uint32_t count;
    uint32_t limit;
  } arrays[] = {
      {"operands", region->operands, region->operand_count, KIT_MAX_NODES},
      {"indices", region->indices, region->index_count, KIT_MAX_NODES},
      {"guards", region->guards, region->guard_count, KIT_MAX_NODES},
      {"reads", region->reads, region->read_count, KIT_MAX_NODES},
      {"scalars", region->scalars, region->scalar_count, KIT_MAX_NODES},
      {"iters", region->iters, region->iter_count, KIT_MAX_NODES},
      {"writes", region->writes, region->write_count, KIT_MAX_NODES},
      {"nests", region->nests, region->nest_count, KIT_MAX_STAGES},
      {"loops", region->loops, region->loop_count, KIT_MAX_STAGES},
      {"stages", region->stages, region->stage_count, KIT_MAX_STAGES},
  };
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) {
    /* A hostile region must not make the quadratic parts of this check run for minutes. */
    if (arrays[i].count > arrays[i].limit) {
      return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "too many entries", "%s", arrays[i].name);
    }
    if (arrays[i].count != 0 && arrays[i].data == NULL) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-2", "entries are announced, but there is no array",
                        "%s", arrays[i].name);
    }
  }
  return ACP_OK;
}

/* Element offsets first .. last of a window that holds at least one element. Returns 0 when they leave 62 bits. */
static int window_offsets(const acp_operand* operand, int64_t* first, int64_t* last) {
  *first = 0;
  *last = 0;
  for (uint32_t d = 0; d < operand->rank; ++d) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(operand->held[d] - 1, operand->stride[d], &reach)) return 0;
    int64_t* end = reach < 0 ? first : last;
    if (__builtin_add_overflow(*end, reach, end)) return 0;
  }
  return *first > -(INT64_C(1) << 58) && *last < (INT64_C(1) << 58);
}

static int window_is_empty(const acp_operand* operand) {
  for (uint32_t d = 0; d < operand->rank; ++d) {
    if (operand->held[d] == 0) return 1;
  }
  return 0;
}

/* True if different coordinates surely lie at different elements: by rising stride, each axis steps over all before it. */
static int elements_are_distinct(const acp_operand* operand) {
  uint64_t strides[ACP_MAX_RANK];
  uint64_t steps[ACP_MAX_RANK];
  uint32_t count = 0;
  for (uint32_t d = 0; d < operand->rank; ++d) {
    if (operand->held[d] < 2) continue;
    const int64_t stride = operand->stride[d];
    const uint64_t distance = stride < 0 ? 0 - (uint64_t)stride : (uint64_t)stride;
    uint32_t at = count++;
    for (; at > 0 && strides[at - 1] > distance; --at) {
      strides[at] = strides[at - 1];
      steps[at] = steps[at - 1];
    }
    strides[at] = distance;
    steps[at] = (uint64_t)operand->held[d] - 1;
  }
  uint64_t reach = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (strides[i] <= reach) return 0;
    reach += strides[i] * steps[i];
  }
  return 1;
}

static uint16_t check_window(const acp_operand* operand, uint32_t number, acp_status* status) {
  for (uint32_t d = 0; d < ACP_MAX_RANK; ++d) {
    const int64_t extent = operand->extent[d], origin = operand->origin[d], held = operand->held[d];
    if (d >= operand->rank) {
      if (extent == 0 && origin == 0 && held == 0 && operand->stride[d] == 0) continue;
      return kit_refuse(status, ACP_INVALID, "CEP-REG-4", "an axis past the rank is not zero",
                        "operands[%u].extent[%u]", number, d);
    }
    if (origin < 0 || held < 0 || extent < 0 || origin > extent || held > extent - origin) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-4", "the window does not lie inside the tensor",
                        "operands[%u].held[%u]", number, d);
    }
  }
  int64_t first = 0, last = 0;
  if (!window_is_empty(operand) && !window_offsets(operand, &first, &last)) {
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "the window spans more than 2^58 elements",
                      "operands[%u].stride", number);
  }
  if (operand->role != ACP_ROLE_INPUT && !window_is_empty(operand) && !elements_are_distinct(operand)) {
    return kit_refuse(status, ACP_INVALID, "CEP-REG-4",
                      "two coordinates of an operand that is written may share an element",
                      "operands[%u].stride", number);
  }
  return ACP_OK;
}

static uint16_t check_slot(const acp_region* region, uint32_t number, uint8_t* outputs_seen,
                           acp_status* status) {
  const acp_operand* operand = &region->operands[number];
  if (operand->role == ACP_ROLE_TEMP) {
    if (operand->slot == ACP_NONE) return ACP_OK;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-4", "a temporary has no slot", "operands[%u].slot",
                      number);
  }
  if (operand->slot >= KIT_MAX_SLOTS) {
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "too many bindings", "operands[%u].slot", number);
  }
  if (operand->role == ACP_ROLE_OUTPUT && outputs_seen[operand->slot]++ != 0) {
    return kit_refuse(status, ACP_INVALID, "CEP-REG-4", "two operands share an output slot",
                      "operands[%u].slot", number);
  }
  return ACP_OK;
}

uint16_t kit_check_operands(const acp_region* region, acp_status* status) {
  uint16_t family = check_frame(region, status);
  if (family != ACP_OK) return family;
  uint8_t outputs_seen[KIT_MAX_SLOTS] = {0};
  for (uint32_t i = 0; i < region->operand_count; ++i) {
    const acp_operand* operand = &region->operands[i];
    if (operand->role < ACP_ROLE_INPUT || operand->role > ACP_ROLE_TEMP || operand->reserved != 0) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-3", "unknown role", "operands[%u].role", i);
    }
    if (kit_dtype_bytes(operand->dtype) == 0) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-3", "unknown element type", "operands[%u].dtype", i);
    }
    if (operand->rank > ACP_MAX_RANK) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-4", "rank above 8", "operands[%u].rank", i);
    }
    family = check_window(operand, i, status);
    if (family == ACP_OK) family = check_slot(region, i, outputs_seen, status);
    if (family != ACP_OK) return family;
  }
  return ACP_OK;
}

uint16_t kit_region_spans(const acp_region* region, kit_span** spans, uint32_t* count, acp_status* status) {
  uint32_t inputs = 0, outputs = 0;
  for (uint32_t i = 0; i < region->operand_count; ++i) {
    const acp_operand* operand = &region->operands[i];
    if (operand->role == ACP_ROLE_INPUT && operand->slot >= inputs) inputs = operand->slot + 1;
    if (operand->role == ACP_ROLE_OUTPUT && operand->slot >= outputs) outputs = operand->slot + 1;
  }
  *count = inputs + outputs;
  *spans = calloc(*count + 1u, sizeof **spans);
  if (*spans == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  for (uint32_t i = 0; i < region->operand_count; ++i) {
    const acp_operand* operand = &region->operands[i];
    int64_t first = 0, last = 0;
    if (operand->role == ACP_ROLE_TEMP || window_is_empty(operand) || !window_offsets(operand, &first, &last))
      continue;
    const uint32_t bytes = kit_dtype_bytes(operand->dtype);
    kit_span* span = &(*spans)[operand->role == ACP_ROLE_INPUT ? operand->slot : inputs + operand->slot];
    if (first * bytes < span->first) span->first = first * bytes;
    if ((last + 1) * bytes > span->end) span->end = (last + 1) * bytes;
    if (bytes > span->alignment) span->alignment = bytes;
  }
  return ACP_OK;
}
