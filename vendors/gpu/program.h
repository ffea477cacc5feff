// A compiled region program: kernels, and the stages around them.
//
// Threads  any number of queues may run it at the same time.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "device.h"
#include "kernel_source.h"
#include "kit/kit.h"

namespace acp_gpu {

// Text and plans of a whole region: what compile makes before it asks the device's compiler.
struct Source {
  struct Loop {
    KernelPlan trips, condition;
    bool has_condition = false;
    std::int64_t max_trips = 0;
    std::uint32_t end_stage = 0;
  };
  struct Operand {
    std::uint8_t role = 0;
    std::uint32_t slot = 0;
    std::uint64_t arena_offset = 0;  // of a temporary's origin
  };

  std::string text;
  std::vector<KernelPlan>
      nests;  // one a NEST stage, in the order of stages; without a name where nothing is to run
  std::vector<Loop> loops;
  std::vector<acp_stage> stages;  // index of a NEST stage: into nests
  std::vector<Operand> operands;
  std::uint32_t input_count = 0;
  std::uint64_t arena_bytes = 0;  // of all temporaries
  bool reports_faults = false;
};

// The region has passed kit_region_check.
//
// Errors   CEP-REG-15 more operands in one nest than the device passes to a kernel, temporaries larger than an allocation, more nodes
//          than the document's limit.
std::uint16_t write_source(const acp_region& region, const Facts& facts, Source* out, acp_status* status);

class Program {
 public:
  // Errors   environment: the device's compiler failed.
  static std::uint16_t create(Device& device, Source source, std::unique_ptr<Program>* out,
                              acp_status* status);

  // One launch; places are inputs, then outputs. Returns when it is done.
  //
  // Errors   CEP-REG-7 a read outside its window; CEP-REG-8 more trips than max_trips; environment.
  std::uint16_t run(const kit_place* places, acp_status* status);

 private:
  friend class Launch;
  struct LoopKernels {
    Kernel trips, condition;
  };

  Program(Device& device, Source source) : device_(device), source_(std::move(source)) {}
  std::uint16_t make_kernel(const KernelPlan& plan, Kernel* out, acp_status* status) const;

  Device& device_;
  const Source source_;
  std::shared_ptr<const BuiltProgram> built_;
  std::vector<Kernel> nests_;
  std::vector<LoopKernels> loops_;
  std::mutex mutex_;  // a kernel's arguments are set and enqueued under it; guards the arenas
  std::vector<cl_mem> arenas_;

 public:
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
};

}  // namespace acp_gpu
