#include "replay/locate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "replay/values.h"

namespace cep::logical::oracle {
namespace {

// Small numbers stand for many things (zeros, tokens, ones); a drawn one for itself.
bool telling(Scalar scalar) { return scalar > (Scalar{1} << 40) && scalar < kPrime - (Scalar{1} << 40); }

// Boxes of the reference's values, found by any one of their elements.
class Boxes {
 public:
  Boxes(const Document& document, const Run& reference, const Run& plan)
      : document_(document), reference_(reference), plan_(plan), words_(plan.values.size()) {
    std::size_t total = 0;
    for (const Array& value : reference.values) total += value.scalars.size();
    // A list of all elements takes three times their own room: of a large reference there is none, and no box is known but what is bound.
    constexpr std::size_t kMostElements = std::size_t{1} << 21;
    for (const Bind& bind : document.plan.binds)
      words_[bind.tensor] = words_of(bind.reference, piece_of_box(bind.box));
    if (total > kMostElements) return;
    places_.reserve(total);
    for (Id tensor = 0; tensor < reference.values.size(); ++tensor) {
      const Array& value = reference.values[tensor];
      if (width(value.element) != 1) continue;
      for (std::size_t i = 0; i < value.scalars.size(); ++i) {
        if (telling(value.scalars[i])) places_.push_back({value.scalars[i], tensor, i});
      }
    }
    std::sort(places_.begin(), places_.end());
  }

  // Empty: none.
  const std::string& in_words(Id tensor) {
    if (!words_[tensor]) words_[tensor] = search(plan_.values[tensor]);
    return *words_[tensor];
  }

 private:
  struct Place {
    Scalar scalar;
    Id tensor;
    std::size_t at;
    auto operator<=>(const Place&) const = default;
  };

  [[nodiscard]] std::string words_of(Id tensor, const Piece& piece) const {
    std::string text = name_of(document_.reference, tensor) + " [";
    for (std::size_t d = 0; d < piece.size.size(); ++d) {
      text += (d == 0 ? "" : ", ") + std::to_string(piece.begin[d]) + ":" +
              std::to_string(piece.begin[d] + piece.size[d]);
    }
    return text + "]";
  }
  [[nodiscard]] std::string search(const Array& value) const {
    const auto first = std::find_if(value.scalars.begin(), value.scalars.end(), telling);
    if (first == value.scalars.end() || width(value.element) != 1) return {};
    constexpr int kTries = 16;  // A hostile plan must not make every search a long one.
    int tries = 0;
    for (auto place = std::lower_bound(places_.begin(), places_.end(), Place{*first, 0, 0});
         place != places_.end() && place->scalar == *first && tries < kTries; ++place, ++tries) {
      const auto piece = piece_at(value, static_cast<std::size_t>(first - value.scalars.begin()), *place);
      if (piece && cut(reference_.values[place->tensor], *piece) == value)
        return words_of(place->tensor, *piece);
    }
    return {};
  }
  // The box of the same shape whose element `at` lies there, if it is inside.
  [[nodiscard]] std::optional<Piece> piece_at(const Array& value, std::size_t at, const Place& place) const {
    const Array& whole = reference_.values[place.tensor];
    if (whole.shape.size() != value.shape.size() || whole.element != value.element) return std::nullopt;
    Piece piece{.begin = std::vector<std::int64_t>(value.shape.size()), .size = value.shape};
    auto in_value = static_cast<std::int64_t>(at);
    auto in_whole = static_cast<std::int64_t>(place.at);
    for (std::size_t d = value.shape.size(); d-- > 0;) {
      piece.begin[d] = in_whole % whole.shape[d] - in_value % value.shape[d];
      in_whole /= whole.shape[d];
      in_value /= value.shape[d];
    }
    return inside(piece, whole.shape) ? std::optional(piece) : std::nullopt;
  }

