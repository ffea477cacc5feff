// OpDef: everything about one operator. The table of all of them is the listing of libcep/src/ops.
//
// An operator file holds, in this order: attributes, shape rule (each check with its requirement id), index semantics (it builds a
// region program), cases, and the OpDef constant. Everything else about the operator is derived from these.
// Spec     CEP 4 (operators); one page per operator under spec/cep/ops.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/result.h"
#include "cep/region.h"

namespace cep {

// An attribute value, as ONNX has them (ints cover axis lists, pads, strides).
using AttrValue =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;
struct Attribute {
  std::string name;
  AttrValue value;
  bool operator==(const Attribute&) const = default;
};

// One row of an operator's attribute table.
enum class AttrKind : std::uint8_t { kInt, kFloat, kString, kInts, kFloats };
struct AttrRow {
  std::string_view name;
  AttrKind kind;
  bool required = false;
  std::string_view requirement;  // the id of the sentence that says what it must be
};

// What an operator file sees of its node.
struct OpContext {
  std::vector<std::optional<TensorType>> inputs;                // absent optional inputs are nullopt
  std::vector<std::optional<std::vector<std::int64_t>>> known;  // contents of constant integer inputs
  std::span<const Attribute> attributes;
  Order order;  // of the node; OrderKind::kNone where the operator has no reduction of its own
  const Region* body = nullptr;  // the sub-graph of a control-flow operator, already a region
  std::size_t output_count = 1;  // outputs the node names

  [[nodiscard]] bool has_input(std::size_t i) const { return i < inputs.size() && inputs[i].has_value(); }
  [[nodiscard]] const TensorType& input(std::size_t i) const;  // asserts has_input(i)
  [[nodiscard]] const std::vector<std::int64_t>* known_input(std::size_t i) const;
  [[nodiscard]] std::int64_t int_attr(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] float float_attr(std::string_view name, float otherwise) const;
  [[nodiscard]] std::string string_attr(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> ints_attr(std::string_view name) const;
};

// A generator case: a small instance of the operator. requirement empty: it is valid; else: it must be refused with that id.
struct OpCase {
  std::string_view requirement = {};
  std::vector<TensorType> inputs = {};  // dtype kUnknown: an optional input left out
  std::vector<std::optional<std::vector<std::int64_t>>> known =
      {};  // shorter than inputs: the rest are not constant
  std::vector<Attribute> attributes = {};
  const Region* body = nullptr;
  std::size_t output_count = 1;
};

// What the operator sees of a case. Borrows the case's attributes and body.
[[nodiscard]] OpContext context_of(const OpCase& op_case);

struct OpDef {
  std::string_view name;    // ONNX operator name
  std::string_view domain;  // "ai.onnx"
  int version = 1;          // opset in which these semantics begin
  std::string_view page;    // "spec/cep/ops/MatMul.md"
  std::size_t min_inputs = 1;
  std::size_t max_inputs = 1;
  std::span<const AttrRow> attributes = {};
  Order default_order = {};  // for operators with a reduction whose order a workload may choose, else kNone
  bool has_body = false;
  acp::Result<std::vector<TensorType>> (*infer)(const OpContext& context) = nullptr;
  // Only called after infer has accepted the same context. Inputs and outputs take the region's slots in order; an input the program
  // never reads (a constant shape) still has its operand.
  Region (*build)(const OpContext& context) = nullptr;
  std::vector<OpCase> (*cases)() = nullptr;
};

// Every operator, sorted by name, upper and lower case alike. Generated from the directory listing.
[[nodiscard]] std::span<const OpDef* const> op_table();
[[nodiscard]] const OpDef* find_op(std::string_view domain, std::string_view name);

// Checks counts, attributes and order against the rows, then calls infer.
// Errors   CEP-OP-1 too few or too many inputs; CEP-OP-2 unknown attribute, or one given twice; CEP-OP-3 attribute of the wrong kind; CEP-OP-4 required
//          attribute missing; CEP-OP-5 an order the operator does not take; CEP-OP-6 a tensor over the limits; and the operator's own
//          ids.
// Spec     CEP 4.1.
[[nodiscard]] acp::Result<std::vector<TensorType>> infer_types(const OpDef& op, const OpContext& context);

// Checks, infers and builds.
// Errors   as infer_types.
// Spec     CEP 4.1.
[[nodiscard]] acp::Result<Region> build_region(const OpDef& op, const OpContext& context);

// The axis that `axis` means when negative ones count from the end; nothing outside [-rank, rank).
[[nodiscard]] std::optional<std::size_t> normal_axis(std::int64_t axis, std::size_t rank);

// The axes a node lists: its attribute `axes` (up to opset 12) or its constant input `input` (from opset 13). Nothing when it has neither.
// Errors   CEP-AXES-1 not constant; CEP-AXES-2 not i64 of rank 1; CEP-AXES-3 both attribute and input.
// Spec     CEP 4.4.
[[nodiscard]] acp::Result<std::optional<Dims>> axes_of(const OpContext& context, std::size_t input);
// For each of `rank` axes, whether the list names it.
// Errors   CEP-AXES-4 not an axis; CEP-AXES-5 named twice.
// Spec     CEP 4.4.
[[nodiscard]] acp::Result<std::vector<bool>> mark_axes(const Dims& axes, std::size_t rank);

// The shape two operands broadcast to: axes are counted from the last, and an extent of 1, or a missing axis, fits any other.
// Nothing where they do not fit.
[[nodiscard]] std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b);
// The element of an operand of shape `dims` that broadcasting puts at the point of the open nest's parallel iterators.
[[nodiscard]] RegionBuilder::Id read_broadcast(RegionBuilder& builder, RegionBuilder::Id operand,
                                               const Dims& dims);

// A sliding window over spatial axes: output position o and tap t meet input position o * stride + t * dilation - pad.
struct Windows {
  Dims kernel, strides, dilations;
  Dims pads, behind;  // before the first element, behind the last one
  Dims out;           // output extents
};
// Reads attributes auto_pad, strides, pads, dilations, ceil_mode; an operator without one of them has its default.
// Errors   CEP-WIN-1 auto_pad; CEP-WIN-2 a list of another length; CEP-WIN-3 a kernel, stride or dilation below 1; CEP-WIN-4 a negative
//          pad; CEP-WIN-5 the window is larger than the padded input; CEP-WIN-6 over the limit; CEP-WIN-7 ceil_mode.
// Spec     CEP 4.3.
[[nodiscard]] acp::Result<Windows> windows_of(const OpContext& context, const Dims& spatial,
                                              const Dims& kernel);

// Elementary functions as scalar programs: made of primitive operations only, so that every device that runs region programs has them,
// with the same bits (decision 0002). At most 1 ulp, pow 2. Spec: numerics, "Elementary functions".
[[nodiscard]] RegionBuilder::Id build_exp(RegionBuilder& builder, RegionBuilder::Id x);
[[nodiscard]] RegionBuilder::Id build_log(RegionBuilder& builder, RegionBuilder::Id x);
[[nodiscard]] RegionBuilder::Id build_tanh(RegionBuilder& builder, RegionBuilder::Id x);
[[nodiscard]] RegionBuilder::Id build_erf(RegionBuilder& builder, RegionBuilder::Id x);
[[nodiscard]] RegionBuilder::Id build_sigmoid(RegionBuilder& builder, RegionBuilder::Id x);
[[nodiscard]] RegionBuilder::Id build_pow(RegionBuilder& builder, RegionBuilder::Id x, RegionBuilder::Id y);

}  // namespace cep
