#include "conformance/reject_corpus.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cep/distgraph.h"
#include "cep/equivalence.h"
#include "support/logical_text.h"
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

// The names of the pieces of a logical plan, in the order in which its lines declare them.
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& line : lines_of(text)) {
    const std::size_t equals = line.find(" = ");
    if (!line.starts_with('@') || equals == std::string::npos) continue;
    std::istringstream words(line.substr(0, equals));
    for (std::string word; words >> word;) {
      const std::size_t colon = word.find(':');
      if (colon != std::string::npos) names.push_back(word.substr(0, colon));
    }
  }
  return names;
}

// What a person finds a finding by: the first result of its line, a line without results by what it does to which piece, and what is
// delivered by the piece. Files without names have their own numbers.
std::string place_of(const cep::logical::Document& document, const std::string& text, cep::logical::Id node,
                     std::uint32_t source) {
  const cep::logical::Program& plan = document.plan.program;
  const std::vector<std::string> names = pieces_of(text);
  const auto name = [&](cep::logical::Id tensor) {
    return tensor < names.size() ? names[tensor] : std::to_string(plan.tensors[tensor].source);
  };
  if (node == cep::logical::kNone) {
    for (cep::logical::Id id = 0; id < plan.tensors.size(); ++id) {
      if (plan.tensors[id].source == source) return "yield " + name(id);
    }
    return "output";
  }
  const cep::logical::Node& line = plan.nodes[node];
  if (line.outputs > 0) return name(plan.outputs(line)[0]);
  return plan.operations[line.operation].name + " " + name(plan.inputs(line)[0]);
}

// The support's reader throws what is wrong with a text.
acp::Result<cep::logical::Document> read_text(const std::string& text, const std::string& folder) {
  try {
    return cep::support::logical_text(text);
  } catch (const std::exception& fault) {
    return acp::malformed("", folder, fault.what());
  }
}

// What is timed: a verdict without the words around it.
void verify_only(const Case& made) {
  if (const auto* physical = std::get_if<Physical>(&made.of)) {
    (void)cep::verify(physical->workload, physical->plan, cep::support::exact_context(physical->plan));
    return;
  }
  const auto& logical = std::get<Logical>(made.of);
  if (cep::logical::check_logical(logical.plan)) (void)cep::logical::prove(logical.plan);
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
  for (const Json& one : json.at("without")) {
    if (one.size() != 6) return acp::malformed("", "index.json", one.dump() + ": six keys are wanted");
    index.without.push_back({one.at("bug"), one.at("family"), one.at("title"), one.at("source"),
                             one.at("same_as"), one.at("why")});
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
  const bool lines = std::filesystem::exists(folder + "plan.jsonl");
  const std::string ending = lines ? ".jsonl" : ".txt";
  Case made;
  ACP_TRY(made.plan_text, text_of(folder + "plan" + ending));
  ACP_TRY(made.twin_text, text_of(folder + "twin" + ending));
  if (std::filesystem::exists(folder + "workload.json")) {
    Physical physical;
    ACP_TRY(const std::string workload, text_of(folder + "workload.json"));
    ACP_TRY(physical.workload, tools::parse_workload_json(workload));
    ACP_TRY(physical.plan, cep::parse_plan(made.plan_text, physical.workload));
    ACP_TRY(physical.twin, cep::parse_plan(made.twin_text, physical.workload));
    made.of = std::move(physical);
    return made;
  }
  Logical logical;
  if (lines) {
    ACP_TRY(logical.plan, cep::logical::read_distgraph(made.plan_text));
    ACP_TRY(logical.twin, cep::logical::read_distgraph(made.twin_text));
  } else {
    ACP_TRY(logical.plan, read_text(made.plan_text, entry.folder));
    ACP_TRY(logical.twin, read_text(made.twin_text, entry.folder));
  }
  made.of = std::move(logical);
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
  for (const cep::Finding& finding : findings) {
    const std::string name(cep::condition_name(finding.condition));
    if (std::find(made.conditions.begin(), made.conditions.end(), name) == made.conditions.end())
      made.conditions.push_back(name);
  }
  return made;
}

Answer answer_of_equivalence(const cep::logical::Document& document, const std::string& text) {
  const auto verdict = cep::logical::prove(document);
  if (std::holds_alternative<cep::logical::Proved>(verdict)) return {"proved real", "", "", {}, "proved"};
  const cep::logical::Finding& finding = std::get<cep::logical::NotProved>(verdict).finding;
  return {"not proved",
          finding.id,
          place_of(document, text, finding.node, finding.source),
          {"equivalence"},
          cep::logical::to_string(finding)};
}

Answer answer(const cep::logical::Document& document, const std::string& text) {
  const acp::Status checked = cep::logical::check_logical(document);
  if (checked) return answer_of_equivalence(document, text);
  // "plan.nodes[7].inputs[0]"
  const std::string& path = checked.error().path;
  const std::string nodes = "plan.nodes[";
  const cep::logical::Id node = path.starts_with(nodes)
                                    ? static_cast<cep::logical::Id>(std::stoul(path.substr(nodes.size())))
                                    : cep::logical::kNone;
  return {"refused",
          checked.error().requirement,
          node == cep::logical::kNone ? path : place_of(document, text, node, 0),
          {"program"},
          acp::to_string(checked.error())};
}

Answer answer(const Case& made, Which which) {
  const bool plan = which == Which::kPlan;
  if (const auto* physical = std::get_if<Physical>(&made.of))
    return answer(physical->workload, plan ? physical->plan : physical->twin);
  const auto& logical = std::get<Logical>(made.of);
  return answer(plan ? logical.plan : logical.twin, plan ? made.plan_text : made.twin_text);
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
      verify_only(*read);
      const auto end = std::chrono::steady_clock::now();
      least = std::min(least, std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count());
    }
    const Answer said = answer(*read, Which::kPlan);
    text += row({"[" + std::to_string(entry.bug) + "](" + entry.folder + ")", entry.family, entry.title,
                 entry.source, said.verdict, said.id, said.at, answer(*read, Which::kTwin).verdict,
                 std::to_string(least)});
  }
  text += "\n" + row({"bug", "", "what goes wrong", "seen in", "why it has no case of its own"}) +
          "|--:|---|---|---|---|\n";
  for (const Without& one : index.without) {
    const std::string told = one.same_as == 0 ? "not covered" : "as " + std::to_string(one.same_as);
    text += row({std::to_string(one.bug), one.family, one.title, one.source, told + ": " + one.why});
  }
  return text;
}

std::string without_times(const std::string& table) {
  std::string text;
  for (const std::string& line : lines_of(table)) {
    // "... | 35 |"
    const std::size_t bar = line.size() < 2 ? std::string::npos : line.rfind('|', line.size() - 2);
    const bool timed = bar != std::string::npos && bar + 2 < line.size() && line.ends_with(" |") &&
                       line.find_first_not_of("0123456789 |", bar) == std::string::npos;
    text += (timed ? line.substr(0, bar) : line) + "\n";
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
