// The other side of a shim in another process: what the program acp-shim-host does.
//
// Life     one shim, one caller, one process: it ends when the caller's end of the socket closes, whatever the shim is doing.
#pragma once

#include <string>

#include "acp/result.h"

namespace acp {

// Loads the shim (Shim::load) when the caller negotiates, and serves it on the socket and the window that this process has inherited,
// until the caller closes. Within five seconds of that the process ends, even when the shim does not come back from a call.
//
// Errors   environment, the process was not started by a caller.
// Threads  the calling thread's signal mask changes; one such call in a process.
// Spec     ACP 6.6, ACP-PROC-5.
[[nodiscard]] Status serve_shim(const std::string& library);

}  // namespace acp
