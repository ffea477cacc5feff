#include "tools/files/files.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <filesystem>
#include <fstream>

#include "support/thread_plan.h"

namespace tools {
namespace {

TEST(Files, AnErrorNamesTheFileAndThePlace) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const std::string file = (folder / "two_lines.plan").string();
  std::ofstream(file) << "cep-plan 1 x\nbuffer a in nowhere at 0 f32[4]\n";
  const auto plan = read_plan(file, cep::support::thread_workload());
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().path, file + ": line 2");
  EXPECT_EQ(plan.error().requirement, "CEP-TEXT-2");
}

// Room that is only promised: a limit shows before a byte is touched.
TEST(Reject, CEP_WIRE_5_what_no_reader_takes_is_not_written) {
  const std::size_t size = kMaxWireBytes + 1;
  void* const room = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(room, MAP_FAILED);
  const auto file = (std::filesystem::path(testing::TempDir()) / "too_large.cep").string();
  const auto status = write_wire(file, {static_cast<const std::byte*>(room), size});
  munmap(room, size);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().requirement, "CEP-WIRE-5");
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace tools
