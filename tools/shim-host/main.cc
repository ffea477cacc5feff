// acp-shim-host: one shim in a process of its own. Started by whoever loads a shim as "name@process", never by hand.
#include <cstdio>
#include <string_view>

#include "acp/shim_host.h"

int main(int argc, char** argv) {
  const std::string_view argument = argc == 2 ? argv[1] : "";
  if (argument.empty() || argument.starts_with("-")) {
    const bool asked = argument == "--help" || argument == "-h";
    std::fputs(
        "acp-shim-host LIBRARY: serves a shim on the socket it inherits; started by the loader of "
        "NAME@process\n",
        asked ? stdout : stderr);
    return asked ? 0 : 2;
  }
  const acp::Status served = acp::serve_shim(argv[1]);
  if (served) return 0;
  std::fprintf(stderr, "acp-shim-host: %s\n", acp::to_string(served.error()).c_str());
  return 4;
}
