// The reference as values: which tensors are views of one value, which nodes compute the same, and which node takes given operands.
//
// A value (atom) has axes: the dimensions of the tensor it was first seen as, cut into the factors that reshapes anywhere in the graph
// need, then the axes its making summed over. Every tensor of the reference is a coefficient times one atom, its dimensions lists of the
// atom's axes.
//
// Spec     CEP 11.5.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cuts.h"
#include "form.h"
#include "number.h"

namespace cep::logical::calculus {

using AxisId = std::uint16_t;  // of an atom

struct Atom {
  std::vector<std::int64_t> extents;  // coordinates, then reduced axes; none is 1
  AxisId coordinates = 0;
  Element element = Element::kF32;
  Id tensor = kNone;  // of the reference: the first with this value
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
};
struct ReferenceSum {
  std::vector<View> terms;
  View result;
  Id node = kNone;
};

class ReferenceValues {
 public:
  // Errors   CEP-EQV-9 reshapes that no common cut serves; CEP-EQV-10 from meaning_of.
  static acp::Result<ReferenceValues> read(const Reference& reference);

  [[nodiscard]] const Atom& atom(Id id) const { return atoms_[id]; }
  [[nodiscard]] std::size_t atoms() const { return atoms_.size(); }
  [[nodiscard]] const View& view(Id tensor) const { return views_[tensor]; }
  // The nodes of this name that take views of these atoms.
  [[nodiscard]] std::vector<const ReferenceForm*> candidates(const std::string& name,
                                                             const std::vector<Id>& atoms) const;
  using SumKey = std::vector<std::pair<Id, Rational>>;  // ascending
  [[nodiscard]] std::vector<const ReferenceSum*> sums(const SumKey& key) const;
  [[nodiscard]] const std::vector<ReferenceForm>& forms() const { return forms_; }
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
  std::vector<Atom> atoms_;
  std::vector<View> views_;
  std::vector<ReferenceForm> forms_;
  std::map<std::pair<std::string, std::vector<Id>>, std::vector<std::size_t>> by_operands_;
  std::map<std::pair<std::string, std::vector<View>>, std::size_t> same_;  // forms that compute the same
  std::vector<ReferenceSum> sums_;
  std::map<SumKey, std::vector<std::size_t>> by_terms_;
  std::map<Id, std::size_t> sum_of_;  // per atom that is a sum: its terms as far as they go
};

}  // namespace cep::logical::calculus
