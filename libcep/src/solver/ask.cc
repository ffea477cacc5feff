// The only file that sees Z3.
#include <z3++.h>

#include <system_error>

#include "cep/solver.h"

namespace cep {

Answer ask(const std::string& text, std::uint32_t timeout_ms, std::uint32_t seed) {
  try {
    z3::context context;
    z3::solver solver(context);
    z3::params parameters(context);
    parameters.set("timeout", timeout_ms);
    parameters.set("random_seed", seed);
    parameters.set("arith.nl.delay", 0u);  // try products at once: ten times faster on these questions
    solver.set(parameters);
    solver.from_string(text.c_str());
    switch (solver.check()) {
      case z3::unsat: return Answer::kUnsat;
      case z3::sat: return Answer::kSat;
      default: return Answer::kUnknown;
    }
  } catch (const z3::exception&) {
    return Answer::kUnknown;  // a question the solver cannot read or finish is not proved
  } catch (const std::system_error&) {
    return Answer::kUnknown;  // what ends it in time is a thread of its own, and there was none to be had
  }
}

}  // namespace cep
