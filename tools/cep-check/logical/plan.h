// The lines of the plan, each against the facts of its operands and results; binds before them, yields behind.
#pragma once

#include <string>
#include <unordered_map>

#include "tools/cep-check/logical/facts.h"

namespace cep_check::logical {

class PlanCheck {
 public:
  PlanCheck(const lp::Document& document, const lp::LogicalCertificate& certificate,
            const Reference& reference, Facts& facts);
  void check();  // throws Refusal

 private:
  [[nodiscard]] std::string place(Id line) const;
  void check_bind(const lp::Bind& bind);
  [[nodiscard]] Piece delivered(Id reference, const lp::Box& box, const char* id, const std::string& where);

  void check_line(Id line);
  [[nodiscard]] bool found_before(std::span<const Id> operands, std::span<const Id> results);
  void remember(bool apart, bool equal);
  [[nodiscard]] bool by_terms(Id line, std::size_t output);
  void check_repeats(Id line);
  void check_window(Id line, const lp::Form& form);

  // Operators with a form, on pieces of what the node takes.
  void check_form(Id line, std::size_t output);
  [[nodiscard]] Pieces added(Id line, const Pieces& claimed);

  void check_communication(Id line);
  void check_chunk(Id line);
  void check_instance(std::span<const Id> lines);
  void check_members(Id line, std::span<const Id> operands, std::size_t position);
  void check_made(Id line, std::span<const Id> operands, std::size_t position, Id variable);
  [[nodiscard]] Begin stride(Id variable, std::size_t number, std::int64_t size);
  void require_same(Id line, const Pieces& made, const Pieces& claimed);
  [[nodiscard]] Pieces parts(Pieces pieces, std::size_t dim, Begin first, std::int64_t size, Id line);
  [[nodiscard]] Pieces renamed(Pieces pieces, Id variable);
  [[nodiscard]] std::size_t position(const lp::Node& node) const;

  void check_yields();
  void check_output(Id output, std::span<const lp::Yield* const> yields);
  void check_delivery(std::span<const lp::Yield* const> yields);
  void check_parts(std::span<const lp::Yield* const> yields);
  [[nodiscard]] bool covered(const lp::Shape& shape, std::span<const lp::Box> boxes);

  const lp::Document& document_;
  const lp::Plan& plan_;
  const lp::LogicalCertificate& certificate_;
  const Reference& reference_;
  Facts& facts_;
  Linears& linears_;
  std::vector<bool> linear_;       // per operation: a view or a sum, or may be
  std::vector<bool> windowed_;     // per operation
  std::vector<bool> there_;        // per tensor: its fact holds
  std::vector<Id> last_, before_;  // lines of a message, from the last
  std::vector<std::uint32_t> called_;
  // Lines and results of communications that were found right, by what they do and the patterns of their facts; of each such kind the
  // begins of one, and for each the one it is measured from. kFixed: from 0.
  struct Found {
    std::vector<Begin> begins;
    std::vector<std::size_t> from;
  };
  static constexpr std::size_t kKindHead = 4, kFixed = SIZE_MAX;
  std::unordered_map<std::u32string, Found> found_;
  std::u32string kind_;                   // of the one at hand; empty: of none
  std::vector<Begin> begins_;             // of its facts, one after another
  bool one_value_ = true, whole_ = true;  // its facts are of one value; none begins within a reduced axis
  Cuts cuts_;                             // of the line at hand
};

}  // namespace cep_check::logical
