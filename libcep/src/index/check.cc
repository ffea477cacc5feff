// Validity of region programs: everything a reader may rely on once check_region has accepted.
#include <string>

#include "index/node_shape.h"
#include "index/reach.h"

namespace cep {

namespace {

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

// Offsets of a window of 2^40 elements still fit in 64 bits after any stride that check_operand accepts.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 40;

class Checker {
 public:
  explicit Checker(const Region& region) : r_(region) {}

  acp::Status run() {
    ACP_CHECK(each(r_.operands, "operands", &Checker::operand));
    ACP_CHECK(each(r_.indices, "indices", &Checker::index));
    ACP_CHECK(each(r_.guards, "guards", &Checker::guard));
    ACP_CHECK(each(r_.reads, "reads", &Checker::read));
    ACP_CHECK(each(r_.scalars, "scalars", &Checker::scalar));
    ACP_CHECK(each(r_.iters, "iters", &Checker::iter));
    ACP_CHECK(each(r_.writes, "writes", &Checker::write));
    ACP_CHECK(each(r_.nests, "nests", &Checker::nest));
    ACP_CHECK(each(r_.loops, "loops", &Checker::loop));
    ACP_CHECK(stages());
    for (std::size_t i = 0; i < r_.nests.size(); ++i) {
      if (auto status = windows(static_cast<std::uint32_t>(i)); !status)
        return acp::at(item("nests", i), status.error());
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
    return acp::invalid("CEP-REG-1", what, "refers to nothing, or forwards");
  }
  static acp::Error kind(const char* what) {
    return acp::invalid("CEP-REG-2", what, "unknown or unfitting kind or element type");
  }
  static bool known(std::uint8_t dtype) { return dtype >= ACP_F32 && dtype <= ACP_BOOL; }
  static bool integer(std::uint8_t dtype) { return dtype == ACP_I32 || dtype == ACP_I64; }

  acp::Status operand(const acp_operand& o, std::size_t) {
    if (o.role < ACP_ROLE_INPUT || o.role > ACP_ROLE_TEMP || !known(o.dtype)) return kind("");
    if (o.rank > ACP_MAX_RANK) return acp::invalid("CEP-REG-3", "rank", "above 8");
    for (std::size_t d = 0; d < o.rank; ++d) {
      const bool sane = o.extent[d] >= 0 && o.extent[d] <= kMaxExtent && o.origin[d] >= 0 && o.held[d] >= 0 &&
                        o.origin[d] <= o.extent[d] && o.held[d] <= o.extent[d] - o.origin[d] &&
                        o.stride[d] >= 0 && o.stride[d] <= kMaxExtent;
      if (!sane) return acp::invalid("CEP-REG-3", item("held", d), "window outside the tensor, or negative");
    }
    return acp::ok();
  }
  acp::Status index(const acp_index_node& n, std::size_t i) {
    if (n.op < ACP_IX_CONST || n.op > ACP_IX_LOAD) return kind("op");
    const int uses = index_operands(n.op);
    if (uses > 0 && n.a >= i) return reference("a");
    if (uses > 1 && n.b >= i) return reference("b");
    if ((n.op == ACP_IX_FLOORDIV || n.op == ACP_IX_MOD || n.op == ACP_IX_WRAP) && n.value <= 0)
      return kind("value");
    if (n.op == ACP_IX_LOAD) {
      // A load's own coordinates come before it, so loads cannot chase each other in a circle.
      if (n.a >= r_.reads.size() || r_.reads[n.a].operand >= r_.operands.size()) return reference("a");
      const acp_operand& from = r_.operands[r_.reads[n.a].operand];
      if (!integer(from.dtype)) return kind("a");
      for (std::size_t d = 0; d < from.rank && d < ACP_MAX_RANK; ++d) {
        if (r_.reads[n.a].coord[d] >= i) return reference("a");
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
    return fits(n) ? acp::ok() : acp::Status(kind("dtype"));
  }
  bool fits(const acp_scalar_node& n) const {
    const auto of = [&](std::uint32_t id) { return r_.scalars[id].dtype; };
    switch (n.op) {
      case ACP_SC_ARG: return r_.operands[r_.reads[n.a].operand].dtype == n.dtype;
      case ACP_SC_CONST:
      case ACP_SC_ACC: return true;
      case ACP_SC_INDEX: return n.dtype == ACP_I64;
      case ACP_SC_NEG:
      case ACP_SC_ABS: return n.dtype != ACP_BOOL && of(n.a) == n.dtype;
      case ACP_SC_SQRT:
      case ACP_SC_RINT: return n.dtype == ACP_F32 && of(n.a) == ACP_F32;
      case ACP_SC_DIV: return n.dtype == ACP_F32 && of(n.a) == ACP_F32 && of(n.b) == ACP_F32;
      case ACP_SC_FMA:
        return n.dtype == ACP_F32 && of(n.a) == ACP_F32 && of(n.b) == ACP_F32 && of(n.c) == ACP_F32;
      case ACP_SC_LT:
      case ACP_SC_LE:
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
      return acp::invalid("CEP-REG-5", "", "bad iterator range");
    return acp::ok();
  }
  acp::Status write(const acp_write& w, std::size_t) {
    if (w.operand >= r_.operands.size()) return reference("operand");
    if (w.value >= r_.scalars.size()) return reference("value");
    const acp_operand& to = r_.operands[w.operand];
    if (to.role == ACP_ROLE_INPUT) return acp::invalid("CEP-REG-9", "operand", "an input is written");
    if (r_.scalars[w.value].dtype != to.dtype) return kind("value");
    return coord(w.coord, to.rank);
  }

  acp::Status nest(const acp_nest& n, std::size_t) {
    if (n.iter_first > r_.iters.size() || n.iter_count > r_.iters.size() - n.iter_first ||
        n.reduce_count > n.iter_count) {
      return reference("iters");
    }
    if (n.write_first > r_.writes.size() || n.write_count > r_.writes.size() - n.write_first)
      return reference("writes");
    for (const std::uint32_t root : {n.init, n.body_a, n.body_b}) {
      if (root != ACP_NONE && root >= r_.scalars.size()) return reference("body");
    }
    ACP_CHECK(reduction(n));
    for (std::uint32_t w = 0; w < n.write_count; ++w) ACP_CHECK(injective(n, r_.writes[n.write_first + w]));
    return acp::ok();
  }
  acp::Status reduction(const acp_nest& n) {
    const auto bad = [](const char* what) {
      return acp::invalid("CEP-REG-5", what, "reduction is not well formed");
    };
    if (n.combiner > ACP_COMBINE_MIN || n.order > ACP_ORDER_ANY) return kind("combiner");
    if (n.combiner == ACP_COMBINE_NONE) {
      const bool bare = n.reduce_count == 0 && n.order == ACP_ORDER_NONE && n.body_a == ACP_NONE &&
                        n.k_begin == 0 && n.k_end == 0;
      return bare ? acp::ok() : acp::Status(bad("combiner"));
    }
    const bool extremum = n.combiner == ACP_COMBINE_MAX || n.combiner == ACP_COMBINE_MIN;
    const bool blocked = n.order == ACP_ORDER_BLOCKED_TREE || n.order == ACP_ORDER_BLOCKED_INDEX;
    if (n.reduce_count == 0 || n.order == ACP_ORDER_NONE || (n.order == ACP_ORDER_ANY && !extremum) ||
        blocked != (n.block > 0)) {
      return bad("order");
    }
    if (n.body_a == ACP_NONE || (n.combiner == ACP_COMBINE_FMA) != (n.body_b != ACP_NONE)) return bad("body");
    std::int64_t length = 1;
    for (std::uint32_t i = n.iter_count - n.reduce_count; i < n.iter_count; ++i) {
      const acp_iter& it = r_.iters[n.iter_first + i];
      if (it.begin != 0) return bad("iters");
      if (it.end > 0 && length > kMaxExtent / it.end) return bad("iters");
      length *= it.end;
    }
    if (n.k_begin < 0 || n.k_end < n.k_begin || n.k_end > length) return bad("k");
    const std::uint8_t dtype = r_.scalars[n.body_a].dtype;
    const bool same = (n.init == ACP_NONE || r_.scalars[n.init].dtype == dtype) &&
                      (n.body_b == ACP_NONE || r_.scalars[n.body_b].dtype == dtype);
    if (!same || dtype == ACP_BOOL || (n.combiner == ACP_COMBINE_FMA && dtype != ACP_F32))
      return kind("body");
    return acp::ok();
  }
  // Every coordinate is constant, one iterator, or iterator plus constant (or a trip number inside loops); each parallel iterator of
  // more than one point stands in exactly one.
  acp::Status injective(const acp_nest& n, const acp_write& w) {
    const std::uint32_t parallel = n.iter_count - n.reduce_count;
    std::vector<int> used(parallel, 0);
    for (std::size_t d = 0; d < r_.operands[w.operand].rank; ++d) {
      int iterators = 0;
      if (!plain(w.coord[d], parallel, used, iterators) || iterators > 1) {
        return acp::invalid("CEP-REG-9", "writes", "a write coordinate of another form");
      }
    }
    for (std::uint32_t i = 0; i < parallel; ++i) {
      const acp_iter& it = r_.iters[n.iter_first + i];
      if (used[i] > 1 || (used[i] == 0 && it.end - it.begin > 1)) {
        return acp::invalid("CEP-REG-9", "writes", "an iterator stands in no write coordinate, or in two");
      }
    }
    return acp::ok();
  }
  bool plain(std::uint32_t id, std::uint32_t parallel, std::vector<int>& used, int& iterators) const {
    const acp_index_node& node = r_.indices[id];
    switch (node.op) {
      case ACP_IX_CONST:
      case ACP_IX_LOOP: return true;
      case ACP_IX_ITER:
        if (node.a >= parallel) return false;
        ++used[node.a];
        ++iterators;
        return true;
      case ACP_IX_ADD: {
        const std::uint8_t a = r_.indices[node.a].op, b = r_.indices[node.b].op;
        const auto leaf = [](std::uint8_t op) {
          return op == ACP_IX_CONST || op == ACP_IX_ITER || op == ACP_IX_LOOP;
        };
        return leaf(a) && leaf(b) && plain(node.a, parallel, used, iterators) &&
               plain(node.b, parallel, used, iterators);
      }
      default: return false;
    }
  }

  acp::Status loop(const acp_loop& l, std::size_t) {
    if (l.trips >= r_.scalars.size() || (l.condition != ACP_NONE && l.condition >= r_.scalars.size()))
      return reference("");
    if (r_.scalars[l.trips].dtype != ACP_I64 ||
        (l.condition != ACP_NONE && r_.scalars[l.condition].dtype != ACP_BOOL))
      return kind("");
    if (l.max_trips < 0 || l.max_trips > kMaxExtent)
      return acp::invalid("CEP-REG-5", "max_trips", "out of range");
    return acp::ok();
  }

  acp::Status stages() {
    std::vector<std::uint32_t> open;
    std::vector<bool> nest_used(r_.nests.size()), loop_used(r_.loops.size());
    for (std::size_t i = 0; i < r_.stages.size(); ++i) {
      const acp_stage& s = r_.stages[i];
      const auto bad = [&] {
        return acp::invalid("CEP-REG-6", item("stages", i), "stages are not well nested");
      };
      if (s.kind == ACP_STAGE_NEST) {
        if (s.index >= r_.nests.size() || nest_used[s.index]) return bad();
        nest_used[s.index] = true;
      } else if (s.kind == ACP_STAGE_LOOP_BEGIN) {
        if (s.index >= r_.loops.size() || loop_used[s.index] || open.size() >= ACP_MAX_RANK) return bad();
        loop_used[s.index] = true;
        open.push_back(s.index);
      } else {
        if (s.kind != ACP_STAGE_LOOP_END || open.empty() || open.back() != s.index) return bad();
        open.pop_back();
      }
    }
    if (!open.empty()) return acp::invalid("CEP-REG-6", "stages", "a loop does not end");
    return acp::ok();
  }

  // Every coordinate that does not depend on data stays inside the window of its operand.
  acp::Status windows(std::uint32_t nest_id) {
    const acp_nest& n = r_.nests[nest_id];
    for (const ReadHull& hull : read_hulls(r_, nest_id)) {
      const acp_operand& operand = r_.operands[r_.reads[hull.read].operand];
      if (operand.role == ACP_ROLE_OUTPUT)
        return acp::invalid("CEP-REG-9", item("reads", hull.read), "an output is read");
      if (!hull.box.empty() && !window_of(operand).contains(hull.box)) {
        return acp::invalid(
            "CEP-REG-4", item("reads", hull.read),
            "reaches " + to_string(hull.box) + " of a window " + to_string(window_of(operand)));
      }
    }
    for (std::uint32_t w = 0; w < n.write_count; ++w) {
      const Box hull = write_hull(r_, nest_id, n.write_first + w);
      const acp_operand& operand = r_.operands[r_.writes[n.write_first + w].operand];
      if (!hull.empty() && !window_of(operand).contains(hull)) {
        return acp::invalid("CEP-REG-4", item("writes", n.write_first + w),
                            "reaches " + to_string(hull) + " of a window " + to_string(window_of(operand)));
      }
    }
    return acp::ok();
  }

  const Region& r_;
};

}  // namespace

acp::Status check_region(const Region& region) { return Checker(region).run(); }

}  // namespace cep
