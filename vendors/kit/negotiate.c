/* Negotiation, description, and executables. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "objects.h"
#include "region_check.h"

uint16_t kit_check_device(const kit_shim* shim, uint32_t device, acp_status* status) {
  if (device < shim->vendor.device_count) return ACP_OK;
  return kit_refuse(status, ACP_INVALID, "ACP-SHIM-5", "no such device", "device");
}

static uint16_t enumerate(void* self, uint32_t* out_count, acp_status* status) {
  (void)status;
  *out_count = ((kit_shim*)self)->vendor.device_count;
  return ACP_OK;
}

static uint16_t get_document(void* self, uint32_t device, uint32_t kind, acp_document* out,
                             acp_status* status) {
  const kit_shim* shim = self;
  const uint16_t family = kit_check_device(shim, device, status);
  if (family != ACP_OK) return family;
  if (out->header.type != ACP_TYPE_DOCUMENT || out->header.size < sizeof(acp_document)) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_document of a known size",
                      "out.header");
  }
  if (kind != ACP_DOCUMENT_CLASS) {
    return kit_refuse(status, ACP_UNSUPPORTED, "ACP-SHIM-10", "this shim publishes a Class document only",
                      "kind");
  }
  out->encoding = ACP_ENCODING_JSON;
  out->data = shim->vendor.class_json;
  out->size_bytes = strlen(shim->vendor.class_json);
  return ACP_OK;
}

static uint16_t get_state(void* self, uint32_t device, acp_state* out, acp_status* status) {
  const uint16_t family = kit_check_device(self, device, status);
  if (family != ACP_OK) return family;
  if (out->header.type != ACP_TYPE_STATE || out->header.size < sizeof(acp_state)) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_state of a known size", "out.header");
  }
  const kit_memories* own = ((kit_shim*)self)->vendor.memories;
  const long pages = sysconf(_SC_AVPHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  out->generation = 1;
  out->free_bytes = pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes : 0;
  if (own != NULL) out->free_bytes = own->free_bytes(((kit_shim*)self)->vendor.context);
  out->healthy = 1;
  return ACP_OK;
}

static uint16_t would_accept(void* self, uint32_t device, const acp_region* region, acp_answer* out,
                             acp_status* status) {
  const kit_shim* shim = self;
  uint16_t family = kit_check_device(shim, device, status);
  if (family != ACP_OK) return family;
  if (out->header.type != ACP_TYPE_ANSWER || out->header.size < sizeof(acp_answer)) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_answer of a known size", "out.header");
  }
  void* unused = NULL;
  family = kit_region_check(region, status);
  if (family == ACP_OK) family = shim->vendor.compile(shim->vendor.context, region, 1, &unused, status);
  out->accepted = family == ACP_OK;
  return ACP_OK;
}

static uint16_t compile(void* self, uint32_t device, const acp_region* region, acp_executable** out,
                        acp_status* status) {
  kit_shim* shim = self;
  uint16_t family = kit_check_device(shim, device, status);
  if (family == ACP_OK) family = kit_region_check(region, status);
  if (family != ACP_OK) return family;
  acp_executable* executable = calloc(1, sizeof *executable);
  if (executable == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  executable->references = 1;
  family = kit_region_spans(region, &executable->spans, &executable->binding_count, status);
  if (family == ACP_OK) {
    family = shim->vendor.compile(shim->vendor.context, region, 0, &executable->program, status);
  }
  if (family != ACP_OK) {
    free(executable->spans);
    free(executable);
    return family;
  }
  *out = executable;
  return ACP_OK;
}

void kit_executable_release(kit_shim* shim, acp_executable* executable) {
  if (--executable->references != 0) return;
  shim->vendor.program_free(shim->vendor.context, executable->program);
  free(executable->spans);
  free(executable);
}

static void executable_free(void* self, acp_executable* executable) {
  kit_shim* shim = self;
  if (executable == NULL) return;
  pthread_mutex_lock(&shim->mutex);
  kit_executable_release(shim, executable);
  pthread_mutex_unlock(&shim->mutex);
}

static void release(void* self) {
  kit_shim* shim = self;
  if (shim->vendor.destroy != NULL) shim->vendor.destroy(shim->vendor.context);
  pthread_cond_destroy(&shim->changed);
  pthread_mutex_destroy(&shim->mutex);
  free(shim);
}

static uint16_t check_structs(const acp_host* host, const acp_shim* out, acp_status* status) {
  const size_t host_least = offsetof(acp_host, context);
  if (host == NULL || host->header.type != ACP_TYPE_HOST || host->header.size < host_least) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_host of a known size", "host.header");
  }
  if (host->abi_min > ACP_ABI_VERSION || host->abi_max < ACP_ABI_VERSION) {
    return kit_refuse(status, ACP_UNSUPPORTED, "ACP-SHIM-1",
                      "the host does not speak version 1 of the shim ABI", "host.abi_min");
  }
  const size_t shim_least = offsetof(acp_shim, enumerate);
  if (out == NULL || out->header.type != ACP_TYPE_SHIM || out->header.size < shim_least) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_shim of a known size", "out.header");
  }
  return ACP_OK;
}

static kit_shim* make_shim(const acp_host* host, const kit_vendor* vendor) {
  kit_shim* shim = calloc(1, sizeof *shim);
  if (shim == NULL) return NULL;
  /* An older host's struct is shorter: the slots it does not have stay null. */
  memcpy(&shim->host, host, host->header.size < sizeof(acp_host) ? host->header.size : sizeof(acp_host));
  if (shim->host.alloc == NULL || shim->host.free == NULL) shim->host.alloc = NULL;
  shim->vendor = *vendor;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&shim->mutex, NULL);
  pthread_cond_init(&shim->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  return shim;
}

uint16_t kit_negotiate(const acp_host* host, const kit_vendor* vendor, acp_shim* out, acp_status* status) {
  uint16_t family = check_structs(host, out, status);
  kit_shim* shim = family == ACP_OK ? make_shim(host, vendor) : NULL;
  if (shim == NULL) {
    if (vendor->destroy != NULL) vendor->destroy(vendor->context);
    return family != ACP_OK ? family : kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
  acp_shim slots = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
  slots.abi = ACP_ABI_VERSION;
  slots.self = shim;
  slots.enumerate = enumerate;
  slots.get_document = get_document;
  slots.release = release;
  slots.get_state = get_state;
  slots.would_accept = would_accept;
  slots.compile = compile;
  slots.executable_free = executable_free;
  kit_fill_memory_slots(&slots);
  kit_fill_timeline_slots(&slots);
  kit_fill_queue_slots(&slots);
  /* Slots beyond the host's size must not be written; the header says how many were. */
  const uint32_t size = out->header.size < sizeof(acp_shim) ? out->header.size : (uint32_t)sizeof(acp_shim);
  slots.header.size = size;
  slots.header.next = out->header.next;
  memcpy(out, &slots, size);
  return ACP_OK;
}
