#include "conformance/mutants/wrong_slots.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <vector>

#include "acp/text.h"
#include "acp/wire.h"
#include "conformance/mutants/wrap.h"

namespace conformance {
namespace {

// Refuses like the inner shim, but for one id, which becomes a success.
bool is_refusal(std::uint16_t family, const acp_status* status, std::string_view id) {
  return family != ACP_OK && status->requirement == id;
}

std::uint16_t submit_as(void* self, acp_queue* queue, const acp_submission& submission, acp_status* status) {
  const acp_shim& inner = wrapped(self).inner;
  return inner.queue_submit(inner.self, queue, &submission, status);
}

// Blanks that claim to be a document.
template <std::size_t kSize, std::uint32_t kEncoding>
std::uint16_t publish_blanks(void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                             acp_status* status) {
  Wrapped& shim = wrapped(self);
  const std::uint16_t family = shim.inner.get_document(shim.inner.self, device, kind, out, status);
  shim.document.assign(kSize, ' ');
  out->encoding = kEncoding;
  out->data = shim.document.data();
  out->size_bytes = shim.document.size();
  return family;
}

void halve(std::string& bytes) { bytes.resize(bytes.size() / 2); }
void extend(std::string& bytes) { bytes.append(8, '\0'); }

// The bytes of the right document, changed.
template <void (*kEdit)(std::string&)>
std::uint16_t publish_wire(void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                           acp_status* status) {
  Wrapped& shim = wrapped(self);
  const std::uint16_t family = shim.inner.get_document(shim.inner.self, device, kind, out, status);
  if (family != ACP_OK || out->encoding != ACP_ENCODING_JSON) return family;
  const auto right = acp::parse_class_json({static_cast<const char*>(out->data), out->size_bytes});
  const auto bytes = right ? acp::encode(*right) : acp::Result<std::vector<std::byte>>(right.error());
  if (!bytes) return family;
  shim.document.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  kEdit(shim.document);
  out->encoding = ACP_ENCODING_FLATBUFFERS;
  out->data = shim.document.data();
  out->size_bytes = shim.document.size();
  return family;
}

std::uint16_t enumerate_none(void*, std::uint32_t* count, acp_status*) {
  *count = 0;
  return ACP_OK;
}
std::uint16_t no_document(void*, std::uint32_t, std::uint32_t, acp_document*, acp_status* status) {
  status->family = ACP_ENVIRONMENT;
  return ACP_ENVIRONMENT;
}

// A table with the slots of tier T0 and no device.
void fill(acp_shim* out) {
  out->header.type = ACP_TYPE_SHIM;
  out->abi = ACP_ABI_VERSION;
  out->enumerate = enumerate_none;
  out->get_document = no_document;
  out->release = [](void*) {};
}

}  // namespace

void crash_on_compile(acp_shim& slots) {
  slots.compile = [](void*, std::uint32_t, const acp_region*, acp_executable**,
                     acp_status*) -> std::uint16_t {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
    return ACP_OK;
  };
}

void hang_on_submit(acp_shim& slots) {
  slots.queue_submit = [](void*, acp_queue*, const acp_submission*, acp_status*) -> std::uint16_t {
    for (;;) ::pause();
  };
}

void lose_the_device(acp_shim& slots) {
  slots.compile = [](void*, std::uint32_t, const acp_region*, acp_executable**, acp_status* status) {
    status->family = ACP_ENVIRONMENT;
    status->code = ACP_CODE_DEVICE_LOST;
    return std::uint16_t{ACP_ENVIRONMENT};
  };
  slots.get_state = [](void* self, std::uint32_t device, acp_state* out, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.get_state(inner.self, device, out, status);
    out->healthy = 0;
    return family;
  };
}

void ignore_waits(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* right, acp_status* status) {
    acp_submission wrong = *right;
    wrong.wait_count = 0;
    return submit_as(self, queue, wrong, status);
  };
}

void run_backwards(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* right, acp_status* status) {
    std::vector<acp_launch> launches(right->launches, right->launches + right->launch_count);
    std::reverse(launches.begin(), launches.end());
    acp_submission wrong = *right;
    wrong.launches = launches.data();
    return submit_as(self, queue, wrong, status);
  };
}

void report_success(acp_shim& slots) {
  slots.queue_status = [](void*, acp_queue*, acp_status*) { return std::uint16_t{ACP_OK}; };
}

void take_work_after_failure(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* right, acp_status* status) {
    const std::uint16_t family = submit_as(self, queue, *right, status);
    return is_refusal(family, status, "ACP-SHIM-9") ? std::uint16_t{ACP_OK} : family;
  };
}

void take_bad_bindings(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* right, acp_status* status) {
    const std::uint16_t family = submit_as(self, queue, *right, status);
    return is_refusal(family, status, "ACP-SHIM-8") ? std::uint16_t{ACP_OK} : family;
  };
}

void fall_back_in_time(acp_shim& slots) {
  slots.timeline_signal = [](void* self, acp_timeline* timeline, std::uint64_t value, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.timeline_signal(inner.self, timeline, value, status);
    return is_refusal(family, status, "ACP-SHIM-7") ? std::uint16_t{ACP_OK} : family;
  };
}

void end_waits_early(acp_shim& slots) {
  slots.timeline_wait = [](void* self, acp_timeline* timeline, std::uint64_t value, std::uint64_t timeout_ns,
                           acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.timeline_wait(inner.self, timeline, value, timeout_ns, status);
    return family == ACP_ENVIRONMENT ? std::uint16_t{ACP_OK} : family;
  };
}

