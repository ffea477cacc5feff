#include "program.h"

#include <stdlib.h>
#include <string.h>

/* Which nodes a part needs: a mark per node. */
typedef struct marks {
  uint8_t* indices;
  uint8_t* reads;
  uint8_t* scalars;
} marks;

static void mark_read(const acp_region* region, const marks* m, uint32_t read) {
  const acp_read* r = &region->reads[read];
  m->reads[read] = 1;
  for (uint32_t d = 0; d < region->operands[r->operand].rank; ++d) m->indices[r->coord[d]] = 1;
  for (uint32_t g = 0; g < r->guard_count; ++g) m->indices[region->guards[r->guard_first + g].index] = 1;
}

/* Node operands stand before the node, so walking backward meets every user before its operands. */
static void mark_below(const acp_region* region, const marks* m) {
  for (uint32_t i = region->scalar_count; i-- > 0;) {
    const acp_scalar_node* node = &region->scalars[i];
    if (!m->scalars[i]) continue;
    if (node->op == ACP_SC_ARG) mark_read(region, m, node->a);
    if (node->op == ACP_SC_INDEX) m->indices[node->a] = 1;
    if (node->op <= ACP_SC_INDEX) continue;
    m->scalars[node->a] = 1;
    const int unary = node->op <= ACP_SC_RINT || node->op == ACP_SC_CAST || node->op == ACP_SC_BITCAST;
    if (!unary) m->scalars[node->b] = 1;
    if (node->op == ACP_SC_FMA || node->op == ACP_SC_SELECT) m->scalars[node->c] = 1;
  }
  for (uint32_t i = region->index_count; i-- > 0;) {
    const acp_index_node* node = &region->indices[i];
    if (!m->indices[i]) continue;
    if (node->op == ACP_IX_LOAD) mark_read(region, m, node->a);
    if (node->op >= ACP_IX_ADD && node->op <= ACP_IX_WRAP) m->indices[node->a] = 1;
    if (node->op == ACP_IX_ADD) m->indices[node->b] = 1;
  }
}

static uint32_t* list_marked(const uint8_t* marked, uint32_t count, uint32_t* listed) {
  *listed = 0;
  for (uint32_t i = 0; i < count; ++i) *listed += marked[i];
  uint32_t* list = malloc((*listed + 1u) * sizeof *list);
  if (list == NULL) return NULL;
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (marked[i]) list[at++] = i;
  }
  return list;
}

/* Lists what was marked and clears the marks. Returns 0 when memory runs out. */
static int take_list(const acp_region* region, const marks* m, node_list* list) {
  mark_below(region, m);
  list->indices = list_marked(m->indices, region->index_count, &list->index_count);
  list->reads = list_marked(m->reads, region->read_count, &list->read_count);
  list->scalars = list_marked(m->scalars, region->scalar_count, &list->scalar_count);
  memset(m->indices, 0, region->index_count);
  memset(m->reads, 0, region->read_count);
  memset(m->scalars, 0, region->scalar_count);
  return list->indices != NULL && list->reads != NULL && list->scalars != NULL;
}

static int list_nest(const acp_region* region, const acp_nest* nest, const marks* m, nest_parts* parts) {
  if (nest->init != ACP_NONE) m->scalars[nest->init] = 1;
  if (!take_list(region, m, &parts->init)) return 0;
  if (nest->combiner != ACP_COMBINE_NONE) m->scalars[nest->body_a] = 1;
  if (nest->body_b != ACP_NONE) m->scalars[nest->body_b] = 1;
  if (!take_list(region, m, &parts->body)) return 0;
  for (uint32_t w = nest->write_first; w < nest->write_first + nest->write_count; ++w) {
    const acp_write* write = &region->writes[w];
    m->scalars[write->value] = 1;
    for (uint32_t d = 0; d < region->operands[write->operand].rank; ++d) m->indices[write->coord[d]] = 1;
  }
  return take_list(region, m, &parts->writes);
}

