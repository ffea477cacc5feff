// cep generate: models to import, and logical plans of models too large to have here.
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "cep/distgraph.h"
#include "cep/generate.h"
#include "cep/onnx.h"
#include "tools/cep/commands.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"

namespace tools {

namespace {

namespace logical = cep::logical;

struct Generate {
  std::function<Format()> format;
  std::string model;
  std::string out;
  cep::OnnxModelOptions options;
  std::vector<CLI::Option*> of_images, of_tokens;  // what only some models have
};

// A generator names what is wrong by its own word for it: on a command line that is an option.
acp::Error by_option(acp::Error error, std::initializer_list<std::string_view> as_named) {
  constexpr std::pair<std::string_view, const char*> kOptions[] = {{"decoding.steps", "--steps"},
                                                                   {"decoding.length", "--cache"},
                                                                   {"decoding.position", "--position"},
                                                                   {"micro_batches", "--micro-batches"}};
  for (const auto& [word, option] : kOptions) {
    if (error.path == word) error.path = option;
  }
  if (std::ranges::find(as_named, error.path) != as_named.end()) error.path = "--" + error.path;
  return error;
}

// Of a model that is not known, those that are.
template <typename Names>
acp::Error with_names(acp::Error error, const Names& names) {
  if (error.path != "model") return error;
  error.message += "; there are";
  for (const auto& name : names)
    error.message += (error.message.ends_with("are") ? " " : ", ") + std::string(name);
  return error;
}

acp::Status none_given(const std::vector<CLI::Option*>& options, const std::string& of) {
  for (const CLI::Option* option : options) {
    if (option->count() > 0)
      return acp::malformed("CEP-INPUT-1", option->get_name(), "is no option of " + of);
  }
  return acp::ok();
}

acp::Result<Exit> generate(const Generate& options) {
  if (options.model.empty() || options.out.empty())
    return acp::malformed("CEP-INPUT-1", options.model.empty() ? "MODEL" : "--output", "is required");
  ACP_CHECK(check_outputs({}, {{"--output", options.out}}));
  const bool tokens = options.model == "encoder";
  ACP_CHECK(none_given(tokens ? options.of_images : options.of_tokens, options.model));
  auto bytes = cep::generate_onnx(options.model, options.options);
  if (!bytes)
    return with_names(
        by_option(unusable(std::move(bytes).error()),
                  {"batch", "image", "classes", "sequence", "hidden", "heads", "layers", "vocabulary"}),
        cep::onnx_models());
  ACP_CHECK(write_file(options.out, *bytes));
  const std::string digest = acp::to_string(acp::sha256(*bytes));
  print(options.format(), fmt::format("{} {}\n", options.out, digest),
        {{"file", options.out}, {"digest", digest}, {"bytes", bytes->size()}});
  return Exit::kYes;
}

struct GeneratePlan {
  std::function<Format()> format;
  std::string model;
  std::string out;
  std::optional<std::int64_t> sequence;  // default: the model's, or 1 in a decode loop
  std::optional<std::int64_t> batch;     // default: one row per replica and micro-batch
  bool decode = false;
  std::int64_t steps = 1;                // of a decode loop
  std::optional<std::int64_t> length;    // default: the model's sequence
  std::optional<std::int64_t> position;  // default: so that the last step fills the cache
  std::string order;
  bool training = false, inference = false, pattern = false, gpipe = false, scatter = false, share = false,
       pieces = false;
  bool bf16 = false;
  logical::Partition partition;
};

// The numbers of a decode loop, given or not.
void fill_decoding(const GeneratePlan& options, logical::LlamaShape& shape) {
  const std::int64_t length = options.length.value_or(shape.sequence);
  shape.sequence = options.sequence.value_or(1);
  // What is out of range is refused below; it must only not overflow here.
  constexpr std::int64_t kLarge = std::int64_t{1} << 30;
  const auto small = [](std::int64_t number) { return number > 0 && number < kLarge; };
  const bool fits = small(length) && small(options.steps) && small(shape.sequence);
  const std::int64_t last = fits ? std::max<std::int64_t>(length - options.steps * shape.sequence, 0) : 0;
  shape.decoding = {.steps = options.steps, .length = length, .position = options.position.value_or(last)};
}

acp::Result<Exit> generate_plan(const GeneratePlan& options) {
  auto shape = logical::llama_shape(options.model);
  if (!shape) return with_names(unusable(std::move(shape).error()), logical::llama_names());
  ACP_CHECK(check_outputs({}, {{"--output", options.out}}));
  logical::Partition partition = options.partition;
  if (options.inference) partition.step = logical::Step::kInference;
  if (options.decode) partition.step = logical::Step::kDecoding;
  if (options.pattern) partition.form = logical::Form::kPattern;
  if (options.gpipe) partition.schedule = logical::Schedule::kAllForwardFirst;
  if (options.scatter) partition.gradients = logical::Gradients::kScattered;
  if (options.share) partition.gradients = logical::Gradients::kScatteredWithWeights;
  if (options.pieces) partition.border = logical::Border::kPieces;
  if (!options.order.empty()) partition.order = logical::SumOrder::kTree;
  if (options.bf16) shape->element = logical::Element::kBf16;
  if (options.decode)
    fill_decoding(options, *shape);
  else if (options.sequence)
    shape->sequence = *options.sequence;
  // A number out of range is refused below; it must only not overflow here.
  constexpr std::int64_t kLarge = std::int64_t{1} << 30;
  const bool small = partition.dp > 0 && partition.dp < kLarge && partition.micro_batches > 0 &&
                     partition.micro_batches < kLarge;
  shape->batch = options.batch ? *options.batch : small ? partition.dp * partition.micro_batches : 1;
  auto document = logical::generate_llama(*shape, partition);
  if (!document)
    return by_option(unusable(std::move(document).error()),
                     {"dp", "tp", "pp", "interleave", "sequence", "batch"});
  // A partition within the generator's limits may still be over a reader's.
  ACP_CHECK(check_logical(*document));
  const std::string text = logical::write_distgraph(*document);
  ACP_CHECK(write_file(options.out, bytes_of(text)));
  if (options.out == "-") return Exit::kYes;
  const logical::Plan& plan = document->plan;
  const std::size_t reference = document->reference.program.nodes.size(), lines = plan.program.nodes.size();
  print(options.format(),
        fmt::format("{}: {} ranks, {} lines for {} of the reference\n", options.out, plan.ranks, lines,
                    reference),
        {{"file", options.out},
         {"ranks", plan.ranks},
         {"lines", lines},
         {"reference_lines", reference},
         {"bytes", text.size()}});
  return Exit::kYes;
}

// without_backward: the options that say that there is none.
void add_partition(CLI::App& command, GeneratePlan& options,
                   const std::vector<CLI::Option*>& without_backward) {
  logical::Partition& partition = options.partition;
  command.add_option("--dp", partition.dp, "replicas, each with its share of the batch")
      ->capture_default_str();
  command.add_option("--tp", partition.tp, "ranks that share every layer")->capture_default_str();
  command.add_option("--pp", partition.pp, "pipeline stages")->capture_default_str();
  command
      .add_option("--micro-batches,--microbatches", partition.micro_batches,
                  "a replica computes its rows in so many parts")
      ->capture_default_str();
  command
      .add_option("--interleave", partition.interleave, "chunks of layers that each stage has, dealt in turn")
      ->capture_default_str();
  const auto of_backward = [&](CLI::Option* option) {
    for (CLI::Option* other : without_backward) option->excludes(other);
  };
  of_backward(
      command.add_flag("--gpipe", options.gpipe, "all forwards first; default: one forward, one backward"));
  of_backward(command.add_flag("--scatter-gradients", options.scatter,
                               "each replica delivers its share of the gradients, not all of them"));
  command.add_flag("--scatter-weights", options.share,
                   "the same, and it holds its share of the weights, gathered where they are used");
  command.add_flag(
      "--exchange-heads", partition.exchange_heads,
      "ranks of a layer hold shares of the sequence, and change them for heads around attention");
  command.add_flag("--pieces", options.pieces,
                   "between stages, each rank sends a piece, and the receivers gather");
  command.add_flag("--sequence-parallel", partition.sequence_parallel,
                   "each rank of a layer holds a share of the sequence outside attention and MLP");
  command.add_flag("--vocabulary-parallel", partition.vocabulary_parallel,
                   "each rank of a layer holds a share of the rows of embedding and output projection");
  command
      .add_option("--order", options.order,
                  "tree: sums such that `cep prove --order tree` proves every bit; default: as they come")
      ->check(CLI::IsMember({"tree"}));
  of_backward(
      command.add_flag("--recompute", partition.recompute, "compute a layer again before its backward"));
}

}  // namespace

std::function<Exit()> add_generate_command(CLI::App& command) {
  auto options = std::make_shared<Generate>();
  std::string names;
  for (const std::string_view name : cep::onnx_models())
    names += (names.empty() ? "" : ", ") + std::string(name);
  command.add_option("MODEL", options->model, names);
  command.add_option("-o,--output", options->out, "the ONNX file to write; -: stdout");
  cep::OnnxModelOptions& sizes = options->options;
  command.add_option("--seed", sizes.seed, "of the weights, which are drawn")
      ->check(without_sign())
      ->capture_default_str();
  command.add_option("--batch", sizes.batch, "0 leaves it open, as the dimension \"batch\"")
      ->capture_default_str();
  const auto size = [&](const char* name, std::int64_t& value, const char* what) {
    return command.add_option(name, value, what)->capture_default_str();
  };
  options->of_images = {size("--image", sizes.image, "images: height and width"),
                        size("--classes", sizes.classes, "images: what they are sorted into")};
  options->of_tokens = {size("--sequence", sizes.sequence, "encoder: tokens"),
                        size("--hidden", sizes.hidden, "encoder: width of a token's state"),
                        size("--heads", sizes.heads, "encoder: of the attention"),
                        size("--layers", sizes.layers, "encoder: layers"),
                        size("--vocabulary", sizes.vocabulary, "encoder: different tokens")};
  options->format = add_format(command);
  const std::vector<CLI::Option*> of_models =
      command.get_options([](const CLI::Option* option) { return !option->check_name("--help"); });

  auto plan = std::make_shared<GeneratePlan>();
  CLI::App* planning =
      command.add_subcommand("plan", "the logical plan of a Llama model: real sizes, no weights");
  std::string models;
  for (const std::string& name : logical::llama_names()) models += (models.empty() ? "" : ", ") + name;
  planning->add_option("--model", plan->model, models)->required();
  planning->add_option("-o,--output", plan->out, "the distgraph file to write; -: stdout")->required();
  planning->add_option("--sequence", plan->sequence,
                       "tokens of a row; default: the model's; with --decode those of one step, default: 1");
  planning->add_option("--batch", plan->batch, "rows of a step; default: one per replica and micro-batch");
  CLI::Option* training =
      planning->add_flag("--training", plan->training, "forward and backward; the default");
  CLI::Option* inference = planning->add_flag("--inference", plan->inference, "forward only, to the logits");
  inference->excludes(training);
  CLI::Option* decode = planning->add_flag("--decode", plan->decode,
                                           "forward only, step after step, with a cache of keys and values");
  decode->excludes(training)->excludes(inference);
  planning->add_option("--steps", plan->steps, "of the decode loop; default: 1")->needs(decode);
  planning->add_option("--cache", plan->length, "positions the cache has; default: the model's sequence")
      ->needs(decode);
  planning
      ->add_option("--position", plan->position,
                   "where the first step writes; default: so that the last one fills the cache")
      ->needs(decode);
  planning->add_flag("--pattern", plan->pattern,
                     "one line in the file for all replicas and all ranks of a layer");
  planning->add_flag("--bf16", plan->bf16, "weights and activations; default: f32");
  add_partition(*planning, *plan, {inference, decode});
  plan->format = add_format(*planning);

  const std::function<Exit()> model_body = refusing(options, generate),
                              plan_body = refusing(plan, generate_plan);
  return [=] {
    if (!planning->parsed()) return model_body();
    const acp::Status alone = none_given(of_models, "plan, before which it stands");
    return alone ? plan_body() : fail(plan->format(), alone.error());
  };
}

}  // namespace tools
