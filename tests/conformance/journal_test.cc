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

const Header kHeader = {.suite = "0.1",
                        .suite_digest = "sha256:00",
                        .document_digest = "sha256:01",
                        .binary_digest = "sha256:02",
                        .tier = "quick",
                        .nonce = "ab",
                        .testee = "mine",
                        .document = "{\n \"acp\": 1}",
                        .environment = "here",
                        .shard = "0/2"};

Header with(std::string Header::* field, const std::string& value) {
  Header header = kHeader;
  header.*field = value;
  return header;
}
const Entry kPassed = {parse_query("acp.state:seed=1").value(), pass("fine"), "",
                       std::chrono::milliseconds(3)};
const Entry kFailed = {parse_query("num.op.Relu:case=1").value(),
                       fail("ACP-CONF-10", "a \"word\"\n", "0x1", "0x2"), "num.op.Relu:case=0",
                       std::chrono::milliseconds(4)};

TEST_F(JournalTest, takes_up_what_is_finished) {
  {
    Journal journal = Journal::open(folder(), kHeader, Resume::kYes).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
    ASSERT_TRUE(journal.add(kFailed).has_value());
  }
  const Journal again = Journal::open(folder(), kHeader, Resume::kYes).value();
  ASSERT_NE(again.find(kFailed.query), nullptr);
  EXPECT_EQ(again.find(kFailed.query)->outcome, kFailed.outcome);
  EXPECT_EQ(again.find(kFailed.query)->minimised, kFailed.minimised);
  ASSERT_NE(again.find(kPassed.query), nullptr);
  EXPECT_EQ(again.find(kPassed.query)->outcome, kPassed.outcome);
  EXPECT_EQ(nonce_of_journal(folder()), "ab");
}

TEST_F(JournalTest, drops_a_line_that_was_cut_off) {
  {
    Journal journal = Journal::open(folder(), kHeader, Resume::kYes).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
    ASSERT_TRUE(journal.add(kFailed).has_value());
  }
  const std::string text = read_text(path());
  write_text(path(), text.substr(0, text.size() - 10));
  {
    Journal again = Journal::open(folder(), kHeader, Resume::kYes).value();
    EXPECT_NE(again.find(kPassed.query), nullptr);
    EXPECT_EQ(again.find(kFailed.query), nullptr);
    ASSERT_TRUE(again.add(kFailed).has_value());
  }
  EXPECT_NE(Journal::open(folder(), kHeader, Resume::kYes).value().find(kFailed.query), nullptr);
}

TEST_F(JournalTest, another_header_begins_anew) {
  {
    Journal journal = Journal::open(folder(), kHeader, Resume::kYes).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
  }
  const Journal other =
      Journal::open(folder(), with(&Header::document_digest, "sha256:09"), Resume::kYes).value();
  EXPECT_EQ(other.find(kPassed.query), nullptr);
}

TEST_F(JournalTest, a_run_that_is_not_taken_up_begins_anew) {
  {
    Journal journal = Journal::open(folder(), kHeader, Resume::kNo).value();
    ASSERT_TRUE(journal.add(kPassed).has_value());
  }
  EXPECT_EQ(Journal::read(folder()).value().entries().size(), 1u);
  EXPECT_EQ(Journal::open(folder(), kHeader, Resume::kNo).value().find(kPassed.query), nullptr);
}

TEST_F(JournalTest, reads_what_was_written_and_leaves_it_alone) {
  {
    ASSERT_TRUE(Journal::open(folder(), kHeader, Resume::kNo).value().add(kFailed).has_value());
  }
  const std::string before = read_text(path());
  const Journal journal = Journal::read(folder()).value();
  EXPECT_EQ(journal.header().document, kHeader.document);
  EXPECT_EQ(journal.header().environment, "here");
  ASSERT_NE(journal.find(kFailed.query), nullptr);
  EXPECT_EQ(read_text(path()), before);
  EXPECT_EQ(Journal::read(file("nowhere").string()).error().family, acp::Family::kEnvironment);
}

TEST(Journal, one_run_is_what_agrees_in_all_but_the_place) {
  for (const auto field : {&Header::suite, &Header::suite_digest, &Header::document_digest,
                           &Header::binary_digest, &Header::tier, &Header::nonce}) {
    EXPECT_FALSE(same_run(kHeader, with(field, "other")));
  }
  for (const auto field : {&Header::testee, &Header::document, &Header::environment, &Header::shard})
    EXPECT_TRUE(same_run(kHeader, with(field, "other")));
}

TEST_F(RejectJournal, ACP_CONF_2_a_file_that_is_no_journal) {
  std::filesystem::create_directories(file("out"));
  write_text(path(), "my diary\n");
  const auto journal = Journal::open(folder(), kHeader, Resume::kYes);
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
