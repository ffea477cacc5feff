// Plans of Llama models: sizes, coverage of the outputs, and what cannot be partitioned.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

std::int64_t volume(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t length : shape) product *= length;
  return product;
}

TEST(Llama, PublishedNumbersOfParameters) {
  const std::map<std::string, std::int64_t> published = {
      {"llama3-8b", 8'030'261'248}, {"llama3-70b", 70'553'706'496}, {"llama3-405b", 405'853'388'800}};
  ASSERT_EQ(llama_names().size(), published.size());
  for (const auto& [name, parameters] : published) {
    auto shape = llama_shape(name);
    ASSERT_TRUE(shape);
    const Document document = made(*shape, {}, Form::kPattern);
    std::int64_t total = 0;
    for (Id t = 0; t < document.reference.program.tensors.size(); ++t)
      if (document.reference.program.tensors[t].role == Role::kParameter)
        total += volume(document.reference.program.shape(t));
    EXPECT_EQ(total, parameters) << name;
  }
}

TEST(Llama, ReferenceDoesNotDependOnThePartition) {
  for (const LlamaShape& shape : {tiny(), tiny_experts()}) {
    const Document one = made(shape, {});
    for (const Partition& partition : partitions()) {
      if (partition.step == Step::kInference) continue;
      const Document document = made(shape, partition);
      EXPECT_EQ(document.reference.names, one.reference.names);
      EXPECT_EQ(document.reference.outputs, one.reference.outputs);
      EXPECT_EQ(document.reference.program.operands, one.reference.program.operands);
      EXPECT_EQ(document.reference.program.operations, one.reference.program.operations);
    }
  }
}

// Two boxes of a plan without variables share an element.
bool meet(const Box& a, const Box& b) {
  for (std::size_t d = 0; d < a.size(); ++d)
    if (a[d].begin.constant >= b[d].begin.constant + b[d].size ||
        b[d].begin.constant >= a[d].begin.constant + a[d].size)
      return false;
  return true;
}

// Every part of every output is delivered whole, no element of it from two different boxes.
void expect_tiles(const Document& document) {
  std::map<Id, std::map<std::int64_t, std::set<Box>>> delivered;
  std::map<Id, std::int64_t> parts;
  for (const Yield& yield : document.plan.yields) {
    delivered[yield.reference][yield.part.constant].insert(yield.box);
    EXPECT_EQ(parts.emplace(yield.reference, yield.parts).first->second, yield.parts);
    const Shape& shape = document.plan.program.shape(yield.tensor);
    ASSERT_EQ(shape.size(), yield.box.size());
    for (std::size_t d = 0; d < shape.size(); ++d) EXPECT_EQ(shape[d], yield.box[d].size);
  }
  EXPECT_EQ(delivered.size(), document.reference.outputs.size());
  for (const Id output : document.reference.outputs) {
    EXPECT_EQ(delivered[output].size(), static_cast<std::size_t>(parts[output]));
    for (const auto& [part, boxes] : delivered[output]) {
      EXPECT_TRUE(part >= 0 && part < parts[output]);
      std::int64_t covered = 0;
      for (const Box& box : boxes) {
        Shape lengths;
        for (const Interval& interval : box) lengths.push_back(interval.size);
        covered += volume(lengths);
        for (const Box& other : boxes) EXPECT_TRUE(box == other || !meet(box, other));
      }
      EXPECT_EQ(covered, volume(document.reference.program.shape(output)));
    }
  }
}

// Without the checker: a tensor is made once, before it is read, by lines of its own rank; binds and values are all there is.
void expect_ordered(const Document& document) {
  const Program& program = document.plan.program;
  std::vector<bool> known(program.tensors.size(), false);
  for (const Bind& bind : document.plan.binds) {
    EXPECT_FALSE(known[bind.tensor]);
    known[bind.tensor] = true;
  }
  for (const Node& node : program.nodes) {
    for (const Id input : program.inputs(node)) {
      ASSERT_TRUE(known[input]);
      ASSERT_EQ(program.tensors[input].place, node.place);
    }
    for (const Id output : program.outputs(node)) {
      ASSERT_FALSE(known[output]);
      known[output] = true;
      ASSERT_EQ(program.tensors[output].place, node.place);
    }
  }
  EXPECT_EQ(std::ranges::count(known, false), 0);
}

TEST(Llama, OutputsAreTiledAndLinesAreInOrder) {
  for (const LlamaShape& shape : {tiny(), tiny_experts()})
    for (const Partition& partition : partitions()) {
      const Document document = made(shape, partition);
      SCOPED_TRACE(document.plan.name);
      expect_tiles(document);
      expect_ordered(document);
    }
}

TEST(Llama, DecodeLoopsAndInterleavedStagesAreTiledAndInOrder) {
  for (const auto& all : {decode_loops(), interleavings()})
    for (const auto& [shape, partition] : all) {
      const Document document = made(shape, partition);
      SCOPED_TRACE(document.plan.name);
      expect_tiles(document);
      expect_ordered(document);
    }
}

// Keys and values of every layer at every step, and nothing of the loop depends on the partition.
TEST(Llama, ReferenceOfADecodeLoop) {
  const Document one = made(tiny_decoding(), {.step = Step::kDecoding});
  const Reference& reference = one.reference;
  std::vector<std::int64_t> positions;
  for (const Node& node : reference.program.nodes) {
    const Operation& operation = reference.program.operations[node.operation];
    if (operation.name == "cache_update")
      positions.push_back(std::get<std::int64_t>(operation.attributes[0].value));
  }
  EXPECT_EQ(positions, (std::vector<std::int64_t>{3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4}));
  EXPECT_EQ(reference.outputs.size(), 2U + 2U * 3U);  // logits of two steps; keys and values of three layers
  const std::set<std::string> names(reference.names.begin(), reference.names.end());
  for (const char* name : {"tokens of step 1", "rotary of step 0", "logits of step 1",
                           "layers.2.attention.keys", "layers.0.attention.values after the last step"})
    EXPECT_TRUE(names.contains(name)) << name;
  const Document other =
      made(tiny_decoding(), {.dp = 2, .tp = 2, .pp = 3, .micro_batches = 2, .step = Step::kDecoding});
  EXPECT_EQ(other.reference.names, reference.names);
  EXPECT_EQ(other.reference.program.operands, reference.program.operands);
  EXPECT_EQ(other.reference.program.operations, reference.program.operations);
}

TEST(Llama, PatternIsAsSmallForManyRanks) {
  auto shape = llama_shape("llama3-405b");
  ASSERT_TRUE(shape);
  shape->batch = 64 * 4;
  const Document few = made(*shape, {.dp = 2, .tp = 2, .pp = 16, .micro_batches = 4}, Form::kPattern);
  const Document many = made(*shape, {.dp = 64, .tp = 8, .pp = 16, .micro_batches = 4}, Form::kPattern);
  EXPECT_EQ(few.plan.program.nodes.size(), many.plan.program.nodes.size());
  EXPECT_EQ(many.plan.ranks, 8192);
}

// Which communications an option brings, on 2 x 2 x 2 ranks.
TEST(Llama, CommunicationsOfEveryOption) {
  using enum CommKind;
  const Partition base{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
  const struct {
    std::function<void(Partition&)> change;
    std::set<CommKind> expected;
  } kCases[] = {
      {[](Partition&) {}, {kNoComm, kAllReduce, kSend, kReceive}},
      {[](Partition& p) { p.tp = p.dp = 1; }, {kNoComm, kSend, kReceive}},
      {[](Partition& p) { p.pp = 1; }, {kNoComm, kAllReduce}},
      {[](Partition& p) { p.border = Border::kPieces; },
       {kNoComm, kAllReduce, kAllGather, kChunk, kSend, kReceive}},
      {[](Partition& p) { p.gradients = Gradients::kScattered; },
       {kNoComm, kAllReduce, kReduceScatter, kSend, kReceive}},
      {[](Partition& p) { p.gradients = Gradients::kScatteredWithWeights; },
       {kNoComm, kAllReduce, kAllGather, kReduceScatter, kSend, kReceive}},
      {[](Partition& p) { p.sequence_parallel = true; },
       {kNoComm, kAllReduce, kAllGather, kReduceScatter, kChunk, kSend, kReceive}},
      {[](Partition& p) { p.exchange_heads = true; },
       {kNoComm, kAllReduce, kAllGather, kAllToAll, kChunk, kSend, kReceive}},
  };
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    Partition partition = base;
    kCases[i].change(partition);
    std::set<CommKind> found;
    for (const Node& node : made(tiny(), partition, Form::kPattern).plan.program.nodes)
      found.insert(node.comm);
    EXPECT_EQ(found, kCases[i].expected) << i;
  }
}

// 126 layers over 16 stages: 14 stages have 8, the last two 7.
TEST(Llama, FirstStagesHaveOneLayerMore) {
  auto shape = llama_shape("llama3-405b");
  ASSERT_TRUE(shape);
  const Document document = made(*shape, {.pp = 16, .step = Step::kInference}, Form::kPattern);
  std::map<Id, int> softmaxes;
  for (const Node& node : document.plan.program.nodes)
    if (document.plan.program.operations[node.operation].name == "softmax") ++softmaxes[node.place];
  ASSERT_EQ(softmaxes.size(), 16U);
  for (Id place = 0; place < 16; ++place) EXPECT_EQ(softmaxes[place], place < 14 ? 8 : 7) << place;
}

// The most micro-batches of which a stage has done the forward and not the backward.
std::vector<std::int64_t> most_kept(const Document& document) {
  const Program& program = document.plan.program;
  std::vector<std::set<std::int32_t>> kept(document.plan.places.size());
  std::vector<std::int64_t> most(kept.size(), 0);
  for (const Node& node : program.nodes) {
    const Operation& operation = program.operations[node.operation];
    if (operation.name != "softmax") continue;
    if (operation.backward)
      kept[node.place].erase(node.micro_batch);
    else
      kept[node.place].insert(node.micro_batch);
    most[node.place] = std::max(most[node.place], static_cast<std::int64_t>(kept[node.place].size()));
  }
  return most;
}

TEST(Llama, SchedulesKeepWhatTheyShould) {
  LlamaShape shape = tiny();
  shape.layers = 4;
  const Partition partition{.pp = 4, .micro_batches = 8};
  EXPECT_EQ(most_kept(made(shape, partition)), (std::vector<std::int64_t>{4, 3, 2, 1}));
  Partition gpipe = partition;
  gpipe.schedule = Schedule::kAllForwardFirst;
  EXPECT_EQ(most_kept(made(shape, gpipe)), (std::vector<std::int64_t>{8, 8, 8, 8}));
}

void expect_refused(const LlamaShape& shape, const Partition& partition, const char* id, const char* path) {
  const auto document = generate_llama(shape, partition);
  ASSERT_FALSE(document) << id;
  EXPECT_EQ(document.error().requirement, id);
  EXPECT_EQ(document.error().path, path);
}

LlamaShape changed(LlamaShape shape, const std::function<void(LlamaShape&)>& change) {
  change(shape);
  return shape;
}

TEST(Reject, CEP_GEN_1_unknown_model) {
  const auto shape = llama_shape("llama3-9b");
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().requirement, "CEP-GEN-1");
}

TEST(Reject, CEP_GEN_2_nothing_of_something) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.layers = 0; }), {}, "CEP-GEN-2", "layers");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.experts.count = -1; }), {}, "CEP-GEN-2",
                 "experts.count");
  expect_refused(tiny(), {.tp = 0}, "CEP-GEN-2", "tp");
}

