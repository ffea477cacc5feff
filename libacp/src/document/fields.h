// The fields of every document type, once: number on the wire, name in the text, member.
//
// Readers, writers, test generators and comparisons are all derived from these lists: to add a field is to
// add a member, a row here and a line in schemas/acp.fbs (a test holds the two together). Numbers are never
// reused.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "acp/document.h"

namespace acp {

// T is U, or a const U: one list serves reading and writing.
template <typename T, typename U>
concept Of = std::same_as<std::remove_const_t<T>, U>;

template <typename V, Of<Extension> T>
void visit_fields(V& visit, T& x) {
  visit(0, "name", x.name);
  visit(1, "critical_for", x.critical_for);
  visit(2, "payload", x.payload);
}

template <typename V, Of<Identity> T>
void visit_fields(V& visit, T& x) {
  visit(0, "vendor", x.vendor);
  visit(1, "product", x.product);
  visit(2, "stepping", x.stepping);
  visit(3, "version", x.version);
}

template <typename V, Of<MemorySpace> T>
void visit_fields(V& visit, T& x) {
  visit(0, "name", x.name);
  visit(1, "size_bytes", x.size_bytes);
  visit(2, "alignment_bytes", x.alignment_bytes);
}

template <typename V, Of<Link> T>
void visit_fields(V& visit, T& x) {
  visit(0, "from", x.from);
  visit(1, "to", x.to);
}

template <typename V, Of<QueueGroup> T>
void visit_fields(V& visit, T& x) {
  visit(0, "name", x.name);
  visit(1, "count", x.count);
}

template <typename V, Of<NumericContract> T>
void visit_fields(V& visit, T& x) {
  visit(0, "id", x.id);
  visit(1, "rounding", x.rounding);
  visit(2, "subnormals", x.subnormals);
  visit(3, "nan", x.nan);
  visit(4, "contraction", x.contraction);
  visit(5, "exact_orders", x.exact_orders);
}

template <typename V, Of<OpSupport> T>
void visit_fields(V& visit, T& x) {
  visit(0, "op", x.op);
  visit(1, "version", x.version);
  visit(2, "dtypes", x.dtypes);
  visit(3, "contract", x.contract);
  visit(4, "extensions", x.extensions);
}

template <typename V, Of<Limits> T>
void visit_fields(V& visit, T& x) {
  visit(0, "max_rank", x.max_rank);
  visit(1, "max_operand_bytes", x.max_operand_bytes);
  visit(2, "max_region_nodes", x.max_region_nodes);
}

template <typename V, Of<Class> T>
void visit_fields(V& visit, T& x) {
  visit(0, "identity", x.identity);
  visit(1, "memories", x.memories);
  visit(2, "links", x.links);
  visit(3, "queues", x.queues);
  visit(4, "contracts", x.contracts);
  visit(5, "ops", x.ops);
  visit(6, "limits", x.limits);
  visit(7, "extensions", x.extensions);
}

template <typename V, Of<Instance> T>
void visit_fields(V& visit, T& x) {
  visit(0, "class_digest", x.class_digest);
  visit(1, "serial", x.serial);
  visit(2, "firmware", x.firmware);
  visit(3, "links", x.links);
  visit(4, "extensions", x.extensions);
}

// A struct with a field list: a table on the wire, an object in the text.
struct AnyVisitor {
  template <typename T>
  void operator()(int number, std::string_view name, T& member);
};
template <typename T>
concept Record = requires(AnyVisitor& visitor, T& x) { visit_fields(visitor, x); };

template <typename T>
concept Enumeration = std::is_enum_v<T>;

template <typename T>
concept Number = std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t>;

// The words of an enum, by number; word 0 is "unknown" and stands for an absent field.
template <Enumeration E>
struct Words;
template <>
struct Words<Role> {
  static constexpr std::array<std::string_view, 6> kWords = {"unknown",  "partitioner", "compiler",
                                                             "verifier", "scheduler",   "operator"};
};
template <>
struct Words<Rounding> {
  static constexpr std::array<std::string_view, 4> kWords = {"unknown", "nearest_even", "toward_zero",
                                                             "stochastic"};
};
template <>
struct Words<Subnormals> {
  static constexpr std::array<std::string_view, 3> kWords = {"unknown", "kept", "flushed"};
};
template <>
struct Words<Nan> {
  static constexpr std::array<std::string_view, 3> kWords = {"unknown", "canonical", "any"};
};
template <>
struct Words<Contraction> {
  static constexpr std::array<std::string_view, 4> kWords = {"unknown", "fma", "separate", "free"};
};

}  // namespace acp
