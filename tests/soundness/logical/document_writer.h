// Writes logical documents line by line: for tests, and for the random ones of the campaign. Expanded plans only.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::oracle {

using Attributes = std::vector<Operation::Attribute>;
[[nodiscard]] Operation make_operation(std::string name, Attributes attributes = {}, bool backward = false);
// [begin, begin + size) in each dimension.
[[nodiscard]] Box make_box(const std::vector<std::int64_t>& begin, const Shape& size);

struct Collective {
  CommKind kind = CommKind::kAllReduce;
  std::vector<std::int64_t> ranks;
  std::uint8_t dim = 0, other_dim = 0;
};

class DocumentWriter {
 public:
  // The reference.
  Id root(Role role, const Shape& shape, Element element = Element::kF32, std::string name = {});
  std::vector<Id> compute(const Operation& operation, const std::vector<Id>& inputs,
                          const std::vector<Shape>& shapes, Element element = Element::kF32);
  void set_element(Id tensor, Element element) {
    document_.reference.program.tensors[tensor].element = element;
  }
  void output(Id tensor) { document_.reference.outputs.push_back(tensor); }

  // The plan.
  Id bound(std::int64_t rank, Id reference, const Box& box);
  Id bound(std::int64_t rank, Id reference);  // whole
  std::vector<Id> line(std::int64_t rank, const Operation& operation, const std::vector<Id>& inputs,
                       const std::vector<Shape>& shapes, Element element = Element::kF32,
                       std::int32_t micro_batch = -1);
  // One line a member. A chunk belongs to no instance.
  std::vector<Id> exchange(const Collective& what, const std::vector<Id>& inputs, const Shape& shape,
                           std::int32_t micro_batch = -1);
  Id chunk(std::int64_t rank, const Collective& what, Id input, const Shape& shape,
           std::int32_t micro_batch = -1);
  Id move(std::int64_t from, std::int64_t to, Id input, std::int32_t micro_batch = -1);
  // From the first rank; the first of the tensors is the root's.
  std::vector<Id> broadcast(const std::vector<std::int64_t>& ranks, Id input, std::int32_t micro_batch = -1);
  void set_piece_element(Id tensor, Element element) {
    document_.plan.program.tensors[tensor].element = element;
  }
  void yield(Id tensor, Id reference, const Box& box, std::int64_t part = 0, std::int64_t parts = 1);
  void yield(Id tensor, Id reference);  // whole

  [[nodiscard]] const Document& so_far() const { return document_; }
  // Outputs, binds and yields in order, the number of ranks counted.
  [[nodiscard]] Document finish();

 private:
  struct Writing {
    bool plan = false;
    std::map<Shape, Id> shapes;
    std::map<Operation, Id> operations;
  };
  Program& written(const Writing& to) {
    return to.plan ? document_.plan.program : document_.reference.program;
  }
  Id shape_of(Writing& to, const Shape& shape);
  Id operation_of(Writing& to, const Operation& operation);
  Id place(std::int64_t rank);
  Id group(const std::vector<std::int64_t>& ranks);
  Id piece(Role role, const Shape& shape, Element element, std::int64_t rank);
  Node& add_node(Writing& to, const Operation& operation, const std::vector<Id>& inputs,
                 const std::vector<Id>& outputs);
  void add_comm(CommKind kind, std::int64_t rank, const std::vector<std::int64_t>& ranks,
                const std::vector<Id>& inputs, const std::vector<Id>& outputs, const Collective& what,
                std::int32_t micro_batch, Id message);

  Document document_;
  Writing reference_{false, {}, {}};
  Writing plan_{true, {}, {}};
  std::map<std::int64_t, Id> places_;
  std::map<std::vector<std::int64_t>, Id> groups_;
  Id messages_ = 0;
};

}  // namespace cep::logical::oracle
