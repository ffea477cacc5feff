/* How a shim refuses: one call that fills the caller's acp_status and returns the family.
 *
 * Why      a shim may be newer or older than its host, so nothing is written past the size the host stated.
 * Spec     ACP 6 (shim ABI), conventions "Errors".
 */
#ifndef ACP_VENDORS_KIT_STATUS_H_
#define ACP_VENDORS_KIT_STATUS_H_

#include "acp/shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills `status` (which may be null) and returns `family`. The path is a printf format. */
__attribute__((format(printf, 5, 6))) uint16_t kit_refuse(acp_status* status, uint16_t family,
                                                          const char* requirement, const char* message,
                                                          const char* path_format, ...);

/* Family environment: no requirement is broken, `code` says what is missing (ACP_CODE_*). */
uint16_t kit_environment(acp_status* status, uint16_t code, const char* message);

/* Copies a status kept by the shim to one of the caller's; returns its family. */
uint16_t kit_status_copy(acp_status* to, const acp_status* from);

#ifdef __cplusplus
}
#endif
#endif /* ACP_VENDORS_KIT_STATUS_H_ */
