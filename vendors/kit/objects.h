/* The kit's own structs: what the opaque handles point to. Private to the kit.
 *
 * Every reference count, timeline value and list below is guarded by kit_shim::mutex; `changed` is broadcast when a timeline
 * moves, a submission arrives or a queue is asked to stop.
 */
#ifndef ACP_VENDORS_KIT_OBJECTS_H_
#define ACP_VENDORS_KIT_OBJECTS_H_

#include <pthread.h>
#include <stdbool.h>

#include "kit.h"
#include "status.h"

typedef struct kit_shim {
  acp_host host;
  kit_vendor vendor;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} kit_shim;

struct acp_memory {
  uint32_t references;
  unsigned char* data; /* or null, */
  void* vendor_memory; /* and this is what the vendor gave */
  uint64_t size_bytes;
};

struct acp_timeline {
  uint32_t references;
  uint64_t value;
};

/* Bytes a binding must offer around its address: [first, end), and the alignment of its elements. */
typedef struct kit_span {
  int64_t first;
  int64_t end;
  uint32_t alignment;
} kit_span;

struct acp_executable {
  uint32_t references;
  void* program;
  uint32_t binding_count;
  kit_span* spans;
};

/* In launch order of the bindings: inputs, then outputs. The caller frees *spans. */
uint16_t kit_region_spans(const acp_region* region, kit_span** spans, uint32_t* count, acp_status* status);

uint16_t kit_check_device(const kit_shim* shim, uint32_t device, acp_status* status);

/* Drop one reference; the shim's mutex must be held. */
void kit_memory_release(kit_shim* shim, acp_memory* memory);
void kit_timeline_release(acp_timeline* timeline);
void kit_executable_release(kit_shim* shim, acp_executable* executable);

/* Fill the slots each file is about. */
void kit_fill_memory_slots(acp_shim* out);
void kit_fill_timeline_slots(acp_shim* out);
void kit_fill_queue_slots(acp_shim* out);

#endif /* ACP_VENDORS_KIT_OBJECTS_H_ */
