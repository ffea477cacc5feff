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
  check_values();
  views_.resize(tensors);
  for (Id id = 0; id < tensors; ++id) check_view(id);
  maker_.resize(tensors);
  defined_.resize(certificate.values.size());
  recipes_.resize(program_.nodes.size());
  factors_.resize(program_.nodes.size());
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
  weights_.assign(certificate.values.size(), 1);
  for (Id id = 0; id < certificate.values.size(); ++id) {
    if (is_share(id)) check_share(id);
  }
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
  if (!whole(piece, view.value, view.dims)) no("an axis that is no coordinate, twice, or missing");
  piece.factor = fraction(view.numerator, view.denominator);
  if (!has_shape(piece, shape)) no("axes that do not make up the dimension");
}

// All of a value, laid out.
bool Reference::whole(Piece& piece, Id id, const std::vector<std::vector<std::uint16_t>>& dims) const {
  const auto& of = value(id);
  piece = {};
  piece.value = id;
  piece.axes = static_cast<std::uint8_t>(of.extents.size());
  piece.coordinates = static_cast<std::uint8_t>(of.coordinates);
  std::ranges::copy(of.extents, piece.sizes.begin());
  return lay_out(piece, dims);
}

void Reference::define(Id tensor) { defined_[views_[tensor].value] = true; }

void Reference::check_node(Id id) {
  const auto outputs = program_.outputs(program_.nodes[id]);
  const auto meaning = lp::meaning_of(program_, program_.nodes[id]);
  if (!meaning)
    refuse("CEP-LCHK-3", item("reference.nodes", id), "no operator with a form that makes these shapes");
  const bool form = meaning->kind == lp::Meaning::Kind::kForm;
  if (form) make_recipe(id, meaning->form);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (!form) {
      check_linear(id, k, *meaning);
    } else if (defines(outputs[k])) {
      define(outputs[k]);
    } else {
      check_again(id, k);
    }
  }
}

// A view is its operand's value, a sum the sum of its operands'; only a sum can be a value of its own.
void Reference::check_linear(Id id, std::size_t output, const lp::Meaning& meaning) {
  const auto in = program_.inputs(program_.nodes[id]);
  const Id tensor = program_.outputs(program_.nodes[id])[output];
  const Piece& view = views_[tensor];
  Pieces sum;
  for (std::size_t j = 0; j < terms(meaning); ++j) {
    sum.push_back(views_[in[j]]);
    if (!contribute(meaning, j, program_.shape(tensor), sum.back()))
      refuse("CEP-LCHK-3", item("reference.nodes", id), "a view that no axes follow");
  }
  factors_[id] = meaning.factors;
  if (sum.size() > 1 && defines(tensor)) {
    Pieces terms;
    if (view.axes != view.coordinates || !by_terms(view, id, terms))
      refuse("CEP-LCHK-3", item("views", tensor),
             "a sum is cut like its operands, and has no axes of its own");
    return define(tensor);
  }
  if (!defined(view.value) || !same({view}, sum))
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
  const std::size_t rank = mine.empty() ? 0 : program_.shape(mine[0]).size();
  if (recipe.results.size() <= output || mine.size() != its.size() ||
      lp::operator_key(program_.operations[node.operation], rank) !=
          lp::operator_key(program_.operations[other.operation], rank) ||
      lp::affine_attribute(program_.operations[node.operation], "start") !=
          lp::affine_attribute(program_.operations[other.operation], "start")) {
    no("the value of another operator");
  }
  Fraction factor = views_[first].factor;
  for (std::size_t j = 0; recipe.reads_operands && j < mine.size(); ++j) {
    const Piece& a = views_[mine[j]];
    const Piece& b = views_[its[j]];
    if (a.value != b.value || !same_layout(a, b)) no("the value of an operator on other operands");
    if (a.factor == b.factor) continue;
    if ((recipe.results[output].scales >> j & 1) == 0)
      no("the value of an operator on multiples of its operands");
    factor = factor * (a.factor / b.factor);
  }
  if (views_[tensor].factor != factor || !same_layout(views_[tensor], views_[first]))
    no("the value of its operator, laid out or scaled otherwise");
}

// Operands that share an axis of the form are cut alike; the reduced axes of a value are those of the form, in order.
void Reference::make_recipe(Id id, const lp::Form& form) {
  const lp::Node& node = program_.nodes[id];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("reference.nodes", id), what); };
  Recipe& recipe = recipes_[id];
  std::vector<std::optional<Recipe::Slots>> slots(form.axes);
  const auto follow = [&](const Piece& view, const std::vector<lp::Axis>& dims) {
    Recipe::Slots axes(view.axes);
    for (std::size_t d = 0; d < dims.size(); ++d) {
      if (dims[d] == lp::kUnit) continue;
      const auto dim = view.dim(d);
      auto& list = slots[dims[d]];
      if (!list) {
        list.emplace();
        for (const std::uint8_t axis : dim) {
          list->push_back(static_cast<std::uint16_t>(recipe.slots.size()));
          recipe.slots.push_back({view.sizes[axis], (form.opaque >> dims[d] & 1) != 0});
        }
      }
      if (dim.size() != list->size()) no("dimensions that belong together are cut into other axes");
      for (std::size_t i = 0; i < dim.size(); ++i) {
        axes[dim[i]] = (*list)[i];
        if (recipe.slots[axes[dim[i]]].extent != view.sizes[dim[i]])
          no("dimensions that belong together are cut into other axes");
      }
    }
    return axes;
  };
  const auto of = [&](const std::vector<lp::Axis>& axes) {
    Recipe::Slots all;
    for (const lp::Axis axis : axes) {
      if (slots[axis]) all.insert(all.end(), slots[axis]->begin(), slots[axis]->end());
    }
    return all;
  };
  const auto in = program_.inputs(node), out = program_.outputs(node);
  recipe.reads_operands = form.reads_operands;
  for (std::size_t j = 0; j < in.size(); ++j)
    recipe.operands.push_back(follow(views_[in[j]], form.operands[j]));
  for (std::size_t k = 0; k < out.size(); ++k) {
    const lp::Form::Result& made = form.results[k];
    const Piece& view = views_[out[k]];
    Recipe::Result result{follow(view, made.dims), of(made.divided_by), made.linear_in, made.unread};
    const Recipe::Slots reduced = of(made.reduced);
    if (reduced.size() != view.axes - std::size_t{view.coordinates})
      no("a result is summed over other axes than its operator's");
    for (std::size_t i = 0; i < reduced.size(); ++i) {
      result.axes[view.coordinates + i] = reduced[i];
      if (recipe.slots[reduced[i]].extent != view.sizes[view.coordinates + i])
        no("a result is summed over other axes than its operator's");
    }
    recipe.results.push_back(std::move(result));
  }
  if (form.window) recipe.window = of({*form.window});
  recipe.adds = factors_[id] = form.adds;
}

}  // namespace cep_check::logical
