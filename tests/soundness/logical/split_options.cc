#include "soundness/logical/split_options.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cep::logical::oracle {
namespace {

constexpr Split kAll{Spread::kCopies, 0};
constexpr Split kAddends{Spread::kAddends, 0};
Split cut(std::size_t dim) { return {Spread::kPieces, dim}; }

struct Asked {
  const Operation& operation;
  const std::vector<Shape>& in;
  const std::vector<Shape>& out;
  std::vector<Option>& options;

  void offer(std::vector<Split> operands, std::vector<Split> results) const {
    options.push_back({std::move(operands), std::move(results)});
  }
  // The gradients come as addends, what they are gradients of as copies; or the operands of a linear operator do.
  void offer_addends(std::size_t addends) const {
    std::vector<Split> operands(in.size(), kAll);
    std::fill_n(operands.begin(), addends, kAddends);
    offer(std::move(operands), std::vector<Split>(out.size(), kAddends));
  }
  // All tensors have one shape, and are cut alike.
  void offer_alike(std::size_t rank, std::size_t but = SIZE_MAX) const {
    for (std::size_t d = 0; d < rank; ++d) {
      if (d != but) offer(std::vector<Split>(in.size(), cut(d)), std::vector<Split>(out.size(), cut(d)));
    }
  }
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The dimension of an operand that meets dimension d of a result it is stretched to, and whether it is stretched there.
Split stretched(const Shape& operand, const Shape& result, std::size_t d, Split where_stretched) {
  const std::size_t skip = result.size() - operand.size();
  if (d < skip || (operand[d - skip] == 1 && result[d] != 1)) return where_stretched;
  return cut(d - skip);
}
void broadcasting(const Asked& asked) {
  const bool backward = asked.operation.backward;
  const std::size_t first = backward ? 1 : 0;
  const Shape& result = backward ? asked.in[0] : asked.out[0];
  for (std::size_t d = 0; d < result.size(); ++d) {
    std::vector<Split> operands;
    std::vector<Split> gradients;
    if (backward) operands.push_back(cut(d));
    for (std::size_t i = first; i < asked.in.size(); ++i) {
      operands.push_back(stretched(asked.in[i], result, d, kAll));
      gradients.push_back(stretched(asked.in[i], result, d, kAddends));
    }
    asked.offer(std::move(operands), backward ? gradients : std::vector<Split>{cut(d)});
  }
  if (backward) {
    asked.offer_addends(1);
  } else if (asked.operation.name == "mul") {
    asked.offer({kAddends, kAll}, {kAddends});
    asked.offer({kAll, kAddends}, {kAddends});
  } else if (asked.in[0] == asked.in[1]) {
    asked.offer({kAddends, kAddends}, {kAddends});
  }
}

void linear(const Asked& asked) {
  const bool backward = asked.operation.backward;
  const std::size_t last = asked.in[backward ? 1 : 0].size() - 1;
  for (std::size_t d = 0; d < last; ++d) {
    if (backward) {
      asked.offer({cut(d), cut(d), kAll}, {cut(d), kAddends});
    } else {
      asked.offer({cut(d), kAll}, {cut(d)});
    }
  }
  if (backward) {
    asked.offer({cut(last), kAll, cut(0)}, {kAddends, cut(0)});
    asked.offer({kAll, cut(last), cut(1)}, {cut(last), cut(1)});
  } else {
    asked.offer({kAll, cut(0)}, {cut(last)});
    asked.offer({cut(last), cut(1)}, {kAddends});
  }
  asked.offer_addends(1);
}

void matmul(const Asked& asked) {
  const bool backward = asked.operation.backward;
  const std::size_t row = asked.in[0].size() - 2;
  const std::size_t column = row + 1;
  for (std::size_t d = 0; d < row; ++d)
    asked.offer(std::vector<Split>(asked.in.size(), cut(d)), std::vector<Split>(asked.out.size(), cut(d)));
  if (backward) {
    asked.offer({cut(row), cut(row), kAll}, {cut(row), kAddends});
    asked.offer({cut(column), kAll, cut(column)}, {kAddends, cut(column)});
    asked.offer({kAll, cut(column), cut(row)}, {cut(column), cut(row)});
  } else {
    asked.offer({cut(row), kAll}, {cut(row)});
    asked.offer({kAll, cut(column)}, {cut(column)});
    asked.offer({cut(column), cut(row)}, {kAddends});
    asked.offer({kAll, kAddends}, {kAddends});
  }
  asked.offer_addends(1);
}

// Groups of dimensions with equal products: their first ones are cut alike.
void reshape(const Asked& asked) {
  const bool backward = asked.operation.backward;
  const Shape& from = asked.in[0];
  const Shape& to = asked.out[0];
  for (std::size_t i = 0, j = 0; i < from.size() && j < to.size();) {
    std::int64_t left = from[i];
    std::int64_t right = to[j];
    const Split before = cut(i++);
    const Split after = cut(j++);
    while (left != right) {
      if (left < right && i < from.size()) {
        left *= from[i++];
      } else if (right < left && j < to.size()) {
        right *= to[j++];
      } else {
        return;
      }
    }
    asked.offer(backward ? std::vector<Split>{before, after} : std::vector<Split>{before}, {after});
  }
  asked.offer_addends(1);
}

void transpose(const Asked& asked) {
  const auto dim = [&](std::string_view name) {
    for (const auto& attribute : asked.operation.attributes) {
      if (attribute.name == name) return static_cast<std::size_t>(std::get<std::int64_t>(attribute.value));
    }
    return std::size_t{0};
  };
  for (std::size_t d = 0; d < asked.in[0].size(); ++d) {
    const std::size_t to = d == dim("dim0") ? dim("dim1") : d == dim("dim1") ? dim("dim0") : d;
    asked.offer(asked.operation.backward ? std::vector<Split>{cut(d), cut(to)} : std::vector<Split>{cut(d)},
                {cut(to)});
  }
  asked.offer_addends(1);
}

void rotary(const Asked& asked) {
  const std::size_t pieces = asked.operation.backward ? 4 : 2;
  for (std::size_t d = 0; d < 3; ++d) {
    std::vector<Split> operands(pieces + 1, cut(d));
    operands.back() = d == 1 ? cut(0) : kAll;
    asked.offer(std::move(operands), {cut(d), cut(d)});
  }
  asked.offer_addends(2);
}

void embedding(const Asked& asked) {
  if (asked.operation.backward) {
    const std::size_t last = asked.in[0].size() - 1;
    for (std::size_t d = 0; d < last; ++d) asked.offer({cut(d), cut(d), kAll}, {kAddends});
    asked.offer({cut(last), kAll, cut(1)}, {cut(1)});
    asked.offer({kAll, kAll, cut(0)}, {cut(0)});
    asked.offer_addends(1);
    return;
  }
  for (std::size_t d = 0; d < asked.in[0].size(); ++d) asked.offer({cut(d), kAll}, {cut(d)});
  asked.offer({kAll, cut(1)}, {cut(asked.in[0].size())});
  asked.offer({kAll, cut(0)}, {kAddends});
}

void router(const Asked& asked) {
  if (asked.operation.backward) {
    asked.offer({cut(0), cut(0), kAll}, {cut(0), kAddends});
    asked.offer_addends(1);
  } else {
    asked.offer({cut(0), kAll}, {cut(0), cut(0)});
  }
}
void experts(const Asked& asked) {
  if (asked.operation.backward) {
    asked.offer({cut(0), cut(0), cut(0), cut(0), kAll, kAll, kAll},
                {cut(0), cut(0), kAddends, kAddends, kAddends});
    asked.offer({kAll, kAll, kAll, kAll, cut(0), cut(0), cut(0)},
                {kAddends, kAddends, cut(0), cut(0), cut(0)});
    asked.offer({kAll, kAll, kAll, kAll, cut(1), cut(1), cut(2)},
                {kAddends, kAddends, cut(1), cut(1), cut(2)});
    asked.offer_addends(1);
    return;
  }
  asked.offer({cut(0), cut(0), cut(0), kAll, kAll, kAll}, {cut(0)});
  asked.offer({kAll, kAll, kAll, cut(0), cut(0), cut(0)}, {kAddends});
  asked.offer({kAll, kAll, kAll, cut(1), cut(1), cut(2)}, {kAddends});
  asked.offer({kAll, kAll, kAddends, kAll, kAll, kAll}, {kAddends});
}

void masks(const Asked& asked) {
  if (asked.operation.name == "causal_mask") {
    asked.offer({cut(0), cut(0)}, {kAll});
    asked.offer({kAll, cut(2)}, {kAll});
    return;
  }
  const std::size_t same = asked.operation.backward ? 2 : 1;
  for (std::size_t d = 0; d < 4; ++d) {
    std::vector<Split> operands(same, cut(d));
    operands.push_back(d < 2 ? kAll : cut(d));
    asked.offer(std::move(operands), {cut(d)});
  }
  if (asked.operation.backward) asked.offer_addends(1);
}

void caches(const Asked& asked) {
  for (const std::size_t d : {0u, 1u, 3u}) {
    const bool mask = asked.operation.name == "cache_mask";
    if (!mask || d < asked.in[0].size())
      asked.offer(std::vector<Split>(asked.in.size(), cut(d)), {mask ? kAll : cut(d)});
  }
}

// Sums over some dimensions.
void reduction(const Asked& asked) {
  const bool backward = asked.operation.backward;
  const Shape& x = asked.in[backward ? 1 : 0];
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (asked.operation.name == "sum_all") {
      if (backward) {
        asked.offer({kAll, cut(d)}, {cut(d)});
      } else {
        asked.offer({cut(d)}, {kAddends});
      }
    } else if (d + 1 < x.size()) {  // the mean is over the last one
      asked.offer(std::vector<Split>(asked.in.size(), cut(d)), {cut(d)});
    }
  }
  asked.offer_addends(1);
}

}  // namespace

