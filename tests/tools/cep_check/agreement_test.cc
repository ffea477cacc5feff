// The checker agrees with the verifier: whatever is proved, of random plans right and wrong, is accepted.
#include "soundness/random_plan.h"
#include "tools/cep_check/certified.h"

namespace cep {
namespace {

using namespace support;

// Documents with wire digests of their own: the generous ones the plan was made with, bound anew.
void use_real_digests(Plan& plan, Context& context) {
  for (std::size_t i = 0; i < context.documents.size(); ++i) {
    std::erase_if(context.documents[i].links, [](const acp::Link& link) { return link.from == link.to; });
    const auto bytes = acp::encode(context.documents[i]);
    ASSERT_TRUE(bytes.has_value()) << acp::to_string(bytes.error());
    context.digests[i] = acp::sha256(*bytes);
    plan.devices[i].document = context.digests[i];
  }
}

TEST(Agreement, EveryProvedPlanIsAccepted) {
  int accepted = 0;
  int mutants = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    fuzz::Random random(seed);
    const Workload workload = fuzz::random_workload(random).workload;
    Plan plan = fuzz::random_plan(workload, random);
    Context context = fuzz::generous_context(plan);
    bool mutated = false;
    if (fuzz::chance(random, 60)) {
      const auto all = fuzz::mutations();
      const auto which = fuzz::between(random, 0, static_cast<std::int64_t>(all.size()) - 1);
      mutated = all[static_cast<std::size_t>(which)].apply(plan, workload, random);
    }
    if (plan.devices.size() != context.documents.size()) continue;
    use_real_digests(plan, context);
    plan.workload = digest_of(workload);
    Verdict verdict = verify(workload, plan, context);
    if (!proved(verdict)) continue;
    const Certificate certificate = certify(workload, plan, context, std::get<Proved>(std::move(verdict)));
    const acp::Status status = cep_check::check(workload, plan, certificate, context);
    EXPECT_TRUE(status.has_value()) << "seed " << seed << (mutated ? ", mutated: " : ": ")
                                    << (status ? "" : acp::to_string(status.error())) << "\n"
                                    << to_text(plan, workload);
    ++accepted;
    mutants += mutated ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(mutants, 50);
}

}  // namespace
}  // namespace cep
