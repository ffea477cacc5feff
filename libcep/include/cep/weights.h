// Weights: the bytes of a workload's weights in one file, each content once, known by its digest.
//
// A workload names a weight by the digest of its bytes and never holds them. The file beside it holds them at multiples of 64 bytes, so that
// it can be mapped into memory and handed to devices as it lies.
// Life     a WeightsFile borrows the bytes it was opened on.
// Spec     CEP 10.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/graph.h"

namespace cep {

class WeightsFile {
 public:
  // Reads the table only; contents are looked at by weights_of.
  //
  // Errors   CEP-WTS-1 not a weights file, or cut off; CEP-WTS-2 a table that is not in its one form; CEP-WTS-3 over a limit.
  // Cost     O(contents).
  // Spec     CEP 10.2, CEP-WTS-1 to CEP-WTS-3.
  [[nodiscard]] static acp::Result<WeightsFile> open(std::span<const std::byte> bytes);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::optional<std::span<const std::byte>> find(const acp::Digest& digest) const;

 private:
  explicit WeightsFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
  std::uint64_t count_ = 0;
};

// The bytes of every weight of the workload, in order of id.
//
// Errors   CEP-WTS-4 no content of a weight's digest and size; CEP-WTS-5 a content that is not what its digest says.
// Lifetime the spans point into the file's bytes.
// Cost     one SHA-256 over every content used.
// Spec     CEP 10.2, CEP-WTS-4 and CEP-WTS-5.
[[nodiscard]] acp::Result<std::vector<std::span<const std::byte>>> weights_of(const Workload& workload,
                                                                              const WeightsFile& file);

// The one file that holds the weights of a workload, given in order of id with the bytes their digests name; contents that two weights
// share stand there once.
[[nodiscard]] std::vector<std::byte> encode_weights(const Workload& workload,
                                                    const std::vector<std::span<const std::byte>>& weights);

}  // namespace cep
