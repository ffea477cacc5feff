#include "batch/share.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cep::logical::batch {
namespace {

using enum Batched::Kind;
using Shared = std::variant<std::vector<Batched>, Fault>;

bool has(const std::vector<Axis>& axes, Axis axis) { return std::ranges::find(axes, axis) != axes.end(); }
Fault meets(std::string how) { return {"CEP-BATCH-1", std::move(how)}; }

// The axis that runs over samples, and how many of its elements are one sample's.
struct Samples {
  Axis axis = kUnit;  // none
  std::int64_t run = 1;
};

std::variant<Samples, Fault> samples_of(const Form& form, std::span<const Batched> operands) {
  Samples samples;
  for (std::size_t i = 0; form.reads_operands && i < operands.size(); ++i) {
    if (operands[i].kind != kRows) continue;
    const Axis here = form.operands[i][operands[i].dim];
    if (here == kUnit)
      return meets("operand " + std::to_string(i) + " has one sample, stretched over another dimension");
    if (samples.axis != kUnit && (samples.axis != here || samples.run != operands[i].run))
      return meets("operand " + std::to_string(i) + " has its samples in another dimension");
    samples = {here, operands[i].run};
  }
  return samples;
}

// What a result reads.
struct Reads {
  std::size_t fixed = 0, rows = 0, sums = 0;
  bool linear = true;  // in each sum
};
Reads reads_of(const Form& form, const Form::Result& result, std::span<const Batched> operands) {
  Reads reads;
  for (std::size_t i = 0; form.reads_operands && i < operands.size(); ++i) {
    if ((result.unread >> i & 1) != 0) continue;
    switch (operands[i].kind) {
      case kFixed: ++reads.fixed; break;
      case kRows: ++reads.rows; break;
      case kSum:
        ++reads.sums;
        reads.linear = reads.linear && (result.linear_in >> i & 1) != 0;
        break;
    }
  }
  return reads;
}

std::variant<Batched, Fault> share_result(const Form& form, const Form::Result& result,
                                          std::span<const Batched> operands, const Samples& samples) {
  const Reads reads = reads_of(form, result, operands);
  const bool runs = samples.axis != kUnit;
  const auto at = runs ? std::ranges::find(result.dims, samples.axis) : result.dims.end();
  const bool kept = at != result.dims.end(), added = runs && has(result.reduced, samples.axis);
  if (reads.sums > 0) {
    const bool sum_of_sums = !form.adds.empty() && reads.fixed == 0;
    if (reads.rows > 0 || kept || added || !(sum_of_sums || (reads.sums == 1 && reads.linear)))
      return Fault{"CEP-BATCH-2", "not linear in a sum over samples"};
    return Batched{kSum};
  }
  if (!kept && !added) {
    if (reads.rows > 0) return meets("makes one value of several samples");
    return Batched{};
  }
  if (reads.rows == 0) return meets("runs over samples it does not read");
  if ((form.opaque >> samples.axis & 1) != 0 || form.window == samples.axis ||
      has(result.divided_by, samples.axis))
    return meets("a sample is computed from, or scaled by, the others");
  if (!kept) return Batched{kSum};
  return Batched{kRows, static_cast<std::uint8_t>(at - result.dims.begin()), samples.run};
}

// `whole`: shapes are those of a large batch, where a length that stays cannot be mistaken for one that grows.
Shared share_form(const Form& form, std::span<const Batched> operands, bool whole) {
  auto found = samples_of(form, operands);
  if (auto* fault = std::get_if<Fault>(&found)) return std::move(*fault);
  const auto samples = std::get<Samples>(found);
  for (std::size_t i = 0; whole && samples.axis != kUnit && i < operands.size(); ++i) {
    if (operands[i].kind != kRows && has(form.operands[i], samples.axis))
      return meets("operand " + std::to_string(i) + " does not grow with the batch");
  }
  std::vector<Batched> results;
  results.reserve(form.results.size());
  for (const Form::Result& result : form.results) {
    auto shared = share_result(form, result, operands, samples);
    if (auto* fault = std::get_if<Fault>(&shared)) return std::move(*fault);
    results.push_back(std::get<Batched>(shared));
  }
  return results;
}

// The dimension of the result in which whole samples stand one behind another.
Shared share_reshape(const Shape& from, const Shape& to, const Batched& how) {
  if (how.kind != kRows) return std::vector{how};
  std::int64_t sample = how.run;  // elements that stand between one sample and the next
  for (std::size_t d = how.dim + std::size_t{1}; d < from.size(); ++d) sample *= from[d];
  std::optional<Batched> found;
  std::int64_t behind = 1;
  for (std::size_t d = to.size(); d-- > 0; behind *= to[d]) {
    if (sample % behind != 0 || (behind * to[d]) % sample != 0) continue;
    // Of several, around one sample: the outermost of those that are the batch alone.
    const Batched here{kRows, static_cast<std::uint8_t>(d), sample / behind};
    if (!found || found->run >= here.run) found = here;
  }
  if (!found) return meets("cuts between two elements of one sample");
  return std::vector{*found};
}

Shared share_sum(std::span<const Batched> operands) {
  for (const Batched& operand : operands) {
    if (operand == operands[0]) continue;
    if (operand.kind == kSum || operands[0].kind == kSum)
      return Fault{"CEP-BATCH-2", "adds what is no sum over samples to one"};
    return meets("adds samples to what has none, or has them elsewhere");
  }
  return std::vector{operands[0]};
}

Shared share_meaning(const Application& application, const Meaning& meaning,
                     std::span<const Batched> operands, bool whole) {
  switch (meaning.kind) {
    case Meaning::Kind::kForm: return share_form(meaning.form, operands, whole);
    case Meaning::Kind::kSame: {
      return std::vector(application.outputs.size(), operands[0]);
    }
    case Meaning::Kind::kTranspose: {
      Batched how = operands[0];
      if (how.kind == kRows && (how.dim == meaning.dim0 || how.dim == meaning.dim1))
        how.dim = how.dim == meaning.dim0 ? meaning.dim1 : meaning.dim0;
      return std::vector{how};
    }
    case Meaning::Kind::kReshape:
      return share_reshape(*application.inputs[0].shape, *application.outputs[0].shape, operands[0]);
    case Meaning::Kind::kSum: return share_sum(operands);
  }
  return meets("");
}

}  // namespace

