// cep import: models into workloads.
#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cep/certificate.h"
#include "cep/onnx.h"
#include "cep/weights.h"
#include "tools/cep/commands.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"
#include "tools/files/weights.h"

namespace tools {

namespace {

struct Import {
  std::function<Format()> format;
  std::string file;
  std::string out;
  std::string weights;
  std::string order;
  std::vector<std::string> dims;
};

acp::Error bad_option(const std::string& option, const std::string& why) {
  return acp::malformed("CEP-INPUT-1", option, why);
}

bool read_number(std::string_view text, auto& value) {
  const auto [next, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && next == text.data() + text.size();
}

acp::Result<cep::Order> order_of(const std::string& text) {
  if (text.empty()) return cep::Order{};
  if (text == "chain") return cep::Order{cep::OrderKind::kChain, 0};
  cep::Order order{cep::OrderKind::kBlockedTree, 0};
  if (text.rfind("blocked:", 0) != 0 || !read_number(text.substr(8), order.block) || order.block == 0)
    return bad_option("--order " + text, "chain, or blocked:N is wanted");
  return order;
}

acp::Result<cep::OnnxOptions> onnx_options(const Import& options) {
  cep::OnnxOptions out;
  ACP_TRY(out.order, order_of(options.order));
  for (const std::string& text : options.dims) {
    const std::size_t equals = text.find('=');
    std::int64_t extent = 0;
    if (equals == std::string::npos) return bad_option("--dim " + text, "NAME=N is wanted");
    if (text.find("..", equals) != std::string::npos)
      return acp::unsupported("CEP-ONNX-5", "--dim " + text, "a range; a number is wanted");
    if (!read_number(std::string_view(text).substr(equals + 1), extent) || extent < 0 ||
        !out.dims.emplace(text.substr(0, equals), extent).second)
      return bad_option("--dim " + text, "NAME=N is wanted, once for each name");
  }
  if (!options.weights.empty()) {
    std::uint64_t seed = 0;
    if (options.weights.rfind("random:", 0) != 0 || !read_number(options.weights.substr(7), seed))
      return bad_option("--weights " + options.weights, "random:SEED is wanted");
    out.random_weights = seed;
  }
  return out;
}

acp::Result<Exit> import_model(const Import& options) {
  ACP_TRY(const cep::OnnxOptions how, onnx_options(options));
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.out},
                                                     {"the model's weights", weights_file_of(options.out)}}));
  const auto begin = std::chrono::steady_clock::now();
  cep::OnnxImport import;
  {
    ACP_TRY(const MappedFile model, MappedFile::open(options.file));
    auto imported = cep::import_onnx(model.bytes(), how);
    if (!imported) return acp::at(options.file + ": ", unusable(std::move(imported).error()));
    import = *std::move(imported);
  }
  const std::vector<std::byte> bytes = cep::encode(import.workload);
  const std::string digest = acp::to_string(acp::sha256(bytes));
  if (options.out == "-" && !import.weights.empty())
    return bad_option("--output -", "a model's weights go into a file beside the workload");
  ACP_CHECK(write_wire(options.out, bytes));
  Json json = {{"file", options.out}, {"digest", digest}, {"nodes", import.workload.nodes.size()}};
  std::string text = fmt::format("{} {}\n", options.out, digest);
  if (!import.weights.empty()) {
    std::vector<std::span<const std::byte>> contents;
    contents.reserve(import.weights.size());
    for (const cep::TensorBytes& weight : import.weights) contents.emplace_back(weight.bytes);
    const std::string file = weights_file_of(options.out);
    const std::vector<std::byte> encoded = cep::encode_weights(import.workload, contents);
    ACP_CHECK(write_file(file, encoded));
    json["weights"] = {{"file", file}, {"count", contents.size()}, {"bytes", encoded.size()}};
    text += fmt::format("{} {} weights, {} bytes\n", file, contents.size(), encoded.size());
  }
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  print(options.format(), text, json);
  return Exit::kYes;
}

acp::Result<Exit> import_workload(const Import& options) {
  if (std::filesystem::path(options.file).extension() == ".onnx") return import_model(options);
  if (!options.weights.empty() || !options.order.empty() || !options.dims.empty())
    return bad_option(options.file, "--weights, --order and --dim are for ONNX models");
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.out}}));
  ACP_TRY(const cep::Workload workload, read_workload(options.file));
  ACP_CHECK(write_wire(options.out, cep::encode(workload)));
  const std::string digest = acp::to_string(cep::digest_of(workload));
  print(options.format(), fmt::format("{} {}\n", options.out, digest),
        {{"file", options.out}, {"digest", digest}});
  return Exit::kYes;
}

}  // namespace

std::function<Exit()> add_import_command(CLI::App& command) {
  auto options = std::make_shared<Import>();
  command
      .add_option("FILE", options->file,
                  "an ONNX model (ending .onnx), workload JSON, or a workload file, to copy it")
      ->required();
  command
      .add_option("-o,--output", options->out,
                  "the workload file to write; a model's weights go beside it, ending .weights")
      ->required();
  command.add_option("--weights", options->weights,
                     "random:SEED: draw the model's weights, do not read them");
  command.add_option("--order", options->order,
                     "chain or blocked:N: the order of every reduction that leaves it open");
  command.add_option("--dim", options->dims, "NAME=N: the extent of a symbolic dimension; again for more")
      ->allow_extra_args(false);
  options->format = add_format(command);
  return refusing(options, import_workload);
}

}  // namespace tools
