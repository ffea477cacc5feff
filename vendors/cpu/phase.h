// A phase: one part of a nest (init, body or writes) as a straight list of instructions over strips.
//
// A strip is up to kStrip consecutive points of one parallel iterator, the strip axis. Every value is a slot: an array with one
// entry a point, or a single entry when it is the same for the whole strip ("one"). Expressions that are affine in the iterators are
// not evaluated but followed: a row keeps the value at the strip's first point, and moves by a constant when k moves.
#pragma once

#include <cstdint>
#include <vector>

#include "strip_kernels.h"

namespace acp_cpu {

// base + sum(iter[t] * iterator t) + sum(loop[l] * trip l). Arithmetic wraps: only values from data can overflow.
struct Row {
  std::int64_t base = 0;
  std::vector<std::int64_t> iter;
  std::vector<std::int64_t> loop;
};

std::int64_t value_of(const Row& row, const std::vector<std::int64_t>& iters,
                      const std::vector<std::int64_t>& trips);

// An index expression: a row, or (not affine) a slot of 64-bit integers.
struct Coordinate {
  bool affine = true;
  std::uint32_t row = 0;
  std::uint32_t slot = 0;
  bool one = false;     // of a slot
  std::int64_t lo = 0;  // allowed values lo <= x < hi: a guard's, or the window's
  std::int64_t hi = 0;
  std::int64_t stride = 0;  // of a coordinate, in elements
};

// A read. Affine coordinates are folded into the offset row; the others are added point by point.
struct Access {
  std::uint32_t read = 0;
  std::uint32_t operand = 0;
  std::uint32_t element_bytes = 0;
  std::uint8_t dtype = 0;
  std::uint64_t otherwise = 0;
  std::uint32_t offset_row = 0;  // in elements from the window's origin
  std::vector<Coordinate> guards;
  std::vector<Coordinate> checks;  // affine coordinates that are not known to stay inside
  std::vector<Coordinate> loaded;  // coordinates in slots
  bool plain = false;              // no guards, no checks, nothing loaded
};

enum class Do : std::uint8_t { kRamp, kIndex, kWiden, kRead, kMap };

struct Instruction {
  Do what = Do::kMap;
  std::uint8_t op = 0;                // kIndex: ACP_IX_*
  bool one = false;                   // one entry is enough
  bool one_a = false, one_b = false;  // kIndex: operands with one entry
  std::uint8_t dtype = 0;             // kWiden: of a
  std::uint32_t out = 0;
  std::uint32_t a = 0, b = 0, c = 0;  // slots; kRamp: a is the row; kRead: a is the access
  std::int64_t value = 0;             // kIndex
  Map map = nullptr;                  // kMap
};

struct Phase {
  std::vector<Row> rows;
  std::vector<Access> accesses;
  std::vector<Instruction> once;  // what does not depend on k
  std::vector<Instruction> each;  // what does
};

// What a scalar node became.
struct Value {
  std::uint32_t slot = 0;
  std::uint8_t dtype = 0;
  bool one = false;
  bool varies = false;  // with k
};

struct Constant {
  std::uint32_t slot;
  std::uint64_t bits;
};

}  // namespace acp_cpu
