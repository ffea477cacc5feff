// How an operator's results stand to the shares of a batch, when its operands do.
//
// Spec     CEP 11.11.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cep/batch.h"
#include "cep/logical_forms.h"

namespace cep::logical::batch {

struct Fault {
  const char* id;
  std::string message;
};

// An application of an operator: the shapes and types of its operands and results.
struct Application {
  const Operation& operation;
  std::vector<Typed> inputs, outputs;
  std::uint32_t infinite = 0;  // operands, as bits, that may hold minus infinity
};

// Why      shapes are looked at as they are and `factor` times as long; what holds there holds for every number of samples, because
//          `factor` is larger than every length: two lengths are equal there only if they are for any number.
[[nodiscard]] std::variant<std::vector<Batched>, Fault> share(const Application& application,
                                                              std::span<const Batched> operands,
                                                              std::int64_t factor);

// Whether a tensor of this shape can be shared so.
[[nodiscard]] bool fits(const Shape& shape, const Batched& how);
[[nodiscard]] Shape stretched(Shape shape, const Batched& how, std::int64_t times);

}  // namespace cep::logical::batch
