/* Evaluating one point of a nest, and reducing over k. */
#ifndef ACP_VENDORS_TEMPLATE_EVALUATE_H_
#define ACP_VENDORS_TEMPLATE_EVALUATE_H_

#include "program.h"

/* The state of one launch. Scalar values are bit patterns: F32 and I32 in the low 32 bits, I64 whole, BOOL 0 or 1. */
typedef struct run_state {
  const program* program;
  unsigned char** operands;    /* address of the element at the window's origin */
  unsigned char** temporaries; /* allocations behind the temporaries, else null */
  int64_t* iters;              /* of the current nest */
  int64_t loops[8];            /* trip numbers, outermost first */
  int64_t* index_values;
  uint64_t* scalar_values;
  uint64_t* read_values;
  uint64_t accumulator;
  acp_status* status;
  uint16_t family; /* of the first fault */
} run_state;

/* Evaluates the nodes of a part, in order. Stops at a fault. */
void evaluate(run_state* state, const node_list* list);

/* One operation on bits of `dtype`. */
uint64_t apply(uint8_t op, uint8_t dtype, uint64_t a, uint64_t b, uint64_t c);

/* The accumulator of a nest at the current parallel point, over k_begin .. k_end-1 in the nest's order. */
uint64_t reduce(run_state* state, const acp_nest* nest, const nest_parts* parts);

#endif /* ACP_VENDORS_TEMPLATE_EVALUATE_H_ */
