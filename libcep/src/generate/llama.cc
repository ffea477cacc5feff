// The whole document: the reference, then the stages in the order of the pipeline, then what every rank delivers.
#include <algorithm>

#include "cep/expand.h"
#include "generate/partition.h"
#include "generate/schedule.h"
#include "generate/stage.h"

namespace cep::logical {

namespace {

constexpr Id kDp = 0, kTp = 1;  // variables

// What the plan has to know of the reference.
struct Named {
  Id tokens = kNone, rotary = kNone, seed = kNone, result = kNone;
  std::map<std::string, Id> weights, gradients;
};

Id named_tensor(Reference& reference, Writer& writer, const std::string& name, const Shape& shape,
                Element element, Role role) {
  const Id id = writer.tensor(shape, element, role, kNone);
  reference.names.resize(id + 1);
  reference.names[id] = name;
  return id;
}

Named write_reference(const LlamaShape& shape, const Partition& asked, Reference& reference) {
  Partition whole;
  whole.step = asked.step;
  Writer writer(reference.program);
  Named named;
  named.tokens =
      named_tensor(reference, writer, "tokens", {shape.batch, shape.sequence}, Element::kI64, Role::kInput);
  named.rotary = named_tensor(reference, writer, "rotary", {shape.sequence, shape.hidden / shape.heads / 2},
                              Element::kC64, Role::kBuffer);
  Stage stage(writer, {.shape = shape, .partition = whole, .batch = shape.batch, .rotary = named.rotary},
              kNone, {.first = 0, .behind = shape.layers, .embeds = true, .ends = true});
  for (const Weight& weight : stage.weights())
    named.weights[weight.name] =
        named_tensor(reference, writer, weight.name, weight.shape, shape.element, Role::kParameter);
  stage.holding().weights = named.weights;
  named.result = stage.forward({}, named.tokens, kNone);
  reference.outputs.push_back(named.result);
  if (asked.step == Step::kTraining) {
    named.seed = named_tensor(reference, writer, "seed", {1}, Element::kF32, Role::kSeed);
    (void)stage.backward({}, named.seed);
    for (const Weight& weight : stage.weights()) {
      named.gradients[weight.name] = stage.gradient(weight.name);
      reference.outputs.push_back(stage.gradient(weight.name));
    }
  }
  std::sort(reference.outputs.begin(), reference.outputs.end());
  reference.names.resize(reference.program.tensors.size());
  reference.names[named.result] = asked.step == Step::kTraining ? "loss" : "logits";
  for (const auto& [name, gradient] : named.gradients) reference.names[gradient] = "gradient of " + name;
  return named;
}

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
  void open_stage(std::int64_t stage);
  void forward(const Task& task);
  void backward(const Task& task);
  void deliver_result(std::int64_t micro_batch, Id result);
  void deliver_gradients(Stage& stage);
  Id transfer(Stage& from, Stage& to, std::int32_t micro_batch, Id tensor);
  Id one_over_tp(CommKind kind, Site site, Id tensor);
  Id reduce(CommKind kind, Site site, Id group, std::uint8_t dim, Id tensor);
  Id tokens(std::size_t stage, std::int64_t micro_batch);
  Id bound(Id reference, const Box& box, Role role, Id place);
  [[nodiscard]] Affine of(std::int64_t dp, std::int64_t tp, std::int64_t constant) const;
  [[nodiscard]] Box whole(Id reference) const;
  [[nodiscard]] Box piece(const Weight& weight) const;
  // Of a piece, where replicas share them.
  [[nodiscard]] Box share(const Weight& weight) const;

