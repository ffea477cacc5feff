#include "conformance/runner/query.h"

#include <gtest/gtest.h>

namespace conformance {
namespace {

TEST(Query, text_and_value_are_inverse) {
  for (const char* text :
       {"acp.state", "num.reduce.fma.f32.chain:k=300,seed=9f3c", "num.op.MatMul:case=0,order=lanes32"}) {
    const auto query = parse_query(text);
    ASSERT_TRUE(query.has_value()) << text;
    EXPECT_EQ(to_string(*query), text);
  }
}

TEST(Query, words_and_values) {
  const Query query = parse_query("num.reduce.fma.f32.chain:k=300,seed=9f3c").value();
  EXPECT_EQ(query.words_behind("num.reduce"), (std::vector<std::string>{"fma", "f32", "chain"}));
  EXPECT_EQ(query.number("k", 1), 300);
  EXPECT_EQ(query.number("block", 16), 16);
  EXPECT_EQ(query.seed(), 0x9f3cu);
  EXPECT_EQ(to_string(query.with("k", "7").with("n", "2")), "num.reduce.fma.f32.chain:k=7,seed=9f3c,n=2");
}

TEST(Reject, ACP_CONF_1_what_is_no_query) {
  for (const char* text : {"", ":k=1", "a b", "a:", "a:k", "a:k=", "a:k=1,", "a:k=1,k=2", "a:k=x", "a:k=-1",
                           "a:seed=g", "a:seed=11111111111111111", "a:n=99999999999999999999", "a:k=1;n=2"}) {
    const auto query = parse_query(text);
    ASSERT_FALSE(query.has_value()) << text;
    EXPECT_EQ(query.error().requirement, "ACP-CONF-1") << text;
    EXPECT_EQ(query.error().family, acp::Family::kMalformed) << text;
  }
}

TEST(Reject, ACP_CONF_3_shard_past_its_count) {
  EXPECT_EQ(parse_shard("3/16").value().index, 3u);
  EXPECT_EQ(parse_shard("3/16").value().count, 16u);
  for (const char* text : {"", "3", "/", "16/16", "0/0", "-1/4", "1/4x", "a/b"}) {
    const auto shard = parse_shard(text);
    ASSERT_FALSE(shard.has_value()) << text;
    EXPECT_EQ(shard.error().requirement, "ACP-CONF-3") << text;
  }
}

}  // namespace
}  // namespace conformance
