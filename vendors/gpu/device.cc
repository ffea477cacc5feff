#include "device.h"

#include <algorithm>
#include <array>

#include "kit/status.h"
#include "prelude.h"

namespace acp_gpu {
namespace {

// A program that is asked for again is found again; a shim that runs for weeks must not keep them all.
constexpr std::size_t kMostPrograms = 4096;

template <typename T>
T number_of(cl_device_id device, cl_device_info what) {
  std::array<T, 1> value = {};
  clGetDeviceInfo(device, what, sizeof value, value.data(), nullptr);
  return value[0];
}

std::string text_of(cl_device_id device, cl_device_info what) {
  std::size_t size = 0;
  if (clGetDeviceInfo(device, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string text(size, '\0');
  clGetDeviceInfo(device, what, size, text.data(), nullptr);
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

std::string platform_of(cl_device_id device) {
  const auto platform = number_of<cl_platform_id>(device, CL_DEVICE_PLATFORM);
  std::size_t size = 0;
  if (clGetPlatformInfo(platform, CL_PLATFORM_NAME, 0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string text(size, '\0');
  clGetPlatformInfo(platform, CL_PLATFORM_NAME, size, text.data(), nullptr);
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

Facts facts_of(cl_device_id device) {
  Facts facts;
  facts.platform = platform_of(device);
  facts.vendor = text_of(device, CL_DEVICE_VENDOR);
  facts.name = text_of(device, CL_DEVICE_NAME);
  facts.version = text_of(device, CL_DEVICE_VERSION);
  facts.driver = text_of(device, CL_DRIVER_VERSION);
  facts.memory_bytes = number_of<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE);
  facts.allocation_bytes = number_of<cl_ulong>(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
  facts.local_bytes = number_of<cl_ulong>(device, CL_DEVICE_LOCAL_MEM_SIZE);
  facts.alignment_bytes = number_of<cl_uint>(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8;
  facts.parameter_bytes = number_of<std::size_t>(device, CL_DEVICE_MAX_PARAMETER_SIZE);
  facts.group_size = number_of<std::size_t>(device, CL_DEVICE_MAX_WORK_GROUP_SIZE);
  const auto floats = number_of<cl_device_fp_config>(device, CL_DEVICE_SINGLE_FP_CONFIG);
  facts.keeps_subnormals = (floats & CL_FP_DENORM) != 0;
  facts.rounds_division = (floats & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
  return facts;
}

std::vector<cl_device_id> all_devices() {
  cl_uint count = 0;
  // The loader's own error says that no platform is installed.
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS || count == 0) return {};
  std::vector<cl_platform_id> platforms(count);
  clGetPlatformIDs(count, platforms.data(), nullptr);
  std::vector<cl_device_id> all;
  for (const cl_platform_id platform : platforms) {
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS) continue;
    std::vector<cl_device_id> devices(count);
    clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr);
    all.insert(all.end(), devices.begin(), devices.end());
  }
  return all;
}

// A program text needs a compiler on the device's platform.
bool usable(cl_device_id device) {
  return number_of<cl_bool>(device, CL_DEVICE_AVAILABLE) == CL_TRUE &&
         number_of<cl_bool>(device, CL_DEVICE_COMPILER_AVAILABLE) == CL_TRUE &&
         number_of<cl_bool>(device, CL_DEVICE_ENDIAN_LITTLE) == CL_TRUE;
}

cl_device_id choose_device() {
  const std::vector<cl_device_id> all = all_devices();
  for (const cl_device_type wanted :
       {cl_device_type{CL_DEVICE_TYPE_GPU}, cl_device_type{CL_DEVICE_TYPE_ACCELERATOR},
        cl_device_type{CL_DEVICE_TYPE_ALL}}) {
    for (const cl_device_id device : all) {
      if (usable(device) && (number_of<cl_device_type>(device, CL_DEVICE_TYPE) & wanted) != 0) return device;
    }
  }
  return nullptr;
}

}  // namespace

std::uint16_t refuse_runtime(acp_status* status, cl_int error, const char* what) {
  const bool memory = error == CL_MEM_OBJECT_ALLOCATION_FAILURE || error == CL_OUT_OF_HOST_MEMORY ||
                      error == CL_OUT_OF_RESOURCES || error == CL_INVALID_BUFFER_SIZE;
  const std::string message = std::string(what) + " (OpenCL error " + std::to_string(error) + ")";
  return kit_environment(status, memory ? ACP_CODE_NO_MEMORY : ACP_CODE_DEVICE_LOST, message.c_str());
}

std::unique_ptr<Device> Device::open(acp_status* status) {
  const cl_device_id chosen = choose_device();
  if (chosen == nullptr) {
    kit_environment(status, ACP_CODE_DEVICE_LOST, "no OpenCL platform offers a device with a compiler");
    return nullptr;
  }
  std::unique_ptr<Device> device(new Device);
  device->device_ = chosen;
  device->facts_ = facts_of(chosen);
  cl_int error = CL_SUCCESS;
  device->context_ = Context(clCreateContext(nullptr, 1, &chosen, nullptr, nullptr, &error));
  if (error != CL_SUCCESS) {
    refuse_runtime(status, error, "no context on the device");
    return nullptr;
  }
  if (device->facts_.rounds_division) device->build_options_ = "-cl-fp32-correctly-rounded-divide-sqrt";
  return device;
}

std::uint64_t Device::free_bytes() const {
  const std::uint64_t used = used_bytes_.load();
  return used < facts_.memory_bytes ? facts_.memory_bytes - used : 0;
}

std::uint16_t Device::allocate(std::uint64_t size_bytes, cl_mem* out, acp_status* status) {
  const std::uint64_t least = std::max<std::uint64_t>(size_bytes, 8);
  if (least > facts_.allocation_bytes) {
    return kit_environment(status, ACP_CODE_NO_MEMORY, "more than the device's largest allocation");
  }
  cl_int error = CL_SUCCESS;
  Buffer made(clCreateBuffer(context_.get(), CL_MEM_READ_WRITE, least, nullptr, &error));
  if (error != CL_SUCCESS) return refuse_runtime(status, error, "no memory left on the device");
  used_bytes_ += least;
  *out = made.release();
  return ACP_OK;
}

void Device::free(cl_mem memory) {
  std::size_t size = 0;
  clGetMemObjectInfo(memory, CL_MEM_SIZE, sizeof size, &size, nullptr);
  used_bytes_ -= size;
  clReleaseMemObject(memory);
}

std::uint16_t Device::build(const std::string& source, std::shared_ptr<const BuiltProgram>* out,
                            acp_status* status) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = programs_.find(source);
    if (found != programs_.end()) {
      *out = found->second;
      return ACP_OK;
    }
  }
  const char* const texts[] = {facts_.rounds_division ? kRoundedByDevice : kRoundedByIntegers, kPrelude,
                               source.c_str()};
  cl_int error = CL_SUCCESS;
  BuiltProgram made(
      clCreateProgramWithSource(context_.get(), 3, const_cast<const char**>(texts), nullptr, &error));
  if (error == CL_SUCCESS) {
    error = clBuildProgram(made.get(), 1, &device_, build_options_.c_str(), nullptr, nullptr);
  }
  if (error != CL_SUCCESS) return refuse_runtime(status, error, "the device's compiler failed");
  *out = std::make_shared<const BuiltProgram>(std::move(made));
  const std::scoped_lock lock(mutex_);
  if (programs_.size() >= kMostPrograms) programs_.clear();
  programs_.emplace(source, *out);
  return ACP_OK;
}

std::unique_ptr<Lane> Device::borrow_lane(acp_status* status) {
  {
    const std::scoped_lock lock(mutex_);
    if (!lanes_.empty()) {
      std::unique_ptr<Lane> lane = std::move(lanes_.back());
      lanes_.pop_back();
      return lane;
    }
  }
  auto lane = std::make_unique<Lane>();
  cl_int error = CL_SUCCESS;
  lane->queue = CommandQueue(clCreateCommandQueue(context_.get(), device_, 0, &error));
  if (error == CL_SUCCESS) {
    lane->fault = Buffer(clCreateBuffer(context_.get(), CL_MEM_READ_WRITE, 64, nullptr, &error));
  }
  if (error == CL_SUCCESS) {
    lane->result = Buffer(clCreateBuffer(context_.get(), CL_MEM_READ_WRITE, 64, nullptr, &error));
  }
  if (error == CL_SUCCESS) {
    error = clEnqueueWriteBuffer(lane->queue.get(), lane->fault.get(), CL_TRUE, 0, sizeof kNoFault, &kNoFault,
                                 0, nullptr, nullptr);
  }
  if (error == CL_SUCCESS) return lane;
  refuse_runtime(status, error, "no command queue left");
  return nullptr;
}

void Device::give_back(std::unique_ptr<Lane> lane) {
  const std::scoped_lock lock(mutex_);
  lanes_.push_back(std::move(lane));
}

}  // namespace acp_gpu
