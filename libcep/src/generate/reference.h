// The reference: one device, no partition.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "generate/layers.h"

namespace cep::logical {

// What a plan has to know of the reference.
struct Named {
  std::vector<Id> tokens, rotary, results;  // by step
  Id seed = kNone;
  std::map<std::string, Id> weights, gradients;
  std::map<std::int64_t, Cache> given, left;  // by layer: before the first step, after the last
};

// Of `asked` only the kind of step matters.
[[nodiscard]] Named write_reference(const LlamaShape& shape, const Partition& asked, Reference& reference);

}  // namespace cep::logical
