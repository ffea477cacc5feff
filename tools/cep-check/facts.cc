#include "facts.h"

#include <algorithm>

namespace cep_check {

namespace {

using cep::Fact;
using cep::kNoId;
using cep::Part;

acp::Error bad(std::string path, const char* why) {
  return acp::invalid("CEP-CHECK-8", std::move(path), why);
}

// A field that says nothing about a part of this kind has one value, so that a part has one spelling.
bool spelled_once(const Part& part) {
  const bool sum = part.kind == Part::Kind::kSum;
  const bool node = sum && part.state == Part::State::kTreeNode;
  const bool placed = node || (sum && part.state == Part::State::kPrefix);
  if (!sum && (part.state != Part::State::kUnordered || part.has_init || !part.ranges.empty())) return false;
  return (node || part.span == 0) && (placed || part.position == 0) &&
         (part.kind == Part::Kind::kConstant || part.bits == 0);
}

// Some input of the plan puts exactly this there.
bool given(const cep::Workload& workload, const cep::Plan& plan, const Fact& fact, const Place& place) {
  if (fact.part.kind != Part::Kind::kWhole || fact.grade != cep::Grade::kBitwise) return false;
  if (workload.tensors[fact.slice.tensor].kind == cep::TensorKind::kValue) return false;
  return std::any_of(plan.inputs.begin(), plan.inputs.end(), [&](const cep::Slice& input) {
    return input.tensor == fact.slice.tensor && input.box.contains(fact.slice.box) &&
           same_elements(part_of(place_of(plan, input.view), input.box, fact.slice.box), place);
  });
}

acp::Status check_fact(const cep::Workload& workload, const cep::Plan& plan, const Fact& fact) {
  ACP_CHECK(check_slice(workload, plan, fact.slice));
  const bool constant = fact.part.kind == Part::Kind::kConstant;
  if (constant != (fact.slice.tensor == kNoId))
    return bad("slice.tensor", "a constant belongs to no tensor, all else to one");
  if (!spelled_once(fact.part)) return bad("part", "a field that does not belong to this kind of part");
  if (fact.step != kNoId && fact.step >= plan.steps.size()) return bad("step", "no such step");
  if (fact.step == kNoId && (constant || !given(workload, plan, fact, place_of(plan, fact.slice.view))))
    return bad("step", "not among the plan's inputs, and no step made it");
  return acp::ok();
}

}  // namespace

acp::Result<Facts> Facts::check(const cep::Workload& workload, const cep::Plan& plan,
                                const cep::Proved& proof) {
  Facts out;
  out.proof_ = &proof;
  if (proof.used.size() != plan.steps.size() || proof.made.size() != plan.steps.size())
    return bad("proof.used", "not one list a step");
  for (std::size_t i = 0; i < proof.facts.size(); ++i) {
    auto status = check_fact(workload, plan, proof.facts[i]);
    if (!status) return acp::at(item("proof.facts", i), std::move(status).error());
    out.places_.push_back(place_of(plan, proof.facts[i].slice.view));
  }
  std::vector<bool> listed(proof.facts.size(), false);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    for (const std::uint32_t fact : proof.made[s]) {
      if (fact >= proof.facts.size() || listed[fact] || proof.facts[fact].step != s)
        return bad(item("proof.made", s), "no such fact, one listed twice, or another step's");
      listed[fact] = true;
    }
    for (const std::uint32_t fact : proof.used[s]) {
      if (fact >= proof.facts.size()) return bad(item("proof.used", s), "no such fact");
    }
  }
  out.there_.assign(proof.facts.size(), false);
  out.written_over_.resize(proof.facts.size());
  out.arenas_.resize(plan.arenas.size());
  for (std::uint32_t fact = 0; fact < proof.facts.size(); ++fact) {
    if (proof.facts[fact].step == kNoId) {
      out.arrive(fact);
    } else if (!listed[fact]) {
      return bad(item("proof.facts", fact), "not among what its step made");
    }
  }
  return out;
}

void Facts::arrive(std::uint32_t fact) {
  there_[fact] = true;
  const ByteRange hull = hull_of(places_[fact]);
  Standing& arena = arenas_[places_[fact].arena];
  arena.by_first_byte.emplace(hull.lo, fact);
  arena.longest = std::max(arena.longest, hull.hi - hull.lo);
}

acp::Status Facts::enter(cep::StepId step) const {
  for (const std::uint32_t fact : used(step)) {
    if (!there_[fact]) return bad(item("proof.used", step), "a fact that was not made before");
  }
  return acp::ok();
}

void Facts::leave(cep::StepId step, const std::vector<Place>& writes) {
  for (const Place& written : writes) {
    const ByteRange hull = hull_of(written);
    Standing& arena = arenas_[written.arena];
    const auto end = arena.by_first_byte.lower_bound(hull.hi);
    for (auto at = arena.by_first_byte.lower_bound(hull.lo - arena.longest); at != end;) {
      const std::uint32_t fact = at->second;
      if (!overlap(written, places_[fact])) {
        ++at;
        continue;
      }
      written_over_[fact].push_back(written);
      // Written over from end to end: no later write can matter any more.
      at = same_elements(written, places_[fact]) ? arena.by_first_byte.erase(at) : std::next(at);
    }
  }
  for (const std::uint32_t fact : made(step)) arrive(fact);
}

bool Facts::intact(std::uint32_t fact, const Place& where) const {
  return std::ranges::none_of(written_over_[fact], [&](const Place& write) { return overlap(write, where); });
}

bool Facts::held(std::uint32_t fact, cep::TensorId tensor, const cep::Box& box, const Place& where) const {
  const cep::Slice& slice = proof_->facts[fact].slice;
  return slice.tensor == tensor && slice.box.rank() == box.rank() && slice.box.contains(box) &&
         same_elements(part_of(places_[fact], slice.box, box), where);
}

Facts::Cover Facts::cover(const std::vector<std::uint32_t>& candidates, cep::TensorId tensor,
                          const cep::Box& box, const Place& where, Part::Kind kind) const {
  Cover out;
  if (!box.empty()) out.open.push_back(box);
  for (const std::uint32_t fact : candidates) {
    const cep::Slice& slice = proof_->facts[fact].slice;
    if (slice.tensor != tensor || slice.box.rank() != box.rank() || proof_->facts[fact].part.kind != kind)
      continue;
    const cep::Box shared = cep::intersect(slice.box, box);
    const Place at = part_of(where, box, shared);
    if (shared.empty() || !held(fact, tensor, shared, at)) continue;
    if (intact(fact, at)) {
      out.by.push_back(fact);
      remove(out.open, shared);
    } else {
      out.stale = true;
    }
  }
  return out;
}

void Facts::remove(std::vector<cep::Box>& open, const cep::Box& box) {
  std::vector<cep::Box> rest;
  for (const cep::Box& piece : open) {
    for (cep::Box& part : cep::subtract(piece, box)) {
      if (!part.empty()) rest.push_back(std::move(part));
    }
  }
  open = std::move(rest);
}

bool Facts::encloses(std::uint32_t fact, const Place& where) const {
  const Place& own = places_[fact];
  return injective(own) && came_from(where, own, own).has_value() && intact(fact, where);
}

}  // namespace cep_check
