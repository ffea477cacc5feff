// Bytes as lower-case hexadecimal, one text per byte string.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace acp {

[[nodiscard]] std::string hex_of(std::span<const std::byte> bytes);
[[nodiscard]] std::optional<std::vector<std::byte>> bytes_of_hex(std::string_view text);

}  // namespace acp
