// What the tensors of one program hold while it runs; each is made once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "replay/operators.h"
#include "replay/run.h"

namespace cep::logical::oracle {

template <typename N>
class Values {
 public:
  explicit Values(const Program& program)
      : program_(program),
        arrays_(program.tensors.size()),
        made_(program.tensors.size(), 0),
        free_(program.tensors.size(), 0) {}

  [[nodiscard]] bool made(Id tensor) const { return tensor < made_.size() && made_[tensor] != 0; }
  [[nodiscard]] const ArrayOf<N>& operator[](Id tensor) const { return arrays_[tensor]; }
  [[nodiscard]] Free free(Id tensor) const { return free_[tensor]; }
  [[nodiscard]] std::string put(Id tensor, ArrayOf<N> value, Free free) {
    if (tensor >= made_.size()) return "an id out of range";
    if (made_[tensor] != 0) return "tensor " + std::to_string(tensor) + " is made twice";
    if (value.shape != program_.shape(tensor) || value.element != program_.tensors[tensor].element ||
        value.scalars.size() != static_cast<std::size_t>(count(value.shape)) * width(value.element))
      return "tensor " + std::to_string(tensor) + " gets a value of another type";
    if constexpr (requires(N number) { Numbers<N>::stored(number, value.element); }) {
      for (N& scalar : value.scalars) scalar = Numbers<N>::stored(scalar, value.element);
    }
    arrays_[tensor] = std::move(value);
    made_[tensor] = 1;
    free_[tensor] = free;
    return {};
  }
  // The operands of `node` must have been made, its results must not.
  [[nodiscard]] std::string run(const Node& node) {
    std::vector<const ArrayOf<N>*> operands;
    Free free = 0;
    for (const Id id : program_.inputs(node)) {
      if (!made(id)) return "operand " + std::to_string(id) + " is not there";
      operands.push_back(&arrays_[id]);
      free |= free_[id];
    }
    std::vector<ArrayOf<N>> results;
    for (const Id id : program_.outputs(node)) {
      if (id >= made_.size()) return "an id out of range";
      results.push_back(zeros<N>(program_.shape(id), program_.tensors[id].element));
    }
    if (std::string fault = apply(program_.operations[node.operation], operands, results, &free);
        !fault.empty())
      return fault;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (std::string fault = put(program_.outputs(node)[i], std::move(results[i]), free); !fault.empty())
        return fault;
    }
    return {};
  }
  [[nodiscard]] RunOf<N> finish(const std::string& fault, Id line) {
    return {.fault = fault, .line = line, .values = std::move(arrays_), .free = std::move(free_)};
  }

 private:
  const Program& program_;
  std::vector<ArrayOf<N>> arrays_;
  std::vector<char> made_;
  std::vector<Free> free_;
};

[[nodiscard]] inline Piece piece_of_box(const Box& box) {
  Piece piece;
  for (const Interval& interval : box) {
    piece.begin.push_back(interval.begin.constant);
    piece.size.push_back(interval.size);
  }
  return piece;
}

}  // namespace cep::logical::oracle
