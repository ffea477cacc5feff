// Writes a Program line by line; shapes and operations are kept once.
#pragma once

#include <initializer_list>
#include <map>
#include <span>
#include <utility>

#include "cep/logical.h"

namespace cep::logical {

// Whose line it is.
struct Site {
  Id place = kNone;
  std::int32_t micro_batch = -1;
};

// A communication over a group, without its operands.
struct Exchange {
  CommKind kind = CommKind::kNoComm;
  std::uint8_t dim = 0;
  Id group = kNone;
  std::uint8_t other_dim = 0;
};

class Writer {
 public:
  explicit Writer(Program& program) : program_(program) {}

  Id tensor(const Shape& shape, Element element, Role role, Id place);
  // A value of the same shape and element as `like`.
  Id value_like(Id like, Id place) { return tensor(shape(like), element(like), Role::kValue, place); }
  void line(const Operation& operation, Site site, std::span<const Id> inputs, std::span<const Id> outputs);
  // One line per member, all of one instance, where `lines` says so; a chunk belongs to no instance.
  void exchange(const Exchange& exchange, Site site, Id message, std::span<const Id> inputs,
                std::span<const Id> outputs);
  [[nodiscard]] Id next_message() { return messages_++; }

  [[nodiscard]] Shape shape(Id tensor) const { return program_.shape(tensor); }
  [[nodiscard]] Element element(Id tensor) const { return program_.tensors[tensor].element; }

 private:
  Id operation(const Operation& operation);
  void add(Node node, std::span<const Id> inputs, std::span<const Id> outputs);

  Program& program_;
  std::map<Shape, Id> shapes_;
  std::map<Operation, Id> operations_;
  Id messages_ = 0;
};

// The groups of a plan, each once.
class Groups {
 public:
  explicit Groups(std::vector<Group>& groups) : groups_(groups) {}
  Id over(Id variable) { return add({.ranks = {}, .variable = variable}); }
  Id of(std::vector<Affine> ranks) { return add({.ranks = std::move(ranks), .variable = kNone}); }

 private:
  Id add(Group group);
  std::vector<Group>& groups_;
  std::map<Group, Id> known_;
};

}  // namespace cep::logical
