#include "contraction.h"

#include <algorithm>

namespace acp_gpu {
namespace {

// A work-group of 8 x 16 items makes a tile of 64 x 64 results, 4 rows and 8 columns an item, 16 steps of the chain at a time.
constexpr std::int64_t kTile = 64;
constexpr std::int64_t kDepth = 16;
constexpr std::int64_t kItemRows = 4;
constexpr std::int64_t kItemColumns = 8;
constexpr std::int64_t kItemsX = kTile / kItemColumns;
constexpr std::int64_t kItemsY = kTile / kItemRows;
constexpr std::int64_t kItems = kItemsX * kItemsY;
// A row of the local tiles: some elements more, so that a column does not stay in one memory bank.
constexpr std::int64_t kPitch = kTile + 4;
// Below this a tile is mostly empty.
constexpr std::int64_t kSmallest = 8;
constexpr std::int64_t kLargest = std::int64_t{1} << 30;

// The iterators a scalar depends on, a bit each.
std::uint32_t iterators_below(const acp_region& region, std::uint32_t scalar) {
  Needs needs(region);
  needs.add_scalar(scalar);
  needs.close(region);
  std::uint32_t mask = 0;
  for (std::uint32_t i = 0; i < region.index_count; ++i) {
    if (needs.indices[i] && region.indices[i].op == ACP_IX_ITER) mask |= 1u << region.indices[i].a;
  }
  return mask;
}

std::int64_t extent_of(const Space& space, std::uint32_t t) {
  return space.iters[t].end - space.iters[t].begin;
}

std::int64_t product(const Space& space, const std::vector<std::uint32_t>& iters) {
  std::int64_t made = 1;
  for (const std::uint32_t t : iters) {
    if (made <= kLargest) made *= std::min(extent_of(space, t), kLargest);
  }
  return made;
}

// Whether neighbours in memory are neighbours along one of `iters`: of the first read below the scalar with an axis of stride 1.
bool runs_along(const acp_region& region, std::uint32_t scalar, const std::vector<std::uint32_t>& iters) {
  Needs needs(region);
  needs.add_scalar(scalar);
  needs.close(region);
  for (std::uint32_t r = 0; r < region.read_count; ++r) {
    if (!needs.reads[r]) continue;
    const acp_operand& operand = region.operands[region.reads[r].operand];
    for (std::uint32_t d = 0; d < operand.rank; ++d) {
      if (operand.stride[d] != 1 || operand.held[d] == 1) continue;
      Needs below(region);
      below.add_index(region.reads[r].coord[d]);
      below.close(region);
      for (std::uint32_t i = 0; i < region.index_count; ++i) {
        if (!below.indices[i] || region.indices[i].op != ACP_IX_ITER) continue;
        if (std::find(iters.begin(), iters.end(), region.indices[i].a) != iters.end()) return true;
      }
      return false;
    }
  }
  return true;
}

class Writer {
 public:
  Writer(const acp_region& region, const acp_nest& nest, const Space& space, const Contraction& shape)
      : region_(region),
        nest_(nest),
        space_(space),
        shape_(shape),
        rows_(region, space, 'p'),
        columns_(region, space, 'q'),
        init_(region, space, 'a'),
        writes_(region, space, 'w') {}

  // False when a part may fault: work-items could then part ways before a barrier.
  bool write(KernelPlan& plan, Text& program) {
    Text text;
    text.line("__local float A[", kDepth, "][", kPitch, "];");
    text.line("__local float B[", kDepth, "][", kPitch, "];");
    text.line("const int tx = (int)get_local_id(0), ty = (int)get_local_id(1);");
    text.line("const int item = ty * ", kItemsX, " + tx;");
    text.line("const int row0 = (int)get_group_id(1) * ", kTile, ", column0 = (int)get_group_id(0) * ", kTile,
              ";");
    text.line("const int z = (int)get_group_id(2);");
    place(shape_.batch, "z", text);
    begin(text);
    for (std::int64_t r = 0; r < kItemRows; ++r) text.line("float8 acc", r, " = vload8(", r, ", part);");
    text.line("for (int k0 = 0; k0 < ", shape_.depth, "; k0 += ", kDepth, ") {");
    fill("A", "row", shape_.rows, shape_.row_count, shape_.row_scalar, rows_, text);
    fill("B", "column", shape_.columns, shape_.column_count, shape_.column_scalar, columns_, text);
    text.line("barrier(CLK_LOCAL_MEM_FENCE);");
    text.line("if (k0 + ", kDepth, " <= ", shape_.depth, ") {");
    steps(joined(kDepth), text);
    // No step beyond the depth: 0 * 0 would make +0 of a -0.
    text.line("} else {");
    steps(joined(shape_.depth, " - k0"), text);
    text.line("}");
    text.line("barrier(CLK_LOCAL_MEM_FENCE);");
    text.line("}");
    end(text);
    collect(plan);
    if (plan.reports_faults) return false;
    write_head(region_, plan, program);
    program.add(text.str());
    program.line("}");
    return true;
  }

