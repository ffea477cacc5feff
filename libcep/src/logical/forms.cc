// Reading the table of forms at given shapes.
#include "cep/logical_forms.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <ranges>

#include "logical/form_rows.h"
#include "logical/operators.h"

namespace cep::logical {
namespace {

constexpr std::size_t kMostRank = 8;
constexpr std::size_t kMostAxes = 32;  // an axis is a bit in a word

// A whole number, however it is written; `otherwise` where the attribute is not there. Nothing: it is no whole number.
std::optional<std::int64_t> whole_number(const Operation& operation, std::string_view name,
                                         std::optional<std::int64_t> otherwise) {
  const auto* value = find_attribute(operation, name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  const auto* real = std::get_if<double>(value);
  if (real == nullptr || !(std::abs(*real) <= 1e15) || *real != std::trunc(*real)) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::int64_t from_the_first(std::int64_t dim, std::size_t rank) {
  return dim < 0 ? dim + static_cast<std::int64_t>(rank) : dim;
}
std::optional<std::size_t> dimension(std::int64_t dim, std::size_t rank) {
  const std::int64_t at = from_the_first(dim, rank);
  if (at < 0 || at >= static_cast<std::int64_t>(rank)) return std::nullopt;
  return static_cast<std::size_t>(at);
}
std::optional<std::size_t> dimension(const Operation& operation, std::string_view name, std::size_t rank) {
  const auto* value = find_attribute(operation, name);
  const auto* dim = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return dim == nullptr ? std::nullopt : dimension(*dim, rank);
}

constexpr std::uint32_t bit(Axis axis) { return 1u << axis; }

// A row at the shapes of a call. Steps return false where it does not fit.
class Reading {
 public:
  Reading(const FormRow& row, const Operation& operation, std::span<const Typed> inputs,
          std::span<const Typed> outputs)
      : row_(row), operation_(operation), inputs_(inputs), outputs_(outputs) {}

  // As long as the piece of its axis. Behind read().
  [[nodiscard]] bool window_holds() {
    if (row_.rest.window == 0) return true;
    const auto start = affine_attribute(operation_, "start"), stop = affine_attribute(operation_, "stop");
    std::int64_t end = 0;
    return start && stop && start->by_variable == stop->by_variable &&
           !__builtin_add_overflow(start->constant, lengths_[axis_of(row_.rest.window)], &end) &&
           end == stop->constant;
  }

  std::optional<Meaning> read() {
    meaning_.kind = row_.rest.kind;
    const bool form = meaning_.kind == Meaning::Kind::kForm;
    // A view passes the gradient on without a look at what it is the gradient of; that has its shape all the same.
    const bool all = form || row_.direction == Direction::kBackward;
    const bool read = list_tensors() && case_holds() && bind(all ? tensors_.size() : inputs_.size()) &&
                      (form ? lengths_hold() && make_form() : make_view());
    return read ? std::optional(std::move(meaning_)) : std::nullopt;
  }

 private:
  struct Lettered {
    std::string_view letters;
    const Shape* shape;
    std::vector<Axis> axes = {};  // per dimension
  };
  static bool is_run(char letter) { return letter >= 'A' && letter <= 'Z'; }
  // These are part of another run.
  static bool is_part(char letter) { return letter == 'A' || letter == 'C' || letter == 'K'; }

  bool list_tensors() {
    constexpr std::string_view kMore = "..";
    std::string_view left = row_.operands;
    bool any = left.ends_with(kMore);
    if (any) left.remove_suffix(kMore.size());
    for (const Typed& input : inputs_) {
      if (left.empty() || input.shape->size() > kMostRank) return false;
      tensors_.push_back({left.substr(0, left.find(',')), input.shape});
      if (!any) left.remove_prefix(std::min(left.size(), tensors_.back().letters.size() + 2));
    }
    if (any ? inputs_.empty() : !left.empty()) return false;
    any = row_.results[0].dims.ends_with(kMore);
    const auto made = std::ranges::find(row_.results, "", &FormRow::Result::dims) - row_.results.begin();
    if (any ? outputs_.empty() : outputs_.size() != static_cast<std::size_t>(made)) return false;
    for (std::size_t r = 0; r < outputs_.size(); ++r)
      tensors_.push_back({row_.results[any ? 0 : r].dims, outputs_[r].shape});
    return true;
  }

  [[nodiscard]] bool case_holds() const {
    const auto made_of = [&](std::size_t i) { return inputs_[i].element == outputs_[0].element; };
    const auto is_cast = [&] {
      const auto* to = find_attribute(operation_, "to");
      const auto* text = to == nullptr ? nullptr : std::get_if<std::string>(to);
      return text != nullptr && *text == to_string(outputs_[0].element);
    };
    switch (row_.rest.when) {
      case When::kAlways: return true;
      case When::kConstant: return find_attribute(operation_, "constant") != nullptr;
      case When::kNoConstant: return find_attribute(operation_, "constant") == nullptr;
      case When::kWholeConstant: return whole_number(operation_, "constant", 0).value_or(0) > 0;
      case When::kCast: return is_cast();
      case When::kNoCast: return is_cast() && made_of(0);
      case When::kTypeOfFirst: return made_of(0);
      case When::kTypeOfSecond: return made_of(1);
      case When::kNoGradient: return made_of(0) && made_of(1);
    }
    return false;
  }

  // Runs that are part of another one are bound behind it.
  bool bind(std::size_t tensors) {
    for (const bool parts : {false, true}) {
      for (std::size_t t = 0; t < tensors; ++t) {
        if (std::ranges::any_of(tensors_[t].letters, is_part) == parts && !bind(tensors_[t])) return false;
      }
    }
    const auto in_part = [&](Axis axis) { return has('A', axis) || has('C', axis); };
    return std::ranges::all_of(run_of('B'), in_part);
  }
  bool bind(Lettered& tensor) {
    const auto others = static_cast<std::size_t>(std::ranges::count_if(
        tensor.letters, [](char letter) { return letter != ' ' && letter != '.' && !is_run(letter); }));
    if (others > tensor.shape->size()) return false;
    for (const char letter : tensor.letters) {
      if (letter == ' ' || letter == '.') continue;
      if (is_run(letter)) {
        const auto run = bind_run(letter, tensor, tensor.shape->size() - others);
        if (!run) return false;
        tensor.axes.insert(tensor.axes.end(), run->begin(), run->end());
      } else {
        tensor.axes.push_back(letter == '1' ? kUnit : axis_of(letter));
      }
    }
    if (tensor.axes.size() != tensor.shape->size() || lengths_.size() > kMostAxes) return false;
    for (std::size_t d = 0; d < tensor.axes.size(); ++d) {
      std::int64_t& length = tensor.axes[d] == kUnit ? one_ : lengths_[tensor.axes[d]];
      if (length == kUnbound) length = (*tensor.shape)[d];
      if (length != (*tensor.shape)[d]) return false;
    }
    return true;
  }
  Axis fresh() {
    lengths_.push_back(kUnbound);
    return static_cast<Axis>(lengths_.size() - 1);
  }
  Axis axis_of(char letter) {
    Axis& axis = letters_[static_cast<unsigned char>(letter)];
    if (axis == kUnit) axis = fresh();
    return axis;
  }
  // The run stands before all other letters of its tensor.
  const std::vector<Axis>* bind_run(char letter, const Lettered& tensor, std::size_t count) {
    auto& known = runs_[static_cast<unsigned char>(letter)];
    const bool added = !known.has_value();
    std::vector<Axis>& run = added ? known.emplace() : *known;
    if (added && letter == 'K') {
      run = run_of('R');
      const auto named = named_dimensions();
      if (!named || run.size() != count) return nullptr;
      for (const std::size_t dim : *named) run[dim] = kUnit;
    } else if (added && is_part(letter)) {
      const std::vector<Axis>& all = run_of('B');
      if (count > all.size()) return nullptr;
      run.assign(all.end() - static_cast<std::ptrdiff_t>(count), all.end());
      for (std::size_t d = 0; d < count; ++d) {
        if ((*tensor.shape)[d] == 1 && lengths_[run[d]] != 1) run[d] = kUnit;
      }
    } else if (added) {
      for (std::size_t d = 0; d < count; ++d) run.push_back(fresh());
    }
    return run.size() == count ? &run : nullptr;
  }
  // No dimensions where the row has no such run.
  std::vector<Axis>& run_of(char letter) {
    auto& run = runs_[static_cast<unsigned char>(letter)];
    return run ? *run : none_;
  }
  [[nodiscard]] bool has(char run, Axis axis) {
    const std::vector<Axis>& axes = run_of(run);
    return std::ranges::find(axes, axis) != axes.end();
  }
  // Of R; nothing where one is none, or named twice.
  [[nodiscard]] std::optional<std::vector<std::size_t>> named_dimensions() {
    const std::size_t rank = run_of('R').size();
    if (const auto one = dimension(operation_, "dim", rank)) return std::vector{*one};
    const auto* value = find_attribute(operation_, "dims");
    const auto* list = value == nullptr ? nullptr : std::get_if<std::vector<std::int64_t>>(value);
    if (list == nullptr) return std::nullopt;
    std::vector<std::size_t> dims;
    for (const std::int64_t each : *list) {
      const auto at = dimension(each, rank);
      if (!at || std::ranges::find(dims, *at) != dims.end()) return std::nullopt;
      dims.push_back(*at);
    }
    return dims;
  }

  [[nodiscard]] bool lengths_hold() {
    const auto length = [&](char letter) { return lengths_[axis_of(letter)]; };
    const std::string_view alike = row_.rest.alike, room = row_.rest.room;
    for (const char letter : alike) {
      if (letter != ' ' && length(letter) != length(alike.front())) return false;
    }
    if (!room.empty()) {
      const auto position = whole_number(operation_, "position", std::nullopt);
      const std::int64_t there = length(room.back()), fresh = length(room.front());
      if (!position || *position < 0 || *position > there || fresh > there - *position) return false;
    }
    if (row_.rest.counted != 0 && whole_number(operation_, "topk", std::nullopt) != length(row_.rest.counted))
      return false;
    return true;
  }

  bool make_form() {
    Form& form = meaning_.form;
    form.axes = static_cast<Axis>(lengths_.size());
    form.reads_operands = !row_.rest.shapes_only;
    form.discontinuous = row_.rest.discontinuous;
    form.masks = row_.rest.masks;
    form.hides = row_.rest.hides;
    form.assumption = row_.rest.assumption;
    form.operands.resize(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size() && form.reads_operands; ++i)
      form.operands[i] = tensors_[i].axes;
    const auto whole = axes_of(row_.rest.whole), divided_by = axes_of(row_.rest.divided_by);
    if (!whole || !divided_by || !(row_.rest.adds ? find_alpha(form.adds) : true)) return false;
    for (const Axis axis : *whole) form.opaque |= bit(axis);
    if (row_.rest.window != 0) form.window = axis_of(row_.rest.window);
    for (std::size_t r = 0; r < outputs_.size(); ++r) {
      const FormRow::Result& made = row_.results[r];
      const auto reduced = axes_of(made.sums);
      if (!reduced) return false;
      form.results.push_back(
          {tensors_[inputs_.size() + r].axes, *reduced, *divided_by, made.linear, made.unread});
    }
    return row_.rest.adds || find_alpha(meaning_.factors);
  }
  // The axes of letters that stand in no tensor's place.
  [[nodiscard]] std::optional<std::vector<Axis>> axes_of(std::string_view letters) {
    std::vector<Axis> axes;
    for (const char letter : letters) {
      if (letter == ' ') continue;
      if (!is_run(letter)) {
        axes.push_back(axis_of(letter));
      } else if (letter == 'D') {
        const auto named = named_dimensions();
        if (!named) return std::nullopt;
        for (const std::size_t dim : *named) axes.push_back(run_of('R')[dim]);
      } else if (letter == 'X' || letter == 'Z') {
        for (const Axis axis : run_of('B')) {
          if (!has(letter == 'X' ? 'A' : 'C', axis)) axes.push_back(axis);
        }
      } else {
        const std::vector<Axis>& run = run_of(letter);
        axes.insert(axes.end(), run.begin(), run.end());
      }
    }
    return axes;
  }

  // What the operands are multiplied by where they are added up.
  bool find_alpha(std::vector<std::int64_t>& factors) const {
    if (row_.rest.alpha == Alpha::kUnused) return true;
    const auto alpha = whole_number(operation_, "alpha", 1);
    if (!alpha || *alpha == 0 || (row_.rest.alpha == Alpha::kOne && *alpha != 1)) return false;
    factors.assign(inputs_.size(), 1);
    factors.back() = *alpha;
    return true;
  }
  bool make_view() {
    if (row_.rest.kind == Meaning::Kind::kSum) meaning_.factors.assign(inputs_.size(), 1);
    if (row_.rest.when == When::kWholeConstant)
      meaning_.denominator = *whole_number(operation_, "constant", 0);
    if (row_.rest.kind == Meaning::Kind::kTranspose) {
      const std::size_t rank = inputs_[0].shape->size();
      const auto dim0 = dimension(operation_, "dim0", rank), dim1 = dimension(operation_, "dim1", rank);
      if (!dim0 || !dim1) return false;
      meaning_.dim0 = static_cast<std::uint8_t>(*dim0);
      meaning_.dim1 = static_cast<std::uint8_t>(*dim1);
    }
    return find_alpha(meaning_.factors);
  }

  static constexpr std::int64_t kUnbound = -1;
  static constexpr std::array<Axis, 'z' + 1> unbound_letters() {
    std::array<Axis, 'z' + 1> letters{};
    letters.fill(kUnit);
    return letters;
  }

  const FormRow& row_;
  const Operation& operation_;
  std::span<const Typed> inputs_, outputs_;
  std::vector<Lettered> tensors_;  // operands, then results
  std::array<Axis, 'z' + 1> letters_ = unbound_letters();
  std::array<std::optional<std::vector<Axis>>, 'Z' + 1> runs_;
  std::vector<std::int64_t> lengths_;  // per axis
  std::int64_t one_ = 1;
  std::vector<Axis> none_;
  Meaning meaning_;
};

auto rows_of(const Operation& operation) {
  const Direction direction = operation.backward ? Direction::kBackward : Direction::kForward;
  auto rows = std::ranges::equal_range(form_rows(), operation.name, {}, &FormRow::name);
  return rows | std::views::filter([direction](const FormRow& row) { return row.direction == direction; });
}

std::string in_words(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t length : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(length);
  return text + "]";
}
acp::Error no_form(const Operation& operation, const std::string& why, const char* id = "CEP-EQV-10") {
  return {acp::Family::kUnsupported, id, "",
          operation.name + (operation.backward ? " (backward): " : ": ") + why};
}

}  // namespace

const Operation::Value* find_attribute(const Operation& operation, std::string_view name) {
  for (const auto& attribute : operation.attributes) {
    if (attribute.name == name) return &attribute.value;
  }
  return nullptr;
}

std::optional<Affine> affine_attribute(const Operation& operation, std::string_view name) {
  const auto* value = find_attribute(operation, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(value)) return Affine{*number, {}};
  if (const auto* affine = std::get_if<Affine>(value)) return *affine;
  return std::nullopt;
}

const FormRow* form_row_of(const Operation& operation, std::span<const Typed> inputs,
                           std::span<const Typed> outputs) {
  for (const FormRow& row : rows_of(operation)) {
    if (Reading(row, operation, inputs, outputs).read()) return &row;
  }
  return nullptr;
}

acp::Result<Meaning> meaning_of(const Operation& operation, std::span<const Typed> inputs,
                                std::span<const Typed> outputs) {
  const OperatorDef* def = find_operator(operation.name);
  if (def == nullptr) return no_form(operation, "no form for it");
  for (const auto& [name, value] : operation.attributes) {
    const auto known = std::ranges::find(def->attributes, name, &AttributeDef::name);
    if (known == def->attributes.end()) return no_form(operation, "no meaning for its attribute " + name);
    if (!of_kind(value, known->kind)) return no_form(operation, "no such value of its attribute " + name);
  }
  for (const AttributeDef& needed : def->attributes) {
    // Where no alpha is given it is 1.
    if (needed.presence == Presence::kOptional || needed.name == "alpha") continue;
    if (find_attribute(operation, needed.name) == nullptr)
      return no_form(operation, "needs the attribute " + std::string(needed.name));
  }
  std::string rows;
  for (const FormRow& row : rows_of(operation)) {
    Reading reading(row, operation, inputs, outputs);
    if (auto meaning = reading.read()) {
      if (reading.window_holds()) return std::move(*meaning);
      return no_form(operation, "start and stop are not as far apart as the piece is long", "CEP-EQV-4");
    }
    rows += (rows.empty() ? "takes " : ", or ") + std::string(row.operands);
  }
  if (rows.empty()) return no_form(operation, "no form for it");
  std::string shapes;
  for (const Typed& input : inputs) shapes += (shapes.empty() ? "" : ", ") + in_words(*input.shape);
  shapes += " and gives";
  for (const Typed& output : outputs) shapes += " " + in_words(*output.shape);
  return no_form(operation, rows + "; here it takes " + shapes);
}

acp::Result<Meaning> meaning_of(const Program& program, const Node& node) {
  const auto typed = [&](std::span<const Id> tensors) {
    std::vector<Typed> list;
    list.reserve(tensors.size());
    for (const Id id : tensors) list.push_back({&program.shape(id), program.tensors[id].element});
    return list;
  };
  return meaning_of(program.operations[node.operation], typed(program.inputs(node)),
                    typed(program.outputs(node)));
}

std::uint32_t limit_linear(Form& form, std::uint32_t infinite) {
  form.infinite = form.reads_operands ? infinite & ~form.hides : 0;
  std::uint32_t made = 0;
  for (std::size_t r = 0; r < form.results.size(); ++r) {
    Form::Result& result = form.results[r];
    const std::uint32_t read = form.infinite & ~result.unread;
    if (read != 0) result.linear_in &= std::has_single_bit(read) ? read : 0;
    if (read != 0 || form.masks) made |= 1u << r;
  }
  return made;
}

std::uint32_t Infinities::operands(const Node& node) const {
  const auto in = program_.inputs(node);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(in.size(), 32); ++i)
    bits |= std::uint32_t{may_hold_[in[i]]} << i;
  return bits;
}

void Infinities::pass(const Node& node, Meaning& meaning) {
  const auto in = program_.inputs(node), out = program_.outputs(node);
  const auto holds = [&](Id tensor) { return may_hold_[tensor]; };
  if (meaning.kind == Meaning::Kind::kForm) {
    const std::uint32_t made = limit_linear(meaning.form, operands(node));
    for (std::size_t r = 0; r < out.size(); ++r) may_hold_[out[r]] = (made >> r & 1) != 0;
  } else {
    // A view reads its first operand.
    const bool any = std::ranges::any_of(meaning.kind == Meaning::Kind::kSum ? in : in.first(1), holds);
    for (const Id result : out) may_hold_[result] = any;
  }
}

bool may_be_view(const Operation& operation) {
  return std::ranges::any_of(form_rows(), [&](const FormRow& row) {
    return row.name == operation.name && row.rest.kind != Meaning::Kind::kForm &&
           (row.direction == Direction::kBackward) == operation.backward;
  });
}

std::string operator_key(const Operation& operation, std::size_t rank) {
  std::string key = operation.name + (operation.backward ? "'" : "");
  const auto put = [&key](std::int64_t number) { key += "," + std::to_string(number); };
  for (const auto& [name, value] : operation.attributes) {
    if (name == "start" || name == "stop") continue;
    key += ";" + name + "=";
    const auto put_number = [&](std::int64_t number) {
      put(name.starts_with("dim") ? from_the_first(number, rank) : number);
    };
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      put_number(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      key += "r" + std::to_string(std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      key += "'" + std::to_string(text->size()) + "'" + *text;  // whatever stands in it, it ends there
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (const std::int64_t each : *list) put_number(each);
    } else {
      const auto& affine = std::get<Affine>(value);
      key += "a";
      put(affine.constant);
      for (const std::int64_t by : affine.by_variable) put(by);
    }
  }
  return key;
}

}  // namespace cep::logical
