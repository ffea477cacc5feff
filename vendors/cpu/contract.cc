// Runs a contraction tile by tile. Blocks of columns are packed so that they stay in the second-level cache while every row passes over
// them; every output's chain is one tile's, from its seed to its end.
#include "contract.h"

#include <algorithm>
#include <cstring>

#include "program.h"
#include "strip.h"

namespace acp_cpu {
namespace {

// What may lie packed at once, in floats: a good part of a second-level cache.
constexpr std::int64_t kPackedFloats = std::int64_t{192} << 10;
// Steps packed at once. Longer chains lay their sums aside and go on.
constexpr std::int64_t kMostChunk = 5120;
// Units a participant should find, so that all end at about the same time.
constexpr std::int64_t kUnitsEach = 3;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

const float* floats(unsigned char* operand, std::int64_t at) {
  return reinterpret_cast<const float*>(operand) + at;
}

}  // namespace

std::int64_t ContractionRun::Room::floats() const {
  constexpr std::int64_t kTileFloats = kTileColumns * kTileRows;
  return (packed + sums + 2 * kTileFloats + 15) / 16 * 16;
}

ContractionRun::ContractionRun(const Program& program, const Nest& nest,
                               const std::vector<unsigned char*>& operands,
                               const std::vector<std::int64_t>& trips, int participants)
    : program_(program),
      nest_(nest),
      contraction_(*nest.contraction),
      kernels_(*program.kernels->contract),
      operands_(operands),
      trips_(trips) {
  const Contraction& c = contraction_;
  vectors_ = ceil_div(c.column_count, kernels_.lanes);
  chunk_ = ceil_div(c.steps, ceil_div(c.steps, kMostChunk));
  const std::int64_t fit = std::max(kernels_.vectors, kPackedFloats / (chunk_ * kernels_.lanes));
  blocks_ = ceil_div(vectors_, fit);
  const std::int64_t wanted = participants == 1 ? 1 : kUnitsEach * participants;
  const std::int64_t most_blocks = ceil_div(vectors_, kernels_.vectors);
  blocks_ = std::clamp(ceil_div(wanted, c.batch_count), blocks_, std::max(blocks_, most_blocks));
  block_vectors_ = ceil_div(vectors_, blocks_);
  blocks_ = ceil_div(vectors_, block_vectors_);
  const std::int64_t most_row_blocks = ceil_div(c.row_count, kernels_.rows[kernels_.vectors]);
  row_blocks_ = std::clamp<std::int64_t>(ceil_div(wanted, c.batch_count * blocks_), 1, most_row_blocks);
  room_.packed = chunk_ * block_vectors_ * kernels_.lanes;
  if (chunk_ < c.steps) room_.sums = ceil_div(c.row_count, row_blocks_) * block_vectors_ * kernels_.lanes;
}

// Tiles of one block differ by one vector at most.
std::int64_t ContractionRun::tiles_in(Span vectors) const {
  return ceil_div(vectors.end - vectors.begin, kernels_.vectors);
}
ContractionRun::Tile ContractionRun::tile_of(Span vectors, std::int64_t number) const {
  const std::int64_t count = vectors.end - vectors.begin, tiles = tiles_in(vectors);
  const std::int64_t small = count / tiles, larger = count % tiles;
  const std::int64_t before = number * small + std::min(number, larger);
  Tile tile;
  tile.vectors = small + (number < larger ? 1 : 0);
  tile.at = before * kernels_.lanes;
  tile.first = vectors.begin * kernels_.lanes + tile.at;
  tile.width = std::min(tile.vectors * kernels_.lanes, contraction_.column_count - tile.first);
  return tile;
}

void ContractionRun::set_columns(Worker& worker, std::int64_t column) const {
  for (std::size_t i = contraction_.columns.size(); i-- > 0;) {
    const std::uint32_t t = contraction_.columns[i];
    worker.iters[t] = column % nest_.iters[t].end;
    column /= nest_.iters[t].end;
  }
}

// Where each column of the tile is read in the first of the run's steps that counts.
void ContractionRun::find_pieces(Worker& worker, const Tile& tile, const StepRun& run,
                                 std::int64_t skipped) const {
  const Contraction& c = contraction_;
  worker.pieces.clear();
  const auto add = [&](std::int64_t first, std::int64_t count, const float* from) {
    if (count == 0) return;
    if (from == nullptr && !worker.pieces.empty() && worker.pieces.back().from == nullptr) {
      worker.pieces.back().count += count;
    } else {
      worker.pieces.push_back({first, count, from});
    }
  };
  set_columns(worker, tile.first);
  const std::int64_t step = c.columns.empty() ? 0 : c.x.iter[c.columns.back()];
  std::int64_t done = 0;
  while (done < tile.width) {
    std::int64_t count = 1;
    if (!c.columns.empty()) {
      const std::uint32_t inner = c.columns.back();
      count = std::min(tile.width - done, nest_.iters[inner].end - worker.iters[inner]);
    }
    std::int64_t first = 0, last = count;
    for (std::size_t g = 0; g < c.guards.size(); ++g) {
      const GuardRow& guard = c.guards[g];
      const std::int64_t move = c.columns.empty() ? 0 : guard.row.iter[c.columns.back()];
      narrow(value_of(guard.row, worker.iters, trips_) + run.guard_at[g], move, guard.lo, guard.hi, first,
             last);
    }
    const std::int64_t at = value_of(c.x, worker.iters, trips_) + run.x_at + skipped * c.x_step;
    add(done, first, nullptr);
    if (first < last) add(done + first, last - first, floats(operands_[c.x_operand], at + first * step));
    add(done + last, count - last, nullptr);
    done += count;
    if (done < tile.width) set_columns(worker, tile.first + done);
  }
  add(tile.width, tile.vectors * kernels_.lanes - tile.width, nullptr);
}

void ContractionRun::pack_tile(Worker& worker, const Tile& tile, Span steps) const {
  const Contraction& c = contraction_;
  auto run = std::upper_bound(c.runs.begin(), c.runs.end(), steps.begin,
                              [](std::int64_t k, const StepRun& r) { return k < r.first; });
  PackArgs args;
  args.to_row = tile.vectors * kernels_.lanes;
  args.to = worker.room + tile.at * (steps.end - steps.begin);
  args.from_row = c.x_step;
  args.step = c.columns.empty() ? 0 : c.x.iter[c.columns.back()];
  args.otherwise = c.otherwise;
  for (--run; run != c.runs.end() && run->first < steps.end; ++run) {
    const std::int64_t skipped = std::max<std::int64_t>(0, steps.begin - run->first);
    args.steps = std::min(run->first + run->length, steps.end) - run->first - skipped;
    find_pieces(worker, tile, *run, skipped);
    args.pieces = worker.pieces.data();
    args.piece_count = static_cast<std::int64_t>(worker.pieces.size());
    kernels_.pack(args);
    args.to += args.steps * args.to_row;
  }
}

// Packs a block's columns, unless they lie there already.
void ContractionRun::pack(Worker& worker, Span vectors, Span steps) const {
  const Contraction& c = contraction_;
  set_columns(worker, 0);
  std::vector<std::int64_t> key = {vectors.begin, steps.begin, value_of(c.x, worker.iters, trips_)};
  for (const GuardRow& guard : c.guards) key.push_back(value_of(guard.row, worker.iters, trips_));
  if (key == worker.packed_key) return;
  const std::int64_t tiles = tiles_in(vectors);
  for (std::int64_t i = 0; i < tiles; ++i) pack_tile(worker, tile_of(vectors, i), steps);
  worker.packed_key = std::move(key);
}

// Seeds of a tile's chains: one a row where that is enough, else one an output, laid out like `sums`.
void ContractionRun::begin_chains(Worker& worker, const Tile& tile, Span rows, float* sums,
                                  TileArgs& args) const {
  const Contraction& c = contraction_;
  if (c.seed == Contraction::Seed::kConstant) {
    args.seed = &c.seed_value;
    args.seed_row = 0;
    args.seed_spread = true;
    return;
  }
  if (c.row) worker.iters[*c.row] = rows.begin;
  if (c.seed == Contraction::Seed::kRow) {
    set_columns(worker, 0);
    args.seed = floats(operands_[c.seed_operand], value_of(c.seed_row, worker.iters, trips_));
    args.seed_row = c.row ? c.seed_row.iter[*c.row] : 0;
    args.seed_spread = true;
    return;
  }
  args.seed = sums;
  args.seed_row = kTileColumns;
  args.seed_spread = false;
  for (std::int64_t r = rows.begin; r < rows.end; ++r, sums += kTileColumns) {
    if (c.row) worker.iters[*c.row] = r;
    for (std::int64_t done = 0; done < tile.width;) {
      set_columns(worker, tile.first + done);
      const std::int64_t left =
          c.columns.empty() ? 1 : nest_.iters[c.columns.back()].end - worker.iters[c.columns.back()];
      const std::int64_t count = std::min(tile.width - done, left);
      worker.strip->seed(worker.iters, count, sums + done);
      done += count;
    }
  }
}

// Finished sums of a tile, rows kTileColumns apart.
void ContractionRun::write(Worker& worker, const Tile& tile, Span rows, const float* sums) const {
  const Contraction& c = contraction_;
  for (std::int64_t r = rows.begin; r < rows.end; ++r, sums += kTileColumns) {
    if (c.row) worker.iters[*c.row] = r;
    for (std::int64_t done = 0; done < tile.width;) {
      const std::int64_t column = tile.first + done;
      set_columns(worker, column);
      std::int64_t count = tile.width - done;
      if (c.plain_write) {
        count = std::min(count, c.flat - column % c.flat);
        auto* y = reinterpret_cast<float*>(operands_[c.y_operand]) + value_of(c.y, worker.iters, trips_);
        for (std::int64_t j = 0; j < count; ++j) y[j * c.y_step] = sums[done + j];
      } else {
        if (!c.columns.empty())
          count = std::min(count, nest_.iters[c.columns.back()].end - worker.iters[c.columns.back()]);
        worker.strip->finish(worker.iters, count, const_cast<float*>(sums) + done);
      }
      done += count;
    }
  }
}

// Some rows of one tile over one chunk of steps. all_rows: those whose sums are laid aside between chunks.
void ContractionRun::multiply(Worker& worker, const Tile& tile, Span rows, Span all_rows, Span steps) const {
  const Contraction& c = contraction_;
  float* const tile_sums = worker.room + room_.packed + room_.sums;
  float* const laid = worker.room + room_.packed + tile.at * (all_rows.end - all_rows.begin) +
                      (rows.begin - all_rows.begin) * tile.vectors * kernels_.lanes;
  const bool begins = steps.begin == 0, ends = steps.end == c.steps;
  TileArgs args;
  args.x = worker.room + tile.at * (steps.end - steps.begin);
  args.steps = steps.end - steps.begin;
  args.w_at = c.w_at.data() + steps.begin;
  if (c.row) worker.iters[*c.row] = rows.begin;
  args.w = floats(operands_[c.w_operand], value_of(c.w, worker.iters, trips_));
  args.w_row = c.row ? c.w.iter[*c.row] : 0;
  if (begins) {
    begin_chains(worker, tile, rows, tile_sums, args);
  } else {
    args.seed = laid;
    args.seed_row = tile.vectors * kernels_.lanes;
  }
  args.width = tile.width;
  const bool direct = ends && c.plain_write && c.y_step == 1 && tile.first % c.flat + tile.width <= c.flat;
  if (direct) {
    if (c.row) worker.iters[*c.row] = rows.begin;
    set_columns(worker, tile.first);
    args.y = reinterpret_cast<float*>(operands_[c.y_operand]) + value_of(c.y, worker.iters, trips_);
    args.y_row = c.row ? c.y.iter[*c.row] : 0;
  } else if (ends) {
    args.y = tile_sums + kTileRows * kTileColumns;
    args.y_row = kTileColumns;
  } else {
    args.y = laid;
    args.y_row = tile.vectors * kernels_.lanes;
    args.width = args.y_row;
  }
  kernels_.tile[tile.vectors][rows.end - rows.begin](args);
  if (ends && !direct) write(worker, tile, rows, args.y);
}

void ContractionRun::run(Worker& worker, std::int64_t unit) const {
  const Contraction& c = contraction_;
  const auto part = [](std::int64_t count, std::int64_t parts, std::int64_t i) {
    return Span{count * i / parts, count * (i + 1) / parts};
  };
  const Span all_rows = part(c.row_count, row_blocks_, unit % row_blocks_);
  unit /= row_blocks_;
  const std::int64_t block = unit % blocks_;
  const Span vectors{block * block_vectors_, std::min(vectors_, (block + 1) * block_vectors_)};
  std::int64_t number = unit / blocks_;
  for (std::size_t i = c.batch.size(); i-- > 0;) {
    const std::uint32_t t = c.batch[i];
    worker.iters[t] = number % nest_.iters[t].end;
    number /= nest_.iters[t].end;
  }
  const std::int64_t tiles = tiles_in(vectors);
  for (Span steps{0, 0}; steps.begin < c.steps; steps.begin = steps.end) {
    steps.end = std::min(c.steps, steps.begin + chunk_);
    if (c.row) worker.iters[*c.row] = 0;
    pack(worker, vectors, steps);
    // Tiles of as many vectors take the same rows at a time.
    for (std::int64_t first = 0, next = 0; first < tiles; first = next) {
      const std::int64_t width = tile_of(vectors, first).vectors;
      while (next < tiles && tile_of(vectors, next).vectors == width) ++next;
      const std::int64_t count = all_rows.end - all_rows.begin;
      const std::int64_t panels = ceil_div(count, kernels_.rows[width]);
      for (std::int64_t p = 0; p < panels; ++p) {
        const Span rows = part(count, panels, p);
        const Span shifted{all_rows.begin + rows.begin, all_rows.begin + rows.end};
        for (std::int64_t i = first; i < next; ++i)
          multiply(worker, tile_of(vectors, i), shifted, all_rows, steps);
      }
    }
  }
}

}  // namespace acp_cpu
