#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void store(acp_status* to, const acp_status* from) {
  if (to == NULL || to->header.size <= sizeof(acp_header)) return;
  size_t size = to->header.size < sizeof(acp_status) ? to->header.size : sizeof(acp_status);
  memcpy((char*)to + sizeof(acp_header), (const char*)from + sizeof(acp_header), size - sizeof(acp_header));
}

uint16_t kit_refuse(acp_status* status, uint16_t family, const char* requirement, const char* message,
                    const char* path_format, ...) {
  acp_status full = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  full.family = family;
  snprintf(full.requirement, sizeof full.requirement, "%s", requirement);
  snprintf(full.message, sizeof full.message, "%s", message);
  va_list arguments;
  va_start(arguments, path_format);
  vsnprintf(full.path, sizeof full.path, path_format, arguments);
  va_end(arguments);
  store(status, &full);
  return family;
}

uint16_t kit_environment(acp_status* status, uint16_t code, const char* message) {
  acp_status full = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  full.family = ACP_ENVIRONMENT;
  full.code = code;
  snprintf(full.message, sizeof full.message, "%s", message);
  store(status, &full);
  return ACP_ENVIRONMENT;
}

uint16_t kit_status_copy(acp_status* to, const acp_status* from) {
  store(to, from);
  return from->family;
}
