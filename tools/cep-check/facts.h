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
  void leave(cep::StepId step, const std::vector<Place>& writes);

  // The fact had `box` of `tensor` exactly at `where` when it was made; and nothing was written there since.
  [[nodiscard]] bool held(std::uint32_t fact, cep::TensorId tensor, const cep::Box& box,
                          const Place& where) const;
  [[nodiscard]] bool intact(std::uint32_t fact, const Place& where) const;
  // What of `box` of `tensor`, at `where`, the candidates with this kind of part do not vouch for together; and which of them do.
  struct Cover {
    std::vector<cep::Box> open;
    std::vector<std::uint32_t> by;
    bool stale = false;  // one would have, had it not been written over
  };
  [[nodiscard]] Cover cover(const std::vector<std::uint32_t>& candidates, cep::TensorId tensor,
                            const cep::Box& box, const Place& where, cep::Part::Kind kind) const;
  // Takes a box out of what is still open.
  static void remove(std::vector<cep::Box>& open, const cep::Box& box);
  // Every element of `where` is one of the fact's, whichever (for constants), and still stands.
  [[nodiscard]] bool encloses(std::uint32_t fact, const Place& where) const;

 private:
  void arrive(std::uint32_t fact);

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
