// Logical plans of decoder-only transformers of the Llama family, made from a shape and a partition: the reference program of one step, and
// what every rank does of it. Real sizes, no weights.
//
// One step is forward and backward of the sum of all logits, or forward alone; a decode loop is some steps, one after another, that
// keep keys and values. Nobody has to trust these plans: they are proved like any other, and whatever partition is asked for has the same
// reference.
//
// Life     plain values.
// Threads  every function from many.
// Spec     CEP 12 (generated plans).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// Mixture of experts: a router chooses, for every token, `chosen` of `count` experts; what they make is added with the router's weights.
struct Experts {
  std::int64_t count = 0;  // 0: no layer has any
  std::int64_t chosen = 1;
  std::int64_t groups = 1;         // the router keeps this many of
  std::int64_t chosen_groups = 1;  // its groups of experts first
  std::int64_t intermediate = 0;
  std::int64_t first_layer = 0;  // layers before it have one dense network instead
};

// Of a decode loop: keys and values of every position stand in one tensor a layer, [batch, kv_heads, length, head], one behind another.
struct Decoding {
  std::int64_t steps = 1;
  std::int64_t length = 0;    // positions the tensor has room for
  std::int64_t position = 0;  // where the first step writes: before it stands what was there before
};

struct LlamaShape {
  std::string name;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t intermediate = 0;
  std::int64_t vocabulary = 0;
  std::int64_t sequence = 0;        // in a decode loop: the tokens that one step takes
  std::int64_t batch = 0;           // of the whole step: all replicas, all micro-batches
  Element element = Element::kF32;  // of weights and activations; norms, softmax and the loss are in f32
  Experts experts;
  Decoding decoding = {};
};

// In which order a pipeline stage does its micro-batches.
enum class Schedule : std::uint8_t {
  kOneForwardOneBackward,  // few forwards ahead: memory for as many micro-batches as there are stages
  kAllForwardFirst,        // GPipe
};

// What replicas have of weights and gradients.
enum class Gradients : std::uint8_t {
  kAllReduced,            // every replica delivers the whole gradient
  kScattered,             // every replica delivers its share (sharded optimiser state)
  kScatteredWithWeights,  // and has its share of the weights, which are gathered before each use
};

// How an activation crosses from one pipeline stage to the next.
enum class Border : std::uint8_t {
  kWhole,   // every tensor-parallel rank sends its own copy
  kPieces,  // each sends one piece, and the next stage gathers them
};

enum class Step : std::uint8_t { kTraining, kInference, kDecoding };

enum class Form : std::uint8_t {
  kExpanded,  // one line per rank
  kPattern,   // one line for all values of dp and tp
};

// In which order sums are taken: left open, or such that `cep prove --order tree` proves every bit (CEP 11.10).
enum class SumOrder : std::uint8_t { kAny, kTree };

struct Partition {
  std::int64_t dp = 1;  // replicas, each with a share of the batch
  std::int64_t tp = 1;  // ranks that share every layer
  std::int64_t pp = 1;  // pipeline stages
  std::int64_t interleave =
      1;  // chunks of layers that a stage has, dealt in turn; the first ones have one layer more where they do not divide
  std::int64_t micro_batches = 1;  // of each replica
  Step step = Step::kTraining;
  Form form = Form::kExpanded;
  Schedule schedule = Schedule::kOneForwardOneBackward;
  Gradients gradients = Gradients::kAllReduced;
  Border border = Border::kWhole;
  SumOrder order = SumOrder::kAny;
  bool sequence_parallel = false;  // outside attention and MLP, a rank of tp has its share of the sequence
  bool exchange_heads =
      false;  // as sequence_parallel; attention exchanges it for heads, dense weights are whole
  bool vocabulary_parallel = false;  // a rank of tp has its rows of embedding and output projection
  bool recompute = false;  // a layer's forward is done again before its backward; only its input is kept
};

// "llama3-8b", "llama3-70b" or "llama3-405b", with a sequence of 8,192 and a batch of 1.
//
// Errors   CEP-GEN-1 no such model (unsupported).
// Spec     CEP 12.1, CEP-GEN-1.
[[nodiscard]] acp::Result<LlamaShape> llama_shape(std::string_view name);

// The names llama_shape() knows.
[[nodiscard]] std::vector<std::string> llama_names();

// The plan. rank = (dp index * pp + stage) * tp + tp index.
//
// Errors   CEP-GEN-2 to CEP-GEN-10, CEP-GEN-12 to CEP-GEN-14 a shape or a partition that cannot be; CEP-GEN-11 too large (limit).
// Cost     linear in the lines of the plan.
// Spec     CEP 12.2 to 12.4, CEP-GEN-2 to CEP-GEN-14.
[[nodiscard]] acp::Result<Document> generate_llama(const LlamaShape& shape, const Partition& partition);

}  // namespace cep::logical
