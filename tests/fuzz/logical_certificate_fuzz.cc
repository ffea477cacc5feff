// Any bytes as the certificate of a logical plan: nothing crashes, what is read encodes to the bytes it came from, and the checker accepts none
// of a plan that is wrong.
//
// A certificate says by its digest which plan it is of: those of the reject corpus, right and wrong, as they are and written out, and mutants of
// the right ones that deliver something else when they are run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "cep/equivalence.h"
#include "cep/expand.h"
#include "cep/logical_text.h"
#include "fuzz/certificates.h"
#include "replay/run.h"
#include "soundness/logical/plan_mutations.h"
#include "tools/cep-check/logical/check.h"

namespace {

using namespace cep::logical;

struct Subject {
  Document document;
  LogicalCertificate certificate;  // the prover's; of a wrong plan that of its right twin
  bool right = false;
};

class Subjects : public fuzz::ByDigest<Subject> {
 public:
  Subjects() {
    fuzz::for_each_case([&](const auto& /*entry*/, const auto& read) {
      if (const auto* both = std::get_if<conformance::reject::Logical>(&read.of))
        add_both(both->twin, both->plan);
    });
    ACP_ASSERT(size() > 100);
  }

 private:
  // Right plans are what the prover proves; the corpus' tests run them.
  std::optional<LogicalCertificate> add_right(const Document& document) {
    if (!check_logical(document)) return std::nullopt;
    auto verdict = certify(document, digest(document));
    ACP_ASSERT(std::holds_alternative<Certified>(verdict));
    LogicalCertificate made = std::move(std::get<Certified>(verdict).certificate);
    add(made.document, {document, made, true});
    return made;
  }
  void add_wrong(const Document& document, LogicalCertificate certificate) {
    if (!check_logical(document)) return;
    certificate.document = digest(document);
    add(certificate.document, {document, certificate, false});
  }
  void add_both(const Document& twin, const Document& plan) {
    const auto whole = add_right(twin);
    ACP_ASSERT(whole.has_value());
    add_wrong(plan, *whole);
    const auto expanded = expand(twin);
    ACP_ASSERT(expanded.has_value());
    const auto ranks = add_right(*expanded);
    if (!ranks) return;
    if (const auto wrong = expand(plan)) add_wrong(*wrong, *ranks);
    oracle::Random random(size());
    for (int tries = 0; tries < 4; ++tries) {
      Document changed = *expanded;
      if (!oracle::mutate(changed, random).empty() && check_logical(changed) &&
          !oracle::disagreements(changed, 1).empty()) {
        add_wrong(changed, *ranks);
      }
    }
  }
};

const Subjects& subjects() {
  static const Subjects all;
  return all;
}

// Many facts share pieces, and many pieces begins and a pattern. Here one fact gets its own, those of another one, or both.
void detach(LogicalCertificate& c, fuzz::Random& random) {
  if (c.facts.empty()) return;
  std::vector<LogicalCertificate::Piece> own;
  const auto add = [&](const LogicalCertificate::Fact& fact) {
    const std::size_t all = c.pieces.size(), first = std::min<std::size_t>(fact.first_piece, all);
    const std::size_t count = std::min<std::size_t>({fact.pieces, all - first, 64});
    own.insert(own.end(), c.pieces.begin() + static_cast<std::ptrdiff_t>(first),
               c.pieces.begin() + static_cast<std::ptrdiff_t>(first + count));
  };
  LogicalCertificate::Fact& fact = c.facts[random() % c.facts.size()];
  const auto which = random() % 3;
  if (which != 0) add(fact);
  if (which != 1) add(c.facts[random() % c.facts.size()]);
  for (LogicalCertificate::Piece& piece : own) {
    if (piece.pattern >= c.patterns.size()) continue;
    const std::size_t axes = c.patterns[piece.pattern].sizes.size();
    if (piece.first_begin > c.begins.size() || axes > c.begins.size() - piece.first_begin) continue;
    const std::vector begins(c.begins.begin() + piece.first_begin,
                             c.begins.begin() + static_cast<std::ptrdiff_t>(piece.first_begin + axes));
    piece.first_begin = static_cast<std::uint32_t>(c.begins.size());
    c.begins.insert(c.begins.end(), begins.begin(), begins.end());
    if (random() % 2 == 0) {
      c.patterns.push_back(LogicalCertificate::Pattern(c.patterns[piece.pattern]));
      piece.pattern = static_cast<Id>(c.patterns.size() - 1);
    }
  }
  fact = {static_cast<std::uint32_t>(c.pieces.size()), static_cast<std::uint32_t>(own.size())};
  c.pieces.insert(c.pieces.end(), own.begin(), own.end());
}

void change(LogicalCertificate& c, fuzz::Random& random) {
  if (random() % 32 == 0) {
    c.document = subjects().any(random).certificate.document;
    return;
  }
  if (random() % 4 == 0) return detach(c, random);
  fuzz::OneChange one(random);
  one.list(c.values);
  for (auto& value : c.values) {
    one.numbers(value.tensor, value.coordinates, value.apart);
    one.all(value.extents);
    one.list(value.parts);
    for (auto& part : value.parts) {
      one.numbers(part.operand, part.value);
      one.all(part.dims);
    }
  }
  one.list(c.views);
  for (auto& view : c.views) {
    one.numbers(view.value, view.numerator, view.denominator);
    one.all(view.dims);
  }
  one.all(c.linears);
  one.list(c.patterns);
  for (auto& pattern : c.patterns) {
    one.numbers(pattern.value, pattern.numerator, pattern.denominator);
    one.all(pattern.sizes);
    one.all(pattern.dims);
  }
  one.list(c.begins);
  for (auto& begin : c.begins) one.numbers(begin.constant, begin.linear);
  one.list(c.pieces);
  for (auto& piece : c.pieces) one.numbers(piece.pattern, piece.first_begin);
  one.list(c.facts);
  for (auto& fact : c.facts) one.numbers(fact.first_piece, fact.pieces);
  one.all(c.repeats);
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
  const auto start = [](fuzz::Random& random) { return subjects().any(random).certificate; };
  return fuzz::mutate(data, size, max_size, seed, decode_logical_certificate, start, change);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = fuzz::read_back(data, size, decode_logical_certificate);
  if (!certificate) return 0;
  const Subject* subject = subjects().of(certificate->document);
  if (subject == nullptr) return 0;
  const acp::Status status =
      cep_check::logical::check(subject->document, *certificate, certificate->document);
  ACP_ASSERT(status || status.error().requirement.starts_with("CEP-LCHK-"));
  if (status && !subject->right) {
    std::fprintf(stderr, "accepted:\n%s", to_text(subject->document).c_str());
    for (Id id = 0; id < certificate->facts.size(); ++id)
      std::fprintf(stderr, "%u: %s\n", id, describe(subject->document, *certificate, id).c_str());
    std::abort();
  }
  return 0;
}
