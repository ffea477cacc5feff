/* Memories: plain host memory, from the host's allocator where it offers one; or the vendor's own. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

static uint16_t fill_memory(kit_shim* shim, acp_memory* memory, uint64_t size_bytes, uint64_t alignment,
                            acp_status* status) {
  const kit_memories* own = shim->vendor.memories;
  if (own != NULL) return own->alloc(shim->vendor.context, size_bytes, &memory->vendor_memory, status);
  if (alignment < sizeof(void*)) alignment = sizeof(void*);
  uint64_t rounded = (size_bytes + alignment - 1) / alignment * alignment;
  if (rounded == 0) rounded = alignment;
  memory->data = shim->host.alloc != NULL ? shim->host.alloc(shim->host.context, rounded, alignment)
                                          : aligned_alloc(alignment, rounded);
  if (memory->data != NULL) return ACP_OK;
  return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
}

static uint16_t memory_alloc(void* self, uint32_t device, uint64_t size_bytes, uint64_t alignment,
                             acp_memory** out, acp_status* status) {
  kit_shim* shim = self;
  uint16_t family = kit_check_device(shim, device, status);
  if (family != ACP_OK) return family;
  if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
    return kit_refuse(status, ACP_INVALID, "ACP-SHIM-6", "alignment is not a power of two", "alignment");
  }
  /* 2^46 bytes: an offset into a memory must never come near the edge of 64-bit arithmetic. */
  if (size_bytes > (UINT64_C(1) << 46) || alignment > (UINT64_C(1) << 30)) {
    return kit_refuse(status, ACP_LIMIT, "ACP-SHIM-6", "more than 2^46 bytes, or aligned to more than 2^30",
                      "size_bytes");
  }
  acp_memory* memory = calloc(1, sizeof *memory);
  if (memory == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  family = fill_memory(shim, memory, size_bytes, alignment, status);
  if (family != ACP_OK) {
    free(memory);
    return family;
  }
  memory->references = 1;
  memory->size_bytes = size_bytes;
  *out = memory;
  return ACP_OK;
}

void kit_memory_release(kit_shim* shim, acp_memory* memory) {
  if (--memory->references != 0) return;
  if (shim->vendor.memories != NULL) {
    shim->vendor.memories->free(shim->vendor.context, memory->vendor_memory);
  } else if (shim->host.alloc != NULL && shim->host.free != NULL) {
    shim->host.free(shim->host.context, memory->data);
  } else {
    free(memory->data);
  }
  free(memory);
}

static void memory_free(void* self, acp_memory* memory) {
  kit_shim* shim = self;
  if (memory == NULL) return;
  pthread_mutex_lock(&shim->mutex);
  kit_memory_release(shim, memory);
  pthread_mutex_unlock(&shim->mutex);
}

static uint16_t check_range(const acp_memory* memory, uint64_t offset_bytes, uint64_t size_bytes,
                            acp_status* status) {
  if (offset_bytes <= memory->size_bytes && size_bytes <= memory->size_bytes - offset_bytes) return ACP_OK;
  return kit_refuse(status, ACP_INVALID, "ACP-SHIM-6", "the range ends past the memory", "size_bytes");
}

static uint16_t memory_write(void* self, acp_memory* memory, uint64_t offset_bytes, const void* data,
                             uint64_t size_bytes, acp_status* status) {
  const kit_vendor* vendor = &((kit_shim*)self)->vendor;
  uint16_t family = check_range(memory, offset_bytes, size_bytes, status);
  if (family != ACP_OK || size_bytes == 0) return family;
  if (vendor->memories != NULL) {
    return vendor->memories->write(vendor->context, memory->vendor_memory, offset_bytes, data, size_bytes,
                                   status);
  }
  memcpy(memory->data + offset_bytes, data, size_bytes);
  return ACP_OK;
}

static uint16_t memory_read(void* self, acp_memory* memory, uint64_t offset_bytes, void* data,
                            uint64_t size_bytes, acp_status* status) {
  const kit_vendor* vendor = &((kit_shim*)self)->vendor;
  uint16_t family = check_range(memory, offset_bytes, size_bytes, status);
  if (family != ACP_OK || size_bytes == 0) return family;
  if (vendor->memories != NULL) {
    return vendor->memories->read(vendor->context, memory->vendor_memory, offset_bytes, data, size_bytes,
                                  status);
  }
  memcpy(data, memory->data + offset_bytes, size_bytes);
  return ACP_OK;
}

void kit_fill_memory_slots(acp_shim* out) {
  out->memory_alloc = memory_alloc;
  out->memory_free = memory_free;
  out->memory_write = memory_write;
  out->memory_read = memory_read;
}
