#include "evaluate.h"

#include <math.h>
#include <string.h>

#include "kit/region_check.h"

static float as_float(uint64_t bits) {
  const uint32_t low = (uint32_t)bits;
  float value;
  memcpy(&value, &low, sizeof value);
  return value;
}

static uint64_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Arithmetic returns one NaN only (numerics, rule 3). */
static uint64_t arithmetic(float value) { return isnan(value) ? 0x7fc00000u : float_bits(value); }

/* IEEE 754-2019 minimum and maximum: NaN wins, -0 is below +0. */
static uint64_t extremum(int max, uint64_t a, uint64_t b) {
  const float x = as_float(a), y = as_float(b);
  if (isnan(x) || isnan(y)) return 0x7fc00000u;
  if (x == 0.0f && y == 0.0f) return max ? (a & b) : (a | b);
  return (x > y) == max ? a : b;
}

static uint64_t apply_f32(uint8_t op, uint64_t a, uint64_t b, uint64_t c) {
  const float x = as_float(a), y = as_float(b);
  switch (op) {
    case ACP_SC_NEG: return a ^ 0x80000000u;
    case ACP_SC_ABS: return a & 0x7fffffffu;
    case ACP_SC_SQRT: return arithmetic(sqrtf(x));
    case ACP_SC_RINT: return arithmetic(rintf(x));
    case ACP_SC_ADD: return arithmetic(x + y);
    case ACP_SC_SUB: return arithmetic(x - y);
    case ACP_SC_MUL: return arithmetic(x * y);
    case ACP_SC_DIV: return arithmetic(x / y);
    case ACP_SC_MIN: return extremum(0, a, b);
    case ACP_SC_MAX: return extremum(1, a, b);
    case ACP_SC_FMA: return arithmetic(fmaf(x, y, as_float(c)));
    case ACP_SC_LT: return x < y;
    case ACP_SC_LE: return x <= y;
    default: return x == y;
  }
}

/* Integers as 64-bit two's complement; the caller narrows the result. */
static uint64_t apply_integer(uint8_t op, uint32_t width, uint64_t a, uint64_t b, uint64_t c) {
  const int64_t x = (int64_t)a, y = (int64_t)b;
  const uint64_t amount = b & (width - 1);
  switch (op) {
    case ACP_SC_NEG: return 0 - a;
    case ACP_SC_ABS: return x < 0 ? 0 - a : a;
    case ACP_SC_ADD: return a + b;
    case ACP_SC_SUB: return a - b;
    case ACP_SC_MUL: return a * b;
    case ACP_SC_MIN: return x < y ? a : b;
    case ACP_SC_MAX: return x > y ? a : b;
    case ACP_SC_FMA: return a * b + c;
    case ACP_SC_LT: return x < y;
    case ACP_SC_LE: return x <= y;
    case ACP_SC_EQ: return x == y;
    case ACP_SC_AND: return a & b;
    case ACP_SC_OR: return a | b;
    case ACP_SC_XOR: return a ^ b;
    case ACP_SC_SHL: return a << amount;
    default: return x < 0 ? ~(~a >> amount) : a >> amount; /* SHR */
  }
}

static uint64_t widen(uint8_t dtype, uint64_t bits) {
  return dtype == ACP_I32 ? (uint64_t)(int64_t)(int32_t)(uint32_t)bits : bits;
}

static uint64_t narrow(uint8_t dtype, uint64_t bits) {
  return dtype == ACP_I64 ? bits : dtype == ACP_BOOL ? (bits & 1) : (bits & 0xffffffffu);
}

static int is_compare(uint8_t op) { return op >= ACP_SC_LT && op <= ACP_SC_EQ; }

/* dtype is that of a, which is the result's except for comparisons. */
uint64_t apply(uint8_t op, uint8_t dtype, uint64_t a, uint64_t b, uint64_t c) {
  if (dtype == ACP_F32) return apply_f32(op, a, b, c);
  const uint32_t width = dtype == ACP_I64 ? 64 : 32;
  const uint64_t wide = apply_integer(op, width, widen(dtype, a), widen(dtype, b), widen(dtype, c));
  return is_compare(op) ? wide : narrow(dtype, wide);
}

/* Toward zero; saturates; NaN gives 0. */
static uint64_t float_to_integer(float value, uint8_t dtype) {
  const float limit = dtype == ACP_I32 ? 2147483648.0f : 9223372036854775808.0f;
  if (isnan(value)) return 0;
  if (value >= limit) return dtype == ACP_I32 ? 0x7fffffffu : (uint64_t)INT64_MAX;
  if (value < -limit) return dtype == ACP_I32 ? 0x80000000u : UINT64_C(1) << 63;
  return narrow(dtype, (uint64_t)(int64_t)value);
}

static uint64_t cast(uint8_t from, uint8_t to, uint64_t bits) {
  if (from == to) return bits;
  if (to == ACP_BOOL) return from == ACP_F32 ? as_float(bits) != 0.0f : bits != 0;
  if (from == ACP_F32) return float_to_integer(as_float(bits), to);
  if (to == ACP_F32) return float_bits((float)(int64_t)widen(from, bits));
  return narrow(to, widen(from, bits));
}

