// Devices: workloads and plans on the shims the command line names, and the inputs it describes.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "acp/host.h"
#include "cep/exec.h"
#include "cep/planner.h"
#include "tools/cli/outputs.h"

namespace tools {

// One device per name, the first of its shim; the same shim may come twice.
struct Devices {
  std::vector<acp::Shim> shims;
  std::deque<acp::Device> devices;
  cep::Context context;  // their documents, as they say them now

  // Errors   environment and unsupported, as Shim::load says.
  // Spec     ACP 6.1.
  [[nodiscard]] static acp::Result<Devices> load(const std::vector<std::string>& shims);
};

// The stem of each shim's name; a second one of the same is NAME2.
[[nodiscard]] std::vector<std::string> device_names(const std::vector<std::string>& shims);
// What to plan for, by those names.
[[nodiscard]] std::vector<cep::PlanTarget> targets_of(const Devices& devices,
                                                      const std::vector<std::string>& shims);

// Where the documents of these shims' devices go: NAME.acp by those names.
[[nodiscard]] std::vector<FileOf> document_files(const std::vector<std::string>& shims,
                                                 const std::string& folder);

struct Document {
  std::string file;
  std::string digest;
};
// Writes every device's document into a folder, as NAME.acp by those names.
//
// Errors   environment: it cannot be written.
// Spec     none: tools.
[[nodiscard]] acp::Result<std::vector<Document>> write_documents(const Devices& devices,
                                                                 const std::vector<std::string>& shims,
                                                                 const std::string& folder);

// Errors   the first finding's id, when it is not proved.
// Spec     CEP 6.1.
[[nodiscard]] acp::Result<cep::Certificate> prove(const cep::Workload& workload, const cep::Plan& plan,
                                                  const cep::Context& context);

// Proves the plan against the devices' own documents, and runs it.
//
// Errors   the first finding's id, when it is not proved; those of run_plan.
// Spec     CEP 8.1.
[[nodiscard]] acp::Result<cep::RunResult> prove_and_run(const cep::Workload& workload, const cep::Plan& plan,
                                                        Devices& devices,
                                                        const std::vector<cep::TensorBytes>& inputs,
                                                        const cep::RunOptions& options = {});

// On the interpreter, or on one device of the shim named; then `ran` becomes the plan that gave the result.
[[nodiscard]] acp::Result<cep::RunResult> run_on(const cep::Workload& workload, const std::string& where,
                                                 const std::vector<cep::TensorBytes>& inputs, cep::Plan& ran,
                                                 const cep::RunOptions& options = {});

// Inputs and weights by NAME=FILE, NAME=ramp, NAME=random:SEED, or one of these without a name for all others; default ramp. A weight
// that is not named comes from the file beside the workload, when there is one.
//
// Errors   CEP-INPUT-1 no such input, or nothing that describes one; environment, CEP-NPY-n, CEP-ONNX-n, CEP-WTS-n.
// Spec     CEP 8.3, CEP-INPUT-1.
[[nodiscard]] acp::Result<std::vector<cep::TensorBytes>> read_inputs(
    const cep::Workload& workload, const std::vector<std::string>& described,
    const std::string& workload_file);

}  // namespace tools
