// Shares of values: that those of the certificate are what they are called, and how a value comes apart into its shares.
//
// Two sums with shares in them are compared by taking the larger values apart until both are of the same ones. Each step is an identity:
// a value is the share with one of its operands in that operand's place, summed over what that operand sums; a sum in the place of an
// operand is the sum of its terms there; a sum of stretched operands is what each of them contributes.
#include <algorithm>

#include "tools/cep-check/logical/reference.h"

namespace cep_check::logical {

namespace {

constexpr std::size_t kMostSteps = 4096;
constexpr std::size_t kMostParents = 256;
constexpr std::size_t kMostWeight = 64;

// Whole axes put in before axis `at`.
void insert_axes(Piece& piece, std::size_t at, std::span<const std::int64_t> extents) {
  bounded(piece.axes + extents.size(), kMaxAxes, kTooLong);
  for (std::size_t a = piece.axes; a-- > at;) {
    piece.sizes[a + extents.size()] = piece.sizes[a];
    piece.begins[a + extents.size()] = piece.begins[a];
  }
  for (std::size_t i = 0; i < extents.size(); ++i) {
    piece.sizes[at + i] = extents[i];
    piece.begins[at + i] = {};
  }
  piece.axes = static_cast<std::uint8_t>(piece.axes + extents.size());
}

Share::Part part_of(std::size_t operand, const Piece& laid) {
  Share::Part part{operand, laid.value, {}};
  for (std::size_t d = 0; d < laid.rank; ++d) part.dims.emplace_back(laid.dim(d).begin(), laid.dim(d).end());
  return part;
}

}  // namespace

// ---- The certificate's shares ----

void Reference::check_shares() {
  shares_.resize(certificate_.values.size());
  weights_.assign(certificate_.values.size(), 1);
  for (Id id = 0; id < certificate_.values.size(); ++id) {
    const auto& value = certificate_.values[id];
    if (value.parts.empty()) continue;
    Share share{value.tensor, {}};
    for (const auto& part : value.parts) share.parts.push_back({part.operand, part.value, part.dims});
    check_share(id, share);
    share_ids_.emplace(share, id);
    std::vector<std::pair<std::size_t, Id>> of;
    for (const Share::Part& part : share.parts) of.emplace_back(part.operand, part.value);
    shares_of_[{share.tensor, of}].push_back(id);
    shares_[id] = std::move(share);
    defined_[id] = true;
  }
}

void Reference::check_share(Id id, const Share& share) {
  const auto& mine = certificate_.values[id];
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("values", id), what); };
  const auto [node, output] = maker_[share.tensor];
  if (node == kNone || recipes_[node].results.empty() || !defines(share.tensor)) {
    no("a share of what no operator with a form makes first");
  }
  const Recipe& recipe = recipes_[node];
  const auto& base = value(views_[share.tensor].value);
  const auto in = program_.inputs(program_.nodes[node]);
  std::vector<std::int64_t> extents = base.extents;
  if (!recipe.adds.empty() && share.parts.size() != 1) no("of a sum, what one operand contributes");
  for (std::size_t p = 0; p < share.parts.size(); ++p) {
    const Share::Part& part = share.parts[p];
    if (part.operand >= in.size() || (p > 0 && part.operand <= share.parts[p - 1].operand))
      no("no operand, or not in their order");
    if (part.value >= id || !defined_[part.value]) no("a part that is no earlier value");
    if (recipe.adds.empty() && (recipe.results[output].scales >> part.operand & 1) == 0)
      no("of an operator that is not linear in the operand");
    const auto& its = value(part.value);
    const Piece& view = views_[in[part.operand]];
    weights_[id] += weights_[part.value];
    if (element(part.value) != program_.tensors[in[part.operand]].element || part.dims.size() != view.rank)
      no("a part of another element or rank than the operand");
    std::vector<bool> seen(its.coordinates);
    std::size_t axes = 0;
    for (std::size_t d = 0; d < view.rank; ++d) {
      const auto dim = view.dim(d);
      if (part.dims[d].size() != dim.size()) no("a part that is cut otherwise than the operand");
      for (std::size_t i = 0; i < dim.size(); ++i, ++axes) {
        const std::uint16_t axis = part.dims[d][i];
        if (axis >= seen.size() || seen[axis] || its.extents[axis] != view.sizes[dim[i]])
          no("a part that is cut otherwise than the operand");
        seen[axis] = true;
      }
    }
    if (axes != seen.size()) no("a part with a coordinate that the operand has not");
    extents.insert(extents.end(), its.extents.begin() + its.coordinates, its.extents.end());
  }
  bounded(weights_[id], kMostWeight, "a share made of more than 64 values");
  if (mine.coordinates != base.coordinates || mine.extents != extents)
    no("other axes than those of the value, and then of the parts");
}

std::span<const Id> Reference::shares_of(Id tensor,
                                         const std::vector<std::pair<std::size_t, Id>>& parts) const {
  const auto at = shares_of_.find({tensor, parts});
  return at == shares_of_.end() ? std::span<const Id>() : std::span<const Id>(at->second);
}