 private:
  // Declares iterators from their linear number, the last one fastest. `number` is not negative and fits an int.
  void place(const std::vector<std::uint32_t>& iters, const std::string& number, Text& text) const {
    std::int64_t below = 1;
    for (std::size_t i = iters.size(); i-- > 0;) {
      const std::int64_t extent = extent_of(space_, iters[i]);
      std::string digit = below == 1 ? number : joined(number, " / ", below);
      // The slowest needs no remainder.
      if (i != 0) digit = joined("(", digit, ") % ", extent);
      const std::int64_t begin = space_.iters[iters[i]].begin;
      text.line("const int i", iters[i], " = ", literal(begin, false), " + ", extent == 1 ? "0" : digit, ";");
      below *= extent;
    }
  }
  void place_depth(Text& text) const {
    std::vector<std::uint32_t> digits;
    for (auto t = static_cast<std::uint32_t>(space_.parallel); t < space_.iters.size(); ++t)
      digits.push_back(t);
    text.line("const int kk = k + ", literal(nest_.k_begin, false), ";");
    place(digits, "kk", text);
  }

  // What the accumulators begin with, in part[].
  void begin(Text& text) {
    text.line("float part[", kItemRows * kItemColumns, "];");
    text.line("for (int e = 0; e < ", kItemRows * kItemColumns, "; ++e) {");
    text.line("part[e] = 0.0f;");
    if (nest_.init != ACP_NONE) {
      open_point(text);
      init_.need_scalar(nest_.init);
      init_.emit(text);
      text.line("part[e] = as_float(", init_.scalar(nest_.init), ");");
      text.line("}");
    }
    text.line("}");
  }
  void open_point(Text& text) const {
    text.line("const int row = row0 + ty * ", kItemRows, " + e / ", kItemColumns, ";");
    text.line("const int column = column0 + tx * ", kItemColumns, " + e % ", kItemColumns, ";");
    text.line("if (row < ", shape_.row_count, " && column < ", shape_.column_count, ") {");
    place(shape_.rows, "row", text);
    place(shape_.columns, "column", text);
  }

  // One tile of a factor. Neighbouring items read neighbours in memory where the factor lies so.
  void fill(const char* tile, const char* side, const std::vector<std::uint32_t>& iters, std::int64_t count,
            std::uint32_t scalar, Expressions& factor, Text& text) {
    text.line("for (int s = 0; s < ", kTile * kDepth / kItems, "; ++s) {");
    if (runs_along(region_, scalar, iters)) {
      text.line("const int at = item % ", kTile, ", d = item / ", kTile, " + s * ", kItems / kTile, ";");
    } else {
      text.line("const int at = item / ", kDepth, " + s * ", kItems / kDepth, ", d = item % ", kDepth, ";");
    }
    text.line("const int ", side, " = ", side, "0 + at, k = k0 + d;");
    text.line("float value = 0.0f;");
    text.line("if (", side, " < ", count, " && k < ", shape_.depth, ") {");
    place(iters, side, text);
    place_depth(text);
    factor.need_scalar(scalar);
    factor.emit(text);
    text.line("value = as_float(", factor.scalar(scalar), ");");
    text.line("}");
    text.line(tile, "[d][at] = value;");
    text.line("}");
  }

  static void steps(const std::string& count, Text& text) {
    text.line("for (int d = 0; d < ", count, "; ++d) {");
    text.line("const float8 b = vload8(0, &B[d][tx * ", kItemColumns, "]);");
    for (std::int64_t r = 0; r < kItemRows; ++r) {
      text.line("acc", r, " = fma((float8)(A[d][ty * ", kItemRows, " + ", r, "]), b, acc", r, ");");
    }
    text.line("}");
  }

