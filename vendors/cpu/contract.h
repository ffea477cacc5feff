// Contractions: nests whose body multiplies two reads and adds in chain order (matrix products, convolutions, all alike).
//
// Of the two reads, x gives the columns: it is packed tile by tile and may be guarded. w gives the rows: it is read where it lies. Every
// parallel iterator is a column (only x moves with it), the row (only w does), or batch (both or neither).
// Spec     CEP 3.3 (meaning of region programs), numerics "chain".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "phase.h"

namespace acp_cpu {

struct Nest;
struct Program;
class Strip;

inline constexpr std::size_t kMostGuards = 4;

// lo <= row < hi
struct GuardRow {
  Row row;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};

// Steps in which only the innermost reduce iterator moves: x moves by a constant, and no guard does.
struct StepRun {
  std::int64_t first = 0;  // counted from k_begin
  std::int64_t length = 0;
  std::int64_t x_at = 0;  // what the reduce iterators add to the offset at the first step
  std::array<std::int64_t, kMostGuards> guard_at = {};
};

struct Contraction {
  std::uint32_t x_operand = 0, w_operand = 0;
  Row x, w;  // offsets in elements
  float otherwise = 0;
  std::vector<GuardRow> guards;
  std::int64_t x_step = 0;  // of x, along a run of steps
  std::vector<StepRun> runs;
  std::vector<std::int32_t> w_at;  // of w, what step k adds
  std::int64_t steps = 0;

  std::vector<std::uint32_t> columns, batch;  // parallel iterators, outermost first
  std::optional<std::uint32_t> row;
  std::int64_t column_count = 1, row_count = 1, batch_count = 1;

  // How chains begin: a constant, an element a row (the bias of a channel), or whatever the nest's init says.
  enum class Seed : std::uint8_t { kConstant, kRow, kAny } seed = Seed::kAny;
  float seed_value = 0;
  std::uint32_t seed_operand = 0;
  Row seed_row;

  // The only write is the accumulator's; otherwise write values are evaluated by strips.
  bool plain_write = false;
  std::uint32_t y_operand = 0;
  Row y;
  std::int64_t flat = 1;    // so many columns in a row lie y_step apart
  std::int64_t y_step = 0;  // elements
};

// The contraction that a lowered nest is, if it is one that tiles pay for.
std::optional<Contraction> match_contraction(const Nest& nest);

// One nest of one launch, cut into units that threads may run in any order.
class ContractionRun {
 public:
  // Room for one participant, in floats.
  struct Room {
    std::int64_t packed = 0;  // columns
    std::int64_t sums = 0;    // chains that go on with the next steps
    [[nodiscard]] std::int64_t floats() const;
  };
  // One participant's state between units: which columns lie packed.
  struct Worker {
    Strip* strip = nullptr;
    float* room = nullptr;
    std::vector<std::int64_t> iters;
    std::vector<Piece> pieces;
    std::vector<std::int64_t> packed_key;
  };

  ContractionRun(const Program& program, const Nest& nest, const std::vector<unsigned char*>& operands,
                 const std::vector<std::int64_t>& trips, int participants);
  [[nodiscard]] std::int64_t units() const { return contraction_.batch_count * blocks_ * row_blocks_; }
  [[nodiscard]] Room room() const { return room_; }
  void run(Worker& worker, std::int64_t unit) const;

 private:
  struct Span {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  struct Tile {
    std::int64_t first = 0;  // column of the nest
    std::int64_t width = 0;
    std::int64_t vectors = 0;
    std::int64_t at = 0;  // column of the block's room
  };

  [[nodiscard]] Tile tile_of(Span vectors, std::int64_t number) const;
  [[nodiscard]] std::int64_t tiles_in(Span vectors) const;
  void set_columns(Worker& worker, std::int64_t column) const;
  void pack(Worker& worker, Span vectors, Span steps) const;
  void pack_tile(Worker& worker, const Tile& tile, Span steps) const;
  void find_pieces(Worker& worker, const Tile& tile, const StepRun& run, std::int64_t skipped) const;
  void multiply(Worker& worker, const Tile& tile, Span rows, Span all_rows, Span steps) const;
  void begin_chains(Worker& worker, const Tile& tile, Span rows, float* sums, struct TileArgs& args) const;
  void write(Worker& worker, const Tile& tile, Span rows, const float* sums) const;

  const Program& program_;
  const Nest& nest_;
  const Contraction& contraction_;
  const ContractKernels& kernels_;
  const std::vector<unsigned char*>& operands_;
  const std::vector<std::int64_t>& trips_;
  std::int64_t vectors_ = 0;        // of all columns
  std::int64_t block_vectors_ = 0;  // of one block
  std::int64_t blocks_ = 0;
  std::int64_t row_blocks_ = 0;
  std::int64_t chunk_ = 0;  // steps packed at once
  Room room_;
};

}  // namespace acp_cpu