TEST(Reject, CEP_GEN_3_heads_that_do_not_fit) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.element = Element::kI64; }), {}, "CEP-GEN-3",
                 "element");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.heads = 16; }), {}, "CEP-GEN-3", "heads");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.kv_heads = 3; }), {}, "CEP-GEN-3", "kv_heads");
}

TEST(Reject, CEP_GEN_4_experts_that_cannot_be_chosen) {
  const auto refused = [](const char* path, const std::function<void(Experts&)>& change) {
    expect_refused(changed(tiny_experts(), [&](LlamaShape& s) { change(s.experts); }), {}, "CEP-GEN-4", path);
  };
  refused("experts.intermediate", [](Experts& e) { e.intermediate = 0; });
  refused("experts.groups", [](Experts& e) { e.groups = 3; });
  refused("experts.chosen_groups", [](Experts& e) { e.chosen_groups = 3; });
  refused("experts.chosen", [](Experts& e) { e.chosen_groups = 1, e.chosen = 3; });
}

TEST(Reject, CEP_GEN_5_batch_that_is_not_divided) {
  expect_refused(tiny(), {.dp = 4, .micro_batches = 4}, "CEP-GEN-5", "batch");
}

TEST(Reject, CEP_GEN_6_more_ranks_than_heads_of_keys) {
  expect_refused(tiny(), {.tp = 4}, "CEP-GEN-6", "tp");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.intermediate = 11; }), {.tp = 2}, "CEP-GEN-6", "tp");
  expect_refused(
      changed(tiny_experts(),
              [](LlamaShape& s) { s.experts.count = 5, s.experts.groups = s.experts.chosen_groups = 1; }),
      {.tp = 2}, "CEP-GEN-6", "tp");
}

