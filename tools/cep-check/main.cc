// cep-check: looks through a certificate, line by line, and says yes only when every line follows.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cep/tree_order.h"
#include "tools/cep-check/check.h"
#include "tools/cep-check/logical/check.h"
#include "tools/cli/cli.h"
#include "tools/files/files.h"
#include "tools/files/logical.h"

namespace tools {
namespace {

struct Options {
  std::string workload;
  std::string plan;
  std::string certificate;
  std::string context;
  std::string order;
  std::function<Format()> format;
};

Json grades_of(const cep::Proved& proof) {
  Json out = Json::array();
  for (const cep::OutputGuarantee& output : proof.outputs) {
    out.push_back({{"tensor", output.tensor}, {"guarantee", cep::grade_name(output.grade)}});
  }
  return out;
}

// `what`: was accepted, in words.
Exit answer(const Options& options, const acp::Status& status, const Json& json, const std::string& what) {
  Json all = {{"verdict", status ? "accepted" : "refused"}};
  all.update(json);
  if (!status) all["finding"] = json_of(status.error());
  print(options.format(),
        status ? "accepted: " + what + "\n" : fmt::format("refused: {}\n", acp::to_string(status.error())),
        all);
  return status ? Exit::kYes : exit_of(status.error());
}

acp::Result<Exit> run(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  ACP_TRY(const cep::Workload workload, read_workload(options.workload));
  ACP_TRY(const cep::Plan plan, read_plan(options.plan, workload));
  ACP_TRY(const cep::Certificate certificate, read_certificate(options.certificate));
  ACP_TRY(const cep::Context context, read_context(plan, options.plan, options.context));
  const acp::Status status = cep_check::check(workload, plan, certificate, context);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  Json json;
  if (status) {
    json["guarantee"] = cep::grade_name(certificate.proof.guarantee);
    json["outputs"] = grades_of(certificate.proof);
    json["lowered_by"] = certificate.proof.lowered_by;
  }
  json["seconds"] = seconds.count();
  return answer(options, status, json,
                fmt::format("{}, {} facts", cep::grade_name(certificate.proof.guarantee),
                            certificate.proof.facts.size()));
}

// A logical plan holds its reference: there is no workload beside it.
acp::Result<Exit> run_logical(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  ACP_TRY(const auto bytes, read_file(options.workload));
  auto document = parse_logical(bytes);
  if (!document) return acp::at(options.workload + ": ", std::move(document).error());
  ACP_TRY(const auto proof, read_file(options.plan));
  auto certificate = cep::logical::decode_logical_certificate(proof);
  if (!certificate)
    return acp::at(options.plan + ": ", of_another_kind(unusable(std::move(certificate).error()), proof,
                                                        "a logical plan's certificate"));
  if (auto status = check_logical(*document); !status)
    return acp::at(options.workload + ": ", std::move(status).error());
  const acp::Digest digest = cep::logical::digest(*document);
  const auto read = std::chrono::steady_clock::now();
  const acp::Status status = cep_check::logical::check(*document, *certificate, digest);
  const std::chrono::duration<double> reading = read - begin,
                                      checking = std::chrono::steady_clock::now() - read;
  Json json = {{"digest", acp::to_string(digest)},
               {"lines", document->plan.program.nodes.size()},
               {"seconds", {{"read", reading.count()}, {"check", checking.count()}}}};
  if (!status) return answer(options, status, json, "");
  const bool ordered = !options.order.empty();
  const auto other = ordered ? find_other_order(*document, *certificate) : std::nullopt;
  const bool bitwise = ordered && !other;
  json["guarantee"] = bitwise ? "bitwise" : "real";
  if (other) {
    json["verdict"] = "refused";
    json["finding"] = {{"id", other->id}, {"message", to_string(*other)}};
    print(options.format(), fmt::format("refused: only over the reals: {}\n", to_string(*other)), json);
    return Exit::kNo;
  }
  return answer(options, status, json,
                fmt::format("{}, {} lines", bitwise ? "bitwise, in tree order" : "over the reals",
                            document->plan.program.nodes.size()));
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  CLI::App app(
      "cep-check: checks a certificate against its workload and plan, with other code than the verifier's");
  tools::Options options;
  app.add_option("WORKLOAD", options.workload, "the workload, W.cep or JSON; or a logical plan")->required();
  app.add_option("PLAN", options.plan, "the plan, P.cep or text; of a logical plan, its certificate")
      ->required();
  app.add_option("CERTIFICATE", options.certificate,
                 "what `cep verify --certificate` wrote; nothing after what `cep prove --certificate` wrote");
  app.add_option("--context", options.context, "folder with the devices' ACP documents; default: the plan's");
  app.add_option("--order", options.order,
                 "of a logical plan. tree: every bit is the reference's, when all sums are binary trees")
      ->check(CLI::IsMember({"tree"}));
  options.format = tools::add_format(app);
  app.footer(
      "Exit codes: 0 accepted, 1 refused, 2 unusable input, 3 not supported or over a limit, 4 a file is "
      "missing.");
  return tools::run_app(app, argc, argv, [&] {
    if (!options.order.empty() && !options.certificate.empty()) {
      fmt::print(stderr, "--order is for logical plans; a physical plan's certificate says its grade\n");
      return tools::Exit::kMalformed;
    }
    const auto exit = options.certificate.empty() ? tools::run_logical(options) : tools::run(options);
    return exit ? *exit : tools::fail(options.format(), exit.error());
  });
}
