#include "wire/rules_digest.h"

#include <string>

#include "cep/certificate.h"

namespace cep {
namespace wire {
namespace {

// Numbers as 8 little-endian bytes, texts and lists behind their length: no two tables give the same bytes.
class Bytes {
 public:
  void number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i) text_ += static_cast<char>(bits >> (8 * i) & 0xff);
  }
  void size(std::size_t value) { number(static_cast<std::int64_t>(value)); }
  void text(std::string_view value) {
    size(value.size());
    text_ += value;
  }
  void names(std::span<const std::string_view> names) {
    size(names.size());
    for (const std::string_view name : names) text(name);
  }
  void expressions(std::span<const NamedExpr> expressions) {
    size(expressions.size());
    for (const NamedExpr& e : expressions) {
      text(e.name);
      number(e.expr);
    }
  }
  void nodes(std::span<const ExprNode> nodes) {
    size(nodes.size());
    for (const ExprNode& n : nodes) {
      number(static_cast<std::int64_t>(n.op));
      number(n.a);
      number(n.b);
      number(n.c);
      number(n.value);
    }
  }
  [[nodiscard]] const std::string& bytes() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

acp::Digest digest_of_rules(std::span<const Rule> rules) {
  Bytes bytes;
  bytes.text("cep-rules 1");
  bytes.size(rules.size());
  for (const Rule& rule : rules) {
    bytes.text(rule.id);
    bytes.number(static_cast<std::int64_t>(rule.schema));
    bytes.names(rule.inputs);
    bytes.expressions(rule.guards);
    bytes.expressions(rule.outputs);
    bytes.names(rule.variables);
    bytes.expressions(rule.hypotheses);
    bytes.expressions(rule.conclusions);
    bytes.nodes(rule.nodes);
  }
  return acp::sha256(bytes.bytes());
}

}  // namespace wire

acp::Digest digest_of_rules() { return wire::digest_of_rules(rule_table()); }

}  // namespace cep