void write_past_the_end(acp_shim& slots) {
  slots.memory_write = [](void* self, acp_memory* memory, std::uint64_t offset, const void* data,
                          std::uint64_t size, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.memory_write(inner.self, memory, offset, data, size, status);
    return is_refusal(family, status, "ACP-SHIM-6") ? std::uint16_t{ACP_OK} : family;
  };
}

void take_any_alignment(acp_shim& slots) {
  slots.memory_alloc = [](void* self, std::uint32_t device, std::uint64_t size, std::uint64_t alignment,
                          acp_memory** out, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint64_t power = (alignment & (alignment - 1)) == 0 && alignment != 0 ? alignment : 64;
    return inner.memory_alloc(inner.self, device, size, power, out, status);
  };
}

void lose_a_byte(acp_shim& slots) {
  slots.memory_write = [](void* self, acp_memory* memory, std::uint64_t offset, const void* data,
                          std::uint64_t size, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint64_t less = size > 900 ? size - 1 : size;
    return inner.memory_write(inner.self, memory, offset, data, less, status);
  };
}

void take_any_device(acp_shim& slots) {
  slots.get_document = [](void* self, std::uint32_t, std::uint32_t kind, acp_document* out,
                          acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    return inner.get_document(inner.self, 0, kind, out, status);
  };
}

void publish_any_kind(acp_shim& slots) {
  slots.get_document = [](void* self, std::uint32_t device, std::uint32_t, acp_document* out,
                          acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    return inner.get_document(inner.self, device, ACP_DOCUMENT_CLASS, out, status);
  };
}

void take_any_struct(acp_shim& slots) {
  slots.get_document = [](void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                          acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    out->header.type = ACP_TYPE_DOCUMENT;
    return inner.get_document(inner.self, device, kind, out, status);
  };
}

void publish_garbage(acp_shim& slots) { slots.get_document = publish_blanks<64, ACP_ENCODING_FLATBUFFERS>; }
void publish_too_much(acp_shim& slots) {
  slots.get_document = publish_blanks<(std::size_t{1} << 20) + 1, ACP_ENCODING_FLATBUFFERS>;
}
void publish_long_text(acp_shim& slots) {
  slots.get_document = publish_blanks<(std::size_t{4} << 20) + 1, ACP_ENCODING_JSON>;
}
void publish_half(acp_shim& slots) { slots.get_document = publish_wire<halve>; }
void publish_tail(acp_shim& slots) { slots.get_document = publish_wire<extend>; }

void refuse_without_id(acp_shim& slots) {
  slots.get_document = [](void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                          acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.get_document(inner.self, device, kind, out, status);
    std::memset(status->requirement, 0, sizeof status->requirement);
    return family;
  };
}

void promise_everything(acp_shim& slots) {
  slots.would_accept = [](void*, std::uint32_t, const acp_region*, acp_answer* out, acp_status*) {
    out->accepted = 1;
    return std::uint16_t{ACP_OK};
  };
}

void run_once(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* submission,
                          acp_status* status) {
    acp_submission nothing = *submission;
    if (wrapped(self).submissions++ > 0) nothing.launch_count = 0;
    return submit_as(self, queue, nothing, status);
  };
}

void mix_queues(acp_shim& slots) {
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* submission,
                          acp_status* status) {
    Wrapped& shim = wrapped(self);
    acp_submission wrong = *submission;
    // Two submissions are past when each program has run alone; what follows meets another queue's work.
    if (shim.last_queue != nullptr && shim.last_queue != queue && shim.submissions > 2)
      wrong.launch_count = 0;
    shim.last_queue = queue;
    ++shim.submissions;
    return submit_as(self, queue, wrong, status);
  };
}

void refuse_links(acp_shim& slots) {
  slots.get_document = [](void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                          acp_status* status) {
    if (out->header.next != nullptr) {
      status->family = ACP_MALFORMED;
      std::strncpy(status->requirement, "ACP-SHIM-2", sizeof(status->requirement) - 1);
      return std::uint16_t{ACP_MALFORMED};
    }
    const acp_shim& inner = wrapped(self).inner;
    return inner.get_document(inner.self, device, kind, out, status);
  };
}

void fill_everything(acp_shim& slots) {
  slots.get_state = [](void* self, std::uint32_t device, acp_state* out, acp_status* status) {
    const acp_shim& inner = wrapped(self).inner;
    const std::uint16_t family = inner.get_state(inner.self, device, out, status);
    if (out->header.size > sizeof(acp_state))
      std::memset(reinterpret_cast<char*>(out) + sizeof(acp_state), 0, out->header.size - sizeof(acp_state));
    return family;
  };
}

void count_down(acp_shim& slots) {
  slots.get_state = [](void* self, std::uint32_t device, acp_state* out, acp_status* status) {
    Wrapped& shim = wrapped(self);
    const std::uint16_t family = shim.inner.get_state(shim.inner.self, device, out, status);
    shim.document += '-';  // one more each call
    out->generation = 1000 - shim.document.size();
    return family;
  };
}

std::uint16_t choose_another_abi(const acp_host* /*host*/, acp_shim* out, acp_status* /*status*/) {
  fill(out);
  out->abi = ACP_ABI_VERSION + 98;
  return ACP_OK;
}

std::uint16_t answer_another_struct(const acp_host* /*host*/, acp_shim* out, acp_status* /*status*/) {
  fill(out);
  out->header.type = ACP_TYPE_HOST;
  return ACP_OK;
}

std::uint16_t leave_out_enumerate(const acp_host* /*host*/, acp_shim* out, acp_status* /*status*/) {
  fill(out);
  out->enumerate = nullptr;
  return ACP_OK;
}

}  // namespace conformance
