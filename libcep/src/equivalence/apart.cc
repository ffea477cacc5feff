#include "apart.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "reference.h"

namespace cep::logical::calculus {
namespace {

using Value = LogicalCertificate::Value;
using Part = Value::Part;
using Dims = std::vector<std::vector<std::uint16_t>>;

// How far it is looked for.
constexpr std::size_t kMostWider = 256, kMostSteps = 4096;

class Apart {
 public:
  Apart(const Reference& reference, LogicalCertificate& certificate)
      : program_(reference.program),
        certificate_(certificate),
        values_(certificate.values),
        made_by_(program_.tensors.size(), kNone),
        weights_(values_.size(), 1) {
    read_sums();
    for (Id id = 0; id < values_.size(); ++id) {
      if (!is_share(id)) continue;
      ids_.emplace(key(values_[id].tensor, values_[id].parts), id);
      for (const Part& part : values_[id].parts) weights_[id] += weights_[part.value];
    }
  }

  void run() {
    const auto given = static_cast<Id>(values_.size());
    for (Id id = 0; id < given; ++id) {
      if (is_share(id)) find_steps(id);
    }
    placed_.resize(values_.size());
    for (Id id = 0; id < given; ++id) put_in_order(id);
    renumber();
  }

 private:
  struct Sum {  // a node that adds its operands, of whose value it is the first
    Id result = kNone;
    std::vector<Id> operands;
  };
  struct Wider {  // a value that comes apart into another one, and where the other's coordinates are in it
    Id value = kNone, by = kNone;
    std::vector<std::uint16_t> axes;
  };
  struct Term {
    Id value = kNone;
    Dims dims;
  };
  using Key = std::tuple<Id, std::vector<std::tuple<std::uint32_t, Id, Dims>>>;

  static Key key(Id tensor, const std::vector<Part>& parts) {
    Key key{tensor, {}};
    for (const Part& part : parts) std::get<1>(key).emplace_back(part.operand, part.value, part.dims);
    return key;
  }
  [[nodiscard]] bool is_share(Id id) const { return !values_[id].parts.empty(); }
  [[nodiscard]] const LogicalCertificate::View& view(Id tensor) const { return certificate_.views[tensor]; }
  [[nodiscard]] Id base(Id id) const { return view(values_[id].tensor).value; }
  [[nodiscard]] std::span<const Id> operands(Id tensor) const {
    return program_.inputs(program_.nodes[made_by_[tensor]]);
  }
  [[nodiscard]] const Sum* sum_of(Id id) const {
    const auto at = sums_.find(id);
    return at == sums_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool adds(Id share) const { return sum_of(base(share)) != nullptr; }

  void read_sums() {
    for (Id n = 0; n < program_.nodes.size(); ++n) {
      const Node& node = program_.nodes[n];
      const auto in = program_.inputs(node), out = program_.outputs(node);
      for (const Id tensor : out) made_by_[tensor] = n;
      const auto meaning = meaning_of(program_, node);
      if (!meaning || out.empty()) continue;
      const bool is_form = meaning->kind == Meaning::Kind::kForm;
      const Id value = view(out[0]).value;
      if ((is_form ? meaning->form.adds.empty() : meaning->kind != Meaning::Kind::kSum) ||
          values_[value].tensor != out[0]) {
        continue;
      }
      sums_[value] = {out[0], {in.begin(), in.end()}};
      for (const Id tensor : in) {
        if (program_.shape(tensor) == program_.shape(out[0]))
          in_sums_[view(tensor).value].emplace_back(value, tensor);
      }
    }
  }

  // kNone where a checker would not take it.
  Id number(Id tensor, std::vector<Part> parts) {
    Key made = key(tensor, parts);
    if (const auto at = ids_.find(made); at != ids_.end()) return at->second;
    const Value& own = values_[view(tensor).value];
    Value share{tensor, own.coordinates, own.extents, std::move(parts)};
    std::size_t weight = 1;
    for (const Part& part : share.parts) {
      const Value& of = values_[part.value];
      share.extents.insert(share.extents.end(), of.extents.begin() + of.coordinates, of.extents.end());
      weight += weights_[part.value];
    }
    if (share.extents.size() > kMostAxes || weight > kMostWeight) return kNone;
    const auto id = static_cast<Id>(values_.size());
    ids_.emplace(std::move(made), id);
    weights_.push_back(weight);
    values_.push_back(std::move(share));
    return id;
  }

  // Whether a part is the operand's own value, laid out like it.
  [[nodiscard]] bool is_operand(Id share, const Part& part) const {
    const auto& own = view(operands(values_[share].tensor)[part.operand]);
    return part.value == own.value && part.dims == own.dims;
  }

  // False where nothing is to be said, or something is said already.
  bool step(const Wider& wider) {
    std::uint32_t& by = values_[wider.value].apart;
    if (wider.by == kNone || by != kNone) return false;
    by = wider.by;
    return true;
  }

  std::vector<Wider> wider_than(Id id) {
    std::vector<Wider> found;
    if (!is_share(id)) {
      const auto in = in_sums_.find(id);
      for (std::size_t i = 0; in != in_sums_.end() && i < std::min(in->second.size(), kMostWider); ++i) {
        const auto [value, tensor] = in->second[i];
        const Dims &sum = view(sums_[value].result).dims, &term = view(tensor).dims;
        Wider wider{value, kNone, std::vector<std::uint16_t>(values_[id].coordinates)};
        bool fits = true;
        for (std::size_t d = 0; d < sum.size(); ++d) {
          fits = fits && sum[d].size() == term[d].size();
          for (std::size_t a = 0; fits && a < sum[d].size(); ++a) wider.axes[term[d][a]] = sum[d][a];
        }
        if (fits) found.push_back(std::move(wider));
      }
      return found;
    }
    const Value share = values_[id];  // the list grows
    std::vector<std::uint16_t> same(share.coordinates);
    std::iota(same.begin(), same.end(), std::uint16_t{0});
    const auto add = [&](Id value, Id by) {
      if (value != kNone) found.push_back({value, by, same});
    };
    for (std::size_t p = 0; p < share.parts.size(); ++p) {
      const Part& part = share.parts[p];
      if (is_operand(id, part)) {
        std::vector<Part> others = share.parts;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(p));
        if (adds(id)) {
          add(base(id), kNone);
        } else {
          add(others.empty() ? base(id) : number(share.tensor, others), part.operand);
        }
        continue;
      }
      for (const Wider& wider : wider_than(part.value)) {
        (void)step(wider);
        std::vector<Part> parts = share.parts;
        parts[p] = {part.operand, wider.value, mapped(part.dims, wider.axes)};
        add(number(share.tensor, std::move(parts)), part.operand);
      }
    }
    return found;
  }

