#include "generate/stage.h"

namespace cep::logical {

std::vector<Weight> Stage::weights() const {
  const LlamaShape& shape = holding_.shape;
  const Partition& partition = holding_.partition;
  std::vector<Weight> out;
  if (range_.embeds) out = embedding_weights(shape, partition);
  for (std::int64_t layer = range_.first; layer < range_.behind; ++layer)
    for (Weight& weight : layer_weights(shape, partition, layer)) out.push_back(std::move(weight));
  if (range_.ends)
    for (Weight& weight : head_weights(shape, partition)) out.push_back(std::move(weight));
  return out;
}

Id Stage::forward(Site site, Turn turn, Id input) {
  const bool training = holding_.partition.step == Step::kTraining;
  const bool decoding = holding_.partition.step == Step::kDecoding;
  Batch batch{.turn = turn, .parts = {}};
  if (range_.embeds) {
    Kept part;
    part.segment.emplace_back(writer_, holding_, site, turn).embed();
    input = part.segment[0].out.tensor;
    batch.parts.push_back(std::move(part));
  }
  for (std::int64_t layer = range_.first; layer < range_.behind; ++layer) {
    Kept part{.layer = layer, .input = input, .segment = {}};
    Cache* cache = decoding ? &caches_.at({site.micro_batch, layer}) : nullptr;
    part.segment.emplace_back(writer_, holding_, site, turn, cache).layer(layer, input);
    input = part.segment[0].out.tensor;
    if (holding_.partition.recompute) part.segment.clear();
    batch.parts.push_back(std::move(part));
  }
  if (range_.ends) {
    Kept part{.layer = -1, .input = input, .segment = {}};
    part.segment.emplace_back(writer_, holding_, site, turn).head(input);
    input = part.segment[0].out.tensor;
    batch.parts.push_back(std::move(part));
  }
  if (training) batches_.emplace(site.micro_batch, std::move(batch));
  return input;
}

Id Stage::backward(Site site, Id gradient) {
  Batch batch = std::move(batches_.at(site.micro_batch));
  batches_.erase(site.micro_batch);
  while (!batch.parts.empty()) {
    Kept& part = batch.parts.back();
    if (part.segment.empty())
      part.segment.emplace_back(writer_, holding_, site, batch.turn).layer(part.layer, part.input);
    Segment& segment = part.segment[0];
    segment.tape.set_gradient(segment.out, gradient);
    segment.tape.backward();
    accumulate(segment, site);
    gradient = segment.in.slot == kNone ? kNone : segment.tape.gradient(segment.in);
    batch.parts.pop_back();
  }
  return gradient;
}

void Stage::accumulate(const Segment& segment, Site site) {
  const bool tree = holding_.partition.order == SumOrder::kTree;
  for (const auto& [name, value] : segment.used) {
    std::vector<Partial>& partials = gradients_[name];
    partials.push_back({segment.tape.gradient(value), 0});
    // A running sum, or one of halves: equal numbers of micro-batches are added.
    while (partials.size() > 1 && (!tree || partials.back().level == partials[partials.size() - 2].level)) {
      const Partial last = partials.back();
      partials.pop_back();
      Partial& before = partials.back();
      const std::vector<Id> both = {before.tensor, last.tensor};
      const Id total = writer_.value_like(last.tensor, place_);
      writer_.line({.name = "sum", .backward = false, .attributes = {}}, site, both, std::span(&total, 1));
      before = {total, before.level + 1};
    }
  }
}

}  // namespace cep::logical
