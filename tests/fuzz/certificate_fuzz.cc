// Any bytes as the certificate of a plan: nothing crashes, what is read encodes to the bytes it came from, and the checker accepts none of a
// plan that is wrong.
//
// A certificate says by its digest which plan it is of: those of the reject corpus, right and wrong.
#include <cstddef>
#include <cstdint>

#include "fuzz/certificates.h"
#include "tools/cep_check/certified.h"

namespace {

using cep::Certificate;
using cep::support::Certified;

struct Subject {
  Certified
      of;  // a wrong plan's certificate is what a verifier would sign that lacks the condition it breaks
  bool right = false;
};

class Subjects : public fuzz::ByDigest<Subject> {
 public:
  Subjects() {
    fuzz::for_each_case([&](const auto& entry, const auto& read) {
      const auto* physical = std::get_if<conformance::reject::Physical>(&read.of);
      if (physical == nullptr) return;
      add_certified(physical->workload, physical->twin, "");
      add_certified(physical->workload, physical->plan, entry.condition);
    });
    ACP_ASSERT(size() > 20);
  }

 private:
  void add_certified(const cep::Workload& workload, const cep::Plan& plan, std::string_view broken) {
    Subject made{cep::support::bound(workload, plan), broken.empty()};
    for (const cep::Condition condition : cep::support::kSwitchable) {
      cep::VerifyOptions options;
      if (!made.right) options.without.insert(condition);
      auto verdict = verify(made.of.workload, made.of.plan, made.of.context, options);
      auto* proof = std::get_if<cep::Proved>(&verdict);
      if (proof == nullptr) continue;
      made.of.certificate = certify(made.of.workload, made.of.plan, made.of.context, std::move(*proof));
      add(made.of.certificate.plan, made);
      return;
    }
    ACP_ASSERT(broken == condition_name(cep::Condition::kWellFormed));
  }
};

const Subjects& subjects() {
  static const Subjects all;
  return all;
}

void show(fuzz::OneChange& one, cep::Fact& fact) {
  one.numbers(fact.slice.tensor, fact.slice.view.buffer, fact.slice.view.offset_bytes);
  one.all(fact.slice.box.lo);
  one.all(fact.slice.box.hi);
  one.all(fact.slice.view.dims);
  one.all(fact.slice.view.strides);
  one.choice(fact.part.kind, {cep::Part::Kind::kWhole, cep::Part::Kind::kSum, cep::Part::Kind::kConstant});
  one.choice(fact.part.state,
             {cep::Part::State::kUnordered, cep::Part::State::kPrefix, cep::Part::State::kTreeNode});
  one.choice(fact.part.has_init, {false, true});
  one.list(fact.part.ranges);
  for (cep::KRange& range : fact.part.ranges) one.numbers(range.begin, range.end);
  one.numbers(fact.part.span, fact.part.position, fact.part.bits, fact.step);
  one.choice(fact.grade, {cep::Grade::kReal, cep::Grade::kBitwise});
}

void change(Certificate& certificate, fuzz::Random& random) {
  const Subject& other = subjects().any(random);
  if (random() % 32 == 0) {
    cep::Proved proof = std::move(certificate.proof);
    certificate = other.of.certificate;
    certificate.proof = std::move(proof);
    return;
  }
  fuzz::OneChange one(random);
  cep::Proved& proof = certificate.proof;
  one.choice(proof.guarantee, {cep::Grade::kReal, cep::Grade::kBitwise});
  one.list(proof.outputs);
  for (cep::OutputGuarantee& output : proof.outputs)
    one.choice(output.grade, {cep::Grade::kReal, cep::Grade::kBitwise});
  one.list(proof.assumptions);
  for (cep::Assumption& assumption : proof.assumptions) {
    one.choice(assumption.document,
               {other.of.certificate.documents[0],
                certificate.documents.empty() ? acp::Digest{} : certificate.documents.back()});
  }
  one.list(proof.lowered_by);
  one.all(proof.order);
  one.list(proof.facts);
  for (cep::Fact& fact : proof.facts) show(one, fact);
  one.all(proof.used);
  one.all(proof.made);
  one.all(proof.output_facts);
  one.make();
}

}  // namespace

// Reading takes longer than an input may.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  (void)subjects();
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const auto start = [](fuzz::Random& random) { return subjects().any(random).of.certificate; };
  return fuzz::mutate(data, size, max_size, seed, cep::decode_certificate, start, change);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = fuzz::read_back(data, size, cep::decode_certificate);
  if (!certificate) return 0;
  const Subject* subject = subjects().of(certificate->plan);
  if (subject == nullptr) return 0;
  const acp::Status status =
      cep_check::check(subject->of.workload, subject->of.plan, *certificate, subject->of.context);
  ACP_ASSERT(!status || subject->right);
  return 0;
}