std::vector<Option> options_of(const Operation& operation, const std::vector<Shape>& operands,
                               const std::vector<Shape>& results) {
  std::vector<Option> options;
  options.push_back({std::vector<Split>(operands.size(), kAll), std::vector<Split>(results.size(), kAll)});
  const Asked asked{operation, operands, results, options};
  const std::string_view name = operation.name;
  const std::size_t rank = operands[0].size();
  if (is_one_of(name, {"add", "mul"}) && operands.size() > (operation.backward ? 2u : 1u)) {
    broadcasting(asked);
  } else if (name == "sum") {
    asked.offer_alike(rank);
    asked.offer_addends(operands.size());
  } else if (is_one_of(name, {"copy", "identity", "cast", "div", "power", "rsqrt", "silu", "add"})) {
    asked.offer_alike(rank);
    // Rounded sums are no sums of what is rounded, there and back.
    if ((operation.backward && name != "cast") || is_one_of(name, {"copy", "identity", "div"}))
      asked.offer_addends(1);
  } else if (name == "softmax") {
    asked.offer_alike(rank, rank - 1);
    if (operation.backward) asked.offer_addends(1);
  } else {
    constexpr std::array<std::pair<std::string_view, void (*)(const Asked&)>, 13> kRules{
        {{"linear", linear},
         {"matmul", matmul},
         {"reshape", reshape},
         {"transpose", transpose},
         {"rotary", rotary},
         {"embedding", embedding},
         {"router", router},
         {"experts", experts},
         {"causal_mask", masks},
         {"add_mask", masks},
         {"cache_mask", caches},
         {"cache_update", caches},
         {"mean", reduction}}};
    for (const auto& [rule, offer] : kRules) {
      if (rule == name) offer(asked);
    }
    if (name == "sum_all") reduction(asked);
  }
  return options;
}

}  // namespace cep::logical::oracle
