// Slots made wrong: each puts one into a table that forwards.
#pragma once

#include <cstdint>

#include "acp/shim.h"

namespace conformance {

void crash_on_compile(acp_shim& slots);
void hang_on_submit(acp_shim& slots);
void lose_the_device(acp_shim& slots);  // compile fails, and the state says: not healthy
void ignore_waits(acp_shim& slots);
void run_backwards(acp_shim& slots);   // the launches of a submission, last first
void report_success(acp_shim& slots);  // queue_status, after a failure
void take_work_after_failure(acp_shim& slots);
void take_bad_bindings(acp_shim& slots);  // says yes, runs nothing
void fall_back_in_time(acp_shim& slots);  // a timeline takes a value that does not grow
void end_waits_early(acp_shim& slots);
void write_past_the_end(acp_shim& slots);  // says yes, writes nothing
void take_any_alignment(acp_shim& slots);
void lose_a_byte(acp_shim& slots);
void take_any_device(acp_shim& slots);
void publish_any_kind(acp_shim& slots);
void take_any_struct(acp_shim& slots);
void publish_garbage(acp_shim& slots);    // as FlatBuffers bytes
void publish_too_much(acp_shim& slots);   // more than a document may have
void publish_half(acp_shim& slots);       // the first half of the right bytes
void publish_tail(acp_shim& slots);       // the right bytes and more
void publish_long_text(acp_shim& slots);  // more than a text may have
void refuse_without_id(acp_shim& slots);
void promise_everything(acp_shim& slots);  // would_accept
void count_down(acp_shim& slots);          // the generation of the state
void run_once(acp_shim& slots);            // submissions after the first run nothing
void mix_queues(acp_shim& slots);          // a submission right after one to another queue runs nothing
void refuse_links(acp_shim& slots);        // a chain of extensions, whatever is in it
void fill_everything(acp_shim& slots);     // a struct as large as it says it is

// Negotiations made wrong.
std::uint16_t choose_another_abi(const acp_host* host, acp_shim* out, acp_status* status);
std::uint16_t answer_another_struct(const acp_host* host, acp_shim* out, acp_status* status);
std::uint16_t leave_out_enumerate(const acp_host* host, acp_shim* out, acp_status* status);

}  // namespace conformance
