// The reference of a logical plan, as the certificate sees it: values, tensors as views of them, and nodes ready to be repeated.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "cep/logical_forms.h"
#include "tools/cep-check/logical/piece.h"

namespace cep_check::logical {

// Of a view or a sum: how many operands it reads, and what a piece of operand j becomes in a result of this shape; false where it is none.
[[nodiscard]] std::size_t terms(const lp::Meaning& meaning);
[[nodiscard]] bool contribute(const lp::Meaning& meaning, std::size_t j, const lp::Shape& shape,
                              Piece& piece);

// Shares of one result by their operands and the values in the place of these, and by how each of these is laid out as the operand.
using Part = lp::LogicalCertificate::Value::Part;
using Taken = std::vector<std::pair<std::size_t, Id>>;
struct ShareKey {
  Id tensor = kNone;
  Taken taken;
  std::vector<Layout> laid;
  auto operator<=>(const ShareKey&) const = default;
};

// What a line, or a node, has of each axis of a form: of the i-th of the value's axes that make it up, at number axis * kMaxAxes + i.
struct Cut {
  Begin begin;
  std::int64_t size = 0, extent = 0;  // size 0: no operand says
  std::size_t axes = 0;               // that make up the form's axis
  bool operator==(const Cut&) const = default;
};
using Cuts = std::vector<Cut>;

class Reference {
 public:
  // Checks values, views and every node. Throws Refusal.
  Reference(const lp::Reference& reference, const lp::LogicalCertificate& certificate);

  [[nodiscard]] const lp::Program& program() const { return program_; }
  // All of a tensor, as a piece.
  [[nodiscard]] const Piece& view(Id tensor) const { return views_[tensor]; }
  [[nodiscard]] bool made(Id tensor) const { return maker_[tensor].node != kNone; }
  // Null where the node has no form, but is a view or a sum.
  [[nodiscard]] const lp::Form* form(Id node) const {
    return forms_[node].results.empty() ? nullptr : &forms_[node];
  }
  // Has the node `id` a form, and this one, of that program, the same operator, windows aside, on operands of the same elements?
  [[nodiscard]] bool repeated(const lp::Program& program, const lp::Node& node, Id id) const;
  // What a node makes of a piece of each operand, and at which cuts. Where it adds its operands: of one of them, the others null, what it
  // contributes beside this piece of the result. Null, or why it makes none.
  [[nodiscard]] const char* apply(Id node, std::size_t output, std::span<const Piece* const> operands,
                                  const Piece* beside, Cuts& cuts, Piece& made) const;
  // Of a value some tensor has been shown to hold.
  [[nodiscard]] bool defined(Id value) const { return value < defined_.size() && defined_[value]; }
  [[nodiscard]] lp::Element element(Id value) const {
    return program_.tensors[certificate_.values[value].tensor].element;
  }
  [[nodiscard]] const lp::LogicalCertificate::Value& value(Id value) const {
    return certificate_.values[value];
  }
  // Do both add up to the same, values being known by what they come apart into?
  [[nodiscard]] bool same(const Pieces& a, const Pieces& b) const;
  // Shares.
  [[nodiscard]] bool is_share(Id id) const { return !value(id).parts.empty(); }
  [[nodiscard]] Id base(Id id) const {
    return views_[value(id).tensor].value;
  }  // of a share, the value it is one of; else itself

 private:
  struct Maker {
    Id node = kNone;
    std::size_t output = 0;
  };
  void check_values();
  void check_view(Id tensor);
  void check_node(Id node, lp::Infinities& infinities);
  void check_linear(Id node, std::size_t output, const lp::Meaning& meaning);
  void check_made(Id node, std::size_t output);
  [[nodiscard]] bool defines(Id tensor) const { return value(views_[tensor].value).tensor == tensor; }
  void check_share(Id id);
  // The certificate's shares of this result with these values in the place of these operands.
  [[nodiscard]] std::vector<Id> shares_of(Id tensor, const Taken& taken) const;
  [[nodiscard]] bool whole(Piece& piece, Id value, const std::vector<std::vector<std::uint16_t>>& dims) const;
  // What a piece is the sum of. False where it does not come apart.
  [[nodiscard]] bool apart(const Piece& piece, Pieces& terms) const;
  [[nodiscard]] bool by_terms(const Piece& piece, Id node, Pieces& terms) const;
  [[nodiscard]] bool by_operand(const Piece& piece, std::size_t operand, Pieces& terms) const;

  const lp::Program& program_;
  const lp::LogicalCertificate& certificate_;
  std::vector<Piece> views_;
  std::vector<Maker> maker_;
  std::vector<lp::Form> forms_;
  std::vector<std::vector<std::int64_t>>
      factors_;  // per node: of one that adds its operands, what they are multiplied by
  std::vector<bool> defined_;
  std::map<ShareKey, Id> shares_;
  std::vector<const ShareKey*> keys_;  // per value: of a share that has been checked
  std::vector<std::size_t> weights_;   // per value: how many shares it is made of
};

}  // namespace cep_check::logical
