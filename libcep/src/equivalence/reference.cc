#include "reference.h"

#include <algorithm>
#include <numeric>

#include "fired.h"

namespace cep::logical::calculus {
namespace {

acp::Error no_cut(const Node& node) {
  return {acp::Family::kUnsupported, "CEP-EQV-9", "reference node " + std::to_string(node.source),
          "its dimensions and those of other views have no common factors"};
}

}  // namespace

acp::Result<ReferenceValues> ReferenceValues::read(const Reference& reference) {
  ReferenceValues values;
  if (auto fault = values.cut_axes(reference); !fault) return fault.error();
  if (auto fault = values.number(reference); !fault) return fault.error();
  return values;
}

// Cuts every dimension until all views and all axes agree. Cuts only get finer, so this ends.
acp::Status ReferenceValues::cut_axes(const Reference& reference) {
  const Program& program = reference.program;
  if (auto fault = read_meanings(program); !fault) return fault;
  AxisCuts cuts(program);
  do {
    cuts.start_round();
    for (std::size_t n = 0; n < program.nodes.size(); ++n) {
      if (!cuts.tie(program.nodes[n], meanings_[n])) return no_cut(program.nodes[n]);
    }
  } while (cuts.changed());
  cuts_ = std::move(cuts);
  return acp::ok();
}

acp::Status ReferenceValues::read_meanings(const Program& program) {
  meanings_.reserve(program.nodes.size());
  Infinities infinities(program);
  for (const Node& node : program.nodes) {
    const std::string path = "reference node " + std::to_string(node.source);
    const auto in = program.inputs(node);
    const Operation& operation = program.operations[node.operation];
    auto meaning = meaning_of(program, node);
    if (!meaning) {
      acp::Error error = meaning.error();
      error.path = path;
      return error;
    }
    // A view or a sum is of one type.
    for (std::size_t i = 0; i < in.size() && meaning->kind != Meaning::Kind::kForm; ++i) {
      // Behind the gradient a backward view has the forward operand, which it does not read.
      if ((operation.backward && i > 0) ||
          program.tensors[in[i]].element == program.tensors[program.outputs(node)[0]].element) {
        continue;
      }
      return acp::Error{acp::Family::kInvalid, "CEP-EQV-6", path,
                        "operands and results have different types"};
    }
    for (const Id out : program.outputs(node)) {
      if (meaning->kind != Meaning::Kind::kForm &&
          program.tensors[out].element != program.tensors[program.outputs(node)[0]].element)
        return acp::Error{acp::Family::kInvalid, "CEP-EQV-6", path, "results have different types"};
    }
    infinities.pass(node, *meaning);
    meanings_.push_back(std::move(*meaning));
  }
  return acp::ok();
}

Id ReferenceValues::fresh(const Program& program, Id tensor, const std::vector<std::int64_t>& reduced) {
  Atom atom{.extents = {}, .element = program.tensors[tensor].element, .tensor = tensor};
  View view;
  view.atom = static_cast<Id>(atoms_.size());
  for (std::size_t d = 0; d < program.shape(tensor).size(); ++d) {
    auto& axes = view.dims.emplace_back();
    for (const std::int64_t factor : cuts_.factors(tensor, d)) {
      axes.push_back(static_cast<AxisId>(atom.extents.size()));
      atom.extents.push_back(factor);
    }
  }
  atom.coordinates = static_cast<AxisId>(atom.extents.size());
  atom.extents.insert(atom.extents.end(), reduced.begin(), reduced.end());
  atom.own = static_cast<AxisId>(atom.extents.size());
  atom.base = view.atom;
  atoms_.push_back(std::move(atom));
  views_[tensor] = std::move(view);
  return static_cast<Id>(atoms_.size() - 1);
}

acp::Status ReferenceValues::number(const Reference& reference) {
  const Program& program = reference.program;
  views_.resize(program.tensors.size());
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].role != Role::kValue) fresh(program, id, {});
  }
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    const Node& node = program.nodes[n];
    const auto in = program.inputs(node), out = program.outputs(node);
    Meaning& meaning = meanings_[n];
    switch (meaning.kind) {
      case Meaning::Kind::kForm:
        number_form(program, node, static_cast<Id>(n), std::move(meaning.form));
        break;
      case Meaning::Kind::kSum:
        if (auto fault = number_sum(program, node, static_cast<Id>(n), meaning.factors); !fault) return fault;
        break;
      case Meaning::Kind::kSame:
        for (std::size_t r = 0; r < out.size(); ++r) {
          views_[out[r]] = views_[in[0]];
          const auto factor = times(views_[out[r]].factor, {1, meaning.denominator});
          if (!factor) return no_cut(node);
          views_[out[r]].factor = *factor;
        }
        break;
      case Meaning::Kind::kTranspose:
        views_[out[0]] = views_[in[0]];
        std::swap(views_[out[0]].dims[meaning.dim0], views_[out[0]].dims[meaning.dim1]);
        break;
      case Meaning::Kind::kReshape: {
        View view{views_[in[0]].factor, views_[in[0]].atom, {}};
        std::vector<AxisId> flat;
        for (const auto& dim : views_[in[0]].dims) flat.insert(flat.end(), dim.begin(), dim.end());
        auto next = flat.begin();
        for (std::size_t d = 0; d < program.shape(out[0]).size(); ++d) {
          const auto count = static_cast<std::ptrdiff_t>(cuts_.factors(out[0], d).size());
          view.dims.emplace_back(next, next + count);
          next += count;
        }
        views_[out[0]] = std::move(view);
        break;
      }
    }
  }
  return acp::ok();
}