static int list_loop(const acp_region* region, const acp_loop* loop, const marks* m, loop_parts* parts) {
  m->scalars[loop->trips] = 1;
  if (!take_list(region, m, &parts->trips)) return 0;
  if (loop->condition != ACP_NONE) m->scalars[loop->condition] = 1;
  return take_list(region, m, &parts->condition);
}

static int list_parts(program* made) {
  const acp_region* region = &made->region;
  const marks m = {calloc(region->index_count + 1u, 1), calloc(region->read_count + 1u, 1),
                   calloc(region->scalar_count + 1u, 1)};
  int done = m.indices != NULL && m.reads != NULL && m.scalars != NULL;
  for (uint32_t i = 0; done && i < region->nest_count; ++i)
    done = list_nest(region, &region->nests[i], &m, &made->nests[i]);
  for (uint32_t i = 0; done && i < region->loop_count; ++i)
    done = list_loop(region, &region->loops[i], &m, &made->loops[i]);
  for (uint32_t i = 0; i < region->stage_count; ++i) {
    if (region->stages[i].kind == ACP_STAGE_LOOP_END) made->loops[region->stages[i].index].end_stage = i;
  }
  free(m.indices);
  free(m.reads);
  free(m.scalars);
  return done;
}

static void* copy_array(const void* from, uint32_t count, size_t size_bytes) {
  void* to = malloc((count + 1u) * size_bytes);
  if (to != NULL && count != 0) memcpy(to, from, count * size_bytes);
  return to;
}

static int copy_region(const acp_region* from, acp_region* to) {
  *to = *from;
  to->operands = copy_array(from->operands, from->operand_count, sizeof *from->operands);
  to->indices = copy_array(from->indices, from->index_count, sizeof *from->indices);
  to->guards = copy_array(from->guards, from->guard_count, sizeof *from->guards);
  to->reads = copy_array(from->reads, from->read_count, sizeof *from->reads);
  to->scalars = copy_array(from->scalars, from->scalar_count, sizeof *from->scalars);
  to->iters = copy_array(from->iters, from->iter_count, sizeof *from->iters);
  to->writes = copy_array(from->writes, from->write_count, sizeof *from->writes);
  to->nests = copy_array(from->nests, from->nest_count, sizeof *from->nests);
  to->loops = copy_array(from->loops, from->loop_count, sizeof *from->loops);
  to->stages = copy_array(from->stages, from->stage_count, sizeof *from->stages);
  return to->operands && to->indices && to->guards && to->reads && to->scalars && to->iters && to->writes &&
         to->nests && to->loops && to->stages;
}

program* program_create(const acp_region* region) {
  program* made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  int done = copy_region(region, &made->region);
  made->nests = calloc(region->nest_count + 1u, sizeof *made->nests);
  made->loops = calloc(region->loop_count + 1u, sizeof *made->loops);
  if (!done || made->nests == NULL || made->loops == NULL || !list_parts(made)) {
    program_free(made);
    return NULL;
  }
  for (uint32_t i = 0; i < region->operand_count; ++i) {
    const acp_operand* operand = &region->operands[i];
    if (operand->role == ACP_ROLE_INPUT && operand->slot >= made->input_count)
      made->input_count = operand->slot + 1;
  }
  return made;
}

static void free_list(node_list* list) {
  free(list->indices);
  free(list->reads);
  free(list->scalars);
}

void program_free(program* made) {
  if (made == NULL) return;
  for (uint32_t i = 0; made->nests != NULL && i < made->region.nest_count; ++i) {
    free_list(&made->nests[i].init);
    free_list(&made->nests[i].body);
    free_list(&made->nests[i].writes);
  }
  for (uint32_t i = 0; made->loops != NULL && i < made->region.loop_count; ++i) {
    free_list(&made->loops[i].trips);
    free_list(&made->loops[i].condition);
  }
  free(made->nests);
  free(made->loops);
  const acp_region* region = &made->region;
  const void* arrays[] = {region->operands, region->indices, region->guards, region->reads, region->scalars,
                          region->iters,    region->writes,  region->nests,  region->loops, region->stages};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) free((void*)arrays[i]);
  free(made);
}
