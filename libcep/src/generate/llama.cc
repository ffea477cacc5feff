// The plan: the chunks in the order of the pipeline, then what every rank delivers.
#include <algorithm>

#include "cep/expand.h"
#include "generate/partition.h"
#include "generate/reference.h"
#include "generate/schedule.h"
#include "generate/stage.h"

namespace cep::logical {

namespace {

constexpr Id kDp = 0, kTp = 1;  // variables

// Writes the pattern over dp and tp.
class PlanWriter {
 public:
  PlanWriter(const LlamaShape& shape, const Partition& partition, const Reference& reference, Named named,
             Plan& plan)
      : shape_(shape),
        partition_(partition),
        reference_(reference),
        named_(std::move(named)),
        plan_(plan),
        writer_(plan.program),
        groups_(plan.groups) {}

  void write();

 private:
  void open();
  void open_chunk(std::int64_t chunk);
  void open_caches(Stage& stage);
  void forward(const Task& task);
  void backward(const Task& task);
  void deliver_result(std::int64_t turn, Id result);
  void deliver_gradients(Stage& stage);
  void deliver_caches(Stage& stage);
  Id transfer(Stage& from, Stage& to, std::int32_t micro_batch, Id tensor);
  Id one_over_tp(CommKind kind, Site site, Id tensor);
  Id reduce(CommKind kind, Site site, Id group, std::uint8_t dim, Id tensor);
  [[nodiscard]] Turn turn(Id place, std::int64_t turn);
  Id bound(Id reference, const Box& box, Role role, Id place);
  [[nodiscard]] Affine of(std::int64_t dp, std::int64_t tp, std::int64_t constant) const;
  [[nodiscard]] Box whole(Id reference) const;
  [[nodiscard]] Box piece(const Weight& weight) const;
  // Of a piece, where replicas share them.
  [[nodiscard]] Box share(const Weight& weight) const;
  // A micro-batch's.
  [[nodiscard]] Box cache_box(std::int64_t micro_batch) const;
  [[nodiscard]] Interval rows(std::int64_t micro_batch) const;
  [[nodiscard]] std::int64_t micro_batch(std::int64_t turn) const { return turn % partition_.micro_batches; }
  [[nodiscard]] std::size_t step(std::int64_t turn) const {
    return static_cast<std::size_t>(turn / partition_.micro_batches);
  }

