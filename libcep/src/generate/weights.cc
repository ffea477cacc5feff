// Which parameters a model has, by the names of the published checkpoints, and how tp shares them.
#include "generate/layers.h"

namespace cep::logical {

namespace {

int vocabulary_cut(const Partition& partition) { return partition.vocabulary_parallel ? 0 : -1; }

}  // namespace

std::vector<Weight> embedding_weights(const LlamaShape& shape, const Partition& partition) {
  return {{.name = "tok_embeddings.weight",
           .shape = {shape.vocabulary, shape.hidden},
           .cut = vocabulary_cut(partition)}};
}

std::vector<Weight> layer_weights(const LlamaShape& shape, const Partition& partition, std::int64_t layer) {
  const std::string prefix = "layers." + std::to_string(layer) + ".";
  const std::int64_t h = shape.hidden, head = h / shape.heads, kv = shape.kv_heads * head;
  const bool summed = shares_sequence(partition), whole = partition.exchange_heads;
  const int rows = whole ? -1 : 0, columns = whole ? -1 : 1;
  std::vector<Weight> out = {
      {.name = prefix + "attention_norm.weight", .shape = {h}, .summed = summed},
      {.name = prefix + "attention.wq.weight", .shape = {h, h}, .cut = rows, .summed = whole},
      {.name = prefix + "attention.wk.weight", .shape = {kv, h}, .cut = rows, .summed = whole},
      {.name = prefix + "attention.wv.weight", .shape = {kv, h}, .cut = rows, .summed = whole},
      {.name = prefix + "attention.wo.weight", .shape = {h, h}, .cut = columns, .summed = whole},
      {.name = prefix + "ffn_norm.weight", .shape = {h}, .summed = summed},
  };
  const Experts& experts = shape.experts;
  if (experts.count == 0 || layer < experts.first_layer) {
    const std::int64_t d = shape.intermediate;
    out.push_back({.name = prefix + "feed_forward.w1.weight", .shape = {d, h}, .cut = rows, .summed = whole});
    out.push_back({.name = prefix + "feed_forward.w3.weight", .shape = {d, h}, .cut = rows, .summed = whole});
    out.push_back(
        {.name = prefix + "feed_forward.w2.weight", .shape = {h, d}, .cut = columns, .summed = whole});
    return out;
  }
  const std::int64_t e = experts.count, d = experts.intermediate;
  out.push_back({.name = prefix + "feed_forward.gate.weight", .shape = {e, h}});
  out.push_back({.name = prefix + "feed_forward.experts.w1", .shape = {e, d, h}, .cut = 0});
  out.push_back({.name = prefix + "feed_forward.experts.w3", .shape = {e, d, h}, .cut = 0});
  out.push_back({.name = prefix + "feed_forward.experts.w2", .shape = {e, h, d}, .cut = 0});
  return out;
}

std::vector<Weight> head_weights(const LlamaShape& shape, const Partition& partition) {
  return {
      {.name = "norm.weight", .shape = {shape.hidden}, .summed = shares_sequence(partition)},
      {.name = "output.weight", .shape = {shape.vocabulary, shape.hidden}, .cut = vocabulary_cut(partition)}};
}

}  // namespace cep::logical
