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

// A decode loop: two steps that write positions 3 and 4 of 6.
inline LlamaShape tiny_decoding() {
  LlamaShape shape = tiny();
  shape.sequence = 1;
  shape.decoding = {.steps = 2, .length = 6, .position = 3};
  return shape;
}
// Two tokens a step, from an empty cache until it is full.
inline LlamaShape tiny_prefill() {
  LlamaShape shape = tiny_experts();
  shape.sequence = 2;
  shape.decoding = {.steps = 3, .length = 6, .position = 0};
  return shape;
}

struct Planned {
  LlamaShape shape;
  Partition partition;
};
inline std::vector<Planned> decode_loops() {
  std::vector<Planned> out;
  for (const LlamaShape& shape : {tiny_decoding(), tiny_prefill()})
    for (Partition partition : partitions()) {
      if (partition.recompute || partition.gradients == Gradients::kScattered) continue;  // of training
      if (shape.sequence == 1 && (partition.sequence_parallel || partition.exchange_heads)) continue;
      partition.step = Step::kDecoding;
      out.push_back({shape, partition});
    }
  return out;
}

// Five or eight layers in four or six chunks, on two or three stages.
inline std::vector<Planned> interleavings() {
  LlamaShape shape = tiny();
  shape.layers = 5;
  const Partition base{.tp = 2, .pp = 2, .interleave = 2, .micro_batches = 4};
  std::vector<Planned> out = {{shape, base}};
  const auto with = [&](auto change) {
    Planned changed{shape, base};
    change(changed.partition);
    out.push_back(changed);
  };
  with([](Partition& p) { p.tp = 1, p.dp = 2; });
  with([](Partition& p) { p.schedule = Schedule::kAllForwardFirst; });
  with([](Partition& p) { p.gradients = Gradients::kScatteredWithWeights, p.recompute = true, p.dp = 2; });
  with([](Partition& p) { p.sequence_parallel = p.vocabulary_parallel = true; });
  with([](Partition& p) { p.border = Border::kPieces; });
  with([](Partition& p) { p.step = Step::kInference; });
  shape.layers = 8;
  shape.batch = 6;
  shape.experts = tiny_experts().experts;
  out.push_back({shape, {.pp = 3, .interleave = 2, .micro_batches = 6}});
  shape = tiny_decoding();
  shape.layers = 5;
  out.push_back({shape, {.tp = 2, .pp = 2, .interleave = 2, .micro_batches = 2, .step = Step::kDecoding}});
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
