#include "conformance/mutants/wrap.h"

#include <memory>

#include "acp/text.h"
#include "conformance/mutants/rewrites.h"

namespace conformance {
namespace {

template <auto kSlot>
struct Forward;
template <typename Value, typename... Arguments, Value (*acp_shim::*kSlot)(void*, Arguments...)>
struct Forward<kSlot> {
  static Value call(void* self, Arguments... arguments) {
    const acp_shim& inner = wrapped(self).inner;
    return (inner.*kSlot)(inner.self, arguments...);
  }
};

template <auto... kSlots>
void forward(acp_shim& out, const acp_shim& inner) {
  ((out.*kSlots = inner.*kSlots != nullptr ? Forward<kSlots>::call : nullptr), ...);
}

bool is_refused_as(const acp_status& status, std::string_view id) { return status.requirement == id; }

// y[i] = x[i]: what a forgiving compile makes of a program that must be refused.
cep::Region stand_in() {
  cep::RegionBuilder r;
  const auto x = r.input({cep::Dtype::kF32, {1}}), y = r.output({cep::Dtype::kF32, {1}});
  r.begin_nest({1}, {});
  r.write(y, r.iters(), r.arg(r.read(x, r.iters())));
  r.end_nest();
  return std::move(r).finish();
}

std::uint16_t forgiving_compile(void* self, std::uint32_t device, const acp_region* region,
                                acp_executable** out, acp_status* status) {
  const Wrapped& shim = wrapped(self);
  acp_status refused = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const std::uint16_t family = shim.inner.compile(shim.inner.self, device, region, out, &refused);
  if (family != ACP_OK && is_refused_as(refused, shim.mutant->forgives)) {
    const cep::Region other = stand_in();
    const acp_region view = other.view();
    return shim.inner.compile(shim.inner.self, device, &view, out, status);
  }
  if (family != ACP_OK) *status = refused;
  return family;
}

std::uint16_t forgiving_answer(void* self, std::uint32_t device, const acp_region* region, acp_answer* out,
                               acp_status* status) {
  const Wrapped& shim = wrapped(self);
  const std::uint16_t family = shim.inner.would_accept(shim.inner.self, device, region, out, status);
  if (is_refused_as(*status, shim.mutant->forgives)) out->accepted = 1;
  return family;
}

// A program that is refused anyway goes through as it is: its arrays can't be trusted.
std::uint16_t rewriting_compile(void* self, std::uint32_t device, const acp_region* region,
                                acp_executable** out, acp_status* status) {
  const Wrapped& shim = wrapped(self);
  acp_answer answer = ACP_STRUCT(acp_answer, ACP_TYPE_ANSWER);
  acp_status ignored = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const std::uint16_t family = shim.inner.would_accept(shim.inner.self, device, region, &answer, &ignored);
  if (family != ACP_OK || answer.accepted == 0)
    return shim.inner.compile(shim.inner.self, device, region, out, status);
  cep::Region wrong = copy_of(*region);
  shim.mutant->rewrite(wrong);
  const acp_region view = wrong.view();
  return shim.inner.compile(shim.inner.self, device, &view, out, status);
}

std::uint16_t other_document(void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                             acp_status* status) {
  const Wrapped& shim = wrapped(self);
  const std::uint16_t family = shim.inner.get_document(shim.inner.self, device, kind, out, status);
  if (family != ACP_OK) return family;
  out->encoding = ACP_ENCODING_JSON;
  out->data = shim.document.data();
  out->size_bytes = shim.document.size();
  return family;
}

// The document of device 0 with the mutant's words in it. The words must be there: a mutant that changes nothing is none.
acp::Result<std::string> document_of(const acp::Shim& shim, const Mutant& mutant) {
  ACP_TRY(const acp::Device device, shim.device(0));
  ACP_TRY(const acp::Class document, device.class_document());
  std::string text = acp::to_json(document);
  const auto& [from, to] = mutant.document;
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    return acp::environment(std::string(mutant.name), "the document lacks its words");
  return text.replace(at, from.size(), to);
}

}  // namespace

acp_shim forwarding(Wrapped& shim) {
  acp_shim slots = shim.inner;
  slots.self = &shim;
  forward<&acp_shim::enumerate, &acp_shim::get_document, &acp_shim::release, &acp_shim::get_state,
          &acp_shim::would_accept, &acp_shim::memory_alloc, &acp_shim::memory_free, &acp_shim::memory_write,
          &acp_shim::memory_read, &acp_shim::compile, &acp_shim::executable_free, &acp_shim::queue_create,
          &acp_shim::queue_free, &acp_shim::queue_submit, &acp_shim::queue_status, &acp_shim::queue_reset,
          &acp_shim::timeline_create, &acp_shim::timeline_free, &acp_shim::timeline_signal,
          &acp_shim::timeline_query, &acp_shim::timeline_wait>(slots, shim.inner);
  return slots;
}

Testee mutated(const Testee& base, const Mutant& mutant) {
  const auto kept = std::make_shared<Wrapped>();
  const auto open = [base, kept, mutant = &mutant]() -> acp::Result<acp::Shim> {
    if (mutant->negotiate != nullptr) return acp::Shim::negotiate(mutant->negotiate);
    ACP_TRY(const acp::Shim right, base.open());
    kept->inner = right.slots();
    kept->mutant = mutant;
    acp_shim slots = forwarding(*kept);
    if (mutant->replace != nullptr) mutant->replace(slots);
    if (mutant->rewrite != nullptr) slots.compile = rewriting_compile;
    if (!mutant->forgives.empty()) {
      slots.compile = forgiving_compile;
      slots.would_accept = forgiving_answer;
    }
    if (!mutant->document.first.empty()) {
      ACP_TRY(kept->document, document_of(right, *mutant));
      slots.get_document = other_document;
    }
    return right.with_slots(slots);
  };
  return {base.name + " --mutant " + std::string(mutant.name), open, base.ending};
}

}  // namespace conformance
