// OpenCL objects as values that release themselves. Nothing newer than OpenCL 1.2 is called.
#pragma once

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#include <CL/cl.h>

#include <cstdint>
#include <utility>

#include "acp/shim.h"

namespace acp_gpu {

template <typename T, cl_int (*kRelease)(T)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T object) : object_(object) {}
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (object_ != nullptr) kRelease(object_);
  }
  [[nodiscard]] T get() const { return object_; }
  [[nodiscard]] T release() { return std::exchange(object_, nullptr); }

 private:
  T object_ = nullptr;
};

using Context = Handle<cl_context, clReleaseContext>;
using CommandQueue = Handle<cl_command_queue, clReleaseCommandQueue>;
using Buffer = Handle<cl_mem, clReleaseMemObject>;
using BuiltProgram = Handle<cl_program, clReleaseProgram>;
using Kernel = Handle<cl_kernel, clReleaseKernel>;

// What a call of the OpenCL runtime that failed means to the host: family environment, and what is missing.
std::uint16_t refuse_runtime(acp_status* status, cl_int error, const char* what);

}  // namespace acp_gpu
