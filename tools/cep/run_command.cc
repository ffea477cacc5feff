// cep run: a plan on the shims it names, or a workload on one device.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "acp/digest.h"
#include "cep/onnx.h"
#include "tools/cep/attempts.h"
#include "tools/cep/commands.h"
#include "tools/cep/devices.h"
#include "tools/cep/npy.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"
#include "tools/files/weights.h"

namespace tools {

namespace {

struct Run {
  std::function<Format()> format;
  std::string workload;
  std::string plan;
  std::string on;
  std::string certificate;
  std::string compare;
  std::string output;
  std::string trace;
  bool proto = false;
  std::vector<std::string> inputs;
  std::vector<std::string> fallbacks;
  double timeout_s = 10;
  bool isolate = false;
};

std::string dims_text(const cep::Dims& dims) {
  std::string text;
  for (const std::int64_t extent : dims) text += (text.empty() ? "" : ",") + std::to_string(extent);
  return "[" + text + "]";
}

// The first element whose bits differ, or -1.
std::int64_t first_difference(const cep::TensorBytes& a, const cep::TensorBytes& b) {
  const auto element = static_cast<std::size_t>(cep::size_bytes(a.type.dtype));
  for (std::size_t i = 0; i < a.bytes.size() && i < b.bytes.size(); ++i) {
    if (a.bytes[i] != b.bytes[i]) return static_cast<std::int64_t>(i / element);
  }
  return a.bytes.size() == b.bytes.size() ? -1 : 0;
}

// For each output the file it goes to: its name, without what would lead to another folder, and with a number where another output has
// that already.
std::vector<std::string> file_names(const Run& options, const cep::Workload& workload) {
  std::set<std::string> taken;
  std::vector<std::string> files;
  files.reserve(workload.outputs.size());
  for (const cep::TensorId id : workload.outputs) {
    std::string base = workload.tensors[id].name;
    std::replace(base.begin(), base.end(), '/', '_');
    std::string name = base;
    for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}_{}", base, n);
    name += options.proto ? ".pb" : ".npy";
    files.push_back((std::filesystem::path(options.output) / name).string());
  }
  return files;
}

acp::Result<cep::RunResult> execute(const Run& options, const cep::Workload& workload, cep::Plan& plan,
                                    const std::vector<cep::TensorBytes>& inputs) {
  RunRequest request{options.plan, options.certificate, options.fallbacks, options.isolate, {}};
  request.options.step_timeout_ns = static_cast<std::uint64_t>(options.timeout_s * 1e9);
  if (!options.plan.empty()) return run_attempts(request, workload, inputs, plan);
  const std::string where = options.on == "interpreter" ? options.on : isolated(options.on, options.isolate);
  return run_on(workload, where, inputs, plan, request.options);
}

// Options that say nothing without another.
acp::Status check_options(const Run& options) {
  if (options.plan.empty() == options.on.empty())
    return acp::malformed("CEP-INPUT-1", "", "either a plan, or --on");
  if (options.plan.empty() && !options.fallbacks.empty())
    return acp::malformed("CEP-INPUT-1", "--fallback", "there is no plan to fall back from");
  if (options.plan.empty() && !options.certificate.empty())
    return acp::malformed("CEP-INPUT-1", "--certificate", "there is no plan that it is of");
  if (options.on == "interpreter" && !options.trace.empty())
    return acp::malformed("CEP-INPUT-1", "--trace", "the interpreter has no steps");
  return acp::ok();
}

acp::Status write_output(const Run& options, const std::string& file, const std::string& name,
                         const cep::TensorBytes& output) {
  return write_file(file, options.proto ? cep::to_onnx_tensor(output, name) : to_npy(output));
}

// `files`: of the outputs.
acp::Status check_files(const Run& options, const std::vector<std::string>& files) {
  std::vector<FileOf> read = {{"WORKLOAD", options.workload},
                              {"the weights beside it", weights_file_of(options.workload)},
                              {"PLAN", options.plan},
                              {"--certificate", options.certificate}};
  std::vector<FileOf> written = {{"--trace", options.trace}};
  read.reserve(read.size() + options.fallbacks.size() + options.inputs.size());
  for (const std::string& plan : options.fallbacks) read.push_back({"--fallback", plan});
  for (const std::string& text : options.inputs) read.push_back({"--input", text.substr(text.find('=') + 1)});
  if (!options.output.empty()) {
    written.reserve(1 + files.size());
    for (const std::string& file : files) written.push_back({"--output", file});
  }
  return check_outputs(read, written);
}

acp::Result<Exit> run(const Run& options) {
  ACP_CHECK(check_options(options));
  ACP_TRY(const cep::Workload workload, read_workload(options.workload));
  const std::vector<std::string> files = file_names(options, workload);
  ACP_CHECK(check_files(options, files));
  ACP_TRY(const std::vector<cep::TensorBytes> inputs,
          read_inputs(workload, options.inputs, options.workload));
  cep::Plan plan;
  ACP_TRY(const cep::RunResult result, execute(options, workload, plan, inputs));
  std::vector<cep::TensorBytes> reference;
  if (!options.compare.empty()) {
    ACP_TRY(reference, cep::run_reference(workload, inputs));
  }
  Json json = {{"outputs", Json::array()}, {"lost", Json::array()}};
  std::string text;
  for (const acp::Error& error : result.lost) {
    json["lost"].push_back(to_string(error));
    text += "fell back after: " + printable(to_string(error)) + "\n";
  }
  bool same = true;
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    const cep::TensorBytes& output = result.outputs[i];
    const std::string& name = workload.tensors[workload.outputs[i]].name;
    const std::string digest = acp::to_string(acp::sha256(output.bytes));
    Json entry = {{"name", name},
                  {"shape", output.type.dims},
                  {"dtype", cep::dtype_name(output.type.dtype)},
                  {"sha256", digest}};
    text += fmt::format("{} {}{} {}", printable(name), cep::dtype_name(output.type.dtype),
                        dims_text(output.type.dims), digest);
    if (!reference.empty()) {
      const std::int64_t at = first_difference(output, reference[i]);
      same = same && at < 0;
      entry["same_as_reference"] = at < 0;
      if (at >= 0) entry["first_difference"] = at;
      text += at < 0 ? " as the reference" : fmt::format(" differs from the reference at element {}", at);
    }
    text += "\n";
    if (!options.output.empty()) {
      entry["file"] = files[i];
      ACP_CHECK(write_output(options, files[i], name, output));
    }
    json["outputs"].push_back(std::move(entry));
  }
  if (!options.trace.empty())
    ACP_CHECK(write_file(options.trace, bytes_of(cep::to_chrome_trace(plan, result.trace))));
  print(options.format(), text, json);
  return same ? Exit::kYes : Exit::kNo;
}

