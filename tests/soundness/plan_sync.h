// Signals and waits for a plan whose steps, taken one after the other, are right: just enough that every two steps that touch the
// same bytes, one of them writing, keep their order.
#pragma once

#include "cep/plan.h"
#include "soundness/random_workload.h"

namespace cep::fuzz {

void synchronise(Plan& plan, Random& random);

}  // namespace cep::fuzz
