// What the plan delivers beside what the reference makes.
#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "replay/run.h"
#include "replay/values.h"

namespace cep::logical::oracle {
namespace {

std::string text_of(Scalar value) { return std::to_string(value); }
std::string text_of(const Terms& value) { return "the term " + std::to_string(value.digest); }
std::string text_of(Real value) {
  // As many digits as are certain, and no more than anybody reads.
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value.low + (value.high - value.low) / 2);
  return text.data();
}

std::string text_of(const Rounded& value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17g", value.value);
  return value.element ? std::string(text.data()) + " (" + bits_of(value) + ")" : bits_of(value);
}

// What the plan hands out for one output.
template <typename N>
class Delivery {
 public:
  Delivery(Id output, const ArrayOf<N>& wanted)
      : wanted_(wanted), parts_of_(static_cast<std::size_t>(count(wanted.shape)), 0) {
    found_.output = output;
  }

  Disagreement check(const std::vector<const Yield*>& yields, const std::vector<ArrayOf<N>>& values) {
    for (const Yield* yield : yields) {
      if (yield->tensor >= values.size()) return form(yield->tensor, "an id out of range");
      take(*yield, values[yield->tensor]);
      if (!found_.what.empty()) return found_;
    }
    for (std::size_t e = 0; e < parts_of_.size(); ++e) {
      if (parts_of_[e] == 0) return missing(e, "element " + std::to_string(e) + " is not delivered");
      for (std::int64_t part = 0; part < parts_of_[e]; ++part) {
        const auto found = parts_.find(part);
        if (found == parts_.end() || !found->second.covered[e])
          return missing(e, "element " + std::to_string(e) + " lacks part " + std::to_string(part));
      }
      if (add_up(e)) return found_;
    }
    return found_;
  }
  // The tensors behind an element: the first is enough to start looking.
  void name_tensor(const std::vector<const Yield*>& yields, Disagreement& found) const {
    if (found.tensor != kNone) return;
    for (const Yield* yield : yields) {
      bool in = true;
      std::int64_t rest = found.element;
      for (std::size_t d = wanted_.shape.size(); d-- > 0;) {
        const std::int64_t at = rest % wanted_.shape[d];
        rest /= wanted_.shape[d];
        const std::int64_t begin = yield->box[d].begin.constant;
        in = in && at >= begin && at < begin + yield->box[d].size;
      }
      if (!in) continue;
      found.tensor = yield->tensor;
      return;
    }
  }

 private:
  struct Part {
    std::vector<N> scalars = {};
    std::vector<bool> covered = {};
  };
  [[nodiscard]] std::size_t wide() const { return width(wanted_.element); }
  Disagreement form(Id tensor, std::string what) {
    found_.kind = Difference::kForm;
    found_.tensor = tensor;
    found_.what = std::move(what);
    return found_;
  }
  Disagreement missing(std::size_t element, std::string what) {
    found_.kind = Difference::kNotDelivered;
    found_.element = static_cast<std::int64_t>(element);
    found_.expected = text_of(wanted_.scalars[element * wide()]);
    found_.what = std::move(what);
    return found_;
  }
  bool add_up(std::size_t e) {
    for (std::size_t w = 0; w < wide(); ++w) {
      SumOf<N> parts;
      for (std::int64_t part = 0; part < parts_of_[e]; ++part)
        parts.take(parts_.at(part).scalars[e * wide() + w]);
      const N sum = parts.value();
      const N wanted = wanted_.scalars[e * wide() + w];
      if (!Numbers<N>::certainly_differ(sum, wanted)) continue;
      found_.kind = Difference::kValue;
      found_.element = static_cast<std::int64_t>(e);
      found_.expected = text_of(wanted);
      found_.found = text_of(sum);
      found_.what = "element " + std::to_string(e) + " is " + found_.found + ", not " + found_.expected;
      return true;
    }
    return false;
  }

  void take(const Yield& yield, const ArrayOf<N>& value) {
    const Piece piece = piece_of_box(yield.box);
    if (!inside(piece, wanted_.shape) || value.shape != piece.size || value.element != wanted_.element ||
        value.scalars.size() != static_cast<std::size_t>(count(piece.size)) * wide()) {
      static_cast<void>(form(yield.tensor, "a piece of another type, or outside"));
      return;
    }
    if (yield.part.constant < 0 || yield.part.constant >= yield.parts) {
      static_cast<void>(form(yield.tensor, "a part out of range"));
      return;
    }
    Part& part = parts_[yield.part.constant];
    part.scalars.resize(wanted_.scalars.size());
    part.covered.resize(parts_of_.size());
    for_each_element(wanted_.shape, piece, [&](std::int64_t outer, std::int64_t flat) {
      const auto to = static_cast<std::size_t>(outer);
      const auto from = static_cast<std::size_t>(flat);
      if (parts_of_[to] != 0 && parts_of_[to] != yield.parts)
        static_cast<void>(form(yield.tensor, "pieces that disagree on the number of parts"));
      parts_of_[to] = yield.parts;
      for (std::size_t w = 0; w < wide(); ++w) {
        N& scalar = part.scalars[to * wide() + w];
        const N given = value.scalars[from * wide() + w];
        const N wanted = wanted_.scalars[to * wide() + w];
        if (part.covered[to] && found_.what.empty() && Numbers<N>::certainly_differ(scalar, given)) {
          // At most one of them is right.
          const bool first = yield.parts == 1 && Numbers<N>::certainly_differ(scalar, wanted);
          found_.kind = Difference::kCopies;
          found_.element = outer;
          found_.tensor = first ? kNone : yield.tensor;
          found_.expected = text_of(yield.parts == 1 ? wanted : scalar);
          found_.found = text_of(first ? scalar : given);
          found_.what = "copies that differ";
        }
        scalar = given;
      }
      part.covered[to] = true;
    });
  }

  const ArrayOf<N>& wanted_;
  std::vector<std::int64_t> parts_of_;  // by element; 0: nobody delivered it
  std::map<std::int64_t, Part> parts_;
  Disagreement found_;
};

}  // namespace

template <typename N>
std::vector<Disagreement> compare(const Document& document, const RunOf<N>& reference, const RunOf<N>& plan) {
  if (!reference.fault.empty()) return {{.output = kNone, .what = "reference: " + reference.fault}};
  if (!plan.fault.empty()) return {{.output = kNone, .what = plan.fault}};
  std::map<Id, std::vector<const Yield*>> yields;
  for (const Id output : document.reference.outputs) yields[output];
  std::vector<Disagreement> found;
  for (const Yield& yield : document.plan.yields) {
    const auto output = yields.find(yield.reference);
    if (output == yields.end())
      return {{.output = yield.reference, .what = "delivered, and not an output", .kind = Difference::kForm}};
    output->second.push_back(&yield);
  }
  for (const auto& [output, list] : yields) {
    Delivery<N> delivery(output, reference.values[output]);
    Disagreement one = delivery.check(list, plan.values);
    if (one.what.empty()) continue;
    delivery.name_tensor(list, one);
    found.push_back(std::move(one));
  }
  return found;
}

template std::vector<Disagreement> compare(const Document&, const RunOf<Scalar>&, const RunOf<Scalar>&);
template std::vector<Disagreement> compare(const Document&, const RunOf<Real>&, const RunOf<Real>&);
template std::vector<Disagreement> compare(const Document&, const RunOf<Terms>&, const RunOf<Terms>&);
template std::vector<Disagreement> compare(const Document&, const RunOf<Rounded>&, const RunOf<Rounded>&);

}  // namespace cep::logical::oracle
