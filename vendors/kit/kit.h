/* What every shim needs besides its compiler: negotiation, memories, timelines, queues with one worker thread each.
 *
 * A vendor writes a kit_vendor (its documents, and how it compiles and runs a region program) and hands it to kit_negotiate,
 * which fills every slot of the shim. A vendor with its own memories or queues overwrites those slots afterwards.
 *
 * Lifetime the vendor's `context` is destroyed by the release slot; programs are freed when the last launch that uses them ends.
 * Threads  compile may be called from several threads; run is called from queue workers, so two queues may run one program
 *          at the same time.
 * Why      one mutex and one condition per shim: waits on several timelines need no ordering of locks, and a shim has few queues.
 * Spec     ACP 6 (shim ABI); numerics rule 11 (floating-point environment).
 */
#ifndef ACP_VENDORS_KIT_KIT_H_
#define ACP_VENDORS_KIT_KIT_H_

#include "acp/shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One operand of a launch on a vendor with memories of its own. */
typedef struct kit_place {
  void* memory; /* what kit_memories::alloc gave */
  uint64_t offset_bytes;
} kit_place;

/* Memories the host cannot address. Every range has been checked; sizes are above 0 for read and write. */
typedef struct kit_memories {
  uint16_t (*alloc)(void* context, uint64_t size_bytes, void** out, acp_status* status);
  void (*free)(void* context, void* memory);
  uint16_t (*write)(void* context, void* memory, uint64_t offset_bytes, const void* data, uint64_t size_bytes,
                    acp_status* status);
  uint16_t (*read)(void* context, void* memory, uint64_t offset_bytes, void* data, uint64_t size_bytes,
                   acp_status* status);
  uint64_t (*free_bytes)(void* context);
  /* In place of kit_vendor::run. */
  uint16_t (*run)(void* context, void* program, const kit_place* places, acp_status* status);
} kit_memories;

typedef struct kit_vendor {
  void* context;
  void (*destroy)(void* context); /* may be null */
  uint32_t device_count;
  const char* class_json; /* one Class document, shared by the devices; must outlive the shim */

  /* Turns a region that kit_region_check accepted into a program. `accept_only` asks whether compile would succeed: *out
   * is then left alone. */
  uint16_t (*compile)(void* context, const acp_region* region, int accept_only, void** out,
                      acp_status* status);
  /* bindings[b] is the address of binding b (inputs, then outputs), already checked against the operands' windows. */
  uint16_t (*run)(void* context, void* program, unsigned char* const* bindings, acp_status* status);
  void (*program_free)(void* context, void* program);

  /* Null: memories are host memory, and `run` gets addresses. */
  const kit_memories* memories;
} kit_vendor;

/* Chooses the ABI version, makes the shim and fills the slots of `out`, as far as out->header.size reaches.
 *
 * Errors   ACP-SHIM-1 no common version; ACP-SHIM-2 a struct of the wrong type or too small. The context is then destroyed. */
uint16_t kit_negotiate(const acp_host* host, const kit_vendor* vendor, acp_shim* out, acp_status* status);

#ifdef __cplusplus
}
#endif
#endif /* ACP_VENDORS_KIT_KIT_H_ */
