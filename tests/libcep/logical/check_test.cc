#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "support/edit.h"
#include "support/logical_cases.h"

namespace cep::logical {
namespace {

using support::edit;
using support::expect_accepted;
using support::expect_refused;
using support::kColumns;
using support::kColumnsPattern;
using support::logical_text;

// A change of the document itself, for what no text says.
struct Change {
  const char* path;
  std::function<void(Document&)> make;
};

void expect_changes_refused(std::string_view requirement, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    Document document = logical_text(kColumns);
    expect_accepted(document);
    change.make(document);
    expect_refused(document, requirement, change.path);
  }
}

TEST(CheckLogical, accepts_plans_and_patterns) {
  expect_accepted(logical_text(kColumns));
  expect_accepted(logical_text(kColumnsPattern));
}

TEST(CheckLogical, accepts_names_in_any_language) {
  Document document = logical_text(kColumns);
  document.plan.name = "Größe, 大小, 🙂";
  document.reference.names[0] = std::string(256, 'x');
  expect_accepted(document);
}

TEST(Reject, CEP_LOGICAL_1_ids_and_numbers_out_of_range) {
  expect_changes_refused(
      "CEP-LOGICAL-1",
      {{"reference.tensors[0]", [](Document& d) { d.reference.program.tensors[0].shape = 99; }},
       {"reference.tensors[0]", [](Document& d) { d.reference.program.tensors[0].place = 0; }},
       {"reference.nodes[0]", [](Document& d) { d.reference.program.nodes[0].operation = 99; }},
       {"reference.nodes[0]", [](Document& d) { d.reference.program.nodes[0].message = 0; }},
       {"reference.nodes[0]", [](Document& d) { d.reference.program.nodes[0].comm = CommKind::kAllReduce; }},
       {"reference.outputs[0]", [](Document& d) { d.reference.outputs[0] = 99; }},
       {"reference.names", [](Document& d) { d.reference.names.pop_back(); }},
       {"plan.tensors[1]", [](Document& d) { d.plan.program.tensors[1].place = 3; }},
       {"plan.tensors[1]", [](Document& d) { d.plan.program.tensors[1].role = static_cast<Role>(9); }},
       {"plan.nodes[1]", [](Document& d) { d.plan.program.nodes[1].place = kNone; }},
       {"plan.nodes[1]", [](Document& d) { d.plan.program.nodes[1].first_input = 99; }},
       {"plan.nodes[1]", [](Document& d) { d.plan.program.nodes[1].outputs = 0xffffffff; }},
       {"plan.nodes[1]", [](Document& d) { d.plan.program.nodes[1].micro_batch = -2; }},
       {"plan.nodes[2]", [](Document& d) { d.plan.program.nodes[2].group = 2; }},
       {"plan.nodes[2]", [](Document& d) { d.plan.program.nodes[2].message = 7; }},
       {"plan.nodes[2]", [](Document& d) { d.plan.program.nodes[2].comm = static_cast<CommKind>(9); }},
       {"plan.operands[1]", [](Document& d) { d.plan.program.operands[1] = 99; }},
       {"plan.shapes[1]", [](Document& d) { d.plan.program.shapes[1] = {-1}; }},
       {"plan.places[2]", [](Document& d) { d.plan.places[2].constant = 3; }},
       {"plan.places[2]", [](Document& d) { d.plan.places[2].by_variable = {1}; }},
       {"plan.groups[0].ranks[1]", [](Document& d) { d.plan.groups[0].ranks[1].constant = -1; }},
       {"plan.groups[0]", [](Document& d) { d.plan.groups[0].ranks.clear(); }},
       {"plan.groups[0]", [](Document& d) { d.plan.groups[0].variable = 0; }},
       {"plan.ranks", [](Document& d) { d.plan.ranks = 0; }},
       {"plan.variables[0]", [](Document& d) { d.plan.variables = {{"tp", 0}}; }},
       {"plan.variables[0]", [](Document& d) { d.plan.variables = {{"c", 2}}; }},
       {"plan.variables[0]", [](Document& d) { d.plan.variables = {{"a\x1b[2J", 2}}; }},
       {"plan.name", [](Document& d) { d.plan.name = "one\ntwo"; }},
       {"plan.name", [](Document& d) { d.plan.name = "\xc3"; }},
       {"reference.names[0]", [](Document& d) { d.reference.names[0] = "\xff"; }},
       {"reference.names[1]", [](Document& d) { d.reference.names[1] = "\xc2\x9b"; }},
       {"reference.names[1]", [](Document& d) { d.reference.names[1] = "\x7f"; }},
       {"plan.operations[0]", [](Document& d) { d.plan.program.operations[0].name = "\t"; }},
       {"plan.operations[0].attributes[0]",
        [](Document& d) { d.plan.program.operations[0].attributes = {{"a", std::string("\x80")}}; }},
       {"plan.binds[0]", [](Document& d) { d.plan.binds[0].reference = 99; }},
       {"plan.binds[1]", [](Document& d) { d.plan.binds[1].tensor = d.plan.binds[0].tensor; }},
       {"plan.yields[0]", [](Document& d) { d.plan.yields[0].parts = 0; }},
       {"plan.operations[0].attributes[0]",
        [](Document& d) { d.plan.program.operations[0].attributes = {{"a", std::nan("")}}; }},
       {"plan.operations[0].attributes[1]",
        [](Document& d) { d.plan.program.operations[0].attributes = {{"b", 1.0}, {"a", 1.0}}; }}});
}

TEST(Reject, CEP_LOGICAL_2_tensors_made_once_before_use) {
  const std::string first = "    @0 y0:f32[4,3] = linear x0 w0\n",
                    second = "    @1 y1:f32[4,3] = linear x1 w1\n";
  expect_accepted(logical_text(edit(kColumns, first + second, second + first)));
  expect_changes_refused(
      "CEP-LOGICAL-2",
      {{"plan.nodes[0].inputs[1]", [](Document& d) { d.plan.program.operands[1] = 4; }},
       {"plan.nodes[0].inputs[0]",
        [](Document& d) { std::swap(d.plan.program.operands[0], d.plan.program.operands[2]); }},
       {"plan.nodes[0].outputs[0]", [](Document& d) { d.plan.program.operands[2] = 0; }},
       {"reference.nodes[1].outputs[0]", [](Document& d) { d.reference.program.operands[4] = 2; }},
       {"plan.tensors[10]",
        [](Document& d) { d.plan.program.tensors.push_back(d.plan.program.tensors[4]); }}});
}

TEST(Reject, CEP_LOGICAL_3_operands_of_another_rank) {
  expect_refused(logical_text(edit(kColumns, "y0:f32[4,3] = linear x0 w0", "y0:f32[4,3] = linear x0 w1")),
                 "CEP-LOGICAL-3", "plan.nodes[0].inputs[1]");
  expect_changes_refused("CEP-LOGICAL-3", {{"plan.nodes[0].outputs[0]",
                                            [](Document& d) { d.plan.program.tensors[4].place = 1; }}});
}

TEST(Reject, CEP_LOGICAL_5_over_a_limit) {
  expect_changes_refused(
      "CEP-LOGICAL-5",
      {{"plan.name", [](Document& d) { d.plan.name = std::string(257, 'x'); }},
       {"reference.names[0]", [](Document& d) { d.reference.names[0] = std::string(257, 'x'); }},
       {"plan.shapes[0]", [](Document& d) { d.plan.program.shapes[0] = Shape(9, 1); }},
       {"plan.shapes[0]", [](Document& d) { d.plan.program.shapes[0] = {1 << 25, 1 << 25}; }},
       {"plan.ranks", [](Document& d) { d.plan.ranks = (1 << 24) + 1; }},
       {"plan.variables", [](Document& d) { d.plan.variables.resize(9); }},
       {"plan.variables[1]", [](Document& d) { d.plan.variables = {{"a", 1 << 12}, {"b", (1 << 12) + 1}}; }},
       {"plan.groups[0]", [](Document& d) { d.plan.groups[0].ranks.resize((1 << 14) + 1); }},
       {"plan.operations[0]", [](Document& d) { d.plan.program.operations[0].attributes.resize(17); }},
       {"plan.operations[0].attributes[0]",
        [](Document& d) { d.plan.program.operations[0].attributes = {{"a", std::string(257, 'x')}}; }}});
}

TEST(Reject, CEP_LOGICAL_6_binds_and_yields) {
  struct Case {
    const char *from, *to, *path;  // to: nothing where the case is accepted
  };
  const Case cases[] = {
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f32[3,8] = bind w [3:6,0:8]", ""},
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f32[3,8] = bind w [4:7,0:8]", "plan.binds[1]"},
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f32[3,8] = bind w [-1:2,0:8]", "plan.binds[1]"},
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f32[3,8] = bind w [0:2,0:8]", "plan.binds[1]"},
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f32[3,8] = bind w [0:3]", "plan.binds[1]"},
      {"w0:f32[3,8] = bind w [0:3,0:8]", "w0:f16[3,8] = bind w [0:3,0:8]", "plan.binds[1]"},
      {"as z [0:4,0:6]", "as z [0:4,0:6] part 1/2", ""},
      {"as z [0:4,0:6]", "as z [0:4,0:6] part 2/2", "plan.yields[0]"},
      {"as z [0:4,0:6]", "as y [0:4,0:6]", "plan.yields[0]"},
      {"as z [0:4,0:6]", "as z [1:5,0:6]", "plan.yields[0]"},
  };
  for (const Case& c : cases) {
    const Document document = logical_text(edit(kColumns, c.from, c.to));
    if (*c.path == 0) {
      expect_accepted(document);
    } else {
      expect_refused(document, "CEP-LOGICAL-6", c.path);
      EXPECT_NE(check_logical(document).error().message.find(" (tensor "), std::string::npos);
    }
  }
  expect_changes_refused(
      "CEP-LOGICAL-6",
      {{"plan.tensors[3]", [](Document& d) { d.plan.binds.pop_back(); }},
       {"plan.binds[1]", [](Document& d) { d.plan.program.tensors[1].role = Role::kBuffer; }}});
}

TEST(Reject, CEP_LOGICAL_6_at_some_point_of_a_pattern) {
  const std::string bind = "bind w [3*tp:3*tp+3,0:8]";
  expect_accepted(logical_text(edit(kColumnsPattern, bind, "bind w [-3*tp+3:-3*tp+6,0:8]")));
  expect_refused(logical_text(edit(kColumnsPattern, bind, "bind w [3*tp+1:3*tp+4,0:8]")), "CEP-LOGICAL-6",
                 "plan.binds[1]");
  expect_refused(logical_text(edit(kColumnsPattern, bind, "bind w [-3*tp+2:-3*tp+5,0:8]")), "CEP-LOGICAL-6",
                 "plan.binds[1]");
  expect_refused(logical_text(edit(kColumnsPattern, bind, "bind w [3*dp+3*tp:3*dp+3*tp+3,0:8]")),
                 "CEP-LOGICAL-6", "plan.binds[1]");
}

TEST(Reject, CEP_LOGICAL_9_repeated_values_and_shared_ranks) {
  expect_changes_refused(
      "CEP-LOGICAL-9",
      {{"plan.shapes[1]", [](Document& d) { d.plan.program.shapes[1] = d.plan.program.shapes[0]; }},
       {"reference.operations[1]", [](Document& d) { d.reference.program.operations[1].name = "linear"; }},
       {"plan.places[2]", [](Document& d) { d.plan.places[2] = d.plan.places[0]; }},
       {"plan.groups[1]", [](Document& d) { d.plan.groups[1] = d.plan.groups[0]; }},
       {"plan.variables[1]", [](Document& d) { d.plan.variables = {{"a", 1}, {"a", 1}}; }},
       {"plan.places[0]", [](Document& d) { d.plan.variables = {{"a", 2}}; }}});
  // Ranks 0 to 3 and 2 to 5: two places have ranks in common. Ranks 0 to 3 and 4 to 7: none.
  Document document = logical_text(kColumnsPattern);
  ASSERT_EQ(document.plan.places[1].constant, 4);
  document.plan.places[1].constant = 2;
  expect_refused(document, "CEP-LOGICAL-9", "plan.places[1]");
}

}  // namespace
}  // namespace cep::logical
