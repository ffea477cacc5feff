// One abstract run of a logical plan.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cep/equivalence.h"
#include "cep/logical_certificate.h"
#include "cep/message_lines.h"
#include "piece.h"

namespace cep::logical::calculus {

// What is known about a tensor: the pieces it is the sum of. Unknown until its line was run.
struct Fact {
  static constexpr std::uint32_t kUnknown = 0xffffffffu;
  std::uint32_t first = kUnknown;  // in Facts::terms
  std::uint32_t count = 0;
};
struct TermRef {
  Id pattern = 0;
  std::uint32_t begins = 0;  // in Facts::begins
};
struct Facts {
  std::vector<Begin> begins;
  std::vector<TermRef> terms;
  std::vector<Fact> of;  // per tensor of the plan
};

// What applying an operator to operands of given patterns does: which begins must agree, and where the results' begins come from.
struct Transfer {
  struct Source {
    std::uint8_t operand = kWhole;
    AxisId axis = 0;
  };
  static constexpr std::uint8_t kWhole = 0xff;  // a whole axis begins at 0
  struct Equal {
    Source a, b;
  };
  struct Window {
    Source axis;
    Begin begin;
  };
  struct Result {
    Id pattern = 0;
    std::uint8_t view_of = kWhole;  // the operand whose begins it shares, or
    std::vector<Source> begins;     // one per axis of its atom
  };
  enum class Kind : std::uint8_t { kApply, kAddUp, kRefuse } kind = Kind::kRefuse;
  std::vector<Equal> equal;
  std::vector<Window> windows;
  std::vector<Result> results;
  std::vector<std::int64_t> factors;  // kAddUp: per operand
  const Form* form = nullptr;         // kApply, of an operator with a form
  Id repeats = kNone;                 // kApply: the node of the reference
  Finding finding;                    // kRefuse
};

class Prover {
 public:
  Prover(const Document& document, ReferenceValues& values, Radices radices)
      : document_(document),
        reference_(document.reference),
        plan_(document.plan),
        values_(values),
        patterns_(values),
        linears_(document.plan.variables, std::move(radices)),
        members_(member_places(plan_)),
        messages_(plan_.program) {}
  [[nodiscard]] EquivalenceVerdict run();
  // What run() found out, for a checker. Only after it has proved.
  [[nodiscard]] LogicalCertificate certificate() const;

 private:
  using Done = std::optional<Finding>;  // nothing: all went well
  struct Key {
    static constexpr std::size_t kMost = 10;
    std::array<Id, kMost> words{};
    std::uint8_t count = 0;
    std::uint8_t results = 0;  // a copy may have any number of them
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      std::uint64_t hash = key.count + (std::uint64_t{key.results} << 8);
      for (std::size_t i = 0; i < key.count; ++i) hash = (hash ^ key.words[i]) * 0x9e3779b97f4a7c15ull;
      return hash ^ (hash >> 29);
    }
  };

  Done bind_all();
  // A box of a tensor of the reference, laid out as that tensor. Errors: nothing, when it is no box of axes.
  [[nodiscard]] std::optional<Piece> piece_of(Id reference, const Box& box);
  Done step(Id node);
  // Operators.
  using Terms = std::span<const TermRef>;  // one of each operand
  Done meet(const Node& node, const Transfer& transfer, Terms terms) const;
  Done apply(const Node& node, const Transfer& transfer, Terms terms);
  [[nodiscard]] Terms first_terms(const Node& node);
  [[nodiscard]] std::vector<Begin> begins_of(const Transfer::Result& result, Terms terms) const;
  Done add_up_operands(const Node& node, const std::vector<std::int64_t>& factors);
  Done step_sums(const Node& node);
  const Transfer& transfer_of(const Node& node, Terms terms);
  Transfer derive(const Node& node, Terms terms);
  Transfer derive_form(const Node& node, const std::string& name, Terms terms);
  bool derive_share(const Node& node, const std::string& name, Terms terms, Transfer& transfer);
  bool match(const Node& node, const ReferenceForm& candidate, std::vector<View> operands, Terms terms,
             Transfer& transfer);
  Transfer derive_view(const Node& node, const Meaning& meaning, Terms terms);
  // Operands that are sums of pieces (carry.cc).
  Done step_form(const Node& node);
  bool add_stretched(const Node& node, Done& done);
  [[nodiscard]] std::optional<Piece> laid_like(Id atom, const View& view, const Piece& piece) const;
  [[nodiscard]] std::optional<Pieces> stretched(Id form, std::size_t operand, const Pieces& pieces,
                                                const Piece& other);
  [[nodiscard]] std::optional<Id> viewed(const Meaning& meaning, Id pattern, const Shape& shape);
  // Communication.
  Done communicate(Id node);
  Done find_members(const Node& node, std::span<const Id> lines, std::vector<const Node*>& members);
  Done communicate_group(const Node& node, std::span<const Id> lines);
  Done reduce(const std::vector<const Node*>& members, const std::vector<Pieces>& held);
  Done gather(const std::vector<const Node*>& members, const std::vector<Pieces>& held);
  Done exchange(const std::vector<const Node*>& members, const std::vector<Pieces>& held);
  [[nodiscard]] Finding misfit(const std::vector<const Node*>& members, const char* why) const;
  Done communicate_variable(const Node& node);
  Done chunk(const Node& node);
  // What is delivered.
  Done check_outputs();
  Done check_output(Id output, std::span<const Yield* const> yields);
  Done check_box(Id output, const Box& box, const std::vector<const Yield*>& parts);
  using Holders = std::map<Affine, const Yield*>;  // one of each part
  Done find_holders(Id output, const std::vector<const Yield*>& parts, Holders& holders,
                    std::vector<bool>& summed) const;
  [[nodiscard]] Finding misdelivery(const char* id, Id output, const Yield* yield, std::string message) const;

  Done store(const Node& node, Id tensor, const Pieces& pieces);
  void repeat(const Node& node, Id reference_node) {
    repeats_[static_cast<std::size_t>(&node - plan_.program.nodes.data())] = reference_node;
  }
  Done check_type(const Node& node, Id tensor, Id pattern);
  [[nodiscard]] Pieces pieces(Id tensor) const;
  [[nodiscard]] Finding refuse(const char* id, const Node* node, std::string message) const;
  [[nodiscard]] std::string held(Id tensor) const;
  void finish(Proved& proved) const;

  const Document& document_;
  const Reference& reference_;
  const Plan& plan_;
  ReferenceValues& values_;
  Patterns patterns_;
  Linears linears_;
  Facts facts_;
  std::deque<Transfer> transfers_;  // references stay good while more are added
  std::vector<TermRef> first_terms_;
  std::unordered_map<Key, Id, Hash> known_;
  std::map<Id, std::int64_t> joins_;
  std::vector<Id> repeats_;                     // per line: the node of the reference it repeats
  const std::vector<std::vector<Id>> members_;  // per group: the place at each position
  const MessageLines messages_;
  std::int64_t delivered_ = 0;
};

}  // namespace cep::logical::calculus