void ReferenceValues::number_form(const Program& program, const Node& node, Id node_id, Form form) {
  const auto in = program.inputs(node), out = program.outputs(node);
  const std::size_t rank = in.empty() ? 0 : program.shape(in[0]).size();
  const std::string name = operator_key(program.operations[node.operation], rank);
  std::vector<View> operands;
  std::vector<Id> atoms;
  for (const Id tensor : in) {
    if (!form.reads_operands) break;
    operands.push_back(views_[tensor]);
    atoms.push_back(views_[tensor].atom);
  }
  const auto window = affine_attribute(program.operations[node.operation], "start");
  const std::int64_t start = form.window ? window->constant : 0;
  // The shape tells apart what is made of no operand at all, the window what looks at other rows.
  std::string identity = name + "@" + std::to_string(start);
  for (const std::int64_t length : program.shape(out[0])) identity += "/" + std::to_string(length);
  for (const Id tensor : out) identity += ":" + std::string(to_string(program.tensors[tensor].element));
  const auto [known, added] = same_.try_emplace({identity, std::move(operands)}, forms_.size());
  if (!added) {
    const ReferenceForm& earlier = forms_[known->second];
    for (std::size_t r = 0; r < out.size(); ++r) views_[out[r]] = views_[earlier.results[r]];
    return;
  }
  for (std::size_t r = 0; r < out.size(); ++r) {
    std::vector<std::int64_t> reduced;
    const auto put = [&](const std::vector<Axis>& dims, Id tensor, Axis axis) {
      for (std::size_t d = 0; d < dims.size(); ++d) {
        if (dims[d] != axis) continue;
        const auto& list = cuts_.factors(tensor, d);
        reduced.insert(reduced.end(), list.begin(), list.end());
        return true;
      }
      return false;
    };
    for (const Axis axis : form.results[r].reduced) {
      for (std::size_t i = 0; i < in.size() && !put(form.operands[i], in[i], axis); ++i) {
      }
    }
    const Id atom = fresh(program, out[r], reduced);
    atoms_[atom].form = static_cast<Id>(forms_.size());
    atoms_[atom].result = static_cast<std::uint8_t>(r);
    // What an atom stands for is the sum; a mean is a fraction of it.
    std::int64_t divisor = 1;
    for (const Axis axis : form.results[r].divided_by) {
      for (std::size_t i = 0; i < in.size(); ++i) {
        const auto at = std::ranges::find(form.operands[i], axis);
        if (at == form.operands[i].end()) continue;
        divisor *= program.shape(in[i])[static_cast<std::size_t>(at - form.operands[i].begin())];
        break;
      }
    }
    views_[out[r]] = views_[atoms_[atom].tensor];
    views_[out[r]].factor = {1, divisor};
  }
  by_operands_[{name, std::move(atoms)}].push_back(forms_.size());
  forms_.push_back({std::move(form), {in.begin(), in.end()}, {out.begin(), out.end()}, node_id, start});
}

namespace {

// Longer sums are known by their own terms alone: a residual stream grows by two with every layer.
constexpr std::size_t kMostFlatTerms = 16;

// Terms of one value, laid out alike, are one; where one is taken away from the other both stay (piece.cc).
void put_term(std::vector<View>& terms, View term) {
  const auto like = std::ranges::find_if(terms, [&](const View& t) {
    return t.atom == term.atom && t.dims == term.dims &&
           (t.factor.numerator < 0) == (term.factor.numerator < 0);
  });
  const auto both = like == terms.end() ? std::nullopt : plus(like->factor, term.factor);
  if (both) {
    like->factor = *both;
  } else {
    terms.push_back(std::move(term));
  }
}

}  // namespace

// Sums among the terms by their own terms. Empty, when that is too long, or changes nothing.
std::vector<View> ReferenceValues::flattened(const std::vector<View>& terms) const {
  std::vector<View> flat;
  bool changed = false;
  for (const View& term : terms) {
    const auto at = sum_of_.find(term.atom);
    if (at == sum_of_.end()) {
      put_term(flat, term);
      continue;
    }
    changed = true;
    const ReferenceSum& inner = sums_[at->second];
    for (const View& part : inner.terms) {
      // The inner sum's axes, each as the part's axis in the same place.
      std::vector<AxisId> as(atoms_[term.atom].extents.size());
      for (std::size_t d = 0; d < part.dims.size(); ++d) {
        for (std::size_t i = 0; i < part.dims[d].size(); ++i) as[inner.result.dims[d][i]] = part.dims[d][i];
      }
      View laid = term;
      const auto factor = times(term.factor, part.factor);
      if (!factor) return {};
      laid.factor = *factor;
      laid.atom = part.atom;
      for (auto& dim : laid.dims) {
        for (AxisId& axis : dim) axis = as[axis];
      }
      put_term(flat, std::move(laid));
    }
    if (flat.size() > kMostFlatTerms) return {};
  }
  return changed ? flat : std::vector<View>{};
}

