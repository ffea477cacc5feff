#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "acp/text.h"
#include "support/acp_documents.h"

namespace acp {
namespace {

// The JSON blocks of the specification are its worked examples.
std::vector<std::string> spec_examples() {
  std::ifstream file(ACP_SPEC_DIR "/acp/01-documents.md");
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = line == "```json";
      if (inside) blocks.emplace_back();
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

TEST(Text, the_class_example_of_the_spec) {
  const auto examples = spec_examples();
  ASSERT_EQ(examples.size(), 2U);
  const auto document = parse_class_json(examples[0]);
  ASSERT_TRUE(document) << to_string(document.error());
  EXPECT_EQ(document->identity, (Identity{"Example", "template", "A0", "0.1"}));
  EXPECT_EQ(document->memories, (std::vector<MemorySpace>{{"main", 1073741824, 64}}));
  EXPECT_EQ(document->links, (std::vector<Link>{{"host", "main"}, {"main", "host"}}));
  EXPECT_EQ(document->queues, (std::vector<QueueGroup>{{"compute", 1}}));
  const NumericContract exact{"exact",           Rounding::kNearestEven,
                              Subnormals::kKept, Nan::kCanonical,
                              Contraction::kFma, {"chain", "blocked_tree", "blocked_index", "lanes32"}};
  EXPECT_EQ(document->contracts, std::vector<NumericContract>{exact});
  EXPECT_EQ(document->ops,
            (std::vector<OpSupport>{{"cep:region", 1, {"f32", "i32", "i64", "bool"}, "exact", {}}}));
  EXPECT_EQ(document->limits, (Limits{8, std::nullopt, std::nullopt}));
  EXPECT_TRUE(document->extensions.empty());
}

TEST(Text, the_instance_example_of_the_spec) {
  const auto document = parse_instance_json(spec_examples().at(1));
  ASSERT_TRUE(document) << to_string(document.error());
  EXPECT_EQ(document->class_digest, sha256("abc"));
  EXPECT_EQ(document->serial, "0001");
  EXPECT_EQ(document->firmware, "0.1");
  EXPECT_EQ(document->links.size(), 2U);
}

TEST(Text, written_form) {
  Instance document;
  document.class_digest = sha256("abc");
  document.serial = "7";
  document.extensions = {{"urn:x:y", {Role::kVerifier}, test::bytes_of("\x01\xfe")}};
  EXPECT_EQ(to_json(document), R"({
  "acp": 1,
  "kind": "instance",
  "class_digest": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "serial": "7",
  "extensions": [
    {
      "name": "urn:x:y",
      "critical_for": [
        "verifier"
      ],
      "payload": "01fe"
    }
  ]
}
)");
}

TEST(Text, large_integers_are_exact) {
  Class document = test::full_class();
  document.memories[0].size_bytes = (std::uint64_t{1} << 53) + 1;
  document.limits.max_operand_bytes = 0xffffffffffffffffU;
  const std::string text = to_json(document);
  EXPECT_NE(text.find("9007199254740993"), std::string::npos);
  EXPECT_NE(text.find("18446744073709551615"), std::string::npos);
  const auto back = parse_json(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, Document(document));
}

TEST(Text, writing_what_check_refuses_does_not_throw) {
  Class document = test::full_class();
  document.identity.vendor = "\xff\xfe";
  EXPECT_FALSE(to_json(document).empty());
}

RC_GTEST_PROP(Text, round_trip, ()) {
  const Document document = test::random_document();
  const auto back = parse_json(to_json(document));
  if (!back) RC_FAIL(to_string(back.error()));
  RC_ASSERT(*back == document);
}

struct Case {
  std::string text;
  std::string_view path;
};

void expect_refused(std::string_view requirement, const std::vector<Case>& cases) {
  for (const auto& [text, path] : cases) {
    const auto document = parse_json(text);
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().requirement, requirement) << text;
    EXPECT_EQ(document.error().path, path) << text;
  }
}

// An accepted Class with `fields` added to it.
std::string with(std::string_view fields) {
  return R"({"acp": 1, "kind": "class", "identity": {"vendor": "v", "product": "p"})" + std::string(fields) +
         "}";
}

TEST(Text, the_base_of_the_refused_texts_is_accepted) { EXPECT_TRUE(parse_json(with(""))); }

TEST(Reject, ACP_TEXT_1_not_json_or_key_twice) {
  expect_refused("ACP-TEXT-1", {
                                   {"", ""},
                                   {"{", ""},
                                   {with("") + "x", ""},
                                   {with(", \"limits\": {\"max_rank\": 1,}"), ""},
                                   {with(", \"links\": [] , \"links\": []"), "links"},
                                   {with(", \"limits\": {\"max_rank\": 1, \"max_rank\": 2}"), "max_rank"},
                                   {"{\"acp\": \"\xff\"}", ""},
                                   {std::string(100'000, '['), ""},
                                   {std::string(20, '[') + std::string(20, ']'), ""},
                               });
}

TEST(Reject, ACP_TEXT_1_in_another_text) {
  EXPECT_TRUE(check_json(R"([{"a": 1, "b": {"a": [2]}}, {"a": 3}])", 4));
  const struct {
    const char* text;
    const char* path;
  } cases[] = {
      {R"([{"a": 1, "b": {"a": [[2]]}}])", ""},  // a level too deep
      {R"([{"a": 1, "b": {"c": 1, "c": 1}}])", "c"},
      {R"([1, 2)", ""},
      {R"([1] 2)", ""},
  };
  for (const auto& [text, path] : cases) {
    const Status status = check_json(text, 4);
    ASSERT_FALSE(status.has_value()) << text;
    EXPECT_EQ(status.error().requirement, "ACP-TEXT-1") << text;
    EXPECT_EQ(status.error().path, path) << text;
  }
}

// A reader that searches the list after each of its objects takes hours.
TEST(Text, a_long_list_is_read_in_the_time_its_length_takes) {
  std::string text = with(", \"links\": [{}");
  text.pop_back();
  while (text.size() < 3'000'000) text += ",{}";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(parse_json(text + "]}"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(100));
}

TEST(Reject, ACP_TEXT_2_over_4_mib) {
  const std::string base = with("");
  const std::string fits = base + std::string((std::size_t{4} << 20) - base.size(), ' ');
  EXPECT_TRUE(parse_json(fits));
  expect_refused("ACP-TEXT-2", {{fits + " ", ""}});
}

TEST(Reject, ACP_TEXT_3_unknown_key) {
  expect_refused("ACP-TEXT-3", {
                                   {with(", \"colour\": 1"), "colour"},
                                   {with(", \"limits\": {\"maxrank\": 1}"), "limits.maxrank"},
                                   {with(", \"memories\": [{\"bytes\": 1}]"), "memories[0].bytes"},
                                   {with(", \"serial\": \"1\""), "serial"},
                                   {with(", \"limits\": {\"acp\": 1}"), "limits.acp"},
                               });
}

TEST(Reject, ACP_TEXT_4_wrong_type_or_range) {
  expect_refused(
      "ACP-TEXT-4",
      {
          {"[]", ""},
          {"7", ""},
          {with(", \"limits\": []"), "limits"},
          {with(", \"limits\": null"), "limits"},
          {with(", \"memories\": {}"), "memories"},
          {with(", \"limits\": {\"max_rank\": -1}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_rank\": 1.0}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_rank\": 1e2}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_rank\": true}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_rank\": \"1\"}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_rank\": 4294967296}"), "limits.max_rank"},
          {with(", \"limits\": {\"max_operand_bytes\": 18446744073709551616}"), "limits.max_operand_bytes"},
          {with(", \"queues\": [{\"name\": 5}]"), "queues[0].name"},
          {with(", \"extensions\": [{\"name\": \"a:b\", \"payload\": \"0\"}]"), "extensions[0].payload"},
          {with(", \"extensions\": [{\"name\": \"a:b\", \"payload\": \"0G\"}]"), "extensions[0].payload"},
          {with(", \"extensions\": [{\"name\": \"a:b\", \"payload\": \"AB\"}]"), "extensions[0].payload"},
      });
}

TEST(Reject, ACP_TEXT_5_unknown_word) {
  expect_refused(
      "ACP-TEXT-5",
      {
          {with(", \"contracts\": [{\"id\": \"a\", \"nan\": \"Canonical\"}]"), "contracts[0].nan"},
          {with(", \"contracts\": [{\"id\": \"a\", \"nan\": \"unknown\"}]"), "contracts[0].nan"},
          {with(", \"extensions\": [{\"name\": \"a:b\", \"critical_for\": [\"verifier\", \"cook\"]}]"),
           "extensions[0].critical_for[1]"},
      });
}

TEST(Reject, ACP_TEXT_6_version_or_kind) {
  expect_refused("ACP-TEXT-6", {
                                   {"{}", "acp"},
                                   {R"({"acp": "1", "kind": "class"})", "acp"},
                                   {R"({"acp": 2, "kind": "class"})", "acp"},
                                   {R"({"acp": 0, "kind": "class"})", "acp"},
                                   {R"({"acp": 1})", "kind"},
                                   {R"({"acp": 1, "kind": 1})", "kind"},
                                   {R"({"acp": 1, "kind": "klass"})", "kind"},
                               });
  EXPECT_EQ(parse_json(R"({"acp": 2, "kind": "class"})").error().family, Family::kUnsupported);
  EXPECT_EQ(parse_class_json(to_json(test::full_instance())).error().requirement, "ACP-TEXT-6");
  EXPECT_EQ(parse_instance_json(to_json(test::full_class())).error().requirement, "ACP-TEXT-6");
}

TEST(Reject, ACP_DOC_6_also_in_the_text_form) {
  expect_refused("ACP-DOC-6",
                 {{with(R"(, "ops": [{"op": "a:b", "version": 1, "dtypes": ["f32"], "contract": "c"}])"),
                   "ops[0].contract"}});
}

TEST(Reject, ACP_DIG_1_also_in_the_text_form) {
  expect_refused(
      "ACP-DIG-1",
      {{R"({"acp": 1, "kind": "instance", "serial": "1", "class_digest": "sha256:00"})", "class_digest"}});
}

}  // namespace
}  // namespace acp
