// Plans, run on the shims that they name.
#include <algorithm>
#include <bit>
#include <deque>
#include <nlohmann/json.hpp>

#include "acp/host.h"
#include "acp/wire.h"
#include "cep/exec.h"
#include "conformance/cep/physical.h"

namespace conformance::documents {
namespace {

using Json = nlohmann::json;

// How a session is opened, and its runs.
struct Asked {
  std::vector<std::string> certified;  // what the certificate names as it is; the others it names wrong
  bool fallback_as_good = true;
  std::vector<std::uint64_t> step_ms;  // of each run
};
acp::Result<Asked> asked_of(const std::string& text) {
  Asked asked;
  try {
    const Json json = Json::parse(text);
    asked.certified = json.at("certified").get<std::vector<std::string>>();
    asked.step_ms = json.at("milliseconds a step").get<std::vector<std::uint64_t>>();
    const std::string fallback = json.at("fallback");
    asked.fallback_as_good = fallback == "as good";
    if (!asked.fallback_as_good && fallback != "over the reals")
      throw Json::other_error::create(501, fallback, &json);
  } catch (const Json::exception& fault) {
    return acp::malformed("", "run", fault.what());
  }
  if (asked.step_ms.empty()) return acp::malformed("", "run", "asks for no run");
  return asked;
}

// A plan and its devices, whose documents are those that they present.
struct OnDevices {
  Planned planned;
  std::vector<acp::Shim> shims;
  std::deque<acp::Device> devices;

  [[nodiscard]] cep::Attempt attempt(const cep::Certificate& certificate) {
    cep::Attempt attempt{&planned.plan, &certificate, {}};
    for (acp::Device& device : devices) attempt.devices.push_back(&device);
    return attempt;
  }
};
acp::Result<OnDevices> read(const Files& files) {
  OnDevices on;
  ACP_TRY(on.planned, read_planned(files));
  for (cep::Device& named : on.planned.plan.devices) {
    ACP_TRY(acp::Shim shim, acp::Shim::load(named.shim));
    ACP_TRY(acp::Device device, shim.device(0));
    ACP_TRY(acp::Class document, device.class_document());
    ACP_TRY(const auto bytes, acp::encode(document));
    named.document = acp::sha256(bytes);
    on.planned.context.digests.push_back(named.document);
    on.planned.context.documents.push_back(std::move(document));
    on.shims.push_back(std::move(shim));
    on.devices.push_back(std::move(device));
  }
  return on;
}

void name_wrong(cep::Certificate& certificate, const std::vector<std::string>& right) {
  const auto is_right = [&](const char* name) { return std::ranges::find(right, name) != right.end(); };
  const auto other = [](acp::Digest& digest) { digest.bytes[0] ^= 1; };
  if (!is_right("workload")) other(certificate.workload);
  if (!is_right("plan")) other(certificate.plan);
  if (!is_right("rules")) other(certificate.rules);
  if (!is_right("documents")) std::ranges::for_each(certificate.documents, other);
}

// Element i of each input is (i mod 17 - 8) / 8: every product and sum of a few is exact.
std::vector<cep::TensorBytes> inputs_of(const cep::Workload& workload) {
  std::vector<cep::TensorBytes> inputs;
  inputs.reserve(workload.inputs.size());
  for (const cep::TensorId id : workload.inputs) {
    const cep::TensorType& type = workload.tensors[id].type;
    cep::Elements elements;
    for (std::int64_t i = 0; i < cep::volume(type.dims); ++i)
      elements.push_back(
          {std::bit_cast<std::uint32_t>(static_cast<float>(i % 17 - 8) * 0.125f), cep::Value::kConcrete});
    inputs.push_back(cep::bytes_from_elements(type, elements));
  }
  return inputs;
}

}  // namespace

// Of several runs the last one answers: those before it say in which state it finds the session.
acp::Result<Answer> put_to_executor(const Files& right, const Files& given) {
  ACP_TRY(const OnDevices proved, read(right));
  ACP_TRY(cep::Certificate certificate, certificate_of(proved.planned));
  ACP_TRY(const std::string text, given.text("run"));
  ACP_TRY(const Asked asked, asked_of(text));
  auto on = read(given);
  if (!on) return refused(on.error());
  make_out(certificate, on->planned);
  name_wrong(certificate, asked.certified);
  cep::Certificate fallback = certificate;
  if (!asked.fallback_as_good) fallback.proof.outputs.front().grade = cep::Grade::kReal;
  auto session =
      cep::Session::open(on->planned.workload, {on->attempt(certificate), on->attempt(fallback)}, {});
  if (!session) return refused(session.error());
  const std::vector<cep::TensorBytes> inputs = inputs_of(on->planned.workload);
  acp::Result<cep::RunResult> result = cep::RunResult{};
  for (const std::uint64_t step_ms : asked.step_ms)
    result = session->run(inputs, {.step_timeout_ns = step_ms * 1'000'000});
  if (!result) return refused(result.error());
  ACP_TRY(const std::vector<cep::TensorBytes> reference, cep::run_reference(on->planned.workload, inputs));
  return result->outputs == reference ? Answer{} : Answer{"", {}, "not the reference's bits"};
}

}  // namespace conformance::documents