TEST(Reject, CEP_GEN_7_more_stages_than_layers) { expect_refused(tiny(), {.pp = 4}, "CEP-GEN-7", "pp"); }

TEST(Reject, CEP_GEN_8_sequence_that_is_not_divided) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.sequence = 5; }), {.tp = 2, .sequence_parallel = true},
                 "CEP-GEN-8", "tp");
}

TEST(Reject, CEP_GEN_9_vocabulary_that_is_not_divided) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.vocabulary = 7; }),
                 {.tp = 2, .vocabulary_parallel = true}, "CEP-GEN-9", "tp");
}

TEST(Reject, CEP_GEN_10_weight_that_replicas_do_not_divide) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.batch = 16; }),
                 {.dp = 16, .gradients = Gradients::kScattered}, "CEP-GEN-10", "dp");
}

TEST(Reject, CEP_GEN_11_more_lines_than_fit) {
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.batch = 1 << 21; }), {}, "CEP-GEN-11", "batch");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.batch = 1 << 20; }), {.micro_batches = 1 << 20},
                 "CEP-GEN-11", "micro_batches");
  expect_refused(changed(tiny(), [](LlamaShape& s) { s.batch = 1 << 16; }), {.dp = 1 << 16}, "CEP-GEN-11",
                 "micro_batches");
  const Document many =
      made(changed(tiny(), [](LlamaShape& s) { s.batch = 1 << 16; }), {.dp = 1 << 16}, Form::kPattern);
  const auto expanded = expand(many);
  ASSERT_FALSE(expanded);
  EXPECT_EQ(expanded.error().requirement, "CEP-GEN-11");
}

