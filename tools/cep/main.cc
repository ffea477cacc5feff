// cep: workloads, plans, proofs.
#include "tools/cep/rules_command.h"
#include "tools/cli/cli.h"

int main(int argc, char** argv) {
  return tools::run_commands(argc, argv, "Workloads, plans and their proofs.",
                             {{"rules", "the rules every verdict rests on", tools::add_rules_command}});
}
