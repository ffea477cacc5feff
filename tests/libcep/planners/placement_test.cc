// Placement files: what each line means, and what is refused.
#include "libcep/planners/targets.h"
#include "support/residual_network.h"

namespace cep {
namespace {

using namespace support;

// conv1 relu2 pool3 conv4 relu5 conv6 add7 relu8 flatten9 dense10
Workload small() { return residual_network({.stages = 1}); }

acp::Result<Placement> read(const std::string& lines) {
  return parse_placement("cep-placement 1\n" + lines, small(), exact_targets({"gpu", "cpu"}));
}

std::string on(const Placement& placement) {
  std::string text;
  for (const NodePlacement& node : placement)
    text += node.targets.size() > 1 ? 's' : "gc"[node.targets.at(0)];
  return text;
}

TEST(Placement, LinesInOrderTheLastOneWins) {
  const struct {
    const char* lines;
    const char* expected;
  } kCases[] = {
      {"default cpu", "cccccccccc"},
      {"default cpu\nnode conv* gpu", "gccgcgcccc"},
      {"node conv* gpu\ndefault cpu", "cccccccccc"},
      {"default cpu # all\n\n  node relu5 gpu", "ccccgccccc"},
      {"default cpu\nnode *10 gpu", "cccccccccg"},
      {"default cpu\nnode *o*1 gpu", "gccccccccc"},
      {"alternate gpu,cpu every 1 nodes", "gcgcgcgcgc"},
      {"alternate cpu,gpu every 3 nodes", "cccgggcccg"},
      {"default cpu\nstage conv4 gpu\nstage add7 cpu", "cccgggcccc"},
      {"default cpu\nsplit conv* channel over gpu,cpu", "sccscscccc"},
      {"split * batch over gpu,cpu\nnode * gpu", "gggggggggg"},
  };
  for (const auto& c : kCases) {
    const auto placement = read(c.lines);
    ASSERT_TRUE(placement.has_value()) << acp::to_string(placement.error());
    EXPECT_EQ(on(*placement), c.expected) << c.lines;
  }
}

TEST(Placement, SplitsNameAnAxisAndDevicesInOrder) {
  const Placement placement =
      read(
          "default cpu\nsplit conv1 batch over cpu,gpu\nsplit conv4 channel over gpu,cpu\n"
          "split conv6 axis:3 over cpu,gpu\nsplit dense10 reduction over gpu,cpu")
          .value();
  EXPECT_EQ(placement[0], (NodePlacement{{1, 0}, 0}));
  EXPECT_EQ(placement[3], (NodePlacement{{0, 1}, 1}));
  EXPECT_EQ(placement[5], (NodePlacement{{1, 0}, 3}));
  EXPECT_EQ(placement[9], (NodePlacement{{0, 1}, 0, true}));
}

void expect_refused(const acp::Result<Placement>& result, const std::string& id, const std::string& path) {
  ASSERT_FALSE(result.has_value()) << id;
  EXPECT_EQ(result.error().requirement, id) << acp::to_string(result.error());
  EXPECT_EQ(result.error().path, path) << acp::to_string(result.error());
}

TEST(Reject, CEP_PLACE_1_first_line) {
  const Workload w = small();
  const auto targets = exact_targets({"gpu", "cpu"});
  for (const char* text :
       {"", "# nothing\n", "default cpu\n", "cep-placement 2\ndefault cpu\n", "cep-placement"})
    expect_refused(parse_placement(text, w, targets), "CEP-PLACE-1",
                   text[0] == '#' ? "line 1" : parse_placement(text, w, targets).error().path);
}

TEST(Reject, CEP_PLACE_2_words_and_numbers) {
  for (const char* line : {"nodes conv1 cpu", "default", "default cpu gpu", "node conv1", "stage conv1",
                           "alternate cpu,gpu", "alternate cpu,gpu every 0 nodes",
                           "alternate cpu,gpu every x nodes", "alternate cpu,gpu each 1 nodes",
                           "split conv1 height over cpu,gpu", "split conv1 axis:x over cpu,gpu",
                           "split conv1 batch cpu,gpu", "split conv1 reduction:2 over cpu,gpu"})
    expect_refused(read(line), "CEP-PLACE-2", "line 2");
}

TEST(Reject, CEP_PLACE_3_no_such_node) {
  for (const char* line : {"node conv2 cpu", "node conv cpu", "node c*v2 cpu", "stage conv* cpu",
                           "split pool4 batch over cpu,gpu"})
    expect_refused(read(line), "CEP-PLACE-3", "line 2");
}

TEST(Reject, CEP_PLACE_4_no_such_device) {
  for (const char* line : {"default fpga", "default cpu,gpu", "node conv1 ,",
                           "alternate cpu,cpu every 1 nodes", "split conv1 batch over cpu,gpu,fpga"})
    expect_refused(read(line), "CEP-PLACE-4", "line 2");
}

TEST(Reject, CEP_PLACE_5_a_node_without_a_place) {
  expect_refused(read("node conv* cpu"), "CEP-PLACE-5", "node relu2");
}

TEST(Reject, CEP_PLACE_6_an_axis_that_is_not_there) {
  expect_refused(read("default cpu\nsplit dense10 axis:2 over cpu,gpu"), "CEP-PLACE-6", "node dense10");
}

}  // namespace
}  // namespace cep
