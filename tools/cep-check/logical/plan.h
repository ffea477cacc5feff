// The lines of the plan, each against the facts of its operands and results; binds before them, yields behind.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "cep/message_lines.h"
#include "tools/cep-check/logical/facts.h"

namespace cep_check::logical {

class PlanCheck {
 public:
  PlanCheck(const lp::Document& document, const lp::LogicalCertificate& certificate,
            const Reference& reference, Facts& facts)
      : document_(document), certificate_(certificate), reference_(reference), facts_(facts) {}
  void check();  // throws Refusal

 private:
  [[nodiscard]] std::string place(Id line) const;
  void check_bind(const lp::Bind& bind);
  [[nodiscard]] std::optional<Piece> delivered(Id reference, const lp::Box& box);

  void check_operator(Id line);
  [[nodiscard]] bool found_before(std::span<const Id> operands, std::span<const Id> results);
  void remember(bool apart, bool equal);
  [[nodiscard]] bool by_terms(Id line, std::size_t output, const lp::Meaning& meaning);
  void check_window(Id line, const lp::Form& form);

  // Operators with a form, on pieces of what the node takes.
  void check_form(Id line, std::size_t output);
  [[nodiscard]] Pieces added(Id line, const Pieces& claimed);

  void check_communication(Id line);
  void check_made(Id line, std::span<const Id> operands, Pieces& sum);
  [[nodiscard]] std::size_t position(const lp::Node& node) const;
  [[nodiscard]] Begin stride(Id variable, std::size_t number, std::int64_t size);
  void cut_all(Pieces& pieces, std::size_t dim, Begin first, std::int64_t size, Id line);
  void other_points(Pieces& pieces, Id variable);

  using Parts = std::map<lp::Affine, std::vector<const lp::Yield*>>;  // copies of each
  void check_yields();
  void check_delivery(const lp::Box& box, const Parts& parts);
  [[nodiscard]] std::vector<Id> moving(const lp::Box& box);
  [[nodiscard]] bool covered(const lp::Shape& shape, std::span<const lp::Box> boxes);

  const lp::Document& document_;
  const lp::LogicalCertificate& certificate_;
  const Reference& reference_;
  Facts& facts_;
  const lp::Plan& plan_ = document_.plan;
  Linears& linears_ = facts_.linears();
  const lp::MessageLines messages_{plan_.program};
  std::vector<bool> there_ = std::vector<bool>(plan_.program.tensors.size());  // its fact holds
  // Lines and results of communications that were found right, by what they do and the patterns of their facts: of each such kind, where
  // the pieces of one begin, each measured from another begin, or from 0.
  struct Measured {
    std::size_t from = 0;
    Begin distance;
  };
  static constexpr std::size_t kKindHead = 4, kMostMembers = 64;
  std::unordered_map<std::u32string, std::vector<Measured>> found_;
  std::u32string kind_;                   // of the one at hand; empty: of none
  std::vector<Begin> begins_;             // 0, then those of its facts, one after another
  bool one_value_ = true, whole_ = true;  // its facts are of one value; none begins within a reduced axis
  Cuts cuts_;                             // of the line at hand
};

}  // namespace cep_check::logical
