// Plan: how a workload is carried across devices. Steps on queues, buffers in arenas, timelines between them.
//
// A plan claims, step by step, which part of which node it computes; the verifier re-derives every claim. Nothing in a plan is
// believed. A plain value; ids are positions in its vectors.
// Spec     CEP 5 (plans).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/graph.h"

namespace cep {

using DeviceId = std::uint32_t;
using ArenaId = std::uint32_t;
using BufferId = std::uint32_t;
using QueueId = std::uint32_t;
using TimelineId = std::uint32_t;
using StepId = std::uint32_t;

struct Device {
  std::string name;
  std::string shim;        // hint for the executor: the short name of the shim that drives it
  acp::Digest document{};  // digest of the ACP document the plan relies on
  bool operator==(const Device&) const = default;
};

struct Arena {
  std::string name;
  DeviceId device = 0;
  std::int64_t size_bytes = 0;
  bool operator==(const Arena&) const = default;
};

struct Buffer {
  std::string name;
  ArenaId arena = 0;
  std::int64_t offset_bytes = 0;
  TensorType type;  // dense, row-major
  bool operator==(const Buffer&) const = default;
};

struct Queue {
  std::string name;
  DeviceId device = 0;
  bool operator==(const Queue&) const = default;
};

struct Timeline {
  std::string name;
  QueueId signaller = 0;  // the one queue that may signal it
  bool operator==(const Timeline&) const = default;
};

// Part of a buffer: element (i0, i1, ...) lies offset_bytes + sum(i[d] * stride[d]) * element size past the buffer's start.
struct View {
  BufferId buffer = 0;
  std::int64_t offset_bytes = 0;
  Dims dims;
  Dims strides;  // in elements
  bool operator==(const View&) const = default;
};
// The whole buffer, and a box of it.
[[nodiscard]] View whole_view(BufferId id, const Buffer& buffer);
[[nodiscard]] View box_view(BufferId id, const Buffer& buffer, const Box& box);

// A view together with the part of a tensor it is claimed to hold.
struct Slice {
  TensorId tensor = 0;
  Box box;
  View view;
  bool operator==(const Slice&) const = default;
};

// [begin, end) of a reduction's row-major linear domain.
struct KRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  auto operator<=>(const KRange&) const = default;
};

// Runs a node, or part of it: the given boxes of its outputs, for a reduction the k range, continuing from a seed.
struct Compute {
  NodeId node = 0;
  std::vector<Slice> inputs;   // the node's present inputs that its program reads, in order
  std::vector<Slice> outputs;  // boxes of the node's outputs, in order
  std::optional<KRange> k;     // absent: the whole reduction
  std::optional<View> seed;    // a partial accumulator of the same output box
  bool operator==(const Compute&) const = default;
};
struct Copy {
  View source;
  View target;
  bool operator==(const Copy&) const = default;
};
// Joins partial results. fold: ((p0 + p1) + p2) + ...; tree: pairs (2t, 2t+1) by levels, an odd last one passes up.
enum class CombineShape : std::uint8_t { kFold = 1, kTree = 2 };
enum class CombineOp : std::uint8_t { kAdd = 1, kMax = 2, kMin = 3 };
struct Combine {
  CombineOp op = CombineOp::kAdd;
  CombineShape shape = CombineShape::kFold;
  std::vector<View> inputs;
  View target;
  bool operator==(const Combine&) const = default;
};
struct Fill {
  View target;
  std::uint64_t bits = 0;
  bool operator==(const Fill&) const = default;
};
struct Signal {
  TimelineId timeline = 0;
  std::uint64_t value = 0;
  bool operator==(const Signal&) const = default;
};
struct Wait {
  TimelineId timeline = 0;
  std::uint64_t value = 0;
  bool operator==(const Wait&) const = default;
};

struct Step {
  std::string name;
  QueueId queue = 0;
  std::variant<Compute, Copy, Combine, Fill, Signal, Wait> what;
  bool operator==(const Step&) const = default;
};

// What the plan's author asks to be proved. Anything that lowers an output below it is refused, unless declared.
enum class Grade : std::uint8_t { kReal = 1, kBitwise = 2 };
[[nodiscard]] std::string_view grade_name(Grade grade);

struct Plan {
  std::string name;
  acp::Digest workload{};
  Grade guarantee = Grade::kBitwise;
  std::vector<NodeId> reassociated;  // nodes whose reduction may be summed in another order (lowers to real)
  std::vector<Device> devices;
  std::vector<Arena> arenas;
  std::vector<Buffer> buffers;
  std::vector<Queue> queues;
  std::vector<Timeline> timelines;
  std::vector<Slice> inputs;   // what the host writes before the steps run: inputs and weights
  std::vector<Slice> outputs;  // what the host reads after all queues are done
  std::vector<Step> steps;     // queue order is the order here
  bool operator==(const Plan&) const = default;
};

// The text form: one line an item, for people and for diffs. to_text(parse_plan(t)) is canonical; parse_plan(to_text(p)) == p.
// Names of tensors and nodes are those of the workload.
// Errors   CEP-TEXT-1 unknown word; CEP-TEXT-2 name not declared; CEP-TEXT-3 name declared twice; CEP-TEXT-4 bad number or box;
//          CEP-TEXT-5 over a limit; CEP-TEXT-6 wrong first line. The path is "line N".
// Spec     CEP 5.6 (text form).
[[nodiscard]] acp::Result<Plan> parse_plan(std::string_view text, const Workload& workload);
[[nodiscard]] std::string to_text(const Plan& plan, const Workload& workload);

// What a compute or combine step runs: the node's region restricted to the claimed boxes and k range, its operands' windows
// set to the step's views. Shared by the executor, the verifier and cep-check, so that what is proved is what runs.
// Inputs of the region: those of step.inputs, then the seed if any. Outputs: step.outputs.
// Errors   CEP-LOWER-1 node does not exist; CEP-LOWER-2 k range or seed on a node that cannot be split; CEP-LOWER-3 k range outside
//          the domain; CEP-LOWER-4 boxes outside the tensors or not of the view's shape; CEP-LOWER-5 wrong number of inputs or outputs.
// Spec     CEP 5.4 (lowering).
[[nodiscard]] acp::Result<Region> lower(const Workload& workload, const Compute& step);
[[nodiscard]] acp::Result<Region> lower(const Plan& plan, const Combine& step);
// Copies and fills within one device as region programs: operand windows are the views.
// Errors   CEP-LOWER-4 as above.
// Spec     CEP 5.4 (lowering).
[[nodiscard]] acp::Result<Region> lower(const Plan& plan, const Copy& step);
[[nodiscard]] acp::Result<Region> lower(const Plan& plan, const Fill& step);

// The reduction of a node that a plan may split: present when its program is one nest whose only write value is the accumulator.
struct SplitReduction {
  std::uint8_t combiner = ACP_COMBINE_NONE;
  Dtype dtype = Dtype::kUnknown;  // of the accumulator
  Order order;
  std::int64_t length = 0;  // of the linear reduction domain
  bool starts_from_zero =
      false;  // init is the constant +0 or -0: a sum that leaves it out is still right over the reals
  std::optional<std::uint64_t> zero_bits;  // its bits, when it starts from zero
  bool has_init = false;                   // false: takes the first element
};
[[nodiscard]] std::optional<SplitReduction> split_reduction(const Region& node_region);
// Which of a node's present inputs its program reads, by position among the present ones.
[[nodiscard]] std::vector<std::uint32_t> inputs_read(const Region& node_region);

}  // namespace cep
