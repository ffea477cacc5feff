/* Stages, and each nest or loop where it stands: what it needs, what its index expressions reach. */
#include <stdlib.h>
#include <string.h>

#include "region_rules.h"
#include "status.h"

static void need_read(const acp_region* region, const kit_needs* needs, uint32_t read, uint8_t phase) {
  const acp_read* r = &region->reads[read];
  needs->reads[read] |= phase;
  for (uint32_t d = 0; d < region->operands[r->operand].rank; ++d) needs->indices[r->coord[d]] |= phase;
  for (uint32_t g = 0; g < r->guard_count; ++g)
    needs->indices[region->guards[r->guard_first + g].index] |= phase;
}

/* Spreads the marks of the roots over everything below them; nodes only refer backward, so one backward pass each. */
static void spread_needs(const acp_region* region, const kit_needs* needs) {
  for (uint32_t i = region->scalar_count; i-- > 0;) {
    const acp_scalar_node* node = &region->scalars[i];
    const uint8_t phase = needs->scalars[i];
    if (phase == 0) continue;
    const uint32_t arity = kit_scalar_arity(node->op);
    if (arity >= 1) needs->scalars[node->a] |= phase;
    if (arity >= 2) needs->scalars[node->b] |= phase;
    if (arity >= 3) needs->scalars[node->c] |= phase;
    if (node->op == ACP_SC_ARG) need_read(region, needs, node->a, phase);
    if (node->op == ACP_SC_INDEX) needs->indices[node->a] |= phase;
  }
  for (uint32_t i = region->index_count; i-- > 0;) {
    const acp_index_node* node = &region->indices[i];
    const uint8_t phase = needs->indices[i];
    if (phase == 0) continue;
    if (node->op >= ACP_IX_ADD && node->op <= ACP_IX_WRAP) needs->indices[node->a] |= phase;
    if (node->op == ACP_IX_ADD) needs->indices[node->b] |= phase;
    if (node->op == ACP_IX_LOAD) need_read(region, needs, node->a, phase);
  }
}

/* Values below 0 move up by `value`, the others stay. */
static void wrap_bounds(const kit_form* a, int64_t value, kit_form* form) {
  form->from_data = a->from_data;
  form->lo = a->lo;
  form->hi = a->hi;
  if (a->lo >= 0) return;
  const int64_t moved_lo = a->lo + value;
  const int64_t moved_hi = (a->hi < 0 ? a->hi : -1) + value;
  const int stays = a->hi >= 0;
  form->lo = stays && moved_lo > 0 ? 0 : moved_lo;
  form->hi = stays && moved_hi < a->hi ? a->hi : moved_hi;
}

static void add_factors(const kit_form* b, kit_form* form) {
  form->base = (int64_t)((uint64_t)form->base + (uint64_t)b->base);
  for (uint32_t t = 0; t < KIT_MAX_ITERS; ++t)
    form->iter[t] = (int64_t)((uint64_t)form->iter[t] + (uint64_t)b->iter[t]);
  for (uint32_t t = 0; t < KIT_MAX_LOOPS; ++t)
    form->loop[t] = (int64_t)((uint64_t)form->loop[t] + (uint64_t)b->loop[t]);
}

static void scale_factors(int64_t value, kit_form* form) {
  const uint64_t factor = (uint64_t)value;
  form->base = (int64_t)((uint64_t)form->base * factor);
  for (uint32_t t = 0; t < KIT_MAX_ITERS; ++t) form->iter[t] = (int64_t)((uint64_t)form->iter[t] * factor);
  for (uint32_t t = 0; t < KIT_MAX_LOOPS; ++t) form->loop[t] = (int64_t)((uint64_t)form->loop[t] * factor);
}

