// Plans for devices, as the readers that verify, check and run them have them.
#pragma once

#include "cep/certificate.h"
#include "conformance/cep/readers.h"

namespace conformance::documents {

struct Planned {
  cep::Workload workload;
  cep::Plan plan;
  cep::Context context;
};

// The workload and the plan, as text or as bytes; without documents.
//
// Errors   those of the readers of both.
// Spec     CEP 2.5, CEP 5.6, CEP 9.
[[nodiscard]] acp::Result<Planned> read_planned(const Files& files);

// The certificate of a plan that is right.
//
// Errors   malformed: it is not proved.
// Spec     CEP 7.1.
[[nodiscard]] acp::Result<cep::Certificate> certificate_of(const Planned& proved);

// The digests in the certificate become those of what it is put beside: it is made out to that.
void make_out(cep::Certificate& certificate, const Planned& given);

}  // namespace conformance::documents
