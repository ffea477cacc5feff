// cep verify: the verdict on a plan, and the certificate of a proof.
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/cep/commands.h"
#include "tools/cep/measure.h"
#include "tools/cep/refute_plan.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"

namespace tools {

namespace {

struct Verify {
  std::function<Format()> format;
  std::string workload;
  std::string plan;
  std::string context;
  std::string certificate;
  std::string explain;
  bool no_replay = false;
  std::uint64_t seed = 1;
};

Json json_of(const cep::Proved& proof) {
  Json json = {
      {"verdict", "proved"}, {"guarantee", cep::grade_name(proof.guarantee)}, {"outputs", Json::array()}};
  for (const auto& output : proof.outputs) {
    json["outputs"].push_back({{"tensor", output.tensor}, {"guarantee", cep::grade_name(output.grade)}});
  }
  json["assumptions"] = Json::array();
  for (const auto& assumption : proof.assumptions) {
    json["assumptions"].push_back({{"device", assumption.device},
                                   {"document", acp::to_string(assumption.document)},
                                   {"contract", assumption.contract}});
  }
  json["lowered_by"] = proof.lowered_by;
  json["findings"] = Json::array();
  return json;
}

Json json_of(const char* verdict, const std::vector<cep::Finding>& findings) {
  Json json = {{"verdict", verdict},           {"guarantee", nullptr},        {"outputs", Json::array()},
               {"assumptions", Json::array()}, {"lowered_by", Json::array()}, {"findings", Json::array()}};
  for (const cep::Finding& finding : findings) {
    json["findings"].push_back({{"id", finding.id},
                                {"path", finding.path},
                                {"step", finding.step},
                                {"message", finding.message},
                                {"condition", cep::condition_name(finding.condition)}});
  }
  return json;
}

std::string part_text(const cep::Part& part) {
  if (part.kind == cep::Part::Kind::kWhole) return "whole";
  if (part.kind == cep::Part::Kind::kConstant) return fmt::format("constant 0x{:x}", part.bits);
  std::string text = "sum over k";
  for (const cep::KRange& k : part.ranges) text += fmt::format(" {}:{}", k.begin, k.end);
  if (part.state == cep::Part::State::kPrefix) text += fmt::format(", state after {}", part.position);
  if (part.state == cep::Part::State::kTreeNode)
    text += fmt::format(", node {} of span {}", part.position, part.span);
  return text;
}

// The facts behind one output, from it back to the inputs.
std::string explanation(const cep::Workload& workload, const cep::Plan& plan, const cep::Proved& proof,
                        cep::TensorId output) {
  std::vector<std::uint32_t> todo;
  for (const std::uint32_t fact : proof.output_facts) {
    if (proof.facts[fact].slice.tensor == output) todo.push_back(fact);
  }
  std::set<std::uint32_t> seen(todo.begin(), todo.end());
  std::string text;
  for (std::size_t at = 0; at < todo.size(); ++at) {
    const cep::Fact& fact = proof.facts[todo[at]];
    const std::string tensor =
        fact.slice.tensor == cep::kNoId ? "" : workload.tensors[fact.slice.tensor].name;
    const std::string line =
        fmt::format("  {} holds {}{}: {}, {} ({})", plan.buffers[fact.slice.view.buffer].name, tensor,
                    cep::to_string(fact.slice.box), part_text(fact.part), cep::grade_name(fact.grade),
                    fact.step == cep::kNoId ? std::string("input") : "step " + plan.steps[fact.step].name);
    text += printable(line) + "\n";
    if (fact.step == cep::kNoId) continue;
    for (const std::uint32_t used : proof.used[fact.step]) {
      if (seen.insert(used).second) todo.push_back(used);
    }
  }
  return text;
}

cep::Verdict verdict_on(const cep::Workload& workload, const cep::Plan& plan, const cep::Context& context) {
  if (plan.workload == cep::digest_of(workload)) return cep::verify(workload, plan, context);
  return cep::Refuted{
      {{cep::Condition::kWellFormed, "CEP-CHECK-1", "workload", "", "the plan is for another workload"}}};
}

acp::Result<Exit> verify_plan(const Verify& options) {
  ACP_CHECK(check_outputs({{"WORKLOAD", options.workload}, {"PLAN", options.plan}},
                          {{"--certificate", options.certificate}}));
  Stopwatch watch;
  ACP_TRY(const cep::Workload workload, read_workload(options.workload));
  ACP_TRY(const cep::Plan plan, read_plan(options.plan, workload));
  ACP_TRY(const cep::Context context, read_context(plan, options.plan, options.context));
  const cep::TensorId explained = cep::find_tensor(workload, options.explain);
  if (!options.explain.empty() && explained == cep::kNoId)
    return acp::malformed("CEP-INPUT-1", "--explain", "no such tensor");
  const cep::Verdict verdict = verdict_on(workload, plan, context);
  Json json;
  std::string text;
  Exit exit = Exit::kYes;
  if (const auto* proof = std::get_if<cep::Proved>(&verdict)) {
    json = json_of(*proof);
    text = fmt::format("proved {}: {} steps, {} facts\n", cep::grade_name(proof->guarantee),
                       plan.steps.size(), proof->facts.size());
    for (const std::string& reason : proof->lowered_by) text += "  lowered by " + printable(reason) + "\n";
    if (explained != cep::kNoId) {
      json["explanation"] = explanation(workload, plan, *proof, explained);
      text += json["explanation"].get<std::string>();
    }
    if (!options.certificate.empty())
      ACP_CHECK(write_wire(options.certificate, cep::encode(cep::certify(workload, plan, context, *proof))));
  } else {
    const auto* refuted = std::get_if<cep::Refuted>(&verdict);
    const auto& findings =
        refuted != nullptr ? refuted->findings : std::get<cep::Undecided>(verdict).findings;
    exit = refuted != nullptr ? Exit::kNo : Exit::kUndecided;
    json = json_of(refuted != nullptr ? "refuted" : "undecided", findings);
    for (const cep::Finding& finding : findings) text += "  " + printable(cep::to_string(finding)) + "\n";
    if (exit == Exit::kUndecided && !options.no_replay)
      exit = refute({workload, plan, context}, options.seed, json, text);
    text = (exit == Exit::kNo ? "refuted\n" : "undecided\n") + text;
  }
  json["seconds"] = watch.lap();
  json["peak_bytes"] = peak_bytes();
  print(options.format(), text, json);
  return exit;
}

}  // namespace

std::function<Exit()> add_verify_command(CLI::App& command) {
  auto options = std::make_shared<Verify>();
  command.add_option("WORKLOAD", options->workload, "the workload, file or JSON")->required();
  command.add_option("PLAN", options->plan, "the plan, file or text")->required();
  command.add_option("--context", options->context,
                     "folder with the devices' ACP documents; default: the plan's");
  command.add_option("--certificate", options->certificate, "write the proof here, for cep-check");
  command.add_option("--explain", options->explain, "print the facts behind this output");
  command.add_flag("--no-replay", options->no_replay,
                   "do not run on numbers what is undecided, to find out whether it is wrong");
  command.add_option("--seed", options->seed,
                     "of the numbers an undecided plan is run on: a witness names its own");
  options->format = add_format(command);
  return refusing(options, verify_plan);
}

}  // namespace tools
