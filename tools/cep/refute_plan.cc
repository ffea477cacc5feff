#include "tools/cep/refute_plan.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cep/physical_replay.h"

namespace tools {
namespace {

using namespace cep::physical;

Json json_of(const UndecidedPlan& of, const Witness& witness) {
  Json json = {{"evidence", to_string(witness.evidence)}, {"seed", witness.seed}, {"output", witness.output}};
  json["step"] = witness.step == cep::kNoId ? Json() : Json(of.plan.steps[witness.step].name);
  if (witness.tensor == cep::kNoId) {
    json["fault"] = witness.fault;
    return json;
  }
  json["tensor"] = of.workload.tensors[witness.tensor].name;
  json["index"] = witness.index;
  json["dtype"] = cep::dtype_name(witness.dtype);
  json["expected"] = fmt::format("0x{:x}", witness.expected);
  json["found"] = fmt::format("0x{:x}", witness.found);
  json["buffer"] = of.plan.buffers[witness.buffer].name;
  json["byte"] = witness.byte;
  return json;
}

Json json_of(const UndecidedPlan& of, const ReplayVerdict& verdict) {
  if (const auto* agrees = std::get_if<Agrees>(&verdict)) {
    Json json = {{"result", "agrees"}, {"seed", agrees->seed}, {"inputs", agrees->draws}};
    json["stopped_at"] =
        agrees->stopped_at == cep::kNoId ? Json() : Json(of.plan.steps[agrees->stopped_at].name);
    return json;
  }
  if (const auto* cannot = std::get_if<CannotRun>(&verdict))
    return {{"result", "not run"}, {"error", tools::json_of(cannot->error)}};
  const auto& differs = std::get<Differs>(verdict);
  Json json = {
      {"result", "differs"}, {"witness", json_of(of, differs.first)}, {"to_the_end", differs.to_the_end}};
  json["output"] = differs.output ? json_of(of, *differs.output) : Json();
  return json;
}

}  // namespace

Exit refute(const UndecidedPlan& undecided, std::uint64_t seed, Json& json, std::string& text) {
  const ReplayVerdict verdict = replay(undecided.workload, undecided.plan, undecided.context, {.seed = seed});
  json["replay"] = json_of(undecided, verdict);
  const auto* differs = std::get_if<Differs>(&verdict);
  const bool refuted = differs != nullptr && differs->refutes();
  if (refuted) json["verdict"] = "refuted";
  const bool ran = !std::holds_alternative<CannotRun>(verdict);
  text += (ran ? "  replayed: " : "  not replayed: ") +
          printable(to_string(undecided.workload, undecided.plan, verdict)) + "\n";
  return refuted ? Exit::kNo : Exit::kUndecided;
}

}  // namespace tools