  const Document& document_;
  const Run& reference_;
  const Run& plan_;
  std::vector<Place> places_;
  std::vector<std::optional<std::string>> words_;  // by tensor of the plan
};

// Lines that meet in one communication.
using Meetings = std::map<Id, std::vector<Id>>;
Meetings meetings_of(const Program& program) {
  Meetings meetings;
  for (Id line = 0; line < program.nodes.size(); ++line) {
    if (program.nodes[line].message != kNone) meetings[program.nodes[line].message].push_back(line);
  }
  return meetings;
}

// What a line takes; of a communication, what all its members do, in the order of the group.
std::vector<Id> taken(const Plan& plan, const Meetings& meetings, Id line) {
  const Program& program = plan.program;
  const Node& node = program.nodes[line];
  std::vector<Id> lines{line};
  if (node.message != kNone) {
    lines = meetings.at(node.message);
    const std::vector<Affine>& group = plan.groups[node.group].ranks;
    const auto position = [&](Id member) {
      const Affine& rank = plan.places[program.nodes[member].place];
      return std::find(group.begin(), group.end(), rank) - group.begin();
    };
    std::vector<std::pair<std::ptrdiff_t, Id>> ordered;
    ordered.reserve(lines.size());
    for (const Id member : lines) ordered.emplace_back(position(member), member);
    std::sort(ordered.begin(), ordered.end());
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = ordered[i].second;
  }
  std::vector<Id> operands;
  for (const Id member : lines) {
    const auto inputs = program.inputs(program.nodes[member]);
    operands.insert(operands.end(), inputs.begin(), inputs.end());
  }
  return operands;
}

}  // namespace

std::string name_of(const Reference& reference, Id tensor) {
  if (tensor < reference.names.size() && !reference.names[tensor].empty()) return reference.names[tensor];
  return "tensor " + std::to_string(reference.program.tensors[tensor].source);
}

Located locate(const Document& document, const Run& reference, const Run& plan,
               const std::vector<Id>& delivered) {
  const Program& program = document.plan.program;
  Boxes boxes(document, reference, plan);
  const Meetings meetings = meetings_of(program);
  std::vector<Id> maker(program.tensors.size(), kNone);
  for (Id line = 0; line < program.nodes.size(); ++line) {
    for (const Id result : program.outputs(program.nodes[line])) maker[result] = line;
  }
  std::vector<Id> todo = delivered;
  std::set<Id> lines;
  constexpr std::size_t kMostLines = 1024;  // Nobody reads more.
  while (!todo.empty() && lines.size() < kMostLines) {
    const Id tensor = todo.back();
    todo.pop_back();
    if (maker[tensor] == kNone || !boxes.in_words(tensor).empty() || !lines.insert(maker[tensor]).second)
      continue;
    const auto operands = taken(document.plan, meetings, maker[tensor]);
    todo.insert(todo.end(), operands.begin(), operands.end());
  }
  Located located;
  if (!delivered.empty()) located.held = boxes.in_words(delivered.front());
  located.suspects.reserve(lines.size());
  for (const Id line : lines) {
    const Node& node = program.nodes[line];
    const Operation& operation = program.operations[node.operation];
    std::string text = operation.name + (operation.backward ? " (backward): takes" : ": takes");
    constexpr std::size_t kShown = 4;
    const auto operands = taken(document.plan, meetings, line);
    for (std::size_t i = 0; i < operands.size() && i < kShown; ++i) {
      const std::string& words = boxes.in_words(operands[i]);
      text += (i == 0 ? " " : ", ") + (words.empty() ? std::string("no box") : words);
    }
    if (operands.size() > kShown) text += " and " + std::to_string(operands.size() - kShown) + " more";
    located.suspects.push_back({.line = node.source,
                                .rank = document.plan.places[node.place].constant,
                                .text = text + "; gives no box of any value of the reference"});
  }
  return located;
}

std::string words_of_line(const Document& document, Id line) {
  return "line " + std::to_string(document.plan.program.nodes[line].source);
}

Witness witness_of(const Document& document, const Disagreement& found, Evidence evidence,
                   std::uint64_t seed) {
  const Tensor& output = document.reference.program.tensors[found.output];
  Witness witness{.evidence = evidence,
                  .seed = seed,
                  .output = output.source,
                  .name = name_of(document.reference, found.output),
                  .shape = document.reference.program.shapes[output.shape],
                  .index = {},
                  .expected = found.expected,
                  .found = found.found,
                  .held = {},
                  .what = found.what};
  witness.index.resize(witness.shape.size());
  std::int64_t rest = found.element;
  for (std::size_t d = witness.shape.size(); d-- > 0;) {
    witness.index[d] = rest % witness.shape[d];
    rest /= witness.shape[d];
  }
  if (found.tensor == kNone) return witness;
  const Tensor& delivered = document.plan.program.tensors[found.tensor];
  witness.delivered = delivered.source;
  witness.rank = document.plan.places[delivered.place].constant;
  return witness;
}

}  // namespace cep::logical::oracle
