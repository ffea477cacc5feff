// The kinds of cases for an ACP device, one function a file.
//
// Spec     ACP 7.5.
#pragma once

#include "conformance/runner/case.h"

namespace conformance {

[[nodiscard]] Suite describe_kinds();   // describe.cc   T0 and T1: documents, devices, state
[[nodiscard]] Suite resource_kinds();   // resources.cc  T2: memories and timelines
[[nodiscard]] Suite queue_kinds();      // queues.cc     T2: order, waits, failures
[[nodiscard]] Suite canary_kinds();     // canaries.cc   what must be refused
[[nodiscard]] Suite unknown_kinds();    // unknowns.cc   codes that mean nothing, what a newer host adds
[[nodiscard]] Suite exact_kinds();      // exact.cc      what is exact whatever the contract
[[nodiscard]] Suite stability_kinds();  // stability.cc  run to run, batch, concurrency
[[nodiscard]] Suite
detector_kinds();  // detectors.cc  the terms of a numeric contract, one hand-made number each
[[nodiscard]] Suite swamping_kinds();  // swamping.cc   the order of a reduction, seen from outside
[[nodiscard]] Suite scalar_kinds();    // scalars.cc    every scalar operation over random and special numbers
[[nodiscard]] Suite operator_kinds();  // operators.cc  every case of every operator
[[nodiscard]] Suite random_kinds();    // random_programs.cc

// All of them, the cheapest and most telling first.
[[nodiscard]] Suite acp_suite();

}  // namespace conformance
