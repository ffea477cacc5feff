// cep: workloads, plans, proofs.
#include "tools/cep/commands.h"
#include "tools/cep/rules_command.h"

int main(int argc, char** argv) {
  using namespace tools;
  return run_commands(
      argc, argv,
      "Workloads, plans and their proofs.\n"
      "Exit codes: 0 yes or proved, 1 no or refuted, 2 usage or unusable input, 3 undecided, unsupported or "
      "over a limit, 4 environment.",
      {{"import", "turn an ONNX model, or workload JSON, into a workload file", add_import_command},
       {"import-plan", "check a partitioned program of another system, and write it as a logical plan",
        add_import_plan_command},
       {"generate", "write an ONNX model, or the logical plan of a large one", add_generate_command},
       {"context", "write the ACP documents of shims beside a plan", add_context_command},
       {"bind", "fill in the digests of a plan", add_bind_command},
       {"plan", "write a plan for a workload on the devices named", add_plan_command},
       {"show", "print a workload, a plan or a logical plan, and the programs they mean", add_show_command},
       {"prove",
        "prove that a logical plan computes what its reference computes, or show by numbers that it does not",
        add_prove_command},
       {"verify", "prove a plan, or say what is wrong with it", add_verify_command},
       {"run", "run a plan, or a workload on one device", add_run_command},
       {"diff", "find the first node whose bits differ between two devices", add_diff_command},
       {"rules", "the rules every verdict rests on", add_rules_command}});
}
