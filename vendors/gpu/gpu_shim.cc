// The gpu shim: region programs as OpenCL C on the first GPU that an OpenCL platform offers.
#include <cfenv>
#include <memory>
#include <new>

#include "document.h"
#include "kit/kit.h"
#include "kit/status.h"
#include "program.h"

namespace {

using acp_gpu::Device;
using acp_gpu::Program;

struct Gpu {
  std::unique_ptr<Device> device;
  std::string document;
};

Gpu& gpu_of(void* context) { return *static_cast<Gpu*>(context); }

// What may throw, as a status.
template <typename Work>
std::uint16_t guarded(acp_status* status, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  }
}

std::uint16_t compile(void* context, const acp_region* region, int accept_only, void** out,
                      acp_status* status) {
  return guarded(status, [&]() -> std::uint16_t {
    Device& device = *gpu_of(context).device;
    acp_gpu::Source source;
    std::uint16_t family = acp_gpu::write_source(*region, device.facts(), &source, status);
    if (family != ACP_OK || accept_only != 0) return family;
    std::unique_ptr<Program> program;
    family = Program::create(device, std::move(source), &program, status);
    *out = program.release();
    return family;
  });
}

std::uint16_t run(void* /*context*/, void* program, const kit_place* places, acp_status* status) {
  return guarded(status, [&] { return static_cast<Program*>(program)->run(places, status); });
}

void free_program(void* /*context*/, void* program) { delete static_cast<Program*>(program); }

std::uint16_t alloc(void* context, std::uint64_t size_bytes, void** out, acp_status* status) {
  cl_mem memory = nullptr;
  const std::uint16_t family = gpu_of(context).device->allocate(size_bytes, &memory, status);
  *out = memory;
  return family;
}

void free_memory(void* context, void* memory) { gpu_of(context).device->free(static_cast<cl_mem>(memory)); }

// Copies wait for nothing: the host orders them against launches by timelines.
template <typename Copy>
std::uint16_t copy(void* context, acp_status* status, const Copy& enqueue) {
  return guarded(status, [&]() -> std::uint16_t {
    Device& device = *gpu_of(context).device;
    std::unique_ptr<acp_gpu::Lane> lane = device.borrow_lane(status);
    if (lane == nullptr) return ACP_ENVIRONMENT;
    const cl_int error = enqueue(lane->queue.get());
    device.give_back(std::move(lane));
    return error == CL_SUCCESS ? std::uint16_t{ACP_OK}
                               : acp_gpu::refuse_runtime(status, error, "the copy failed");
  });
}

std::uint16_t write(void* context, void* memory, std::uint64_t offset_bytes, const void* data,
                    std::uint64_t size_bytes, acp_status* status) {
  return copy(context, status, [&](cl_command_queue queue) {
    return clEnqueueWriteBuffer(queue, static_cast<cl_mem>(memory), CL_TRUE, offset_bytes, size_bytes, data,
                                0, nullptr, nullptr);
  });
}

std::uint16_t read(void* context, void* memory, std::uint64_t offset_bytes, void* data,
                   std::uint64_t size_bytes, acp_status* status) {
  return copy(context, status, [&](cl_command_queue queue) {
    return clEnqueueReadBuffer(queue, static_cast<cl_mem>(memory), CL_TRUE, offset_bytes, size_bytes, data, 0,
                               nullptr, nullptr);
  });
}

std::uint64_t free_bytes(void* context) { return gpu_of(context).device->free_bytes(); }

void destroy(void* context) { delete static_cast<Gpu*>(context); }

constexpr kit_memories kMemories = {
    .alloc = alloc, .free = free_memory, .write = write, .read = read, .free_bytes = free_bytes, .run = run};

}  // namespace

std::uint16_t acp_shim_negotiate(const acp_host* host, acp_shim* out, acp_status* status) {
  auto* const gpu = new (std::nothrow) Gpu;
  if (gpu == nullptr) return kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
  // A platform that computes on the host starts threads here, and threads begin with their maker's floating-point environment.
  std::fenv_t callers;
  std::feholdexcept(&callers);
  std::fesetenv(FE_DFL_ENV);
  const std::uint16_t family = guarded(status, [&]() -> std::uint16_t {
    gpu->device = Device::open(status);
    if (gpu->device == nullptr) return ACP_ENVIRONMENT;
    gpu->document = acp_gpu::class_document(gpu->device->facts());
    return ACP_OK;
  });
  std::fesetenv(&callers);
  if (family != ACP_OK) {
    delete gpu;
    return family;
  }
  const kit_vendor vendor = {.context = gpu,
                             .destroy = destroy,
                             .device_count = 1,
                             .class_json = gpu->document.c_str(),
                             .compile = compile,
                             .run = nullptr,
                             .program_free = free_program,
                             .memories = &kMemories};
  return kit_negotiate(host, &vendor, out, status);
}
