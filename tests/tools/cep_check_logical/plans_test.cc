// Plans that another system wrote: proved, certified, checked.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "cep/distgraph.h"
#include "certified.h"

namespace cep::logical {
namespace {

void expect_accepted(const std::string& name) {
  const char* folder = std::getenv("ACP_DISTGRAPH_PLANS");
  ASSERT_NE(folder, nullptr);
  std::ifstream file(std::string(folder) + "/" + name, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const auto document = read_distgraph_zst(std::as_bytes(std::span(bytes)));
  ASSERT_TRUE(document) << acp::to_string(document.error());
  const Case made = certified(*document);
  EXPECT_EQ(refusal(made.document, made.certificate), "");
  const auto again = decode_logical_certificate(encode(made.certificate));
  ASSERT_TRUE(again) << acp::to_string(again.error());
  EXPECT_EQ(refusal(made.document, *again), "");
}

TEST(Plans, llama_on_8_ranks) { expect_accepted("llama2l_dp2tp2pp2mb2.jsonl.zst"); }
TEST(Plans, experts_on_8_ranks) { expect_accepted("moe2l_dp2tp2pp2mb2.jsonl.zst"); }
TEST(Plans, llama_on_512_ranks) { expect_accepted("llama2l_dp16tp8pp4mb8.jsonl.zst"); }

}  // namespace
}  // namespace cep::logical
