// Which part of the tree of a sum a piece is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cep/logical_certificate.h"

namespace cep::logical::order {

// Terms [begin, begin + length) of a row of `terms`, where begin is affine in the plan's variables.
struct Row {
  std::int64_t terms = 1, length = 1;
  std::int64_t begin = 0;
  std::vector<std::int64_t> by_variable;  // one for each
  [[nodiscard]] bool whole() const { return length == terms; }
  bool operator==(const Row&) const = default;
};

// The part of its value's sum that a piece is; nothing when its terms do not stand beside one another.
[[nodiscard]] std::optional<Row> row_of(const LogicalCertificate& certificate,
                                        const LogicalCertificate::Piece& piece, std::size_t variables);

// Whether `count` rows of this length, the first of which is this one, are the leaves of one node.
[[nodiscard]] bool starts_node(const Row& row, std::int64_t count);

// Whether these rows, in this order, are all 2^k leaves of one node.
[[nodiscard]] bool make_node(std::span<const Row> rows);

// Whether the rows at the points of a variable are.
[[nodiscard]] bool make_node_over(const Row& row, Id variable, std::int64_t points);

}  // namespace cep::logical::order
