// Plans for devices: verified, checked, and made.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "acp/text.h"
#include "acp/wire.h"
#include "cep/certificate.h"
#include "cep/physical_replay.h"
#include "cep/planner.h"
#include "conformance/cep/physical.h"
#include "tools/cep-check/check.h"
#include "tools/files/workload_json.h"

namespace conformance::documents {
namespace {

using Json = nlohmann::json;

acp::Status add_document(cep::Context& context, const std::string& text) {
  ACP_TRY(acp::Class document, acp::parse_class_json(text));
  ACP_TRY(const auto bytes, acp::encode(document));
  context.documents.push_back(std::move(document));
  context.digests.push_back(acp::sha256(bytes));
  return acp::ok();
}

// A plan, as text or as bytes.
acp::Result<cep::Plan> read_plan(const Files& files, const cep::Workload& workload) {
  if (files.is_bytes("plan")) {
    ACP_TRY(const auto bytes, files.bytes("plan"));
    return cep::decode_plan(bytes);
  }
  ACP_TRY(const std::string text, files.text("plan"));
  return cep::parse_plan(text, workload);
}

// What is refused is refused by one of the readers in it.
acp::Result<Planned> read(const Files& files) {
  ACP_TRY(Planned planned, read_planned(files));
  ACP_TRY(const std::vector<std::string> devices, files.list("devices"));
  for (const std::string& device : devices) ACP_CHECK(add_document(planned.context, device));
  return planned;
}

Answer answer_of(const cep::Verdict& verdict) {
  if (std::holds_alternative<cep::Proved>(verdict)) return {};
  const bool undecided = std::holds_alternative<cep::Undecided>(verdict);
  const std::vector<cep::Finding>& findings =
      undecided ? std::get<cep::Undecided>(verdict).findings : std::get<cep::Refuted>(verdict).findings;
  if (findings.empty()) return {"", {}, "no finding"};
  Answer answer{findings.front().id, {}, to_string(findings.front())};
  answer.conditions.insert("CEP-VER-" + std::to_string(static_cast<int>(findings.front().condition)));
  if (undecided) answer.conditions.insert("CEP-VER-0");
  return answer;
}

cep::Objective objective_of(const std::string& name) {
  if (name == "throughput") return cep::Objective::kThroughput;
  if (name == "energy") return cep::Objective::kEnergy;
  if (name == "memory") return cep::Objective::kMemory;
  return cep::Objective::kLatency;
}

// {"objective": "latency", "targets": [{"name": "a", "document": 0}]}: the document is one of the files of the role "devices".
struct Request {
  cep::Objective objective = cep::Objective::kLatency;
  std::vector<cep::PlanTarget> targets;
};
acp::Result<Request> request_of(const std::string& text, const cep::Context& documents) {
  const Json json = Json::parse(text, nullptr, false);
  Request request;
  try {
    request.objective = objective_of(json.at("objective"));
    for (const Json& one : json.at("targets")) {
      cep::PlanTarget target;
      target.device.name = one.at("name");
      target.document = documents.documents.at(one.at("document"));
      request.targets.push_back(std::move(target));
    }
  } catch (const std::exception& fault) {
    return acp::malformed("", "targets", fault.what());
  }
  return request;
}

// The placement, by hand or by cost, and the plan.
acp::Status plan(const cep::Workload& workload, const Request& request, const std::string* placement) {
  auto placed = placement != nullptr ? cep::parse_placement(*placement, workload, request.targets)
                                     : cep::place_by_cost(workload, request.targets, request.objective);
  if (!placed) return std::move(placed).error();
  ACP_TRY(const cep::Plan made, cep::plan_workload(workload, request.targets, *placed));
  return made.steps.empty() ? acp::Status(acp::malformed("", "plan", "has no step")) : acp::ok();
}

}  // namespace

acp::Result<Planned> read_planned(const Files& files) {
  Planned planned;
  ACP_TRY(const std::string workload, files.text("workload"));
  ACP_TRY(planned.workload, tools::parse_workload_json(workload));
  ACP_TRY(planned.plan, read_plan(files, planned.workload));
  return planned;
}

acp::Result<cep::Certificate> certificate_of(const Planned& proved) {
  cep::Verdict verdict = cep::verify(proved.workload, proved.plan, proved.context);
  auto* proof = std::get_if<cep::Proved>(&verdict);
  if (proof == nullptr) return acp::malformed("", "verify", answer_of(verdict).words);
  return certify(proved.workload, proved.plan, proved.context, std::move(*proof));
}

void make_out(cep::Certificate& certificate, const Planned& given) {
  certificate.workload = cep::digest_of(given.workload);
  certificate.plan = cep::digest_of(given.plan);
  certificate.rules = cep::digest_of_rules();
  certificate.documents = given.context.digests;
  for (cep::Assumption& assumption : certificate.proof.assumptions) {
    const auto device = std::ranges::find_if(given.plan.devices,
                                             [&](const auto& one) { return one.name == assumption.device; });
    if (device != given.plan.devices.end()) assumption.document = device->document;
  }
}

acp::Result<Answer> put_to_workload_reader(const Files&, const Files& given) {
  ACP_TRY(const std::string text, given.text("workload"));
  const auto workload = tools::parse_workload_json(text);
  return workload ? Answer{} : refused(workload.error());
}

acp::Result<Answer> put_to_verifier(const Files&, const Files& given) {
  const auto planned = read(given);
  if (!planned) return refused(planned.error());
  return answer_of(cep::verify(planned->workload, planned->plan, planned->context));
}

acp::Result<Answer> put_to_plan_replay(const Files&, const Files& given) {
  const auto planned = read(given);
  if (!planned) return refused(planned.error());
  const cep::physical::ReplayVerdict verdict =
      cep::physical::replay(planned->workload, planned->plan, planned->context);
  if (const auto* cannot = std::get_if<cep::physical::CannotRun>(&verdict)) return refused(cannot->error);
  if (std::holds_alternative<cep::physical::Agrees>(verdict)) return Answer{};
  return Answer{"", {}, to_string(planned->workload, planned->plan, verdict)};
}

acp::Result<Answer> put_to_checker(const Files& right, const Files& given) {
  ACP_TRY(const Planned proved, read(right));
  ACP_TRY(cep::Certificate certificate, certificate_of(proved));
  const auto planned = read(given);
  if (!planned) return refused(planned.error());
  make_out(certificate, *planned);
  return refused(cep_check::check(planned->workload, planned->plan, certificate, planned->context));
}

acp::Result<Answer> put_to_planner(const Files&, const Files& given) {
  ACP_TRY(const std::string text, given.text("workload"));
  ACP_TRY(const std::string targets, given.text("targets"));
  ACP_TRY(const std::vector<std::string> devices, given.list("devices"));
  std::string placement;
  if (given.has("placement")) {
    ACP_TRY(placement, given.text("placement"));
  }
  const auto workload = tools::parse_workload_json(text);
  if (!workload) return refused(workload.error());
  cep::Context documents;
  for (const std::string& device : devices) {
    if (const acp::Status added = add_document(documents, device); !added) return refused(added);
  }
  ACP_TRY(const Request request, request_of(targets, documents));
  return refused(plan(*workload, request, given.has("placement") ? &placement : nullptr));
}

}  // namespace conformance::documents
