#include "tools/cep/devices.h"

#include <bit>
#include <charconv>
#include <filesystem>
#include <map>

#include "acp/wire.h"
#include "cep/onnx.h"
#include "cep/philox.h"
#include "tools/cep/npy.h"
#include "tools/cli/cli.h"
#include "tools/files/files.h"
#include "tools/files/weights.h"

namespace tools {

namespace {

// Integers are 0 or 1: right for every index, axis and condition.
cep::TensorBytes generated(const cep::TensorType& type, std::optional<std::uint64_t> seed) {
  cep::Elements elements;
  for (std::int64_t i = 0; i < cep::volume(type.dims); ++i) {
    const std::uint32_t drawn = seed ? cep::philox(*seed, {static_cast<std::uint32_t>(i),
                                                           static_cast<std::uint32_t>(i >> 32), 0, 0})[0]
                                     : 0;
    const float value = seed ? static_cast<float>(static_cast<std::int32_t>(drawn) >> 8) * 0x1p-23f
                             : static_cast<float>(i % 17 - 8) * 0.125f;
    const std::uint64_t whole = seed ? drawn & 1u : static_cast<std::uint64_t>(i % 2);
    elements.push_back({type.dtype == cep::Dtype::kF32 ? std::bit_cast<std::uint32_t>(value) : whole,
                        cep::Value::kConcrete});
  }
  return cep::bytes_from_elements(type, elements);
}

acp::Error bad_input(const std::string& described, const std::string& why) {
  return acp::malformed("CEP-INPUT-1", "--input " + described, why);
}

// What files hold, by name: one that is for several inputs is read once, for it may be a pipe.
using Contents = std::map<std::string, std::vector<std::byte>>;

acp::Result<cep::TensorBytes> input_from(const cep::Tensor& tensor, const std::string& what,
                                         Contents& files) {
  if (what == "ramp") return generated(tensor.type, std::nullopt);
  if (what.rfind("random:", 0) == 0) {
    std::uint64_t seed = 0;
    const auto [next, failed] = std::from_chars(what.data() + 7, what.data() + what.size(), seed);
    if (failed != std::errc{} || next != what.data() + what.size())
      return bad_input(what, "a number is wanted behind random:");
    return generated(tensor.type, seed);
  }
  if (!files.contains(what)) {
    ACP_TRY(files[what], read_file(what));
  }
  const std::vector<std::byte>& bytes = files[what];
  const bool proto = std::filesystem::path(what).extension() == ".pb";
  auto read = proto ? cep::parse_onnx_tensor(bytes) : parse_npy(bytes);
  if (!read) return acp::at(what + ": ", std::move(read).error());
  return read;
}

}  // namespace

acp::Result<Devices> Devices::load(const std::vector<std::string>& names) {
  Devices out;
  std::map<std::string, std::size_t> loaded;
  for (const std::string& name : names) {
    if (loaded.count(name) == 0) {
      ACP_TRY(acp::Shim shim, acp::Shim::load(name));
      loaded.emplace(name, out.shims.size());
      out.shims.push_back(std::move(shim));
    }
    ACP_TRY(acp::Device device, out.shims[loaded[name]].device(0));
    ACP_TRY(acp::Class document, device.class_document());
    ACP_TRY(const std::vector<std::byte> bytes, acp::encode(document));
    out.context.digests.push_back(acp::sha256(bytes));
    out.context.documents.push_back(std::move(document));
    out.devices.push_back(std::move(device));
  }
  return out;
}

namespace {

// Where a shim runs is no part of a plan.
std::string without_place(const std::string& shim) { return shim.substr(0, shim.rfind("@process")); }

}  // namespace

std::vector<std::string> device_names(const std::vector<std::string>& shims) {
  std::map<std::string, int> taken;
  std::vector<std::string> names;
  names.reserve(shims.size());
  for (const std::string& shim : shims) {
    std::string name = std::filesystem::path(without_place(shim)).stem().string();
    if (const int n = ++taken[name]; n > 1) name += std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<cep::PlanTarget> targets_of(const Devices& devices, const std::vector<std::string>& shims) {
  const std::vector<std::string> names = device_names(shims);
  std::vector<cep::PlanTarget> targets(shims.size());
  for (std::size_t i = 0; i < shims.size(); ++i) {
    targets[i].device = {names[i], without_place(shims[i]), devices.context.digests[i]};
    targets[i].document = devices.context.documents[i];
  }
  return targets;
}

std::vector<FileOf> document_files(const std::vector<std::string>& shims, const std::string& folder) {
  std::vector<FileOf> files;
  files.reserve(shims.size());
  for (const std::string& name : device_names(shims))
    files.push_back({"the document of " + name, (std::filesystem::path(folder) / (name + ".acp")).string()});
  return files;
}

acp::Result<std::vector<Document>> write_documents(const Devices& devices,
                                                   const std::vector<std::string>& shims,
                                                   const std::string& folder) {
  const std::vector<FileOf> files = document_files(shims, folder);
  std::vector<Document> out;
  out.reserve(shims.size());
  for (std::size_t i = 0; i < shims.size(); ++i) {
    const std::string& file = files[i].file;
    ACP_TRY(const std::vector<std::byte> bytes, acp::encode(devices.context.documents[i]));
    ACP_CHECK(write_file(file, bytes));
    out.push_back({file, acp::to_string(devices.context.digests[i])});
  }
  return out;
}

acp::Result<cep::Certificate> prove(const cep::Workload& workload, const cep::Plan& plan,
                                    const cep::Context& context) {
  cep::Verdict verdict = cep::verify(workload, plan, context);
  if (const auto* refuted = std::get_if<cep::Refuted>(&verdict)) {
    const cep::Finding& first = refuted->findings.front();
    return acp::invalid(first.id, first.path, "not proved: " + first.message);
  }
  if (const auto* undecided = std::get_if<cep::Undecided>(&verdict)) {
    const cep::Finding& first = undecided->findings.front();
    return acp::unsupported(first.id, first.path, "not proved: " + first.message);
  }
  return cep::certify(workload, plan, context, std::get<cep::Proved>(std::move(verdict)));
}

acp::Result<cep::RunResult> prove_and_run(const cep::Workload& workload, const cep::Plan& plan,
                                          Devices& devices, const std::vector<cep::TensorBytes>& inputs,
                                          const cep::RunOptions& options) {
  ACP_TRY(const cep::Certificate certificate, prove(workload, plan, devices.context));
  std::vector<acp::Device*> handles;
  for (acp::Device& device : devices.devices) handles.push_back(&device);
  return cep::run_plan(workload, plan, certificate, handles, inputs, options);
}

acp::Result<cep::RunResult> run_on(const cep::Workload& workload, const std::string& where,
                                   const std::vector<cep::TensorBytes>& inputs, cep::Plan& ran,
                                   const cep::RunOptions& options) {
  if (where == "interpreter") {
    cep::RunResult result;
    ACP_TRY(result.outputs, cep::run_reference(workload, inputs));
    return result;
  }
  ACP_TRY(Devices devices, Devices::load({where}));
  const cep::Placement all_there(workload.nodes.size(), {{0}, 0});
  ACP_TRY(ran, cep::plan_workload(workload, targets_of(devices, {where}), all_there));
  return prove_and_run(workload, ran, devices, inputs, options);
}

acp::Result<std::vector<cep::TensorBytes>> read_inputs(const cep::Workload& workload,
                                                       const std::vector<std::string>& described,
                                                       const std::string& workload_file) {
  std::map<std::string, std::string> by_name;
  std::string others = "ramp";
  for (const std::string& text : described) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      others = text;
      continue;
    }
    const std::string name = text.substr(0, equals);
    const cep::TensorId id = cep::find_tensor(workload, name);
    const bool given = id != cep::kNoId && (workload.tensors[id].kind == cep::TensorKind::kInput ||
                                            workload.tensors[id].kind == cep::TensorKind::kWeight);
    if (!given || !by_name.emplace(name, text.substr(equals + 1)).second) {
      return bad_input(text, "no input \"" + name + "\", or given twice");
    }
  }
  ACP_TRY(const std::optional<Weights> weights, read_weights(workload, workload_file));
  std::vector<cep::TensorBytes> inputs;
  Contents files;
  std::size_t weight = 0;
  for (const cep::Tensor& tensor : workload.tensors) {
    if (tensor.kind != cep::TensorKind::kInput && tensor.kind != cep::TensorKind::kWeight) continue;
    const auto found = by_name.find(tensor.name);
    const std::size_t number = tensor.kind == cep::TensorKind::kWeight ? weight++ : 0;
    if (weights && tensor.kind == cep::TensorKind::kWeight && found == by_name.end()) {
      const auto bytes = weights->contents[number];
      inputs.push_back({tensor.type, {bytes.begin(), bytes.end()}});
      continue;
    }
    auto input = input_from(tensor, found == by_name.end() ? others : found->second, files);
    if (!input) return unusable(std::move(input).error());
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

}  // namespace tools
