// The thread: one matrix product, its k-range split over two devices with a carried accumulator, as plan text.
#pragma once

#include <string>
#include <string_view>

#include "cep/plan.h"

namespace cep::support {

// Y[4,4] = A[4,8] x B[8,4]
inline Workload thread_workload() {
  WorkloadBuilder w("thread");
  const TensorId a = w.input("A", {Dtype::kF32, {4, 8}});
  const TensorId b = w.input("B", {Dtype::kF32, {8, 4}});
  w.output(w.node("MatMul", {a, b}, {.name = "mm", .outputs = {"Y"}}).value().front());
  return std::move(w).finish();
}

// Canonical: to_text gives it back byte for byte. The digests are those of the texts "workload", "document 0", "document 1".
inline constexpr std::string_view kThreadPlan =
    "cep-plan 1 thread\n"
    "workload sha256:7f6c7360bf24fccf4b59cf9e9a9dfc99fd6a3b085fb2260ef707a34067bb911e\n"
    "guarantee bitwise\n"
    "device d0 shim cpu document sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
    "device d1 shim template document "
    "sha256:caa0c419ed4b5d7628d1ce29a28ca67850f779c4d929febffc192a514f1e186e\n"
    "arena m0 on d0 bytes 4096\n"
    "arena m1 on d1 bytes 4096\n"
    "buffer a0 in m0 at 0 f32[4,4]\n"
    "buffer b0 in m0 at 64 f32[4,4]\n"
    "buffer acc0 in m0 at 128 f32[4,4]\n"
    "buffer a1 in m1 at 0 f32[4,4]\n"
    "buffer b1 in m1 at 64 f32[4,4]\n"
    "buffer seed1 in m1 at 128 f32[4,4]\n"
    "buffer acc1 in m1 at 192 f32[4,4]\n"
    "queue q0 on d0\n"
    "queue q1 on d1\n"
    "timeline t0 by q0\n"
    "input A[0:4,0:4] = a0\n"
    "input B[0:4,0:4] = b0\n"
    "input A[0:4,4:8] = a1\n"
    "input B[4:8,0:4] = b1\n"
    "step first @q0 compute mm k 0:4 : A[0:4,0:4] = a0, B[0:4,0:4] = b0 -> Y[0:4,0:4] = acc0\n"
    "step done @q0 signal t0 1\n"
    "step ready @q1 wait t0 1\n"
    "step carry @q1 copy acc0 -> seed1\n"
    "step rest @q1 compute mm k 4:8 seed seed1 : A[0:4,4:8] = a1, B[4:8,0:4] = b1 -> Y[0:4,0:4] = acc1\n"
    "output Y[0:4,0:4] = acc1\n";

// The same product on one device; "STEPS" stands where steps go, with buffers p0 and p1 for parts of it.
inline const std::string kOneDevicePlan =
    "cep-plan 1 p\n"
    "workload sha256:7f6c7360bf24fccf4b59cf9e9a9dfc99fd6a3b085fb2260ef707a34067bb911e\n"
    "guarantee bitwise\n"
    "device d0 shim cpu document sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
    "arena m0 on d0 bytes 4096\n"
    "buffer a in m0 at 0 f32[4,8]\n"
    "buffer b in m0 at 128 f32[8,4]\n"
    "buffer p0 in m0 at 256 f32[4,4]\n"
    "buffer p1 in m0 at 320 f32[4,4]\n"
    "buffer y in m0 at 384 f32[4,4]\n"
    "queue q0 on d0\n"
    "input A[0:4,0:8] = a\n"
    "input B[0:8,0:4] = b\n"
    "STEPS"
    "output Y[0:4,0:4] = y\n";

// A[4,8] x B[8,4] in blocks of 2.
inline Workload blocked_workload(OrderKind kind) {
  WorkloadBuilder w("thread");
  const TensorId a = w.input("A", {Dtype::kF32, {4, 8}});
  const TensorId b = w.input("B", {Dtype::kF32, {8, 4}});
  w.output(w.node("MatMul", {a, b},
                  {.name = "mm", .outputs = {"Y"}, .order = {kind, kind == OrderKind::kChain ? 0u : 2u}})
               .value()
               .front());
  return std::move(w).finish();
}

}  // namespace cep::support
