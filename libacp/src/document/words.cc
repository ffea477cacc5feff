#include "acp/document.h"
#include "document/fields.h"

namespace acp {
namespace {

template <Enumeration E>
std::string_view word(E value) {
  const auto& words = Words<E>::kWords;
  const auto number = static_cast<std::size_t>(value);
  return words[number < words.size() ? number : 0];
}

}  // namespace

std::string_view word_of(Role value) { return word(value); }
std::string_view word_of(Rounding value) { return word(value); }
std::string_view word_of(Subnormals value) { return word(value); }
std::string_view word_of(Nan value) { return word(value); }
std::string_view word_of(Contraction value) { return word(value); }

}  // namespace acp
