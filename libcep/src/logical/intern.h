// Intern: gives equal values one number, in the order in which they first come.
//
// Why      a plan of 512 ranks has 400,000 tensors and a few dozen shapes.
// Cost     one hash and one comparison a look-up.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cep/logical.h"

namespace cep::logical {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  std::uint64_t x = seed * 0x9e3779b97f4a7c15u + value;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

struct Hash {
  std::size_t operator()(std::int64_t value) const { return mix(1, static_cast<std::uint64_t>(value)); }
  std::size_t operator()(double value) const {
    return mix(2, std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));
  }
  std::size_t operator()(const std::string& value) const { return std::hash<std::string>()(value); }
  std::size_t operator()(const std::vector<std::int64_t>& values) const {
    std::uint64_t seed = values.size();
    for (const std::int64_t value : values) seed = mix(seed, static_cast<std::uint64_t>(value));
    return seed;
  }
  std::size_t operator()(const Affine& value) const {
    return mix((*this)(value.by_variable), static_cast<std::uint64_t>(value.constant));
  }
  std::size_t operator()(const Group& group) const {
    std::uint64_t seed = group.variable;
    for (const Affine& rank : group.ranks) seed = mix(seed, (*this)(rank));
    return seed;
  }
  std::size_t operator()(const Operation& operation) const {
    std::uint64_t seed = mix((*this)(operation.name), operation.backward ? 1 : 0);
    for (const Operation::Attribute& attribute : operation.attributes) {
      seed = mix(seed, (*this)(attribute.name));
      seed = mix(seed, std::visit(*this, attribute.value));
    }
    return seed;
  }
};

template <typename Value>
class Intern {
 public:
  // The number of a value; `added` where it is new.
  struct Found {
    Id id = 0;
    bool added = false;
  };
  Found find_or_add(const Value& value) {
    const auto [at, added] = ids_.try_emplace(value, static_cast<Id>(ids_.size()));
    return {at->second, added};
  }
  // As find_or_add; a new value also goes to the end of `list`, which holds the ones before it.
  Id operator()(std::vector<Value>& list, const Value& value) {
    const Found found = find_or_add(value);
    if (found.added) list.push_back(value);
    return found.id;
  }

 private:
  std::unordered_map<Value, Id, Hash> ids_;
};

}  // namespace cep::logical
