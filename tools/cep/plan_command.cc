// cep plan: a plan for a workload on the devices named, by a placement file or by cost.
#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/cep/commands.h"
#include "tools/cep/devices.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"

namespace tools {

namespace {

constexpr const char* kPlacementHelp =
    R"(A placement file, one item a line; of lines that speak of one node the last holds; * in a PATTERN stands for any characters:
  cep-placement 1
  default DEVICE
  alternate DEVICE,DEVICE,... every N nodes
  stage NODE DEVICE                                          that node and all after it
  node PATTERN DEVICE
  split PATTERN batch|channel|axis:N over DEVICE,DEVICE,...  equal parts along an axis of the outputs
  split PATTERN reduction over DEVICE,DEVICE,...             each a part of the sum; for nodes imported with --order blocked:N)";

struct PlanOptions {
  std::function<Format()> format;
  std::string workload;
  std::vector<std::string> devices;
  std::string placement;
  std::string objective = "latency";
  std::string out;
};

acp::Result<cep::Placement> placement_of(const PlanOptions& options, const cep::Workload& workload,
                                         const std::vector<cep::PlanTarget>& targets) {
  if (!options.placement.empty()) {
    ACP_TRY(const std::vector<std::byte> bytes, read_file(options.placement));
    auto placement = cep::parse_placement(text_of(bytes), workload, targets);
    if (!placement) return acp::at(options.placement + ": ", unusable(std::move(placement).error()));
    return placement;
  }
  const std::map<std::string, cep::Objective> objectives = {{"latency", cep::Objective::kLatency},
                                                            {"throughput", cep::Objective::kThroughput},
                                                            {"energy", cep::Objective::kEnergy},
                                                            {"memory", cep::Objective::kMemory}};
  return cep::place_by_cost(workload, targets, objectives.at(options.objective));
}

// How many steps of each kind a device's queue has.
struct Counts {
  std::size_t compute = 0;
  std::size_t copy = 0;
  std::size_t combine = 0;
  std::size_t signals_and_waits = 0;
};
std::vector<Counts> counts_of(const cep::Plan& plan) {
  std::vector<Counts> out(plan.devices.size());
  for (const cep::Step& step : plan.steps) {
    Counts& counts = out[plan.queues[step.queue].device];
    if (std::holds_alternative<cep::Compute>(step.what)) {
      ++counts.compute;
    } else if (std::holds_alternative<cep::Copy>(step.what)) {
      ++counts.copy;
    } else if (std::holds_alternative<cep::Combine>(step.what)) {
      ++counts.combine;
    } else {
      ++counts.signals_and_waits;
    }
  }
  return out;
}

acp::Result<Exit> write_plan(const PlanOptions& options) {
  namespace fs = std::filesystem;
  std::vector<FileOf> written;
  if (options.out != "-")
    written = document_files(options.devices, fs::path(options.out).parent_path().string());
  written.insert(written.begin(), {"--output", options.out});
  ACP_CHECK(check_outputs({{"WORKLOAD", options.workload}, {"--placement", options.placement}}, written));
  ACP_TRY(const cep::Workload workload, read_workload(options.workload));
  ACP_TRY(const Devices devices, Devices::load(options.devices));
  const std::vector<cep::PlanTarget> targets = targets_of(devices, options.devices);
  ACP_TRY(const cep::Placement placement, placement_of(options, workload, targets));
  ACP_TRY(const cep::Plan plan, cep::plan_workload(workload, targets, placement));
  const bool binary = fs::path(options.out).extension() == ".cep";
  const std::string plan_text = cep::to_text(plan, workload);
  ACP_CHECK(binary ? write_wire(options.out, cep::encode(plan))
                   : write_file(options.out, bytes_of(plan_text)));
  if (options.out == "-") return Exit::kYes;
  // What `cep verify` looks for beside the plan.
  ACP_TRY(const auto documents,
          write_documents(devices, options.devices, fs::path(options.out).parent_path().string()));
  const std::string digest = acp::to_string(cep::digest_of(plan));
  std::string text = fmt::format("{} {}\n", options.out, digest);
  Json json = {
      {"file", options.out}, {"digest", digest}, {"steps", plan.steps.size()}, {"devices", Json::array()}};
  const std::vector<Counts> counts = counts_of(plan);
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    text +=
        fmt::format("{}: {} nodes or parts, {} copies, {} sums of parts, {} signals and waits, {} bytes\n",
                    plan.devices[i].name, counts[i].compute, counts[i].copy, counts[i].combine,
                    counts[i].signals_and_waits, plan.arenas[i].size_bytes);
    json["devices"].push_back({{"name", plan.devices[i].name},
                               {"shim", plan.devices[i].shim},
                               {"compute", counts[i].compute},
                               {"copy", counts[i].copy},
                               {"combine", counts[i].combine},
                               {"signals_and_waits", counts[i].signals_and_waits},
                               {"arena_bytes", plan.arenas[i].size_bytes}});
  }
  json["documents"] = Json::array();
  for (const Document& document : documents)
    json["documents"].push_back({{"file", document.file}, {"digest", document.digest}});
  print(options.format(), text, json);
  return Exit::kYes;
}

}  // namespace

std::function<Exit()> add_plan_command(CLI::App& command) {
  auto options = std::make_shared<PlanOptions>();
  command.add_option("WORKLOAD", options->workload, "the workload, file or JSON")->required();
  command
      .add_option("--devices", options->devices,
                  "shims to plan for: short names or paths, with commas between; the same one may come twice")
      ->required()
      ->delimiter(',');
  command
      .add_option(
          "-o,--output", options->out,
          "the plan to write; ending .cep: as a plan file, else as text; the devices' documents go beside it")
      ->required();
  CLI::Option* placement = command.add_option("--placement", options->placement,
                                              "which node runs where (CEP 5.7); default: by cost");
  command.footer(kPlacementHelp);
  command.add_option("--objective", options->objective, "what the cut by cost aims at; default: latency")
      ->check(CLI::IsMember({"latency", "throughput", "energy", "memory"}))
      ->excludes(placement);
  options->format = add_format(command);
  return refusing(options, write_plan);
}

}  // namespace tools
