// Collectives on shims: two layers shared by two or four devices, proved to the bit, checked, run, and compared with the reference.
#include "cep/collective.h"

#include <gtest/gtest.h>

#include "libcep/exec/on_shims.h"
#include "tools/cep-check/check.h"

namespace cep {
namespace {

using namespace support;

constexpr int kRows = 8, kIn = 6, kHidden = 16, kOut = 8;

// Z = (relu(A B) C) D, the sum over the hidden features in blocks of two.
Workload layers() {
  WorkloadBuilder builder("layers");
  const TensorId a = builder.input("A", {Dtype::kF32, {kRows, kIn}});
  const TensorId b = builder.weight("B", {Dtype::kF32, {kIn, kHidden}}, acp::Digest{});
  const TensorId c = builder.weight("C", {Dtype::kF32, {kHidden, kOut}}, acp::Digest{});
  const TensorId d = builder.weight("D", {Dtype::kF32, {kOut, kOut}}, acp::Digest{});
  const auto product = [&](const char* name, TensorId x, TensorId y, const char* result) {
    WorkloadBuilder::NodeOptions options;
    options.name = name;
    options.outputs = {result};
    options.order = {OrderKind::kBlockedTree, 2};
    return builder.node("MatMul", {x, y}, options).value().front();
  };
  const TensorId h = product("first", a, b, "H");
  const TensorId g = builder.node("Relu", {h}, {.name = "relu", .outputs = {"G"}}).value().front();
  builder.output(product("third", product("second", g, c, "Y"), d, "Z"));
  return std::move(builder).finish();
}

// The text of a plan, a line for every member: '#' is its number, and {x} lo:hi of its part of an extent.
class Text {
 public:
  explicit Text(int members) : members_(members) {}

  void each(const std::string& line) {
    for (int i = 0; i < members_; ++i) one(line, i);
  }
  void one(std::string line, int i) {
    for (std::size_t at = 0; (at = line.find('#')) != std::string::npos;)
      line.replace(at, 1, std::to_string(i));
    const std::pair<const char*, int> extents[] = {{"<rows>", kRows}, {"<hidden>", kHidden}, {"<out>", kOut}};
    for (const auto& [word, extent] : extents) {
      const int part = extent / members_;
      const std::string range = std::to_string(i * part) + ":" + std::to_string((i + 1) * part);
      for (std::size_t at = 0; (at = line.find(word)) != std::string::npos;)
        line.replace(at, std::string_view(word).size(), range);
    }
    text += line + "\n";
  }
  // `NAME0, NAME1, ...`
  [[nodiscard]] std::string all(const std::string& name) const {
    std::string list;
    for (int i = 0; i < members_; ++i) list += (i > 0 ? ", " : "") + name + std::to_string(i);
    return list;
  }
  void buffer(const std::string& name, const std::vector<int>& dims) {
    std::string shape;
    int bytes = 4;
    for (const int d : dims) {
      shape += (shape.empty() ? "" : ",") + std::to_string(d);
      bytes *= d;
    }
    each("buffer " + name + "# in m# at " + std::to_string(offset_) + " f32[" + shape + "]");
    offset_ += (bytes + 63) / 64 * 64;
  }

  std::string text;

