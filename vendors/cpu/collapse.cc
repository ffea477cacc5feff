// Fewer iterators for the same points: those of one point go, neighbours that every row sees as one become one.
#include <numeric>

#include "program.h"

namespace acp_cpu {
namespace {

using U64 = std::uint64_t;
std::int64_t wrap_add_mul(std::int64_t sum, std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<U64>(sum) + static_cast<U64>(a) * static_cast<U64>(b));
}

std::int64_t extent_of(const acp_iter& iter) { return iter.end - iter.begin; }

template <typename Change>
void for_rows(Nest& nest, const Change& change) {
  for (Phase* phase : {&nest.init_phase, &nest.body, &nest.writes}) {
    for (Row& row : phase->rows) change(row);
  }
}

// The iterator's first value moves into the rows' bases.
void begin_at_zero(Nest& nest, std::uint32_t t) {
  const std::int64_t begin = nest.iters[t].begin;
  for_rows(nest, [&](Row& row) { row.base = wrap_add_mul(row.base, row.iter[t], begin); });
  nest.iters[t] = {0, nest.iters[t].end - begin};
  nest.box[t] = {nest.box[t].begin - begin, nest.box[t].end - begin};
}

void drop(Nest& nest, std::vector<std::uint32_t>& origin, std::uint32_t t) {
  origin.erase(origin.begin() + t);
  for_rows(nest, [&](Row& row) { row.iter.erase(row.iter.begin() + t); });
  nest.iters.erase(nest.iters.begin() + t);
  nest.box.erase(nest.box.begin() + t);
  if (t < nest.parallel) --nest.parallel;
  if (nest.strip_axis > t) --nest.strip_axis;
}

// Whether moving t once is moving t + 1 through its whole range, for every row.
bool continues(Nest& nest, std::uint32_t t) {
  const std::int64_t extent = extent_of(nest.iters[t + 1]);
  bool same = true;
  for_rows(nest, [&](const Row& row) { same &= row.iter[t] == wrap_add_mul(0, row.iter[t + 1], extent); });
  return same;
}

}  // namespace

std::vector<std::uint32_t> collapse(Nest& nest) {
  std::vector<std::uint32_t> origin(nest.parallel);
  std::iota(origin.begin(), origin.end(), 0u);
  for (const acp_iter& iter : nest.iters) {
    if (extent_of(iter) == 0) return origin;
  }
  for (std::uint32_t t = nest.parallel; t-- > 0;) {
    begin_at_zero(nest, t);
    // The strip axis must stay an iterator: there is always one where there was one.
    if (nest.iters[t].end == 1 && t != nest.strip_axis) drop(nest, origin, t);
  }
  for (std::uint32_t t = nest.parallel; t-- > 1;) {
    if (!continues(nest, t - 1)) continue;
    nest.iters[t] = {0, nest.iters[t - 1].end * nest.iters[t].end};
    nest.box[t] = nest.iters[t];
    if (nest.strip_axis == t - 1) nest.strip_axis = t;
    drop(nest, origin, t - 1);
  }
  return origin;
}

}  // namespace acp_cpu
