#include "tools/cep-check/logical/reference.h"

#include <algorithm>

namespace cep_check::logical {

Reference::Reference(const lp::Reference& reference, const lp::LogicalCertificate& certificate)
    : program_(reference.program), certificate_(certificate) {
  const std::size_t tensors = program_.tensors.size();
  const auto shares =
      std::ranges::count_if(certificate.values, [](const auto& v) { return !v.parts.empty(); });
  if (certificate.views.size() != tensors ||
      certificate.values.size() - static_cast<std::size_t>(shares) > tensors) {
    refuse("CEP-LCHK-1", "views", "not one for each tensor of the reference");
  }
  if (shares > std::int64_t{1} << 20)
    throw Refusal{acp::over_limit("CEP-LCHK-12", "values", "more than 2^20 shares")};
  for (const lp::Operation& operation : program_.operations) {
    if (!known_attributes(operation)) refuse("CEP-LCHK-3", "reference", "an attribute without a meaning");
  }
  check_values();
  views_.resize(tensors);
  for (Id id = 0; id < tensors; ++id) check_view(id);
  maker_.resize(tensors);
  defined_.resize(certificate.values.size());
  sums_.resize(certificate.values.size(), kNone);
  recipes_.resize(program_.nodes.size());
  for (Id id = 0; id < program_.nodes.size(); ++id) {
    const auto outputs = program_.outputs(program_.nodes[id]);
    for (std::size_t k = 0; k < outputs.size(); ++k) maker_[outputs[k]] = {id, k};
  }
  for (Id id = 0; id < tensors; ++id) {
    if (made(id)) continue;
    if (!defines(id) || views_[id].axes != views_[id].coordinates)
      refuse("CEP-LCHK-3", item("views", id),
             "what no node makes has a value of its own, summed over nothing");
    define(id);
  }
  for (Id id = 0; id < program_.nodes.size(); ++id) check_node(id);
  check_shares();
}

void Reference::check_values() {
  for (std::size_t i = 0; i < certificate_.values.size(); ++i) {
    const auto& value = certificate_.values[i];
    if (value.tensor >= program_.tensors.size() || value.coordinates > value.extents.size())
      refuse("CEP-LCHK-1", item("values", i), "no such tensor, or more coordinates than axes");
    if (value.extents.size() > kMaxAxes)
      throw Refusal{acp::over_limit("CEP-LCHK-12", item("values", i), "more than 16 axes")};
    for (const std::int64_t extent : value.extents) {
      if (extent < 2) refuse("CEP-LCHK-2", item("values", i), "an axis of less than two");
    }
  }
}

// A view is a cut of every dimension into axes, each coordinate once.
void Reference::check_view(Id tensor) {
  const auto& view = certificate_.views[tensor];
  const lp::Shape& shape = program_.shape(tensor);
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("views", tensor), what); };
  if (view.value >= certificate_.values.size()) refuse("CEP-LCHK-1", item("views", tensor), "no such value");
  const auto& value = certificate_.values[view.value];
  if (!value.parts.empty()) no("a share of a value");
  if (view.dims.size() != shape.size() || shape.size() > kMaxRank) no("another rank than the tensor");
  if (view.numerator == 0 || view.denominator == 0) no("no factor");
  if (program_.tensors[value.tensor].element != program_.tensors[tensor].element)
    no("another element than the value's");
  Piece& piece = views_[tensor];
  piece.value = view.value;
  piece.factor = fraction(view.numerator, view.denominator);
  piece.axes = static_cast<std::uint8_t>(value.extents.size());
  piece.coordinates = static_cast<std::uint8_t>(value.coordinates);
  std::copy(value.extents.begin(), value.extents.end(), piece.sizes.begin());
  if (!lay_out(piece, view.dims)) no("an axis that is no coordinate, twice, or missing");
  if (!has_shape(piece, shape)) no("axes that do not make up the dimension");
}

void Reference::define(Id tensor) { defined_[views_[tensor].value] = true; }

void Reference::check_node(Id id) {
  const lp::Node& node = program_.nodes[id];
  const auto outputs = program_.outputs(node);
  bool by_form = false;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto linear = linear_of(program_, node, k);
    if (linear) {
      check_linear(id, k, *linear);
    } else {
      by_form = true;
    }
  }
  if (!by_form) return;
  make_recipe(id);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (!recipes_[id].results[k].by_form) continue;
    if (defines(outputs[k])) {
      define(outputs[k]);
    } else {
      check_again(id, k);
    }
  }
}

// A view is its operand's value, a sum the sum of its operands'; only a sum can be a value of its own.
void Reference::check_linear(Id id, std::size_t output, const Linear& linear) {
  const lp::Node& node = program_.nodes[id];
  const Id tensor = program_.outputs(node)[output];
  const Piece& view = views_[tensor];
  Pieces sum;
  for (const Linear::Term& term : linear.terms) {
    if (!add_term(program_, node, output, linear, term, views_[program_.inputs(node)[term.operand]], sum))
      refuse("CEP-LCHK-3", item("reference.nodes", id), "a view that no axes follow");
  }
  if (linear.terms.size() > 1 && defines(tensor)) {
    Pieces terms;
    if (view.axes != view.coordinates || !by_terms(view, id, terms))
      refuse("CEP-LCHK-3", item("views", tensor),
             "a sum is cut like its operands, and has no axes of its own");
    sums_[view.value] = id;
    for (const Linear::Term& term : linear.terms)
      in_sums_[views_[program_.inputs(node)[term.operand]].value].emplace_back(id, term.operand);
    return define(tensor);
  }
  if (!defined(view.value) || !same({view}, sum, kNone))
    refuse("CEP-LCHK-3", item("views", tensor), "not what its node makes of the operands' values");
}

