// The weights beside a workload: W.weights next to W.cep, mapped into memory.
//
// Spec     CEP 10.2.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "acp/result.h"
#include "cep/weights.h"

namespace tools {

// A file's bytes as they lie, read only. Life: the bytes go with the object.
class MappedFile {
 public:
  // Errors   environment: no such file, or it cannot be mapped.
  // Spec     none: tools.
  [[nodiscard]] static acp::Result<MappedFile> open(const std::string& file);
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

// "W.weights" of "W.cep".
[[nodiscard]] std::string weights_file_of(const std::string& workload_file);

// The weights of a workload, checked against its digests; in order of id.
struct Weights {
  std::string file;
  MappedFile mapped;
  std::vector<std::span<const std::byte>> contents;
};

// Nothing when there is no such file, or the workload has no weights.
//
// Errors   environment; CEP-WTS-n, with the file as path's beginning.
// Spec     CEP 10.2.
[[nodiscard]] acp::Result<std::optional<Weights>> read_weights(const cep::Workload& workload,
                                                               const std::string& workload_file);

}  // namespace tools
