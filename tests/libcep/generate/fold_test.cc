// A folded plan, expanded again, is the plan it was made from: rank by rank, line by line.
#include "cep/fold.h"

#include <map>
#include <sstream>

#include "cep/expand.h"
#include "libcep/generate/tiny.h"
#include "support/logical_text.h"

namespace cep::logical {
namespace {

void put(std::ostream& out, const Box& box) {
  for (const Interval& side : box) out << " " << side.begin.constant << "+" << side.size;
}

void put(std::ostream& out, const std::vector<Operation::Attribute>& attributes) {
  for (const auto& [name, value] : attributes) {
    out << " " << name << "=";
    if (const auto* whole = std::get_if<std::int64_t>(&value)) out << *whole;
    if (const auto* real = std::get_if<double>(&value)) out << *real;
    if (const auto* text = std::get_if<std::string>(&value)) out << *text;
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (const std::int64_t number : *list) out << number << ",";
    }
    if (const auto* form = std::get_if<Affine>(&value)) out << form->constant;
  }
}

// What every rank does, without any id: tensors by first appearance on their rank, messages by their first line on any rank.
std::map<std::int64_t, std::string> outline(const Document& document) {
  const Plan& plan = document.plan;
  const Program& program = plan.program;
  std::map<std::int64_t, std::ostringstream> ranks;
  std::map<std::int64_t, std::map<Id, std::size_t>> local;
  std::map<Id, std::pair<std::int64_t, std::size_t>> message;  // least rank and its line
  std::map<std::int64_t, std::size_t> count;
  for (const Node& node : program.nodes) {
    const std::int64_t rank = plan.places[node.place].constant;
    const std::pair at{rank, count[rank]++};
    if (node.message != kNone)
      message[node.message] = std::min(message.try_emplace(node.message, at).first->second, at);
  }
  for (const Node& node : program.nodes) {
    const std::int64_t rank = plan.places[node.place].constant;
    auto& out = ranks[rank];
    const Operation& operation = program.operations[node.operation];
    out << operation.name << operation.backward << " mb" << node.micro_batch;
    put(out, operation.attributes);
    const auto tensors = [&](std::span<const Id> list) {
      for (const Id tensor : list) {
        const auto number = local[rank].try_emplace(tensor, local[rank].size()).first->second;
        out << " t" << number << "[";
        for (const std::int64_t length : program.shape(tensor)) out << length << ",";
        out << "]";
      }
    };
    tensors(program.inputs(node));
    out << " ->";
    tensors(program.outputs(node));
    if (node.group != kNone) {
      out << " dim " << int{node.dim} << " over";
      for (const Affine& member : plan.groups[node.group].ranks) out << " " << member.constant;
    }
    if (node.message != kNone)
      out << " of " << message[node.message].first << ":" << message[node.message].second;
    out << "\n";
  }
  std::multimap<std::int64_t, std::string> ends;
  for (const Bind& bind : plan.binds) {
    const std::int64_t rank = plan.places[program.tensors[bind.tensor].place].constant;
    std::ostringstream out;
    out << "bind t" << local[rank].try_emplace(bind.tensor, local[rank].size()).first->second << " "
        << bind.reference;
    put(out, bind.box);
    ends.emplace(rank, out.str());
  }
  for (const Yield& yield : plan.yields) {
    const std::int64_t rank = plan.places[program.tensors[yield.tensor].place].constant;
    std::ostringstream out;
    out << "yield t" << local[rank].at(yield.tensor) << " " << yield.reference << " part "
        << yield.part.constant << "/" << yield.parts;
    put(out, yield.box);
    ends.emplace(rank, out.str());
  }
  std::map<std::int64_t, std::string> text;
  for (auto& [rank, out] : ranks) text[rank] = out.str();
  std::map<std::int64_t, std::vector<std::string>> sorted;
  for (auto& [rank, line] : ends) sorted[rank].push_back(line);
  for (auto& [rank, lines] : sorted) {
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) text[rank] += line + "\n";
  }
  return text;
}

void expect_same_again(const Document& expanded, std::size_t lines) {
  const auto folded = fold(expanded);
  ASSERT_TRUE(folded.has_value());
  EXPECT_EQ(folded->plan.program.nodes.size(), lines);
  const auto checked = check_logical(*folded);
  EXPECT_TRUE(checked.has_value()) << acp::to_string(checked.error());
  const auto again = expand(*folded);
  ASSERT_TRUE(again.has_value()) << acp::to_string(again.error());
  const auto before = outline(expanded), after = outline(*again);
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [rank, text] : before) ASSERT_EQ(text, after.at(rank)) << "rank " << rank;
}

