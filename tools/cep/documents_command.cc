// cep context and bind: from what people write to files whose digests agree.
#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "acp/wire.h"
#include "tools/cep/commands.h"
#include "tools/cep/devices.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/files/files.h"

namespace tools {

namespace {

struct ContextOptions {
  std::function<Format()> format;
  std::vector<std::string> shims;
  std::string folder = ".";
};

acp::Result<Exit> write_context(const ContextOptions& options) {
  ACP_CHECK(check_outputs({}, document_files(options.shims, options.folder)));
  ACP_TRY(const Devices devices, Devices::load(options.shims));
  ACP_TRY(const auto documents, write_documents(devices, options.shims, options.folder));
  Json json = Json::array();
  std::string text;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    text += fmt::format("{} {}\n", documents[i].file, documents[i].digest);
    json.push_back(
        {{"shim", options.shims[i]}, {"file", documents[i].file}, {"digest", documents[i].digest}});
  }
  print(options.format(), text, {{"documents", json}});
  return Exit::kYes;
}

struct Bind {
  std::function<Format()> format;
  std::string plan;
  std::string workload;
  std::string context;
  std::string out;
};

acp::Result<Exit> bind(const Bind& options) {
  namespace fs = std::filesystem;
  const std::string out = options.out.empty() ? options.plan : options.out;
  // A plan is filled in where it stands, if it stands anywhere: what is written to a pipe that was read is lost.
  std::error_code failed;
  if (options.out.empty() && fs::exists(out, failed) && !fs::is_regular_file(out, failed) &&
      !fs::is_directory(out, failed))
    return acp::malformed("CEP-INPUT-1", "--output", "is required: " + out + " is no regular file");
  ACP_TRY(const cep::Workload workload, read_workload(options.workload));
  ACP_TRY(cep::Plan plan, read_plan(options.plan, workload));
  plan.workload = cep::digest_of(workload);
  const fs::path folder =
      options.context.empty() ? fs::path(options.plan).parent_path() : fs::path(options.context);
  std::vector<FileOf> read = {{"--workload", options.workload}};
  for (cep::Device& device : plan.devices) {
    const std::string file = (folder / (device.shim + ".acp")).string();
    read.push_back({"the document of " + device.name, file});
    ACP_TRY(const std::vector<std::byte> bytes, read_file(file));
    auto document = acp::decode_class(bytes);
    if (!document) return acp::at(device.shim + ".acp: ", unusable(std::move(document).error()));
    device.document = acp::sha256(bytes);
  }
  ACP_CHECK(check_outputs(read, {{"--output", out}}));
  const bool binary = fs::path(out).extension() == ".cep";
  const std::string text = cep::to_text(plan, workload);
  ACP_CHECK(binary ? write_wire(out, cep::encode(plan)) : write_file(out, bytes_of(text)));
  const std::string digest = acp::to_string(cep::digest_of(plan));
  if (out != "-")
    print(options.format(), fmt::format("{} {}\n", out, digest), {{"file", out}, {"digest", digest}});
  return Exit::kYes;
}

}  // namespace

std::function<Exit()> add_context_command(CLI::App& command) {
  auto options = std::make_shared<ContextOptions>();
  command.add_option("--shim", options->shims, "a shim: short name, or path of its library; again for more")
      ->required()
      ->allow_extra_args(false);
  command.add_option("-o,--output", options->folder, "folder to write NAME.acp into; default: here");
  options->format = add_format(command);
  return refusing(options, write_context);
}

std::function<Exit()> add_bind_command(CLI::App& command) {
  auto options = std::make_shared<Bind>();
  command.add_option("PLAN", options->plan, "the plan, text or file")->required();
  command.add_option("--workload", options->workload, "the workload it is for")->required();
  command.add_option("--context", options->context,
                     "folder with SHIM.acp for the shim of every device; default: the plan's");
  command.add_option("-o,--output", options->out,
                     "where to write; ending .cep: as a plan file, else as text; default: in place");
  options->format = add_format(command);
  return refusing(options, bind);
}

}  // namespace tools