  // By which operand every value above the share comes apart towards it.
  void find_steps(Id share) {
    std::vector<Id> queue{share};
    for (std::size_t i = 0; i < queue.size() && queue.size() < kMostSteps; ++i) {
      for (const Wider& wider : wider_than(queue[i])) {
        if (step(wider) && is_share(wider.value)) queue.push_back(wider.value);
      }
    }
  }

  // What a value, so laid out, comes apart into. Empty: it does not.
  std::vector<Term> terms_of(Id id, const Dims& dims) {
    const Value value = values_[id];  // the list grows
    std::vector<Term> terms;
    const auto add = [&](Id share, Dims laid) { terms.push_back({share, std::move(laid)}); };
    if (value.apart != kNone) {
      std::vector<Part> parts = value.parts;
      const auto at = std::ranges::lower_bound(parts, value.apart, {}, &Part::operand);
      const auto p = static_cast<std::size_t>(at - parts.begin());
      if (at != parts.end() && at->operand == value.apart) {
        for (Term& inner : terms_of(at->value, at->dims)) {
          parts[p] = {value.apart, inner.value, std::move(inner.dims)};
          add(number(value.tensor, parts), dims);
        }
      } else {
        const auto& own = view(operands(value.tensor)[value.apart]);
        parts.insert(at, {value.apart, own.value, own.dims});
        add(number(value.tensor, parts), dims);
      }
    } else if (const Sum* sum = is_share(id) ? nullptr : sum_of(id)) {
      const Dims& whole = view(sum->result).dims;
      for (std::size_t j = 0; j < sum->operands.size(); ++j) {
        const auto& own = view(sum->operands[j]);
        if (program_.shape(sum->operands[j]) != program_.shape(sum->result)) {
          add(number(sum->result, {{static_cast<std::uint32_t>(j), own.value, own.dims}}), dims);
          continue;
        }
        std::vector<std::uint16_t> to(value.coordinates);
        for (std::size_t d = 0; d < whole.size(); ++d) {
          for (std::size_t a = 0; a < std::min(whole[d].size(), own.dims[d].size()); ++a)
            to[whole[d][a]] = own.dims[d][a];
        }
        add(own.value, mapped(dims, to));
      }
    }
    return std::ranges::find(terms, kNone, &Term::value) == terms.end() ? terms : std::vector<Term>{};
  }

  // Behind what it is made of, and what it comes apart into.
  void put_in_order(Id id) {
    if (placed_[id]) return;
    placed_[id] = true;
    std::vector<Id> before;
    for (const Part& part : values_[id].parts) before.push_back(part.value);
    for (const Term& term : terms_of(id, {})) before.push_back(term.value);
    placed_.resize(values_.size());
    for (const Id earlier : before) put_in_order(earlier);
    order_.push_back(id);
  }

  void renumber() {
    std::vector<Id> to(values_.size(), kNone);
    std::vector<Value> ordered;
    for (const Id id : order_) {
      to[id] = static_cast<Id>(ordered.size());
      ordered.push_back(std::move(values_[id]));
      for (Part& part : ordered.back().parts) part.value = to[part.value];
    }
    values_ = std::move(ordered);
    for (auto& view : certificate_.views) view.value = to[view.value];
    for (auto& pattern : certificate_.patterns) pattern.value = to[pattern.value];
  }

  const Program& program_;
  LogicalCertificate& certificate_;
  std::vector<Value>& values_;
  std::vector<Id> made_by_;                               // per tensor: a node, or none
  std::vector<std::size_t> weights_;                      // per value: how many values it is made of
  std::map<Key, Id> ids_;                                 // of shares
  std::map<Id, Sum> sums_;                                // by the value of the result
  std::map<Id, std::vector<std::pair<Id, Id>>> in_sums_;  // by the value of an operand: sums and that operand
  std::vector<bool> placed_;                              // per value: in order_
  std::vector<Id> order_;
};

}  // namespace

void put_apart(const Reference& reference, LogicalCertificate& certificate) {
  Apart(reference, certificate).run();
}

}  // namespace cep::logical::calculus
