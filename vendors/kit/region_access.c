/* What a nest reads and writes: inside the windows, injective, and never another point's result. */
#include "region_rules.h"
#include "status.h"

/* Exact bounds of an affine form over the nest's box. Returns 0 when they leave 64 bits. */
static int affine_bounds(const kit_nest_view* view, const kit_form* form, int64_t* lo, int64_t* hi) {
  *lo = *hi = form->base;
  for (uint32_t t = 0; t < KIT_MAX_ITERS + KIT_MAX_LOOPS; ++t) {
    const uint32_t loop = t - KIT_MAX_ITERS;
    const int64_t factor = t < KIT_MAX_ITERS ? form->iter[t] : form->loop[loop];
    if (factor == 0) continue;
    const int64_t least = t < KIT_MAX_ITERS ? view->iter_lo[t] : 0;
    const int64_t most = t < KIT_MAX_ITERS ? view->iter_hi[t] : view->loop_hi[loop];
    int64_t x = 0, y = 0;
    if (__builtin_mul_overflow(factor, factor < 0 ? most : least, &x) ||
        __builtin_mul_overflow(factor, factor < 0 ? least : most, &y) || __builtin_add_overflow(*lo, x, lo) ||
        __builtin_add_overflow(*hi, y, hi)) {
      return 0;
    }
  }
  return 1;
}

static int inside(const kit_nest_view* view, const acp_operand* operand, uint32_t d, const kit_form* form) {
  int64_t lo = 0, hi = 0;
  return affine_bounds(view, form, &lo, &hi) && lo >= operand->origin[d] &&
         hi < operand->origin[d] + operand->held[d];
}

/* An unguarded affine coordinate is known here; what a guard or a LOAD decides is checked when it happens (CEP-REG-7). */
static uint16_t check_reads_inside(const kit_nest_view* view, acp_status* status) {
  for (uint32_t i = 0; i < view->region->read_count; ++i) {
    const acp_read* read = &view->region->reads[i];
    const uint8_t phases = view->needs.reads[i];
    if (phases == 0 || read->guard_count != 0 || (phases == KIT_NEED_BODY && view->reduce_empty)) continue;
    const acp_operand* operand = &view->region->operands[read->operand];
    for (uint32_t d = 0; d < operand->rank; ++d) {
      const kit_form* form = &view->forms[read->coord[d]];
      if (!form->affine || inside(view, operand, d, form)) continue;
      return kit_refuse(status, ACP_INVALID, "CEP-REG-6", "the coordinate leaves the operand's window",
                        "reads[%u].coord[%u]", i, d);
    }
  }
  return ACP_OK;
}

/* Counts in `used` the iterators of more than one point that the coordinate takes; 0 when it is not of the allowed form. */
static int write_coordinate(const kit_nest_view* view, const kit_form* form, uint32_t* used) {
  if (!form->affine) return 0;
  uint32_t taken = 0;
  for (uint32_t t = 0; t < view->nest->iter_count; ++t) {
    if (form->iter[t] == 0 || view->iter_lo[t] == view->iter_hi[t]) continue;
    if (form->iter[t] != 1 || ++taken > 1) return 0;
    ++used[t];
  }
  return 1;
}

static uint16_t check_write(const kit_nest_view* view, uint32_t w, acp_status* status) {
  const acp_write* write = &view->region->writes[w];
  const acp_operand* operand = &view->region->operands[write->operand];
  if (operand->role == ACP_ROLE_INPUT) {
    return kit_refuse(status, ACP_INVALID, "CEP-REG-11", "an input is never written", "writes[%u].operand",
                      w);
  }
  uint32_t used[KIT_MAX_ITERS] = {0};
  for (uint32_t d = 0; d < operand->rank; ++d) {
    const kit_form* form = &view->forms[write->coord[d]];
    if (!write_coordinate(view, form, used)) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-11", "not one iterator plus constants and loops",
                        "writes[%u].coord[%u]", w, d);
    }
    if (!inside(view, operand, d, form)) {
      return kit_refuse(status, ACP_INVALID, "CEP-REG-6", "the coordinate leaves the operand's window",
                        "writes[%u].coord[%u]", w, d);
    }
  }
  for (uint32_t t = 0; t < view->nest->iter_count - view->nest->reduce_count; ++t) {
    if (used[t] == 1 || view->iter_lo[t] == view->iter_hi[t]) continue;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-11", "a parallel iterator is not used exactly once",
                      "writes[%u].coord", w);
  }
  return ACP_OK;
}

