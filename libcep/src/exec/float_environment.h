// FloatEnvironment: the floating-point environment of numerics (to nearest even, subnormals kept) for a scope, and the thread's own
// one again after it.
#pragma once

#include <cfenv>

namespace cep::exec {

class FloatEnvironment {
 public:
  FloatEnvironment() {
    std::fegetenv(&saved_);
    // A library that left flush-to-zero on must not change results; the default environment has it off.
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatEnvironment() { std::fesetenv(&saved_); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  std::fenv_t saved_{};
};

}  // namespace cep::exec
