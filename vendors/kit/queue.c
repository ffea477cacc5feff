/* Queues: a list of submissions and one worker thread. */
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

/* A submission as the queue keeps it: every handle in it is retained. The arrays follow each other in one allocation. */
typedef struct job {
  struct job* next;
  uint64_t epoch;
  acp_point* waits;
  acp_point* signals;
  acp_executable** executables; /* one a launch */
  acp_memory** memories;        /* one a binding, launches one after the other */
  kit_place* places;            /* the same: of vendor memories, */
  unsigned char** addresses;    /* or in host memory */
  uint32_t wait_count;
  uint32_t signal_count;
  uint32_t launch_count;
  uint32_t address_count;
} job;

struct acp_queue {
  kit_shim* shim;
  pthread_t worker;
  job* first;
  job* last;
  bool stopping;
  uint64_t epoch; /* grows at each reset after a failure: older jobs are skipped */
  acp_status failure;
};

/* A launch may only touch bytes of the memories bound to it. */
static uint16_t check_launch(const acp_launch* launch, uint32_t number, acp_status* status) {
  const acp_executable* executable = launch->executable;
  if (launch->binding_count != executable->binding_count) {
    return kit_refuse(status, ACP_INVALID, "ACP-SHIM-8", "binding count differs from the executable's",
                      "launches[%u].bindings", number);
  }
  for (uint32_t b = 0; b < launch->binding_count; ++b) {
    const acp_binding* binding = &launch->bindings[b];
    const kit_span* span = &executable->spans[b];
    if (span->first == span->end) continue;
    const uint64_t size_bytes = binding->memory->size_bytes;
    const int64_t offset = (int64_t)binding->offset_bytes;
    if (binding->offset_bytes > size_bytes || offset + span->first < 0 ||
        span->end > (int64_t)size_bytes - offset) {
      return kit_refuse(status, ACP_INVALID, "ACP-SHIM-8", "the operand's window does not fit in the memory",
                        "launches[%u].bindings[%u]", number, b);
    }
    /* A vendor's memory begins aligned to every element; its address is the offset alone. */
    const uintptr_t begin = (uintptr_t)binding->memory->data;
    if ((begin + binding->offset_bytes) % span->alignment != 0) {
      return kit_refuse(status, ACP_INVALID, "ACP-SHIM-8",
                        "the address is not a multiple of the element size", "launches[%u].bindings[%u]",
                        number, b);
    }
  }
  return ACP_OK;
}

static job* job_create(const acp_submission* submission, uint32_t address_count) {
  const size_t points = (size_t)submission->wait_count + submission->signal_count;
  const size_t pointers = submission->launch_count + 2 * (size_t)address_count;
  job* made = calloc(1, sizeof *made + points * sizeof(acp_point) + address_count * sizeof(kit_place) +
                            pointers * sizeof(void*));
  if (made == NULL) return NULL;
  made->waits = (acp_point*)(made + 1);
  made->signals = made->waits + submission->wait_count;
  made->places = (kit_place*)(made->signals + submission->signal_count);
  made->executables = (acp_executable**)(made->places + address_count);
  made->memories = (acp_memory**)(made->executables + submission->launch_count);
  made->addresses = (unsigned char**)(made->memories + address_count);
  made->wait_count = submission->wait_count;
  made->signal_count = submission->signal_count;
  made->launch_count = submission->launch_count;
  made->address_count = address_count;
  return made;
}

/* The mutex must be held. */
static void job_fill(job* made, const acp_submission* submission) {
  for (uint32_t i = 0; i < made->wait_count; ++i) {
    made->waits[i] = submission->waits[i];
    ++made->waits[i].timeline->references;
  }
  for (uint32_t i = 0; i < made->signal_count; ++i) {
    made->signals[i] = submission->signals[i];
    ++made->signals[i].timeline->references;
  }
  uint32_t address = 0;
  for (uint32_t i = 0; i < made->launch_count; ++i) {
    const acp_launch* launch = &submission->launches[i];
    made->executables[i] = launch->executable;
    ++launch->executable->references;
    for (uint32_t b = 0; b < launch->binding_count; ++b, ++address) {
      made->memories[address] = launch->bindings[b].memory;
      ++launch->bindings[b].memory->references;
      made->places[address] =
          (kit_place){launch->bindings[b].memory->vendor_memory, launch->bindings[b].offset_bytes};
      if (launch->bindings[b].memory->data == NULL) continue;
      made->addresses[address] = launch->bindings[b].memory->data + launch->bindings[b].offset_bytes;
    }
  }
}

/* The mutex must be held. Signals come first: whoever waits must never hang because a launch failed. */
static void job_finish(acp_queue* queue, job* done) {
  for (uint32_t i = 0; i < done->signal_count; ++i) {
    acp_timeline* timeline = done->signals[i].timeline;
    if (done->signals[i].value > timeline->value) {
      timeline->value = done->signals[i].value;
    } else if (queue->failure.family == ACP_OK && done->epoch == queue->epoch) {
      kit_refuse(&queue->failure, ACP_INVALID, "ACP-SHIM-7", "a timeline's value must grow", "signals[%u]",
                 i);
    }
    kit_timeline_release(timeline);
  }
  for (uint32_t i = 0; i < done->wait_count; ++i) kit_timeline_release(done->waits[i].timeline);
  for (uint32_t i = 0; i < done->launch_count; ++i) kit_executable_release(queue->shim, done->executables[i]);
  for (uint32_t i = 0; i < done->address_count; ++i) kit_memory_release(queue->shim, done->memories[i]);
  free(done);
  pthread_cond_broadcast(&queue->shim->changed);
}

