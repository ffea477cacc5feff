// A run: certificate, inputs, preparation, lanes, outputs.
#include "exec/float_environment.h"
#include "exec/host_data.h"

namespace cep {

acp::Result<RunResult> run_plan(const Workload& workload, const Plan& plan, const Certificate& certificate,
                                const std::vector<acp::Device*>& devices,
                                const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  const exec::FloatEnvironment environment;
  ACP_CHECK(exec::check_certificate(workload, plan, certificate, devices));
  ACP_TRY(const exec::HostBytes bytes,
          exec::host_bytes(workload, {TensorKind::kInput, TensorKind::kWeight}, inputs));
  ACP_TRY(exec::Prepared prepared, exec::prepare(workload, plan, devices));
  ACP_CHECK(exec::write_constants(workload, plan, prepared));
  ACP_CHECK(exec::write_slices(workload, plan, prepared, bytes));
  RunResult result;
  ACP_CHECK(exec::run_lanes(plan, prepared, options, result.trace));
  ACP_TRY(result.outputs, exec::read_outputs(workload, plan, prepared));
  return result;
}

}  // namespace cep
