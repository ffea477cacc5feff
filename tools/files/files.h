// Files: workloads, plans, certificates and ACP documents as they lie on disk, whichever of their two forms they have.
//
// A binary form is known by its first bytes (CEP 9); a plan that begins with "cep-plan 1" is plan text, a workload that begins
// with a brace is workload JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "acp/result.h"
#include "cep/certificate.h"

namespace tools {

// Errors   environment: cannot be read; CEP-WIRE-n, CEP-JSON-n, CEP-GRAPH-n with the file as path's beginning.
// Spec     CEP 9, CEP 2.5.
[[nodiscard]] acp::Result<cep::Workload> read_workload(const std::string& file);
// The same of what was read from the file: a pipe can be read once.
//
// Errors   CEP-WIRE-n, CEP-JSON-n, CEP-GRAPH-n with the file as path's beginning.
// Spec     CEP 9, CEP 2.5.
[[nodiscard]] acp::Result<cep::Workload> workload_in(std::span<const std::byte> bytes,
                                                     const std::string& file);
// Errors   environment; CEP-WIRE-n, CEP-TEXT-n.
// Spec     CEP 9, CEP 5.6.
[[nodiscard]] acp::Result<cep::Plan> read_plan(const std::string& file, const cep::Workload& workload);
// Errors   environment; CEP-WIRE-n.
// Spec     CEP 9.
[[nodiscard]] acp::Result<cep::Certificate> read_certificate(const std::string& file);

// The document of every device of the plan, found by digest among the *.acp and *.json files of a folder; an empty folder name
// means the one the plan lies in.
//
// Errors   environment: the folder, or every document, is not there; CEP-CHECK-1 a document of the plan is not among those that are.
// Spec     CEP 7.1.
[[nodiscard]] acp::Result<cep::Context> read_context(const cep::Plan& plan, const std::string& plan_file,
                                                     const std::string& folder);

// A frame's head, and 2^26 words.
inline constexpr std::uint64_t kMaxWireBytes = 16 + (std::uint64_t{8} << 26);

// Writes the wire form of a workload, a plan or a certificate, unless it is one that no reader takes.
//
// Errors   CEP-WIRE-5 over 2^26 words; environment: it cannot be written.
// Spec     CEP 9.1, CEP-WIRE-5.
[[nodiscard]] acp::Status write_wire(const std::string& file, std::span<const std::byte> bytes);

// Input that cannot be used is a fault of the command line's user, whatever is wrong with it: malformed.
[[nodiscard]] acp::Error unusable(acp::Error error);

}  // namespace tools
