// Random right plans over all operators, on devices of both bundled shims: proved at bitwise, they give the reference's bits.
#include "libcep/exec/on_shims.h"
#include "soundness/random_plan.h"

namespace cep {
namespace {

using namespace support;

TEST(RandomPlans, ProvedOnesGiveTheReferencesBits) {
  int ran = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    fuzz::Random random(seed);
    const fuzz::RandomWorkload made = fuzz::random_workload(random);
    const Workload& workload = made.workload;
    Plan plan = fuzz::random_plan(workload, random);
    const Context context = fuzz::generous_context(plan);
    const Verdict verdict = verify(workload, plan, context);
    if (!proved(verdict) || std::get<Proved>(verdict).guarantee != Grade::kBitwise) continue;
    std::vector<std::string> shims;
    for (std::size_t i = 0; i < plan.devices.size(); ++i) shims.push_back(i % 2 == 0 ? "cpu" : "template");
    OnShims on(workload, plan, shims);
    const fuzz::TensorElements elements = fuzz::random_inputs(made, Domain::kBits, random);
    std::vector<TensorBytes> inputs;
    for (TensorId id = 0; id < workload.tensors.size(); ++id) {
      const Tensor& tensor = workload.tensors[id];
      if (tensor.kind == TensorKind::kInput || tensor.kind == TensorKind::kWeight) {
        inputs.push_back(bytes_from_elements(tensor.type, elements[id]));
      }
    }
    const auto expected = run_reference(on.workload, inputs);
    const auto result = on.run(inputs);
    ASSERT_EQ(result.has_value(), expected.has_value())
        << "seed " << seed << " "
        << (result ? acp::to_string(expected.error()) : acp::to_string(result.error()));
    if (!expected) continue;
    EXPECT_EQ(result->outputs, *expected) << "seed " << seed;
    ++ran;
  }
  EXPECT_GE(ran, 20);
}

}  // namespace
}  // namespace cep