  const LlamaShape& shape_;
  const Partition& partition_;
  const Reference& reference_;
  Named named_;
  Plan& plan_;
  Writer writer_;
  Groups groups_;
  std::vector<Stage> stages_;
  std::vector<std::vector<Id>> tokens_;              // by stage and micro-batch
  std::vector<std::vector<Id>> inputs_, gradients_;  // by stage and micro-batch: what has come
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

Id PlanWriter::tokens(std::size_t stage, std::int64_t micro_batch) {
  Id& known = tokens_[stage][static_cast<std::size_t>(micro_batch)];
  if (known != kNone) return known;
  const std::int64_t rows = shape_.batch / partition_.dp / partition_.micro_batches;
  Box box = whole(named_.tokens);
  box[0] = {.begin = of(rows * partition_.micro_batches, 0, rows * micro_batch), .size = rows};
  return known = bound(named_.tokens, box, Role::kInput, stages_[stage].place());
}

void PlanWriter::open_stage(std::int64_t stage) {
  const auto place = static_cast<Id>(plan_.places.size());
  plan_.places.push_back(of(partition_.tp * partition_.pp, 1, stage * partition_.tp));
  const Stage::Range range{.first = first_layer(shape_, partition_, stage),
                           .behind = first_layer(shape_, partition_, stage + 1),
                           .embeds = stage == 0,
                           .ends = stage + 1 == partition_.pp};
  const bool shared = partition_.gradients == Gradients::kScatteredWithWeights && partition_.dp > 1;
  stages_.emplace_back(writer_,
                       Holding{.shape = shape_,
                               .partition = partition_,
                               .batch = shape_.batch / partition_.dp / partition_.micro_batches,
                               .tp_index = of(0, 1, 0),
                               .tp_group = partition_.tp > 1 ? groups_.over(kTp) : kNone,
                               .dp_group = shared ? groups_.over(kDp) : kNone,
                               .rotary = bound(named_.rotary, whole(named_.rotary), Role::kBuffer, place)},
                       place, range);
  Holding& holding = stages_.back().holding();
  for (const Weight& weight : stages_.back().weights()) {
    const Box box = shared ? share(weight) : piece(weight);
    holding.weights[weight.name] = bound(named_.weights.at(weight.name), box, Role::kParameter, place);
    if (shared) holding.gathered[weight.name] = scattered_dim(weight);
  }
}

void PlanWriter::open() {
  plan_.name = shape_.name + " dp " + std::to_string(partition_.dp) + " tp " + std::to_string(partition_.tp) +
               " pp " + std::to_string(partition_.pp) + " micro-batches " +
               std::to_string(partition_.micro_batches);
  plan_.variables = {{.name = "dp", .size = partition_.dp}, {.name = "tp", .size = partition_.tp}};
  plan_.ranks = partition_.dp * partition_.tp * partition_.pp;
  stages_.reserve(static_cast<std::size_t>(partition_.pp));
  for (std::int64_t stage = 0; stage < partition_.pp; ++stage) open_stage(stage);
  const std::vector<Id> none(static_cast<std::size_t>(partition_.micro_batches), kNone);
  tokens_ = inputs_ = gradients_ = std::vector<std::vector<Id>>(stages_.size(), none);
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
void PlanWriter::deliver_result(std::int64_t micro_batch, Id result) {
  const std::int64_t batches = partition_.micro_batches;
  const bool cut = partition_.vocabulary_parallel && partition_.tp > 1;
  Yield yield{.tensor = result, .reference = named_.result, .box = whole(named_.result), .part = {}};
  if (partition_.step == Step::kTraining) {
    const std::int64_t ranks = cut ? partition_.tp : 1;
    yield.parts = partition_.dp * batches * ranks;
    yield.part = of(batches * ranks, cut ? 1 : 0, micro_batch * ranks);
  } else {
    const std::int64_t rows = shape_.batch / partition_.dp / batches;
    yield.box[0] = {.begin = of(rows * batches, 0, rows * micro_batch), .size = rows};
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

void PlanWriter::forward(const Task& task) {
  const auto stage = static_cast<std::size_t>(task.stage);
  const auto batch = static_cast<std::size_t>(task.micro_batch);
  Stage& mine = stages_[stage];
  const Site site{.place = mine.place(), .micro_batch = static_cast<std::int32_t>(task.micro_batch)};
  const Id result = mine.forward(site, tokens(stage, task.micro_batch), inputs_[stage][batch]);
  if (mine.range().ends)
    deliver_result(task.micro_batch, result);
  else
    inputs_[stage + 1][batch] = transfer(mine, stages_[stage + 1], site.micro_batch, result);
}

void PlanWriter::backward(const Task& task) {
  const auto stage = static_cast<std::size_t>(task.stage);
  const auto batch = static_cast<std::size_t>(task.micro_batch);
  Stage& mine = stages_[stage];
  const Site site{.place = mine.place(), .micro_batch = static_cast<std::int32_t>(task.micro_batch)};
  Id gradient = gradients_[stage][batch];
  if (mine.range().ends) gradient = bound(named_.seed, whole(named_.seed), Role::kSeed, mine.place());
  gradient = mine.backward(site, gradient);
  if (stage > 0)
    gradients_[stage - 1][batch] = transfer(mine, stages_[stage - 1], site.micro_batch, gradient);
}

void PlanWriter::write() {
  open();
  for (const Task& task : pipeline_order(partition_)) task.backward ? backward(task) : forward(task);
  if (partition_.step == Step::kTraining)
    for (Stage& stage : stages_) deliver_gradients(stage);
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
