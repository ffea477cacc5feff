// What every command body ends with: a refusal is printed, and becomes the exit code.
#pragma once

#include <memory>

#include "tools/cli/cli.h"

namespace tools {

template <typename Options>
std::function<Exit()> refusing(const std::shared_ptr<Options>& options,
                               acp::Result<Exit> (*body)(const Options&)) {
  return [options, body] {
    const auto exit = body(*options);
    return exit ? *exit : fail(options->format(), exit.error());
  };
}

}  // namespace tools
