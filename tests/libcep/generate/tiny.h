// Shapes small enough to look at.
#pragma once

#include <gtest/gtest.h>

#include "cep/expand.h"
#include "cep/generate.h"

namespace cep::logical {

inline LlamaShape tiny() {
  return {.name = "tiny",
          .layers = 3,
          .hidden = 16,
          .heads = 4,
          .kv_heads = 2,
          .intermediate = 12,
          .vocabulary = 8,
          .sequence = 4,
          .batch = 8,
          .experts = {}};
}

inline LlamaShape tiny_experts() {
  LlamaShape shape = tiny();
  shape.experts = {
      .count = 4, .chosen = 2, .groups = 2, .chosen_groups = 2, .intermediate = 6, .first_layer = 1};
  return shape;
}

// Every option alone and several together, on 2 x 2 x 2 ranks.
inline std::vector<Partition> partitions() {
  const Partition base{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
  std::vector<Partition> out = {{}, base};
  const auto with = [&](auto change) {
    Partition changed = base;
    change(changed);
    out.push_back(changed);
  };
  with([](Partition& p) { p.dp = 1; });
  with([](Partition& p) { p.tp = 1; });
  with([](Partition& p) { p.pp = 1; });
  with([](Partition& p) { p.pp = 3, p.micro_batches = 4; });
  with([](Partition& p) { p.schedule = Schedule::kAllForwardFirst; });
  with([](Partition& p) { p.gradients = Gradients::kScattered; });
  with([](Partition& p) { p.gradients = Gradients::kScatteredWithWeights; });
  with([](Partition& p) { p.gradients = Gradients::kScatteredWithWeights, p.recompute = true; });
  with([](Partition& p) { p.exchange_heads = true; });
  with([](Partition& p) { p.exchange_heads = p.vocabulary_parallel = true, p.step = Step::kInference; });
  with([](Partition& p) { p.border = Border::kPieces; });
  with([](Partition& p) { p.sequence_parallel = true; });
  with([](Partition& p) { p.vocabulary_parallel = true; });
  with([](Partition& p) { p.recompute = true; });
  with([](Partition& p) { p.step = Step::kInference; });
  with([](Partition& p) {
    p.sequence_parallel = p.vocabulary_parallel = p.recompute = true;
    p.gradients = Gradients::kScattered;
  });
  with([](Partition& p) { p.sequence_parallel = p.vocabulary_parallel = true, p.step = Step::kInference; });
  return out;
}

inline Document made(const LlamaShape& shape, Partition partition, Form form = Form::kExpanded) {
  partition.form = form;
  auto document = generate_llama(shape, partition);
  if (!document) {
    ADD_FAILURE() << acp::to_string(document.error());
    return {};
  }
  return std::move(document).value();
}

}  // namespace cep::logical