static uint16_t job_run(const acp_queue* queue, const job* work, acp_status* status) {
  const kit_vendor* vendor = &queue->shim->vendor;
  unsigned char* const* addresses = work->addresses;
  const kit_place* places = work->places;
  for (uint32_t i = 0; i < work->launch_count; ++i) {
    /* Whatever a library left behind must not change results (numerics, rule 11). */
    fesetenv(FE_DFL_ENV);
    void* program = work->executables[i]->program;
    const uint16_t family = vendor->memories != NULL
                                ? vendor->memories->run(vendor->context, program, places, status)
                                : vendor->run(vendor->context, program, addresses, status);
    if (family != ACP_OK) return family;
    addresses += work->executables[i]->binding_count;
    places += work->executables[i]->binding_count;
  }
  return ACP_OK;
}

static bool job_ready(const job* next) {
  for (uint32_t i = 0; i < next->wait_count; ++i) {
    if (next->waits[i].timeline->value < next->waits[i].value) return false;
  }
  return true;
}

static void* work(void* argument) {
  acp_queue* queue = argument;
  kit_shim* shim = queue->shim;
  pthread_mutex_lock(&shim->mutex);
  for (;;) {
    while (!queue->stopping && (queue->first == NULL || !job_ready(queue->first))) {
      pthread_cond_wait(&shim->changed, &shim->mutex);
    }
    job* next = queue->first;
    if (next == NULL) break;
    queue->first = next->next;
    if (queue->first == NULL) queue->last = NULL;
    const bool runs = !queue->stopping && queue->failure.family == ACP_OK && next->epoch == queue->epoch;
    if (runs) {
      acp_status failure = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
      pthread_mutex_unlock(&shim->mutex);
      job_run(queue, next, &failure);
      pthread_mutex_lock(&shim->mutex);
      if (failure.family != ACP_OK) queue->failure = failure;
    }
    job_finish(queue, next);
  }
  pthread_mutex_unlock(&shim->mutex);
  return NULL;
}

static uint16_t queue_create(void* self, uint32_t device, acp_queue** out, acp_status* status) {
  uint16_t family = kit_check_device(self, device, status);
  if (family != ACP_OK) return family;
  acp_queue* queue = calloc(1, sizeof *queue);
  if (queue == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  queue->shim = self;
  queue->failure = (acp_status)ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  if (pthread_create(&queue->worker, NULL, work, queue) != 0) {
    free(queue);
    return kit_environment(status, ACP_CODE_NO_MEMORY, "no thread left for the queue");
  }
  *out = queue;
  return ACP_OK;
}

/* Submissions that have not begun are dropped; their signals are given, so that nobody waits for ever. */
static void queue_free(void* self, acp_queue* queue) {
  kit_shim* shim = self;
  if (queue == NULL) return;
  pthread_mutex_lock(&shim->mutex);
  queue->stopping = true;
  pthread_cond_broadcast(&shim->changed);
  pthread_mutex_unlock(&shim->mutex);
  pthread_join(queue->worker, NULL);
  free(queue);
}

static uint16_t queue_submit(void* self, acp_queue* queue, const acp_submission* submission,
                             acp_status* status) {
  kit_shim* shim = self;
  if (submission->header.type != ACP_TYPE_SUBMISSION || submission->header.size < sizeof(acp_submission)) {
    return kit_refuse(status, ACP_MALFORMED, "ACP-SHIM-2", "not an acp_submission of a known size",
                      "submission.header");
  }
  uint64_t address_count = 0;
  for (uint32_t i = 0; i < submission->launch_count; ++i) {
    const uint16_t family = check_launch(&submission->launches[i], i, status);
    if (family != ACP_OK) return family;
    address_count += submission->launches[i].binding_count;
  }
  if (address_count > UINT32_MAX) {
    return kit_refuse(status, ACP_LIMIT, "ACP-SHIM-8", "more than 2^32 - 1 bindings in one submission",
                      "launches");
  }
  job* made = job_create(submission, (uint32_t)address_count);
  if (made == NULL) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  pthread_mutex_lock(&shim->mutex);
  const bool failed = queue->failure.family != ACP_OK;
  if (!failed) {
    job_fill(made, submission);
    made->epoch = queue->epoch;
    if (queue->last != NULL) queue->last->next = made;
    if (queue->first == NULL) queue->first = made;
    queue->last = made;
    pthread_cond_broadcast(&shim->changed);
  }
  pthread_mutex_unlock(&shim->mutex);
  if (!failed) return ACP_OK;
  free(made);
  return kit_refuse(status, ACP_INVALID, "ACP-SHIM-9", "the queue failed and was not reset", "queue");
}

static uint16_t queue_status(void* self, acp_queue* queue, acp_status* status) {
  kit_shim* shim = self;
  pthread_mutex_lock(&shim->mutex);
  const acp_status failure = queue->failure;
  pthread_mutex_unlock(&shim->mutex);
  return failure.family == ACP_OK ? ACP_OK : kit_status_copy(status, &failure);
}

static uint16_t queue_reset(void* self, acp_queue* queue, acp_status* status) {
  kit_shim* shim = self;
  (void)status;
  pthread_mutex_lock(&shim->mutex);
  if (queue->failure.family != ACP_OK) {
    ++queue->epoch;
    queue->failure = (acp_status)ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  }
  pthread_mutex_unlock(&shim->mutex);
  return ACP_OK;
}

void kit_fill_queue_slots(acp_shim* out) {
  out->queue_create = queue_create;
  out->queue_free = queue_free;
  out->queue_submit = queue_submit;
  out->queue_status = queue_status;
  out->queue_reset = queue_reset;
}
