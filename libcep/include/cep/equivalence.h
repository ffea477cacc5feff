// Proves that a logical plan computes what its reference computes, over the reals, for all inputs; or says where it stops following.
//
// The plan is run once, abstractly. A tensor of the plan is known as a sum of terms, each a box of a value of the reference, possibly
// only a part of the sum that makes that value. Where an operator is applied to operands that a node of the reference takes as well,
// the result is that node's; nothing else is believed, and nothing that the plan says about itself is read.
//
// Spec     CEP 11.5 (the calculus), 11.6 (what is proved).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cep/logical.h"
#include "cep/logical_certificate.h"

namespace cep::logical {

// A sum of the reference that the plan adds up in another order.
struct Reassociation {
  std::uint32_t source = 0;  // reference tensor, as the file knows it
  std::string name;          // of the operator that makes it
  std::int64_t pieces = 0;   // the most pieces that were joined at once
};

struct Proved {
  std::int64_t delivered = 0;  // boxes of outputs, each compared
  // Over the reals. Without any entry no sum is split: every operator is applied to whole reductions.
  std::vector<Reassociation> reassociations;
  std::vector<std::string>
      discontinuous;  // operators behind a reassociated value that can jump: top-k, comparison
  // What the meaning of operators and communications leaves open; where a sum is split, the order in which a collective adds.
  std::vector<std::string> assumptions;
  std::size_t patterns = 0;   // distinct kinds of fact: what had to be reasoned about
  std::size_t transfers = 0;  // distinct applications of an operator; every other step repeats one
};
struct NotProved {
  Finding finding;  // the first
};
using EquivalenceVerdict = std::variant<Proved, NotProved>;

// A proof once find_other_order() (cep/tree_order.h) has found nothing: tree order is among its assumptions, in place of an order that is
// not said, and no operator jumps.
// Spec     CEP 11.10.
[[nodiscard]] Proved in_tree_order(Proved proved);

// Requires check_logical() to have accepted the document.
// Errors   in the verdict: CEP-EQV-1 no node of the reference takes these operands; CEP-EQV-2 a pending sum, or an unnamed one, meets an
//          operator that needs the value; CEP-EQV-3 operands hold different pieces of one dimension; CEP-EQV-4 a window attribute differs
//          from the piece; CEP-EQV-5 what the members of a communication hold does not fit together; CEP-EQV-6 a shape or an element type
//          that is not what the operator makes; CEP-EQV-7 a delivered value is not the output's; CEP-EQV-8 an output is not delivered
//          whole, or an element twice; CEP-EQV-9 a view that cannot be followed; CEP-EQV-10 the reference has an operator without a rule.
// Cost     linear in lines; a hash and a few comparisons each.
// Spec     CEP 11.5.
[[nodiscard]] EquivalenceVerdict prove(const Document& document);

// A verdict, and the facts it was reached by.
// Lifetime  refers to the document, which must stay where it is.
class Proof {
 public:
  // As prove().
  explicit Proof(const Document& document);
  Proof(Proof&&) noexcept;
  Proof& operator=(Proof&&) noexcept;
  ~Proof();
  [[nodiscard]] const EquivalenceVerdict& verdict() const { return verdict_; }
  // Requires that the verdict is Proved. `document_digest` is digest(document), computed by the caller.
  // Cost     linear in lines; nothing is proved again.
  // Spec     CEP 11.8.
  [[nodiscard]] LogicalCertificate certificate(const acp::Digest& document_digest) const;

 private:
  struct Run;
  std::unique_ptr<Run> run_;  // null: the reference could not be read
  EquivalenceVerdict verdict_;
};

struct Certified {
  Proved proved;
  LogicalCertificate certificate;
};
// Both at once.
// Errors   those of prove(), as the finding's id.
// Spec     CEP 11.8.
[[nodiscard]] std::variant<Certified, NotProved> certify(const Document& document,
                                                         const acp::Digest& document_digest);

// What a tensor of the plan holds, in words. Only for a certificate of this very document, from certify().
[[nodiscard]] std::string describe(const Document& document, const LogicalCertificate& certificate,
                                   Id tensor);

}  // namespace cep::logical
