// The register tiles of contractions: one table per instruction set, the same results from each.
//
// A tile is up to 4 vectors of columns by a few rows. Its accumulators stay in registers over all steps: every output is one chain of
// fused multiply-adds, k ascending; lanes are outputs, never parts of a sum.
//
// Lifetime tables are constants.
// Why      columns are packed (they are read once a row), rows are not: an element of a row is used once a tile, as one value for
//          all lanes, so it may lie anywhere.
#pragma once

#include <cstdint>

namespace acp_cpu {

inline constexpr int kTileVectors = 4;
inline constexpr int kTileRows = 14;
inline constexpr std::int64_t kTileColumns = 64;  // no tile has more

struct TileArgs {
  const float* w = nullptr;  // element k of row r: w[r * w_row + w_at[k]]
  std::int64_t w_row = 0;
  const std::int32_t* w_at = nullptr;
  const float* x = nullptr;     // element k of column j: x[k * (columns of the tile) + j]
  std::int64_t steps = 0;       // at least 1
  const float* seed = nullptr;  // row r: seed[r * seed_row], one value for all columns, or one a column
  std::int64_t seed_row = 0;
  bool seed_spread = false;  // one value for all columns
  float* y = nullptr;        // column j of row r: y[r * y_row + j]
  std::int64_t y_row = 0;
  std::int64_t width = 0;  // columns written; only the last vector may be partly used
};
using TileKernel = void (*)(const TileArgs& args);

// Consecutive columns of a tile that are read with one step, or (from == nullptr) hold `otherwise`.
struct Piece {
  std::int64_t first = 0;
  std::int64_t count = 0;
  const float* from = nullptr;
};
// Row i of the packed tile, i < steps: every piece, i * from_row further on.
struct PackArgs {
  float* to = nullptr;
  std::int64_t to_row = 0;
  std::int64_t from_row = 0;
  std::int64_t step = 0;  // between the columns of a piece
  std::int64_t steps = 0;
  float otherwise = 0;
  const Piece* pieces = nullptr;
  std::int64_t piece_count = 0;
};
using PackKernel = void (*)(const PackArgs& args);

struct ContractKernels {
  std::int64_t lanes = 0;
  std::int64_t vectors = 0;                               // most a tile has
  std::int64_t rows[kTileVectors + 1] = {};               // most rows of a tile of so many vectors
  TileKernel tile[kTileVectors + 1][kTileRows + 1] = {};  // by vectors, rows
  PackKernel pack = nullptr;
};

namespace portable {
extern const ContractKernels kContract;
}
namespace avx2 {
extern const ContractKernels kContract;
}
namespace avx512 {
extern const ContractKernels kContract;
}

}  // namespace acp_cpu
