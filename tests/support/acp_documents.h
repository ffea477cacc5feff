// ACP documents for tests: one with every field set, and random ones that keep every rule.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "acp/document.h"

namespace acp::test {

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

inline NumericContract exact_contract() {
  return {.id = "exact",
          .rounding = Rounding::kNearestEven,
          .subnormals = Subnormals::kKept,
          .nan = Nan::kCanonical,
          .contraction = Contraction::kFma,
          .exact_orders = {"chain", "lanes32"}};
}

// Every field of every record holds something (a test checks that).
inline Class full_class() {
  const Extension extension{"urn:example:clock", {Role::kScheduler, Role::kOperator}, bytes_of("tick")};
  Class document;
  document.identity = {"Example", "E1", "A0", "0.1"};
  document.memories = {{"main", std::uint64_t{3} << 40, 64}, {"scratch", 4096, 4096}};
  document.links = {{"host", "main"}, {"main", "scratch"}};
  document.queues = {{"compute", 2}};
  document.contracts = {exact_contract()};
  document.ops = {{"cep:region", 1, {"f32", "i32"}, "exact", {extension}}};
  document.limits = {.max_rank = 8, .max_operand_bytes = 0xffffffffffffffffU, .max_region_nodes = 0};
  document.extensions = {extension};
  return document;
}

inline Instance full_instance() {
  Instance document;
  document.class_digest = sha256("some class");
  document.serial = "0001";
  document.firmware = "1.2";
  document.links = {{"host", "main"}};
  document.extensions = {{"urn:example:clock", {Role::kVerifier}, bytes_of("x")}};
  return document;
}

inline std::string random_text() {
  return *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
}

template <typename E>
E random_word(int count) {
  return static_cast<E>(*rc::gen::inRange(0, count));
}

inline std::vector<Extension> random_extensions() {
  std::vector<Extension> extensions;
  const int count = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) {
    Extension extension;
    extension.name = "urn:random:" + std::to_string(i);
    for (int role = 1; role <= 5; ++role) {
      if (*rc::gen::arbitrary<bool>()) extension.critical_for.push_back(static_cast<Role>(role));
    }
    for (const auto byte : *rc::gen::arbitrary<std::vector<std::uint8_t>>()) {
      extension.payload.push_back(static_cast<std::byte>(byte));
    }
    extensions.push_back(std::move(extension));
  }
  return extensions;
}

inline std::vector<std::string> random_subset(const std::vector<std::string>& all) {
  std::vector<std::string> chosen;
  for (const std::string& x : all) {
    if (*rc::gen::arbitrary<bool>()) chosen.push_back(x);
  }
  return chosen;
}

inline std::vector<NumericContract> random_contracts() {
  std::vector<NumericContract> contracts;
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    contracts.push_back({"c" + std::to_string(i), random_word<Rounding>(4), random_word<Subnormals>(3),
                         random_word<Nan>(3), random_word<Contraction>(4),
                         random_subset({"chain", "blocked_tree", "lanes32", "urn:x:order"})});
  }
  return contracts;
}

template <typename T>
std::optional<T> random_limit() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  return *rc::gen::arbitrary<T>();
}

inline Class random_class() {
  Class document;
  document.identity = {"v" + random_text(), "p" + random_text(), random_text(), random_text()};
  const int memories = *rc::gen::inRange(0, 4);
  for (int i = 0; i < memories; ++i) {
    const auto size = *rc::gen::arbitrary<std::uint64_t>();
    document.memories.push_back(
        {"m" + std::to_string(i), size == 0 ? 1 : size, std::uint64_t{1} << *rc::gen::inRange(0, 64)});
    document.links.push_back({std::string(kHostMemory), document.memories.back().name});
  }
  const int queues = *rc::gen::inRange(0, 3);
  for (int i = 0; i < queues; ++i)
    document.queues.push_back({"q" + std::to_string(i), *rc::gen::inRange<std::uint32_t>(1, 99)});
  document.contracts = random_contracts();
  const int ops = *rc::gen::inRange(0, 5);
  for (int i = 0; i < ops; ++i) {
    auto dtypes = random_subset({"f32", "i32", "i64", "bool", "urn:x:posit16"});
    if (dtypes.empty()) dtypes = {"f32"};
    const auto& contract = document.contracts[*rc::gen::inRange<std::size_t>(0, document.contracts.size())];
    document.ops.push_back({"ai.onnx:Op" + std::to_string(i), *rc::gen::inRange<std::uint32_t>(1, 30), dtypes,
                            contract.id, random_extensions()});
  }
  document.limits.max_rank = random_limit<std::uint32_t>();
  document.limits.max_operand_bytes = random_limit<std::uint64_t>();
  document.limits.max_region_nodes = random_limit<std::uint32_t>();
  document.extensions = random_extensions();
  return document;
}

inline Instance random_instance() {
  Instance document;
  document.class_digest = sha256(random_text());
  document.serial = "s" + random_text();
  document.firmware = random_text();
  if (*rc::gen::arbitrary<bool>()) document.links = {{"host", "main"}, {"main", "host"}};
  document.extensions = random_extensions();
  return document;
}

inline Document random_document() {
  if (*rc::gen::arbitrary<bool>()) return random_class();
  return random_instance();
}

}  // namespace acp::test
