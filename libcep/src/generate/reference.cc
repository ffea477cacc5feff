#include "generate/reference.h"

#include <algorithm>

#include "generate/stage.h"

namespace cep::logical {

namespace {

Id named_tensor(Reference& reference, Writer& writer, const std::string& name, const Shape& shape,
                Element element, Role role) {
  const Id id = writer.tensor(shape, element, role, kNone);
  reference.names.resize(id + 1);
  reference.names[id] = name;
  return id;
}

std::string of_step(const std::string& name, const Partition& partition, std::int64_t step) {
  return partition.step == Step::kDecoding ? name + " of step " + std::to_string(step) : name;
}

// What is given at each step, and before the first one.
void write_inputs(const LlamaShape& shape, const Partition& asked, Reference& reference, Writer& writer,
                  Named& named) {
  const std::int64_t d = shape.hidden / shape.heads;
  const bool decoding = asked.step == Step::kDecoding;
  for (std::int64_t step = 0; step < (decoding ? shape.decoding.steps : 1); ++step) {
    named.tokens.push_back(named_tensor(reference, writer, of_step("tokens", asked, step),
                                        {shape.batch, shape.sequence}, Element::kI64, Role::kInput));
    named.rotary.push_back(named_tensor(reference, writer, of_step("rotary", asked, step),
                                        {shape.sequence, d / 2}, Element::kC64, Role::kBuffer));
  }
  const Shape cache = {shape.batch, shape.kv_heads, shape.decoding.length, d};
  for (std::int64_t layer = 0; decoding && layer < shape.layers; ++layer) {
    const auto one = [&](const char* part) {
      return named_tensor(reference, writer, "layers." + std::to_string(layer) + ".attention." + part, cache,
                          shape.element, Role::kInput);
    };
    const Id keys = one("keys"), values = one("values");
    named.given[layer] = {.keys = keys, .values = values};
  }
}

void write_gradients(Stage& stage, Reference& reference, Writer& writer, Named& named) {
  named.seed = named_tensor(reference, writer, "seed", {1}, Element::kF32, Role::kSeed);
  (void)stage.backward({}, named.seed);
  for (const Weight& weight : stage.weights()) {
    named.gradients[weight.name] = stage.gradient(weight.name);
    reference.outputs.push_back(stage.gradient(weight.name));
  }
}

void name_outputs(const Partition& asked, Reference& reference, const Named& named) {
  std::sort(reference.outputs.begin(), reference.outputs.end());
  reference.names.resize(reference.program.tensors.size());
  const char* result = asked.step == Step::kTraining ? "loss" : "logits";
  for (std::size_t step = 0; step < named.results.size(); ++step)
    reference.names[named.results[step]] = of_step(result, asked, static_cast<std::int64_t>(step));
  for (const auto& [name, gradient] : named.gradients) reference.names[gradient] = "gradient of " + name;
  for (const auto& [layer, cache] : named.left) {
    const Cache& given = named.given.at(layer);
    reference.names[cache.keys] = reference.names[given.keys] + " after the last step";
    reference.names[cache.values] = reference.names[given.values] + " after the last step";
  }
}

}  // namespace

Named write_reference(const LlamaShape& shape, const Partition& asked, Reference& reference) {
  Partition whole;
  whole.step = asked.step;
  Writer writer(reference.program);
  Named named;
  write_inputs(shape, asked, reference, writer, named);
  Stage stage(writer, {.shape = shape, .partition = whole, .batch = shape.batch, .rotary = named.rotary},
              kNone, {.first = 0, .behind = shape.layers, .embeds = true, .ends = true});
  for (const Weight& weight : stage.weights())
    named.weights[weight.name] =
        named_tensor(reference, writer, weight.name, weight.shape, shape.element, Role::kParameter);
  stage.holding().weights = named.weights;
  for (const auto& [layer, cache] : named.given) stage.caches()[{Site{}.micro_batch, layer}] = cache;
  for (std::size_t step = 0; step < named.tokens.size(); ++step)
    named.results.push_back(
        stage.forward({}, {.tokens = named.tokens[step], .step = static_cast<std::int64_t>(step)}, kNone));
  reference.outputs = named.results;
  for (const auto& [where, cache] : stage.caches()) {
    named.left[where.second] = cache;
    reference.outputs.insert(reference.outputs.end(), {cache.keys, cache.values});
  }
  if (asked.step == Step::kTraining) write_gradients(stage, reference, writer, named);
  name_outputs(asked, reference, named);
  return named;
}

}  // namespace cep::logical
