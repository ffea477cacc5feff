// Shares: what an operator that is linear in an operand makes of a part of it. They let a pending sum, or a term of a sum, pass.
#include <algorithm>

#include "reference.h"

namespace cep::logical::calculus {
namespace {

constexpr std::size_t kMostWholes = 64;

// Axes of `from`, each replaced by the one in the same place of `to`.
std::vector<AxisId> in_place(const std::vector<std::vector<AxisId>>& from,
                             const std::vector<std::vector<AxisId>>& to, std::size_t axes) {
  std::vector<AxisId> map(axes);
  for (std::size_t d = 0; d < from.size(); ++d) {
    for (std::size_t i = 0; i < from[d].size(); ++i) map[from[d][i]] = to[d][i];
  }
  return map;
}

}  // namespace

std::vector<std::vector<AxisId>> mapped(std::vector<std::vector<AxisId>> dims,
                                        const std::vector<AxisId>& map) {
  for (auto& dim : dims) {
    for (AxisId& axis : dim) axis = map[axis];
  }
  return dims;
}

std::vector<Whole> ReferenceValues::wholes(Id atom) const {
  std::vector<Whole> found{{atom, {}}};
  for (AxisId axis = 0; axis < atoms_[atom].coordinates; ++axis) found[0].axes.push_back(axis);
  const auto add = [&found](Id id, std::vector<AxisId> axes) {
    if (std::ranges::find(found, id, &Whole::atom) == found.end()) found.push_back({id, std::move(axes)});
  };
  for (std::size_t i = 0; i < found.size() && found.size() < kMostWholes; ++i) {
    const Whole part{found[i].atom, found[i].axes};  // the list grows
    if (atoms_[part.atom].base != part.atom) add(atoms_[part.atom].base, part.axes);
    const auto in = in_sums_.find(part.atom);
    if (in == in_sums_.end()) continue;
    for (const std::size_t s : in->second) {
      const View& result = sums_[s].result;
      const auto& terms = sums_[s].terms;
      const auto term = std::ranges::find(terms, part.atom, &View::atom);
      const auto as = in_place(result.dims, term->dims, atoms_[result.atom].coordinates);
      std::vector<AxisId> axes;
      axes.reserve(as.size());
      for (const AxisId axis : as) axes.push_back(part.axes[axis]);
      add(result.atom, std::move(axes));
    }
  }
  return found;
}

std::optional<Id> ReferenceValues::share(Id form, std::uint8_t result, std::vector<SharePart> parts) {
  const auto [known, added] = shares_.try_emplace({form, result, parts}, kNone);
  if (!added) return known->second == kNone ? std::nullopt : std::optional(known->second);
  Atom atom = atoms_[views_[forms_[form].results[result]].atom];
  for (const SharePart& part : parts) {
    const Atom& of = atoms_[part.atom];
    atom.weight += of.weight;
    atom.extents.insert(atom.extents.end(), of.extents.begin() + of.coordinates, of.extents.end());
  }
  if (atom.extents.size() > kMostAxes || atom.weight > kMostWeight) return std::nullopt;
  const auto id = static_cast<Id>(atoms_.size());
  known->second = id;
  atom.parts = std::move(parts);
  atoms_.push_back(std::move(atom));
  for (std::size_t p = 0; p < atoms_[id].parts.size(); ++p) {
    // Of what stands in the place of the operand; that may be a share, and a term of a sum of shares.
    for (const auto* sums : {&in_sums_, &in_share_sums_}) {
      const auto in = sums->find(atoms_[id].parts[p].atom);
      if (in == sums->end()) continue;
      for (const std::size_t sum : std::vector<std::size_t>(in->second)) register_parts(id, p, sum);
    }
  }
  return id;
}

// Whether a part is all of the operand whose place it takes, laid out like it.
bool ReferenceValues::stands_for_itself(const Atom& share, const SharePart& part) const {
  const View& view = views_[forms_[share.form].operands[part.operand]];
  return forms_[share.form].form.adds.empty() && part.atom == view.atom && part.dims == view.dims;
}

// The share with the sum in the place of one of its terms is the sum of the shares with each term there.
void ReferenceValues::register_parts(Id id, std::size_t p, std::size_t number) {
  const Atom& share_atom = atoms_[id];
  const ReferenceSum& sum = sums_[number];
  const Id operand = views_[forms_[share_atom.form].operands[share_atom.parts[p].operand]].atom;
  const auto leads_to = wholes(sum.result.atom);
  if (std::ranges::find(leads_to, operand, &Whole::atom) == leads_to.end()) return;
  const auto term = std::ranges::find(sum.terms, share_atom.parts[p].atom, &View::atom);
  const auto with = [&](const View& instead) {
    auto parts = share_atom.parts;
    parts[p].dims = mapped(
        parts[p].dims, in_place(term->dims, instead.dims, atoms_[share_atom.parts[p].atom].extents.size()));
    parts[p].atom = instead.atom;
    return parts;
  };
  auto whole = with(sum.result);
  if (!registered_.insert({share_atom.form, share_atom.result, number, whole}).second) return;
  View base = views_[forms_[share_atom.form].results[share_atom.result]];
  std::vector<View> terms;
  for (const View& each : sum.terms) {
    const auto one = share(share_atom.form, share_atom.result, with(each));
    if (!one) return;
    terms.push_back({each.factor, *one, base.dims});
  }
  if (stands_for_itself(share_atom, whole[p])) whole.erase(whole.begin() + static_cast<std::ptrdiff_t>(p));
  base.factor = sum.result.factor;
  if (!whole.empty()) {
    const auto made = share(share_atom.form, share_atom.result, std::move(whole));
    if (!made) return;
    base.atom = *made;
  }
  register_share_sum(terms, base);
}

void ReferenceValues::register_share_sum(const std::vector<View>& terms, const View& result) {
  for (const View& term : terms) in_share_sums_[term.atom].push_back(sums_.size());
  sums_.push_back({terms, result, kNone});
}

bool ReferenceValues::close(Id& id, std::vector<std::int64_t>& sizes, std::vector<Begin>& begins) {
  const Atom& share_atom = atoms_[id];
  const auto from = [](auto& list, std::size_t first) {
    return list.begin() + static_cast<std::ptrdiff_t>(first);
  };
  std::vector<std::int64_t> kept_sizes(sizes.begin(), from(sizes, share_atom.own));
  std::vector<Begin> kept_begins(begins.begin(), from(begins, share_atom.own));
  std::vector<SharePart> parts;
  bool changed = false;
  std::size_t next = share_atom.own;
  for (SharePart part : share_atom.parts) {
    const Atom& of = atoms_[part.atom];
    const std::size_t end = next + of.extents.size() - of.coordinates;
    // The part, with all of its coordinates.
    std::vector<std::int64_t> part_sizes(of.extents.begin(), of.extents.begin() + of.coordinates);
    std::vector<Begin> part_begins(of.coordinates);
    const AxisId coordinates = of.coordinates;
    part_sizes.insert(part_sizes.end(), from(sizes, next), from(sizes, end));
    part_begins.insert(part_begins.end(), from(begins, next), from(begins, end));
    next = end;
    changed = close(part.atom, part_sizes, part_begins) || changed;
    if (part_sizes == atoms_[part.atom].extents && stands_for_itself(share_atom, part)) {
      changed = true;
      continue;
    }
    kept_sizes.insert(kept_sizes.end(), from(part_sizes, coordinates), part_sizes.end());
    kept_begins.insert(kept_begins.end(), from(part_begins, coordinates), part_begins.end());
    parts.push_back(std::move(part));
  }
  if (!changed) return false;
  const auto closed = parts.empty() ? std::optional(share_atom.base)
                                    : share(share_atom.form, share_atom.result, std::move(parts));
  if (!closed) return false;
  id = *closed;
  sizes = std::move(kept_sizes);
  begins = std::move(kept_begins);
  return true;
}

std::vector<const ReferenceSum*> ReferenceValues::share_sums(Id share) const {
  std::vector<const ReferenceSum*> found;
  const auto at = in_share_sums_.find(share);
  if (at == in_share_sums_.end()) return found;
  for (const std::size_t i : at->second) found.push_back(&sums_[i]);
  return found;
}

const std::vector<Id>& ReferenceValues::adding_forms() {
  if (adding_) return *adding_;
  adding_.emplace();
  for (Id f = 0; f < forms_.size(); ++f) {
    const ReferenceForm& made = forms_[f];
    if (made.form.adds.empty()) continue;
    const View result = views_[made.results[0]];
    std::vector<View> terms;
    for (std::size_t j = 0; j < made.operands.size(); ++j) {
      View term = views_[made.operands[j]];
      if (made.form.operands[j] != made.form.results[0].dims) {
        const auto stretched =
            share(f, 0, {{.operand = static_cast<std::uint8_t>(j), .atom = term.atom, .dims = term.dims}});
        if (!stretched) break;
        term = {kOne, *stretched, result.dims};
      }
      const auto factor = times(term.factor, {made.form.adds[j], 1});
      if (!factor) break;
      term.factor = *factor;
      terms.push_back(std::move(term));
    }
    if (terms.size() != made.operands.size()) continue;
    adding_->push_back(f);
    if (auto flat = flattened(terms); flat.size() > 1) register_share_sum(flat, result);
    register_share_sum(terms, result);
    for (const View& term : terms) in_sums_[term.atom].push_back(sums_.size());
    sums_.push_back({std::move(terms), result, kNone});
  }
  return *adding_;
}

}  // namespace cep::logical::calculus