// ---- Taking apart ----

// A number for a share; those that the certificate does not have get numbers behind its values.
Id Reference::number(Share share) const {
  const auto [at, added] = share_ids_.emplace(std::move(share), static_cast<Id>(shares_.size()));
  if (added) shares_.push_back(at->first);
  return at->second;
}

bool Reference::is_share(Id id) const { return id < shares_.size() && !shares_[id].parts.empty(); }

Id Reference::base(Id id) const { return is_share(id) ? views_[shares_[id].tensor].value : id; }

std::vector<std::int64_t> Reference::reduced(Id id) const {
  const auto& own = value(base(id));
  std::vector<std::int64_t> extents(own.extents.begin() + own.coordinates, own.extents.end());
  if (!is_share(id)) return extents;
  for (const Share::Part& part : shares_[id].parts) {
    const auto more = reduced(part.value);
    extents.insert(extents.end(), more.begin(), more.end());
  }
  return extents;
}

// The operand's own value, all of it, as the node takes it.
bool Reference::is_operand(Id tensor, const Share::Part& part) const {
  const Id node = maker_[tensor].node;
  if (!recipes_[node].adds.empty()) return false;
  return part == part_of(part.operand, views_[program_.inputs(program_.nodes[node])[part.operand]]);
}

// Values that come apart into this one, each with its step, and how this one's coordinates lie in it.
std::vector<Reference::Parent> Reference::parents(Id id) const {
  std::vector<Parent> found;
  const auto alike = [&](Id parent, Step step) {
    found.push_back({parent, step, {}});
    for (std::size_t a = 0; a < value(base(id)).coordinates; ++a)
      found.back().axes.push_back(static_cast<std::uint8_t>(a));
  };
  if (is_share(id)) {
    const Share share = shares_[id];
    for (std::size_t p = 0; p < share.parts.size(); ++p) {
      Share without = share;
      without.parts.erase(without.parts.begin() + static_cast<std::ptrdiff_t>(p));
      if (is_operand(share.tensor, share.parts[p])) {
        alike(without.parts.empty() ? base(id) : number(without),
              {Step::Kind::kOpen, share.parts[p].operand});
      }
      for (const Parent& wider : parents(share.parts[p].value)) {
        Share with = share;
        with.parts[p].value = wider.value;
        for (auto& dim : with.parts[p].dims) {
          for (auto& axis : dim) axis = wider.axes[axis];
        }
        steps_.try_emplace(wider.value, wider.step);
        alike(number(std::move(with)), {Step::Kind::kWithin, p});
      }
    }
    const Id node = maker_[share.tensor].node;
    const auto operand = program_.inputs(program_.nodes[node])[share.parts[0].operand];
    if (!recipes_[node].adds.empty() && share.parts[0] == part_of(share.parts[0].operand, views_[operand]))
      alike(base(id), {Step::Kind::kAdd, 0});
    return found;
  }
  const auto in = in_sums_.find(id);
  if (in == in_sums_.end()) return found;
  for (const auto& [node, operand] : in->second) {
    if (found.size() == kMostParents) break;
    const Piece& whole = views_[program_.outputs(program_.nodes[node])[0]];
    const Piece& term = views_[program_.inputs(program_.nodes[node])[operand]];
    if (whole.rank != term.rank) continue;
    Parent parent{whole.value, {Step::Kind::kAdd, 0}, std::vector<std::uint8_t>(term.coordinates)};
    bool fits = true;
    for (std::size_t d = 0; d < whole.rank; ++d) {
      fits = fits && whole.dim(d).size() == term.dim(d).size();
      for (std::size_t i = 0; fits && i < whole.dim(d).size(); ++i)
        parent.axes[term.dim(d)[i]] = whole.dim(d)[i];
    }
    if (fits) found.push_back(std::move(parent));
  }
  return found;
}

// The first step from every value above the target towards it.
void Reference::find_steps(Id target) const {
  std::vector<Id> queue{target};
  for (std::size_t i = 0; i < queue.size() && queue.size() < kMostSteps; ++i) {
    for (const Parent& parent : parents(queue[i])) {
      if (steps_.try_emplace(parent.value, parent.step).second && is_share(parent.value))
        queue.push_back(parent.value);
    }
  }
}

// One step. False where none leads to a target, or the piece is only part of what comes apart.
bool Reference::apart(const Piece& piece, Pieces& out) const {
  const auto at = steps_.find(piece.value);
  if (at == steps_.end())
    return sums_[base(piece.value)] != kNone && !is_share(piece.value) &&
           by_terms(piece, sums_[piece.value], out);
  const Step step = at->second;
  switch (step.kind) {
    case Step::Kind::kOpen: return open(piece, step.which, out);
    case Step::Kind::kWithin: return apart_within(piece, step.which, out);
    case Step::Kind::kAdd: break;
  }
  const Id node = maker_[value(piece.value).tensor].node;
  if (!recipes_[node].adds.empty()) return stretched_terms(piece, node, out);
  return by_terms(piece, node, out);
}

