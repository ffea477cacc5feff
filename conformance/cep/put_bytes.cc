// What is read as bytes: frames of the wire, weights, tensors, models.
#include "cep/certificate.h"
#include "cep/interp.h"
#include "cep/logical_certificate.h"
#include "cep/logical_wire.h"
#include "cep/onnx.h"
#include "cep/weights.h"
#include "conformance/cep/readers.h"
#include "tools/cep/npy.h"
#include "tools/files/workload_json.h"

namespace conformance::documents {
namespace {

template <typename Value>
acp::Status status_of(acp::Result<Value> read) {
  return read ? acp::ok() : acp::Status(std::move(read).error());
}

acp::Status open(const cep::Workload& workload, std::span<const std::byte> bytes) {
  ACP_TRY(const cep::WeightsFile file, cep::WeightsFile::open(bytes));
  return status_of(weights_of(workload, file));
}

acp::Status read_logical(std::span<const std::byte> bytes) {
  ACP_TRY(const cep::logical::Document document, cep::logical::decode_logical(bytes));
  return check_logical(document);
}

}  // namespace

// The role says what the bytes are to be.
acp::Result<Answer> put_to_wire(const Files&, const Files& given) {
  if (given.has("workload")) {
    ACP_TRY(const auto bytes, given.bytes("workload"));
    return refused(status_of(cep::decode_workload(bytes)));
  }
  if (given.has("plan")) {
    ACP_TRY(const auto bytes, given.bytes("plan"));
    return refused(status_of(cep::decode_plan(bytes)));
  }
  if (given.has("certificate")) {
    ACP_TRY(const auto bytes, given.bytes("certificate"));
    return refused(status_of(cep::decode_certificate(bytes)));
  }
  ACP_TRY(const auto bytes, given.bytes("logical"));
  return refused(read_logical(bytes));
}

acp::Result<Answer> put_to_weights(const Files&, const Files& given) {
  ACP_TRY(const std::string text, given.text("workload"));
  ACP_TRY(const auto bytes, given.bytes("weights"));
  const auto workload = tools::parse_workload_json(text);
  if (!workload) return refused(workload.error());
  return refused(open(*workload, bytes));
}

acp::Result<Answer> put_to_npy(const Files&, const Files& given) {
  ACP_TRY(const auto bytes, given.bytes("tensor"));
  return refused(status_of(tools::parse_npy(bytes)));
}

acp::Result<Answer> put_to_interpreter(const Files&, const Files& given) {
  ACP_TRY(const std::string text, given.text("workload"));
  ACP_TRY(const auto bytes, given.bytes("tensor"));
  const auto workload = tools::parse_workload_json(text);
  if (!workload) return refused(workload.error());
  const auto tensor = tools::parse_npy(bytes);
  if (!tensor) return refused(tensor.error());
  return refused(status_of(cep::run_reference(*workload, {*tensor})));
}

acp::Result<Answer> put_to_onnx(const Files&, const Files& given) {
  ACP_TRY(const auto bytes, given.bytes("model"));
  return refused(status_of(cep::import_onnx(bytes)));
}

}  // namespace conformance::documents
