// Sums and quotients as each kind of number takes them.
//
// Numbers whose sums have no order (the field, intervals) are added as they come. Those that have one are trees (CEP 11.10): the terms stand in
// a row; a row of even length is the sum of its halves, one of odd length is added from left to right.
//
// Spec     CEP 11.10.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "replay/field.h"

namespace cep::logical::oracle {

// Numbers whose sums have an order.
template <typename N>
concept Ordered = requires { Numbers<N>::kOrdered; };

template <typename N>
class SumOf {
 public:
  void take(const N& term) { total_ = add(total_, term); }
  // A term that a window or a routing leaves out: it has its place in the row, and is 0.
  void take_nothing() {}
  [[nodiscard]] N value() const { return total_; }

 private:
  N total_{};
};

template <Ordered N>
class SumOf<N> {
 public:
  void take(N term) { row_.push_back(std::move(term)); }
  void take_nothing() { row_.push_back(N{}); }
  [[nodiscard]] N value() const { return row_.empty() ? N{} : tree(row_); }

 private:
  static N tree(std::span<const N> row) {
    if (row.size() % 2 == 0) return add(tree(row.first(row.size() / 2)), tree(row.last(row.size() / 2)));
    N total = row[0];
    for (const N& next : row.subspan(1)) total = add(total, next);
    return total;
  }

  std::vector<N> row_;
};

// The elements of a tensor while they are added up.
template <typename N>
using TensorSums = std::vector<SumOf<N>>;
template <typename N>
void put_sums(const TensorSums<N>& sums, std::vector<N>& result) {
  for (std::size_t i = 0; i < sums.size(); ++i) result[i] = sums[i].value();
}

// Divides many numbers by one.
template <typename N>
class DivisorOf {
 public:
  explicit DivisorOf(const N& by) : inverse_(inverse(by)) {}
  [[nodiscard]] N divide(const N& x) const { return multiply(x, inverse_); }

 private:
  N inverse_;
};

}  // namespace cep::logical::oracle
