// Region: an owned region program, the value behind acp_region, and the builder operator files use.
//
// Life     a Region owns its arrays; view() borrows them and is valid until the Region changes or dies.
// Spec     CEP 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "acp/region.h"
#include "acp/result.h"
#include "cep/box.h"

namespace cep {

enum class Dtype : std::uint8_t {
  kUnknown = 0,
  kF32 = ACP_F32,
  kI32 = ACP_I32,
  kI64 = ACP_I64,
  kBool = ACP_BOOL
};
[[nodiscard]] std::int64_t size_bytes(Dtype dtype);
[[nodiscard]] std::string_view dtype_name(Dtype dtype);  // "f32"
[[nodiscard]] Dtype dtype_named(std::string_view name);  // kUnknown when there is none

struct TensorType {
  Dtype dtype = Dtype::kUnknown;
  Dims dims;
  bool operator==(const TensorType&) const = default;
};

enum class OrderKind : std::uint8_t {
  kNone = ACP_ORDER_NONE,
  kChain = ACP_ORDER_CHAIN,
  kBlockedTree = ACP_ORDER_BLOCKED_TREE,
  kBlockedIndex = ACP_ORDER_BLOCKED_INDEX,
  kLanes32 = ACP_ORDER_LANES32,
  kAny = ACP_ORDER_ANY,
};
// A canonical reduction order. block is the block length of the blocked orders, else 0.
struct Order {
  OrderKind kind = OrderKind::kNone;
  std::uint32_t block = 0;
  bool operator==(const Order&) const = default;
};

struct Region {
  std::vector<acp_operand> operands;
  std::vector<acp_index_node> indices;
  std::vector<acp_guard> guards;
  std::vector<acp_read> reads;
  std::vector<acp_scalar_node> scalars;
  std::vector<acp_iter> iters;
  std::vector<acp_write> writes;
  std::vector<acp_nest> nests;
  std::vector<acp_loop> loops;
  std::vector<acp_stage> stages;

  [[nodiscard]] acp_region view() const;
  // Operand of this role and slot, or ACP_NONE.
  [[nodiscard]] std::uint32_t operand_at(std::uint8_t role, std::uint32_t slot) const;
  [[nodiscard]] std::uint32_t count(std::uint8_t role) const;
};

// A whole dense row-major tensor seen through an operand of `role`.
[[nodiscard]] acp_operand dense_operand(std::uint8_t role, std::uint32_t slot, const TensorType& type);
[[nodiscard]] TensorType type_of(const acp_operand& operand);
// The window an operand's buffer holds, in tensor coordinates.
[[nodiscard]] Box window_of(const acp_operand& operand);

// Checks every reference, range and dtype: what a shim or a codec must do before it trusts foreign bytes.
// Errors   CEP-REG-2 to CEP-REG-6 and CEP-REG-9 to CEP-REG-15.
// Cost     O(nests x nodes + writes of a nest squared).
// Spec     CEP 3.2.
[[nodiscard]] acp::Status check_region(const Region& region);

// The program for people, one line a node: what `cep show` prints.
[[nodiscard]] std::string to_text(const Region& region);

// Copies `from`'s arrays behind `into`'s; operands[i] is where its operand i stands there. Depths of LOOP nodes grow by loop_depth.
void append_arrays(Region& into, const Region& from, const std::vector<std::uint32_t>& operands,
                   std::uint32_t loop_depth);

// Builds a region nest by nest. Node ids returned here go into later nodes only.
//
//   RegionBuilder b;
//   auto x = b.input(type), y = b.output(type);
//   b.begin_nest(type.dims, {});                           // parallel extents, reduce extents
//   auto v = b.max(b.arg(b.read(x, b.iters())), b.f32(0.0f));
//   b.write(y, b.iters(), v);
//   b.end_nest();
class RegionBuilder {
 public:
  using Id = std::uint32_t;

  // Operands, slots in order of the calls.
  Id input(const TensorType& type);
  Id output(const TensorType& type);
  Id temp(const TensorType& type);

  // Index nodes. iter(i): i-th iterator of the open nest, parallel ones first.
  Id ix_const(std::int64_t value);
  Id iter(std::uint32_t i);
  std::vector<Id> iters();  // all parallel iterators of the open nest
  Id loop_trip(std::uint32_t depth);
  Id ix_add(Id a, Id b);
  Id ix_add(Id a, std::int64_t value);
  Id ix_scale(Id a, std::int64_t value);
  Id ix_floordiv(Id a, std::int64_t value);
  Id ix_mod(Id a, std::int64_t value);
  Id ix_wrap(Id a, std::int64_t value);
  Id ix_load(Id read);
  // Row-major number of a point in `dims`, and the point of a number.
  Id linearise(const std::vector<Id>& coord, const Dims& dims);
  std::vector<Id> delinearise(Id linear, const Dims& dims);

