// A run: certificate, inputs, preparation, lanes, outputs.
#include <cstring>

#include "acp/wire.h"
#include "exec/float_environment.h"
#include "exec/prepared.h"

namespace cep {

namespace {

using exec::Piece;

acp::Error mismatch(std::string path, const char* why) {
  return acp::invalid("CEP-EXEC-1", std::move(path), why);
}

acp::Status check_certificate(const Workload& workload, const Plan& plan, const Certificate& certificate,
                              const std::vector<acp::Device*>& devices) {
  const acp::Digest given = digest_of(workload);
  if (certificate.workload != given || plan.workload != given)
    return mismatch("workload", "certified for another workload");
  if (certificate.plan != digest_of(plan)) return mismatch("plan", "certified for another plan");
  if (certificate.rules != digest_of_rules()) return mismatch("rules", "certified by other rules");
  if (devices.size() != plan.devices.size() || certificate.documents.size() != plan.devices.size()) {
    return mismatch("documents", "not one device and one document for each of the plan");
  }
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::string path = "devices[" + std::to_string(i) + "]";
    auto document = devices[i]->class_document();
    if (!document) return acp::at(path, std::move(document).error());
    ACP_TRY(const std::vector<std::byte> bytes, acp::encode(*document));
    const acp::Digest in_force = acp::sha256(bytes);
    if (certificate.documents[i] != in_force || plan.devices[i].document != in_force) {
      return mismatch(path, "the device's document is not the one the plan was certified against");
    }
  }
  return acp::ok();
}

bool is_given(const Tensor& tensor) {
  return tensor.kind == TensorKind::kInput || tensor.kind == TensorKind::kWeight;
}

std::vector<std::byte> constant_bytes(const Tensor& tensor) {
  std::vector<std::byte> bytes(tensor.constant.size() * sizeof(std::int64_t));
  if (!bytes.empty()) std::memcpy(bytes.data(), tensor.constant.data(), bytes.size());
  return bytes;
}

// The host's bytes of every input, weight and constant, by tensor.
acp::Result<std::vector<std::vector<std::byte>>> host_bytes(const Workload& workload,
                                                            const std::vector<TensorBytes>& inputs) {
  std::vector<std::vector<std::byte>> bytes(workload.tensors.size());
  std::size_t next = 0;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.tensors[id];
    if (tensor.kind == TensorKind::kConstant) bytes[id] = constant_bytes(tensor);
    if (!is_given(tensor)) continue;
    const std::string path = "inputs[" + std::to_string(next) + "]";
    if (next == inputs.size()) return acp::invalid("CEP-RUN-1", path, "\"" + tensor.name + "\" is not given");
    const TensorBytes& given = inputs[next++];
    const auto size = static_cast<std::size_t>(volume(tensor.type.dims) * size_bytes(tensor.type.dtype));
    if (given.type != tensor.type || given.bytes.size() != size) {
      return acp::invalid("CEP-RUN-1", path, "not of the type of \"" + tensor.name + "\"");
    }
    bytes[id] = given.bytes;
  }
  if (next != inputs.size()) return acp::invalid("CEP-RUN-1", "inputs", "more than the workload has");
  return bytes;
}

acp::Status write_inputs(const Workload& workload, const Plan& plan, const exec::Prepared& prepared,
                         const std::vector<std::vector<std::byte>>& bytes) {
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const Slice& slice = plan.inputs[i];
    const std::span<const std::byte> host(bytes[slice.tensor]);
    if (host.empty()) continue;  // a computed tensor, of which the host has nothing, or one without elements
    const acp::Memory& memory = prepared.arenas[plan.buffers[slice.view.buffer].arena];
    for (const Piece& piece : exec::host_pieces(plan, slice, workload.tensors[slice.tensor].type.dims)) {
      auto status = memory.write(piece.to, host.subspan(piece.from, piece.size_bytes));
      if (!status) return acp::at("inputs[" + std::to_string(i) + "]", std::move(status).error());
    }
  }
  return acp::ok();
}

acp::Result<std::vector<TensorBytes>> read_outputs(const Workload& workload, const Plan& plan,
                                                   const exec::Prepared& prepared) {
  std::vector<TensorBytes> outputs;
  for (const TensorId tensor : workload.outputs) {
    const TensorType& type = workload.tensors[tensor].type;
    TensorBytes out{
        type, std::vector<std::byte>(static_cast<std::size_t>(volume(type.dims) * size_bytes(type.dtype)))};
    for (const Slice& slice : plan.outputs) {
      if (slice.tensor != tensor) continue;
      const acp::Memory& memory = prepared.arenas[plan.buffers[slice.view.buffer].arena];
      for (const Piece& piece : exec::host_pieces(plan, slice, type.dims)) {
        ACP_CHECK(memory.read(piece.to, std::span(out.bytes).subspan(piece.from, piece.size_bytes)));
      }
    }
    outputs.push_back(std::move(out));
  }
  return outputs;
}

}  // namespace

acp::Result<RunResult> run_plan(const Workload& workload, const Plan& plan, const Certificate& certificate,
                                const std::vector<acp::Device*>& devices,
                                const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  const exec::FloatEnvironment environment;
  ACP_CHECK(check_certificate(workload, plan, certificate, devices));
  ACP_TRY(const auto bytes, host_bytes(workload, inputs));
  ACP_TRY(exec::Prepared prepared, exec::prepare(workload, plan, devices));
  ACP_CHECK(write_inputs(workload, plan, prepared, bytes));
  RunResult result;
  ACP_CHECK(exec::run_lanes(plan, prepared, options, result.trace));
  ACP_TRY(result.outputs, read_outputs(workload, plan, prepared));
  return result;
}

}  // namespace cep
