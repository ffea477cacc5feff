// The reference of a logical plan, as the certificate sees it: values, tensors as views of them, and nodes ready to be repeated.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "cep/logical_forms.h"
#include "tools/cep-check/logical/piece.h"

namespace cep_check::logical {

// Of a view or a sum: how many operands it reads, and what a piece of operand j becomes in a result of this shape; false where it is none.
[[nodiscard]] std::size_t terms(const lp::Meaning& meaning);
[[nodiscard]] bool contribute(const lp::Meaning& meaning, std::size_t j, const lp::Shape& shape,
                              Piece& piece);

// What the node that makes `tensor` makes of these in the place of its operands; or, where it adds its operands, what the one contributes.
struct Share {
  struct Part {
    std::size_t operand = 0;
    Id value = 0;
    std::vector<std::vector<std::uint16_t>> dims;  // its coordinates, laid out as the operand
    auto operator<=>(const Part&) const = default;
  };
  Id tensor = kNone;
  std::vector<Part> parts;
  auto operator<=>(const Share&) const = default;
};

// A form whose labels are cut into the axes of the node's own operands and results, the slots.
struct Recipe {
  struct Slot {
    std::int64_t extent = 1;
    bool whole = false;
  };
  using Slots = std::vector<std::uint16_t>;
  struct Result {
    Slots axes, averaged;  // per axis of the value; those whose lengths it is divided by
    unsigned scales = 0, unread = 0;
  };
  std::vector<Slot> slots;
  bool reads_operands = true;
  std::vector<Slots> operands;  // per coordinate of the value
  std::vector<Result> results;  // none: no form
  Slots window;
  std::vector<std::int64_t> adds;
};

class Reference {
 public:
  // Checks values, views and every node. Throws Refusal.
  Reference(const lp::Reference& reference, const lp::LogicalCertificate& certificate);

  [[nodiscard]] const lp::Program& program() const { return program_; }
  // All of a tensor, as a piece.
  [[nodiscard]] const Piece& view(Id tensor) const { return views_[tensor]; }
  [[nodiscard]] bool made(Id tensor) const { return maker_[tensor].node != kNone; }
  // Null where the node has no form, but is a view or a sum.
  [[nodiscard]] const Recipe* recipe(Id node) const {
    return recipes_[node].results.empty() ? nullptr : &recipes_[node];
  }
  // Of a value some tensor has been shown to hold.
  [[nodiscard]] bool defined(Id value) const { return value < defined_.size() && defined_[value]; }
  [[nodiscard]] lp::Element element(Id value) const {
    return program_.tensors[certificate_.values[value].tensor].element;
  }
  [[nodiscard]] const lp::LogicalCertificate::Value& value(Id value) const {
    return certificate_.values[value];
  }
  // Do both add up to the same, sums of the reference being known by their terms? `sum`: a node that is such a sum, or kNone.
  [[nodiscard]] bool same(const Pieces& a, const Pieces& b, Id sum) const;
  // Shares.
  [[nodiscard]] bool is_share(Id value) const;
  [[nodiscard]] const Share& share(Id value) const { return shares_[value]; }
  [[nodiscard]] Id base(Id value) const;  // of a share, the value it is one of; else itself
  // The certificate's shares of this result with these values in the place of these operands.
  [[nodiscard]] std::span<const Id> shares_of(Id tensor,
                                              const std::vector<std::pair<std::size_t, Id>>& parts) const;

 private:
  struct Maker {
    Id node = kNone;
    std::size_t output = 0;
  };
  void check_values();
  void check_view(Id tensor);
  void check_node(Id node);
  void check_linear(Id node, std::size_t output, const lp::Meaning& meaning);
  void check_again(Id node, std::size_t output);
  void make_recipe(Id node, const lp::Form& form);
  void define(Id tensor);
  [[nodiscard]] bool defines(Id tensor) const { return value(views_[tensor].value).tensor == tensor; }
  [[nodiscard]] bool by_terms(const Piece& piece, Id node, Pieces& terms) const;
  [[nodiscard]] bool atoms(Pieces& pieces) const;

  // Shares (shares.cc).
  struct Step {  // how a value comes apart
    enum class Kind : std::uint8_t { kOpen, kWithin, kAdd } kind = Kind::kAdd;
    std::size_t which = 0;  // kOpen: an operand; kWithin: a part
  };
  struct Parent {
    Id value = 0;
    Step step;
    std::vector<std::uint8_t> axes;  // per coordinate of what it comes apart into
  };
  void check_shares();
  void check_share(Id id, const Share& share);
  [[nodiscard]] Id number(Share share) const;
  [[nodiscard]] std::vector<std::int64_t> reduced(Id id) const;
  [[nodiscard]] bool is_operand(Id tensor, const Share::Part& part) const;
  [[nodiscard]] std::vector<Parent> parents(Id id) const;
  void find_steps(Id target) const;
  [[nodiscard]] bool apart(const Piece& piece, Pieces& out) const;
  [[nodiscard]] bool open(const Piece& piece, std::size_t operand, Pieces& out) const;
  [[nodiscard]] bool apart_within(const Piece& piece, std::size_t which, Pieces& out) const;
  [[nodiscard]] bool stretched_terms(const Piece& piece, Id node, Pieces& out) const;
  [[nodiscard]] bool same_shares(Pieces a, Pieces b) const;

  const lp::Program& program_;
  const lp::LogicalCertificate& certificate_;
  std::vector<Piece> views_;
  std::vector<Maker> maker_;
  std::vector<Recipe> recipes_;
  std::vector<std::vector<std::int64_t>> factors_;  // per node: of a sum, what its operands are multiplied by
  std::vector<bool> defined_;
  std::vector<Id> sums_;  // per value: the node that defines it as a sum
  std::map<Id, std::vector<std::pair<Id, std::size_t>>>
      in_sums_;  // per value: nodes, and which of their terms
  std::map<std::pair<Id, std::vector<std::pair<std::size_t, Id>>>, std::vector<Id>> shares_of_;
  std::vector<std::size_t> weights_;  // per value: how many shares it is made of
  // Found, and numbered, when sums are compared.
  mutable std::deque<Share> shares_;  // per value, then those that the certificate does not have
  mutable std::map<Share, Id> share_ids_;
  mutable std::map<Id, Step> steps_;
  mutable std::set<Id> searched_;
};

}  // namespace cep_check::logical
