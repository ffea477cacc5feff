// CEP-VER-8, coverage: every element of every output of the workload is bound exactly once.
#include <algorithm>

#include "verify/schedule.h"

namespace cep {

std::vector<Finding> check_coverage(const Workload& workload, const Plan& plan) {
  std::vector<Finding> findings;
  const auto add = [&](const char* id, const std::string& path, const std::string& message) {
    findings.push_back(finding(Condition::kCoverage, id, path, "", message));
  };
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const TensorId tensor = plan.outputs[i].tensor;
    if (std::find(workload.outputs.begin(), workload.outputs.end(), tensor) == workload.outputs.end()) {
      add("CEP-COV-1", item_path("outputs", i),
          "\"" + workload.tensors[tensor].name + "\" is not an output of the workload");
    }
    for (std::size_t j = 0; j < i && findings.size() < kMaxFindings; ++j) {
      const Slice& other = plan.outputs[j];
      if (other.tensor == tensor && !intersect(other.box, plan.outputs[i].box).empty()) {
        add("CEP-COV-2", item_path("outputs", i), "elements of " + item_path("outputs", j) + " bound twice");
      }
    }
  }
  for (const TensorId tensor : workload.outputs) {
    std::vector<Box> open = {Box::whole(workload.tensors[tensor].type.dims)};
    for (const Slice& output : plan.outputs) {
      if (output.tensor != tensor) continue;
      std::vector<Box> rest;
      for (const Box& box : open) {
        for (Box& part : subtract(box, output.box)) rest.push_back(std::move(part));
      }
      open = std::move(rest);
    }
    if (!open.empty() && !open.front().empty()) {
      add("CEP-COV-3", "outputs",
          to_string(open.front()) + " of \"" + workload.tensors[tensor].name + "\" is not bound");
    }
  }
  return findings;
}

}  // namespace cep
