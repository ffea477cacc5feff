/* The parts of kit_region_check, in the order they run. Each may assume what the ones before it established. */
#ifndef ACP_VENDORS_KIT_REGION_RULES_H_
#define ACP_VENDORS_KIT_REGION_RULES_H_

#include "region_check.h"

/* Sizes, versions, limits, operands (CEP-REG-1, 4, 15). */
uint16_t kit_check_operands(const acp_region* region, acp_status* status);
/* Every reference in range and backward, every code known (CEP-REG-2, 3, 9), iterators (CEP-REG-14). */
uint16_t kit_check_references(const acp_region* region, acp_status* status);
/* Element types agree (CEP-REG-5). */
uint16_t kit_check_types(const acp_region* region, acp_status* status);
/* Stages nest well (CEP-REG-13); each nest and loop in its place (CEP-REG-6, 10, 11, 12, 14). */
uint16_t kit_check_stages(const acp_region* region, acp_status* status);

/* What the parts of one nest need: a bit per phase, an array per kind of node. */
enum { KIT_NEED_BODY = 1, KIT_NEED_INIT = 2, KIT_NEED_VALUE = 4, KIT_NEED_PLACE = 8 };
typedef struct kit_needs {
  uint8_t* scalars;
  uint8_t* reads;
  uint8_t* indices;
} kit_needs;

/* An index expression over the iterators of one nest and the loops around it. */
typedef struct kit_form {
  int64_t lo; /* inclusive bounds */
  int64_t hi;
  int64_t base;
  int64_t iter[KIT_MAX_ITERS];
  int64_t loop[KIT_MAX_LOOPS];
  uint8_t affine;    /* base, iter and loop hold */
  uint8_t from_data; /* a LOAD is below: the bounds are not known */
} kit_form;

/* Writes of one nest against its writes and reads (CEP-REG-6 for reads and writes, CEP-REG-11, CEP-REG-12). */
typedef struct kit_nest_view {
  const acp_region* region;
  const acp_nest* nest;
  uint32_t number;
  uint32_t depth; /* loops around it */
  kit_needs needs;
  const kit_form* forms; /* of the needed index nodes */
  int64_t iter_lo[KIT_MAX_ITERS];
  int64_t iter_hi[KIT_MAX_ITERS];
  int64_t loop_hi[KIT_MAX_LOOPS];
  int empty;        /* no parallel point */
  int reduce_empty; /* no reduction step */
} kit_nest_view;
uint16_t kit_check_access(const kit_nest_view* view, acp_status* status);

#endif /* ACP_VENDORS_KIT_REGION_RULES_H_ */
