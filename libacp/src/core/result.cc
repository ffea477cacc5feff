#include "acp/result.h"

#include <cstdio>
#include <cstdlib>

namespace acp {

std::string_view family_name(Family family) {
  switch (family) {
    case Family::kMalformed: return "malformed";
    case Family::kInvalid: return "invalid";
    case Family::kUnsupported: return "unsupported";
    case Family::kLimit: return "limit";
    case Family::kEnvironment: return "environment";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string text;
  if (!error.path.empty()) text += error.path + ": ";
  text += error.message;
  if (!error.requirement.empty()) text += " [" + error.requirement + "]";
  return text;
}

// The one place of the libraries that writes to a stream: our own bug, just before the process ends.
void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

namespace {
Error make(Family family, std::string requirement, std::string path, std::string message) {
  return {family, std::move(requirement), std::move(path), std::move(message)};
}
}  // namespace

Error malformed(std::string requirement, std::string path, std::string message) {
  return make(Family::kMalformed, std::move(requirement), std::move(path), std::move(message));
}
Error invalid(std::string requirement, std::string path, std::string message) {
  return make(Family::kInvalid, std::move(requirement), std::move(path), std::move(message));
}
Error unsupported(std::string requirement, std::string path, std::string message) {
  return make(Family::kUnsupported, std::move(requirement), std::move(path), std::move(message));
}
Error over_limit(std::string requirement, std::string path, std::string message) {
  return make(Family::kLimit, std::move(requirement), std::move(path), std::move(message));
}
Error environment(std::string path, std::string message) {
  return make(Family::kEnvironment, "", std::move(path), std::move(message));
}

Error at(std::string_view prefix, Error error) {
  if (prefix.empty()) return error;
  const bool begins = prefix.ends_with(": ");
  if (error.path.empty()) {
    error.path = begins ? prefix.substr(0, prefix.size() - 2) : prefix;
  } else if (begins || error.path.front() == '[') {
    error.path = std::string(prefix) + error.path;
  } else {
    error.path = std::string(prefix) + "." + error.path;
  }
  return error;
}

}  // namespace acp
