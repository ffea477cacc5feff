/* The vendor ABI: what a shim exports and what the host offers. Plain C, one export, three tiers.
 *
 * A shim is a shared library with one exported function, acp_shim_negotiate. Every struct that crosses begins with size, type and
 * next; size is always written by ACP_STRUCT, never by hand, so that either side may be older. A null slot means "not
 * offered". A shim never aborts the host, keeps no global state, and reports every refusal in an acp_status.
 *
 * Errors   every call returns a family (0 = ok) and, when it is not 0, fills the caller's acp_status.
 * Lifetime inputs are borrowed for the call; submit retains executables, memories and timelines until its signal.
 * Threads  calls on different queues may come from different threads; calls on one queue do not overlap.
 * Spec     ACP 6 (shim ABI).
 */
#ifndef ACP_SHIM_H_
#define ACP_SHIM_H_

#include <stddef.h>
#include <stdint.h>

#include "acp/region.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACP_ABI_VERSION 1u

/* Struct types, for the `type` field. */
enum {
  ACP_TYPE_UNKNOWN = 0,
  ACP_TYPE_HOST = 1,
  ACP_TYPE_SHIM = 2,
  ACP_TYPE_STATUS = 3,
  ACP_TYPE_DOCUMENT = 4,
  ACP_TYPE_STATE = 5,
  ACP_TYPE_SUBMISSION = 6,
  ACP_TYPE_ANSWER = 7
};

/* Every struct that crosses the boundary starts so. */
typedef struct acp_header {
  uint32_t size;
  uint32_t type;
  const void* next; /* chain of extensions, or null */
} acp_header;

/* acp_status s = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);   the rest is zero */
#ifdef __cplusplus
#define ACP_STRUCT(struct_name, struct_type) \
  [] {                                       \
    struct_name s = {};                      \
    s.header.size = sizeof(struct_name);     \
    s.header.type = struct_type;             \
    return s;                                \
  }()
#else
#define ACP_STRUCT(struct_name, struct_type)                      \
  {                                                               \
    .header = {.size = sizeof(struct_name), .type = struct_type } \
  }
#endif

/* Families as in acp::Family. Codes are stable within a requirement and never reused. */
enum {
  ACP_OK = 0,
  ACP_MALFORMED = 1,
  ACP_INVALID = 2,
  ACP_UNSUPPORTED = 3,
  ACP_LIMIT = 4,
  ACP_ENVIRONMENT = 5
};
typedef struct acp_status {
  acp_header header;
  uint16_t family;
  uint16_t code;
  uint32_t reserved;
  char requirement[32];
  char path[96];
  char message[192];
} acp_status;

/* What the host offers a shim. */
typedef struct acp_host {
  acp_header header;
  uint32_t abi_min;
  uint32_t abi_max;
  void* context;
  void* (*alloc)(void* context, size_t size_bytes, size_t alignment);
  void (*free)(void* context, void* pointer);
  void (*log)(void* context, int level, const char* message); /* level 0 error .. 3 debug */
  uint64_t (*now_ns)(void* context);
} acp_host;

/* T0: an ACP document, as FlatBuffers bytes or as JSON (the host encodes JSON). Valid until release. */
enum { ACP_ENCODING_UNKNOWN = 0, ACP_ENCODING_FLATBUFFERS = 1, ACP_ENCODING_JSON = 2 };
enum { ACP_DOCUMENT_UNKNOWN = 0, ACP_DOCUMENT_CLASS = 1, ACP_DOCUMENT_INSTANCE = 2 };
typedef struct acp_document {
  acp_header header;
  uint32_t encoding;
  uint32_t reserved;
  const void* data;
  size_t size_bytes;
} acp_document;

/* T1: a device's live state. `generation` changes whenever anything a plan may rest on has changed. */
typedef struct acp_state {
  acp_header header;
  uint64_t generation;
  uint64_t free_bytes;
  uint32_t healthy; /* 0 or 1 */
  uint32_t reserved;
} acp_state;

/* T1: the answer to would_accept. accepted == 0: status says why, in the words compile would use. */
typedef struct acp_answer {
  acp_header header;
  uint32_t accepted;
  uint32_t reserved;
} acp_answer;

/* T2: handles, made and released by the shim, opaque to the host. */
typedef struct acp_memory acp_memory;
typedef struct acp_executable acp_executable;
typedef struct acp_queue acp_queue;
typedef struct acp_timeline acp_timeline;

typedef struct acp_point {
  acp_timeline* timeline;
  uint64_t value;
} acp_point;