  void end(Text& text) {
    for (std::int64_t r = 0; r < kItemRows; ++r) text.line("vstore8(acc", r, ", ", r, ", part);");
    text.line("for (int e = 0; e < ", kItemRows * kItemColumns, "; ++e) {");
    open_point(text);
    text.line("const u32 acc = one_nan(as_uint(part[e]));");
    for (std::uint32_t w = nest_.write_first; w < nest_.write_first + nest_.write_count; ++w) {
      const acp_write& write = region_.writes[w];
      writes_.need_scalar(write.value);
      for (std::uint32_t d = 0; d < region_.operands[write.operand].rank; ++d)
        writes_.need_index(write.coord[d]);
    }
    writes_.emit(text);
    write_stores(region_, nest_, writes_, text);
    text.line("}");
    text.line("}");
  }

  void collect(KernelPlan& plan) const {
    UsedOperands used(region_.operand_count);
    for (std::uint32_t w = nest_.write_first; w < nest_.write_first + nest_.write_count; ++w)
      used.add(region_.writes[w].operand);
    for (const Expressions* part : {&rows_, &columns_, &init_, &writes_}) {
      used.add(*part);
      plan.reports_faults |= part->reports_faults();
    }
    plan.operands = used.list();
  }

  const acp_region& region_;
  const acp_nest& nest_;
  const Space& space_;
  const Contraction& shape_;
  Expressions rows_, columns_, init_, writes_;
};

}  // namespace

std::optional<Contraction> match_contraction(const acp_region& region, const acp_nest& nest,
                                             const Space& space) {
  if (nest.combiner != ACP_COMBINE_FMA || region.scalars[nest.body_a].dtype != ACP_F32) return std::nullopt;
  Contraction made;
  made.depth = nest.k_end - nest.k_begin;
  const bool one_block = nest.order == ACP_ORDER_BLOCKED_TREE || nest.order == ACP_ORDER_BLOCKED_INDEX
                             ? made.depth <= std::int64_t{nest.block}
                             : nest.order == ACP_ORDER_CHAIN;
  if (!one_block) return std::nullopt;
  const std::uint32_t a = iterators_below(region, nest.body_a), b = iterators_below(region, nest.body_b);
  std::vector<std::uint32_t> of_a, of_b;
  for (std::uint32_t t = 0; t < space.parallel; ++t) {
    const bool in_a = (a >> t & 1u) != 0, in_b = (b >> t & 1u) != 0;
    (in_a == in_b ? made.batch : in_a ? of_a : of_b).push_back(t);
  }
  // The columns are the side that is innermost in the result.
  const bool a_is_inner = !of_a.empty() && (of_b.empty() || of_a.back() > of_b.back());
  made.rows = a_is_inner ? of_b : of_a;
  made.columns = a_is_inner ? of_a : of_b;
  made.row_scalar = a_is_inner ? nest.body_b : nest.body_a;
  made.column_scalar = a_is_inner ? nest.body_a : nest.body_b;
  made.row_count = product(space, made.rows);
  made.column_count = product(space, made.columns);
  made.batch_count = product(space, made.batch);
  const std::int64_t sizes[] = {made.row_count, made.column_count, made.depth, nest.k_end};
  for (const std::int64_t size : sizes) {
    if (size < kSmallest || size >= kLargest) return std::nullopt;
  }
  if (made.batch_count >= 65536) return std::nullopt;
  for (const acp_iter& iter : space.iters) {
    if (iter.begin <= -kLargest || iter.end >= kLargest) return std::nullopt;
  }
  return made;
}

std::optional<KernelPlan> write_contraction(const acp_region& region, const acp_nest& nest,
                                            const Space& space, const Contraction& shape, const Facts& facts,
                                            const std::string& name, Text& program) {
  if (facts.group_size < kItems || facts.local_bytes < 2 * kDepth * kPitch * sizeof(float))
    return std::nullopt;
  const auto groups = [](std::int64_t count) {
    return static_cast<std::size_t>((count + kTile - 1) / kTile);
  };
  KernelPlan plan;
  plan.name = name;
  plan.loops = space.loops;
  plan.dimensions = 3;
  plan.local = {kItemsX, kItemsY, 1};
  plan.global = {groups(shape.column_count) * kItemsX, groups(shape.row_count) * kItemsY,
                 static_cast<std::size_t>(shape.batch_count)};
  if (!Writer(region, nest, space, shape).write(plan, program)) return std::nullopt;
  return plan;
}

}  // namespace acp_gpu
