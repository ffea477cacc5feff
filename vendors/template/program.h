/* A region program made ready to run: an own copy of the arrays, and for each part of a nest the nodes it needs.
 *
 * Life     made by compile, read-only while it runs, so any number of queues may share it.
 */
#ifndef ACP_VENDORS_TEMPLATE_PROGRAM_H_
#define ACP_VENDORS_TEMPLATE_PROGRAM_H_

#include "kit/status.h"

/* Numbers of nodes, ascending: one forward pass over each list evaluates the part. */
typedef struct node_list {
  uint32_t* indices;
  uint32_t* reads;
  uint32_t* scalars;
  uint32_t index_count;
  uint32_t read_count;
  uint32_t scalar_count;
} node_list;

typedef struct nest_parts {
  node_list init;
  node_list body;
  node_list writes;
} nest_parts;

typedef struct loop_parts {
  node_list trips;
  node_list condition;
  uint32_t end_stage;
} loop_parts;

typedef struct program {
  acp_region region; /* its arrays belong to the program */
  nest_parts* nests;
  loop_parts* loops;
  uint32_t input_count;
} program;

/* Null when memory runs out. The region has passed kit_region_check. */
program* program_create(const acp_region* region);
void program_free(program* made);

/* One launch. bindings: inputs, then outputs.
 *
 * Errors   CEP-REG-7 a read outside its window; CEP-REG-8 more trips than max_trips. */
uint16_t program_run(const program* compiled, unsigned char* const* bindings, acp_status* status);

#endif /* ACP_VENDORS_TEMPLATE_PROGRAM_H_ */
