// distgraph-jsonl: logical plans as text, one JSON object a line: a header, the reference's tensors and nodes, the plan's.
//
// Version 1 is what exporters of partitioned training graphs write, with the operator names of their framework. Version 2 is the same with
// our own operator names, and with variables and affine values, so that it can hold patterns.
//
// Why      nothing that the writer merely believes is read: hints, parent shapes, stored group orders and names of pieces are passed over.
// Spec     CEP 11.4.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// Reads either version. What it gives is not checked: call check_logical.
//
// Errors   CEP-DIST-1 a line that is not a JSON object; CEP-DIST-2 the header, or counts that are not those of the lines; CEP-DIST-3 an
//          unknown kind of line, or one out of order; CEP-DIST-4 a field missing, twice, of another kind, or out of range; CEP-DIST-5 an id
//          twice, or one that no earlier line of the right kind has; CEP-DIST-6 operators or attributes without a meaning, all of them;
//          CEP-DIST-7 over a limit; CEP-DIST-9 an attribute that contradicts the tensors. Paths name the line: "line 17.out[0]".
// Cost     linear; one line's JSON at a time.
// Spec     CEP 11.4, CEP-DIST-1 to CEP-DIST-7, CEP-DIST-9.
[[nodiscard]] acp::Result<Document> read_distgraph(std::string_view text);

// The same text, compressed with Zstandard; it is never whole in memory.
//
// Errors   CEP-DIST-8 not a Zstandard frame, damaged, cut short, or one that asks for a window over 64 MiB; those of read_distgraph.
// Spec     CEP 11.4, CEP-DIST-8.
[[nodiscard]] acp::Result<Document> read_distgraph_zst(std::span<const std::byte> bytes);

// Version 2. Reading it gives the same document; ids of lines are kept where all differ, and are given anew otherwise.
// The document must be one that check_logical accepts.
[[nodiscard]] std::string write_distgraph(const Document& document);

}  // namespace cep::logical
