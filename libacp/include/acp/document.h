// ACP documents as plain values: Class (what one product stepping is) and Instance (this very unit of it).
//
// A document is written once, signed as bytes (acp/envelope.h) and named by the digest of those bytes. Its
// two forms are the wire form (FlatBuffers, acp/wire.h) and the text form (JSON, acp/text.h); both carry
// exactly the fields below and both readers hand out only values that check() accepts. Absent means unknown;
// an empty list means "none stated".
//
// Spec     ACP 1, ACP-DOC-1 to ACP-DOC-8.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"

namespace acp {

// The version of the document schema this library writes, and the newest that it reads.
inline constexpr std::uint32_t kDocumentVersion = 1;

// The end of a link that is not a memory of the device: the memory of the process that loaded the shim.
inline constexpr std::string_view kHostMemory = "host";

// The operator name of a row that takes any region program (acp/region.h), whatever operator it came from.
inline constexpr std::string_view kRegionOp = "cep:region";

// Who reads a document. An extension says for which of them ignoring it would be wrong.
enum class Role : std::uint8_t { kUnknown, kPartitioner, kCompiler, kVerifier, kScheduler, kOperator };

struct Extension {
  std::string name;                // a URI; its owner defines the payload
  std::vector<Role> critical_for;  // these readers refuse the enclosing object when they do not know `name`
  std::vector<std::byte> payload;
  bool operator==(const Extension&) const = default;
};

struct Identity {
  std::string vendor;
  std::string product;
  std::string stepping;  // of the silicon, or of the model
  std::string version;   // of the software that drives it
  bool operator==(const Identity&) const = default;
};

struct MemorySpace {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::uint64_t alignment_bytes = 0;  // of every allocation; a power of two
  bool operator==(const MemorySpace&) const = default;
};

// A copy from one memory to another that the device can do. Directed.
struct Link {
  std::string from;  // a memory of this document, or kHostMemory
  std::string to;
  bool operator==(const Link&) const = default;
};

struct QueueGroup {
  std::string name;
  std::uint32_t count = 0;  // how many queues of this kind run at the same time
  bool operator==(const QueueGroup&) const = default;
};

enum class Rounding : std::uint8_t { kUnknown, kNearestEven, kTowardZero, kStochastic };
enum class Subnormals : std::uint8_t { kUnknown, kKept, kFlushed };
// kCanonical: the result of arithmetic is 0x7fc00000 (and its like in other widths). kAny: some NaN.
enum class Nan : std::uint8_t { kUnknown, kCanonical, kAny };
// kFma: multiply-add in a contraction is rounded once, nothing else is fused. kSeparate: nothing is fused.
// kFree: anything may be.
enum class Contraction : std::uint8_t { kUnknown, kFma, kSeparate, kFree };

// What the device promises about the bits of a result. Rows refer to it by id.
struct NumericContract {
  std::string id;
  Rounding rounding = Rounding::kUnknown;
  Subnormals subnormals = Subnormals::kUnknown;
  Nan nan = Nan::kUnknown;
  Contraction contraction = Contraction::kUnknown;
  std::vector<std::string>
      exact_orders;  // reduction orders kept to the bit: "chain", "blocked_tree", "blocked_index", "lanes32"
  bool operator==(const NumericContract&) const = default;
};

// One operator the device runs.
struct OpSupport {
  std::string op;  // "ai.onnx:MatMul", or kRegionOp
  std::uint32_t version = 0;
  std::vector<std::string>
      dtypes;            // every operand and result type must be one of these: "f32", "i32", "i64", "bool"
  std::string contract;  // id of a NumericContract of this document
  std::vector<Extension> extensions;
  bool operator==(const OpSupport&) const = default;
};

struct Limits {
  std::optional<std::uint32_t> max_rank;
  std::optional<std::uint64_t> max_operand_bytes;
  std::optional<std::uint32_t> max_region_nodes;  // index and scalar nodes together
  bool operator==(const Limits&) const = default;
};

// Written by the vendor, once per product stepping.
struct Class {
  Identity identity;
  std::vector<MemorySpace> memories;
  std::vector<Link> links;
  std::vector<QueueGroup> queues;
  std::vector<NumericContract> contracts;
  std::vector<OpSupport> ops;
  Limits limits;
  std::vector<Extension> extensions;
  bool operator==(const Class&) const = default;
};

// Written by the platform, until it is re-cabled: one unit or partition.
struct Instance {
  Digest class_digest;  // of the wire form of its Class
  std::string serial;   // serial number or uuid
  std::string firmware;
  std::vector<Link> links;  // those of the Class that are really there
  std::vector<Extension> extensions;
  bool operator==(const Instance&) const = default;
};

using Document = std::variant<Class, Instance>;

// The words of the text form: "nearest_even", "unknown".
[[nodiscard]] std::string_view word_of(Role value);
[[nodiscard]] std::string_view word_of(Rounding value);
[[nodiscard]] std::string_view word_of(Subnormals value);
[[nodiscard]] std::string_view word_of(Nan value);
[[nodiscard]] std::string_view word_of(Contraction value);

// Whether a document keeps the rules that concern it alone. The readers and the writer call it themselves.
//
// Errors   ACP-DOC-1 to ACP-DOC-7, with the path of the field.
// Spec     ACP 1.3.
[[nodiscard]] Status check(const Document& document);

// Whether an Instance is one of this Class.
//
// Errors   ACP-DOC-8 its class digest is not `digest`, or a link is not one of the Class.
// Spec     ACP 1.3, ACP-DOC-8.
[[nodiscard]] Status check_instance(const Instance& instance, const Class& parent, const Digest& digest);

}  // namespace acp
