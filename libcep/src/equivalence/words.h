// A piece in words, for messages.
#pragma once

#include <string>
#include <vector>

#include "number.h"

namespace cep::logical::calculus {

struct PieceWords {
  Id tensor = kNone;  // of the reference: the first that holds the value
  std::int64_t numerator = 1, denominator = 1;
  std::size_t coordinates = 0;
  const std::vector<std::int64_t>& extents;
  const std::vector<std::int64_t>& sizes;
  std::vector<Affine> begins;  // in digits
  const Radices& radices;      // of the plan's variables
  bool share = false;
};

// "2 times linear 71 [0 .. +4 of 8, whole 16], summed over only [512 tp .. +512 of 4096]"; the number is the tensor's in the reference.
[[nodiscard]] std::string in_words(const Document& document, const PieceWords& piece);

}  // namespace cep::logical::calculus
