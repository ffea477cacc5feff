// What reader and writer of the wire form agree on beyond the field lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "document/fields.h"

namespace acp {

inline constexpr std::string_view kFileIdentifier = "ACP1";

// Fields of the root table.
inline constexpr int kVersionField = 0;
inline constexpr int kClassField = 1;
inline constexpr int kInstanceField = 2;

// Where field `number` stands in a vtable, in bytes: after the two sizes.
constexpr std::uint16_t slot_offset(int number) { return static_cast<std::uint16_t>(4 + 2 * number); }

// Stored in the table itself; everything else is stored by reference.
template <typename T>
inline constexpr bool kInline = Number<T> || Enumeration<T>;
template <Number T>
inline constexpr bool kInline<std::optional<T>> = true;

}  // namespace acp
