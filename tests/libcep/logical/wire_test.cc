#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "cep/distgraph.h"
#include "cep/logical_wire.h"
#include "support/distgraph_text.h"
#include "support/edit.h"
#include "support/logical_cases.h"

namespace cep::logical {
namespace {

using Bytes = std::vector<std::byte>;
using support::edit;
using support::kColumns;
using support::kColumnsPattern;
using support::logical_text;

void expect_round_trip(const Document& document) {
  const Bytes bytes = encode(document);
  EXPECT_TRUE(is_logical(bytes));
  const auto again = decode_logical(bytes);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(encode(*again), bytes);
  EXPECT_EQ(digest(*again), acp::sha256(bytes));
  // The text names everything but the numbers of lines where they repeat; here they do not.
  EXPECT_EQ(write_distgraph(*again), write_distgraph(document));
}

TEST(LogicalWire, documents_survive) {
  expect_round_trip(logical_text(kColumns));
  expect_round_trip(logical_text(kColumnsPattern));
  expect_round_trip(*read_distgraph(support::kDistgraph));
  expect_round_trip({});
}

TEST(LogicalWire, every_kind_of_attribute_survives) {
  Document document = logical_text(kColumns);
  document.reference.program.operations[0].attributes = {{"a", std::int64_t{-3}},
                                                         {"b", -0.0},
                                                         {"c", std::string("text")},
                                                         {"d", std::vector<std::int64_t>{1, -2}},
                                                         {"e", Affine{4, {}}},
                                                         {"f", std::string()},
                                                         {"g", std::vector<std::int64_t>{}}};
  const auto again = decode_logical(encode(document));
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->reference.program.operations, document.reference.program.operations);
  EXPECT_TRUE(std::signbit(std::get<double>(again->reference.program.operations[0].attributes[1].value)));
}

TEST(LogicalWire, a_changed_line_is_another_digest) {
  const acp::Digest one = digest(logical_text(kColumns));
  EXPECT_EQ(digest(logical_text(kColumns)), one);
  EXPECT_NE(digest(logical_text(edit(kColumns, "bind w [3:6,0:8]", "bind w [2:5,0:8]"))), one);
  EXPECT_NE(digest(logical_text(edit(kColumns, "send a0 over 0,2", "send a0 over 1,2"))), one);
}

TEST(LogicalWire, where_operands_stand_does_not_matter) {
  Document document = logical_text(kColumns);
  const acp::Digest one = digest(document);
  Program& program = document.plan.program;
  std::vector<Id> turned;
  for (std::size_t i = program.nodes.size(); i-- > 0;) {
    Node& node = program.nodes[i];
    const std::vector<Id> out(program.outputs(node).begin(), program.outputs(node).end());
    const std::vector<Id> in(program.inputs(node).begin(), program.inputs(node).end());
    node.first_output = static_cast<std::uint32_t>(turned.size());
    turned.insert(turned.end(), out.begin(), out.end());
    node.first_input = static_cast<std::uint32_t>(turned.size());
    turned.insert(turned.end(), in.begin(), in.end());
  }
  program.operands = turned;
  EXPECT_EQ(digest(document), one);
}

TEST(LogicalWire, every_bit_and_every_length) {
  for (const std::string& text : {kColumns, kColumnsPattern}) {
    const Bytes bytes = encode(logical_text(text));
    int read = 0;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      Bytes damaged = bytes;
      damaged[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto document = decode_logical(damaged);
      if (!document) {
        ASSERT_TRUE(document.error().requirement.starts_with("CEP-WIRE-"))
            << "bit " << bit << to_string(document.error());
        continue;
      }
      ++read;
      ASSERT_EQ(encode(*document), damaged) << "bit " << bit;
      (void)check_logical(*document).has_value();
    }
    EXPECT_GT(read, 0) << "some flips (in names, in numbers) give another value";
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      ASSERT_FALSE(decode_logical(std::span(bytes).first(length))) << length;
    }
  }
}

TEST(LogicalWire, values_out_of_range_are_refused) {
  const auto refused = [](const std::function<void(Document&)>& change) {
    Document document = logical_text(kColumns);
    ASSERT_TRUE(decode_logical(encode(document)));
    change(document);
    const auto again = decode_logical(encode(document));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().requirement, "CEP-WIRE-4") << to_string(again.error());
  };
  refused([](Document& d) { d.plan.program.tensors[0].role = static_cast<Role>(5); });
  refused([](Document& d) { d.plan.program.tensors[0].element = static_cast<Element>(8); });
  refused([](Document& d) { d.plan.program.nodes[0].comm = static_cast<CommKind>(9); });
  refused([](Document& d) { d.plan.places[0].by_variable = {0}; });
  refused([](Document& d) { d.plan.binds[0].box[0].begin.constant = (std::int64_t{1} << 48) + 1; });
}

}  // namespace
}  // namespace cep::logical