void ReferenceValues::register_sum(std::vector<View> terms, const View& result, Id node) {
  std::ranges::sort(terms);
  SumKey key;
  for (const View& term : terms) {
    key.emplace_back(term.atom, term.factor);
    in_sums_[term.atom].push_back(sums_.size());
  }
  by_terms_[key].push_back(sums_.size());
  sums_.push_back({std::move(terms), result, node});
}

acp::Status ReferenceValues::number_sum(const Program& program, const Node& node, Id node_id,
                                        const std::vector<std::int64_t>& factors) {
  const auto in = program.inputs(node);
  const Id out = program.outputs(node)[0];
  std::vector<View> terms;
  for (std::size_t i = 0; i < in.size(); ++i) {
    View term = views_[in[i]];
    const auto factor = times(term.factor, {factors[i], 1});
    if (!factor) return no_cut(node);
    term.factor = *factor;
    put_term(terms, std::move(term));
  }
  if (terms.size() == 1) {
    views_[out] = terms[0];
    return acp::ok();
  }
  std::ranges::sort(terms);
  SumKey key;
  for (const View& term : terms) key.emplace_back(term.atom, term.factor);
  for (const std::size_t earlier : by_terms_[key]) {
    if (sums_[earlier].terms == terms) {
      views_[out] = sums_[earlier].result;
      return acp::ok();
    }
  }
  auto flat = flattened(terms);
  fresh(program, out, {});
  const View result = views_[out];
  // What a later sum is flattened to: as far as it goes.
  sum_of_.emplace(result.atom, sums_.size());
  if (flat.size() > 1) register_sum(std::move(flat), result, node_id);
  register_sum(std::move(terms), result, node_id);
  return acp::ok();
}

std::vector<const ReferenceForm*> ReferenceValues::candidates(const std::string& name,
                                                              const std::vector<Id>& atoms) const {
  std::vector<const ReferenceForm*> found;
  const auto at = by_operands_.find({name, atoms});
  if (at == by_operands_.end()) return found;
  for (const std::size_t i : at->second) found.push_back(&forms_[i]);
  return found;
}

std::vector<const ReferenceSum*> ReferenceValues::sums(const SumKey& key) const {
  std::vector<const ReferenceSum*> found;
  const auto at = by_terms_.find(key);
  if (at == by_terms_.end()) return found;
  for (const std::size_t i : at->second) found.push_back(&sums_[i]);
  return found;
}

bool ReferenceValues::cut(Id tensor, const Box& box, Linears& linears, std::vector<std::int64_t>& sizes,
                          std::vector<Begin>& begins) const {
  const View& view = views_[tensor];
  const Atom& atom = atoms_[view.atom];
  if (box.size() != view.dims.size()) return false;
  sizes = atom.extents;
  begins.assign(atom.extents.size(), {});
  for (std::size_t d = 0; d < box.size(); ++d) {
    // From the innermost axis outwards: whole axes while the box covers them, then one that is cut, then single indices.
    std::int64_t size = box[d].size, constant = box[d].begin.constant;
    std::vector<std::int64_t> linear = linears.form(linears.begin(box[d].begin).linear);
    const auto divisible = [&](std::int64_t by) {
      return std::ranges::all_of(linear, [by](std::int64_t c) { return c % by == 0; });
    };
    for (std::size_t i = view.dims[d].size(); i-- > 0;) {
      const AxisId axis = view.dims[d][i];
      const std::int64_t extent = atom.extents[axis];
      const std::array question{constant, size, extent};
      if (const auto whole = fired<2>(piece_rules().whole, question); whole && divisible(extent)) {
        constant = (*whole)[0];
        size = (*whole)[1];
        for (std::int64_t& c : linear) c /= extent;
        continue;
      }
      if (i == 0) {  // the outermost takes what is left
        sizes[axis] = size;
        begins[axis] = {constant, linears.id(linear)};
        size = 1;
        constant = 0;
        linear.clear();
        break;
      }
      // Cut here; what lies outside is one index at every point of the variables: what moves by whole lengths of this axis, moves there.
      const auto inside = fired<2>(piece_rules().inside, question);
      if (!inside) return false;
      std::vector<std::int64_t> within = linear;
      for (std::size_t v = 0; v < linear.size(); ++v) (linear[v] % extent == 0 ? within : linear)[v] = 0;
      if (!linears.stays_within((*inside)[1], within, extent - size)) return false;
      sizes[axis] = size;
      begins[axis] = {(*inside)[1], linears.id(std::move(within))};
      size = 1;
      constant = (*inside)[0];
      for (std::int64_t& c : linear) c /= extent;
    }
    if (size != 1 || constant != 0 || std::ranges::any_of(linear, [](std::int64_t c) { return c != 0; }))
      return false;
  }
  return true;
}

}  // namespace cep::logical::calculus
