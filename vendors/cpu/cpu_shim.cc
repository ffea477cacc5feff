// The cpu shim: region programs by strips on AVX-512, AVX2 or plain code, chosen when the shim is loaded.
#include <sched.h>

#include <algorithm>
#include <memory>
#include <new>
#include <thread>

#include "kit/kit.h"
#include "kit/status.h"
#include "program.h"

namespace {

using acp_cpu::KernelTable;
using acp_cpu::Program;
using acp_cpu::ScratchStore;
using acp_cpu::WorkerPool;

constexpr char kClass[] = R"({
  "acp": 1, "kind": "class",
  "identity": {"vendor": "acp-cep", "product": "cpu", "stepping": "A0", "version": "0.1"},
  "memories": [{"name": "main", "size_bytes": 70368744177664, "alignment_bytes": 64}],
  "links": [{"from": "host", "to": "main"}, {"from": "main", "to": "host"}],
  "queues": [{"name": "compute", "count": 16}],
  "contracts": [{"id": "exact", "rounding": "nearest_even", "subnormals": "kept", "nan": "canonical", "contraction": "fma",
    "exact_orders": ["chain", "blocked_tree", "blocked_index", "lanes32"]}],
  "ops": [{"op": "cep:region", "version": 1, "dtypes": ["f32", "i32", "i64", "bool"], "contract": "exact"}],
  "limits": {"max_rank": 8}
})";

// Processors this process may use, which may be fewer than there are.
int processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::clamp(CPU_COUNT(&allowed), 1, 64);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
}

struct Cpu {
  explicit Cpu(const KernelTable& chosen) : kernels(chosen), pool(processors() - 1) {}
  const KernelTable& kernels;
  WorkerPool pool;
  ScratchStore scratch;
};

const KernelTable& best_kernels() {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return avx512 ? acp_cpu::avx512::kTable : avx2 ? acp_cpu::avx2::kTable : acp_cpu::portable::kTable;
}

std::uint16_t compile(void* context, const acp_region* region, int accept_only, void** out,
                      acp_status* status) {
  if (accept_only != 0) return ACP_OK;
  try {
    *out = acp_cpu::lower(*region, static_cast<const Cpu*>(context)->kernels).release();
    return ACP_OK;
  } catch (const std::bad_alloc&) {
    return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
}

std::uint16_t run(void* context, void* program, unsigned char* const* bindings, acp_status* status) {
  Cpu& cpu = *static_cast<Cpu*>(context);
  try {
    return acp_cpu::run(*static_cast<const Program*>(program), bindings, cpu.pool, cpu.scratch, status);
  } catch (const std::bad_alloc&) {
    return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
}

void free_program(void* /*context*/, void* program) { delete static_cast<Program*>(program); }

void destroy(void* context) { delete static_cast<Cpu*>(context); }

}  // namespace

std::uint16_t acp_shim_negotiate(const acp_host* host, acp_shim* out, acp_status* status) {
  Cpu* cpu = nullptr;
  try {
    cpu = new Cpu(best_kernels());
  } catch (const std::bad_alloc&) {
    return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
  const kit_vendor vendor = {.context = cpu,
                             .destroy = destroy,
                             .device_count = 1,
                             .class_json = kClass,
                             .compile = compile,
                             .run = run,
                             .program_free = free_program,
                             .memories = nullptr};
  return kit_negotiate(host, &vendor, out, status);
}