// The operand's own value in its place, summed over all that it sums.
bool Reference::open(const Piece& piece, std::size_t operand, Pieces& out) const {
  const Id own = base(piece.value);
  Share share = is_share(piece.value) ? shares_[piece.value] : Share{value(own).tensor, {}};
  const Piece& view = views_[program_.inputs(program_.nodes[maker_[share.tensor].node])[operand]];
  std::size_t axis = value(own).extents.size(), p = 0;
  for (; p < share.parts.size() && share.parts[p].operand < operand; ++p)
    axis += reduced(share.parts[p].value).size();
  share.parts.insert(share.parts.begin() + static_cast<std::ptrdiff_t>(p), part_of(operand, view));
  Piece opened = piece;
  insert_axes(opened, axis, reduced(view.value));
  opened.value = number(std::move(share));
  out.push_back(opened);
  return true;
}

// A part of a share, taken apart in its place.
bool Reference::apart_within(const Piece& piece, std::size_t which, Pieces& out) const {
  const Share share = shares_[piece.value];
  const Share::Part& part = share.parts[which];
  std::size_t first = value(base(piece.value)).extents.size();
  for (std::size_t p = 0; p < which; ++p) first += reduced(share.parts[p].value).size();
  const std::vector<std::int64_t> axes = reduced(part.value);
  const auto& of = value(base(part.value));
  // The part by itself: its coordinates whole, its sum as far as the piece has it.
  bounded(of.coordinates + axes.size(), kMaxAxes, kTooLong);
  Piece alone;
  alone.value = part.value;
  alone.coordinates = static_cast<std::uint8_t>(of.coordinates);
  alone.axes = static_cast<std::uint8_t>(of.coordinates + axes.size());
  alone.rank = static_cast<std::uint8_t>(part.dims.size());
  std::copy_n(of.extents.begin(), of.coordinates, alone.sizes.begin());
  std::uint8_t end = 0;
  for (std::size_t d = 0; d < part.dims.size(); ++d) {
    for (const auto axis : part.dims[d]) alone.order[end++] = static_cast<std::uint8_t>(axis);
    alone.ends[d] = end;
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    alone.sizes[of.coordinates + i] = piece.sizes[first + i];
    alone.begins[of.coordinates + i] = piece.begins[first + i];
  }
  Pieces terms;
  if (!apart(alone, terms)) return false;
  for (const Piece& term : terms) {
    Share with = share;
    with.parts[which] = part_of(part.operand, term);
    Piece made = piece;
    made.factor = piece.factor * term.factor;
    made.axes = static_cast<std::uint8_t>(first);
    for (std::size_t a = term.coordinates; a < term.axes; ++a) add_axis(made, term.sizes[a], term.begins[a]);
    for (std::size_t a = first + axes.size(); a < piece.axes; ++a)
      add_axis(made, piece.sizes[a], piece.begins[a]);
    made.value = number(std::move(with));
    out.push_back(made);
  }
  return true;
}

// A sum of stretched operands: each of full shape by itself, of each other what it contributes.
bool Reference::stretched_terms(const Piece& piece, Id node, Pieces& out) const {
  const lp::Node& sum = program_.nodes[node];
  const Id result = program_.outputs(sum)[0];
  const Piece& whole = views_[result];
  const auto in = program_.inputs(sum);
  for (std::size_t j = 0; j < in.size(); ++j) {
    const Piece& view = views_[in[j]];
    Piece part = piece;
    if (program_.shape(in[j]) != program_.shape(result)) {
      part.factor = piece.factor / whole.factor;
      insert_axes(part, part.axes, reduced(view.value));
      part.value = number({result, {part_of(j, view)}});
    } else if (!read_as(piece, whole, view, part)) {
      refuse("CEP-LCHK-3", item("reference.nodes", node), "a sum that is cut otherwise than its operands");
    }
    part.factor = part.factor * fraction(recipes_[node].adds[j], 1);
    out.push_back(part);
  }
  return true;
}

// Both sums taken apart towards the shares in either.
bool Reference::same_shares(Pieces a, Pieces b) const {
  bool any = false;
  for (const Pieces* side : {&a, &b}) {
    for (const Piece& piece : *side) {
      if (!is_share(piece.value)) continue;
      any = true;
      if (searched_.insert(piece.value).second) find_steps(piece.value);
    }
  }
  if (!any) return false;
  for (Pieces* side : {&a, &b}) {
    Pieces done;
    while (!side->empty()) {
      const Piece piece = side->back();
      side->pop_back();
      if (!apart(piece, *side)) done.push_back(piece);
      bounded(side->size() + done.size(), kMaxPieces, kTooMany);
    }
    *side = std::move(done);
  }
  return same_sum(a, b);
}

}  // namespace cep_check::logical
