#include "kernel_source.h"

#include <algorithm>

#include "kit/region_check.h"
#include "reduction.h"

namespace acp_gpu {
namespace {

// The iterators of parallel point p, the last one fastest.
void write_point(const Space& space, Text& text) {
  const bool narrow = space.points < (std::int64_t{1} << 31);
  text.line(narrow ? "uint p = (uint)get_global_id(0);" : "ulong p = get_global_id(0);");
  text.line("if (p >= ", space.points, narrow ? "u" : "UL", ") return;");
  std::uint32_t left = 0;
  for (std::uint32_t t = 0; t < space.parallel; ++t) left += space.iters[t].end - space.iters[t].begin > 1;
  for (std::uint32_t t = space.parallel; t-- > 0;) {
    const acp_iter& iter = space.iters[t];
    const std::int64_t extent = iter.end - iter.begin;
    const char* const type =
        narrow && iter.end < (std::int64_t{1} << 31) && iter.begin > -(std::int64_t{1} << 31)
            ? "const int i"
            : "const long i";
    const char* const cast = type[6] == 'i' ? "(int)" : "(long)";
    const std::string begin = literal(iter.begin, type[6] == 'l');
    if (extent == 1) {
      text.line(type, t, " = ", begin, ";");
      continue;
    }
    const auto size = joined(extent, narrow ? "u" : "UL");
    // The slowest needs no remainder.
    const std::string digit = --left == 0 ? "p" : joined("p % ", size);
    text.line(type, t, " = ", begin, " + ", cast, "(", digit, ");");
    if (left != 0) text.line("p /= ", size, ";");
  }
}

}  // namespace

void UsedOperands::add(const Expressions& part) {
  for (std::size_t o = 0; o < used_.size(); ++o) {
    if (part.operands()[o]) used_[o] = true;
  }
}

std::vector<std::uint32_t> UsedOperands::list() const {
  std::vector<std::uint32_t> made;
  for (std::uint32_t o = 0; o < used_.size(); ++o) {
    if (used_[o]) made.push_back(o);
  }
  return made;
}

void write_stores(const acp_region& region, const acp_nest& nest, const Expressions& writes, Text& text) {
  for (std::uint32_t w = nest.write_first; w < nest.write_first + nest.write_count; ++w) {
    const acp_write& write = region.writes[w];
    const acp_operand& operand = region.operands[write.operand];
    text.line("x", write.operand, "[", writes.offset(operand, write.coord, true),
              "] = ", operand.dtype == ACP_BOOL ? "(uchar)" : "", writes.scalar(write.value), ";");
  }
}

void write_head(const acp_region& region, const KernelPlan& plan, Text& program) {
  program.line("__kernel __attribute__((reqd_work_group_size(", static_cast<std::int64_t>(plan.local[0]),
               ", ", static_cast<std::int64_t>(plan.local[1]), ", ", static_cast<std::int64_t>(plan.local[2]),
               ")))");
  program.add("void ", plan.name, "(");
  for (const std::uint32_t o : plan.operands) program.add("__global uchar* p", o, ", long o", o, ", ");
  for (std::uint32_t l = 0; l < plan.loops; ++l) program.add("long L", l, ", ");
  program.line("volatile __global uint* fault", plan.has_result ? ", __global long* result" : "", ") {");
  for (const std::uint32_t o : plan.operands) {
    const char* const type = memory_type_of(region.operands[o].dtype);
    program.line("__global ", type, "* x", o, " = (__global ", type, "*)(p", o, " + o", o, ");");
  }
}

KernelPlan write_nest(const acp_region& region, const acp_nest& nest, const Space& space, const Facts& facts,
                      const std::string& name, Text& program) {
  KernelPlan plan;
  plan.name = name;
  plan.loops = space.loops;
  UsedOperands used(region.operand_count);
  Text text;
  write_point(space, text);
  const bool reduces = nest.combiner != ACP_COMBINE_NONE;
  Expressions init(region, space, 'a'), body(region, space, 'b'), writes(region, space, 'w');
  if (reduces) {
    const std::uint8_t dtype = region.scalars[nest.body_a].dtype;
    text.line(type_of(dtype), " acc;");
    text.line("{");
    if (nest.init != ACP_NONE) {
      init.need_scalar(nest.init);
      init.emit(text);
      text.line("acc = ", init.scalar(nest.init), ";");
    }
    body.need_scalar(nest.body_a);
    if (nest.body_b != ACP_NONE) body.need_scalar(nest.body_b);
    Text statements;
    body.emit(statements);
    write_reduction({.nest = &nest,
                     .space = &space,
                     .dtype = dtype,
                     .statements = statements.str(),
                     .body_a = body.scalar(nest.body_a),
                     .body_b = nest.body_b != ACP_NONE ? body.scalar(nest.body_b) : std::string()},
                    text);
    text.line("}");
  }
  for (std::uint32_t w = nest.write_first; w < nest.write_first + nest.write_count; ++w) {
    const acp_write& write = region.writes[w];
    used.add(write.operand);
    writes.need_scalar(write.value);
    for (std::uint32_t d = 0; d < region.operands[write.operand].rank; ++d) writes.need_index(write.coord[d]);
  }
  writes.emit(text);
  write_stores(region, nest, writes, text);
  for (const Expressions* part : {&init, &body, &writes}) {
    used.add(*part);
    plan.reports_faults |= part->reports_faults();
  }
  plan.operands = used.list();
  plan.local[0] = std::clamp<std::size_t>(facts.group_size, 1, kGroup);
  plan.global[0] =
      (static_cast<std::size_t>(space.points) + plan.local[0] - 1) / plan.local[0] * plan.local[0];
  write_head(region, plan, program);
  program.line("if (fault[0] != NO_FAULT) return;");
  program.add(text.str());
  program.line("}");
  return plan;
}

KernelPlan write_loop_scalar(const acp_region& region, std::uint32_t scalar, const Space& space,
                             const std::string& name, Text& program) {
  KernelPlan plan;
  plan.name = name;
  plan.loops = space.loops;
  plan.has_result = true;
  Expressions value(region, space, 'w');
  value.need_scalar(scalar);
  Text text;
  value.emit(text);
  plan.reports_faults = value.reports_faults();
  UsedOperands used(region.operand_count);
  used.add(value);
  plan.operands = used.list();
  write_head(region, plan, program);
  program.add(text.str());
  program.line("result[0] = (long)", value.scalar(scalar), ";");
  program.line("}");
  return plan;
}

}  // namespace acp_gpu
