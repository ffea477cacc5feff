// Validity of region programs: everything a reader may rely on once check_region has accepted.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "index/node_shape.h"
#include "index/reach.h"

namespace cep {

namespace {

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

// Offsets of a window of 2^40 elements still fit in 64 bits after any stride that check_operand accepts.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 40;
constexpr std::int64_t kMaxSpan = std::int64_t{1} << 58;
constexpr std::int64_t kMaxPoints = std::int64_t{1} << 62;
constexpr std::size_t kMaxNodes = 65536;
constexpr std::size_t kMaxStages = 1024;
constexpr std::uint32_t kMaxIters = 32;
constexpr std::size_t kMaxLoops = 8;

class Checker {
 public:
  explicit Checker(const Region& region) : r_(region) {}

  acp::Status run() {
    ACP_CHECK(counts());
    ACP_CHECK(each(r_.operands, "operands", &Checker::operand));
    ACP_CHECK(slots());
    ACP_CHECK(each(r_.indices, "indices", &Checker::index));
    find_sums();
    ACP_CHECK(each(r_.guards, "guards", &Checker::guard));
    ACP_CHECK(each(r_.reads, "reads", &Checker::read));
    ACP_CHECK(each(r_.scalars, "scalars", &Checker::scalar));
    ACP_CHECK(each(r_.iters, "iters", &Checker::iter));
    ACP_CHECK(each(r_.writes, "writes", &Checker::write));
    ACP_CHECK(each(r_.nests, "nests", &Checker::nest));
    ACP_CHECK(each(r_.loops, "loops", &Checker::loop));
    ACP_CHECK(stages());
    for (std::size_t i = 0; i < r_.nests.size(); ++i) {
      const auto nest_id = static_cast<std::uint32_t>(i);
      const acp_nest& n = r_.nests[nest_id];
      ACP_CHECK(places(nest_id));
      for (std::uint32_t w = 0; w < n.write_count; ++w) ACP_CHECK(injective(n, r_.writes[n.write_first + w]));
      ACP_CHECK(access(nest_id));
    }
    return acp::ok();
  }

 private:
  template <typename T>
  acp::Status each(const std::vector<T>& list, const char* name,
                   acp::Status (Checker::*check)(const T&, std::size_t)) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (auto status = (this->*check)(list[i], i); !status) return acp::at(item(name, i), status.error());
    }
    return acp::ok();
  }
  static acp::Error reference(const char* what) {
    return acp::invalid("CEP-REG-2", what, "refers to nothing, or forwards");
  }
  static acp::Error kind(const char* what) { return acp::invalid("CEP-REG-3", what, "unknown code"); }
  static acp::Error types(const char* what) {
    return acp::invalid("CEP-REG-5", what, "element types do not agree");
  }
  static bool known(std::uint8_t dtype) { return dtype >= ACP_F32 && dtype <= ACP_BOOL; }
  static bool integer(std::uint8_t dtype) { return dtype == ACP_I32 || dtype == ACP_I64; }