/* Node i from the forms of the nodes before it. Returns 0 when a value may leave 64 bits. */
static int make_form(const kit_nest_view* view, uint32_t i, kit_form* forms) {
  const acp_index_node* node = &view->region->indices[i];
  kit_form* form = &forms[i];
  memset(form, 0, sizeof *form);
  const kit_form* a = node->op >= ACP_IX_ADD && node->op <= ACP_IX_WRAP ? &forms[node->a] : form;
  const kit_form* b = node->op == ACP_IX_ADD ? &forms[node->b] : form;
  switch (node->op) {
    case ACP_IX_CONST:
      form->affine = 1;
      form->base = form->lo = form->hi = node->value;
      return 1;
    case ACP_IX_ITER:
      form->affine = 1;
      form->iter[node->a] = 1;
      form->lo = view->iter_lo[node->a];
      form->hi = view->iter_hi[node->a];
      return 1;
    case ACP_IX_LOOP:
      form->affine = 1;
      form->loop[node->a] = 1;
      form->hi = view->loop_hi[node->a];
      return 1;
    case ACP_IX_ADD:
      *form = *a;
      form->affine = a->affine && b->affine;
      form->from_data = a->from_data || b->from_data;
      add_factors(b, form);
      if (form->from_data) return 1;
      return !__builtin_add_overflow(a->lo, b->lo, &form->lo) &&
             !__builtin_add_overflow(a->hi, b->hi, &form->hi);
    case ACP_IX_SCALE: {
      *form = *a;
      scale_factors(node->value, form);
      if (form->from_data) return 1;
      const int down = node->value < 0;
      return !__builtin_mul_overflow(down ? a->hi : a->lo, node->value, &form->lo) &&
             !__builtin_mul_overflow(down ? a->lo : a->hi, node->value, &form->hi);
    }
    case ACP_IX_FLOORDIV:
      form->from_data = a->from_data;
      form->lo = a->lo / node->value - (a->lo % node->value < 0);
      form->hi = a->hi / node->value - (a->hi % node->value < 0);
      return 1;
    case ACP_IX_MOD:
      form->from_data = a->from_data;
      form->hi = node->value - 1;
      return 1;
    case ACP_IX_WRAP: wrap_bounds(a, node->value, form); return 1;
    default: form->from_data = 1; return 1; /* LOAD */
  }
}

/* Which digits of the reduce iterators the numbers k_begin .. k_end-1 reach. Returns 0 when the domain leaves 62 bits. */
static int bound_reduction(kit_nest_view* view, int64_t* domain) {
  const acp_nest* nest = view->nest;
  /* A nest without iterators may come with no array of them. */
  const acp_iter* iters = nest->iter_count > 0 ? view->region->iters + nest->iter_first : NULL;
  const uint32_t first = nest->iter_count - nest->reduce_count;
  *domain = 1;
  for (uint32_t t = first; t < nest->iter_count; ++t) {
    if (__builtin_mul_overflow(*domain, iters[t].end, domain) || *domain > (INT64_C(1) << 62)) return 0;
  }
  view->reduce_empty = nest->k_begin >= nest->k_end;
  if (view->reduce_empty || nest->k_end > *domain || nest->k_begin < 0) return 1;
  int64_t begin = nest->k_begin, last = nest->k_end - 1;
  for (uint32_t t = nest->iter_count; t-- > first;) {
    const int64_t extent = iters[t].end;
    /* The digit is begin%extent .. last%extent when no carry happens below the digits before it, else all of them. */
    const int carries = begin / extent != last / extent;
    view->iter_lo[t] = carries ? 0 : begin % extent;
    view->iter_hi[t] = carries ? extent - 1 : last % extent;
    begin /= extent;
    last /= extent;
  }
  return 1;
}

static uint16_t check_domain(kit_nest_view* view, acp_status* status) {
  const acp_nest* nest = view->nest;
  const uint32_t parallel = nest->iter_count - nest->reduce_count;
  int64_t points = 1;
  for (uint32_t t = 0; t < nest->iter_count; ++t) {
    const acp_iter* iter = &view->region->iters[nest->iter_first + t];
    int64_t extent = 0;
    if (iter->begin > iter->end || (t >= parallel && iter->begin != 0) ||
        __builtin_sub_overflow(iter->end, iter->begin, &extent)) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-14",
                        "begin is past end, or a reduce iterator does not begin at 0", "iters[%u]",
                        nest->iter_first + t);
    }
    view->iter_lo[t] = iter->begin;
    view->iter_hi[t] = iter->end - (extent != 0);
    if (t >= parallel) continue;
    if (extent == 0) view->empty = 1;
    if (__builtin_mul_overflow(points, extent, &points) || points > (INT64_C(1) << 62)) {
      return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "more than 2^62 points", "nests[%u]", view->number);
    }
  }
  int64_t domain = 0;
  if (!bound_reduction(view, &domain)) {
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "more than 2^62 points to reduce", "nests[%u]",
                      view->number);
  }
  if (nest->combiner != ACP_COMBINE_NONE &&
      (nest->k_begin < 0 || nest->k_begin > nest->k_end || nest->k_end > domain)) {
    return kit_refuse(status, ACP_INVALID, "CEP-REG-14", "the k range leaves the reduce iterators' domain",
                      "nests[%u].k_end", view->number);
  }
  return ACP_OK;
}

