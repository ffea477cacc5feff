// What the importer knows while it reads a model: the value behind each ONNX name, and a node on its way into the workload.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/graph.h"
#include "proto.h"

namespace cep::onnx_room {

// What an ONNX name stands for. It enters the workload only when a node or an output of the workload needs it there.
struct Value {
  TensorType type;      // dtype kUnknown: the node that makes it cannot be imported
  TensorId id = kNoId;  // where it stands in the workload, once it does
  std::string name = {};
  std::optional<std::vector<std::int64_t>> known = {};  // integers and booleans whose contents are known now
  const onnx::TensorProto* stored = nullptr;            // contents that the model holds
  std::optional<std::uint32_t> fill = {};               // f32 of one value throughout: its bits

  [[nodiscard]] bool broken() const { return type.dtype == Dtype::kUnknown; }
};

struct Draft {
  std::string op;
  int opset = 0;
  std::vector<const Value*> inputs;  // nullptr: left out
  std::vector<Attribute> attributes;

  [[nodiscard]] const Value* input(std::size_t i) const { return i < inputs.size() ? inputs[i] : nullptr; }
  [[nodiscard]] const Attribute* attribute(std::string_view name) const;
  [[nodiscard]] std::int64_t int_attribute(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> ints_attribute(std::string_view name) const;
  void set(std::string_view name, AttrValue value);
  void drop(std::string_view name);
};

// A node's attributes as a workload has them; a tensor attribute is not among them.
//
// Errors   CEP-ONNX-2 too many; CEP-ONNX-4 a kind of attribute that is not offered (graphs, lists of tensors).
// Spec     CEP 10.1.
[[nodiscard]] acp::Result<std::vector<Attribute>> read_attributes(const onnx::NodeProto& node);

// The most elements that arithmetic on shapes makes: those of a workload's constant.
inline constexpr std::size_t kMaxKnown = 4096;

// What a node over known integers yields; nothing where it is not arithmetic on shapes. The result has type and contents, no name.
[[nodiscard]] std::optional<Value> fold(const Draft& node);
// Whether nodes of this operator are ever folded.
[[nodiscard]] bool folds(std::string_view op);

// Values that an operator wants as an input where the model has them as an attribute.
class NewValues {
 public:
  const Value* list(std::vector<std::int64_t> values);

 private:
  std::deque<Value> made_;
};

// Brings a node into the form that the operator table takes: meanings that moved between attributes and inputs from one opset to the
// next, attributes that say nothing here, windows given by auto_pad.
//
// Errors   CEP-ONNX-4 a form that cannot be brought there.
// Spec     CEP 10.1.
[[nodiscard]] acp::Status normalise(Draft& node, NewValues& made);

// How the contents of a weight are drawn: by what it is for.
enum class Role : std::uint8_t { kOther, kFactor, kPositive };
struct Use {
  Role role = Role::kOther;
  std::int64_t fan_in = 1;  // kFactor: products added to one sum
};
[[nodiscard]] Use use_of(std::string_view op, std::size_t input, bool transposed, const Dims& dims);
[[nodiscard]] std::vector<std::byte> draw(std::uint64_t seed, std::string_view name, const Dims& dims,
                                          const Use& use);

}  // namespace cep::onnx_room