bool fits(const Shape& shape, const Batched& how) {
  return how.kind != kRows || (how.dim < shape.size() && shape[how.dim] % how.run == 0);
}

Shape stretched(Shape shape, const Batched& how, std::int64_t times) {
  if (how.kind == kRows) shape[how.dim] *= times;
  return shape;
}

Shared share(const Application& application, std::span<const Batched> operands, std::int64_t factor) {
  const auto attempt = [&](std::span<const Typed> inputs, std::span<const Typed> outputs,
                           bool whole) -> Shared {
    auto meaning = meaning_of(application.operation, inputs, outputs);
    if (!meaning) return meets("at another batch: " + meaning.error().message);
    limit_linear(meaning->form, application.infinite);
    return share_meaning(application, *meaning, operands, whole);
  };
  Shared guess = attempt(application.inputs, application.outputs, false);
  const auto* results = std::get_if<std::vector<Batched>>(&guess);
  if (results == nullptr) return guess;
  // Once more where the batch is large.
  std::vector<Shape> shapes;
  shapes.reserve(operands.size() + results->size());
  std::vector<Typed> inputs, outputs;
  inputs.reserve(operands.size());
  outputs.reserve(results->size());
  for (std::size_t i = 0; i < operands.size(); ++i) {
    shapes.push_back(stretched(*application.inputs[i].shape, operands[i], factor));
    inputs.push_back({&shapes.back(), application.inputs[i].element});
  }
  for (std::size_t i = 0; i < results->size(); ++i) {
    if (!fits(*application.outputs[i].shape, (*results)[i])) return meets("makes no such samples");
    shapes.push_back(stretched(*application.outputs[i].shape, (*results)[i], factor));
    outputs.push_back({&shapes.back(), application.outputs[i].element});
  }
  Shared sure = attempt(inputs, outputs, true);
  if (const auto* again = std::get_if<std::vector<Batched>>(&sure); again != nullptr && *again != *results)
    return meets("does something else at another batch");
  return sure;
}

}  // namespace cep::logical::batch