  acp::Status operand(const acp_operand& o, std::size_t) {
    if (o.role < ACP_ROLE_INPUT || o.role > ACP_ROLE_TEMP || !known(o.dtype)) return kind("");
    if (o.rank > ACP_MAX_RANK) return acp::invalid("CEP-REG-4", "rank", "above 8");
    for (std::size_t d = 0; d < o.rank; ++d) {
      const bool sane = o.extent[d] >= 0 && o.extent[d] <= kMaxExtent && o.origin[d] >= 0 && o.held[d] >= 0 &&
                        o.origin[d] <= o.extent[d] && o.held[d] <= o.extent[d] - o.origin[d] &&
                        o.stride[d] >= 0 && o.stride[d] <= kMaxExtent;
      if (!sane) return acp::invalid("CEP-REG-4", item("held", d), "window outside the tensor, or negative");
    }
    for (std::size_t d = o.rank; d < ACP_MAX_RANK; ++d) {
      if (o.extent[d] != 0 || o.origin[d] != 0 || o.held[d] != 0 || o.stride[d] != 0) {
        return acp::invalid("CEP-REG-4", item("held", d), "an axis past the rank is not zero");
      }
    }
    if ((o.role == ACP_ROLE_TEMP) != (o.slot == ACP_NONE))
      return acp::invalid("CEP-REG-4", "slot", "a slot, or none, where it does not belong");
    return o.role == ACP_ROLE_INPUT ? acp::ok() : strides_apart(o);
  }
  // By rising stride, an axis of more than one element steps further than all before it reach together.
  static acp::Status strides_apart(const acp_operand& o) {
    std::vector<std::pair<std::int64_t, std::int64_t>> axes;  // stride, steps
    for (std::size_t d = 0; d < o.rank; ++d) {
      if (o.held[d] == 0) return acp::ok();
      if (o.held[d] > 1) axes.emplace_back(o.stride[d], o.held[d] - 1);
    }
    std::sort(axes.begin(), axes.end());
    std::int64_t reach = 0;
    for (const auto& [stride, steps] : axes) {
      if (stride <= reach) return acp::invalid("CEP-REG-4", "stride", "two coordinates share an element");
      if (stride > (kMaxSpan - reach) / steps)
        return acp::over_limit("CEP-REG-15", "", "a window of more than 2^58 elements");
      reach += stride * steps;
    }
    return acp::ok();
  }
  acp::Status slots() {
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < r_.operands.size(); ++i) {
      if (r_.operands[i].role == ACP_ROLE_OUTPUT && !seen.insert(r_.operands[i].slot).second) {
        return acp::invalid("CEP-REG-4", item("operands", i) + ".slot", "two outputs share a slot");
      }
    }
    return acp::ok();
  }
  // A hostile region must not make the quadratic parts of this check run for minutes.
  acp::Status counts() {
    const std::pair<const char*, std::size_t> nodes[] = {
        {"operands", r_.operands.size()}, {"indices", r_.indices.size()}, {"guards", r_.guards.size()},
        {"reads", r_.reads.size()},       {"scalars", r_.scalars.size()}, {"iters", r_.iters.size()},
        {"writes", r_.writes.size()}};
    for (const auto& [name, count] : nodes) {
      if (count > kMaxNodes) return acp::over_limit("CEP-REG-15", name, "more than 65536 entries");
    }
    const std::pair<const char*, std::size_t> parts[] = {
        {"nests", r_.nests.size()}, {"loops", r_.loops.size()}, {"stages", r_.stages.size()}};
    for (const auto& [name, count] : parts) {
      if (count > kMaxStages) return acp::over_limit("CEP-REG-15", name, "more than 1024 entries");
    }
    return acp::ok();
  }
  acp::Status index(const acp_index_node& n, std::size_t i) {
    if (n.op < ACP_IX_CONST || n.op > ACP_IX_LOAD) return kind("op");
    const int uses = index_operands(n.op);
    if (uses > 0 && n.a >= i) return reference("a");
    if (uses > 1 && n.b >= i) return reference("b");
    const std::int64_t least = n.op == ACP_IX_FLOORDIV || n.op == ACP_IX_MOD ? 1 : 0;
    if ((least == 1 || n.op == ACP_IX_WRAP) && n.value < least) {
      return acp::invalid("CEP-REG-14", "value", "the divisor must be above 0, the wrap not below");
    }
    if (n.op == ACP_IX_LOAD) {
      // A load's own coordinates come before it, so loads cannot chase each other in a circle.
      if (n.a >= r_.reads.size() || r_.reads[n.a].operand >= r_.operands.size()) return reference("a");
      const acp_operand& from = r_.operands[r_.reads[n.a].operand];
      if (!integer(from.dtype)) return types("a");
      for (std::size_t d = 0; d < from.rank && d < ACP_MAX_RANK; ++d) {
        if (r_.reads[n.a].coord[d] >= i) return reference("a");
      }
      const acp_read& read = r_.reads[n.a];
      for (std::uint64_t g = read.guard_first; g < std::uint64_t{read.guard_first} + read.guard_count; ++g) {
        if (g >= r_.guards.size() || r_.guards[g].index >= i) return reference("a");
      }
    }
    return acp::ok();
  }
  acp::Status guard(const acp_guard& g, std::size_t) {
    return g.index < r_.indices.size() ? acp::ok() : acp::Status(reference("index"));
  }
  acp::Status read(const acp_read& read, std::size_t) {
    if (read.operand >= r_.operands.size()) return reference("operand");
    if (read.guard_first > r_.guards.size() || read.guard_count > r_.guards.size() - read.guard_first)
      return reference("guards");
    if (r_.operands[read.operand].dtype == ACP_BOOL && read.otherwise > 1) return types("otherwise");
    return coord(read.coord, r_.operands[read.operand].rank);
  }
  acp::Status coord(const std::uint32_t* ids, std::uint8_t rank) {
    for (std::size_t d = 0; d < rank; ++d) {
      if (ids[d] >= r_.indices.size()) return reference("coord");
    }
    return acp::ok();
  }
  acp::Status scalar(const acp_scalar_node& n, std::size_t i) {
    if (n.op < ACP_SC_ARG || n.op > ACP_SC_SHR || !known(n.dtype)) return kind("op");
    if (n.op == ACP_SC_ARG && n.a >= r_.reads.size()) return reference("a");
    if (n.op == ACP_SC_INDEX && n.a >= r_.indices.size()) return reference("a");
    const int uses = scalar_operands(n.op);
    if (uses > 0 && n.a >= i) return reference("a");
    if (uses > 1 && n.b >= i) return reference("b");
    if (uses > 2 && n.c >= i) return reference("c");
    return fits(n) ? acp::ok() : acp::Status(types("dtype"));
  }
  bool fits(const acp_scalar_node& n) const {
    const auto of = [&](std::uint32_t id) { return r_.scalars[id].dtype; };
    switch (n.op) {
      case ACP_SC_ARG: return r_.operands[r_.reads[n.a].operand].dtype == n.dtype;
      case ACP_SC_CONST: return n.dtype != ACP_BOOL || n.bits <= 1;
      case ACP_SC_ACC: return n.dtype != ACP_BOOL;
      case ACP_SC_INDEX: return n.dtype == ACP_I64;
      case ACP_SC_NEG:
      case ACP_SC_ABS: return n.dtype != ACP_BOOL && of(n.a) == n.dtype;
      case ACP_SC_SQRT:
      case ACP_SC_RINT: return n.dtype == ACP_F32 && of(n.a) == ACP_F32;
      case ACP_SC_DIV: return n.dtype == ACP_F32 && of(n.a) == ACP_F32 && of(n.b) == ACP_F32;
      case ACP_SC_FMA:
        return n.dtype != ACP_BOOL && of(n.a) == n.dtype && of(n.b) == n.dtype && of(n.c) == n.dtype;
      case ACP_SC_LT:
      case ACP_SC_LE: return n.dtype == ACP_BOOL && of(n.a) == of(n.b) && of(n.a) != ACP_BOOL;
      case ACP_SC_EQ: return n.dtype == ACP_BOOL && of(n.a) == of(n.b);
      case ACP_SC_SELECT: return of(n.a) == ACP_BOOL && of(n.b) == n.dtype && of(n.c) == n.dtype;
      case ACP_SC_CAST: return true;
      case ACP_SC_BITCAST:
        return (n.dtype == ACP_F32 && of(n.a) == ACP_I32) || (n.dtype == ACP_I32 && of(n.a) == ACP_F32);
      case ACP_SC_AND:
      case ACP_SC_OR:
      case ACP_SC_XOR: return n.dtype != ACP_F32 && of(n.a) == n.dtype && of(n.b) == n.dtype;
      case ACP_SC_SHL:
      case ACP_SC_SHR: return integer(n.dtype) && of(n.a) == n.dtype && of(n.b) == n.dtype;
      default: return n.dtype != ACP_BOOL && of(n.a) == n.dtype && of(n.b) == n.dtype;  // ADD SUB MUL MIN MAX
    }
  }
  acp::Status iter(const acp_iter& it, std::size_t) {
    if (it.begin < 0 || it.end < it.begin || it.end > kMaxExtent)
      return acp::invalid("CEP-REG-14", "", "bad iterator range");
    return acp::ok();
  }
  acp::Status write(const acp_write& w, std::size_t) {
    if (w.operand >= r_.operands.size()) return reference("operand");
    if (w.value >= r_.scalars.size()) return reference("value");
    const acp_operand& to = r_.operands[w.operand];
    if (to.role == ACP_ROLE_INPUT) return acp::invalid("CEP-REG-11", "operand", "an input is written");
    if (r_.scalars[w.value].dtype != to.dtype) return types("value");
    return coord(w.coord, to.rank);
  }

  acp::Status nest(const acp_nest& n, std::size_t) {
    if (n.iter_first > r_.iters.size() || n.iter_count > r_.iters.size() - n.iter_first ||
        n.reduce_count > n.iter_count) {
      return reference("iters");
    }
    if (n.iter_count > kMaxIters)
      return acp::over_limit("CEP-REG-15", "iter_count", "more than 32 iterators");
    if (n.write_first > r_.writes.size() || n.write_count > r_.writes.size() - n.write_first)
      return reference("writes");
    for (const std::uint32_t root : {n.init, n.body_a, n.body_b}) {
      if (root != ACP_NONE && root >= r_.scalars.size()) return reference("body");
    }
    ACP_CHECK(reduction(n));
    return acp::ok();
  }
  acp::Status reduction(const acp_nest& n) {
    const auto bad = [](const char* what) {
      return acp::invalid("CEP-REG-9", what, "reduction is not well formed");
    };
    if (n.combiner > ACP_COMBINE_MIN || n.order > ACP_ORDER_ANY) return kind("combiner");
    if (n.combiner == ACP_COMBINE_NONE) {
      const bool bare = n.reduce_count == 0 && n.order == ACP_ORDER_NONE && n.body_a == ACP_NONE &&
                        n.body_b == ACP_NONE && n.init == ACP_NONE && n.k_begin == 0 && n.k_end == 0;
      return bare ? acp::ok() : acp::Status(bad("combiner"));
    }
    const bool extremum = n.combiner == ACP_COMBINE_MAX || n.combiner == ACP_COMBINE_MIN;
    const bool blocked = n.order == ACP_ORDER_BLOCKED_TREE || n.order == ACP_ORDER_BLOCKED_INDEX;
    if (n.order == ACP_ORDER_NONE || (n.order == ACP_ORDER_ANY && !extremum) || (blocked && n.block == 0)) {
      return bad("order");
    }
    if (n.body_a == ACP_NONE || (n.combiner == ACP_COMBINE_FMA) != (n.body_b != ACP_NONE)) return bad("body");
    std::int64_t length = 1;
    for (std::uint32_t i = n.iter_count - n.reduce_count; i < n.iter_count; ++i) {
      const acp_iter& it = r_.iters[n.iter_first + i];
      if (it.begin != 0) return acp::invalid("CEP-REG-14", "iters", "a reduce iterator does not begin at 0");
      if (it.end > 0 && length > kMaxPoints / it.end)
        return acp::over_limit("CEP-REG-15", "iters", "more than 2^62 points");
      length *= it.end;
    }
    if (n.k_begin < 0 || n.k_end < n.k_begin || n.k_end > length) {
      return acp::invalid("CEP-REG-14", "k_end", "the k range leaves the reduce iterators' domain");
    }
    const std::uint8_t dtype = r_.scalars[n.body_a].dtype;
    const bool same = (n.init == ACP_NONE || r_.scalars[n.init].dtype == dtype) &&
                      (n.body_b == ACP_NONE || r_.scalars[n.body_b].dtype == dtype);
    if (!same || dtype == ACP_BOOL) return types("body");
    return acp::ok();
  }
  // Every coordinate is a sum of constants, trip numbers and at most one iterator; each parallel iterator of more than one point stands
  // in exactly one.
  acp::Status injective(const acp_nest& n, const acp_write& w) {
    const auto form = [](const char* what) { return acp::invalid("CEP-REG-11", "writes", what); };
    const std::uint32_t parallel = n.iter_count - n.reduce_count;
    std::vector<int> used(parallel, 0);
    for (std::size_t d = 0; d < r_.operands[w.operand].rank; ++d) {
      const Plain& coord = plain_[w.coord[d]];
      if (!coord.sum) return form("a write coordinate of another form");
      if (!coord.iter) continue;
      ACP_ASSERT(*coord.iter < parallel);  // places() has seen to it
      ++used[*coord.iter];
    }
    for (std::uint32_t i = 0; i < parallel; ++i) {
      const acp_iter& it = r_.iters[n.iter_first + i];
      const bool once = used[i] == 1 || it.end - it.begin <= 1;
      if (!once) return form("an iterator stands in no write coordinate, or in two");
    }
    return acp::ok();
  }
  // A forward pass, not a walk: a hostile chain of sums of one node with itself has exponentially many paths.
  void find_sums() {
    for (const acp_index_node& node : r_.indices) {
      Plain plain;
      plain.affine = plain.sum = node.op == ACP_IX_CONST || node.op == ACP_IX_LOOP || node.op == ACP_IX_ITER;
      if (node.op == ACP_IX_ITER) plain.iter = node.a;
      if (node.op == ACP_IX_ADD) {
        const Plain &a = plain_[node.a], &b = plain_[node.b];
        plain.sum = a.sum && b.sum && !(a.iter && b.iter);
        plain.affine = a.affine && b.affine;
        plain.iter = a.iter ? a.iter : b.iter;
      }
      if (node.op == ACP_IX_SCALE) plain.affine = plain_[node.a].affine;
      plain_.push_back(plain);
    }
  }

  acp::Status loop(const acp_loop& l, std::size_t) {
    if (l.trips >= r_.scalars.size() || (l.condition != ACP_NONE && l.condition >= r_.scalars.size()))
      return reference("");
    if (r_.scalars[l.trips].dtype != ACP_I64 ||
        (l.condition != ACP_NONE && r_.scalars[l.condition].dtype != ACP_BOOL))
      return types("");
    if (l.max_trips < 0) return acp::invalid("CEP-REG-14", "max_trips", "below 0");
    return acp::ok();
  }

  acp::Status stages() {
    std::vector<std::uint32_t> open;
    std::vector<bool> nest_used(r_.nests.size()), loop_used(r_.loops.size());
    for (std::size_t i = 0; i < r_.stages.size(); ++i) {
      const acp_stage& s = r_.stages[i];
      const auto bad = [&] {
        return acp::invalid("CEP-REG-13", item("stages", i), "stages are not well nested");
      };
      if (s.kind == ACP_STAGE_NEST) {
        if (s.index >= r_.nests.size() || nest_used[s.index]) return bad();
        nest_used[s.index] = true;
      } else if (s.kind == ACP_STAGE_LOOP_BEGIN) {
        if (s.index >= r_.loops.size() || loop_used[s.index]) return bad();
        if (open.size() >= kMaxLoops)
          return acp::over_limit("CEP-REG-15", item("stages", i), "loops too deep");
        loop_used[s.index] = true;
        ACP_CHECK(loop_scalars(r_.loops[s.index], static_cast<std::uint32_t>(open.size())));
        open.push_back(s.index);
      } else {
        if (s.kind != ACP_STAGE_LOOP_END)
          return acp::invalid("CEP-REG-3", item("stages", i) + ".kind", "unknown kind of stage");
        if (open.empty() || open.back() != s.index) return bad();
        open.pop_back();
      }
    }
    if (!open.empty()) return acp::invalid("CEP-REG-13", "stages", "a loop does not end");
    return acp::ok();
  }

  // A loop's trips and condition depend on constants and the loops around them only; the condition on its own trip number too.
  acp::Status loop_scalars(const acp_loop& l, std::uint32_t depth) {
    for (const std::uint32_t root : {l.trips, l.condition}) {
      const Reached reached = reach(r_, {root}, {});
      const std::uint32_t loops = depth + (root == l.trips ? 0 : 1);
      for (std::size_t i = 0; i < r_.scalars.size(); ++i) {
        if (reached.scalars[i] && r_.scalars[i].op == ACP_SC_ACC) return misplaced(item("scalars", i));
      }
      for (std::size_t i = 0; i < r_.indices.size(); ++i) {
        const acp_index_node& node = r_.indices[i];
        const bool allowed = node.op == ACP_IX_CONST || node.op == ACP_IX_ADD || node.op == ACP_IX_SCALE ||
                             (node.op == ACP_IX_LOOP && node.a < loops);
        if (reached.indices[i] && !allowed) return misplaced(item("indices", i));
      }
    }
    return acp::ok();
  }
  static acp::Error misplaced(std::string path) {
    return acp::invalid("CEP-REG-10", std::move(path), "a node that has no meaning here");
  }

  // ACC only in write values of a reduction, reduce iterators only in its body, no iterators or loops that are not there.
  acp::Status places(std::uint32_t nest_id) {
    const acp_nest& n = r_.nests[nest_id];
    std::vector<std::uint32_t> values, coords;
    for (std::uint32_t w = 0; w < n.write_count; ++w) {
      const acp_write& write = r_.writes[n.write_first + w];
      values.push_back(write.value);
      coords.insert(coords.end(), write.coord, write.coord + r_.operands[write.operand].rank);
    }
    const bool reduces = n.combiner != ACP_COMBINE_NONE;
    const auto parallel = n.iter_count - n.reduce_count;
    const std::uint8_t dtype =
        reduces ? r_.scalars[n.body_a].dtype : static_cast<std::uint8_t>(ACP_DTYPE_UNKNOWN);
    ACP_CHECK(place(nest_id, reach(r_, {n.body_a, n.body_b}, {}),
                    {.iters = n.iter_count, .acc = ACP_DTYPE_UNKNOWN}));
    ACP_CHECK(place(nest_id, reach(r_, {n.init}, {}), {.iters = parallel, .acc = ACP_DTYPE_UNKNOWN}));
    return place(nest_id, reach(r_, values, coords), {.iters = parallel, .acc = dtype});
  }
  // What may stand in one part of a nest: iterators below iters; ACC of this type, or none at all.
  struct Allowed {
    std::uint32_t iters;
    std::uint8_t acc;
  };
  acp::Status place(std::uint32_t nest_id, const Reached& reached, const Allowed& allowed) {
    const std::size_t loops = trips_around(r_, nest_id).size();
    for (std::size_t i = 0; i < r_.scalars.size(); ++i) {
      if (!reached.scalars[i] || r_.scalars[i].op != ACP_SC_ACC) continue;
      if (allowed.acc == ACP_DTYPE_UNKNOWN) return misplaced(item("scalars", i));
      if (r_.scalars[i].dtype != allowed.acc) return types("acc");
    }
    for (std::size_t i = 0; i < r_.indices.size(); ++i) {
      const acp_index_node& node = r_.indices[i];
      if (!reached.indices[i]) continue;
      if (node.op == ACP_IX_ITER && node.a >= allowed.iters) return misplaced(item("indices", i));
      if (node.op == ACP_IX_LOOP && node.a >= loops) return misplaced(item("indices", i));
    }
    return acp::ok();
  }

  // Affine coordinates of writes and of reads without guards stay inside the window.
  acp::Status inside(const std::uint32_t* coord, const acp_operand& operand, const Box& box,
                     const std::string& path) {
    const Box window = window_of(operand);
    for (std::size_t d = 0; d < operand.rank && !box.empty(); ++d) {
      if (!plain_[coord[d]].affine || (box.lo[d] >= window.lo[d] && box.hi[d] <= window.hi[d])) continue;
      return acp::invalid("CEP-REG-6", path + "." + item("coord", d),
                          "reaches " + to_string(box) + " of a window " + to_string(window));
    }
    return acp::ok();
  }
  acp::Status access(std::uint32_t nest_id) {
    const acp_nest& n = r_.nests[nest_id];
    if (const auto index = overflowing_index(r_, nest_id)) {
      return acp::invalid("CEP-REG-14", item("indices", *index), "an index expression may leave 64 bits");
    }
    const std::vector<ReadHull> hulls = read_hulls(r_, nest_id);
    for (const ReadHull& hull : hulls) {
      const acp_read& read = r_.reads[hull.read];
      if (read.guard_count > 0) continue;
      ACP_CHECK(inside(read.coord, r_.operands[read.operand], hull.box, item("reads", hull.read)));
    }
    std::vector<Box> written;
    for (std::uint32_t w = n.write_first; w < n.write_first + n.write_count; ++w) {
      const acp_write& write = r_.writes[w];
      written.push_back(write_hull(r_, nest_id, w));
      ACP_CHECK(inside(write.coord, r_.operands[write.operand], written.back(), item("writes", w)));
      for (std::uint32_t v = n.write_first; v < w; ++v) {
        if (r_.writes[v].operand == write.operand &&
            !intersect(written[v - n.write_first], written.back()).empty()) {
          return acp::invalid("CEP-REG-11", item("writes", w), "two writes of one nest may meet");
        }
      }
      for (const ReadHull& hull : hulls) ACP_CHECK(no_hazard(write, written.back(), hull));
    }
    return acp::ok();
  }
  // A read of what the nest writes is of the very element its own point writes, or surely of none that it writes.
  acp::Status no_hazard(const acp_write& write, const Box& written, const ReadHull& hull) {
    const acp_read& read = r_.reads[hull.read];
    if (read.operand != write.operand || intersect(hull.box, written).empty()) return acp::ok();
    if (std::equal(read.coord, read.coord + r_.operands[read.operand].rank, write.coord)) return acp::ok();
    return acp::invalid("CEP-REG-12", item("reads", hull.read),
                        "reads what another point of the nest may write");
  }

  struct Plain {
    bool sum = false;                   // of constants, trip numbers and at most one iterator, taken once
    bool affine = false;                // sums and multiples of iterators and trip numbers
    std::optional<std::uint32_t> iter;  // the one of a sum
  };
  const Region& r_;
  std::vector<Plain> plain_;
};

}  // namespace

acp::Status check_region(const Region& region) { return Checker(region).run(); }

}  // namespace cep
