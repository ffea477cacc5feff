#include "conformance/reject_corpus.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/verify_text.h"
#include "tools/files/workload_json.h"

namespace conformance::reject {
namespace {

using Json = nlohmann::json;

acp::Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return acp::environment(path, "cannot be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The cells of a row of a table in Markdown, with the bars.
std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

}  // namespace

acp::Result<Index> read_index(const std::string& corpus) {
  ACP_TRY(const std::string text, text_of(corpus + "/index.json"));
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || json.value("reject", 0) != 1)
    return acp::malformed("", "index.json", "not an index of this version");
  Index index;
  for (const Json& one : json.at("cases")) {
    if (one.size() != 9) return acp::malformed("", "index.json", one.dump() + ": nine keys are wanted");
    index.cases.push_back({one.at("bug"), one.at("folder"), one.at("family"), one.at("title"),
                           one.at("source"), one.at("verdict"), one.at("id"), one.at("at"),
                           one.at("condition")});
  }
  return index;
}

std::vector<std::string> folders(const std::string& corpus) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    if (entry.is_directory()) found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

acp::Result<Case> read_case(const std::string& corpus, const Entry& entry) {
  const std::string folder = corpus + "/" + entry.folder + "/";
  Case made;
  ACP_TRY(const std::string workload, text_of(folder + "workload.json"));
  ACP_TRY(made.workload, tools::parse_workload_json(workload));
  ACP_TRY(made.plan_text, text_of(folder + "plan.txt"));
  ACP_TRY(made.twin_text, text_of(folder + "twin.txt"));
  ACP_TRY(made.plan, cep::parse_plan(made.plan_text, made.workload));
  ACP_TRY(made.twin, cep::parse_plan(made.twin_text, made.workload));
  return made;
}

std::optional<std::string> one_line_apart(const std::string& twin, const std::string& plan) {
  const std::vector<std::string> a = lines_of(twin);
  const std::vector<std::string> b = lines_of(plan);
  const auto [first_a, first_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  // From behind, but not into what was equal from the front.
  auto last_a = a.end();
  auto last_b = b.end();
  while (last_a != first_a && last_b != first_b && *std::prev(last_a) == *std::prev(last_b)) {
    --last_a;
    --last_b;
  }
  const auto was = std::distance(first_a, last_a);
  const auto is = std::distance(first_b, last_b);
  if (was == 1 && is == 1) return "changed: " + *first_a + " => " + *first_b;
  if (was == 1 && is == 0) return "left out: " + *first_a;
  if (was == 0 && is == 1) return "added: " + *first_b;
  if (was == is && was > 1) {
    std::vector<std::string> turned(first_a, last_a);
    std::rotate(turned.begin(), turned.begin() + 1, turned.end());
    if (std::equal(turned.begin(), turned.end(), first_b)) return "moved down: " + *first_a;
    std::rotate(turned.begin(), turned.end() - 2, turned.end());
    if (std::equal(turned.begin(), turned.end(), first_b)) return "moved up: " + *first_b;
  }
  return std::nullopt;
}

Answer answer(const cep::Workload& workload, const cep::Plan& plan, const cep::VerifyOptions& options) {
  const cep::Verdict verdict = cep::verify(workload, plan, cep::support::exact_context(plan), options);
  Answer made;
  made.text = cep::support::describe(verdict);
  if (const auto* proved = std::get_if<cep::Proved>(&verdict)) {
    made.verdict = "proved " + std::string(cep::grade_name(proved->guarantee));
    return made;
  }
  made.verdict = std::holds_alternative<cep::Refuted>(verdict) ? "refuted" : "undecided";
  const std::vector<cep::Finding>& findings = cep::support::findings_of(verdict);
  if (findings.empty()) return made;
  made.id = findings.front().id;
  made.at = findings.front().step;
  made.condition = cep::condition_name(findings.front().condition);
  for (const cep::Finding& finding : findings) {
    const std::string name(cep::condition_name(finding.condition));
    if (std::find(made.conditions.begin(), made.conditions.end(), name) == made.conditions.end())
      made.conditions.push_back(name);
  }
  return made;
}

std::string table(const std::string& corpus, const Index& index) {
  constexpr int kRepeats = 20;
  std::string text = row({"bug", "", "what goes wrong", "seen in", "verdict", "id", "at", "twin", "us"});
  text += "|--:|---|---|---|---|---|---|---|--:|\n";
  for (const Entry& entry : index.cases) {
    const auto read = read_case(corpus, entry);
    if (!read) return acp::to_string(read.error());
    std::int64_t least = INT64_MAX;
    for (int i = 0; i < kRepeats; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const cep::Verdict verdict =
          cep::verify(read->workload, read->plan, cep::support::exact_context(read->plan));
      const auto end = std::chrono::steady_clock::now();
      if (cep::support::proved(verdict)) return entry.folder + " is proved";
      least = std::min(least, std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count());
    }
    const Answer said = answer(read->workload, read->plan);
    text += row({"[" + std::to_string(entry.bug) + "](" + entry.folder + ")", entry.family, entry.title,
                 entry.source, said.verdict, said.id, said.at, answer(read->workload, read->twin).verdict,
                 std::to_string(least)});
  }
  return text;
}

std::string without_times(const std::string& table) {
  std::string text;
  for (const std::string& line : lines_of(table)) {
    const std::size_t bar = line.rfind('|', line.size() - 2);
    text += line.substr(0, bar) + "\n";
  }
  return text;
}

std::string table_in(const std::string& readme) {
  const std::string from = "<!-- table -->\n";
  const std::string to = "<!-- end of table -->\n";
  const std::size_t begin = readme.find(from);
  const std::size_t end = readme.find(to);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return "";
  return readme.substr(begin + from.size(), end - begin - from.size());
}

}  // namespace conformance::reject
