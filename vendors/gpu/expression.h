// Index, read and scalar nodes as statements of OpenCL C: one declaration a node, in node order.
//
// Iterator t is the variable i<t>, the trip number of loop l is L<l>, operand o begins at x<o>. Names made here end in the part's
// letter, so several parts of one nest may stand in one scope.
#pragma once

#include <string>
#include <vector>

#include "space.h"
#include "text.h"

namespace acp_gpu {

// An integer as it is written in a program: wide is `long`.
std::string literal(std::int64_t value, bool wide);
// The type that carries a value, and the ending of the prelude's functions on it.
const char* type_of(std::uint8_t dtype);
const char* ending_of(std::uint8_t dtype);
// An element where it lies: the type behind x<o>.
const char* memory_type_of(std::uint8_t dtype);
std::string bits_literal(std::uint8_t dtype, std::uint64_t bits);

class Expressions {
 public:
  Expressions(const acp_region& region, const Space& space, char letter);

  void need_scalar(std::uint32_t scalar) { needs_.add_scalar(scalar); }
  void need_index(std::uint32_t index) { needs_.add_index(index); }
  // The statements. To be called once, after everything has been asked for.
  void emit(Text& text);

  [[nodiscard]] const std::string& scalar(std::uint32_t number) const { return scalars_[number]; }
  [[nodiscard]] const std::string& index(std::uint32_t number) const { return indices_[number]; }
  // The element number of an operand at coordinates, from the window's origin.
  [[nodiscard]] std::string offset(const acp_operand& operand, const std::uint32_t* coord, bool wide) const;

  // Valid after emit: what the statements refer to.
  [[nodiscard]] bool reports_faults() const { return faults_; }
  [[nodiscard]] const std::vector<bool>& operands() const { return operands_; }
  [[nodiscard]] bool wide() const { return wide_; }

 private:
  void emit_index(std::uint32_t number, Text& text);
  void emit_read(std::uint32_t number, Text& text);
  void emit_scalar(std::uint32_t number, Text& text);
  [[nodiscard]] std::string operation(const acp_scalar_node& node) const;
  [[nodiscard]] bool surely_inside(const acp_read& read, std::uint32_t axis) const;
  [[nodiscard]] std::string range_test(std::uint32_t index, std::int64_t lo, std::int64_t hi) const;

  const acp_region& region_;
  const Space& space_;
  const char letter_;
  Needs needs_;
  bool wide_ = true;
  bool faults_ = false;
  std::vector<bool> operands_;
  std::vector<bool> read_done_;
  std::vector<std::string> indices_, scalars_;
};

}  // namespace acp_gpu
