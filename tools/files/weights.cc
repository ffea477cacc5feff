#include "tools/files/weights.h"

#include <sys/mman.h>

#include <algorithm>
#include <filesystem>

#include "tools/cli/cli.h"
#include "tools/files/files.h"

namespace tools {

acp::Result<MappedFile> MappedFile::open(const std::string& file) {
  ACP_TRY(const File opened, File::open(file));
  const std::size_t size = opened.size().value_or(0);
  // An empty file cannot be mapped, and needs not be.
  void* const start = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened.handle(), 0) : nullptr;
  if (start == MAP_FAILED) return acp::environment(file, "cannot be mapped into memory");
  return MappedFile({static_cast<const std::byte*>(start), size});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

std::string weights_file_of(const std::string& workload_file) {
  return std::filesystem::path(workload_file).replace_extension(".weights").string();
}

acp::Result<std::optional<Weights>> read_weights(const cep::Workload& workload,
                                                 const std::string& workload_file) {
  const bool wanted = std::any_of(workload.tensors.begin(), workload.tensors.end(),
                                  [](const cep::Tensor& t) { return t.kind == cep::TensorKind::kWeight; });
  const std::string file = weights_file_of(workload_file);
  std::error_code failed;
  if (!wanted || !std::filesystem::exists(file, failed)) return std::optional<Weights>();
  ACP_TRY(MappedFile mapped, MappedFile::open(file));
  auto table = cep::WeightsFile::open(mapped.bytes());
  if (!table) return acp::at(file + ": ", unusable(std::move(table).error()));
  auto contents = cep::weights_of(workload, *table);
  if (!contents) return acp::at(file + ": ", unusable(std::move(contents).error()));
  return std::optional(Weights{file, std::move(mapped), *std::move(contents)});
}

}  // namespace tools
