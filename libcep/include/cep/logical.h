// Logical plan: which rank computes and exchanges which piece of a reference program, before anyone speaks of buffers, queues or kernels.
//
// What sharding systems write (tensor, data, pipeline, expert parallelism): a single-device program, the reference, and one program per
// rank with explicit communication. Refining one into a physical plan (cep/plan.h) places buffers and events; this level is where a
// partition is right or wrong.
//
// A plan may be a pattern: with index variables (dp in 0..64, tp in 0..8) every line stands for one line per point of their domain, and
// ranks, slices and attributes are affine in them. A plan without variables is expanded: one line per rank.
//
// Life     plain values; ids are positions in the vectors. check_logical() must accept a plan before anything else uses it.
// Threads  const use from many.
// Spec     CEP 11 (logical plans).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"

namespace cep::logical {

using Id = std::uint32_t;
inline constexpr Id kNone = 0xffffffffu;

enum class Element : std::uint8_t { kF32, kF64, kF16, kBf16, kC64, kI64, kI32, kBool };
[[nodiscard]] std::string_view to_string(Element element);

// constant + sum of by_variable[v] * value of variable v. Trailing zero coefficients are left out: equal forms are equal values.
struct Affine {
  std::int64_t constant = 0;
  std::vector<std::int64_t> by_variable;
  auto operator<=>(const Affine&) const = default;
};

struct Variable {
  std::string name;       // "tp"
  std::int64_t size = 1;  // it runs over 0 .. size - 1
  auto operator<=>(const Variable&) const = default;
};

// What a node does. Names are this standard's own (spec CEP 11.3), not a framework's: "linear", "softmax", "sum", "all_reduce"...
// `backward`: the derivative of the operator; operands are the results' gradients, then the forward operands.
struct Operation {
  using Value = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, Affine>;
  struct Attribute {
    std::string name;
    Value value;
    auto operator<=>(const Attribute&) const = default;
  };
  std::string name;
  bool backward = false;
  std::vector<Attribute> attributes;  // ascending by name
  auto operator<=>(const Operation&) const = default;
};

enum class Role : std::uint8_t {
  kInput,      // given at every step
  kParameter,  // weights
  kBuffer,     // constants whose values nobody looks at
  kSeed,       // the gradient of the loss with respect to itself: ones
  kValue,      // made by a node
};

// Half open, in elements of one dimension. Its length is the same at every point of the variables.
struct Interval {
  Affine begin;
  std::int64_t size = 0;
  auto operator<=>(const Interval&) const = default;
};
using Box = std::vector<Interval>;

using Shape = std::vector<std::int64_t>;

struct Tensor {
  Id shape = 0;  // in Program::shapes
  Element element = Element::kF32;
  Role role = Role::kValue;
  Id place = kNone;          // plan: in Plan::places; kNone in the reference
  std::uint32_t source = 0;  // the id the file knows it by
};

// The members of a communication, in order.
struct Group {
  std::vector<Affine> ranks;  // listed one by one, or
  Id variable = kNone;  // all points of one variable, in ascending order, the other variables as at this line
  auto operator<=>(const Group&) const = default;
};

enum class CommKind : std::uint8_t {
  kNoComm,
  kAllReduce,      // sum; in which order is not said
  kAllGather,      // along `dim`, in the order of the group
  kReduceScatter,  // sum, then the piece along `dim` at the member's position in the group
  kAllToAll,       // cut along `dim`, piece i to member i, joined along `other_dim` in the order of the group
  kChunk,          // local: the piece along `dim` at this rank's position in the group
  kSend,           // group: source, destination
  kReceive,        // group: source, destination
  kBroadcast,      // from the member `root` of the group; the root alone has an operand, the others a result
};
[[nodiscard]] std::string_view to_string(CommKind kind);

struct Node {
  Id operation = 0;                             // in Program::operations
  Id place = kNone;                             // plan: the rank, in Plan::places
  std::uint32_t first_input = 0, inputs = 0;    // in Program::operands
  std::uint32_t first_output = 0, outputs = 0;  // in Program::operands
  std::int32_t micro_batch = -1;
  CommKind comm = CommKind::kNoComm;
  std::uint8_t dim = 0, other_dim = 0;
  std::uint16_t root = 0;    // position in the group
  Id group = kNone;          // in Plan::groups
  Id message = kNone;        // lines of one instance of a communication share it; kNone: local
  std::uint32_t source = 0;  // the id the file knows it by
};

struct Program {
  std::vector<Shape> shapes;  // without repetition, as operations
  std::vector<Operation> operations;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;  // in an order of execution
  std::vector<Id> operands;
  [[nodiscard]] const Shape& shape(Id tensor) const { return shapes[tensors[tensor].shape]; }
  [[nodiscard]] std::span<const Id> inputs(const Node& node) const {
    return std::span(operands).subspan(node.first_input, node.inputs);
  }
  [[nodiscard]] std::span<const Id> outputs(const Node& node) const {
    return std::span(operands).subspan(node.first_output, node.outputs);
  }
};

struct Reference {
  Program program;
  std::vector<std::string> names;  // per tensor; empty where the file gives none
  std::vector<Id> outputs;         // what a plan must deliver
};

// What is agreed with the outside about a tensor of the plan.
struct Bind {  // before the first line it holds this box of a reference tensor (for the seed: ones)
  Id tensor = 0, reference = 0;
  Box box;
};
struct
    Yield {  // after the last line it is delivered as this box of an output, or as one of `parts` addends of it
  Id tensor = 0, reference = 0;
  Box box;
  Affine part;  // which addend; equal numbers hold copies
  std::int64_t parts = 1;
};

struct Plan {
  std::string name;
  std::vector<Variable> variables;
  std::vector<Affine> places;  // ranks
  std::vector<Group> groups;
  Program program;
  std::vector<Bind> binds;    // ascending by tensor
  std::vector<Yield> yields;  // ascending by tensor
  std::int64_t ranks = 0;
};

struct Document {
  Reference reference;
  Plan plan;
};

// Ids, shapes, single assignment, order of definition, who may talk to whom; and that every rank's program runs to its end when each
// communication waits for all its members and messages are matched by the order in which a group, or a pair, calls them.
//
// Errors   CEP-LOGICAL-1 an id or a number out of range; CEP-LOGICAL-2 a tensor made twice, or never, or used before it is made; CEP-LOGICAL-3 an
//          operand of another rank; CEP-LOGICAL-4 a communication whose lines disagree on kind, members or shape, or a member that is missing;
//          CEP-LOGICAL-5 over a limit; CEP-LOGICAL-6 a bind or yield outside its reference tensor, or of another shape; CEP-LOGICAL-7 the calls of a
//          group or a pair do not match; CEP-LOGICAL-8 a deadlock; CEP-LOGICAL-9 a table that says a thing twice, or places that share a rank.
// Cost     linear in lines, operands and ranks.
// Spec     CEP 11.2, CEP-LOGICAL-1 to CEP-LOGICAL-9.
[[nodiscard]] acp::Status check_logical(const Document& document);

// What is wrong with a line of a plan that check_logical() accepts, or with what it delivers.
struct Finding {
  std::string id;            // "CEP-EQV-5"
  Id node = kNone;           // of the plan; kNone: what the plan delivers, or the reference
  std::uint32_t source = 0;  // the id the file knows the node, or the tensor, by
  std::string message;       // the fact needed, the fact found
  bool reference = false;    // the tensor is one of the reference
};
[[nodiscard]] std::string to_string(const Finding& finding);

// SHA-256 of the canonical bytes (cep/logical_wire.h). The document must be one that check_logical accepts.
[[nodiscard]] acp::Digest digest(const Document& document);

}  // namespace cep::logical
