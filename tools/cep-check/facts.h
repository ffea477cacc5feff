// Facts: what the certificate says about memory, and which bytes of it still stand while the steps are followed in their order.
//
// Life     borrows workload, plan and proof. enter() and leave() are called once a step, in the certificate's order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cep/certificate.h"
#include "place.h"
#include "steps.h"

namespace cep_check {

class Facts {
 public:
  // Every list has its length, every position its target, every fact is well formed and made by one step, or was there at the
  // start because plan.inputs says so.
  //
  // Errors   CEP-CHECK-8, CEP-CHECK-2, CEP-CHECK-3.
  // Spec     CEP 7.2.
  [[nodiscard]] static acp::Result<Facts> check(const cep::Workload& workload, const cep::Plan& plan,
                                                const cep::Proved& proof);

  [[nodiscard]] const cep::Fact& operator[](std::uint32_t fact) const { return proof_->facts[fact]; }
  [[nodiscard]] const Place& place(std::uint32_t fact) const { return places_[fact]; }
  [[nodiscard]] const std::vector<std::uint32_t>& used(cep::StepId step) const { return proof_->used[step]; }
  [[nodiscard]] const std::vector<std::uint32_t>& made(cep::StepId step) const { return proof_->made[step]; }

  // The step is about to be followed: what it uses has been made.
  //
  // Errors   CEP-CHECK-8.
  // Spec     CEP 7.2.
  [[nodiscard]] acp::Status enter(cep::StepId step) const;
  // The step has been followed: what it wrote over is gone, what it made is there.
  void leave(cep::StepId step);

  // The fact has `box` of `tensor` exactly at `where`, and nothing was written there since it was made.
  [[nodiscard]] bool holds(std::uint32_t fact, cep::TensorId tensor, const cep::Box& box,
                           const Place& where) const;
  // What of `box` of `tensor`, at `where`, the candidates that `accept` takes do not vouch for together; and which of them do.
  struct Cover {
    std::vector<cep::Box> open;
    std::vector<std::uint32_t> by;
    bool stale = false;  // one would have, had it not been written over
  };
  template <typename Accept>
  [[nodiscard]] Cover cover(const std::vector<std::uint32_t>& candidates, cep::TensorId tensor,
                            const cep::Box& box, const Place& where, Accept accept) const {
    Cover out;
    if (!box.empty()) out.open.push_back(box);
    for (const std::uint32_t fact : candidates) {
      const cep::Slice& slice = proof_->facts[fact].slice;
      if (slice.tensor != tensor || slice.box.rank() != box.rank() || !accept(proof_->facts[fact].part))
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
  // Takes a box out of what is still open.
  static void remove(std::vector<cep::Box>& open, const cep::Box& box);
  // Every element of `where` is one of the fact's, whichever (for constants), and still stands.
  [[nodiscard]] bool encloses(std::uint32_t fact, const Place& where) const;
  // holds() would say yes, had nothing been written there since.
  [[nodiscard]] bool held(std::uint32_t fact, cep::TensorId tensor, const cep::Box& box,
                          const Place& where) const;

 private:
  void arrive(std::uint32_t fact);
  [[nodiscard]] bool intact(std::uint32_t fact, const Place& where) const;

  const cep::Plan* plan_ = nullptr;
  const cep::Proved* proof_ = nullptr;
  std::vector<Place> places_;
  std::vector<bool> there_;
  std::vector<std::vector<Place>> written_over_;  // per fact, since it was made
  struct Standing {
    std::multimap<std::int64_t, std::uint32_t> by_first_byte;
    std::int64_t longest = 0;
  };
  std::vector<Standing> arenas_;
};

}  // namespace cep_check