TEST(Fold, generated_plans_become_as_short_as_their_patterns) {
  for (const std::int64_t tp : {1, 2}) {
    for (const std::int64_t dp : {1, 2, 4}) {
      for (const std::int64_t pp : {1, 2}) {
        if (tp * dp == 1) continue;
        Partition partition{.dp = dp, .tp = tp, .pp = pp, .micro_batches = 2};
        partition.form = Form::kPattern;
        const auto pattern = generate_llama(tiny(), partition);
        partition.form = Form::kExpanded;
        const auto expanded = generate_llama(tiny(), partition);
        ASSERT_TRUE(pattern && expanded);
        SCOPED_TRACE(std::to_string(dp) + " x " + std::to_string(tp) + " x " + std::to_string(pp));
        expect_same_again(*expanded, pattern->plan.program.nodes.size());
      }
    }
  }
}

const char* const kRanks = R"(
input x:f32[8,4]
y:f32[8,4] = silu x
output y
plan rows ranks 4
@0 x0:f32[2,4] = bind x [0:2,0:4]
@1 x1:f32[2,4] = bind x [2:4,0:4]
@2 x2:f32[2,4] = bind x [4:6,0:4]
@3 x3:f32[2,4] = bind x [6:8,0:4]
@0 y0:f32[2,4] = silu x0
@1 y1:f32[2,4] = silu x1
@2 y2:f32[2,4] = silu x2
@3 y3:f32[2,4] = silu x3
@0 yield y0 as y [0:2,0:4]
@1 yield y1 as y [2:4,0:4]
@2 yield y2 as y [4:6,0:4]
@3 yield y3 as y [6:8,0:4]
)";

TEST(Fold, four_rows_are_one) { expect_same_again(support::logical_text(kRanks), 1); }

// Numbers that grow by no constant, a different operator, another message: nothing is folded that differs.
TEST(Fold, what_differs_is_kept_apart) {
  std::string text = kRanks;
  const auto swap = [&text](const std::string& a, const std::string& b) {
    text.replace(text.find(a), a.size(), b);
  };
  swap("bind x [2:4,0:4]", "bind x [4:6,0:4]");
  swap("bind x [4:6,0:4]\n@3", "bind x [2:4,0:4]\n@3");
  const auto rows = fold(support::logical_text(text));  // 0, 4, 2, 6: two by two
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->plan.program.nodes.size(), 1u);
  EXPECT_EQ(rows->plan.variables[0].size, 2);
  expect_same_again(support::logical_text(text), 1);

  text = kRanks;
  swap("@3 y3:f32[2,4] = silu x3", "@3 y3:f32[2,4] = rsqrt x3");
  EXPECT_FALSE(fold(support::logical_text(text)).has_value());
}

// A bound of a window that is no number is none of those that may differ.
TEST(Fold, what_is_no_number_is_kept_apart) {
  Document document = support::logical_text(R"(
input i:i64[4]
param w:f32[8,4]
y:f32[4,4] = embedding{start=0,stop=8} i w
output y
plan copies ranks 2
@0 i0:i64[4] = bind i [0:4]
@1 i1:i64[4] = bind i [0:4]
@0 w0:f32[8,4] = bind w [0:8,0:4]
@1 w1:f32[8,4] = bind w [0:8,0:4]
@0 y0:f32[4,4] = embedding{start=0,stop=8} i0 w0
@1 y1:f32[4,4] = embedding{start=0,stop=8} i1 w1
@0 yield y0 as y [0:4,0:4]
@1 yield y1 as y [0:4,0:4]
)");
  EXPECT_TRUE(fold(document).has_value());
  Program& program = document.plan.program;
  program.operations.push_back(program.operations[0]);
  program.operations.back().attributes[0].value = 0.5;
  program.nodes[1].operation = 1;
  EXPECT_FALSE(fold(document).has_value());
}

TEST(Fold, a_pattern_is_not_folded_again) {
  Partition partition{.dp = 2, .tp = 2};
  partition.form = Form::kPattern;
  const auto pattern = generate_llama(tiny(), partition);
  ASSERT_TRUE(pattern.has_value());
  EXPECT_FALSE(fold(*pattern).has_value());
}

}  // namespace
}  // namespace cep::logical
