// New inputs for fuzzers that know what their bytes mean: decoded, some numbers or lists changed, encoded again.
//
// Bytes changed blindly hardly ever decode: what stands behind the reader would not be reached.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace fuzz {

using Random = std::mt19937_64;

// Every number and every list of a value is shown to it; make() then changes one of them, each as likely as any other.
//
// Lifetime what was shown must stay where it is until make().
class OneChange {
 public:
  explicit OneChange(Random& random) : random_(random) {}

  template <std::integral... Number>
  void numbers(Number&... each) {
    (number(each), ...);
  }
  // One of a few values.
  template <typename Value>
  void choice(Value& value, std::initializer_list<Value> all) {
    if (drawn()) change_ = [&value, to = all.begin()[random_() % all.size()]] { value = to; };
  }
  // The items themselves are shown apart.
  template <typename Item>
  void list(std::vector<Item>& items) {
    if (drawn()) change_ = [this, &items] { change_list(items); };
  }
  // Lists of numbers, or of such lists, with all that is in them.
  template <typename Item>
  void all(std::vector<Item>& items) {
    list(items);
    for (Item& item : items) {
      if constexpr (std::is_integral_v<Item>) {
        number(item);
      } else {
        all(item);
      }
    }
  }
  void make() {
    if (change_) change_();
  }

 private:
  bool drawn() { return random_() % ++shown_ == 0; }

  template <std::integral Number>
  void number(Number& value) {
    seen_.push_back(static_cast<std::int64_t>(value));
    if (drawn()) {
      change_ = [this, &value] { value = static_cast<Number>(another(static_cast<std::uint64_t>(value))); };
    }
  }
  std::uint64_t another(std::uint64_t value) {
    switch (random_() % 6) {
      case 0: return value + 1;
      case 1: return value - 1;
      case 2: return random_() % 8;
      case 3: return random_() % 2 == 0 ? value * 2 : value / 2;
      case 4: return random_() % 4 == 0 ? std::uint64_t{1} << random_() % 64 : 0 - value;
      default: return static_cast<std::uint64_t>(seen_[random_() % seen_.size()]);
    }
  }
  template <typename Item>
  void change_list(std::vector<Item>& items) {
    if (items.empty()) return items.resize(1);
    const auto any = [&] { return items.begin() + static_cast<std::ptrdiff_t>(random_() % items.size()); };
    switch (random_() % 4) {
      case 0: items.erase(any()); return;
      case 1: {
        const Item copy = *any();
        items.insert(any(), copy);
        return;
      }
      case 2: std::iter_swap(any(), any()); return;
      default: *any() = Item(*any());
    }
  }

  Random& random_;
  std::uint64_t shown_ = 0;
  std::vector<std::int64_t> seen_;
  std::function<void()> change_;
};

// For LLVMFuzzerCustomMutator. `decode` gives an acp::Result, `start(random)` a value to begin from, `change(value, random)` changes one thing.
template <typename Decode, typename Start, typename Change>
std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed,
                   const Decode& decode, const Start& start, const Change& change) {
  Random random(seed);
  if (random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  auto value = decode(std::as_bytes(std::span(data, size)));
  if (!value || random() % 64 == 0) value = start(random);
  for (auto left = 1 + random() % 3; left > 0; --left) change(*value, random);
  const std::vector<std::byte> bytes = encode(*value);
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::transform(bytes, data, [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return bytes.size();
}

}  // namespace fuzz
