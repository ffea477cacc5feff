// Prepared: everything a run needs, made before its first step, so that the steps themselves compile and allocate nothing.
//
// Life     owns memories, executables, queues and timelines of the devices; borrows the plan and the devices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "acp/host.h"
#include "cep/exec.h"

namespace cep::exec {

// A contiguous piece of a copy between memories, or between a memory and the host's bytes.
struct Piece {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t size_bytes = 0;
};
// Pieces that move every element of `from` to the element of the same index in `to`; offsets count from where the elements lie:
// an address, in bytes, and one step per axis.
struct Strided {
  std::int64_t at = 0;
  Dims step;
};
[[nodiscard]] std::vector<Piece> pieces_of(const Strided& from, const Strided& to, const Dims& dims,
                                           std::int64_t element_bytes);

// What a step does once the plan is prepared.
struct DeviceWork {
  acp::Submission submission;  // one launch, and the point it signals
  acp::Point done;
};
struct HostCopy {
  ArenaId from = 0;
  ArenaId to = 0;
  std::vector<Piece> pieces;
  std::vector<std::byte> row;  // room for the longest piece
};
struct Nothing {};
using Work = std::variant<Nothing, DeviceWork, HostCopy, Signal, Wait>;

struct Lane {  // one queue of the plan
  std::unique_ptr<acp::Queue> queue;
  std::unique_ptr<acp::Timeline> timeline;
  std::vector<StepId> steps;
  std::uint64_t points = 0;  // of the timeline, in one run
};

struct Prepared {
  std::vector<acp::Memory> arenas;
  std::vector<std::unique_ptr<acp::Executable>> executables;
  std::vector<Lane> lanes;
  std::vector<Work> work;  // per step
};

// Errors   CEP-EXEC-2 a device refused memory, a program or a queue; CEP-EXEC-4 the plan is not well formed; CEP-LOWER-n.
// Spec     CEP 8.1.
[[nodiscard]] acp::Result<Prepared> prepare(const Workload& workload, const Plan& plan,
                                            const std::vector<acp::Device*>& devices);

// Host bytes of a tensor and the slice of an arena that holds them.
[[nodiscard]] std::vector<Piece> host_pieces(const Plan& plan, const Slice& slice, const Dims& tensor_dims);

// Runs every lane in a thread of its own until all are done or one has failed.
//
// Errors   CEP-EXEC-2, CEP-EXEC-3, with the step's name; environment: no thread for a queue.
// Spec     CEP 8.1.
[[nodiscard]] acp::Status run_lanes(const Plan& plan, Prepared& prepared, const RunOptions& options,
                                    std::vector<StepTrace>& trace);

// The same error, told as one of step `step`.
[[nodiscard]] acp::Error refused(const Plan& plan, StepId step, const acp::Error& error);

}  // namespace cep::exec