 private:
  int members_, offset_ = 0;
};

struct Case {
  int members;
  bool
      scattered;  // the sum by reduce_scatter and all_gather, and Z by all_to_all; else by all_reduce and all_gather
  const char* combine;  // "add tree", ...
};

std::string plan_text(const Case& how) {
  const int n = how.members;
  Text text(n);
  text.text = "cep-plan 1 layers\n";
  text.each("device d# shim cpu");
  text.each("arena m# on d# bytes 65536");
  text.buffer("a", {kRows, kIn});
  text.buffer("b", {kIn, kHidden / n});
  text.buffer("c", {kHidden / n, kOut});
  text.buffer("d", {kOut, kOut / n});
  text.buffer("h", {kRows, kHidden / n});
  text.buffer("g", {kRows, kHidden / n});
  text.buffer("p", {kRows, kOut});
  text.buffer("room", {n, kRows / n, kOut});
  text.buffer("mine", {kRows / n, kOut});
  text.buffer("y", {kRows, kOut});
  text.buffer("part", {kRows, kOut / n});
  text.buffer("z", {kRows, kOut});
  text.buffer("rows", {kRows / n, kOut});
  text.each("queue q# on d#");
  text.each("timeline t# by q#");
  std::string group = "group all : ";
  for (int i = 0; i < n; ++i) group += (i > 0 ? ", q" : "q") + std::to_string(i) + " t" + std::to_string(i);
  text.text += group + "\n";
  text.one("input A = a#", 0);
  text.each("input B[0:6,<hidden>] = b#");
  text.each("input C[<hidden>,0:8] = c#");
  text.each("input D[0:8,<out>] = d#");
  text.text += "collective given in all broadcast root 0 : a0 -> " + text.all("a") + "\n";
  text.each("step first# @q# compute first : A = a#, B[0:6,<hidden>] = b# -> H[0:8,<hidden>] = h#");
  text.each("step relu# @q# compute relu : H[0:8,<hidden>] = h# -> G[0:8,<hidden>] = g#");
  text.each(
      "step second# @q# compute second k <hidden> : G[0:8,<hidden>] = g#, C[<hidden>,0:8] = c# -> Y = p#");
  const std::string sum =
      std::string(" axis 0 ") + how.combine + " : " + text.all("p") + " via " + text.all("room");
  if (how.scattered) {
    text.text += "collective sum in all reduce_scatter" + sum + " -> " + text.all("mine") + "\n";
    text.text +=
        "collective whole in all all_gather axis 0 : " + text.all("mine") + " -> " + text.all("y") + "\n";
  } else {
    text.text += "collective sum in all all_reduce" + sum + " -> " + text.all("y") + "\n";
  }
  text.each("step third# @q# compute third : Y = y#, D[0:8,<out>] = d# -> Z[0:8,<out>] = part#");
  if (how.scattered) {
    text.text += "collective turned in all all_to_all axis 0 to 1 : " + text.all("part") + " -> " +
                 text.all("rows") + "\n";
    text.each("output Z[<rows>,0:8] = rows#");
  } else {
    text.text +=
        "collective joined in all all_gather axis 1 : " + text.all("part") + " -> " + text.all("z") + "\n";
    text.each("output Z[<rows>,0:8] = z#[<rows>,0:8]");
  }
  return text.text;
}

TEST(CollectiveOnShims, TwoLayersSharedHaveTheBitsOfTheReference) {
  const Workload workload = layers();
  const std::vector<TensorBytes> inputs = some_inputs(workload, 5);
  const auto expected = run_reference(workload, inputs).value();
  for (const Case& how : {Case{2, false, "add tree"}, Case{2, true, "add tree"}, Case{2, false, "add fold"},
                          Case{4, false, "add tree"}, Case{4, true, "add tree"}}) {
    SCOPED_TRACE(plan_text(how));
    auto plan = parse_plan(plan_text(how), workload);
    ASSERT_TRUE(plan) << acp::to_string(plan.error());
    std::vector<std::string> shims;
    for (int i = 0; i < how.members; ++i) shims.emplace_back(i % 2 == 0 ? "cpu" : "template");
    OnShims on(workload, *std::move(plan), shims);
    ASSERT_EQ(on.certificate.proof.guarantee, Grade::kBitwise);
    const acp::Status status = cep_check::check(workload, on.plan, on.certificate, on.context);
    EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
    const auto result = on.run(inputs);
    ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, expected);
  }
}

// Four parts in a row are another sum than the tree of them, and maxima are no sum.
TEST(CollectiveOnShims, AnotherSumIsRefused) {
  const Workload workload = layers();
  for (const Case& how :
       {Case{4, false, "add fold"}, Case{4, true, "add fold"}, Case{2, false, "max tree"}}) {
    auto plan = parse_plan(plan_text(how), workload);
    ASSERT_TRUE(plan) << acp::to_string(plan.error());
    const Verdict verdict = verify(workload, *plan, exact_context(*plan));
    EXPECT_FALSE(proved(verdict)) << how.combine;
  }
}

}  // namespace
}  // namespace cep
