#include "tools/cep/attempts.h"

#include <algorithm>
#include <optional>
#include <set>

#include "tools/cep-check/check.h"
#include "tools/files/files.h"

namespace tools {

namespace {

constexpr const char* kAlone = "alone";

// A plan, and where its devices stand among those loaded.
struct Candidate {
  cep::Plan plan;
  std::vector<std::size_t> places;
  std::optional<cep::Context> beside = {};  // the documents it relies on, where they lie beside it
  cep::Certificate certificate = {};
  bool given = false;  // the certificate: anyone can write one down
};

cep::Context context_of(const Devices& devices, const std::vector<std::size_t>& places) {
  cep::Context context;
  for (const std::size_t place : places) {
    context.documents.push_back(devices.context.documents[place]);
    context.digests.push_back(devices.context.digests[place]);
  }
  return context;
}

// The plan first, then every fallback that is a file.
acp::Result<std::vector<Candidate>> read_candidates(const RunRequest& request,
                                                    const cep::Workload& workload) {
  std::vector<std::string> files = {request.plan};
  std::copy_if(request.fallbacks.begin(), request.fallbacks.end(), std::back_inserter(files),
               [](const std::string& fallback) { return fallback != kAlone; });
  std::vector<Candidate> candidates;
  candidates.reserve(files.size());
  std::size_t place = 0;
  for (const std::string& file : files) {
    Candidate candidate;
    ACP_TRY(candidate.plan, read_plan(file, workload));
    // The shims say who they are; documents beside the plan, where there are any, must be those it relies on all the same.
    auto beside = read_context(candidate.plan, file, "");
    if (!beside && beside.error().family == acp::Family::kInvalid) return std::move(beside).error();
    if (beside) candidate.beside = std::move(*beside);
    candidate.given = candidates.empty() && !request.certificate.empty();
    if (candidate.given) {
      ACP_TRY(candidate.certificate, read_certificate(request.certificate));
      ACP_CHECK(cep::check_certificate(workload, candidate.plan, candidate.certificate));
    } else if (candidate.plan.workload != cep::digest_of(workload)) {
      return acp::invalid("CEP-CHECK-1", "workload", file + ": the plan is for another workload");
    }
    for (std::size_t i = 0; i < candidate.plan.devices.size(); ++i) candidate.places.push_back(place++);
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// A certificate that is given is looked through; where there is none, the plan is proved.
acp::Status certify(const cep::Workload& workload, const cep::Context& documents, Candidate& candidate) {
  if (candidate.given) return cep_check::check(workload, candidate.plan, candidate.certificate, documents);
  ACP_TRY(candidate.certificate, prove(workload, candidate.plan, documents));
  return acp::ok();
}

// The whole workload on each device of the first plan whose document allows that.
acp::Status add_alone(const cep::Workload& workload, const std::vector<std::string>& shims, Devices& devices,
                      std::vector<Candidate>& candidates) {
  std::set<std::string> seen;
  acp::Error why = acp::malformed("CEP-INPUT-1", "--fallback alone", "the plan has no device");
  const std::size_t before = candidates.size();
  for (const std::size_t place : std::vector<std::size_t>(candidates.front().places)) {
    if (!seen.insert(shims[place]).second) continue;
    const cep::Placement all_there(workload.nodes.size(), {{0}, 0});
    auto plan = cep::plan_workload(workload, {targets_of(devices, shims)[place]}, all_there);
    if (!plan) {
      why = std::move(plan).error();
      continue;
    }
    Candidate candidate{.plan = std::move(*plan), .places = {place}};
    if (auto status = certify(workload, context_of(devices, candidate.places), candidate); !status) {
      why = std::move(status).error();
      continue;
    }
    candidates.push_back(std::move(candidate));
  }
  if (candidates.size() == before) return why;
  return acp::ok();
}

}  // namespace

std::string isolated(const std::string& shim, bool isolate) {
  constexpr std::string_view kApart = "@process";
  return isolate && !shim.ends_with(kApart) ? shim + std::string(kApart) : shim;
}

acp::Result<cep::RunResult> run_attempts(const RunRequest& request, const cep::Workload& workload,
                                         const std::vector<cep::TensorBytes>& inputs, cep::Plan& ran) {
  ACP_TRY(std::vector<Candidate> candidates, read_candidates(request, workload));
  // To load a shim is to run its code: what can be looked at before is.
  for (Candidate& candidate : candidates) {
    if (candidate.beside) ACP_CHECK(certify(workload, *candidate.beside, candidate));
  }
  std::vector<std::string> shims;
  for (const Candidate& candidate : candidates) {
    for (const cep::Device& device : candidate.plan.devices)
      shims.push_back(isolated(device.shim, request.isolate));
  }
  ACP_TRY(Devices devices, Devices::load(shims));
  // That the devices present these documents the executor looks at (CEP-EXEC-1).
  for (Candidate& candidate : candidates) {
    if (!candidate.beside) ACP_CHECK(certify(workload, context_of(devices, candidate.places), candidate));
  }
  if (std::count(request.fallbacks.begin(), request.fallbacks.end(), kAlone) > 0)
    ACP_CHECK(add_alone(workload, shims, devices, candidates));
  std::vector<cep::Attempt> attempts;
  attempts.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    cep::Attempt attempt{&candidate.plan, &candidate.certificate, {}};
    for (const std::size_t place : candidate.places) attempt.devices.push_back(&devices.devices[place]);
    attempts.push_back(std::move(attempt));
  }
  ACP_TRY(cep::RunResult result, cep::run_with_fallback(workload, attempts, inputs, request.options));
  ran = candidates[result.lost.size()].plan;
  return result;
}

}  // namespace tools
