// A run that outlives its devices: the plans are checked first, then run until one of them ends well.
#include "exec/host_data.h"

namespace cep {

namespace {

// Every output at least as good as the first plan gives it.
acp::Status promises_as_much(const Proved& first, const Proved& other, const std::string& path) {
  for (std::size_t i = 0; i < first.outputs.size(); ++i) {
    const bool same = i < other.outputs.size() && other.outputs[i].tensor == first.outputs[i].tensor;
    if (!same || other.outputs[i].grade < first.outputs[i].grade) {
      return acp::invalid("CEP-EXEC-6", path,
                          "promises less for \"" + first.outputs[i].tensor + "\" than the first plan");
    }
  }
  return acp::ok();
}

}  // namespace

acp::Result<RunResult> run_with_fallback(const Workload& workload, const std::vector<Attempt>& attempts,
                                         const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  if (attempts.empty()) return acp::invalid("CEP-EXEC-6", "attempts", "there is no plan");
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const Attempt& attempt = attempts[i];
    const std::string path = i == 0 ? "plan" : "fallbacks[" + std::to_string(i - 1) + "]";
    ACP_CHECK(promises_as_much(attempts[0].certificate->proof, attempt.certificate->proof, path));
    auto status = exec::check_certificate(workload, *attempt.plan, *attempt.certificate, attempt.devices);
    // A device that is lost already is lost to its own plan only.
    if (!status && status.error().family != acp::Family::kEnvironment)
      return acp::at(path + ".", std::move(status).error());
  }
  std::vector<acp::Error> lost;
  for (const Attempt& attempt : attempts) {
    auto result = run_plan(workload, *attempt.plan, *attempt.certificate, attempt.devices, inputs, options);
    if (result) {
      result->lost = std::move(lost);
      return result;
    }
    // What is wrong with the plan or the inputs is wrong on every device.
    if (result.error().family != acp::Family::kEnvironment) return result;
    lost.push_back(std::move(result).error());
  }
  acp::Error error = lost.front();
  for (std::size_t i = 1; i < lost.size(); ++i) error.message += "; then the fallback: " + to_string(lost[i]);
  return error;
}

}  // namespace cep
