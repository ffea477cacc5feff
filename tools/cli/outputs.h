// What a command writes replaces nothing that it reads, and nothing else that it writes, and has a place where it can stand: whoever asks
// for something else has made a slip of the hand, and is told before anything is done.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/cli.h"

namespace tools {

// A file, and what the command line calls it. Without a name it was not asked for.
struct FileOf {
  std::string what;  // "--certificate"
  std::string file;
};

// Pipes, terminals and devices hold nothing, and may be named as often as one likes; stdout ("-") may be written once.
//
// Errors   CEP-INPUT-1 a file that is written is one that is read, by whatever name, or is written twice; environment: it cannot be
//          written, since it is a folder, or its folder is not there, or not ours.
// Spec     CEP 8.3, CEP-INPUT-1.
[[nodiscard]] acp::Status check_outputs(const std::vector<FileOf>& read, const std::vector<FileOf>& written);

}  // namespace tools
