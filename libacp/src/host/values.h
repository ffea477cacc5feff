// What both ends of a connection make of its values: statuses and regions, between acp/shim.h and shim.capnp.
//
// Spec     ACP 6.6.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "acp/result.h"
#include "acp/shim.h"
#include "shim.capnp.h"

namespace acp::rpc {

// The socket and the window of a host process.
inline constexpr int kSocketFile = 3;
inline constexpr int kWindowFile = 4;
// Of the window. Each lane carries one transfer at a time; longer ones go in pieces.
inline constexpr std::uint64_t kLaneBytes = std::uint64_t{4} << 20;
inline constexpr std::uint64_t kLaneCount = 8;
inline constexpr std::uint64_t kWindowBytes = kLaneBytes * kLaneCount;

// What a slot returned, and what it wrote.
struct Said {
  std::uint16_t returned = ACP_OK;
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
};
[[nodiscard]] Said said(const Error& error);

void write(schema::Status::Builder out, const Said& said);
// Copies into the caller's status, as far as it reaches; gives what the slot returned.
std::uint16_t deliver(const Said& said, acp_status* status);
std::uint16_t deliver(schema::Status::Reader in, acp_status* status);
[[nodiscard]] Error error_of(schema::Status::Reader in);

void write(schema::Header::Builder out, const acp_header& header);
// `out` keeps a size that covers no more than itself.
template <typename Struct>
void read(schema::Header::Reader in, Struct& out) {
  out.header.size = std::min<std::uint32_t>(in.getSize(), sizeof(Struct));
  out.header.type = in.getType();
}

void write(schema::Region::Builder out, const acp_region& region);

// A region that came as bytes, with the arrays its view points into.
class ReceivedRegion {
 public:
  // Errors   ACP-PROC-2 the arrays are not as long as the counts say.
  // Spec     ACP 6.6, ACP-PROC-2.
  [[nodiscard]] static Result<ReceivedRegion> read(schema::Region::Reader in);
  [[nodiscard]] const acp_region& view() const { return view_; }

 private:
  acp_region view_{};
  std::vector<std::uint64_t> words_;  // aligned for every struct of a region
};

}  // namespace acp::rpc
