#include "exec/host_data.h"

#include <algorithm>
#include <cstring>

#include "acp/wire.h"

namespace cep::exec {

namespace {

acp::Error mismatch(std::string path, const char* why) {
  return acp::invalid("CEP-EXEC-1", std::move(path), why);
}

std::string device_path(std::size_t device) { return "devices[" + std::to_string(device) + "]"; }

std::vector<std::byte> constant_bytes(const Tensor& tensor) {
  std::vector<std::byte> bytes(tensor.constant.size() * sizeof(std::int64_t));
  if (!bytes.empty()) std::memcpy(bytes.data(), tensor.constant.data(), bytes.size());
  return bytes;
}

acp::Status write_slice(const Workload& workload, const Plan& plan, const Prepared& prepared,
                        std::size_t input, std::span<const std::byte> host) {
  const Slice& slice = plan.inputs[input];
  if (host.empty()) return acp::ok();  // a tensor the host has nothing of, or one without elements
  const acp::Memory& memory = prepared.arenas[plan.buffers[slice.view.buffer].arena];
  for (const Piece& piece : host_pieces(plan, slice, workload.tensors[slice.tensor].type.dims)) {
    auto status = memory.write(piece.to, host.subspan(piece.from, piece.size_bytes));
    if (!status) return acp::at("inputs[" + std::to_string(input) + "]", std::move(status).error());
  }
  return acp::ok();
}

}  // namespace

acp::Status check_devices(const Workload& workload, const Plan& plan, const Certificate& certificate,
                          const std::vector<acp::Device*>& devices) {
  ACP_CHECK(check_certificate(workload, plan, certificate));
  if (devices.size() != plan.devices.size())
    return mismatch("documents", "not one device for each of the plan");
  for (std::size_t i = 0; i < devices.size(); ++i) {
    auto document = devices[i]->class_document();
    if (!document) return acp::at(device_path(i), std::move(document).error());
    ACP_TRY(const std::vector<std::byte> bytes, acp::encode(*document));
    if (plan.devices[i].document != acp::sha256(bytes)) {
      return mismatch(device_path(i), "the device's document is not the one the plan was certified against");
    }
  }
  return acp::ok();
}

acp::Result<HostBytes> host_bytes(const Workload& workload, std::initializer_list<TensorKind> kinds,
                                  const std::vector<TensorBytes>& inputs) {
  HostBytes bytes(workload.tensors.size());
  std::size_t next = 0;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.tensors[id];
    if (std::find(kinds.begin(), kinds.end(), tensor.kind) == kinds.end()) continue;
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

acp::Status write_constants(const Workload& workload, const Plan& plan, const Prepared& prepared) {
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const Tensor& tensor = workload.tensors[plan.inputs[i].tensor];
    if (tensor.kind == TensorKind::kConstant)
      ACP_CHECK(write_slice(workload, plan, prepared, i, constant_bytes(tensor)));
  }
  return acp::ok();
}

acp::Status write_slices(const Workload& workload, const Plan& plan, const Prepared& prepared,
                         const HostBytes& bytes) {
  for (std::size_t i = 0; i < plan.inputs.size(); ++i)
    ACP_CHECK(write_slice(workload, plan, prepared, i, bytes[plan.inputs[i].tensor]));
  return acp::ok();
}

acp::Result<std::vector<TensorBytes>> read_outputs(const Workload& workload, const Plan& plan,
                                                   const Prepared& prepared) {
  std::vector<TensorBytes> outputs;
  for (const TensorId tensor : workload.outputs) {
    const TensorType& type = workload.tensors[tensor].type;
    TensorBytes out{
        type, std::vector<std::byte>(static_cast<std::size_t>(volume(type.dims) * size_bytes(type.dtype)))};
    for (const Slice& slice : plan.outputs) {
      if (slice.tensor != tensor) continue;
      const acp::Memory& memory = prepared.arenas[plan.buffers[slice.view.buffer].arena];
      for (const Piece& piece : host_pieces(plan, slice, type.dims)) {
        ACP_CHECK(memory.read(piece.to, std::span(out.bytes).subspan(piece.from, piece.size_bytes)));
      }
    }
    // What no step computed may hold any byte that the host put there; as an element it is true (CEP 3.3).
    if (type.dtype == Dtype::kBool)
      for (std::byte& byte : out.bytes) byte = byte == std::byte{0} ? byte : std::byte{1};
    outputs.push_back(std::move(out));
  }
  return outputs;
}

}  // namespace cep::exec

namespace cep {

acp::Status check_certificate(const Workload& workload, const Plan& plan, const Certificate& certificate) {
  using exec::mismatch;
  const acp::Digest given = digest_of(workload);
  if (certificate.workload != given || plan.workload != given)
    return mismatch("workload", "certified for another workload");
  if (certificate.plan != digest_of(plan)) return mismatch("plan", "certified for another plan");
  if (certificate.rules != digest_of_rules()) return mismatch("rules", "certified by other rules");
  if (certificate.documents.size() != plan.devices.size())
    return mismatch("documents", "not one document for each device of the plan");
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    if (certificate.documents[i] != plan.devices[i].document)
      return mismatch(exec::device_path(i), "certified against another document than the plan names");
  }
  return acp::ok();
}

}  // namespace cep
