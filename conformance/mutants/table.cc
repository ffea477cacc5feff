// The table of mutants: what is wrong, which sentence that breaks, and which case must find it.
#include "conformance/mutants/mutants.h"
#include "conformance/mutants/rewrites.h"
#include "conformance/mutants/wrong_slots.h"

namespace conformance {
namespace {

constexpr Mutant order(std::string_view name, std::string_view killer, std::string_view says,
                       void (*rewrite)(cep::Region&)) {
  return {.name = name,
          .what = "sums in another order than it claims",
          .breaks = "ACP-CONF-5",
          .killer = killer,
          .says = says,
          .rewrite = rewrite};
}
constexpr Mutant number(std::string_view name, std::string_view what, std::string_view breaks,
                        std::string_view killer, void (*rewrite)(cep::Region&), std::string_view says = "") {
  return {.name = name, .what = what, .breaks = breaks, .killer = killer, .says = says, .rewrite = rewrite};
}
constexpr Mutant slot(std::string_view name, std::string_view what, std::string_view breaks,
                      std::string_view killer, void (*replace)(acp_shim&), std::string_view says = "",
                      Verdict verdict = Verdict::kFail) {
  return {.name = name,
          .what = what,
          .breaks = breaks,
          .killer = killer,
          .verdict = verdict,
          .says = says,
          .replace = replace};
}
constexpr Mutant blind(std::string_view name, std::string_view breaks, std::string_view killer) {
  return {.name = name,
          .what = "compiles what it must refuse",
          .breaks = breaks,
          .killer = killer,
          .says = "accepts what it must refuse",
          .forgives = breaks};
}
constexpr Mutant paper(std::string_view name, std::string_view what, std::string_view breaks,
                       std::string_view from, std::string_view to,
                       std::string_view killer = "acp.document.class") {
  return {.name = name, .what = what, .breaks = breaks, .killer = killer, .document = {from, to}};
}

constexpr Mutant stranger(std::string_view name, std::string_view what, std::string_view breaks,
                          acp_shim_negotiate_fn negotiate) {
  return {
      .name = name, .what = what, .breaks = breaks, .killer = "acp.document.class", .negotiate = negotiate};
}

constexpr Mutant kMutants[] = {
    // Another order than claimed.
    order("chain_as_tree", "num.reduce.add.f32.chain:k=300,seed=1",
          "claimed chain, observed blocked_tree(64)", chain_to_tree),
    order("fma_chain_as_tree", "num.reduce.fma.f32.chain:k=300,seed=1",
          "claimed chain, observed blocked_tree(64)", chain_to_tree),
    order("tree_as_chain", "num.reduce.add.f32.blocked_tree:block=16,k=300,seed=1",
          "claimed blocked_tree(16), observed chain", tree_to_chain),
    order("index_as_tree", "num.reduce.add.f32.blocked_index:block=16,k=300,seed=1",
          "claimed blocked_index(16), observed blocked_tree(16)", index_to_tree),
    order("lanes_as_chain", "num.reduce.add.f32.lanes32:k=300,seed=1", "claimed lanes32, observed chain",
          lanes_to_chain),
    order("drops_last_k", "num.reduce.add.f32.chain:k=300,seed=1", "observed none of the known orders",
          drop_last_k),
    // Another number than specified.
    number("multiplies_then_adds", "the combiner FMA rounds twice", "ACP-CONF-9",
           "num.detect.contraction.dot", split_fma),
    number("fuses_mul_add", "contracts a product and a sum that stand apart", "ACP-CONF-9",
           "num.detect.contraction.mul_add", fuse_mul_add),
    number("flushes_subnormals", "subnormal inputs count as zero", "ACP-CONF-7", "num.detect.subnormals.add",
           flush_subnormal_inputs),
    number("keeps_nan_payload", "arithmetic returns its operand's NaN", "ACP-CONF-8", "num.detect.nan.add",
           keep_nan_payload),
    number("compares_for_max", "max is a > b ? a : b", "ACP-CONF-8", "num.detect.nan.max_zero",
           compare_instead_of_max),
    number("divides_by_reciprocal", "a / b is a * (1 / b), rounded twice", "ACP-CONF-6",
           "num.detect.rounding.div", multiply_by_reciprocal, "inputs 0x40400000"),
    number("approximates_sqrt", "sqrt(x) is x / sqrt(x)", "ACP-CONF-10", "num.scalar.sqrt.f32:n=1024,seed=1",
           approximate_sqrt),
    number("starts_from_minus_zero", "a chain starts from -0 instead of +0", "ACP-CONF-10",
           "num.detect.zeros.init", start_from_negative_zero),
    number("copies_through_adder", "a copy makes NaNs canonical", "ACP-CONF-10", "num.detect.movement.copy",
           copy_through_adder),
    number("copies_through_plus_zero", "a copy loses the sign of -0", "ACP-CONF-10",
           "num.detect.movement.copy", copy_through_plus_zero),
    number("reads_one_off", "reads the neighbour", "ACP-CONF-10", "num.op.MatMul:case=0,order=chain,seed=1",
           read_one_off),
    number("wraps_loads", "a loaded coordinate outside is wrapped into the window", "CEP-REG-7",
           "canary.launch.load", wrap_loaded_coordinates, "the launch succeeds"),
    number("cuts_trips", "a trip count above the maximum is cut", "CEP-REG-8", "canary.launch.trips",
           cut_trips, "the launch succeeds"),
    number("loses_the_last_of_a_sum", "the last product of a sum is left out", "ACP-CONF-20",
           "num.exact.ones.f32:k=31,seed=1", drop_last_k, "ones of both signs"),
    number("changes_by_identity", "a product with the identity reads the neighbour", "ACP-CONF-20",
           "num.exact.identity.f32:n=17,seed=1", read_one_off, "times the identity"),
    number("clears_outputs_first", "what is written is cleared before it is read", "ACP-CONF-22",
           "num.exact.in_place.f32:n=17,seed=1", clear_outputs_first, "the output lies over inputs[0]"),
    number("batches_in_another_order", "eight rows and more are summed in another order", "ACP-CONF-21",
           "num.same.batch:n=8,seed=1", tree_for_batches, "alone gives other bits"),
    // Programs that must be refused.
    blind("takes_any_version", "CEP-REG-1", "canary.region.version"),
    blind("takes_any_reference", "CEP-REG-2", "canary.region.operand_number"),
    blind("takes_any_combiner", "CEP-REG-3", "canary.region.combiner"),
    blind("takes_any_dtype", "CEP-REG-3", "canary.region.dtype"),
    {.name = "takes_unknown_codes",
     .what = "compiles an operator that means nothing",
     .breaks = "CEP-REG-3",
     .killer = "canary.code.operator:case=0,seed=1",
     .says = "is accepted",
     .forgives = "CEP-REG-3"},
    blind("takes_any_window", "CEP-REG-4", "canary.region.window"),
    blind("takes_any_types", "CEP-REG-5", "canary.region.types"),
    blind("reads_outside", "CEP-REG-6", "canary.region.outside"),
    blind("takes_any_reduction", "CEP-REG-9", "canary.region.any_sum"),
    blind("takes_acc_anywhere", "CEP-REG-10", "canary.region.acc_in_body"),
    blind("writes_inputs", "CEP-REG-11", "canary.region.written_input"),
    blind("reads_its_writes", "CEP-REG-12", "canary.region.reads_what_it_writes"),
    blind("takes_open_loops", "CEP-REG-13", "canary.region.open_loop"),
    blind("takes_any_range", "CEP-REG-14", "canary.region.k_end"),
    blind("takes_any_size", "CEP-REG-15", "canary.region.nodes"),
    // The ABI.
    slot("crashes", "compile crashes", "ACP-CONF-13", "num.detect.movement.copy", crash_on_compile,
         "ended by signal", Verdict::kCrash),
    slot("hangs", "submit never returns", "ACP-CONF-13", "num.detect.movement.copy", hang_on_submit,
         "no answer", Verdict::kHang),
    slot("loses_the_device", "the device is lost", "ACP-CONF-15", "num.detect.movement.copy", lose_the_device,
         "", Verdict::kDeviceLost),
    slot("ignores_waits", "launches run before their waits", "ACP-CONF-14", "acp.queue.waits", ignore_waits,
         "before its wait"),
    slot("runs_backwards", "launches run last first", "ACP-CONF-14", "acp.queue.order", run_backwards,
         "in order"),
    slot("reports_success", "queue_status hides a failure", "ACP-CONF-16", "acp.queue.failure",
         report_success, "reported as success"),
    slot("works_after_failure", "a failed queue takes submissions", "ACP-SHIM-9", "acp.queue.failure",
         take_work_after_failure),
    slot("takes_bad_bindings", "bindings that do not fit are accepted", "ACP-SHIM-8", "acp.queue.bindings",
         take_bad_bindings),
    slot("falls_back_in_time", "a timeline takes smaller values", "ACP-SHIM-7", "acp.timeline.grows",
         fall_back_in_time),
    slot("ends_waits_early", "a wait that times out reports success", "ACP-CONF-14", "acp.timeline.waits",
         end_waits_early),
    slot("writes_past_the_end", "a write past the end is accepted", "ACP-SHIM-6", "acp.memory.bounds",
         write_past_the_end),
    slot("takes_any_alignment", "an alignment of 3 is accepted", "ACP-SHIM-6", "acp.memory.alignment",
         take_any_alignment),
    slot("loses_a_byte", "the last byte of a long write is lost", "ACP-CONF-17", "acp.memory.bytes:seed=5",
         lose_a_byte),
    slot("takes_any_device", "device numbers are not looked at", "ACP-SHIM-5", "acp.device.number",
         take_any_device),
    slot("publishes_any_kind", "every kind of document is the Class", "ACP-SHIM-10", "acp.document.kind",
         publish_any_kind),
    slot("takes_any_struct", "types of structs are not looked at", "ACP-SHIM-2", "acp.struct.type",
         take_any_struct),
    slot("refuses_without_id", "a refusal names no requirement", "ACP-SHIM-11", "acp.document.kind",
         refuse_without_id),
    slot("promises_everything", "would_accept says yes to what compile refuses", "ACP-CONF-12",
         "canary.region.combiner", promise_everything),
    slot("runs_once", "a program runs the first time only", "ACP-CONF-21", "num.same.runs:seed=1", run_once,
         "run 2 gives other bits"),
    slot("mixes_queues", "work beside other work is lost", "ACP-CONF-21", "num.same.concurrent:seed=1",
         mix_queues, "beside other work"),
    slot("refuses_links", "a chain of extensions is refused", "ACP-SHIM-13", "acp.grease.chain:seed=1",
         refuse_links, "is refused"),
    slot("fills_everything", "writes past the part of a struct that it knows", "ACP-SHIM-13",
         "acp.grease.size:seed=1", fill_everything, "was written to"),
    slot("counts_down", "the generation of the state falls", "ACP-CONF-15", "acp.state", count_down),
    stranger("chooses_another_abi", "a version outside the host's range", "ACP-SHIM-1", choose_another_abi),
    stranger("answers_another_struct", "the table is no acp_shim", "ACP-SHIM-2", answer_another_struct),
    stranger("leaves_out_enumerate", "a slot of tier T0 is missing", "ACP-SHIM-3", leave_out_enumerate),
    // Documents.
    slot("publishes_half", "the document's bytes end early", "ACP-WIRE-3", "acp.document.class",
         publish_half),
    slot("publishes_tail", "the document's bytes go on behind it", "ACP-WIRE-7", "acp.document.class",
         publish_tail),
    slot("publishes_long_text", "the document's text is larger than a reader must take", "ACP-TEXT-2",
         "acp.document.class", publish_long_text),
    slot("publishes_garbage", "the document's bytes are none", "ACP-WIRE-2", "acp.document.class",
         publish_garbage),
    slot("publishes_too_much", "the document is larger than a reader must take", "ACP-WIRE-1",
         "acp.document.class", publish_too_much),
    paper("claims_less", "runs an element type that it does not claim", "ACP-CONF-11", "\"i64\",", "",
          "canary.dtype.i64"),
    paper("broken_json", "the document ends early", "ACP-TEXT-1", "\"acp\": 1,", "\"acp\": 1,,"),
    paper("unknown_key", "the document has a key that is none", "ACP-TEXT-3", "\"acp\": 1,",
          "\"acp\": 1, \"speed\": 1,"),
    paper("wrong_type", "a number stands as text", "ACP-TEXT-4", "\"alignment_bytes\": 64",
          "\"alignment_bytes\": \"64\""),
    paper("unknown_word", "a word of the contract is none", "ACP-TEXT-5", "nearest_even", "nearest_odd"),
    paper("newer_schema", "a version that does not exist", "ACP-TEXT-6", "\"acp\": 1,", "\"acp\": 2,"),
    paper("foreign_letters", "a name with a letter outside ASCII", "ACP-DOC-1", "\"stepping\": \"A0\"",
          "\"stepping\": \"\\u00c50\""),
    paper("no_vendor", "the vendor is missing", "ACP-DOC-3", "\"vendor\": \"acp-cep\",", ""),
    paper("odd_alignment", "an alignment that is no power of two", "ACP-DOC-4", "\"alignment_bytes\": 64",
          "\"alignment_bytes\": 48"),
    paper("called_host", "a memory that is called host", "ACP-DOC-5", "\"name\": \"main\"",
          "\"name\": \"host\""),
    paper("link_to_nowhere", "a link to a memory that is not there", "ACP-DOC-6", "\"to\": \"main\"",
          "\"to\": \"moon\""),
    paper("nameless_op", "an operator without a domain", "ACP-DOC-7", "cep:region", "region"),
};

}  // namespace

std::span<const Mutant> mutants() { return kMutants; }

const Mutant* mutant_named(std::string_view name) {
  for (const Mutant& mutant : kMutants) {
    if (mutant.name == name) return &mutant;
  }
  return nullptr;
}

}  // namespace conformance
