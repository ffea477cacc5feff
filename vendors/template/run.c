/* A launch: bind the operands, run the stages. */
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "kit/region_check.h"

static void write_operand(run_state* state, const acp_write* write) {
  const acp_operand* operand = &state->program->region.operands[write->operand];
  int64_t offset = 0;
  for (uint32_t d = 0; d < operand->rank; ++d) {
    offset += (state->index_values[write->coord[d]] - operand->origin[d]) * operand->stride[d];
  }
  const size_t element_bytes = kit_dtype_bytes(operand->dtype);
  memcpy(state->operands[write->operand] + offset * (int64_t)element_bytes,
         &state->scalar_values[write->value], element_bytes);
}

/* All parallel points, in row-major order. */
static void run_nest(run_state* state, uint32_t number) {
  const acp_region* region = &state->program->region;
  const acp_nest* nest = &region->nests[number];
  const nest_parts* parts = &state->program->nests[number];
  const acp_iter* iters = &region->iters[nest->iter_first];
  const uint32_t parallel = nest->iter_count - nest->reduce_count;
  for (uint32_t t = 0; t < parallel; ++t) {
    if (iters[t].begin == iters[t].end) return;
    state->iters[t] = iters[t].begin;
  }
  for (;;) {
    if (nest->combiner != ACP_COMBINE_NONE) state->accumulator = reduce(state, nest, parts);
    evaluate(state, &parts->writes);
    if (state->family != ACP_OK) return;
    for (uint32_t w = 0; w < nest->write_count; ++w)
      write_operand(state, &region->writes[nest->write_first + w]);
    uint32_t t = parallel;
    while (t > 0 && ++state->iters[t - 1] == iters[t - 1].end) {
      state->iters[t - 1] = iters[t - 1].begin;
      --t;
    }
    if (t == 0) return;
  }
}

/* Runs the stages begin .. end-1 inside `depth` loops. */
static void run_stages(run_state* state, uint32_t begin, uint32_t end, uint32_t depth) {
  const acp_region* region = &state->program->region;
  for (uint32_t i = begin; i < end && state->family == ACP_OK; ++i) {
    const acp_stage* stage = &region->stages[i];
    if (stage->kind == ACP_STAGE_NEST) {
      run_nest(state, stage->index);
      continue;
    }
    const acp_loop* loop = &region->loops[stage->index];
    const loop_parts* parts = &state->program->loops[stage->index];
    evaluate(state, &parts->trips);
    if (state->family != ACP_OK) return;
    const int64_t trips = (int64_t)state->scalar_values[loop->trips];
    if (trips > loop->max_trips) {
      state->family = kit_refuse(state->status, ACP_INVALID, "CEP-REG-8", "more trips than max_trips",
                                 "loops[%u].trips", stage->index);
      return;
    }
    for (int64_t trip = 0; trip < trips && state->family == ACP_OK; ++trip) {
      state->loops[depth] = trip;
      evaluate(state, &parts->condition);
      if (state->family != ACP_OK) return;
      if (loop->condition != ACP_NONE && state->scalar_values[loop->condition] == 0) break;
      run_stages(state, i + 1, parts->end_stage, depth + 1);
    }
    i = parts->end_stage;
  }
}

/* Elements before and from the window's origin on that a temporary needs. */
static void window_reach(const acp_operand* operand, int64_t* before, int64_t* after) {
  *before = 0;
  *after = 1;
  for (uint32_t d = 0; d < operand->rank; ++d) {
    const int64_t reach = (operand->held[d] - 1) * operand->stride[d];
    if (operand->held[d] == 0) {
      *before = *after = 0;
      return;
    }
    if (reach < 0) *before -= reach;
    if (reach > 0) *after += reach;
  }
}

/* Returns 0 when memory runs out. */
static int bind_operands(run_state* state, unsigned char* const* bindings) {
  const acp_region* region = &state->program->region;
  for (uint32_t i = 0; i < region->operand_count; ++i) {
    const acp_operand* operand = &region->operands[i];
    if (operand->role == ACP_ROLE_INPUT) state->operands[i] = bindings[operand->slot];
    if (operand->role == ACP_ROLE_OUTPUT)
      state->operands[i] = bindings[state->program->input_count + operand->slot];
    if (operand->role != ACP_ROLE_TEMP) continue;
    int64_t before = 0, after = 0;
    window_reach(operand, &before, &after);
    const size_t element_bytes = kit_dtype_bytes(operand->dtype);
    state->temporaries[i] = calloc((size_t)(before + after) + 1, element_bytes);
    if (state->temporaries[i] == NULL) return 0;
    state->operands[i] = state->temporaries[i] + (size_t)before * element_bytes;
  }
  return 1;
}

uint16_t program_run(const program* compiled, unsigned char* const* bindings, acp_status* status) {
  const acp_region* region = &compiled->region;
  run_state state = {.program = compiled, .status = status};
  state.operands = calloc(region->operand_count + 1u, sizeof *state.operands);
  state.temporaries = calloc(region->operand_count + 1u, sizeof *state.temporaries);
  state.iters = calloc(KIT_MAX_ITERS, sizeof *state.iters);
  state.index_values = calloc(region->index_count + 1u, sizeof *state.index_values);
  state.scalar_values = calloc(region->scalar_count + 1u, sizeof *state.scalar_values);
  state.read_values = calloc(region->read_count + 1u, sizeof *state.read_values);
  const int ready = state.operands && state.temporaries && state.iters && state.index_values &&
                    state.scalar_values && state.read_values && bind_operands(&state, bindings);
  if (ready) {
    run_stages(&state, 0, region->stage_count, 0);
  } else {
    state.family = kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
  for (uint32_t i = 0; state.temporaries != NULL && i < region->operand_count; ++i)
    free(state.temporaries[i]);
  free(state.operands);
  free(state.temporaries);
  free(state.iters);
  free(state.index_values);
  free(state.scalar_values);
  free(state.read_values);
  return state.family;
}
