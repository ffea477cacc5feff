// Small logical plans that are right, and what a test says of one that is not.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cep/logical.h"
#include "support/logical_text.h"

namespace cep::support {

// Two ranks hold half of the columns each; a third one goes on with what they gathered.
inline const std::string kColumns = R"(
    input x:f32[4,8]
    param w:f32[6,8]
    y:f32[4,6] = linear x w
    z:f32[4,6] = silu y
    output z
    plan columns ranks 3
    @0 x0:f32[4,8] = bind x [0:4,0:8]
    @0 w0:f32[3,8] = bind w [0:3,0:8]
    @1 x1:f32[4,8] = bind x [0:4,0:8]
    @1 w1:f32[3,8] = bind w [3:6,0:8]
    @0 y0:f32[4,3] = linear x0 w0
    @1 y1:f32[4,3] = linear x1 w1
    @0 a0:f32[4,6] = all_gather{dim=1} y0 over 0,1 msg a
    @1 a1:f32[4,6] = all_gather{dim=1} y1 over 0,1 msg a
    @0 send a0 over 0,2 msg s
    @2 a2:f32[4,6] = receive over 0,2 msg s
    @2 z2:f32[4,6] = silu a2
    @2 yield z2 as z [0:4,0:6]
)";

// The same, of two replicas that have half of the rows each; every rank sends to one of its own in the second stage.
inline const std::string kColumnsPattern = R"(
    input x:f32[4,8]
    param w:f32[6,8]
    y:f32[4,6] = linear x w
    z:f32[4,6] = silu y
    output z
    plan columns ranks 8
    variable dp 2
    variable tp 2
    @2*dp+tp xs:f32[2,8] = bind x [2*dp:2*dp+2,0:8]
    @2*dp+tp ws:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
    @2*dp+tp ys:f32[2,3] = linear xs ws
    @2*dp+tp as:f32[2,6] = all_gather{dim=1} ys over tp
    @2*dp+tp send as over 2*dp+tp,2*dp+tp+4 msg s
    @2*dp+tp+4 at:f32[2,6] = receive over 2*dp+tp,2*dp+tp+4 msg s
    @2*dp+tp+4 zt:f32[2,6] = silu at
    @2*dp+tp+4 yield zt as z [2*dp:2*dp+2,0:6]
)";

inline void expect_accepted(const logical::Document& document) {
  const auto status = check_logical(document);
  EXPECT_TRUE(status.has_value()) << (status ? "" : acp::to_string(status.error()));
}

inline void expect_refused(const logical::Document& document, std::string_view requirement,
                           std::string_view path, std::string_view words = "") {
  const auto status = check_logical(document);
  ASSERT_FALSE(status.has_value()) << requirement << " at " << path;
  EXPECT_EQ(status.error().requirement, requirement) << acp::to_string(status.error());
  EXPECT_EQ(status.error().path, path) << acp::to_string(status.error());
  EXPECT_NE(status.error().message.find(words), std::string::npos) << acp::to_string(status.error());
}

}  // namespace cep::support
