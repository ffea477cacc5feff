// The Cap'n Proto headers, in the one way that both compilers take them.
//
// Why      Cap'n Proto 0.9.2 compares const char* with StringPtr only one way round, which C++20 as Clang 16 and later read it makes
//          ambiguous; the missing operators must be seen before any other of its headers.
#pragma once

#include <kj/string.h>

#if defined(__clang__) && __clang_major__ >= 16 && __cplusplus >= 202002L
namespace kj {
inline bool operator==(const char* a, const StringPtr& b) { return b == StringPtr(a); }
inline bool operator!=(const char* a, const StringPtr& b) { return !(b == StringPtr(a)); }
}  // namespace kj
#endif

#include <capnp/message.h>
#include <kj/exception.h>
