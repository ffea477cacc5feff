// cep import-plan: a partitioned program that another system wrote, checked, and written as bytes.
#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cep/logical_wire.h"
#include "tools/cep/commands.h"
#include "tools/cep/measure.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"
#include "tools/files/logical.h"

namespace tools {

namespace {

using cep::logical::Document;
using cep::logical::Program;

struct ImportPlan {
  std::function<Format()> format;
  std::string file;
  std::string out;
};

// How many nodes of a program do what.
Json operator_counts(const Program& program) {
  std::map<std::string, std::size_t> counts;
  std::vector<std::size_t> by_operation(program.operations.size());
  for (const auto& node : program.nodes) ++by_operation[node.operation];
  for (std::size_t i = 0; i < by_operation.size(); ++i) {
    const auto& operation = program.operations[i];
    counts[operation.name + (operation.backward ? ".bw" : "")] += by_operation[i];
  }
  return counts;
}

Json counts_of(const Document& document) {
  const auto sizes = [](const Program& program) {
    return Json{{"tensors", program.tensors.size()},
                {"nodes", program.nodes.size()},
                {"operators", operator_counts(program)}};
  };
  Json plan = sizes(document.plan.program);
  plan["ranks"] = document.plan.ranks;
  for (const auto& variable : document.plan.variables) plan["variables"][variable.name] = variable.size;
  plan["groups"] = document.plan.groups.size();
  plan["binds"] = document.plan.binds.size();
  plan["yields"] = document.plan.yields.size();
  Json reference = sizes(document.reference.program);
  reference["outputs"] = document.reference.outputs.size();
  return {{"name", document.plan.name}, {"reference", std::move(reference)}, {"plan", std::move(plan)}};
}

std::string text_of_counts(const Json& json) {
  std::string text = json["name"].get<std::string>() + "\n";
  for (const char* side : {"reference", "plan"}) {
    text += fmt::format("{}:", side);
    for (const auto& [what, count] : json[side].items()) {
      if (count.is_number()) text += fmt::format(" {} {}", count.get<std::int64_t>(), what);
    }
    text += "\n ";
    for (const auto& [name, count] : json[side]["operators"].items()) {
      text += fmt::format(" {} {}", name, count.get<std::size_t>());
    }
    text += "\n";
  }
  return text;
}

acp::Result<Exit> import_plan(const ImportPlan& options) {
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.out}}));
  Stopwatch watch;
  Json seconds;
  ACP_TRY(auto bytes, read_file(options.file));
  seconds["read"] = watch.lap();
  auto document = parse_logical(bytes);
  if (!document) return acp::at(options.file + ": ", std::move(document).error());
  std::vector<std::byte>().swap(bytes);
  seconds["parse"] = watch.lap();
  if (auto status = check_logical(*document); !status)
    return acp::at(options.file + ": ", std::move(status).error());
  seconds["check"] = watch.lap();

  Json json = counts_of(*document);
  (void)watch.lap();
  const std::vector<std::byte> encoded = encode(*document);
  seconds["encode"] = watch.lap();
  const std::string digest = acp::to_string(acp::sha256(encoded));
  seconds["hash"] = watch.lap();
  if (!options.out.empty()) ACP_CHECK(write_wire(options.out, encoded));
  json["digest"] = digest;
  json["seconds"] = seconds;
  json["peak_bytes"] = peak_bytes();

  std::string text = text_of_counts(json) + "seconds:";
  for (const auto& [what, time] : seconds.items())
    text += fmt::format(" {} {:.3f}", what, time.get<double>());
  text += fmt::format("; peak {} MB\n{}\n", peak_bytes() >> 20, digest);
  print(options.format(), text, json);
  return Exit::kYes;
}

}  // namespace

std::function<Exit()> add_import_plan_command(CLI::App& command) {
  auto options = std::make_shared<ImportPlan>();
  command
      .add_option("FILE", options->file,
                  "distgraph-jsonl, as it is or compressed (.zst), or a logical plan file")
      ->required();
  command.add_option("-o,--output", options->out, "the logical plan file to write");
  options->format = add_format(command);
  return refusing(options, import_plan);
}

}  // namespace tools
