// A shim around a shim: every slot forwards, but for those that a mutant replaces.
#pragma once

#include <string>

#include "acp/shim.h"
#include "conformance/mutants/mutants.h"

namespace conformance {

// What `self` points to in a wrapped shim. Must outlive it.
struct Wrapped {
  acp_shim inner{};
  const Mutant* mutant = nullptr;
  std::string document;             // JSON, when the mutant changes it
  std::size_t submissions = 0;      // so far
  acp_queue* last_queue = nullptr;  // that anything was submitted to
};

[[nodiscard]] inline Wrapped& wrapped(void* self) { return *static_cast<Wrapped*>(self); }

// A table whose slots forward to wrapped.inner, as far as it offers them.
[[nodiscard]] acp_shim forwarding(Wrapped& wrapped);

}  // namespace conformance
