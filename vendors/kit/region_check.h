/* Is a region program valid? Every shim asks this before it compiles; nothing after it needs to doubt an index again.
 *
 * Errors   CEP-REG-1 to CEP-REG-6 and CEP-REG-9 to CEP-REG-15 (CEP 3.2). CEP-REG-7 and CEP-REG-8 depend on
 *          data and are found by a launch.
 * Threads  any; keeps nothing.
 * Cost     O(stages x nodes).
 * Why      a refusal is a status, never a crash: regions may come from an untrusted plan.
 */
#ifndef ACP_VENDORS_KIT_REGION_CHECK_H_
#define ACP_VENDORS_KIT_REGION_CHECK_H_

#include "acp/shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Limits that keep a reader's tables small. */
#define KIT_MAX_NODES 65536u /* of each kind */
#define KIT_MAX_STAGES 1024u
#define KIT_MAX_ITERS 32u /* of one nest */
#define KIT_MAX_LOOPS 8u  /* loops inside each other */
#define KIT_MAX_SLOTS 1024u

uint16_t kit_region_check(const acp_region* region, acp_status* status);

/* Bytes of one element. */
uint32_t kit_dtype_bytes(uint8_t dtype);

/* How many of a, b, c a scalar node uses as scalar nodes. */
uint32_t kit_scalar_arity(uint8_t op);

#ifdef __cplusplus
}
#endif
#endif /* ACP_VENDORS_KIT_REGION_CHECK_H_ */
