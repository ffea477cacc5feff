// One OpenCL device: what it says of itself, its context, its command queues, the programs built so far.
//
// Lifetime lives as long as the shim; what it lends must be given back before.
// Threads  any; each Lane belongs to one thread at a time.
// Why      a launch borrows an in-order command queue for its whole length, so launches of one ACP queue follow each other, and two
//          ACP queues never share one.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "opencl.h"

namespace acp_gpu {

struct Facts {
  std::string platform, vendor, name, version, driver;
  std::uint64_t memory_bytes = 0;
  std::uint64_t allocation_bytes = 0;  // the largest
  std::uint64_t local_bytes = 0;
  std::uint64_t alignment_bytes = 0;
  std::uint64_t parameter_bytes = 0;  // of one kernel's arguments
  std::uint64_t group_size = 0;
  bool keeps_subnormals = false;
  bool rounds_division = false;  // correctly, when asked to
};

inline constexpr cl_uint kNoFault = 0xffffffffu;

// A command queue, and the words in which kernels report.
struct Lane {
  CommandQueue queue;
  Buffer fault;   // the smallest number of a read outside its window, or kNoFault
  Buffer result;  // of a loop's scalar
};

class Device {
 public:
  // The first GPU of any platform, else the first accelerator, else the first device. Null, and `status` filled with family
  // environment, where there is none.
  static std::unique_ptr<Device> open(acp_status* status);

  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] cl_context context() const { return context_.get(); }
  [[nodiscard]] std::uint64_t free_bytes() const;

  // Errors   environment, ACP_CODE_NO_MEMORY.
  std::uint16_t allocate(std::uint64_t size_bytes, cl_mem* out, acp_status* status);
  void free(cl_mem memory);

  // Built once per text. Errors   environment: the compiler of the platform refused.
  std::uint16_t build(const std::string& source, std::shared_ptr<const BuiltProgram>* out,
                      acp_status* status);

  // Null and `status` filled when the runtime has no queue left.
  std::unique_ptr<Lane> borrow_lane(acp_status* status);
  void give_back(std::unique_ptr<Lane> lane);

 private:
  Device() = default;

  cl_device_id device_ = nullptr;
  Facts facts_;
  Context context_;
  std::string build_options_;
  std::atomic<std::uint64_t> used_bytes_ = 0;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<std::string, std::shared_ptr<const BuiltProgram>> programs_;
};

}  // namespace acp_gpu
