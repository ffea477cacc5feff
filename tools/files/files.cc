#include "tools/files/files.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "acp/text.h"
#include "acp/wire.h"
#include "tools/cli/cli.h"
#include "tools/files/logical.h"
#include "tools/files/workload_json.h"

namespace tools {

namespace {

namespace fs = std::filesystem;

// What a file holds, or what is wrong with it, told with the file's name.
template <typename T>
acp::Result<T> from(const std::string& file, std::span<const std::byte> bytes, const char* wanted,
                    acp::Result<T> read) {
  if (read) return read;
  acp::Error error = of_another_kind(unusable(std::move(read).error()), bytes, wanted);
  error.path = error.path.empty() ? file : file + ": " + error.path;
  return error;
}

// A document of either form, with its digest; nothing when the file is no document.
std::optional<std::pair<acp::Digest, acp::Class>> document_in(const std::string& file) {
  std::error_code failed;
  const bool regular = fs::is_regular_file(file, failed);
  // Whatever lies in the folder is looked at: much larger than a document may be, it is none.
  constexpr std::uintmax_t kMaxDocumentBytes = std::uintmax_t{16} << 20;
  if (!regular || fs::file_size(file, failed) > kMaxDocumentBytes) return std::nullopt;
  const auto bytes = read_file(file);
  if (!bytes) return std::nullopt;
  auto document = fs::path(file).extension() == ".json" ? acp::parse_class_json(text_of(*bytes))
                                                        : acp::decode_class(*bytes);
  if (!document) return std::nullopt;
  const auto wire = acp::encode(*document);
  if (!wire) return std::nullopt;
  return std::pair(acp::sha256(*wire), std::move(*document));
}

std::string wanted(const cep::Device& device) {
  return "no document " + acp::to_string(device.document) + " of device \"" + device.name + "\"";
}

}  // namespace

acp::Error unusable(acp::Error error) {
  if (error.family == acp::Family::kInvalid) error.family = acp::Family::kMalformed;
  return error;
}

acp::Status write_wire(const std::string& file, std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxWireBytes)
    return acp::over_limit("CEP-WIRE-5", file, "not written: a message of more than 2^26 words");
  return write_file(file, bytes);
}

acp::Result<cep::Workload> read_workload(const std::string& file) {
  ACP_TRY(const auto bytes, read_file(file));
  return workload_in(bytes, file);
}

acp::Result<cep::Workload> workload_in(std::span<const std::byte> bytes, const std::string& file) {
  const std::string text = text_of(bytes);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{')
    return from(file, bytes, "a workload", parse_workload_json(text));
  return from(file, bytes, "a workload", cep::decode_workload(bytes));
}

acp::Result<cep::Plan> read_plan(const std::string& file, const cep::Workload& workload) {
  ACP_TRY(const auto bytes, read_file(file));
  const std::string text = text_of(bytes);
  if (text.rfind("cep-plan 1", 0) == 0) return from(file, bytes, "a plan", cep::parse_plan(text, workload));
  return from(file, bytes, "a plan", cep::decode_plan(bytes));
}

acp::Result<cep::Certificate> read_certificate(const std::string& file) {
  ACP_TRY(const auto bytes, read_file(file));
  return from(file, bytes, "a certificate", cep::decode_certificate(bytes));
}

acp::Result<cep::Context> read_context(const cep::Plan& plan, const std::string& plan_file,
                                       const std::string& folder) {
  fs::path place = folder.empty() ? fs::path(plan_file).parent_path() : fs::path(folder);
  if (place.empty()) place = ".";
  std::error_code failed;
  std::map<acp::Digest, acp::Class> documents;
  std::string strangers;  // documents that are none of the plan's: a changed one is among them
  for (auto at = fs::directory_iterator(place, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    const std::string ending = at->path().extension().string();
    if (ending != ".acp" && ending != ".json") continue;
    auto found = document_in(at->path().string());
    if (!found && ending == ".json") continue;  // some other file
    const bool known =
        found && std::any_of(plan.devices.begin(), plan.devices.end(),
                             [&](const auto& device) { return device.document == found->first; });
    if (!known)
      strangers += (strangers.empty() ? "" : ", ") + at->path().filename().string() +
                   (found ? " is " + acp::to_string(found->first) : " is no document");
    if (found) documents.insert(std::move(*found));
  }
  if (failed) return acp::environment(place.string(), failed.message());
  cep::Context context;
  for (const cep::Device& device : plan.devices) {
    const auto found = documents.find(device.document);
    if (found == documents.end()) {
      if (strangers.empty()) return acp::environment(place.string(), wanted(device));
      return acp::invalid("CEP-CHECK-1", place.string(), wanted(device) + "; " + strangers);
    }
    context.documents.push_back(found->second);
    context.digests.push_back(device.document);
  }
  return context;
}

}  // namespace tools
