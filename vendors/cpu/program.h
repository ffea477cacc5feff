// A compiled region program: nests lowered to phases, and the stages around them.
//
// Life     read-only once made; any number of queues may run it at the same time.
#pragma once

#include <memory>
#include <vector>

#include "acp/shim.h"
#include "contract.h"
#include "phase.h"
#include "scratch.h"
#include "worker_pool.h"

namespace acp_cpu {

inline constexpr std::uint32_t kNoSlot = 0xffffffffu;

struct Store {
  std::uint32_t operand = 0;
  std::uint32_t element_bytes = 0;
  std::uint32_t offset_row = 0;
  Value value;
};

struct Nest {
  std::uint32_t parallel = 0;  // iterators 0 .. parallel-1; the others reduce
  std::vector<acp_iter> iters;
  std::vector<acp_iter> box;     // the same, but only digits that k_begin .. k_end-1 reach
  std::uint32_t strip_axis = 0;  // an iterator, or `parallel` when there is none
  std::int64_t k_begin = 0;
  std::int64_t k_end = 0;
  std::uint8_t combiner = 0;
  std::uint8_t order = 0;
  std::uint8_t dtype = 0;  // of the accumulator
  std::int64_t block = 0;
  bool has_init = false;
  bool fma_run = false;  // the body is two plain reads, see reduce.cc
  Value init, body_a, body_b;
  std::uint32_t acc_slot = kNoSlot;  // of ACC, where the write values use it
  Phase init_phase, body, writes;
  std::vector<Store> stores;
  std::vector<Constant> constants;
  std::uint32_t slot_count = 0;
  std::optional<Contraction> contraction;
};

// A scalar of a loop: a phase without iterators, and the value it leaves.
struct LoopScalar {
  Nest nest;
  Value value;
};
struct Loop {
  LoopScalar trips;
  LoopScalar condition;
  bool has_condition = false;
  std::int64_t max_trips = 0;
  std::uint32_t end_stage = 0;
};

struct Operand {
  std::uint8_t role = 0;
  std::uint32_t slot = 0;
  std::int64_t before_bytes = 0;  // a temporary's bytes before and from the window's origin on
  std::int64_t after_bytes = 0;
};

struct Program {
  std::vector<Operand> operands;
  std::vector<Nest> nests;  // one per NEST stage, in the order of stages
  std::vector<Loop> loops;
  std::vector<acp_stage> stages;  // index of a NEST stage: into nests
  std::uint32_t input_count = 0;
  const KernelTable* kernels = nullptr;
};

// Makes iterators of one point vanish and joins neighbours that move alike. Returns, for every parallel iterator left, the one it was (the
// innermost of those joined). Leaves a nest with an empty iterator as it is.
std::vector<std::uint32_t> collapse(Nest& nest);

// The region has passed kit_region_check. May throw std::bad_alloc.
std::unique_ptr<Program> lower(const acp_region& region, const KernelTable& kernels);

// One launch; bindings are inputs, then outputs. May throw std::bad_alloc before anything has run.
//
// Errors   CEP-REG-7 a read outside its window; CEP-REG-8 more trips than max_trips.
std::uint16_t run(const Program& program, unsigned char* const* bindings, WorkerPool& pool,
                  ScratchStore& scratch, acp_status* status);

}  // namespace acp_cpu
