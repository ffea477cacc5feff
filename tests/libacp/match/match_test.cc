#include "acp/match.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/acp_documents.h"

namespace acp {
namespace {

// Two contracts, a row for MatMul and a generic row.
Class device() {
  Class document = test::full_class();
  NumericContract loose = test::exact_contract();
  loose.id = "loose";
  loose.contraction = Contraction::kFree;
  document.contracts = {loose, test::exact_contract()};
  document.ops = {{"cep:region", 1, {"f32", "i64"}, "exact", {}},
                  {"ai.onnx:MatMul", 13, {"f32"}, "loose", {}}};
  document.extensions = {};
  return document;
}

OpQuery matmul() {
  return {.op = "ai.onnx:MatMul", .version = 13, .dtypes = {"f32"}, .known_extensions = {}};
}

void expect_match(const Class& document, const OpQuery& query, std::string_view op,
                  std::string_view contract) {
  const auto found = find_op_support(document, query);
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(document.ops.at(found->row).op, op);
  EXPECT_EQ(document.contracts.at(found->contract).id, contract);
}

void expect_refused(const Class& document, const OpQuery& query, std::string_view requirement,
                    std::string_view path) {
  const auto found = find_op_support(document, query);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().family, Family::kUnsupported);
  EXPECT_EQ(found.error().requirement, requirement);
  EXPECT_EQ(found.error().path, path);
}

TEST(Match, the_row_of_the_operator_comes_before_the_generic_one) {
  expect_match(device(), matmul(), "ai.onnx:MatMul", "loose");
}

TEST(Match, an_operator_without_a_row_falls_back_to_any_region) {
  OpQuery query = matmul();
  query.op = "ai.onnx:Relu";
  expect_match(device(), query, "cep:region", "exact");
}

TEST(Match, a_row_that_lacks_the_version_or_dtype_falls_back_too) {
  OpQuery query = matmul();
  query.version = 9;
  expect_match(device(), query, "cep:region", "exact");
  query = matmul();
  query.dtypes = {"f32", "i64"};
  expect_match(device(), query, "cep:region", "exact");
}

TEST(Match, a_region_may_be_asked_for_by_name) {
  expect_match(device(), {.op = "cep:region", .version = 1, .dtypes = {"i64"}, .known_extensions = {}},
               "cep:region", "exact");
}

TEST(Reject, ACP_MATCH_1_no_row) {
  Class document = device();
  document.ops.erase(document.ops.begin());
  OpQuery query = matmul();
  query.op = "ai.onnx:Relu";
  expect_refused(document, query, "ACP-MATCH-1", "ops");
}

TEST(Reject, ACP_MATCH_2_other_version) {
  OpQuery query = matmul();
  query.region_version = 2;
  query.version = 9;
  expect_refused(device(), query, "ACP-MATCH-2", "ops[1].version");
}

TEST(Reject, ACP_MATCH_3_dtype_missing) {
  OpQuery query = matmul();
  query.dtypes = {"f32", "i32"};
  expect_refused(device(), query, "ACP-MATCH-3", "ops[1].dtypes");
}

TEST(Reject, ACP_MATCH_4_unknown_critical_extension) {
  const Extension critical{"urn:example:saturates", {Role::kCompiler, Role::kVerifier}, {}};
  Class document = device();
  document.ops[1].extensions = {critical};
  expect_match(document, matmul(), "cep:region", "exact");  // only that row is refused
  OpQuery query = matmul();
  query.known_extensions = {"urn:example:saturates"};
  expect_match(document, query, "ai.onnx:MatMul", "loose");
  query = matmul();
  query.role = Role::kScheduler;
  expect_match(document, query, "ai.onnx:MatMul", "loose");
  document.ops.erase(document.ops.begin());
  expect_refused(document, matmul(), "ACP-MATCH-4", "ops[0].extensions[0]");

  document = device();
  document.extensions = {critical};
  expect_refused(document, matmul(), "ACP-MATCH-4", "extensions[0]");
}

TEST(Match, an_exact_contract_is_exact_for_its_orders) {
  EXPECT_TRUE(check_exact(test::exact_contract(), "chain"));
  EXPECT_TRUE(check_exact(test::exact_contract(), "lanes32"));
  EXPECT_TRUE(check_exact(test::exact_contract(), "any"));
  EXPECT_TRUE(check_exact(test::exact_contract(), ""));
}

TEST(Reject, ACP_MATCH_5_contract_that_falls_short) {
  const struct {
    std::string_view path;
    std::function<void(NumericContract&)> change;
  } cases[] = {
      {"rounding", [](NumericContract& x) { x.rounding = Rounding::kTowardZero; }},
      {"rounding", [](NumericContract& x) { x.rounding = Rounding::kUnknown; }},
      {"subnormals", [](NumericContract& x) { x.subnormals = Subnormals::kFlushed; }},
      {"subnormals", [](NumericContract& x) { x.subnormals = Subnormals::kUnknown; }},
      {"nan", [](NumericContract& x) { x.nan = Nan::kAny; }},
      {"nan", [](NumericContract& x) { x.nan = Nan::kUnknown; }},
      {"contraction", [](NumericContract& x) { x.contraction = Contraction::kFree; }},
      {"contraction", [](NumericContract& x) { x.contraction = Contraction::kSeparate; }},
      {"contraction", [](NumericContract& x) { x.contraction = Contraction::kUnknown; }},
      {"exact_orders", [](NumericContract& x) { x.exact_orders = {"lanes32"}; }},
  };
  for (const auto& [path, change] : cases) {
    NumericContract contract = test::exact_contract();
    change(contract);
    const Status status = check_exact(contract, "chain");
    ASSERT_FALSE(status) << path;
    EXPECT_EQ(status.error().requirement, "ACP-MATCH-5");
    EXPECT_EQ(status.error().path, path);
  }
}

}  // namespace
}  // namespace acp
