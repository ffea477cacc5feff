// A shim in another process, as a table of slots like any other.
//
// Spec     ACP 6.6.
#pragma once

#include <memory>
#include <string>

#include "acp/host.h"
#include "host/child.h"

namespace acp::rpc {

// Slots that make their calls over the socket; release() ends the process. `process` is 0 where there is none.
struct RemoteShim {
  acp_shim slots;
  pid_t process = 0;
};

// The child may be null (a host process that is not ours to end).
//
// Errors   those of loading and negotiating there; ACP-PROC-3 it did not answer (environment).
// Spec     ACP 6.6, ACP-PROC-3.
[[nodiscard]] Result<RemoteShim> open_remote(int socket, Window window, std::unique_ptr<Child> child,
                                             const LoadOptions& options);

}  // namespace acp::rpc
