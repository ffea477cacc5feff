#include "tools/files/files.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tools
