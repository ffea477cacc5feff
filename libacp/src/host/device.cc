#include "acp/text.h"
#include "acp/wire.h"
#include "host/loaded_shim.h"

namespace acp {

template <typename Handle>
Owned<Handle>::~Owned() {
  if (handle_ == nullptr) return;
  const auto free = shim_->slots().*free_slot_;
  if (free != nullptr) free(shim_->slots().self, handle_);
}
template class Owned<acp_memory>;
template class Owned<acp_executable>;
template class Owned<acp_queue>;
template class Owned<acp_timeline>;

Result<Class> Device::class_document() const {
  acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_DOCUMENT);
  const std::uint32_t kind = ACP_DOCUMENT_CLASS;
  ACP_CHECK(call(*shim_, &acp_shim::get_document, "get_document", number_, kind, &document));
  const auto* data = static_cast<const char*>(document.data);
  switch (document.encoding) {
    case ACP_ENCODING_JSON: return parse_class_json({data, document.size_bytes});
    case ACP_ENCODING_FLATBUFFERS: return decode_class(std::as_bytes(std::span(data, document.size_bytes)));
    default: return malformed("ACP-SHIM-10", "document.encoding", "neither FlatBuffers nor JSON");
  }
}

Result<acp_state> Device::state() const {
  acp_state state = ACP_STRUCT(acp_state, ACP_TYPE_STATE);
  ACP_CHECK(call(*shim_, &acp_shim::get_state, "get_state", number_, &state));
  return state;
}

Result<Answer> Device::would_accept(const acp_region& region) const {
  const auto function = shim_->slots().would_accept;
  if (function == nullptr)
    return unsupported("ACP-SHIM-4", "would_accept", "the shim does not offer this call");
  acp_answer answer = ACP_STRUCT(acp_answer, ACP_TYPE_ANSWER);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const std::uint16_t family = function(shim_->slots().self, number_, &region, &answer, &status);
  if (family != ACP_OK) return refusal(family, status);
  if (answer.accepted != 0) return Answer{true, {}};
  return Answer{false, refusal(status.family, status)};
}

Result<Executable> Device::compile(const acp_region& region) const {
  acp_executable* handle = nullptr;
  ACP_CHECK(call(*shim_, &acp_shim::compile, "compile", number_, &region, &handle));
  return Executable(Owned<acp_executable>(shim_, handle, &acp_shim::executable_free));
}

Result<Memory> Device::allocate(std::uint64_t size_bytes, std::uint64_t alignment_bytes) const {
  acp_memory* handle = nullptr;
  ACP_CHECK(
      call(*shim_, &acp_shim::memory_alloc, "memory_alloc", number_, size_bytes, alignment_bytes, &handle));
  return Memory(Owned<acp_memory>(shim_, handle, &acp_shim::memory_free), size_bytes);
}

Result<Queue> Device::create_queue() const {
  acp_queue* handle = nullptr;
  ACP_CHECK(call(*shim_, &acp_shim::queue_create, "queue_create", number_, &handle));
  return Queue(Owned<acp_queue>(shim_, handle, &acp_shim::queue_free));
}

Result<Timeline> Device::create_timeline() const {
  acp_timeline* handle = nullptr;
  ACP_CHECK(call(*shim_, &acp_shim::timeline_create, "timeline_create", number_, &handle));
  return Timeline(Owned<acp_timeline>(shim_, handle, &acp_shim::timeline_free));
}

Status Memory::write(std::uint64_t offset_bytes, std::span<const std::byte> data) const {
  return call(handle_.shim(), &acp_shim::memory_write, "memory_write", handle(), offset_bytes,
              static_cast<const void*>(data.data()), std::uint64_t{data.size()});
}

Status Memory::read(std::uint64_t offset_bytes, std::span<std::byte> data) const {
  return call(handle_.shim(), &acp_shim::memory_read, "memory_read", handle(), offset_bytes,
              static_cast<void*>(data.data()), std::uint64_t{data.size()});
}

}  // namespace acp
