#include "tools/cli/outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

namespace tools {

namespace {

// What two names of one file have in common; empty: of what cannot be replaced.
std::string identity_of(const std::string& file) {
  if (file.empty() || file == "-") return file;
  struct stat what = {};
  if (stat(file.c_str(), &what) == 0)
    return S_ISREG(what.st_mode) ? fmt::format("{}:{}", what.st_dev, what.st_ino) : std::string();
  std::error_code failed;
  const auto place = std::filesystem::weakly_canonical(std::filesystem::absolute(file, failed), failed);
  return failed ? file : "at " + place.string();
}

// As write_file() would find it: where it stands, or where it would be made.
acp::Status check_place(const std::string& file) {
  if (file.empty() || file == "-") return acp::ok();
  const auto unwritable = [&](int error) {
    return acp::environment(file, std::string("cannot be written: ") + std::strerror(error));
  };
  struct stat what = {};
  if (stat(file.c_str(), &what) == 0) {
    if (S_ISDIR(what.st_mode)) return unwritable(EISDIR);
    return access(file.c_str(), W_OK) == 0 ? acp::ok() : acp::Status(unwritable(errno));
  }
  if (errno != ENOENT) return unwritable(errno);
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const bool there = access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0;
  return there ? acp::ok() : acp::Status(unwritable(errno));
}

}  // namespace

acp::Status check_outputs(const std::vector<FileOf>& read, const std::vector<FileOf>& written) {
  std::map<std::string, std::string> taken;
  for (const FileOf& file : read) {
    if (file.file != "-") taken.emplace(identity_of(file.file), "what is read as " + file.what);
  }
  taken.erase("");
  for (const FileOf& file : written) {
    ACP_CHECK(check_place(file.file));
    const std::string identity = identity_of(file.file);
    if (identity.empty()) continue;
    const auto [other, free] = taken.emplace(identity, "what " + file.what + " writes");
    if (!free)
      return acp::malformed("CEP-INPUT-1", file.what + " " + file.file, "would replace " + other->second);
  }
  return acp::ok();
}

}  // namespace tools
