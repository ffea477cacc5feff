#include "tools/cep/refute.h"

#include <nlohmann/json.hpp>

#include "cep/replay.h"

namespace tools {
namespace {

using namespace cep::logical;

Json json_of(const Witness& witness) {
  Json json = {{"evidence", to_string(witness.evidence)},
               {"output", witness.output},
               {"name", witness.name},
               {"shape", witness.shape},
               {"index", witness.index},
               {"expected", witness.expected},
               {"found", witness.found},
               {"seed", witness.seed}};
  if (witness.rank >= 0) json["delivered"] = {{"tensor", witness.delivered}, {"rank", witness.rank}};
  if (!witness.held.empty()) json["holds"] = witness.held;
  return json;
}
Json json_of(const std::vector<ScaledLength>& scaled) {
  Json json = Json::array();
  for (const ScaledLength& length : scaled) json.push_back({{"own", length.own}, {"run", length.run}});
  return json;
}
Json json_of(const ReplayVerdict& verdict) {
  if (const auto* agrees = std::get_if<Agrees>(&verdict))
    return {{"result", "agrees"}, {"inputs", agrees->inputs}, {"scaled", json_of(agrees->scaled)}};
  if (const auto* cannot = std::get_if<CannotRun>(&verdict))
    return {{"result", "not run"}, {"error", tools::json_of(cannot->error)}};
  const auto& differs = std::get<Differs>(verdict);
  Json json = {{"result", "differs"},
               {"witness", json_of(differs.witness)},
               {"arbitrary", differs.free},
               {"scaled", json_of(differs.scaled)},
               {"suspects", Json::array()}};
  for (const Suspect& suspect : differs.suspects)
    json["suspects"].push_back({{"line", suspect.line}, {"rank", suspect.rank}, {"text", suspect.text}});
  return json;
}

Json json_of(const BitVerdict& verdict) {
  if (const auto* same = std::get_if<SameBits>(&verdict)) {
    Json json = {{"result", "same bits"},
                 {"inputs", same->inputs},
                 {"outputs", same->outputs},
                 {"elements", same->elements},
                 {"not_numbers", same->not_numbers},
                 {"types", Json::array()},
                 {"computed_alike", same->same_terms},
                 {"scaled", json_of(same->scaled)}};
    for (const Element type : same->types) json["types"].push_back(to_string(type));
    return json;
  }
  if (const auto* cannot = std::get_if<CannotRun>(&verdict))
    return {{"result", "not run"}, {"error", tools::json_of(cannot->error)}};
  const auto& differs = std::get<Differs>(verdict);
  return {{"result", "differs"}, {"witness", json_of(differs.witness)}, {"scaled", json_of(differs.scaled)}};
}

}  // namespace

Exit execute(const Document& document, std::uint64_t seed, Exit answer, Json& json, std::string& text) {
  const BitVerdict verdict = execute_in_order(document, {.seed = seed});
  json["execution"] = json_of(verdict);
  const auto* differs = std::get_if<Differs>(&verdict);
  const bool refuted = differs != nullptr && differs->refutes();
  if (refuted) {
    json["verdict"] = "refuted";
    json["guarantee"] = "real";
    text += "refuted to the bit: ";
  }
  if (differs != nullptr && !refuted) text += "executed: ";
  if (std::holds_alternative<CannotRun>(verdict)) text += "not executed: ";
  text += to_string(verdict);
  return refuted ? Exit::kNo : answer;
}

Exit refute(const Document& document, std::uint64_t seed, Json& json, std::string& text) {
  const ReplayVerdict verdict = replay(document, {.seed = seed});
  json["replay"] = json_of(verdict);
  const auto* differs = std::get_if<Differs>(&verdict);
  const bool refuted = differs != nullptr && differs->refutes();
  if (refuted) json["verdict"] = "refuted";
  const bool ran = !std::holds_alternative<CannotRun>(verdict);
  text += (refuted ? "refuted: " : ran ? "replayed: " : "not replayed: ") + to_string(verdict);
  return refuted ? Exit::kNo : Exit::kUndecided;
}

}  // namespace tools
