#include <gtest/gtest.h>

#include "cep/distgraph.h"
#include "cep/logical_text.h"
#include "support/distgraph_text.h"
#include "support/edit.h"
#include "support/logical_cases.h"

namespace cep::logical {
namespace {

using support::kColumns;
using support::kColumnsPattern;
using support::logical_text;

TEST(LogicalText, one_line_a_node) {
  const std::string text = to_text(logical_text(kColumnsPattern));
  EXPECT_EQ(text, R"(input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
z:f32[4,6] = silu y
output z
plan columns ranks 8
variable dp 2
variable tp 2
@2*dp+tp p6:f32[2,8] = bind x [2*dp:2*dp+2,0:8]
@2*dp+tp p7:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
@2*dp+tp p8:f32[2,3] = linear p6 p7
@2*dp+tp p10:f32[2,6] = all_gather{dim=1} p8 over tp msg 0
@2*dp+tp send p10 over 2*dp+tp,2*dp+tp+4 msg 1
@2*dp+tp+4 p13:f32[2,6] = receive over 2*dp+tp,2*dp+tp+4 msg 1
@2*dp+tp+4 p15:f32[2,6] = silu p13
@2*dp+tp+4 yield p15 as z [2*dp:2*dp+2,0:6]
)");
}

// The reader that tests have for it takes it back.
TEST(LogicalText, says_everything) {
  for (const Document& document :
       {logical_text(kColumns), logical_text(kColumnsPattern), *read_distgraph(support::kDistgraph),
        logical_text(support::edit(kColumns, "as z [0:4,0:6]", "as z [0:4,0:6] part 1/2"))}) {
    const Document again = logical_text(to_text(document));
    support::expect_accepted(again);
    EXPECT_EQ(to_text(again).size(), to_text(document).size());
    // Line for line, but for what tensors are called.
    EXPECT_EQ(again.plan.program.operands.size(), document.plan.program.operands.size());
    EXPECT_EQ(again.plan.program.operations, document.plan.program.operations);
    EXPECT_EQ(again.plan.groups, document.plan.groups);
    EXPECT_EQ(again.plan.yields.size(), document.plan.yields.size());
    for (std::size_t i = 0; i < document.plan.program.nodes.size(); ++i) {
      const Node& one = document.plan.program.nodes[i];
      const Node& two = again.plan.program.nodes[i];
      EXPECT_EQ(one.message, two.message);
      EXPECT_EQ(one.micro_batch, two.micro_batch);
      EXPECT_EQ(document.plan.places[one.place], again.plan.places[two.place]);
    }
  }
}

TEST(LogicalText, names_that_repeat_or_are_no_words_are_replaced) {
  Document document = logical_text(kColumns);
  document.reference.names = {"r1", "a b", "r1", ""};
  const std::string text = to_text(document);
  EXPECT_TRUE(text.starts_with("input r1:f32[4,8]\nparam r1_:f32[6,8]\nr2:f32[4,6] = linear r1 r1_\n"))
      << text;
}

}  // namespace
}  // namespace cep::logical
