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
    const lp::LogicalCertificate::Begin* begins = nullptr;
  };
  [[nodiscard]] Single single(Id tensor) const;
  [[nodiscard]] Begin begin(const lp::LogicalCertificate::Begin& begin) const {
    return {begin.constant, linear_[begin.linear]};
  }
  [[nodiscard]] Pieces pieces(Id tensor) const;
  [[nodiscard]] bool equal(Id a, Id b) const;  // as written: false does not say that they differ
  [[nodiscard]] Linears& linears() { return linears_; }

 private:
  void check_pattern(std::size_t pattern, const Reference& reference);
  void check_fact(const lp::Program& plan, Id tensor, const Reference& reference) const;

  const lp::LogicalCertificate& certificate_;
  Linears linears_;
  std::vector<std::uint32_t> linear_;  // of the certificate's number
  std::vector<Piece> kinds_;           // per pattern
};

}  // namespace cep_check::logical
