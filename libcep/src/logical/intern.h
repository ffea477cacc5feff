// Intern: gives equal values one number, in the order in which they first come.
//
// Why      a plan of 512 ranks has 400,000 tensors and a few dozen shapes. A tree: in a hash table a file could choose values that fall into
//          one bucket.
// Cost     a look-up is as many comparisons as the different values have digits in base two.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cep/logical.h"

namespace cep::logical {

// For tables whose keys no file can choose.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  std::uint64_t x = seed * 0x9e3779b97f4a7c15u + value;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

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
  std::map<Value, Id> ids_;
};

}  // namespace cep::logical