// Equal bits show little in a value that is one number all through, or holds what is none.
struct Idle {
  Json constant = Json::array();
  Json not_finite = Json::array();
  void look_at(const std::string& name, const cep::TensorBytes& value) {
    const auto width = static_cast<std::size_t>(cep::size_bytes(value.type.dtype));
    const auto& bytes = value.bytes;
    if (bytes.size() > width &&
        std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(width), bytes.end(), bytes.begin()))
      constant.push_back(name);
    if (value.type.dtype != cep::Dtype::kF32) return;
    for (std::size_t at = 0; at < bytes.size(); at += width) {
      float number = 0;
      std::memcpy(&number, bytes.data() + at, width);
      if (std::isfinite(number)) continue;
      not_finite.push_back(name);
      return;
    }
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    if (!constant.empty()) out += fmt::format("one number all through: {}\n", constant.dump());
    if (!not_finite.empty()) out += fmt::format("not finite everywhere: {}\n", not_finite.dump());
    return out;
  }
};

struct Diff {
  std::function<Format()> format;
  std::string workload;
  std::string a = "interpreter";
  std::string b;
  std::vector<std::string> inputs;
};

acp::Result<Exit> diff(const Diff& options) {
  ACP_TRY(cep::Workload workload, read_workload(options.workload));
  ACP_TRY(const std::vector<cep::TensorBytes> inputs,
          read_inputs(workload, options.inputs, options.workload));
  // Every node's results become outputs, so that the first difference shows where it arises.
  workload.outputs.clear();
  std::vector<std::string> nodes;
  for (const cep::Node& node : workload.nodes) {
    for (const cep::TensorId id : node.outputs) {
      workload.outputs.push_back(id);
      nodes.push_back(node.name);
    }
  }
  cep::Plan plan;
  ACP_TRY(const cep::RunResult a, run_on(workload, options.a, inputs, plan));
  ACP_TRY(const cep::RunResult b, run_on(workload, options.b, inputs, plan));
  Idle idle;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    idle.look_at(workload.tensors[workload.outputs[i]].name, a.outputs[i]);
    const std::int64_t at = first_difference(a.outputs[i], b.outputs[i]);
    if (at < 0) continue;
    const std::string& tensor = workload.tensors[workload.outputs[i]].name;
    print(options.format(),
          fmt::format("node {}: {} differs at element {}\n", printable(nodes[i]), printable(tensor), at),
          {{"same", false}, {"node", nodes[i]}, {"tensor", tensor}, {"element", at}});
    return Exit::kNo;
  }
  print(options.format(), fmt::format("same bits in all {} values\n{}", nodes.size(), idle.text()),
        {{"same", true},
         {"values", nodes.size()},
         {"constant", idle.constant},
         {"not_finite", idle.not_finite}});
  return Exit::kYes;
}

