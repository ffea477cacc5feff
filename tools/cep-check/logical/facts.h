// What the certificate says the tensors of the plan hold.
#pragma once

#include "tools/cep-check/logical/reference.h"

namespace cep_check::logical {

class Facts {
 public:
  // Checks that every fact fits its tensor. Throws Refusal.
  Facts(const lp::Document& document, const lp::LogicalCertificate& certificate, const Reference& reference);

  // Of one piece, as most facts are. Null where there are more.
  struct Single {
    const Piece* kind = nullptr;  // begins left out
    const Begin* begins = nullptr;
    Id pattern = kNone;
  };
  [[nodiscard]] Single single(Id tensor) const {
    const auto all = listed(tensor);
    if (all.size() != 1) return {};
    return {&kinds_[all[0].pattern], begins_.data() + all[0].first_begin, all[0].pattern};
  }
  [[nodiscard]] Pieces pieces(Id tensor) const;
  [[nodiscard]] bool equal(Id a, Id b) const;  // as written: false does not say that they differ
  [[nodiscard]] Linears& linears() { return linears_; }

 private:
  [[nodiscard]] std::span<const lp::LogicalCertificate::Piece> listed(Id tensor) const {
    const auto& fact = certificate_.facts[tensor];
    return std::span(certificate_.pieces).subspan(fact.first_piece, fact.pieces);
  }
  void check_fact(const lp::Program& plan, Id tensor, const Reference& reference);

  const lp::LogicalCertificate& certificate_;
  Linears linears_;
  std::vector<Begin>
      begins_;  // with numbers of linears_; kNone: of more digits than there are, not to be used
  std::vector<Piece> kinds_;  // per pattern
  std::vector<Id> shape_;     // per pattern: one it fits
};

}  // namespace cep_check::logical