TEST(Reject, CEP_GEN_12_position_beyond_the_cache) {
  const Partition partition{.step = Step::kDecoding};
  ASSERT_TRUE(generate_llama(tiny_decoding(), partition));
  expect_refused(changed(tiny_decoding(), [](LlamaShape& s) { s.decoding.position = 5; }), partition,
                 "CEP-GEN-12", "decoding.position");
  expect_refused(changed(tiny_decoding(), [](LlamaShape& s) { s.decoding.steps = 4; }), partition,
                 "CEP-GEN-12", "decoding.position");
  expect_refused(changed(tiny_decoding(), [](LlamaShape& s) { s.decoding.position = -1; }), partition,
                 "CEP-GEN-2", "decoding.position");
}

TEST(Reject, CEP_GEN_13_turns_that_cannot_be_taken) {
  const LlamaShape shape = changed(tiny(), [](LlamaShape& s) { s.layers = 4; });
  ASSERT_TRUE(generate_llama(shape, {.pp = 2, .interleave = 2, .micro_batches = 4}));
  expect_refused(shape, {.pp = 1, .interleave = 2}, "CEP-GEN-13", "interleave");
  expect_refused(shape, {.pp = 2, .interleave = 2, .micro_batches = 1}, "CEP-GEN-13", "micro_batches");
  expect_refused(tiny(), {.pp = 2, .interleave = 2, .micro_batches = 4}, "CEP-GEN-7", "interleave");
}

}  // namespace
}  // namespace cep::logical
