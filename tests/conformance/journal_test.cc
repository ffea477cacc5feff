#include "conformance/runner/journal.h"

#include <gtest/gtest.h>

#include "support/run_program.h"

namespace conformance {
namespace {

using acp::test::read_text;
using acp::test::write_text;

class JournalTest : public acp::test::ProgramTest {
 protected:
  [[nodiscard]] std::string folder() const { return file("out").string(); }
  [[nodiscard]] std::filesystem::path path() const { return file("out") / "journal.jsonl"; }
};
using RejectJournal = JournalTest;

const Header kHeader = {"0.1", "sha256:00", "ab"};
const Entry kPassed = {parse_query("acp.state:seed=1").value(), pass("fine"), "",
                       std::chrono::milliseconds(3)};
const Entry kFailed = {parse_query("num.op.Relu:case=1").value(),
                       fail("ACP-CONF-10", "a \"word\"\n", "0x1", "0x2"), "num.op.Relu:case=0",
                       std::chrono::milliseconds(4)};

TEST_F(JournalTest, takes_up_what_is_finished) {
  {
    Journal journal = Journal::open(folder(), kHeader).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
    ASSERT_TRUE(journal.add(kFailed).has_value());
  }
  const Journal again = Journal::open(folder(), kHeader).value();
  ASSERT_NE(again.find(kFailed.query), nullptr);
  EXPECT_EQ(again.find(kFailed.query)->outcome, kFailed.outcome);
  EXPECT_EQ(again.find(kFailed.query)->minimised, kFailed.minimised);
  ASSERT_NE(again.find(kPassed.query), nullptr);
  EXPECT_EQ(again.find(kPassed.query)->outcome, kPassed.outcome);
  EXPECT_EQ(nonce_of_journal(folder()), "ab");
}

TEST_F(JournalTest, drops_a_line_that_was_cut_off) {
  {
    Journal journal = Journal::open(folder(), kHeader).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
    ASSERT_TRUE(journal.add(kFailed).has_value());
  }
  const std::string text = read_text(path());
  write_text(path(), text.substr(0, text.size() - 10));
  {
    Journal again = Journal::open(folder(), kHeader).value();
    EXPECT_NE(again.find(kPassed.query), nullptr);
    EXPECT_EQ(again.find(kFailed.query), nullptr);
    ASSERT_TRUE(again.add(kFailed).has_value());
  }
  EXPECT_NE(Journal::open(folder(), kHeader).value().find(kFailed.query), nullptr);
}

TEST_F(JournalTest, another_header_begins_anew) {
  {
    Journal journal = Journal::open(folder(), kHeader).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
  }
  const Journal other = Journal::open(folder(), {"0.1", "sha256:01", "ab"}).value();
  EXPECT_EQ(other.find(kPassed.query), nullptr);
}

TEST_F(RejectJournal, ACP_CONF_2_a_file_that_is_no_journal) {
  std::filesystem::create_directories(file("out"));
  write_text(path(), "my diary\n");
  const auto journal = Journal::open(folder(), kHeader);
  ASSERT_FALSE(journal.has_value());
  EXPECT_EQ(journal.error().requirement, "ACP-CONF-2");
  EXPECT_EQ(read_text(path()), "my diary\n") << "it is left alone";
}

TEST_F(RejectJournal, ACP_CONF_2_what_is_no_outcome) {
  EXPECT_EQ(parse_outcome(to_json(kFailed.outcome)).value(), kFailed.outcome);
  for (const char* text :
       {"", "{}", "[1]", R"({"verdict":"skip","requirement":"","words":"","expected":"","got":""})",
        R"({"verdict":"pass","requirement":1,"words":"","expected":"","got":""})"}) {
    const auto outcome = parse_outcome(text);
    ASSERT_FALSE(outcome.has_value()) << text;
    EXPECT_EQ(outcome.error().requirement, "ACP-CONF-2") << text;
  }
}

}  // namespace
}  // namespace conformance
