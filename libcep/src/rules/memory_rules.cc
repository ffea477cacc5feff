// Bytes and order. Ranges are half-open.
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule memory_disjoint() {
  RuleBuilder r("memory.disjoint",
                "Two byte ranges, one ending where or before the other begins, share no byte.");
  auto [a_lo, a_hi, b_lo, b_hi] = r.inputs<4>({"a_lo", "a_hi", "b_lo", "b_hi"});
  r.guard("apart", any_of({a_hi <= b_lo, b_hi <= a_lo}));
  auto byte = r.variable("byte");
  r.conclusion("no_shared_byte", negated(all_of({inside(byte, a_lo, a_hi), inside(byte, b_lo, b_hi)})));
  return std::move(r).finish();
}

Rule order_before() {
  RuleBuilder r("order.before",
                "A step that knows event `seen` of a queue to be over also comes after every event up to it: "
                "queues run in order.");
  auto [event, seen] = r.inputs<2>({"event", "seen"});
  r.guard("not_later", event <= seen);
  auto event_end = r.variable("event_end");
  auto seen_end = r.variable("seen_end");
  auto step_start = r.variable("step_start");
  r.hypothesis("queue_in_order", implies(event <= seen, event_end <= seen_end));
  r.hypothesis("seen_is_over", seen_end <= step_start);
  r.conclusion("before", event_end <= step_start);
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> memory_rules() { return {memory_disjoint(), order_before()}; }

}  // namespace cep