/* One operand of a launch: inputs first, then outputs, each in slot order. */
typedef struct acp_binding {
  acp_memory* memory;
  uint64_t offset_bytes;
} acp_binding;

typedef struct acp_launch {
  acp_executable* executable;
  const acp_binding* bindings;
  uint32_t binding_count;
  uint32_t reserved;
} acp_launch;

/* Waits for every wait point, runs the launches in order, then signals every signal point (also when a launch failed: the
 * failure is then returned by queue_status, and later submissions on the queue are refused until reset). */
typedef struct acp_submission {
  acp_header header;
  const acp_point* waits;
  const acp_launch* launches;
  const acp_point* signals;
  uint32_t wait_count;
  uint32_t launch_count;
  uint32_t signal_count;
  uint32_t reserved;
} acp_submission;

typedef struct acp_shim acp_shim;
struct acp_shim {
  acp_header header;
  uint32_t abi; /* chosen by the shim, within the host's range */
  uint32_t reserved;
  void* self;

  /* T0 describe. Devices are numbered 0 .. count-1. */
  uint16_t (*enumerate)(void* self, uint32_t* out_count, acp_status* status);
  uint16_t (*get_document)(void* self, uint32_t device, uint32_t kind, acp_document* out, acp_status* status);
  void (*release)(void* self); /* the shim; every handle made by it must be gone */

  /* T1 observe */
  uint16_t (*get_state)(void* self, uint32_t device, acp_state* out, acp_status* status);
  uint16_t (*would_accept)(void* self, uint32_t device, const acp_region* region, acp_answer* out,
                           acp_status* status);

  /* T2 execute. Offsets and sizes in bytes. alignment is a power of two. */
  uint16_t (*memory_alloc)(void* self, uint32_t device, uint64_t size_bytes, uint64_t alignment,
                           acp_memory** out, acp_status* status);
  void (*memory_free)(void* self, acp_memory* memory);
  uint16_t (*memory_write)(void* self, acp_memory* memory, uint64_t offset_bytes, const void* data,
                           uint64_t size_bytes, acp_status* status);
  uint16_t (*memory_read)(void* self, acp_memory* memory, uint64_t offset_bytes, void* data,
                          uint64_t size_bytes, acp_status* status);
  uint16_t (*compile)(void* self, uint32_t device, const acp_region* region, acp_executable** out,
                      acp_status* status);
  void (*executable_free)(void* self, acp_executable* executable);
  uint16_t (*queue_create)(void* self, uint32_t device, acp_queue** out, acp_status* status);
  void (*queue_free)(void* self, acp_queue* queue);
  uint16_t (*queue_submit)(void* self, acp_queue* queue, const acp_submission* submission,
                           acp_status* status);
  uint16_t (*queue_status)(void* self, acp_queue* queue,
                           acp_status* status); /* first failure since reset, or ok */
  uint16_t (*queue_reset)(void* self, acp_queue* queue, acp_status* status);
  uint16_t (*timeline_create)(void* self, uint32_t device, acp_timeline** out, acp_status* status);
  void (*timeline_free)(void* self, acp_timeline* timeline);
  uint16_t (*timeline_signal)(void* self, acp_timeline* timeline, uint64_t value,
                              acp_status* status); /* from the host */
  uint16_t (*timeline_query)(void* self, acp_timeline* timeline, uint64_t* out_value, acp_status* status);
  /* family environment, code ACP_CODE_TIMEOUT when timeout_ns passes first */
  uint16_t (*timeline_wait)(void* self, acp_timeline* timeline, uint64_t value, uint64_t timeout_ns,
                            acp_status* status);
};

enum { ACP_CODE_NONE = 0, ACP_CODE_TIMEOUT = 1, ACP_CODE_NO_MEMORY = 2, ACP_CODE_DEVICE_LOST = 3 };

/* The one export. The host fills host->abi_min/max and out->header; the shim picks a version in that range or refuses with
 * family unsupported and requirement ACP-SHIM-1. Slots beyond out->header.size must not be written. */
#if defined(_WIN32)
#define ACP_EXPORT __declspec(dllexport)
#else
#define ACP_EXPORT __attribute__((visibility("default")))
#endif
typedef uint16_t (*acp_shim_negotiate_fn)(const acp_host* host, acp_shim* out, acp_status* status);
ACP_EXPORT uint16_t acp_shim_negotiate(const acp_host* host, acp_shim* out, acp_status* status);

#ifdef __cplusplus
}
#endif
#endif /* ACP_SHIM_H_ */
