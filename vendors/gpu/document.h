// The Class document: what the device says of itself, and the contract that follows.
#pragma once

#include <string>

#include "device.h"

namespace acp_gpu {

// Index and scalar nodes of one region together: a program text of some megabytes at most.
inline constexpr std::uint64_t kMostNodes = 16384;

std::string class_document(const Facts& facts);

}  // namespace acp_gpu
