/* Region programs: what a piece of computation means, as a flat value. Plain C.
 *
 * A region program is arrays of plain structs that refer to each other by index. The same value is run by the reference
 * interpreter, read by the plan verifier (footprints, split rules), handed to a shim's `compile`, and used by the
 * conformance suite to make cases. Nothing in it names an operator.
 *
 * Life     A producer fills the arrays; an acp_region borrows them for the length of a call.
 * Order    Index and scalar nodes refer only to nodes before them, so one forward pass evaluates them.
 * Spec     CEP 3 (region programs), numerics.
 */
#ifndef ACP_REGION_H_
#define ACP_REGION_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACP_REGION_VERSION 1u
/* A hostile region must not make a reader's fixed arrays overflow. */
#define ACP_MAX_RANK 8
#define ACP_NONE 0xffffffffu

/* Element types. Numbers are never reused. BOOL is one byte, 0 or 1. */
enum { ACP_DTYPE_UNKNOWN = 0, ACP_F32 = 1, ACP_I32 = 2, ACP_I64 = 3, ACP_BOOL = 4 };

/* Who provides an operand's bytes: the launch (in, out), or the executable itself (temporary). */
enum { ACP_ROLE_UNKNOWN = 0, ACP_ROLE_INPUT = 1, ACP_ROLE_OUTPUT = 2, ACP_ROLE_TEMP = 3 };

/* A tensor the region touches, through a window: the buffer holds coordinates origin[d] .. origin[d]+held[d]-1 of the
 * tensor of shape extent[], and the element at coordinate c lies at sum((c[d]-origin[d]) * stride[d]) elements past the
 * bound address. Coordinates in the program are always those of the whole tensor, so a program restricted to a box needs no
 * local padding. Axes at and beyond rank are zero. */
typedef struct acp_operand {
  uint8_t role;
  uint8_t dtype;
  uint8_t rank;
  uint8_t reserved;
  uint32_t slot; /* position among the launch's bindings of this role; ACP_NONE for a temporary */
  int64_t extent[ACP_MAX_RANK];
  int64_t origin[ACP_MAX_RANK];
  int64_t held[ACP_MAX_RANK];
  int64_t stride[ACP_MAX_RANK];
} acp_operand;

/* Index expressions: 64-bit signed integers; overflow is excluded by the region's validity rules.
 *   CONST value   ITER a (iterator a of the nest)   LOOP a (trip number of the a-th enclosing loop, 0 = outermost)
 *   ADD a b   SCALE a value   FLOORDIV a value (value > 0)   MOD a value (value > 0, result in [0,value))
 *   WRAP a value (a < 0 ? a + value : a)   LOAD a (value of read a, an integer operand) */
enum {
  ACP_IX_UNKNOWN = 0,
  ACP_IX_CONST = 1,
  ACP_IX_ITER = 2,
  ACP_IX_LOOP = 3,
  ACP_IX_ADD = 4,
  ACP_IX_SCALE = 5,
  ACP_IX_FLOORDIV = 6,
  ACP_IX_MOD = 7,
  ACP_IX_WRAP = 8,
  ACP_IX_LOAD = 9
};
typedef struct acp_index_node {
  uint8_t op;
  uint8_t reserved[3];
  uint32_t a;
  uint32_t b;
  uint32_t reserved2;
  int64_t value;
} acp_index_node;

/* lo <= index < hi */
typedef struct acp_guard {
  uint32_t index;
  uint32_t reserved;
  int64_t lo;
  int64_t hi;
} acp_guard;

/* operand[coord...] where every guard holds, the constant `otherwise` (bits of the operand's dtype) elsewhere. A guarded-off
 * read touches no memory. A read whose coordinate is outside the window is a fault: from a LOAD it is reported when it
 * happens (family invalid), otherwise a valid region has none. */
typedef struct acp_read {
  uint32_t operand;
  uint32_t guard_first;
  uint32_t guard_count;
  uint32_t reserved;
  uint32_t coord[ACP_MAX_RANK]; /* index nodes */
  uint64_t otherwise;
} acp_read;

/* Scalar expressions. dtype is the result's. Arithmetic on F32 rounds once to nearest even, keeps subnormals, and returns the
 * NaN 0x7fc00000; on integers it wraps. MIN and MAX are IEEE 754-2019 minimum and maximum. DIV and RINT take F32 only.
 *   ARG a (read a)   CONST bits   ACC (the finished accumulator; in write values)   INDEX a (index node a, as I64)
 *   NEG ABS SQRT RINT (to nearest even)   ADD SUB MUL DIV MIN MAX   FMA a*b+c
 *   LT LE EQ -> BOOL   SELECT a ? b : c   CAST (value)   BITCAST (same width, F32<->I32)
 *   AND OR XOR (I32, I64, BOOL)   SHL SHR (arithmetic) (I32, I64; b in [0,width)) */