// A second result of an operator on the same operands.
void Reference::check_again(Id id, std::size_t output) {
  const lp::Node& node = program_.nodes[id];
  const Id tensor = program_.outputs(node)[output];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("views", tensor), what); };
  if (!defined(views_[tensor].value)) no("a value that no earlier tensor has");
  const Id first = value(views_[tensor].value).tensor;
  const Maker maker = maker_[first];
  if (maker.node == kNone || maker.output != output) no("another result's value");
  const lp::Node& other = program_.nodes[maker.node];
  const auto mine = program_.inputs(node), its = program_.inputs(other);
  const Recipe& recipe = recipes_[maker.node];
  if (recipe.results.size() <= output || !recipe.results[output].by_form || mine.size() != its.size() ||
      !same_operation(program_.operations[node.operation], program_.operations[other.operation],
                      mine.empty() ? 0 : program_.shape(mine[0]).size(), Window::kCompared)) {
    no("the value of another operator");
  }
  Fraction factor = views_[first].factor;
  for (std::size_t j = 0; j < mine.size(); ++j) {
    const Piece& a = views_[mine[j]];
    const Piece& b = views_[its[j]];
    if ((recipe.ignored >> j & 1) != 0 &&
        program_.tensors[mine[j]].element == program_.tensors[its[j]].element) {
      continue;
    }
    if (a.value != b.value || !same_layout(a, b)) no("the value of an operator on other operands");
    if (a.factor == b.factor) continue;
    if ((recipe.results[output].scales >> j & 1) == 0)
      no("the value of an operator on multiples of its operands");
    factor = factor * (a.factor / b.factor);
  }
  if (views_[tensor].factor != factor || !same_layout(views_[tensor], views_[first]))
    no("the value of its operator, laid out or scaled otherwise");
}

// Operands that share a label are cut alike; the reduced axes are those of the reduced labels, in order.
void Reference::make_recipe(Id id) {
  const lp::Node& node = program_.nodes[id];
  const auto form = form_of(program_, node);
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("reference.nodes", id), what); };
  if (!form) no("no operator with a form that makes these shapes");
  Recipe& recipe = recipes_[id];
  std::vector<std::optional<Recipe::Slots>> slots(form->whole.size());
  const auto follow = [&](const Piece& view, const Form::Labels& labels, bool given) {
    Recipe::Slots axes(view.axes);
    for (std::size_t d = 0; d < view.rank; ++d) {
      if (labels[d] == Form::kAlone) continue;
      const auto label = static_cast<std::size_t>(labels[d]);
      const auto dim = view.dim(d);
      if (!slots[label]) {
        slots[label].emplace();
        for (const std::uint8_t axis : dim) {
          slots[label]->push_back(static_cast<std::uint16_t>(recipe.slots.size()));
          recipe.slots.push_back({view.sizes[axis], form->whole[label], given});
        }
      }
      if (dim.size() != slots[label]->size()) no("dimensions that belong together are cut into other axes");
      for (std::size_t i = 0; i < dim.size(); ++i) {
        axes[dim[i]] = (*slots[label])[i];
        if (recipe.slots[axes[dim[i]]].extent != view.sizes[dim[i]])
          no("dimensions that belong together are cut into other axes");
      }
    }
    return axes;
  };
  const auto of = [&](const Form::Labels& labels) {
    Recipe::Slots all;
    for (const int label : labels) {
      const auto& list = slots[static_cast<std::size_t>(label)];
      if (list) all.insert(all.end(), list->begin(), list->end());
    }
    return all;
  };
  const auto in = program_.inputs(node), out = program_.outputs(node);
  for (std::size_t j = 0; j < in.size(); ++j)
    recipe.operands.push_back(follow(views_[in[j]], form->operands[j], true));
  for (std::size_t k = 0; k < out.size(); ++k) {
    Recipe::Result& result = recipe.results.emplace_back();
    if (linear_of(program_, node, k)) continue;
    const Piece& view = views_[out[k]];
    result.by_form = true;
    result.scales = form->results[k].scales;
    result.unread = form->results[k].unread;
    result.axes = follow(view, form->results[k].dims, false);
    const Recipe::Slots reduced = of(form->results[k].reduced);
    if (reduced.size() != view.axes - std::size_t{view.coordinates})
      no("a result is summed over other axes than its operator's");
    for (std::size_t i = 0; i < reduced.size(); ++i) {
      result.axes[view.coordinates + i] = reduced[i];
      if (recipe.slots[reduced[i]].extent != view.sizes[view.coordinates + i])
        no("a result is summed over other axes than its operator's");
    }
  }
  recipe.averaged = of(form->averaged);
  recipe.ignored = form->ignored;
  recipe.adds = form->adds;
  for (std::size_t j = 0; !recipe.adds.empty() && defines(out[0]) && j < in.size(); ++j) {
    if (program_.shape(in[j]) == program_.shape(out[0])) in_sums_[views_[in[j]].value].emplace_back(id, j);
  }
  if (form->window != Form::kAlone) recipe.window = of({form->window});
}

}  // namespace cep_check::logical
