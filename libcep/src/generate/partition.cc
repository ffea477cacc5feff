#include "generate/partition.h"

#include <algorithm>
#include <array>
#include <bit>

#include "generate/layers.h"
#include "generate/schedule.h"

namespace cep::logical {

namespace {

using acp::invalid;

// One number of a shape or partition, and its bounds.
struct Bound {
  const char* path;
  std::int64_t value;
  std::int64_t least;
};

acp::Status check_numbers(const LlamaShape& shape, const Partition& partition) {
  const Experts& e = shape.experts;
  const Decoding& d = shape.decoding;
  const std::array<Bound, 21> bounds = {{{"layers", shape.layers, 1},
                                         {"hidden", shape.hidden, 1},
                                         {"heads", shape.heads, 1},
                                         {"kv_heads", shape.kv_heads, 1},
                                         {"intermediate", shape.intermediate, 1},
                                         {"vocabulary", shape.vocabulary, 1},
                                         {"sequence", shape.sequence, 1},
                                         {"batch", shape.batch, 1},
                                         {"experts.count", e.count, 0},
                                         {"experts.chosen", e.chosen, 0},
                                         {"experts.groups", e.groups, 0},
                                         {"experts.chosen_groups", e.chosen_groups, 0},
                                         {"experts.first_layer", e.first_layer, 0},
                                         {"decoding.steps", d.steps, 1},
                                         {"decoding.length", d.length, 0},
                                         {"decoding.position", d.position, 0},
                                         {"dp", partition.dp, 1},
                                         {"tp", partition.tp, 1},
                                         {"pp", partition.pp, 1},
                                         {"interleave", partition.interleave, 1},
                                         {"micro_batches", partition.micro_batches, 1}}};
  for (const Bound& bound : bounds) {
    if (bound.value < bound.least)
      return invalid("CEP-GEN-2", bound.path, "less than " + std::to_string(bound.least));
    // 2^20: the product of three of them stays far below 2^63.
    if (bound.value > std::int64_t{1} << 20) return acp::over_limit("CEP-GEN-11", bound.path, "over 2^20");
  }
  return acp::ok();
}

acp::Status check_shape(const LlamaShape& shape) {
  if (shape.element != Element::kF32 && shape.element != Element::kBf16 && shape.element != Element::kF16 &&
      shape.element != Element::kF64)
    return invalid("CEP-GEN-3", "element", "weights and activations are floats");
  if (shape.hidden % (2 * shape.heads) != 0)
    return invalid("CEP-GEN-3", "heads", "hidden is not divided into heads of an even length");
  if (shape.heads % shape.kv_heads != 0)
    return invalid("CEP-GEN-3", "kv_heads", "not every key has the same number of heads");
  const Experts& e = shape.experts;
  if (e.count == 0) return acp::ok();
  if (e.intermediate < 1 || e.intermediate > std::int64_t{1} << 20)
    return invalid("CEP-GEN-4", "experts.intermediate", "not within 1 and 2^20");
  if (e.groups < 1 || e.count % e.groups != 0)
    return invalid("CEP-GEN-4", "experts.groups", "experts are not divided into groups");
  if (e.chosen_groups < 1 || e.chosen_groups > e.groups)
    return invalid("CEP-GEN-4", "experts.chosen_groups", "not within 1 and the number of groups");
  if (e.chosen < 1 || e.chosen > e.chosen_groups * (e.count / e.groups))
    return invalid("CEP-GEN-4", "experts.chosen", "not within 1 and the experts of the chosen groups");
  return acp::ok();
}

acp::Status check_tensor_parallel(const LlamaShape& shape, const Partition& partition) {
  const std::int64_t tp = partition.tp;
  if (shape.kv_heads % tp != 0)
    return invalid("CEP-GEN-6", "tp", "does not divide the heads of keys and values");
  const bool dense = shape.experts.count == 0 || shape.experts.first_layer > 0;
  if (dense && shape.intermediate % tp != 0)
    return invalid("CEP-GEN-6", "tp", "does not divide the intermediate length");
  if (shape.experts.count % tp != 0) return invalid("CEP-GEN-6", "tp", "does not divide the experts");
  if (shares_sequence(partition) && shape.sequence % tp != 0)
    return invalid("CEP-GEN-8", "tp", "does not divide the sequence");
  if (partition.vocabulary_parallel && shape.vocabulary % tp != 0)
    return invalid("CEP-GEN-9", "tp", "does not divide the vocabulary");
  return acp::ok();
}

// Every position that a step writes is one of the tensor.
acp::Status check_decoding(const LlamaShape& shape, const Partition& partition) {
  if (partition.step != Step::kDecoding) return acp::ok();
  const Decoding& decoding = shape.decoding;
  if (decoding.steps * shape.sequence > decoding.length - decoding.position)
    return invalid("CEP-GEN-12", "decoding.position", "a step writes past the last position");
  return acp::ok();
}

acp::Status check_interleaved(const LlamaShape& shape, const Partition& partition) {
  if (chunks(partition) > shape.layers)
    return invalid("CEP-GEN-7", partition.interleave > 1 ? "interleave" : "pp", "more chunks than layers");
  if (partition.interleave == 1) return acp::ok();
  if (partition.pp == 1)
    return invalid("CEP-GEN-13", "interleave", "one stage has nobody to take turns with");
  if (partition.micro_batches % partition.pp != 0)
    return invalid("CEP-GEN-13", "micro_batches", "no multiple of the stages");
  return acp::ok();
}

acp::Status check_scattered(const LlamaShape& shape, const Partition& partition) {
  if (partition.gradients == Gradients::kAllReduced) return acp::ok();
  std::vector<Weight> weights = embedding_weights(shape, partition);
  for (const Weight& weight : head_weights(shape, partition)) weights.push_back(weight);
  for (const std::int64_t layer : {std::int64_t{0}, shape.layers - 1})
    for (const Weight& weight : layer_weights(shape, partition, layer)) weights.push_back(weight);
  for (const Weight& weight : weights) {
    if (weight.shape[scattered_dim(weight)] % partition.dp != 0)
      return invalid("CEP-GEN-10", "dp", "does not divide what is scattered of " + weight.name);
  }
  return acp::ok();
}

// What is added up in two places of the order has to be halves of halves.
acp::Status check_order(const Partition& partition) {
  if (partition.order == SumOrder::kAny) return acp::ok();
  const auto halves = [](std::int64_t number) {
    return std::has_single_bit(static_cast<std::uint64_t>(number));
  };
  if (!halves(partition.dp)) return invalid("CEP-GEN-14", "dp", "no power of two, in tree order");
  if (!halves(partition.tp)) return invalid("CEP-GEN-14", "tp", "no power of two, in tree order");
  if (!halves(partition.micro_batches))
    return invalid("CEP-GEN-14", "micro_batches", "no power of two, in tree order");
  if (partition.step != Step::kTraining || partition.tp == 1) return acp::ok();
  if (shares_sequence(partition))
    return invalid("CEP-GEN-14", "sequence", "a share of it is no node of a gradient's sum");
  if (partition.vocabulary_parallel)
    return invalid("CEP-GEN-14", "vocabulary", "a share of it is no node of the loss");
  return acp::ok();
}

acp::Status check_size(const LlamaShape& shape, const Partition& partition) {
  constexpr std::int64_t kPerLayer =
      160;  // more than a layer has lines, forward, again and backward, both ends of messages
  const bool expanded = partition.form == Form::kExpanded;
  const std::int64_t points = expanded ? partition.dp * partition.tp : 1;  // below 2^40
  const std::int64_t layers = shape.layers + 2 + chunks(partition);        // below 2^22
  const std::int64_t lines = layers * kPerLayer;                           // below 2^30
  const std::int64_t times = turns(shape, partition);                      // below 2^41
  if (partition.dp * partition.tp > std::int64_t{1} << 24 ||
      partition.dp * partition.tp * partition.pp > std::int64_t{1} << 24)
    return acp::over_limit("CEP-GEN-11", "dp", "over 2^24 ranks");
  if (times > kMaxLines || lines * times > kMaxLines || lines * times * points > kMaxLines)
    return acp::over_limit("CEP-GEN-11", "micro_batches", "over 2^24 lines; a pattern has fewer");
  return acp::ok();
}

}  // namespace

acp::Status check_partition(const LlamaShape& shape, const Partition& partition) {
  ACP_CHECK(check_numbers(shape, partition));
  ACP_CHECK(check_shape(shape));
  if (shape.batch % (partition.dp * partition.micro_batches) != 0)
    return invalid("CEP-GEN-5", "batch", "not divided by replicas and micro-batches");
  ACP_CHECK(check_tensor_parallel(shape, partition));
  ACP_CHECK(check_decoding(shape, partition));
  ACP_CHECK(check_interleaved(shape, partition));
  ACP_CHECK(check_scattered(shape, partition));
  ACP_CHECK(check_order(partition));
  return check_size(shape, partition);
}

std::int64_t first_layer(const LlamaShape& shape, const Partition& partition, std::int64_t chunk) {
  return shape.layers / chunks(partition) * chunk + std::min(chunk, shape.layers % chunks(partition));
}

}  // namespace cep::logical
