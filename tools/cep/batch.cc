#include "tools/cep/batch.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "cep/batch.h"
#include "tools/cep/finding.h"

namespace tools {
namespace {

using namespace cep::logical;

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Written {
  std::string_view tensor;
  std::uint8_t dim = 0;
  std::int64_t run = 1;
};
// A name may have colons itself: what follows the last ones are numbers.
std::optional<Written> written(std::string_view text) {
  const auto last = text.rfind(':');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const auto before = text.rfind(':', last - 1);
  const auto tail = text.substr(last + 1);
  if (before != std::string_view::npos && before > 0) {
    const auto dim = number<std::uint8_t>(text.substr(before + 1, last - before - 1));
    const auto run = number<std::int64_t>(tail);
    if (dim && run) return Written{text.substr(0, before), *dim, *run};
  }
  const auto dim = number<std::uint8_t>(tail);
  if (!dim) return std::nullopt;
  return Written{text.substr(0, last), *dim, 1};
}

std::string name_of(const Reference& reference, Id tensor) {
  const std::string& name = reference.names[tensor];
  return name.empty() ? std::to_string(reference.program.tensors[tensor].source) : name;
}

// Adds the axis, of each tensor that is meant. Whether any was.
bool add_axes(const Reference& reference, const Written& axis, std::vector<BatchAxis>& axes) {
  const auto& tensors = reference.program.tensors;
  const auto source = number<std::uint32_t>(axis.tensor);
  const auto named = [&](Id id) { return !axis.tensor.empty() && reference.names[id] == axis.tensor; };
  bool by_name = false;
  for (Id id = 0; id < tensors.size(); ++id) by_name = by_name || named(id);
  const std::size_t before = axes.size();
  for (Id id = 0; id < tensors.size(); ++id) {
    const bool meant = by_name              ? named(id)
                       : axis.tensor == "*" ? tensors[id].role == Role::kInput
                                            : source && tensors[id].source == *source;
    if (meant) axes.push_back({id, axis.dim, axis.run});
  }
  return axes.size() > before;
}

}  // namespace

acp::Result<Exit> answer_batch(const Document& document, const std::vector<std::string>& axes,
                               bool to_the_bit, Json& json, std::string& text) {
  std::vector<BatchAxis> batch;
  for (const std::string& axis : axes) {
    const auto parts = written(axis);
    if (!parts)
      return acp::malformed("CEP-INPUT-1", "--batch " + axis, "is not TENSOR:DIM, nor TENSOR:DIM:RUN");
    if (!add_axes(document.reference, *parts, batch))
      return acp::malformed("CEP-INPUT-1", "--batch " + axis, "the reference has no such tensor");
  }
  const auto found = follow_batch(document, batch);
  Json& answer = json["batch"];
  if (const auto* finding = std::get_if<Finding>(&found)) {
    answer = {{"verdict", "not proved"}, {"finding", finding_of(*finding)}};
    text += "at this batch alone: " + to_string(*finding) + "\n";
    return Exit::kUndecided;
  }
  const bool bits = to_the_bit && !std::get<BatchFamily>(found).sums();
  answer = {{"verdict", "proved"}, {"guarantee", bits ? "bitwise" : "real"}, {"axes", Json::array()}};
  text += fmt::format("proved{} at every batch, k = 1, 2, ... times this one:", bits ? " to the bit" : "");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& [tensor, dim, run] = batch[i];
    const std::string name = name_of(document.reference, tensor);
    const std::int64_t length = document.reference.program.shape(tensor)[dim];
    answer["axes"].push_back({{"tensor", name}, {"dim", dim}, {"run", run}, {"length", length}});
    if (i < 4) text += fmt::format("{} {}[{}] = {} k", i == 0 ? "" : ",", name, dim, length);
  }
  text += batch.size() > 4 ? fmt::format(" and {} more\n", batch.size() - 4) : "\n";
  return Exit::kYes;
}

}  // namespace tools