static uint64_t load(const unsigned char* address, uint8_t dtype) {
  uint64_t bits = 0;
  memcpy(&bits, address, kit_dtype_bytes(dtype));
  return dtype == ACP_BOOL ? bits != 0 : bits;
}

/* Fills read_values[number]; every coordinate is compared with the window, whatever it came from. */
static void read_operand(run_state* state, uint32_t number) {
  const acp_region* region = &state->program->region;
  const acp_read* read = &region->reads[number];
  const acp_operand* operand = &region->operands[read->operand];
  for (uint32_t g = 0; g < read->guard_count; ++g) {
    const acp_guard* guard = &region->guards[read->guard_first + g];
    const int64_t value = state->index_values[guard->index];
    if (value < guard->lo || value >= guard->hi) {
      state->read_values[number] = narrow(operand->dtype, read->otherwise);
      return;
    }
  }
  int64_t offset = 0;
  for (uint32_t d = 0; d < operand->rank; ++d) {
    const int64_t coordinate = state->index_values[read->coord[d]];
    if (coordinate < operand->origin[d] || coordinate - operand->origin[d] >= operand->held[d]) {
      state->family = kit_refuse(state->status, ACP_INVALID, "CEP-REG-7",
                                 "the coordinate is outside the operand's window", "reads[%u]", number);
      return;
    }
    offset += (coordinate - operand->origin[d]) * operand->stride[d];
  }
  const int64_t element_bytes = kit_dtype_bytes(operand->dtype);
  state->read_values[number] = load(state->operands[read->operand] + offset * element_bytes, operand->dtype);
}

/* Wraps: only values that came from data can overflow (CEP 3.2). */
static int64_t wrapping(uint64_t value) { return (int64_t)value; }

static int64_t index_value(run_state* state, uint32_t number) {
  const acp_region* region = &state->program->region;
  const acp_index_node* node = &region->indices[number];
  const int64_t* values = state->index_values;
  switch (node->op) {
    case ACP_IX_CONST: return node->value;
    case ACP_IX_ITER: return state->iters[node->a];
    case ACP_IX_LOOP: return state->loops[node->a];
    case ACP_IX_ADD: return wrapping((uint64_t)values[node->a] + (uint64_t)values[node->b]);
    case ACP_IX_SCALE: return wrapping((uint64_t)values[node->a] * (uint64_t)node->value);
    case ACP_IX_FLOORDIV: return values[node->a] / node->value - (values[node->a] % node->value < 0);
    case ACP_IX_MOD: {
      const int64_t rest = values[node->a] % node->value;
      return rest < 0 ? rest + node->value : rest;
    }
    case ACP_IX_WRAP: return values[node->a] < 0 ? values[node->a] + node->value : values[node->a];
    default: /* LOAD */
      read_operand(state, node->a);
      return wrapping(
          widen(region->operands[region->reads[node->a].operand].dtype, state->read_values[node->a]));
  }
}

static uint64_t scalar_value(const run_state* state, const acp_scalar_node* node) {
  const uint64_t* values = state->scalar_values;
  const acp_scalar_node* scalars = state->program->region.scalars;
  switch (node->op) {
    case ACP_SC_ARG: return state->read_values[node->a];
    case ACP_SC_CONST: return narrow(node->dtype, node->bits);
    case ACP_SC_ACC: return state->accumulator;
    case ACP_SC_INDEX: return (uint64_t)state->index_values[node->a];
    case ACP_SC_SELECT: return values[node->a] != 0 ? values[node->b] : values[node->c];
    case ACP_SC_CAST: return cast(scalars[node->a].dtype, node->dtype, values[node->a]);
    case ACP_SC_BITCAST: return values[node->a];
    case ACP_SC_FMA: return apply(node->op, node->dtype, values[node->a], values[node->b], values[node->c]);
    case ACP_SC_NEG:
    case ACP_SC_ABS:
    case ACP_SC_SQRT:
    case ACP_SC_RINT: return apply(node->op, node->dtype, values[node->a], 0, 0);
    default: return apply(node->op, scalars[node->a].dtype, values[node->a], values[node->b], 0);
  }
}

void evaluate(run_state* state, const node_list* list) {
  const acp_region* region = &state->program->region;
  for (uint32_t i = 0; i < list->index_count && state->family == ACP_OK; ++i) {
    state->index_values[list->indices[i]] = index_value(state, list->indices[i]);
  }
  for (uint32_t i = 0; i < list->read_count && state->family == ACP_OK; ++i)
    read_operand(state, list->reads[i]);
  if (state->family != ACP_OK) return;
  for (uint32_t i = 0; i < list->scalar_count; ++i) {
    state->scalar_values[list->scalars[i]] = scalar_value(state, &region->scalars[list->scalars[i]]);
  }
}
