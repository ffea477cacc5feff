// The loops over one strip: one table per instruction set, the same results from each.
//
// Lifetime tables are constants.
// Why      an operation costs one indirect call a strip instead of one a point.
#pragma once

#include <cstdint>

#include "acp/region.h"
#include "contract_kernels.h"

namespace acp_cpu {

inline constexpr std::int64_t kStrip = 64;              // points of a strip
inline constexpr std::int64_t kSlotBytes = kStrip * 8;  // room of one value
inline constexpr int kDtypes = 5;

// out[j] = op(a[j], b[j], c[j]) for j < count. out overlaps none of the others.
using Map = void (*)(void* out, const void* a, const void* b, const void* c, std::int64_t count);
// acc[j] = step(acc[j], a[j], b[j]); b is null but for FMA.
using Step = void (*)(void* acc, const void* a, const void* b, std::int64_t count);
// `steps` FMA steps: a and b move by a_move and b_move elements a step; b[j] is contiguous.
using FmaRun = void (*)(float* acc, const float* a, std::int64_t a_move, const float* b, std::int64_t b_move,
                        std::int64_t steps, std::int64_t count);

struct KernelTable {
  Map map[ACP_SC_SHR + 1][kDtypes];  // by operation and dtype: of a for comparisons, else of the result
  Map cast[kDtypes][kDtypes];        // from, to
  Map splat[kDtypes];                // out[j] = a[0]
  Step step[ACP_COMBINE_MIN + 1][2][2][kDtypes];  // by combiner, a is one value, b is one value, dtype
  FmaRun fma_run_one_a;                           // a is one value for the strip
  const ContractKernels* contract;
};

namespace portable {
extern const KernelTable kTable;
}
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}

}  // namespace acp_cpu