  const LlamaShape& shape_;
  const Partition& partition_;
  const Reference& reference_;
  Named named_;
  Plan& plan_;
  Writer writer_;
  Groups groups_;
  std::vector<Stage> chunks_;
  std::vector<std::vector<Id>> tokens_;              // by place and turn
  std::vector<std::vector<Id>> inputs_, gradients_;  // by chunk and turn: what has come
};

// dp * its variable + tp * its variable + constant. A variable with one value is never named.
Affine PlanWriter::of(std::int64_t dp, std::int64_t tp, std::int64_t constant) const {
  Affine out{.constant = constant, .by_variable = {partition_.dp > 1 ? dp : 0, partition_.tp > 1 ? tp : 0}};
  while (!out.by_variable.empty() && out.by_variable.back() == 0) out.by_variable.pop_back();
  return out;
}

Box PlanWriter::whole(Id reference) const {
  Box box;
  for (const std::int64_t length : reference_.program.shape(reference))
    box.push_back({.begin = {}, .size = length});
  return box;
}

Box PlanWriter::piece(const Weight& weight) const {
  Box box = whole(named_.weights.at(weight.name));
  if (weight.cut < 0) return box;
  Interval& cut = box[static_cast<std::size_t>(weight.cut)];
  cut.size /= partition_.tp;
  cut.begin = of(0, cut.size, 0);
  return box;
}

Box PlanWriter::share(const Weight& weight) const {
  Box box = piece(weight);
  Interval& cut = box[scattered_dim(weight)];
  cut.size /= partition_.dp;
  cut.begin = of(cut.size, 0, 0);
  return box;
}

Id PlanWriter::bound(Id reference, const Box& box, Role role, Id place) {
  Shape shape;
  for (const Interval& interval : box) shape.push_back(interval.size);
  const Id id = writer_.tensor(shape, reference_.program.tensors[reference].element, role, place);
  plan_.binds.push_back({.tensor = id, .reference = reference, .box = box});
  return id;
}

Interval PlanWriter::rows(std::int64_t micro_batch) const {
  const std::int64_t count = shape_.batch / partition_.dp / partition_.micro_batches;
  return {.begin = of(count * partition_.micro_batches, 0, count * micro_batch), .size = count};
}

Turn PlanWriter::turn(Id place, std::int64_t turn) {
  Id& known = tokens_[place][static_cast<std::size_t>(turn)];
  const Id given = named_.tokens[step(turn)];
  if (known == kNone) {
    Box box = whole(given);
    box[0] = rows(micro_batch(turn));
    known = bound(given, box, Role::kInput, place);
  }
  return {.tokens = known, .step = static_cast<std::int64_t>(step(turn))};
}

// Every micro-batch has rows of the caches of its layers, every rank of tp its heads.
void PlanWriter::open_caches(Stage& stage) {
  for (std::int64_t layer = stage.range().first; layer < stage.range().behind; ++layer)
    for (std::int64_t batch = 0; batch < partition_.micro_batches; ++batch) {
      const Cache& given = named_.given.at(layer);
      const Box box = cache_box(batch);
      const Id keys = bound(given.keys, box, Role::kInput, stage.place());
      const Id values = bound(given.values, box, Role::kInput, stage.place());
      stage.caches()[{static_cast<std::int32_t>(batch), layer}] = {.keys = keys, .values = values};
    }
}

Box PlanWriter::cache_box(std::int64_t micro_batch) const {
  const std::int64_t heads = shape_.kv_heads / partition_.tp;
  return {rows(micro_batch),
          {.begin = of(0, heads, 0), .size = heads},
          {.begin = {}, .size = shape_.decoding.length},
          {.begin = {}, .size = shape_.hidden / shape_.heads}};
}

void PlanWriter::open_chunk(std::int64_t chunk) {
  const auto place = static_cast<Id>(chunk % partition_.pp);
  if (place == plan_.places.size())
    plan_.places.push_back(of(partition_.tp * partition_.pp, 1, place * partition_.tp));
  const Stage::Range range{.first = first_layer(shape_, partition_, chunk),
                           .behind = first_layer(shape_, partition_, chunk + 1),
                           .embeds = chunk == 0,
                           .ends = chunk + 1 == chunks(partition_)};
  std::vector<Id> rotary;
  if (chunk >= partition_.pp) {
    rotary = chunks_[place].holding().rotary;
  } else {
    rotary.reserve(named_.rotary.size());
    for (const Id table : named_.rotary) rotary.push_back(bound(table, whole(table), Role::kBuffer, place));
  }
  const bool shared = partition_.gradients == Gradients::kScatteredWithWeights && partition_.dp > 1;
  chunks_.emplace_back(writer_,
                       Holding{.shape = shape_,
                               .partition = partition_,
                               .batch = shape_.batch / partition_.dp / partition_.micro_batches,
                               .tp_index = of(0, 1, 0),
                               .tp_group = partition_.tp > 1 ? groups_.over(kTp) : kNone,
                               .dp_group = shared ? groups_.over(kDp) : kNone,
                               .rotary = std::move(rotary)},
                       place, range);
  Holding& holding = chunks_.back().holding();
  for (const Weight& weight : chunks_.back().weights()) {
    const Box box = shared ? share(weight) : piece(weight);
    holding.weights[weight.name] = bound(named_.weights.at(weight.name), box, Role::kParameter, place);
    if (shared) holding.gathered[weight.name] = scattered_dim(weight);
  }
  if (partition_.step == Step::kDecoding) open_caches(chunks_.back());
}

void PlanWriter::open() {
  plan_.name = shape_.name + " dp " + std::to_string(partition_.dp) + " tp " + std::to_string(partition_.tp) +
               " pp " + std::to_string(partition_.pp) + " micro-batches " +
               std::to_string(partition_.micro_batches);
  if (partition_.interleave > 1) plan_.name += " interleaved " + std::to_string(partition_.interleave);
  if (partition_.step == Step::kDecoding) plan_.name += " steps " + std::to_string(shape_.decoding.steps);
  plan_.variables = {{.name = "dp", .size = partition_.dp}, {.name = "tp", .size = partition_.tp}};
  plan_.ranks = partition_.dp * partition_.tp * partition_.pp;
  chunks_.reserve(static_cast<std::size_t>(chunks(partition_)));
  for (std::int64_t chunk = 0; chunk < chunks(partition_); ++chunk) open_chunk(chunk);
  const std::vector<Id> none(static_cast<std::size_t>(turns(shape_, partition_)), kNone);
  tokens_ = inputs_ = gradients_ = std::vector<std::vector<Id>>(chunks_.size(), none);
}

// A collective of one operand and one result over a group.
Id PlanWriter::reduce(CommKind kind, Site site, Id group, std::uint8_t dim, Id tensor) {
  Shape shape = writer_.shape(tensor);
  if (kind == CommKind::kReduceScatter) shape[dim] /= partition_.dp;
  const Id result = writer_.tensor(shape, writer_.element(tensor), Role::kValue, site.place);
  writer_.exchange({kind, dim, group}, site, writer_.next_message(), std::span(&tensor, 1),
                   std::span(&result, 1));
  return result;
}

Id PlanWriter::one_over_tp(CommKind kind, Site site, Id tensor) {
  Shape shape = writer_.shape(tensor);
  std::int64_t& hidden = shape.back();
  hidden = kind == CommKind::kChunk ? hidden / partition_.tp : hidden * partition_.tp;
  const Id result = writer_.tensor(shape, writer_.element(tensor), Role::kValue, site.place);
  writer_.exchange({kind, static_cast<std::uint8_t>(shape.size() - 1), groups_.over(kTp)}, site,
                   kind == CommKind::kChunk ? kNone : writer_.next_message(), std::span(&tensor, 1),
                   std::span(&result, 1));
  return result;
}

// The send stands next to its receive, so that no order of waiting can close a circle.
Id PlanWriter::transfer(Stage& from, Stage& to, std::int32_t micro_batch, Id tensor) {
  const Site here{.place = from.place(), .micro_batch = micro_batch};
  const Site there{.place = to.place(), .micro_batch = micro_batch};
  const bool pieces =
      partition_.border == Border::kPieces && partition_.tp > 1 && !shares_sequence(partition_);
  if (pieces) tensor = one_over_tp(CommKind::kChunk, here, tensor);
  const Id group = groups_.of({plan_.places[from.place()], plan_.places[to.place()]});
  const Id message = writer_.next_message();
  Id result = writer_.value_like(tensor, to.place());
  writer_.exchange({CommKind::kSend, 0, group}, here, message, std::span(&tensor, 1), {});
  writer_.exchange({CommKind::kReceive, 0, group}, there, message, {}, std::span(&result, 1));
  if (pieces) result = one_over_tp(CommKind::kAllGather, there, result);
  return result;
}

// Every micro-batch of every replica has its addend of the loss, or its rows of the logits. With a cut vocabulary the ranks of tp have
// different ones, else copies.
void PlanWriter::deliver_result(std::int64_t turn, Id result) {
  const std::int64_t batches = partition_.micro_batches;
  const bool cut = partition_.vocabulary_parallel && partition_.tp > 1;
  const Id reference = named_.results[step(turn)];
  Yield yield{.tensor = result, .reference = reference, .box = whole(reference), .part = {}};
  if (partition_.step == Step::kTraining) {
    const std::int64_t ranks = cut ? partition_.tp : 1;
    yield.parts = partition_.dp * batches * ranks;
    yield.part = of(batches * ranks, cut ? 1 : 0, turn * ranks);
  } else {
    yield.box[0] = rows(micro_batch(turn));
    if (cut) {
      const std::int64_t columns = shape_.vocabulary / partition_.tp;
      yield.box[2] = {.begin = of(0, columns, 0), .size = columns};
    }
  }
  plan_.yields.push_back(std::move(yield));
}

void PlanWriter::deliver_gradients(Stage& stage) {
  const Site site{.place = stage.place(), .micro_batch = -1};
  const bool scattered = partition_.gradients != Gradients::kAllReduced;
  for (const Weight& weight : stage.weights()) {
    Id gradient = stage.gradient(weight.name);
    Box box = piece(weight);
    if (weight.summed && partition_.tp > 1)
      gradient = reduce(CommKind::kAllReduce, site, groups_.over(kTp), 0, gradient);
    if (partition_.dp > 1)
      gradient = scattered ? reduce(CommKind::kReduceScatter, site, groups_.over(kDp), scattered_dim(weight),
                                    gradient)
                           : reduce(CommKind::kAllReduce, site, groups_.over(kDp), 0, gradient);
    if (scattered) box = share(weight);
    plan_.yields.push_back({.tensor = gradient,
                            .reference = named_.gradients.at(weight.name),
                            .box = std::move(box),
                            .part = {}});
  }
}

// After the last step.
void PlanWriter::deliver_caches(Stage& stage) {
  for (const auto& [where, cache] : stage.caches()) {
    const Cache& left = named_.left.at(where.second);
    const Box box = cache_box(where.first);
    plan_.yields.push_back({.tensor = cache.keys, .reference = left.keys, .box = box, .part = {}});
    plan_.yields.push_back({.tensor = cache.values, .reference = left.values, .box = box, .part = {}});
  }
}

void PlanWriter::forward(const Task& task) {
  const auto chunk = static_cast<std::size_t>(task.chunk), at = static_cast<std::size_t>(task.turn);
  Stage& mine = chunks_[chunk];
  const Site site{.place = mine.place(), .micro_batch = static_cast<std::int32_t>(micro_batch(task.turn))};
  const Id result = mine.forward(site, turn(mine.place(), task.turn), inputs_[chunk][at]);
  if (mine.range().ends)
    deliver_result(task.turn, result);
  else
    inputs_[chunk + 1][at] = transfer(mine, chunks_[chunk + 1], site.micro_batch, result);
}

void PlanWriter::backward(const Task& task) {
  const auto chunk = static_cast<std::size_t>(task.chunk), at = static_cast<std::size_t>(task.turn);
  Stage& mine = chunks_[chunk];
  const Site site{.place = mine.place(), .micro_batch = static_cast<std::int32_t>(task.turn)};
  Id gradient = gradients_[chunk][at];
  if (mine.range().ends) gradient = bound(named_.seed, whole(named_.seed), Role::kSeed, mine.place());
  gradient = mine.backward(site, gradient);
  if (chunk > 0) gradients_[chunk - 1][at] = transfer(mine, chunks_[chunk - 1], site.micro_batch, gradient);
}

void PlanWriter::write() {
  open();
  for (const Task& task : pipeline_order(partition_, turns(shape_, partition_)))
    task.backward ? backward(task) : forward(task);
  for (Stage& chunk : chunks_)
    partition_.step == Step::kTraining ? deliver_gradients(chunk) : deliver_caches(chunk);
  std::sort(plan_.yields.begin(), plan_.yields.end(),
            [](const Yield& a, const Yield& b) { return a.tensor < b.tensor; });
}

// The ids a file would give: no two things of a document share one.
void number(Document& document) {
  std::uint32_t next = 0;
  for (Program* program : {&document.reference.program, &document.plan.program}) {
    for (Tensor& tensor : program->tensors) tensor.source = next++;
    for (Node& node : program->nodes) node.source = next++;
  }
}

}  // namespace

acp::Result<Document> generate_llama(const LlamaShape& shape, const Partition& partition) {
  ACP_CHECK(check_partition(shape, partition));
  Document document;
  const Named named = write_reference(shape, partition, document.reference);
  PlanWriter(shape, partition, document.reference, named, document.plan).write();
  number(document);
  if (partition.form == Form::kPattern) return document;
  return expand(document);
}

}  // namespace cep::logical
