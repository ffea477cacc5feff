// A nest as one kernel, a loop's scalar as another.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "device.h"
#include "expression.h"

namespace acp_gpu {

// Points of one work-group of a generic kernel.
inline constexpr std::uint32_t kGroup = 64;

// What a kernel is called with, in this order: for each operand its buffer and the byte offset of the window's origin; the
// trip number of each enclosing loop; the fault word; the result (of a loop's scalar).
struct KernelPlan {
  std::string name;
  std::vector<std::uint32_t> operands;
  std::uint32_t loops = 0;
  bool reports_faults = false;
  bool has_result = false;
  std::uint32_t dimensions = 1;
  std::array<std::size_t, 3> global = {1, 1, 1};
  std::array<std::size_t, 3> local = {1, 1, 1};

  [[nodiscard]] std::uint64_t parameter_bytes() const {
    return operands.size() * 16 + std::uint64_t{loops} * 8 + 16;
  }
};

// Operands that some part reads, and those that are written.
class UsedOperands {
 public:
  explicit UsedOperands(std::uint32_t count) : used_(count) {}
  void add(const Expressions& part);
  void add(std::uint32_t operand) { used_[operand] = true; }
  [[nodiscard]] std::vector<std::uint32_t> list() const;

 private:
  std::vector<bool> used_;
};

// Appends the kernel `name` to the program: one work-item a point, whatever the nest is.
KernelPlan write_nest(const acp_region& region, const acp_nest& nest, const Space& space, const Facts& facts,
                      const std::string& name, Text& program);
// The value of `scalar` as a long.
KernelPlan write_loop_scalar(const acp_region& region, std::uint32_t scalar, const Space& space,
                             const std::string& name, Text& program);

// The writes of a nest at one point.
void write_stores(const acp_region& region, const acp_nest& nest, const Expressions& writes, Text& text);

// The head of a kernel: attributes, name, parameters, and x<o> for every operand.
void write_head(const acp_region& region, const KernelPlan& plan, Text& program);

}  // namespace acp_gpu