constexpr const char* kInputHelp =
    "NAME=FILE.npy, NAME=FILE.pb, NAME=ramp or NAME=random:SEED; without NAME= for all others; default: "
    "ramp, and "
    "the weights beside the workload";

}  // namespace

std::function<Exit()> add_run_command(CLI::App& command) {
  auto options = std::make_shared<Run>();
  command.add_option("WORKLOAD", options->workload, "the workload, file or JSON")->required();
  command.add_option("PLAN", options->plan, "a plan for it, file or text, run on the shims it names");
  command.add_option("--on", options->on,
                     "instead of a plan: interpreter, or a shim (cpu, template, a path)");
  command.add_option("--certificate", options->certificate,
                     "the plan's certificate; default: it is proved first");
  command.add_option("--input", options->inputs, kInputHelp)->allow_extra_args(false);
  CLI::Option* output =
      command.add_option("--output", options->output, "folder to write NAME.npy of every output into");
  command.add_flag("--pb", options->proto, "write NAME.pb, as ONNX does, instead")->needs(output);
  command.add_option("--compare", options->compare, "compare the outputs' bits; exit 1 when they differ")
      ->check(CLI::IsMember({"reference"}));
  command
      .add_option("--fallback", options->fallbacks,
                  "a plan to run when a device is lost, proved before; or alone: each device by itself")
      ->allow_extra_args(false);
  command.add_option("--timeout", options->timeout_s, "seconds a step may take (default: 10)")
      ->check(seconds_within(0.001, 86400.0));
  command.add_flag("--isolate", options->isolate, "every shim in a process of its own");
  command.add_option("--trace", options->trace, "write when each step ran, for chrome://tracing");
  options->format = add_format(command);
  return refusing(options, run);
}

std::function<Exit()> add_diff_command(CLI::App& command) {
  auto options = std::make_shared<Diff>();
  command.add_option("WORKLOAD", options->workload, "the workload, file or JSON")->required();
  command.add_option("--a", options->a, "interpreter or a shim; default: interpreter");
  command.add_option("--b", options->b, "interpreter or a shim")->required();
  command.add_option("--input", options->inputs, kInputHelp)->allow_extra_args(false);
  options->format = add_format(command);
  return refusing(options, diff);
}

}  // namespace tools
