// cep prove: does a partitioned program compute what its reference computes?
#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cep/equivalence.h"
#include "cep/fold.h"
#include "cep/logical_wire.h"
#include "cep/tree_order.h"
#include "tools/cep/batch.h"
#include "tools/cep/commands.h"
#include "tools/cep/finding.h"
#include "tools/cep/measure.h"
#include "tools/cep/refute.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"
#include "tools/files/logical.h"

namespace tools {

namespace {

using namespace cep::logical;

struct Prove {
  std::function<Format()> format;
  std::string file;
  std::string certificate;
  std::string output;
  std::string order;
  std::vector<std::string> batch;
  bool fold = false;
  bool no_replay = false;
  std::uint64_t seed = 1;
  std::optional<std::uint32_t> explain;
};

Json json_of(const Proved& proved) {
  Json json = {{"verdict", "proved"},
               {"guarantee", "real"},
               {"delivered", proved.delivered},
               {"patterns", proved.patterns},
               {"transfers", proved.transfers},
               {"reassociations", Json::array()},
               {"discontinuous", proved.discontinuous},
               {"assumptions", proved.assumptions}};
  for (const Reassociation& sum : proved.reassociations) {
    json["reassociations"].push_back(
        {{"tensor", sum.source}, {"operator", sum.name}, {"pieces", sum.pieces}});
  }
  return json;
}

Json json_of(const Finding& finding) {
  Json json = finding_of(finding);
  json["verdict"] = "not proved";
  return json;
}

std::string text_of(const Proved& proved) {
  std::string text =
      fmt::format("proved: over the reals, {} boxes of outputs are the reference's\n", proved.delivered);
  if (proved.reassociations.empty()) text += "no sum is split\n";
  std::map<std::pair<std::string, std::int64_t>, std::vector<std::uint32_t>> sums;
  for (const Reassociation& sum : proved.reassociations) {
    // A parameter's name tells its gradients apart; the operator is what they have in common.
    sums[{sum.name.substr(0, sum.name.find(' ')), sum.pieces}].push_back(sum.source);
  }
  for (const auto& [what, tensors] : sums) {
    text += fmt::format("reassociated: {}, at most {} pieces joined at once: reference tensors", what.first,
                        what.second);
    for (std::size_t i = 0; i < tensors.size() && i < 8; ++i) text += fmt::format(" {}", tensors[i]);
    text += tensors.size() > 8 ? fmt::format(" and {} more\n", tensors.size() - 8) : "\n";
  }
  for (const std::string& jump : proved.discontinuous)
    text += "can jump behind a reassociated sum: " + jump + "\n";
  for (const std::string& assumption : proved.assumptions) text += "assumed: " + assumption + "\n";
  return text;
}

// The lines behind a tensor, from the last to the first, each with what it makes.
std::string chain_of(const Document& document, const LogicalCertificate& certificate, Id tensor) {
  const Program& program = document.plan.program;
  std::vector<Id> maker(program.tensors.size(), kNone);
  for (Id line = 0; line < program.nodes.size(); ++line) {
    for (const Id result : program.outputs(program.nodes[line])) maker[result] = line;
  }
  std::string text;
  // The latest line first: operands come after everything that uses them.
  std::set<std::pair<std::int64_t, Id>> next;
  const auto add = [&](Id t) { next.emplace(maker[t] == kNone ? -1 : std::int64_t{maker[t]}, t); };
  add(tensor);
  while (!next.empty()) {
    const Id at = next.rbegin()->second;
    next.erase(std::prev(next.end()));
    std::string how = "bound";
    if (maker[at] != kNone) {
      const Node& node = program.nodes[maker[at]];
      how = fmt::format("line {}: {}{}", node.source, program.operations[node.operation].name,
                        program.operations[node.operation].backward ? " (backward)" : "");
      for (const Id operand : program.inputs(node)) {
        how += fmt::format(" {}", program.tensors[operand].source);
        add(operand);
      }
      if (certificate.repeats[maker[at]] != kNone) {
        how += fmt::format(", as reference node {}",
                           document.reference.program.nodes[certificate.repeats[maker[at]]].source);
      }
    }
    text += fmt::format("{} = {}\n    {}\n", program.tensors[at].source, describe(document, certificate, at),
                        how);
  }
  return text;
}

acp::Result<std::string> explained(const Document& document, const LogicalCertificate& certificate,
                                   std::uint32_t source) {
  const auto& tensors = document.plan.program.tensors;
  for (Id id = 0; id < tensors.size(); ++id) {
    if (tensors[id].source == source) return chain_of(document, certificate, id);
  }
  return acp::malformed("CEP-INPUT-1", fmt::format("--explain {}", source), "the plan has no such tensor");
}

void say(const Proved& proved, Json& json, std::string& text) {
  json = json_of(proved);
  text += text_of(proved);
}

// A proof over the reals: to the bit too?
Exit answer_order(const Document& document, const LogicalCertificate& certificate, const Proved& proved,
                  Json& json, std::string& text) {
  const auto other = find_other_order(document, certificate);
  say(other ? proved : in_tree_order(proved), json, text);
  json["order"] = "tree";
  if (other) {
    json["finding"] = finding_of(*other);
    text += "over the reals alone: " + to_string(*other) + "\n";
    return Exit::kUndecided;
  }
  json["guarantee"] = "bitwise";
  text += "bitwise: every element has the reference's bits, in tree order\n";
  return Exit::kYes;
}

void print_answer(const Document& document, const acp::Digest& name, Format format, Json json,
                  std::string text) {
  json["digest"] = acp::to_string(name);
  json["lines"] = document.plan.program.nodes.size();
  json["ranks"] = document.plan.ranks;
  json["peak_bytes"] = peak_bytes();
  text += "seconds:";
  for (const auto& [what, time] : json["seconds"].items())
    text += fmt::format(" {} {:.3f}", what, time.get<double>());
  text += fmt::format("; peak {} MB\n", peak_bytes() >> 20);
  print(format, text, json);
}

// What an answer is put together in.
struct Answer {
  Json& json;
  std::string& text;
  Json& seconds;
  Stopwatch& watch;
};

// What is said of a plan that is proved, and what else is asked of it.
acp::Result<Exit> behind_a_proof(const Prove& options, const Document& document, const Proved& proved,
                                 const LogicalCertificate& certificate, const Answer& answer) {
  if (!options.certificate.empty()) ACP_CHECK(write_wire(options.certificate, encode(certificate)));
  Exit exit = Exit::kYes;
  if (options.order.empty()) {
    say(proved, answer.json, answer.text);
  } else {
    exit = answer_order(document, certificate, proved, answer.json, answer.text);
    answer.seconds["order"] = answer.watch.lap();
    if (!options.no_replay) {
      exit = execute(document, options.seed, exit, answer.json, answer.text);
      answer.seconds["execute"] = answer.watch.lap();
    }
  }
  if (!options.batch.empty()) {
    const bool to_the_bit = answer.json["guarantee"] == "bitwise";
    ACP_TRY(const Exit every, answer_batch(document, options.batch, to_the_bit, answer.json, answer.text));
    if (exit == Exit::kYes) exit = every;
    answer.seconds["batch"] = answer.watch.lap();
  }
  if (options.explain) {
    ACP_TRY(const std::string chain, explained(document, certificate, *options.explain));
    answer.json["explained"] = chain;
    answer.text += chain;
  }
  return exit;
}

acp::Result<Exit> prove_plan(const Prove& options) {
  ACP_CHECK(check_outputs({{"FILE", options.file}},
                          {{"--output", options.output}, {"--certificate", options.certificate}}));
  Stopwatch watch;
  Json seconds;
  ACP_TRY(const auto bytes, read_file(options.file));
  auto read = parse_logical(bytes);
  if (!read) return acp::at(options.file + ": ", std::move(read).error());
  Document document = std::move(*read);
  seconds["parse"] = watch.lap();
  if (auto status = check_logical(document); !status)
    return acp::at(options.file + ": ", std::move(status).error());
  seconds["check"] = watch.lap();
  std::string text;
  std::optional<Document> folded;
  if (options.fold) {
    const bool pattern = !document.plan.variables.empty();
    if (!pattern) folded = fold(document);
    text += folded    ? fmt::format("folded: {} lines are {}, at {} x {} points\n",
                                    document.plan.program.nodes.size(), folded->plan.program.nodes.size(),
                                    folded->plan.variables[0].size, folded->plan.variables[1].size)
            : pattern ? "not folded: the plan is a pattern already\n"
                      : "not folded: no two ranks are alike\n";
    seconds["fold"] = watch.lap();
  }
  if (folded) std::swap(document, *folded);
  std::optional<Proof> proof(std::in_place, document);
  seconds["prove"] = watch.lap();
  if (folded && std::holds_alternative<NotProved>(proof->verdict())) {
    // What is not shown for all points at once may still be shown for each.
    text += "not proved as a pattern: every rank by itself\n";
    std::swap(document, *folded);
    proof.emplace(document);
    seconds["prove"] = seconds["prove"].get<double>() + watch.lap();
  }
  folded.reset();
  const EquivalenceVerdict& verdict = proof->verdict();
  const acp::Digest name = digest(document);
  seconds["hash"] = watch.lap();
  if (!options.output.empty()) ACP_CHECK(write_wire(options.output, encode(document)));
  (void)watch.lap();
  Json json;
  Exit exit = Exit::kYes;
  if (const auto* no = std::get_if<NotProved>(&verdict)) {
    json = json_of(no->finding);
    text += "not proved: " + to_string(no->finding) + "\n";
    if (options.explain) text += "nothing to explain: only what is proved has facts behind it\n";
    exit = Exit::kUndecided;
    if (!options.no_replay) {
      exit = refute(document, options.seed, json, text);
      seconds["replay"] = watch.lap();
    }
  } else {
    const LogicalCertificate certificate = proof->certificate(name);
    seconds["certify"] = watch.lap();
    ACP_TRY(exit, behind_a_proof(options, document, std::get<Proved>(verdict), certificate,
                                 {json, text, seconds, watch}));
  }
  json["seconds"] = seconds;
  print_answer(document, name, options.format(), std::move(json), std::move(text));
  return exit;
}

}  // namespace

std::function<Exit()> add_prove_command(CLI::App& command) {
  auto options = std::make_shared<Prove>();
  command
      .add_option("FILE", options->file,
                  "distgraph-jsonl, as it is or compressed (.zst), or a logical plan file")
      ->required();
  command.add_flag("--fold", options->fold,
                   "first find ranks that differ in an index alone, and prove them once");
  command.add_option("--certificate", options->certificate, "the certificate to write, for cep-check");
  command.add_option("-o,--output", options->output,
                     "the logical plan file to write, as it was proved: what the certificate is of");
  command
      .add_option("--order", options->order,
                  "tree: also prove that every bit is the reference's, when all sums are binary trees, and "
                  "execute both so to see it")
      ->check(CLI::IsMember({"tree"}));
  command.add_option("--batch", options->batch, kBatchHelp);
  command.add_option("--explain", options->explain,
                     "print the facts and lines behind this tensor of the plan, by its number in the file");
  command.add_flag("--no-replay", options->no_replay,
                   "do not run on numbers what is not proved, to find out whether it is wrong, nor execute "
                   "what --order asks about");
  command
      .add_option("--seed", options->seed,
                  "of the numbers a plan is run on: a witness names its own; default: 1")
      ->check(without_sign());
  options->format = add_format(command);
  return refusing(options, prove_plan);
}

}  // namespace tools
