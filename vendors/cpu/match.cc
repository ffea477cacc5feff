// Recognises contractions by the structure of a lowered nest: which iterators move which read.
#include <algorithm>
#include <cstring>

#include "contract.h"
#include "program.h"

namespace acp_cpu {
namespace {

// Fewer outputs for one packing than a strip handles well.
constexpr std::int64_t kFewestOutputs = 32;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 22;
constexpr std::size_t kMostRuns = 1 << 16;

std::int64_t extent_of(const acp_iter& iter) { return iter.end - iter.begin; }

const Access* read_into(const Phase& phase, std::uint32_t slot) {
  for (const Instruction& instruction : phase.each) {
    if (instruction.what == Do::kRead && instruction.out == slot) return &phase.accesses[instruction.a];
  }
  return nullptr;
}

// No element of these reads can fault.
bool never_faults(const Phase& phase) {
  return std::all_of(phase.accesses.begin(), phase.accesses.end(),
                     [](const Access& access) { return access.checks.empty() && access.loaded.empty(); });
}

bool can_be_columns(const Access& access) {
  if (!access.checks.empty() || !access.loaded.empty() || access.guards.size() > kMostGuards) return false;
  return std::all_of(access.guards.begin(), access.guards.end(),
                     [](const Coordinate& guard) { return guard.affine; });
}

bool moves(const Phase& phase, const Access& access, std::uint32_t iter) {
  if (phase.rows[access.offset_row].iter[iter] != 0) return true;
  return std::any_of(access.guards.begin(), access.guards.end(),
                     [&](const Coordinate& guard) { return phase.rows[guard.row].iter[iter] != 0; });
}

// Every iterator's part in it when x gives the columns.
void sort_iterators(const Nest& nest, const Access& x, const Access& w, Contraction& made) {
  std::optional<std::uint32_t>& row = made.row;
  for (std::uint32_t t = 0; t < nest.parallel; ++t) {
    const bool by_x = moves(nest.body, x, t), by_w = moves(nest.body, w, t);
    if (by_x && !by_w) {
      made.columns.push_back(t);
    } else if (by_w && !by_x && (!row || extent_of(nest.iters[t]) > extent_of(nest.iters[*row]))) {
      if (row) made.batch.push_back(*row);
      row = t;
    } else {
      made.batch.push_back(t);
    }
  }
  for (const std::uint32_t t : made.columns) made.column_count *= extent_of(nest.iters[t]);
  for (const std::uint32_t t : made.batch) made.batch_count *= extent_of(nest.iters[t]);
  if (row) made.row_count = extent_of(nest.iters[*row]);
}

// The steps from k_begin to k_end; false when there are too many, or offsets of w leave 32 bits.
bool find_steps(const Nest& nest, Contraction& made) {
  made.steps = nest.k_end - nest.k_begin;
  if (made.steps <= 0 || made.steps > kMostSteps) return false;
  const auto last = static_cast<std::uint32_t>(nest.iters.size() - 1);
  made.x_step = made.x.iter[last];
  const bool guard_moves = std::any_of(made.guards.begin(), made.guards.end(),
                                       [&](const GuardRow& guard) { return guard.row.iter[last] != 0; });
  std::vector<std::int64_t> digits(nest.iters.size());
  std::int64_t rest = nest.k_begin;
  for (std::uint32_t t = last + 1; t-- > nest.parallel; rest /= nest.iters[t].end)
    digits[t] = rest % nest.iters[t].end;
  const auto sum = [&](const Row& row) {
    std::int64_t value = 0;
    for (std::uint32_t t = nest.parallel; t <= last; ++t) value += row.iter[t] * digits[t];
    return value;
  };
  made.w_at.reserve(static_cast<std::size_t>(made.steps));
  for (std::int64_t k = 0; k < made.steps; ++k) {
    const std::int64_t w_at = sum(made.w);
    if (w_at != static_cast<std::int32_t>(w_at)) return false;
    made.w_at.push_back(static_cast<std::int32_t>(w_at));
    if (k == 0 || digits[last] == 0 || guard_moves) {
      if (made.runs.size() == kMostRuns) return false;
      StepRun run{k, 0, sum(made.x), {}};
      for (std::size_t g = 0; g < made.guards.size(); ++g) run.guard_at[g] = sum(made.guards[g].row);
      made.runs.push_back(run);
    }
    ++made.runs.back().length;
    for (std::uint32_t t = last + 1; t-- > nest.parallel;) {
      ++digits[t];
      if (digits[t] != nest.iters[t].end) break;
      digits[t] = 0;
    }
  }
  return true;
}

void find_seed(const Nest& nest, Contraction& made) {
  if (!nest.has_init) {
    made.seed = Contraction::Seed::kConstant;
    return;
  }
  const Phase& phase = nest.init_phase;
  if (phase.once.empty()) {
    for (const Constant& constant : nest.constants) {
      if (constant.slot != nest.init.slot) continue;
      const auto bits = static_cast<std::uint32_t>(constant.bits);
      std::memcpy(&made.seed_value, &bits, sizeof bits);
      made.seed = Contraction::Seed::kConstant;
    }
    return;
  }
  if (phase.once.size() != 1 || phase.once[0].what != Do::kRead) return;
  const Access& access = phase.accesses[phase.once[0].a];
  const Row& row = phase.rows[access.offset_row];
  const bool by_column = std::any_of(made.columns.begin(), made.columns.end(),
                                     [&](std::uint32_t t) { return row.iter[t] != 0; });
  if (!access.plain || by_column) return;
  made.seed = Contraction::Seed::kRow;
  made.seed_operand = access.operand;
  made.seed_row = row;
}

void find_write(const Nest& nest, Contraction& made) {
  if (nest.stores.size() != 1 || !nest.writes.once.empty()) return;
  const Store& store = nest.stores[0];
  if (nest.acc_slot == kNoSlot || store.value.slot != nest.acc_slot) return;
  made.plain_write = true;
  made.y_operand = store.operand;
  made.y = nest.writes.rows[store.offset_row];
  bool first = true;
  for (std::size_t i = made.columns.size(); i-- > 0;) {
    const std::uint32_t t = made.columns[i];
    if (first) made.y_step = made.y.iter[t];
    if (made.y.iter[t] != made.y_step * made.flat) return;
    made.flat *= extent_of(nest.iters[t]);
    first = false;
  }
}

std::optional<Contraction> with_columns(const Nest& nest, const Access& x, const Access& w) {
  if (!can_be_columns(x) || !w.plain) return std::nullopt;
  Contraction made;
  sort_iterators(nest, x, w, made);
  if (made.column_count * made.row_count < kFewestOutputs) return std::nullopt;
  made.x_operand = x.operand;
  made.w_operand = w.operand;
  made.x = nest.body.rows[x.offset_row];
  made.w = nest.body.rows[w.offset_row];
  const auto bits = static_cast<std::uint32_t>(x.otherwise);
  std::memcpy(&made.otherwise, &bits, sizeof bits);
  for (const Coordinate& guard : x.guards)
    made.guards.push_back({nest.body.rows[guard.row], guard.lo, guard.hi});
  find_write(nest, made);
  return made;
}

// Roughly the time for one step of all batches: packing columns, multiplying vectors of them with every row, writing one by one.
std::int64_t cost_of(const Nest& nest, const Contraction& made) {
  constexpr std::int64_t kLanes = 16;
  const bool contiguous = !made.columns.empty() && made.x.iter[made.columns.back()] == 1;
  const bool scattered = made.plain_write && made.y_step != 1 && made.column_count > 1;
  const std::int64_t vectors = (made.column_count + kLanes - 1) / kLanes;
  const std::int64_t writing =
      scattered ? made.column_count * made.row_count * 4 / (nest.k_end - nest.k_begin) : 0;
  return made.batch_count *
         (made.column_count * (contiguous ? 1 : 4) + vectors * made.row_count * 2 + writing);
}

}  // namespace

std::optional<Contraction> match_contraction(const Nest& nest) {
  if (nest.combiner != ACP_COMBINE_FMA || nest.order != ACP_ORDER_CHAIN || nest.dtype != ACP_F32)
    return std::nullopt;
  const Phase& body = nest.body;
  if (nest.k_begin >= nest.k_end || body.each.size() != 2 || !body.once.empty()) return std::nullopt;
  const Access* a = read_into(body, nest.body_a.slot);
  const Access* b = read_into(body, nest.body_b.slot);
  if (a == nullptr || b == nullptr || a == b) return std::nullopt;
  if (!never_faults(nest.init_phase) || !never_faults(nest.writes)) return std::nullopt;
  // What is written must not be read on the way.
  for (const Store& store : nest.stores) {
    if (store.operand == a->operand || store.operand == b->operand) return std::nullopt;
  }
  std::optional<Contraction> made = with_columns(nest, *a, *b);
  std::optional<Contraction> other = with_columns(nest, *b, *a);
  if (!made || (other && cost_of(nest, *other) < cost_of(nest, *made))) made = std::move(other);
  if (!made || !find_steps(nest, *made)) return std::nullopt;
  find_seed(nest, *made);
  return made;
}

}  // namespace acp_cpu
