// The reference as values: which tensors are views of one value, which nodes compute the same, and which node takes given operands.
//
// A value (atom) has axes: the dimensions of the tensor it was first seen as, cut into the factors that reshapes anywhere in the graph
// need, then the axes its making summed over. Every tensor of the reference is a coefficient times one atom, its dimensions lists of the
// atom's axes.
//
// Spec     CEP 11.5.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cep/logical_forms.h"
#include "cuts.h"
#include "number.h"

namespace cep::logical::calculus {

using AxisId = std::uint16_t;  // of an atom

// What a checker takes of a share (CEP-LCHK-12).
inline constexpr std::size_t kMostAxes = 16, kMostWeight = 64;

// Dimensions with another axis in the place of each.
[[nodiscard]] std::vector<std::vector<AxisId>> mapped(std::vector<std::vector<AxisId>> dims,
                                                      const std::vector<AxisId>& map);

// What stands in the place of an operand: an atom, its axes laid out as the operand's.
struct SharePart {
  std::uint8_t operand = 0;
  Id atom = 0;
  std::vector<std::vector<AxisId>> dims;
  auto operator<=>(const SharePart&) const = default;
};

// With parts it is a share: what the node that makes `base` would make with these in the place of its operands, in each of which it is
// linear; or, where it adds its operands, what this one contributes. The parts' own reduced axes stand behind, to be cut like all others.
struct Atom {
  std::vector<std::int64_t> extents;  // coordinates, then reduced axes; none is 1
  AxisId coordinates = 0;
  AxisId own = 0;  // coordinates and what the node itself sums over; the parts' reduced axes stand behind
  Element element = Element::kF32;
  Id tensor = kNone;  // of the reference: the first with this value
  Id base = 0;        // of a share; else itself
  Id form = kNone;    // in forms(): the node that makes it
  std::uint8_t result = 0;
  std::uint32_t weight = 1;  // how many values it is made of
  std::vector<SharePart> parts = {};
};

// A tensor as a view of an atom.
struct View {
  Rational factor;
  Id atom = 0;
  std::vector<std::vector<AxisId>> dims;  // outermost axis first
  auto operator<=>(const View&) const = default;
};

struct ReferenceForm {  // a node that has a form
  Form form;
  std::vector<Id> operands;  // tensors
  std::vector<Id> results;
  Id node = kNone;
  std::int64_t start = 0;  // of its window
};
struct ReferenceSum {
  std::vector<View> terms;
  View result;
  Id node = kNone;
};

// A value that another is a share, or a term, of. Its coordinate i is axis axes[i] of the other.
struct Whole {
  Id atom = 0;
  std::vector<AxisId> axes;
};

class ReferenceValues {
 public:
  // Errors   CEP-EQV-9 reshapes that no common cut serves; CEP-EQV-10 from meaning_of.
  static acp::Result<ReferenceValues> read(const Reference& reference);

  [[nodiscard]] const Atom& atom(Id id) const { return atoms_[id]; }
  [[nodiscard]] std::size_t atoms() const { return atoms_.size(); }
  [[nodiscard]] const View& view(Id tensor) const { return views_[tensor]; }
  [[nodiscard]] std::size_t views() const { return views_.size(); }
  // The nodes of this name that take views of these atoms.
  [[nodiscard]] std::vector<const ReferenceForm*> candidates(const std::string& name,
                                                             const std::vector<Id>& atoms) const;
  using SumKey = std::vector<std::pair<Id, Rational>>;  // ascending
  [[nodiscard]] std::vector<const ReferenceSum*> sums(const SumKey& key) const;
  [[nodiscard]] const std::vector<ReferenceForm>& forms() const { return forms_; }
  // Shares (shares.cc). They are atoms like all others, made when a plan first has a piece of one.
  // The atom itself, then what it is part of, and what that is part of; of long chains the first alone.
  [[nodiscard]] std::vector<Whole> wholes(Id atom) const;
  // Parts by ascending operand. What a share and others of the same node add up to is kept as a sum.
  // Errors   nothing: more axes than a checker takes.
  [[nodiscard]] std::optional<Id> share(Id form, std::uint8_t result, std::vector<SharePart> parts);
  // A box of a share that is summed over all of what stands for an operand itself is one of the share without that part, or of the value.
  // False: it stays what it is.
  bool close(Id& atom, std::vector<std::int64_t>& sizes, std::vector<Begin>& begins);
  // The sums of the reference, or of shares, that have this share as a term.
  [[nodiscard]] std::vector<const ReferenceSum*> share_sums(Id share) const;
  // Forms that add their operands up, each known from now on as the sum of what its operands contribute.
  [[nodiscard]] const std::vector<Id>& adding_forms();

  // Cuts a box of a tensor's dimensions into its atom's axes. Sizes and begins are per axis of the atom.
  // Errors   false: the box is no box of axes.
  [[nodiscard]] bool cut(Id tensor, const Box& box, Linears& linears, std::vector<std::int64_t>& sizes,
                         std::vector<Begin>& begins) const;

 private:
  acp::Status read_meanings(const Program& program);
  acp::Status cut_axes(const Reference& reference);
  acp::Status number(const Reference& reference);
  void number_form(const Program& program, const Node& node, Id node_id, Form form);
  acp::Status number_sum(const Program& program, const Node& node, Id node_id,
                         const std::vector<std::int64_t>& factors);
  Id fresh(const Program& program, Id tensor, const std::vector<std::int64_t>& reduced);
  [[nodiscard]] std::vector<View> flattened(const std::vector<View>& terms) const;
  void register_sum(std::vector<View> terms, const View& result, Id node);

  std::vector<Meaning> meanings_;  // per node
  AxisCuts cuts_;
  void register_share_sum(const std::vector<View>& terms, const View& result);
  void register_parts(Id share, std::size_t part, std::size_t sum);
  [[nodiscard]] bool stands_for_itself(const Atom& share, const SharePart& part) const;
  std::deque<Atom> atoms_;  // references stay good while more are added
  std::vector<View> views_;
  std::vector<ReferenceForm> forms_;
  std::map<std::pair<std::string, std::vector<Id>>, std::vector<std::size_t>> by_operands_;
  std::map<std::pair<std::string, std::vector<View>>, std::size_t> same_;  // forms that compute the same
  std::deque<ReferenceSum> sums_;
  std::map<Id, std::vector<std::size_t>> in_sums_;  // per atom: the sums it is a term of
  std::map<Id, std::vector<std::size_t>> in_share_sums_;
  std::map<std::tuple<Id, std::uint8_t, std::vector<SharePart>>, Id> shares_;
  std::set<std::tuple<Id, std::uint8_t, std::size_t, std::vector<SharePart>>> registered_;
  std::optional<std::vector<Id>> adding_;
  std::map<SumKey, std::vector<std::size_t>> by_terms_;
  std::map<Id, std::size_t> sum_of_;  // per atom that is a sum: its terms as far as they go
};

}  // namespace cep::logical::calculus
