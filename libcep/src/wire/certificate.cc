// Certificates on the wire, and how one is made from a proof.
#include "cep/certificate.h"

#include "wire/fields.h"

namespace cep {
namespace wire {
namespace {

static_assert(static_cast<int>(schema::PartKind::CONSTANT) == static_cast<int>(Part::Kind::kConstant));

// Reasons why a guarantee was lowered, and contracts, are sentences.
constexpr std::size_t kMaxSentenceBytes = 4096;

// SumState counts from one, as every enum on the wire.
schema::SumState wire_state(Part::State state) {
  return static_cast<schema::SumState>(static_cast<std::uint16_t>(state) + 1);
}

Part::State read_state(schema::SumState state) {
  const auto number = static_cast<std::uint16_t>(state);
  require_value(number >= 1 && number <= static_cast<std::uint16_t>(schema::SumState::TREE_NODE),
                "an unknown number of an enum");
  return static_cast<Part::State>(number - 1);
}

// ---- Writing ----

void write_fact(schema::Fact::Builder out, const Fact& fact) {
  write_slice(out.initSlice(), fact.slice);
  out.setKind(wire_enum<schema::PartKind>(fact.part.kind));
  out.setState(wire_state(fact.part.state));
  out.setHasInit(fact.part.has_init);
  write_list(fact.part.ranges, [&](unsigned n) { return out.initRanges(n); }, write_range);
  out.setSpan(fact.part.span);
  out.setPosition(fact.part.position);
  out.setBits(fact.part.bits);
  out.setGrade(wire_enum<schema::Grade>(fact.grade));
  out.setStep(fact.step);
}

template <typename Init>
void write_positions(const std::vector<std::vector<std::uint32_t>>& lists, Init init) {
  if (lists.empty()) return;
  auto outer = init(static_cast<unsigned>(lists.size()));
  for (unsigned i = 0; i < lists.size(); ++i) {
    write_numbers(lists[i], [&](unsigned n) { return outer.init(i, n); });
  }
}

void write_proof(schema::Certificate::Builder out, const Proved& proof) {
  out.setGuarantee(wire_enum<schema::Grade>(proof.guarantee));
  write_list(
      proof.outputs, [&](unsigned n) { return out.initOutputs(n); },
      [](schema::OutputGuarantee::Builder to, const OutputGuarantee& output) {
        write_text(output.tensor, [&](auto text) { to.setTensor(text); });
        to.setGrade(wire_enum<schema::Grade>(output.grade));
      });
  write_list(
      proof.assumptions, [&](unsigned n) { return out.initAssumptions(n); },
      [](schema::Assumption::Builder to, const Assumption& assumption) {
        write_text(assumption.device, [&](auto text) { to.setDevice(text); });
        write_digest(assumption.document, [&](auto data) { to.setDocument(data); });
        write_text(assumption.contract, [&](auto text) { to.setContract(text); });
      });
  if (!proof.lowered_by.empty()) {
    auto list = out.initLoweredBy(static_cast<unsigned>(proof.lowered_by.size()));
    for (unsigned i = 0; i < proof.lowered_by.size(); ++i) {
      write_text(proof.lowered_by[i], [&](auto text) { list.set(i, text); });
    }
  }
  write_numbers(proof.order, [&](unsigned n) { return out.initOrder(n); });
  write_list(proof.facts, [&](unsigned n) { return out.initFacts(n); }, write_fact);
  write_positions(proof.used, [&](unsigned n) { return out.initUsed(n); });
  write_positions(proof.made, [&](unsigned n) { return out.initMade(n); });
  write_numbers(proof.output_facts, [&](unsigned n) { return out.initOutputFacts(n); });
}

void write_certificate(schema::Certificate::Builder out, const Certificate& certificate) {
  write_digest(certificate.workload, [&](auto data) { out.setWorkload(data); });
  write_digest(certificate.plan, [&](auto data) { out.setPlan(data); });
  write_digest(certificate.rules, [&](auto data) { out.setRules(data); });
  if (!certificate.documents.empty()) {
    auto list = out.initDocuments(static_cast<unsigned>(certificate.documents.size()));
    for (unsigned i = 0; i < certificate.documents.size(); ++i) {
      write_digest(certificate.documents[i], [&](auto data) { list.set(i, data); });
    }
  }
  write_proof(out, certificate.proof);
}

// ---- Reading ----

Fact read_fact(schema::Fact::Reader fact) {
  return {.slice = read_slice(fact.getSlice()),
          .part = {.kind = read_enum(fact.getKind(), Part::Kind::kWhole, Part::Kind::kConstant),
                   .state = read_state(fact.getState()),
                   .has_init = fact.getHasInit(),
                   .ranges = read_list("ranges", fact.getRanges(), read_range),
                   .span = read_magnitude(fact.getSpan()),
                   .position = read_magnitude(fact.getPosition()),
                   .bits = fact.getBits()},
          .grade = read_grade(fact.getGrade()),
          .step = fact.getStep()};
}

std::vector<std::vector<std::uint32_t>> read_positions(
    std::string_view name, capnp::List<capnp::List<std::uint32_t>>::Reader lists) {
  return read_list(name, lists,
                   [](capnp::List<std::uint32_t>::Reader list) { return read_numbers<std::uint32_t>(list); });
}

Proved read_proof(schema::Certificate::Reader certificate) {
  Proved proof;
  proof.guarantee = read_grade(certificate.getGuarantee());
  proof.outputs = read_list("outputs", certificate.getOutputs(), [](schema::OutputGuarantee::Reader output) {
    return OutputGuarantee{read_text(output.getTensor()), read_grade(output.getGrade())};
  });
  proof.assumptions =
      read_list("assumptions", certificate.getAssumptions(), [](schema::Assumption::Reader assumption) {
        return Assumption{read_text(assumption.getDevice()), read_digest(assumption.getDocument()),
                          read_text(assumption.getContract(), kMaxSentenceBytes)};
      });
  proof.lowered_by = read_list("loweredBy", certificate.getLoweredBy(),
                               [](capnp::Text::Reader text) { return read_text(text, kMaxSentenceBytes); });
  proof.order = read_numbers<std::uint32_t>(certificate.getOrder());
  proof.facts = read_list("facts", certificate.getFacts(), read_fact);
  proof.used = read_positions("used", certificate.getUsed());
  proof.made = read_positions("made", certificate.getMade());
  proof.output_facts = read_numbers<std::uint32_t>(certificate.getOutputFacts());
  return proof;
}

Certificate read_certificate(schema::Certificate::Reader certificate) {
  return {.workload = read_digest(certificate.getWorkload()),
          .plan = read_digest(certificate.getPlan()),
          .rules = read_digest(certificate.getRules()),
          .documents = read_list("documents", certificate.getDocuments(), read_digest),
          .proof = read_proof(certificate)};
}

}  // namespace
}  // namespace wire

Certificate certify(const Workload& workload, const Plan& plan, const Context& context, Proved proof) {
  Certificate certificate;
  certificate.workload = digest_of(workload);
  certificate.plan = digest_of(plan);
  certificate.rules = digest_of_rules();
  certificate.documents = context.digests;
  certificate.proof = std::move(proof);
  return certificate;
}

std::vector<std::byte> encode(const Certificate& certificate) {
  return wire::encode_frame<schema::Certificate>(
      wire::kCertificateMagic,
      [&](schema::Certificate::Builder root) { wire::write_certificate(root, certificate); });
}

acp::Result<Certificate> decode_certificate(std::span<const std::byte> bytes) {
  return wire::decode_frame<schema::Certificate>(wire::kCertificateMagic, bytes, wire::read_certificate,
                                                 [](const Certificate& value) { return encode(value); });
}

}  // namespace cep