static kit_form difference(const kit_form* a, const kit_form* b) {
  kit_form d = {.affine = a->affine && b->affine};
  d.base = (int64_t)((uint64_t)a->base - (uint64_t)b->base);
  for (uint32_t t = 0; t < KIT_MAX_ITERS; ++t)
    d.iter[t] = (int64_t)((uint64_t)a->iter[t] - (uint64_t)b->iter[t]);
  for (uint32_t t = 0; t < KIT_MAX_LOOPS; ++t)
    d.loop[t] = (int64_t)((uint64_t)a->loop[t] - (uint64_t)b->loop[t]);
  return d;
}

static int is_zero(const kit_form* d) {
  int64_t any = d->base;
  for (uint32_t t = 0; t < KIT_MAX_ITERS; ++t) any |= d->iter[t];
  for (uint32_t t = 0; t < KIT_MAX_LOOPS; ++t) any |= d->loop[t];
  return d->affine && any == 0;
}

/* True if, at any two points of one trip, the coordinates surely differ. The trip numbers are common to both and cancel; the
 * iterators are not, so each side is bounded for itself. */
static int apart(const kit_nest_view* view, const kit_form* a, const kit_form* b) {
  if (!a->affine || !b->affine) return 0;
  const kit_form common = difference(a, b);
  kit_form x = *a, y = *b;
  x.base = common.base;
  y.base = 0;
  for (uint32_t t = 0; t < KIT_MAX_LOOPS; ++t) {
    x.loop[t] = common.loop[t];
    y.loop[t] = 0;
  }
  int64_t x_lo = 0, x_hi = 0, y_lo = 0, y_hi = 0;
  return affine_bounds(view, &x, &x_lo, &x_hi) && affine_bounds(view, &y, &y_lo, &y_hi) &&
         (x_hi < y_lo || y_hi < x_lo);
}

static int boxes_apart(const kit_nest_view* view, uint32_t rank, const uint32_t* a, const uint32_t* b) {
  for (uint32_t d = 0; d < rank; ++d) {
    if (apart(view, &view->forms[a[d]], &view->forms[b[d]])) return 1;
  }
  return 0;
}

static int same_element(const kit_nest_view* view, uint32_t rank, const uint32_t* a, const uint32_t* b) {
  for (uint32_t d = 0; d < rank; ++d) {
    const kit_form between = difference(&view->forms[a[d]], &view->forms[b[d]]);
    if (!is_zero(&between)) return 0;
  }
  return 1;
}

/* A read of what this nest writes must be of the very element its own point writes, or surely of none that it writes. */
static uint16_t check_hazards(const kit_nest_view* view, uint32_t w, acp_status* status) {
  const acp_region* region = view->region;
  const acp_write* write = &region->writes[w];
  const uint32_t rank = region->operands[write->operand].rank;
  for (uint32_t v = view->nest->write_first; v < w; ++v) {
    if (region->writes[v].operand != write->operand ||
        boxes_apart(view, rank, region->writes[v].coord, write->coord))
      continue;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-11", "two writes of one nest may meet",
                      "writes[%u].coord", w);
  }
  for (uint32_t i = 0; i < region->read_count; ++i) {
    const acp_read* read = &region->reads[i];
    if (view->needs.reads[i] == 0 || read->operand != write->operand) continue;
    if (same_element(view, rank, read->coord, write->coord) ||
        boxes_apart(view, rank, read->coord, write->coord))
      continue;
    return kit_refuse(status, ACP_INVALID, "CEP-REG-12", "reads what another point of the nest may write",
                      "reads[%u].coord", i);
  }
  return ACP_OK;
}

uint16_t kit_check_access(const kit_nest_view* view, acp_status* status) {
  const acp_nest* nest = view->nest;
  uint16_t family = check_reads_inside(view, status);
  for (uint32_t w = nest->write_first; family == ACP_OK && w < nest->write_first + nest->write_count; ++w) {
    family = check_write(view, w, status);
    if (family == ACP_OK) family = check_hazards(view, w, status);
  }
  return family;
}
