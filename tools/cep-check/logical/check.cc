#include "tools/cep-check/logical/check.h"

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

acp::Status check(const cep::logical::Document& document, const cep::logical::LogicalCertificate& certificate,
                  const acp::Digest& digest) {
  if (certificate.document != digest)
    return acp::invalid("CEP-LCHK-1", "document", "the certificate is of another document");
  try {
    const Reference reference(document.reference, certificate);
    Facts facts(document, certificate, reference);
    PlanCheck(document, certificate, reference, facts).check();
  } catch (Refusal& refusal) {
    return std::move(refusal.error);
  }
  return acp::ok();
}

}  // namespace cep_check::logical