enum {
  ACP_SC_UNKNOWN = 0,
  ACP_SC_ARG = 1,
  ACP_SC_CONST = 2,
  ACP_SC_ACC = 3,
  ACP_SC_INDEX = 4,
  ACP_SC_NEG = 5,
  ACP_SC_ABS = 6,
  ACP_SC_SQRT = 7,
  ACP_SC_RINT = 8,
  ACP_SC_ADD = 9,
  ACP_SC_SUB = 10,
  ACP_SC_MUL = 11,
  ACP_SC_DIV = 12,
  ACP_SC_MIN = 13,
  ACP_SC_MAX = 14,
  ACP_SC_FMA = 15,
  ACP_SC_LT = 16,
  ACP_SC_LE = 17,
  ACP_SC_EQ = 18,
  ACP_SC_SELECT = 19,
  ACP_SC_CAST = 20,
  ACP_SC_BITCAST = 21,
  ACP_SC_AND = 22,
  ACP_SC_OR = 23,
  ACP_SC_XOR = 24,
  ACP_SC_SHL = 25,
  ACP_SC_SHR = 26
};
typedef struct acp_scalar_node {
  uint8_t op;
  uint8_t dtype;
  uint8_t reserved[2];
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint64_t bits;
} acp_scalar_node;

/* Half-open range of one iterator. */
typedef struct acp_iter {
  int64_t begin;
  int64_t end;
} acp_iter;

/* operand[coord...] = value, for every parallel point. Each coordinate is a constant, an iterator, or an iterator plus a
 * constant (plus, inside a loop, LOOP), each parallel iterator of more than one point is used exactly once: injective
 * by construction. */
typedef struct acp_write {
  uint32_t operand;
  uint32_t value; /* scalar node */
  uint32_t coord[ACP_MAX_RANK];
} acp_write;

/* How one reduction step changes the accumulator: FMA: fma(body_a, body_b, acc); ADD: acc + body_a; MAX, MIN. */
enum {
  ACP_COMBINE_NONE = 0,
  ACP_COMBINE_FMA = 1,
  ACP_COMBINE_ADD = 2,
  ACP_COMBINE_MAX = 3,
  ACP_COMBINE_MIN = 4
};

/* Canonical orders (numerics, "Reductions"). `block` is the block length of the two blocked orders.
 * ANY is allowed for MAX and MIN only, whose result does not depend on order. */
enum {
  ACP_ORDER_NONE = 0,
  ACP_ORDER_CHAIN = 1,
  ACP_ORDER_BLOCKED_TREE = 2,
  ACP_ORDER_BLOCKED_INDEX = 3,
  ACP_ORDER_LANES32 = 4,
  ACP_ORDER_ANY = 5
};

/* One loop nest. iters[iter_first .. +iter_count) are its iterators, the last reduce_count of them reduce. For every point of
 * the parallel iterators: the accumulator runs over the linear numbers k_begin <= k < k_end of the reduce iterators'
 * row-major domain (whose ranges begin at 0), then the writes are evaluated. Without reduction (combiner NONE) only the
 * writes are. init == ACP_NONE: the first element is taken as it is (not added to anything). */
typedef struct acp_nest {
  uint32_t iter_first;
  uint32_t iter_count;
  uint32_t reduce_count;
  uint8_t combiner;
  uint8_t order;
  uint8_t reserved[2];
  uint32_t block;
  uint32_t init;   /* scalar node over reads at the parallel point, or ACP_NONE */
  uint32_t body_a; /* scalar nodes */
  uint32_t body_b; /* FMA only, else ACP_NONE */
  uint32_t write_first;
  uint32_t write_count;
  int64_t k_begin;
  int64_t k_end;
} acp_nest;

/* A loop around the stages between its begin and its end: trip t runs while t < trips and (condition == ACP_NONE or the
 * condition, evaluated before the trip, is true). trips and condition are scalar nodes whose reads have coordinates made of
 * constants and LOOP; trips (I64) is evaluated once, on entry, and never exceeds max_trips (a launch that would is refused). */
typedef struct acp_loop {
  uint32_t trips;
  uint32_t condition;
  int64_t max_trips;
} acp_loop;

/* The stages run one after the other. index: a nest (NEST), a loop (LOOP_BEGIN, LOOP_END). */
enum { ACP_STAGE_UNKNOWN = 0, ACP_STAGE_NEST = 1, ACP_STAGE_LOOP_BEGIN = 2, ACP_STAGE_LOOP_END = 3 };
typedef struct acp_stage {
  uint32_t kind;
  uint32_t index;
} acp_stage;

/* The whole program, borrowed. size = sizeof(acp_region) of the writer (see ACP_STRUCT in shim.h). */
typedef struct acp_region {
  uint32_t size;
  uint32_t version;
  const acp_operand* operands;
  const acp_index_node* indices;
  const acp_guard* guards;
  const acp_read* reads;
  const acp_scalar_node* scalars;
  const acp_iter* iters;
  const acp_write* writes;
  const acp_nest* nests;
  const acp_loop* loops;
  const acp_stage* stages;
  uint32_t operand_count;
  uint32_t index_count;
  uint32_t guard_count;
  uint32_t read_count;
  uint32_t scalar_count;
  uint32_t iter_count;
  uint32_t write_count;
  uint32_t nest_count;
  uint32_t loop_count;
  uint32_t stage_count;
} acp_region;

#ifdef __cplusplus
}
#endif
#endif /* ACP_REGION_H_ */
