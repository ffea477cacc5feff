#include "order/tree.h"

#include <bit>

namespace cep::logical::order {
namespace {

bool is_power_of_two(std::int64_t number) {
  return number > 0 && std::has_single_bit(static_cast<std::uint64_t>(number));
}

bool multiple(const Row& row, std::int64_t of) {
  if (row.begin % of != 0) return false;
  for (const std::int64_t by : row.by_variable) {
    if (by % of != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Row> row_of(const LogicalCertificate& certificate, const LogicalCertificate::Piece& piece,
                          std::size_t variables) {
  const auto& pattern = certificate.patterns[piece.pattern];
  const auto& value = certificate.values[pattern.value];
  Row row{.by_variable = std::vector<std::int64_t>(variables)};
  bool inner_whole = true;
  for (std::size_t axis = value.extents.size(); axis-- > value.coordinates;) {
    const std::int64_t size = pattern.sizes[axis], extent = value.extents[axis];
    // Beside one another: whatever lies further out than a cut axis is a single index.
    if (!inner_whole && size != 1) return std::nullopt;
    const auto& begin = certificate.begins[piece.first_begin + axis];
    row.begin += begin.constant * row.terms;
    const auto& linear = certificate.linears[begin.linear];
    for (std::size_t v = 0; v < linear.size() && v < variables; ++v)
      row.by_variable[v] += linear[v] * row.terms;
    row.length *= size;
    row.terms *= extent;
    inner_whole = inner_whole && size == extent;
  }
  return row;
}

bool starts_node(const Row& row, std::int64_t count) {
  return row.terms % row.length == 0 && is_power_of_two(row.terms / row.length) && is_power_of_two(count) &&
         count <= row.terms / row.length && multiple(row, row.length * count);
}

bool make_node(std::span<const Row> rows) {
  if (rows.empty() || !starts_node(rows[0], static_cast<std::int64_t>(rows.size()))) return false;
  Row expected = rows[0];
  for (const Row& row : rows) {
    if (row != expected) return false;
    expected.begin += expected.length;
  }
  return true;
}

bool make_node_over(const Row& row, Id variable, std::int64_t points) {
  if (variable >= row.by_variable.size() || row.by_variable[variable] != row.length) return false;
  Row first = row;
  first.by_variable[variable] = 0;
  return starts_node(first, points);
}

}  // namespace cep::logical::order
