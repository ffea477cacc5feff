/* The canonical orders (numerics, "Reductions"), each as its definition reads. */
#include <stdlib.h>

#include "evaluate.h"

enum { kLanes = 32, kChunk = 4096 };

typedef struct reduction {
  run_state* state;
  const acp_nest* nest;
  const nest_parts* parts;
  uint8_t dtype;
} reduction;

/* An accumulator that may not have begun yet. */
typedef struct partial {
  uint64_t bits;
  int begun;
} partial;

/* combiner(a, b) for two accumulators. FMA's partial results are added. */
static uint64_t join(const reduction* r, uint64_t a, uint64_t b) {
  const uint8_t op = r->nest->combiner == ACP_COMBINE_MAX   ? ACP_SC_MAX
                     : r->nest->combiner == ACP_COMBINE_MIN ? ACP_SC_MIN
                                                            : ACP_SC_ADD;
  return apply(op, r->dtype, a, b, 0);
}

/* One step: element k goes into the accumulator. */
static partial step(const reduction* r, partial acc, int64_t k) {
  run_state* state = r->state;
  const acp_nest* nest = r->nest;
  for (uint32_t t = nest->iter_count; t-- > nest->iter_count - nest->reduce_count;) {
    const int64_t extent = state->program->region.iters[nest->iter_first + t].end;
    state->iters[t] = k % extent;
    k /= extent;
  }
  evaluate(state, &r->parts->body);
  const uint64_t a = state->scalar_values[nest->body_a];
  if (nest->combiner == ACP_COMBINE_FMA) {
    acc.bits = apply(ACP_SC_FMA, r->dtype, a, state->scalar_values[nest->body_b], acc.begun ? acc.bits : 0);
  } else {
    acc.bits = acc.begun ? join(r, acc.bits, a) : a;
  }
  acc.begun = 1;
  return acc;
}

static partial chain(const reduction* r, partial acc, int64_t begin, int64_t end) {
  for (int64_t k = begin; k < end && r->state->family == ACP_OK; ++k) acc = step(r, acc, k);
  return acc;
}

/* Level by level: pairs (2t, 2t+1) are joined, an odd last one passes up. */
static uint64_t join_levels(const reduction* r, uint64_t* sums, int64_t count) {
  while (count > 1) {
    for (int64_t t = 0; t < count / 2; ++t) sums[t] = join(r, sums[2 * t], sums[2 * t + 1]);
    if (count % 2 != 0) sums[count / 2] = sums[count - 1];
    count = (count + 1) / 2;
  }
  return sums[0];
}

/* Element i of the chunk goes to lane i mod 32; then the halving tree over the lanes that have begun. */
static uint64_t lanes(const reduction* r, int64_t begin, int64_t end) {
  partial lane[kLanes] = {{0, 0}};
  for (int64_t k = begin; k < end && r->state->family == ACP_OK; ++k) {
    partial* mine = &lane[(k - begin) % kLanes];
    *mine = step(r, *mine, k);
  }
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int j = 0; j < width; ++j) {
      if (lane[j + width].begun) lane[j].bits = join(r, lane[j].bits, lane[j + width].bits);
    }
  }
  return lane[0].bits;
}

/* A block begins at +0, except the first, which begins at the init; MAX and MIN begin at their first element. */
static uint64_t block_sum(const reduction* r, partial init, int64_t begin, int64_t end) {
  const int adds = r->nest->combiner == ACP_COMBINE_ADD || r->nest->combiner == ACP_COMBINE_FMA;
  const partial start = begin == r->nest->k_begin ? init : (partial){0, adds};
  return chain(r, start, begin, end).bits;
}

/* Splits k_begin .. k_end-1 into pieces of `length` and joins what they give, by levels or in index order. */
static uint64_t pieces(const reduction* r, partial init, int64_t length) {
  const acp_nest* nest = r->nest;
  const int64_t total = nest->k_end - nest->k_begin;
  const int64_t count = total / length + (total % length != 0);
  uint64_t* sums = malloc((size_t)count * sizeof *sums);
  if (sums == NULL) {
    r->state->family = kit_environment(r->state->status, ACP_CODE_NO_MEMORY, "no memory left");
    return 0;
  }
  for (int64_t p = 0; p < count; ++p) {
    const int64_t begin = nest->k_begin + p * length;
    const int64_t end = p == count - 1 ? nest->k_end : begin + length;
    sums[p] = nest->order == ACP_ORDER_LANES32 ? lanes(r, begin, end) : block_sum(r, init, begin, end);
  }
  uint64_t result = sums[0];
  if (nest->order == ACP_ORDER_BLOCKED_INDEX) {
    for (int64_t p = 1; p < count; ++p) result = join(r, result, sums[p]);
  } else {
    result = join_levels(r, sums, count);
  }
  free(sums);
  return result;
}

/* What a reduction over nothing yields without an init. */
static uint64_t neutral(const reduction* r) {
  const int max = r->nest->combiner == ACP_COMBINE_MAX;
  if (!max && r->nest->combiner != ACP_COMBINE_MIN) return 0;
  switch (r->dtype) {
    case ACP_F32: return max ? 0xff800000u : 0x7f800000u;
    case ACP_I32: return max ? 0x80000000u : 0x7fffffffu;
    default: return max ? UINT64_C(1) << 63 : (uint64_t)INT64_MAX;
  }
}

uint64_t reduce(run_state* state, const acp_nest* nest, const nest_parts* parts) {
  const reduction r = {state, nest, parts, state->program->region.scalars[nest->body_a].dtype};
  partial init = {0, 0};
  if (nest->init != ACP_NONE) {
    evaluate(state, &parts->init);
    init.bits = state->scalar_values[nest->init];
    init.begun = 1;
  }
  if (nest->k_begin == nest->k_end) return init.begun ? init.bits : neutral(&r);
  switch (nest->order) {
    case ACP_ORDER_BLOCKED_TREE:
    case ACP_ORDER_BLOCKED_INDEX: return pieces(&r, init, nest->block);
    case ACP_ORDER_LANES32: {
      const uint64_t sum = pieces(&r, init, kChunk);
      return init.begun ? join(&r, init.bits, sum) : sum;
    }
    default: return chain(&r, init, nest->k_begin, nest->k_end).bits;
  }
}
