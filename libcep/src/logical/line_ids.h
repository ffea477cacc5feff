// Line ids: which line of a file has which id.
//
// Why      ids are whatever the file says: in a hash table they can be chosen to fall into one bucket. Most files count upwards, so that an
//          id's position can be guessed.
// Cost     log n a look-up, most often constant.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace cep::logical {

template <typename Value>
class LineIds {
 public:
  // False where the id is taken.
  bool add(std::uint32_t id, const Value& value) {
    if (rising_.empty() || id > rising_.back().id) {
      rising_.push_back({id, value});
      return true;
    }
    return !in_rising(id) && others_.try_emplace(id, value).second;
  }

  // Null where no line has it.
  [[nodiscard]] const Value* find(std::uint32_t id) const {
    if (const Value* value = in_rising(id)) return value;
    const auto at = others_.find(id);
    return at == others_.end() ? nullptr : &at->second;
  }

 private:
  struct Entry {
    std::uint32_t id;
    Value value;
  };
  const Value* in_rising(std::uint32_t id) const {
    if (rising_.empty() || id < rising_.front().id) return nullptr;
    const std::size_t guess = id - rising_.front().id;
    if (guess < rising_.size() && rising_[guess].id == id) return &rising_[guess].value;
    const auto at = std::ranges::lower_bound(rising_, id, {}, &Entry::id);
    return at == rising_.end() || at->id != id ? nullptr : &at->value;
  }

  std::vector<Entry> rising_;
  std::map<std::uint32_t, Value> others_;  // those that came after a larger one
};

}  // namespace cep::logical
