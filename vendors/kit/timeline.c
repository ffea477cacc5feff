/* Timelines: one growing number each. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "objects.h"

static uint16_t timeline_create(void* self, uint32_t device, acp_timeline** out, acp_status* status) {
  uint16_t family = kit_check_device(self, device, status);
  if (family != ACP_OK) return family;
  acp_timeline* timeline = malloc(sizeof *timeline);
  if (timeline == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  timeline->references = 1;
  timeline->value = 0;
  *out = timeline;
  return ACP_OK;
}

void kit_timeline_release(acp_timeline* timeline) {
  if (--timeline->references == 0) free(timeline);
}

static void timeline_free(void* self, acp_timeline* timeline) {
  kit_shim* shim = self;
  if (timeline == NULL) return;
  pthread_mutex_lock(&shim->mutex);
  kit_timeline_release(timeline);
  pthread_mutex_unlock(&shim->mutex);
}

static uint16_t timeline_signal(void* self, acp_timeline* timeline, uint64_t value, acp_status* status) {
  kit_shim* shim = self;
  pthread_mutex_lock(&shim->mutex);
  int grows = value > timeline->value;
  if (grows) {
    timeline->value = value;
    pthread_cond_broadcast(&shim->changed);
  }
  pthread_mutex_unlock(&shim->mutex);
  if (grows) return ACP_OK;
  return kit_refuse(status, ACP_INVALID, "ACP-SHIM-7", "a timeline's value must grow", "value");
}

static uint16_t timeline_query(void* self, acp_timeline* timeline, uint64_t* out_value, acp_status* status) {
  kit_shim* shim = self;
  (void)status;
  pthread_mutex_lock(&shim->mutex);
  *out_value = timeline->value;
  pthread_mutex_unlock(&shim->mutex);
  return ACP_OK;
}

static uint16_t timeline_wait(void* self, acp_timeline* timeline, uint64_t value, uint64_t timeout_ns,
                              acp_status* status) {
  kit_shim* shim = self;
  const uint64_t second_ns = 1000000000u;
  /* A century: longer waits are unlimited, and the deadline below cannot overflow. */
  const int limited = timeout_ns < 3153600000u * second_ns;
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  if (limited) {
    const uint64_t nanoseconds = (uint64_t)deadline.tv_nsec + timeout_ns % second_ns;
    deadline.tv_sec += (time_t)(timeout_ns / second_ns + nanoseconds / second_ns);
    deadline.tv_nsec = (long)(nanoseconds % second_ns);
  }
  int error = 0;
  pthread_mutex_lock(&shim->mutex);
  while (timeline->value < value && error != ETIMEDOUT) {
    error = limited ? pthread_cond_timedwait(&shim->changed, &shim->mutex, &deadline)
                    : pthread_cond_wait(&shim->changed, &shim->mutex);
  }
  const int reached = timeline->value >= value;
  pthread_mutex_unlock(&shim->mutex);
  if (reached) return ACP_OK;
  return kit_environment(status, ACP_CODE_TIMEOUT, "the timeline did not reach the value in time");
}

void kit_fill_timeline_slots(acp_shim* out) {
  out->timeline_create = timeline_create;
  out->timeline_free = timeline_free;
  out->timeline_signal = timeline_signal;
  out->timeline_query = timeline_query;
  out->timeline_wait = timeline_wait;
}