/* Nodes that only make sense in some places. */
static uint16_t check_places(const kit_nest_view* view, acp_status* status) {
  const acp_region* region = view->region;
  const acp_nest* nest = view->nest;
  for (uint32_t i = 0; i < region->scalar_count; ++i) {
    if (view->needs.scalars[i] == 0 || region->scalars[i].op != ACP_SC_ACC) continue;
    if (view->needs.scalars[i] != KIT_NEED_VALUE || nest->combiner == ACP_COMBINE_NONE) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-10",
                        "ACC stands outside the write values of a reduction", "scalars[%u].op", i);
    }
    if (region->scalars[i].dtype != region->scalars[nest->body_a].dtype) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-5", "ACC has the body's element type",
                        "scalars[%u].dtype", i);
    }
  }
  for (uint32_t i = 0; i < region->index_count; ++i) {
    const acp_index_node* node = &region->indices[i];
    const uint8_t phases = view->needs.indices[i];
    if (phases == 0) continue;
    if (node->op == ACP_IX_ITER && node->a >= nest->iter_count) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-10", "the nest has no such iterator", "indices[%u].a",
                        i);
    }
    const int reduces = node->op == ACP_IX_ITER && node->a >= nest->iter_count - nest->reduce_count;
    if (reduces && phases != KIT_NEED_BODY) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-10", "a reduce iterator stands outside the body",
                        "indices[%u].a", i);
    }
    if (node->op == ACP_IX_LOOP && node->a >= view->depth) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-10", "no such enclosing loop", "indices[%u].a", i);
    }
  }
  return ACP_OK;
}

static void need_nest(const acp_region* region, const acp_nest* nest, const kit_needs* needs) {
  if (nest->combiner != ACP_COMBINE_NONE) needs->scalars[nest->body_a] |= KIT_NEED_BODY;
  if (nest->body_b != ACP_NONE) needs->scalars[nest->body_b] |= KIT_NEED_BODY;
  if (nest->init != ACP_NONE) needs->scalars[nest->init] |= KIT_NEED_INIT;
  for (uint32_t w = nest->write_first; w < nest->write_first + nest->write_count; ++w) {
    const acp_write* write = &region->writes[w];
    needs->scalars[write->value] |= KIT_NEED_VALUE;
    for (uint32_t d = 0; d < region->operands[write->operand].rank; ++d)
      needs->indices[write->coord[d]] |= KIT_NEED_PLACE;
  }
}

static uint16_t check_nest(kit_nest_view* view, kit_form* forms, acp_status* status) {
  const acp_region* region = view->region;
  need_nest(region, view->nest, &view->needs);
  spread_needs(region, &view->needs);
  uint16_t family = check_places(view, status);
  if (family == ACP_OK) family = check_domain(view, status);
  for (uint32_t t = 0; t < view->depth; ++t) view->empty |= view->loop_hi[t] < 0;
  if (family != ACP_OK || view->empty) return family;
  for (uint32_t i = 0; i < region->index_count; ++i) {
    if (view->needs.indices[i] == 0 || make_form(view, i, forms)) continue;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-14", "an index expression may leave 64 bits",
                      "indices[%u]", i);
  }
  return kit_check_access(view, status);
}

/* A loop's trips and condition: constants and LOOP only, no accumulator. */
static uint16_t check_loop(const acp_region* region, uint32_t scalar, uint32_t depth, const kit_needs* needs,
                           acp_status* status) {
  needs->scalars[scalar] = KIT_NEED_VALUE;
  spread_needs(region, needs);
  for (uint32_t i = 0; i < region->scalar_count; ++i) {
    if (needs->scalars[i] != 0 && region->scalars[i].op == ACP_SC_ACC) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-10",
                        "ACC stands outside the write values of a reduction", "scalars[%u].op", i);
    }
  }
  for (uint32_t i = 0; i < region->index_count; ++i) {
    const acp_index_node* node = &region->indices[i];
    if (needs->indices[i] == 0 || node->op == ACP_IX_CONST || node->op == ACP_IX_ADD ||
        node->op == ACP_IX_SCALE)
      continue;
    if (node->op == ACP_IX_LOOP && node->a < depth) continue;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-10",
                      "a loop's scalars depend on constants and enclosing loops only", "indices[%u].op", i);
  }
  return ACP_OK;
}

