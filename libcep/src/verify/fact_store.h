// Facts and where they live: what the bytes of every arena are known to hold, at one moment of the abstract run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "verify/analysis.h"

namespace cep {

using FactId = std::uint32_t;

// Part of a view that a fact speaks of: `at` in the view's own coordinates, `box` in those of the fact's tensor.
struct Sighting {
  FactId fact = 0;
  Box at;
  Box box;
};

class FactStore {
 public:
  explicit FactStore(const Plan& plan) : plan_(plan), live_(plan.arenas.size()) {}

  // Forgets every fact that shares a byte with the footprint.
  void kill(const Footprint& written);
  FactId add(Fact fact);

  // The live facts that show, together, that `view` holds `box` of `tensor`; empty, and what is missing, when they do not. A fact
  // counts when it agrees on the address of every element (rule view.axis) and satisfies `accept`.
  struct Cover {
    bool complete = false;
    std::vector<FactId> facts;
    Box missing;
  };
  template <typename Accept>
  Cover cover(TensorId tensor, const Box& box, const View& view, Accept accept) const {
    Cover out;
    std::vector<Box> open = {box};
    for (const FactId id : touching(footprint(plan_, view))) {
      const Fact& fact = facts_[id];
      if (fact.slice.tensor != tensor || !accept(fact) || !same_addresses(fact.slice, box, view)) continue;
      std::vector<Box> rest;
      bool used = false;
      for (const Box& part : open) {
        used = used || !intersect(part, fact.slice.box).empty();
        for (Box& piece : subtract(part, fact.slice.box)) rest.push_back(std::move(piece));
      }
      if (used) out.facts.push_back(id);
      open = std::move(rest);
      // A hostile plan must not shred a box into ever more pieces.
      if (open.empty() || open.size() > kMaxPieces) break;
    }
    out.complete = open.empty();
    if (!open.empty()) out.missing = open.front();
    return out;
  }

  // Every live fact about elements of the view, whatever tensor it names.
  [[nodiscard]] std::vector<Sighting> sightings(const View& view) const;

  [[nodiscard]] const Fact& fact(FactId id) const { return facts_[id]; }
  [[nodiscard]] std::vector<Fact> take() && { return std::move(facts_); }
  // For messages: what is known about the bytes of a view.
  [[nodiscard]] std::string describe(const Workload& workload, const View& view) const;

 private:
  static constexpr std::size_t kMaxPieces = 4096;
  // The live facts of one arena by where they begin, in classes of length: class c holds those shorter than 2^c bytes, so a search
  // in it starts at most that far back, and what it passes there it nearly always finds.
  using Live = std::map<int, std::multimap<std::int64_t, FactId>>;
  [[nodiscard]] std::vector<FactId> touching(const Footprint& bytes) const;
  [[nodiscard]] bool same_addresses(const Slice& fact, const Box& box, const View& view) const;
  [[nodiscard]] std::int64_t address(const View& view) const;

  const Plan& plan_;
  std::vector<Live> live_;
  std::vector<Fact> facts_;
  std::vector<Footprint> bytes_;
};

}  // namespace cep