  // Reads. A guard keeps lo <= index < hi; elsewhere the read yields `otherwise`.
  struct Guard {
    Id index;
    std::int64_t lo;
    std::int64_t hi;
  };
  Id read(Id operand, const std::vector<Id>& coord);
  Id read(Id operand, const std::vector<Id>& coord, const std::vector<Guard>& guards,
          std::uint64_t otherwise);

  // Scalar nodes.
  Id arg(Id read);
  Id f32(float value);
  Id f32_bits(std::uint32_t bits);
  Id i32(std::int32_t value);
  Id i64(std::int64_t value);
  Id boolean(bool value);
  Id acc(Dtype dtype);
  Id index_value(Id index);
  Id unary(std::uint8_t op, Id a);
  Id binary(std::uint8_t op, Id a, Id b);  // comparisons give kBool
  Id fma(Id a, Id b, Id c);
  Id select(Id condition, Id a, Id b);
  Id cast(Id a, Dtype to);
  Id bitcast(Id a, Dtype to);
  Id add(Id a, Id b) { return binary(ACP_SC_ADD, a, b); }
  Id sub(Id a, Id b) { return binary(ACP_SC_SUB, a, b); }
  Id mul(Id a, Id b) { return binary(ACP_SC_MUL, a, b); }
  Id div(Id a, Id b) { return binary(ACP_SC_DIV, a, b); }
  Id max(Id a, Id b) { return binary(ACP_SC_MAX, a, b); }
  Id min(Id a, Id b) { return binary(ACP_SC_MIN, a, b); }

  // Nests. The reduction of the open nest is set between begin and end; `init` is kTakeFirst or a scalar node.
  static constexpr Id kTakeFirst = ACP_NONE;
  void begin_nest(const Dims& parallel, const Dims& reduce);
  void reduce(std::uint8_t combiner, Order order, Id init, Id body_a, Id body_b = ACP_NONE);
  void write(Id operand, const std::vector<Id>& coord, Id value);
  void end_nest();

  void begin_loop(Id trips, Id condition, std::int64_t max_trips);
  void end_loop();

  // Puts another region's stages here: its inputs and outputs become the given operands of this region (of the same types),
  // its temporaries become temporaries, its LOOP depths move inwards by the loops open here.
  void inline_region(const Region& other, const std::vector<Id>& inputs, const std::vector<Id>& outputs);

  [[nodiscard]] const Region& region() const { return region_; }
  [[nodiscard]] Dtype dtype_of(Id scalar) const;
  [[nodiscard]] Region finish() &&;

 private:
  Id scalar(std::uint8_t op, Dtype dtype, Id a, Id b, Id c, std::uint64_t bits);
  Id index(std::uint8_t op, Id a, Id b, std::int64_t value);
  Id operand(std::uint8_t role, const TensorType& type);

  Region region_;
  acp_nest nest_{};
  bool open_ = false;
  std::vector<std::uint32_t> open_loops_;
};

// The hull of what a read can touch while its nest runs, in tensor coordinates: bounds of every coordinate over the iterators'
// ranges (and all trips of enclosing loops), cut by guards on the same index node; an axis whose coordinate depends on data is whole.
// Empty when a guard excludes every point.
// Cost     linear in the index nodes of the region.
// Why      derived by the rules index.* of rule.h: nobody writes split rules by hand.
struct ReadHull {
  std::uint32_t read = 0;
  Box box;
};
// One for every read the nest may execute, in ascending order of read.
[[nodiscard]] std::vector<ReadHull> read_hulls(const Region& region, std::uint32_t nest);
[[nodiscard]] Box write_hull(const Region& region, std::uint32_t nest, std::uint32_t write);
// Reads a nest may execute: reachable from its init, bodies and writes, and from their index nodes' loads.
[[nodiscard]] std::vector<std::uint32_t> reads_of(const Region& region, std::uint32_t nest);
// Reads of a loop's trip count and condition.
[[nodiscard]] std::vector<std::uint32_t> loop_reads(const Region& region, const acp_loop& loop);

// Restricts a region to what `outputs` (one box per output slot) needs: parallel iterators are cut through the injective writes,
// nests that write nothing needed disappear, temporaries shrink to what is read of them. Reads keep their coordinates.
// Stages inside loops, and temporaries they use, are kept whole. Outputs are written outside loops and never read, and a nest that
// writes more than once reads nothing it writes: so operators build them.
[[nodiscard]] Region restrict_outputs(const Region& region, const std::vector<Box>& outputs);

}  // namespace cep
