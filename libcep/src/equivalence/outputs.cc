// What the plan delivers: every element of every output, once, and the right value.
#include <algorithm>
#include <set>

#include "fired.h"
#include "prover.h"

namespace cep::logical::calculus {
namespace {

// A plan whose slices or parts vary in more points than this is not looked at point by point.
constexpr std::int64_t kMostPoints = 1 << 20;

// Clamped to 64 bits: nothing that is compared with it lies out there.
std::int64_t value_at(const Affine& affine, const std::vector<std::int64_t>& point) {
  Wide value = affine.constant;
  for (std::size_t v = 0; v < affine.by_variable.size(); ++v)
    value += static_cast<Wide>(affine.by_variable[v]) * point[v];
  return static_cast<std::int64_t>(std::clamp<Wide>(value, INT64_MIN, INT64_MAX));
}

// Calls visit at every point of the variables of which `uses` is true; the others stay at 0.
template <typename Uses, typename Visit>
bool for_points(const std::vector<Variable>& variables, Uses uses, Visit visit) {
  std::vector<std::int64_t> point(variables.size(), 0);
  std::int64_t points = 1;
  for (std::size_t v = 0; v < variables.size(); ++v) {
    if (uses(v)) points *= variables[v].size;
    if (points > kMostPoints) return false;
  }
  for (;;) {
    visit(point);
    std::size_t v = 0;
    while (v < point.size() && (!uses(v) || ++point[v] == variables[v].size)) point[v++] = 0;
    if (v == point.size()) return true;
  }
}

bool uses(const Affine& affine, std::size_t variable) {
  return variable < affine.by_variable.size() && affine.by_variable[variable] != 0;
}

using Corner = std::vector<std::int64_t>;  // begins, then sizes

bool overlap(const Corner& a, const Corner& b) {
  const std::size_t rank = a.size() / 2;
  for (std::size_t d = 0; d < rank; ++d) {
    if (fired<0>(piece_rules().apart, std::array{a[d], a[rank + d], b[d], b[rank + d]})) return false;
  }
  return true;
}

}  // namespace

Prover::Done Prover::check_outputs() {
  std::vector<std::vector<const Yield*>> by_output(reference_.program.tensors.size());
  for (const Yield& yield : plan_.yields) by_output[yield.reference].push_back(&yield);
  for (const Id output : reference_.outputs) {
    if (auto fault = check_output(output, by_output[output])) return fault;
  }
  return std::nullopt;
}

Finding Prover::misdelivery(const char* id, Id output, const Yield* yield, std::string message) const {
  const std::uint32_t source = reference_.program.tensors[output].source;
  Finding finding = refuse(id, nullptr, "output " + std::to_string(source) + ": " + std::move(message));
  finding.source = yield == nullptr ? source : plan_.program.tensors[yield->tensor].source;
  return finding;
}

Prover::Done Prover::check_output(Id output, std::span<const Yield* const> yields) {
  const Shape& shape = reference_.program.shape(output);
  std::map<Box, std::vector<const Yield*>> boxes;
  for (const Yield* yield : yields) boxes[yield->box].push_back(yield);
  std::set<Corner> corners;
  Wide covered = 0;
  std::int64_t wanted = 1;
  bool twice = false;  // one box, written in two ways, or met at two points
  for (const std::int64_t length : shape) wanted *= length;
  for (const auto& [box, parts] : boxes) {
    const auto box_uses = [&](std::size_t v) {
      return std::ranges::any_of(box, [v](const Interval& i) { return uses(i.begin, v); });
    };
    const bool seen = for_points(plan_.variables, box_uses, [&](const std::vector<std::int64_t>& point) {
      Corner corner;
      std::int64_t volume = 1;
      for (const Interval& interval : box) corner.push_back(value_at(interval.begin, point));
      for (const Interval& interval : box) {
        corner.push_back(interval.size);
        volume *= interval.size;
      }
      if (!corners.insert(std::move(corner)).second) twice = true;
      covered += volume;
    });
    if (!seen) return misdelivery("CEP-EQV-8", output, parts[0], "its pieces are too many to count");
    // Copies, and parts, are those of one box: what is delivered as another is not held against them.
    if (twice) return misdelivery("CEP-EQV-8", output, parts[0], "a slice is delivered twice");
    if (auto fault = check_box(output, box, parts)) return fault;
    ++delivered_;
  }
  if (covered != wanted) {
    return misdelivery("CEP-EQV-8", output, nullptr,
                       std::to_string(static_cast<std::int64_t>(std::min<Wide>(covered, INT64_MAX))) +
                           " of its " + std::to_string(wanted) + " elements are delivered");
  }
  // As many elements as there are; so if no two boxes share one, each is there once. Ascending by the first begin.
  for (auto a = corners.begin(); a != corners.end(); ++a) {
    for (auto b = std::next(a); b != corners.end(); ++b) {
      if (!shape.empty() && (*b)[0] >= (*a)[0] + (*a)[shape.size()]) break;
      if (overlap(*a, *b)) return misdelivery("CEP-EQV-8", output, nullptr, "two delivered slices overlap");
    }
  }
  return std::nullopt;
}

// One holder of each part, and copies that hold the same. summed: the variables that the parts run over.
Prover::Done Prover::find_holders(Id output, const std::vector<const Yield*>& parts, Holders& holders,
                                  std::vector<bool>& summed) const {
  const std::int64_t count = parts[0]->parts;
  for (const Yield* yield : parts) {
    if (facts_.of[yield->tensor].first == Fact::kUnknown) {
      return misdelivery("CEP-EQV-7", output, yield, "nothing is known of what is delivered");
    }
    if (yield->parts != count)
      return misdelivery("CEP-EQV-7", output, yield, "its parts are counted differently on two ranks");
    const auto [first, added] = holders.try_emplace(count == 1 ? Affine{} : yield->part, yield);
    if (!added && pieces(first->second->tensor) != pieces(yield->tensor)) {
      return misdelivery("CEP-EQV-7", output, yield,
                         "copies of one part differ: {" + held(first->second->tensor) + "} and {" +
                             held(yield->tensor) + "}");
    }
  }
  summed.assign(plan_.variables.size(), false);
  if (count == 1) return std::nullopt;
  std::set<std::int64_t> numbers;
  std::int64_t points = 0;
  for (const auto& [key, yield] : holders) {
    const Affine& part = key;
    const bool all = for_points(
        plan_.variables, [&part](std::size_t v) { return uses(part, v); },
        [&](const std::vector<std::int64_t>& point) {
          numbers.insert(value_at(part, point));
          ++points;
        });
    if (!all) return misdelivery("CEP-EQV-8", output, yield, "its parts are too many to count");
    for (std::size_t v = 0; v < summed.size(); ++v) {
      if (yield != holders.begin()->second && summed[v] != uses(part, v)) {
        return misdelivery("CEP-EQV-7", output, yield, "its parts run over different variables");
      }
      summed[v] = uses(part, v);
    }
  }
  if (points != count || std::ssize(numbers) != count || *numbers.begin() != 0 ||
      *numbers.rbegin() != count - 1) {
    return misdelivery("CEP-EQV-8", output, parts[0],
                       "of " + std::to_string(count) + " parts some are missing, or there twice");
  }
  return std::nullopt;
}

// What is delivered as one box of an output, its parts together, is that box.
Prover::Done Prover::check_box(Id output, const Box& box, const std::vector<const Yield*>& parts) {
  Holders holders;
  std::vector<bool> summed;
  if (auto fault = find_holders(output, parts, holders, summed)) return fault;
  Pieces sum;
  for (const auto& [part, yield] : holders) {
    const Pieces more = pieces(yield->tensor);
    sum.insert(sum.end(), more.begin(), more.end());
  }
  const auto too_large = [&] {
    return misdelivery("CEP-EQV-7", output, parts[0], "a coefficient leaves 64 bits");
  };
  Id named = kNone;
  if (!add_up(patterns_, sum, joins_, named)) return too_large();
  for (Id v = 0; v < summed.size(); ++v) {
    if (!summed[v]) continue;
    const std::int64_t points = plan_.variables[v].size;
    for (const Piece& piece : sum) {
      std::int64_t& most = joins_[values_.atom(patterns_[piece.pattern].atom).base];
      most = std::max(most, points);
    }
    if (!sum_over(patterns_, linears_, sum, v)) {
      return misdelivery(
          "CEP-EQV-7", output, parts[0],
          "the parts over " + plan_.variables[v].name + " do not add up: {" + held(parts[0]->tensor) + "}");
    }
    if (!add_up(patterns_, sum, joins_, named)) return too_large();
  }
  const auto needed = piece_of(output, box);
  if (!needed) {
    return misdelivery("CEP-EQV-9", output, parts[0],
                       "the slice is no box of the axes its tensor is used by");
  }
  if (sum.size() == 1 && sum[0] == *needed) return std::nullopt;
  std::string found;
  for (const Piece& piece : sum) {
    found += (found.empty() ? "" : " + ") + describe(patterns_, linears_, document_, piece);
  }
  const std::string wanted = describe(patterns_, linears_, document_, *needed);
  if (found == wanted) found += ", with its dimensions in another order";
  return misdelivery("CEP-EQV-7", output, parts[0],
                     "needed " + wanted + "; found " + (found.empty() ? "zero" : found));
}

}  // namespace cep::logical::calculus
