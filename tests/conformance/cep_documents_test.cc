// The corpus of documents: what lies there is accepted, and what a row makes of it is refused for its reason.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "conformance/cep/readers.h"

namespace conformance::documents {
namespace {

const std::string kCorpus = CEP_DOCUMENTS;

std::vector<Subject> subjects() {
  auto read = read_corpus(kCorpus);
  EXPECT_TRUE(read) << acp::to_string(read.error());
  return read ? std::move(*read) : std::vector<Subject>{};
}
std::string name_of(const Subject& subject) { return subject.folder + "/" + subject.reader; }
Texts texts_of(const Subject& subject) {
  auto read = read_texts(kCorpus, subject);
  EXPECT_TRUE(read) << name_of(subject) << ": " << acp::to_string(read.error());
  return read ? std::move(*read) : Texts{};
}

TEST(Documents, what_is_right_is_accepted) {
  for (const Subject& subject : subjects()) {
    const auto answer = put_right(subject, texts_of(subject));
    ASSERT_TRUE(answer) << name_of(subject) << ": " << acp::to_string(answer.error());
    EXPECT_TRUE(answer->accepted()) << name_of(subject) << ": " << answer->words;
  }
}

TEST(Reject, every_row_is_refused_for_its_reason) {
  std::size_t rows = 0;
  for (const Subject& subject : subjects()) {
    const Texts texts = texts_of(subject);
    for (const Row& row : subject.rows) {
      const auto answer = put_row(subject, texts, row);
      ++rows;
      EXPECT_TRUE(answer) << (answer ? "" : acp::to_string(answer.error()));
      if (!answer) continue;
      EXPECT_TRUE(for_its_reason(row, *answer))
          << name_of(subject) << "/" << row.name << " wants " << row.id << " " << row.condition << ", got "
          << (answer->accepted() ? "accepted" : answer->words);
    }
  }
  EXPECT_GT(rows, 100u);
}

// What is counted is run: every index lies in a folder of the corpus, has rows, and no two of them are of one name.
TEST(Documents, every_index_is_read_and_names_differ) {
  std::size_t indices = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kCorpus))
    indices += entry.path().filename().string().ends_with(".rows.json") ? 1 : 0;
  const std::vector<Subject> all = subjects();
  EXPECT_EQ(all.size(), indices);
  std::set<std::string> names, used;
  for (const Subject& subject : all) {
    EXPECT_FALSE(subject.rows.empty()) << name_of(subject);
    used.insert(subject.reader);
    for (const Row& row : subject.rows) {
      EXPECT_TRUE(names.insert(subject.folder + "." + row.name).second)
          << name_of(subject) << "/" << row.name;
      EXPECT_FALSE(row.what.empty()) << name_of(subject) << "/" << row.name;
    }
  }
  for (const Reader& reader : readers()) EXPECT_TRUE(used.contains(std::string(reader.name))) << reader.name;
}

Subject one_file(const std::string& reader) { return {"made", reader, {{"plan", {"plan.jsonl"}}}, {}}; }

TEST(Documents, a_change_applies_once_or_not_at_all) {
  const Subject subject = one_file("prove");
  const Texts texts = {{"plan.jsonl", "a b a"}};
  const auto change = [&](const std::string& file, const std::string& find) {
    return changed(subject, texts, {"row", "CEP-X-1", "", "", file, find, "c"});
  };
  ASSERT_TRUE(change("plan.jsonl", "b"));
  EXPECT_EQ(change("plan.jsonl", "b")->at("plan.jsonl"), "a c a");
  EXPECT_FALSE(change("plan.jsonl", "a"));
  EXPECT_FALSE(change("plan.jsonl", "d"));
  EXPECT_FALSE(change("plan.jsonl", ""));
  EXPECT_FALSE(change("other.jsonl", "b"));
}

// A refusal with another id, an acceptance, and another condition are not what a row asks for.
TEST(Documents, a_reason_is_an_id_and_a_condition) {
  const Row row{"row", "CEP-MEM-1", "CEP-VER-4", "", "", "", ""};
  EXPECT_TRUE(for_its_reason(row, {"CEP-MEM-1", {"CEP-VER-4"}, "words"}));
  EXPECT_FALSE(for_its_reason(row, {"CEP-MEM-2", {"CEP-VER-4"}, "words"}));
  EXPECT_FALSE(for_its_reason(row, {"CEP-MEM-1", {"CEP-VER-3"}, "words"}));
  EXPECT_FALSE(for_its_reason(row, {}));
}

}  // namespace
}  // namespace conformance::documents
