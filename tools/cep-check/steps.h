// What the checks share about steps: what each reads and writes, and the order they run in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "acp/result.h"
#include "cep/plan.h"
#include "place.h"

namespace cep_check {

// Where a step's views lie. Of a compute, the seed stands last among the reads.
struct Touched {
  std::vector<Place> reads;
  std::vector<Place> writes;
};

[[nodiscard]] std::string item(std::string_view list, std::size_t i);  // "steps[3]"

// Every id resolves, every view lies in its buffer and every buffer in its arena, shapes and types agree, and a step touches only
// memory of its own device (a copy: of two devices, one of them its own). No step writes what it also touches otherwise, save an
// output exactly where its seed is. Per step, what it touches.
//
// Errors   CEP-CHECK-2, CEP-CHECK-3, CEP-CHECK-7.
// Spec     CEP 7.2.
[[nodiscard]] acp::Result<std::vector<Touched>> check_form(const cep::Workload& workload,
                                                           const cep::Plan& plan);
// The same for one slice, wherever it stands; box and view have the same shape.
//
// Errors   CEP-CHECK-2, CEP-CHECK-3.
// Spec     CEP 7.2.
[[nodiscard]] acp::Status check_slice(const cep::Workload& workload, const cep::Plan& plan,
                                      const cep::Slice& slice);

// Which steps are over, in every execution, before a step begins: of each queue, how many of its first ones.
class Happens {
 public:
  // Checks the order the certificate gives: every step once, queues in order, waits after the signals that satisfy them, one
  // signaller per timeline with ever larger values. Such an order exists only for a plan without deadlock.
  //
  // Errors   CEP-CHECK-4, CEP-CHECK-5, CEP-CHECK-17.
  // Spec     CEP 7.2.
  [[nodiscard]] static acp::Result<Happens> check(const cep::Plan& plan,
                                                  const std::vector<cep::StepId>& order);

  [[nodiscard]] bool before(cep::StepId a, cep::StepId b) const;
  [[nodiscard]] std::uint32_t position(cep::StepId step) const { return position_[step]; }

 private:
  std::vector<std::uint32_t> queue_;              // per step
  std::vector<std::uint32_t> number_;             // per step: how many steps of its queue precede it
  std::vector<std::uint32_t> position_;           // per step: place in the order
  std::vector<std::vector<std::uint32_t>> over_;  // per step, per queue
};

// Two steps that touch a common byte, one of them writing, are ordered.
//
// Errors   CEP-CHECK-6.
// Spec     CEP 7.2.
[[nodiscard]] acp::Status check_races(const cep::Plan& plan, const std::vector<Touched>& touched,
                                      const Happens& happens);

}  // namespace cep_check
