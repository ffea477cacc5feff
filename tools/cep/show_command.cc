// cep show: workloads, plans and logical plans in their text forms, and the region programs behind them.
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cep/logical_text.h"
#include "tools/cep/commands.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"
#include "tools/files/logical.h"
#include "tools/files/weights.h"
#include "tools/files/workload_json.h"

namespace tools {

namespace {

struct Show {
  std::function<Format()> format;
  std::string workload;
  std::string plan;
  bool programs = false;
};

acp::Result<Json> node_programs(const cep::Workload& workload) {
  Json out = Json::array();
  for (cep::NodeId node = 0; node < workload.nodes.size(); ++node) {
    ACP_TRY(const cep::Region region, cep::node_region(workload, node));
    out.push_back({{"name", workload.nodes[node].name}, {"program", cep::to_text(region)}});
  }
  return out;
}

acp::Result<Json> step_programs(const cep::Workload& workload, const cep::Plan& plan) {
  Json out = Json::array();
  for (const cep::Step& step : plan.steps) {
    const auto add = [&](acp::Result<cep::Region> region) -> acp::Status {
      if (!region) return acp::at("step " + step.name + ": ", unusable(std::move(region).error()));
      out.push_back({{"name", step.name}, {"program", cep::to_text(*region)}});
      return acp::ok();
    };
    if (const auto* compute = std::get_if<cep::Compute>(&step.what))
      ACP_CHECK(add(cep::lower(workload, *compute)));
    if (const auto* combine = std::get_if<cep::Combine>(&step.what))
      ACP_CHECK(add(cep::lower(plan, *combine)));
    if (const auto* copy = std::get_if<cep::Copy>(&step.what)) ACP_CHECK(add(cep::lower(plan, *copy)));
    if (const auto* fill = std::get_if<cep::Fill>(&step.what)) ACP_CHECK(add(cep::lower(plan, *fill)));
  }
  return out;
}

acp::Result<Exit> show_logical(const Show& options, std::span<const std::byte> bytes) {
  if (!options.plan.empty() || options.programs) {
    return acp::malformed("CEP-INPUT-1", options.workload,
                          "a logical plan stands alone, and has no region programs");
  }
  auto document = parse_logical(bytes);
  if (!document) return acp::at(options.workload + ": ", std::move(document).error());
  if (auto status = check_logical(*document); !status)
    return acp::at(options.workload + ": ", std::move(status).error());
  const std::string text = to_text(*document);
  print(options.format(), text, {{"digest", acp::to_string(digest(*document))}, {"logical", text}});
  return Exit::kYes;
}

acp::Result<Exit> show(const Show& options) {
  ACP_TRY(const std::vector<std::byte> bytes, read_file(options.workload));
  if (logical_form(bytes) != LogicalForm::kNone) return show_logical(options, bytes);
  ACP_TRY(const cep::Workload workload, workload_in(bytes, options.workload));
  // What lies beside the workload must be its weights, whoever asks.
  ACP_TRY(const std::optional<Weights> weights, read_weights(workload, options.workload));
  const std::string form = workload_to_json(workload);
  Json json = {{"digest", acp::to_string(cep::digest_of(workload))}, {"workload", Json::parse(form)}};
  if (weights) json["weights"] = {{"file", weights->file}, {"count", weights->contents.size()}};
  std::string text = form;
  Json programs;
  if (options.plan.empty()) {
    if (options.programs) {
      ACP_TRY(programs, node_programs(workload));
    }
  } else {
    ACP_TRY(const cep::Plan plan, read_plan(options.plan, workload));
    text = cep::to_text(plan, workload);
    json = {{"digest", acp::to_string(cep::digest_of(plan))}, {"plan", text}};
    if (options.programs) {
      ACP_TRY(programs, step_programs(workload, plan));
    }
  }
  for (const Json& entry : programs) {
    text += fmt::format("\n# {}\n{}", printable(entry["name"].get<std::string>()),
                        entry["program"].get<std::string>());
  }
  if (options.programs) json["programs"] = programs;
  print(options.format(), text, json);
  return Exit::kYes;
}

}  // namespace

std::function<Exit()> add_show_command(CLI::App& command) {
  auto options = std::make_shared<Show>();
  command
      .add_option("WORKLOAD", options->workload, "the workload, file or JSON; or a logical plan, in any form")
      ->required();
  command.add_option("PLAN", options->plan, "a plan for the workload, file or text: print this instead");
  command.add_flag("--programs", options->programs, "also the region program of every node, or step");
  options->format = add_format(command);
  return refusing(options, show);
}

}  // namespace tools