typedef struct stage_walk {
  kit_nest_view view;
  kit_form* forms;
  uint8_t* marks;
  size_t mark_bytes;
  uint32_t open[KIT_MAX_LOOPS];
  uint8_t loop_used[KIT_MAX_STAGES];
} stage_walk;

static uint16_t bad_stage(acp_status* status, uint32_t i, const char* message) {
  return kit_refuse(status, ACP_INVALID, "CEP-REG-13", message, "stages[%u]", i);
}

static uint16_t open_loop(stage_walk* walk, uint32_t i, acp_status* status) {
  const acp_region* region = walk->view.region;
  const uint32_t number = region->stages[i].index;
  const uint32_t depth = walk->view.depth;
  if (number >= region->loop_count || walk->loop_used[number])
    return bad_stage(status, i, "no such loop, or used twice");
  if (depth == KIT_MAX_LOOPS)
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "loops too deep", "stages[%u]", i);
  const acp_loop* loop = &region->loops[number];
  memset(walk->marks, 0, walk->mark_bytes);
  uint16_t family = check_loop(region, loop->trips, depth, &walk->view.needs, status);
  if (family == ACP_OK && loop->condition != ACP_NONE) {
    memset(walk->marks, 0, walk->mark_bytes);
    family = check_loop(region, loop->condition, depth + 1, &walk->view.needs, status);
  }
  walk->loop_used[number] = 1;
  walk->open[depth] = number;
  walk->view.loop_hi[depth] = loop->max_trips - 1;
  walk->view.depth = depth + 1;
  return family;
}

static uint16_t check_stage(stage_walk* walk, uint32_t i, acp_status* status) {
  kit_nest_view* view = &walk->view;
  const acp_stage* stage = &view->region->stages[i];
  switch (stage->kind) {
    case ACP_STAGE_LOOP_BEGIN: return open_loop(walk, i, status);
    case ACP_STAGE_LOOP_END:
      if (view->depth == 0 || walk->open[view->depth - 1] != stage->index) {
        return bad_stage(status, i, "ends a loop that is not the innermost open one");
      }
      --view->depth;
      return ACP_OK;
    case ACP_STAGE_NEST:
      if (stage->index >= view->region->nest_count) return bad_stage(status, i, "no such nest");
      memset(walk->marks, 0, walk->mark_bytes);
      view->nest = &view->region->nests[stage->index];
      view->number = stage->index;
      view->empty = 0;
      return check_nest(view, walk->forms, status);
    default:
      return kit_refuse(status, ACP_INVALID, "CEP-REG-3", "unknown kind of stage", "stages[%u].kind", i);
  }
}

uint16_t kit_check_stages(const acp_region* region, acp_status* status) {
  stage_walk walk = {.view.region = region};
  walk.mark_bytes = (size_t)region->scalar_count + region->read_count + region->index_count;
  walk.marks = malloc(walk.mark_bytes + 1);
  walk.forms = malloc((region->index_count + 1u) * sizeof *walk.forms);
  uint16_t family = ACP_OK;
  if (walk.marks == NULL || walk.forms == NULL) {
    family = kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  } else {
    walk.view.needs.scalars = walk.marks;
    walk.view.needs.reads = walk.marks + region->scalar_count;
    walk.view.needs.indices = walk.view.needs.reads + region->read_count;
    walk.view.forms = walk.forms;
    for (uint32_t i = 0; family == ACP_OK && i < region->stage_count; ++i)
      family = check_stage(&walk, i, status);
    if (family == ACP_OK && walk.view.depth != 0)
      family = bad_stage(status, region->stage_count, "a loop is not ended");
  }
  free(walk.marks);
  free(walk.forms);
  return family;
}

uint16_t kit_region_check(const acp_region* region, acp_status* status) {
  uint16_t family = kit_check_operands(region, status);
  if (family == ACP_OK) family = kit_check_references(region, status);
  if (family == ACP_OK) family = kit_check_types(region, status);
  if (family == ACP_OK) family = kit_check_stages(region, status);
  return family;
}
