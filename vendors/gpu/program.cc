// A launch: arguments, stages, and what kernels reported.
#include "program.h"

#include "kit/status.h"

namespace acp_gpu {
class Launch {
 public:
  Launch(Program& program, const kit_place* places, Lane& lane, cl_mem arena, acp_status* status)
      : program_(program),
        source_(program.source_),
        places_(places),
        lane_(lane),
        arena_(arena),
        status_(status) {
    trips_.reserve(8);
  }

  std::uint16_t run() {
    std::uint16_t family = begin();
    std::uint32_t at = 0;
    while (family == ACP_OK && at < source_.stages.size()) {
      const acp_stage& stage = source_.stages[at];
      switch (stage.kind) {
        case ACP_STAGE_NEST:
          family = enqueue(source_.nests[stage.index], program_.nests_[stage.index]);
          ++at;
          break;
        case ACP_STAGE_LOOP_BEGIN: family = begin_loop(stage.index, at); break;
        default: family = next_trip(at);
      }
    }
    // Whatever happened, nothing of this launch may still run when its handles are released.
    const cl_int error = clFinish(lane_.queue.get());
    if (family != ACP_OK) return family;
    if (error != CL_SUCCESS) return refuse_runtime(status_, error, "the device failed");
    return source_.reports_faults ? check_faults() : std::uint16_t{ACP_OK};
  }

 private:
  struct OpenLoop {
    std::uint32_t loop;
    std::uint32_t begin_stage;
    std::int64_t trips;
  };

  std::uint16_t begin() {
    cl_int error = CL_SUCCESS;
    if (arena_ != nullptr) {
      const cl_ulong zero = 0;
      error = clEnqueueFillBuffer(lane_.queue.get(), arena_, &zero, sizeof zero, 0, source_.arena_bytes, 0,
                                  nullptr, nullptr);
    }
    return error == CL_SUCCESS ? std::uint16_t{ACP_OK}
                               : refuse_runtime(status_, error, "the launch did not begin");
  }

  // Buffer and origin of an operand.
  [[nodiscard]] kit_place place_of(std::uint32_t operand) const {
    const Source::Operand& o = source_.operands[operand];
    if (o.role == ACP_ROLE_INPUT) return places_[o.slot];
    if (o.role == ACP_ROLE_OUTPUT) return places_[source_.input_count + o.slot];
    return {arena_, o.arena_offset};
  }

  std::uint16_t enqueue(const KernelPlan& plan, const Kernel& kernel) {
    if (plan.name.empty()) return ACP_OK;
    const std::scoped_lock lock(program_.mutex_);
    cl_uint number = 0;
    cl_int error = CL_SUCCESS;
    const auto argument = [&](std::size_t size, const void* value) {
      if (error == CL_SUCCESS) error = clSetKernelArg(kernel.get(), number++, size, value);
    };
    for (const std::uint32_t operand : plan.operands) {
      const kit_place place = place_of(operand);
      auto* const buffer = static_cast<cl_mem>(place.memory);
      const auto offset = static_cast<cl_long>(place.offset_bytes);
      argument(sizeof(cl_mem), static_cast<const void*>(&buffer));
      argument(sizeof offset, &offset);
    }
    for (std::uint32_t l = 0; l < plan.loops; ++l) {
      const cl_long trip = trips_[l];
      argument(sizeof trip, &trip);
    }
    auto* const fault = lane_.fault.get();
    argument(sizeof(cl_mem), static_cast<const void*>(&fault));
    if (plan.has_result) {
      auto* const result = lane_.result.get();
      argument(sizeof(cl_mem), static_cast<const void*>(&result));
    }
    if (error == CL_SUCCESS) {
      error = clEnqueueNDRangeKernel(lane_.queue.get(), kernel.get(), plan.dimensions, nullptr,
                                     plan.global.data(), plan.local.data(), 0, nullptr, nullptr);
    }
    return error == CL_SUCCESS ? std::uint16_t{ACP_OK}
                               : refuse_runtime(status_, error, "a kernel could not start");
  }

  std::uint16_t check_faults() {
    cl_uint fault = kNoFault;
    const cl_int error = clEnqueueReadBuffer(lane_.queue.get(), lane_.fault.get(), CL_TRUE, 0, sizeof fault,
                                             &fault, 0, nullptr, nullptr);
    if (error != CL_SUCCESS) return refuse_runtime(status_, error, "the device failed");
    if (fault == kNoFault) return ACP_OK;
    return kit_refuse(status_, ACP_INVALID, "CEP-REG-7", "the coordinate is outside the operand's window",
                      "reads[%u]", fault);
  }

  std::uint16_t evaluate(const KernelPlan& plan, const Kernel& kernel, std::int64_t* result) {
    std::uint16_t family = enqueue(plan, kernel);
    if (family != ACP_OK) return family;
    cl_long value = 0;
    const cl_int error = clEnqueueReadBuffer(lane_.queue.get(), lane_.result.get(), CL_TRUE, 0, sizeof value,
                                             &value, 0, nullptr, nullptr);
    if (error != CL_SUCCESS) return refuse_runtime(status_, error, "the device failed");
    *result = value;
    // Numbers that come from a faulty stage must not steer anything.
    return source_.reports_faults ? check_faults() : std::uint16_t{ACP_OK};
  }

  std::uint16_t begin_loop(std::uint32_t number, std::uint32_t& at) {
    const Source::Loop& loop = source_.loops[number];
    std::int64_t trips = 0;
    const std::uint16_t family = evaluate(loop.trips, program_.loops_[number].trips, &trips);
    if (family != ACP_OK) return family;
    if (trips > loop.max_trips) {
      return kit_refuse(status_, ACP_INVALID, "CEP-REG-8", "more trips than max_trips", "loops[%u].trips",
                        number);
    }
    open_.push_back({number, at, trips});
    trips_.push_back(-1);
    return next_trip(at);
  }

  // Enters the next trip of the innermost loop, or leaves it.
  std::uint16_t next_trip(std::uint32_t& at) {
    const OpenLoop& open = open_.back();
    const Source::Loop& loop = source_.loops[open.loop];
    std::int64_t goes_on = ++trips_.back() < open.trips ? 1 : 0;
    if (goes_on != 0 && loop.has_condition) {
      const std::uint16_t family = evaluate(loop.condition, program_.loops_[open.loop].condition, &goes_on);
      if (family != ACP_OK) return family;
    }
    if (goes_on != 0) {
      at = open.begin_stage + 1;
      return ACP_OK;
    }
    at = loop.end_stage + 1;
    open_.pop_back();
    trips_.pop_back();
    return ACP_OK;
  }

  Program& program_;
  const Source& source_;
  const kit_place* places_;
  Lane& lane_;
  cl_mem arena_;
  acp_status* status_;
  std::vector<std::int64_t> trips_;
  std::vector<OpenLoop> open_;
};

std::uint16_t Program::make_kernel(const KernelPlan& plan, Kernel* out, acp_status* status) const {
  if (plan.name.empty()) return ACP_OK;
  cl_int error = CL_SUCCESS;
  *out = Kernel(clCreateKernel(built_->get(), plan.name.c_str(), &error));
  return error == CL_SUCCESS ? std::uint16_t{ACP_OK} : refuse_runtime(status, error, "no kernel");
}

std::uint16_t Program::create(Device& device, Source source, std::unique_ptr<Program>* out,
                              acp_status* status) {
  std::unique_ptr<Program> made(new Program(device, std::move(source)));
  const Source& text = made->source_;
  made->nests_.resize(text.nests.size());
  made->loops_.resize(text.loops.size());
  std::uint16_t family = ACP_OK;
  if (!text.text.empty()) family = device.build(text.text, &made->built_, status);
  for (std::size_t i = 0; family == ACP_OK && i < text.nests.size(); ++i)
    family = made->make_kernel(text.nests[i], &made->nests_[i], status);
  for (std::size_t i = 0; family == ACP_OK && i < text.loops.size(); ++i) {
    family = made->make_kernel(text.loops[i].trips, &made->loops_[i].trips, status);
    if (family == ACP_OK)
      family = made->make_kernel(text.loops[i].condition, &made->loops_[i].condition, status);
  }
  if (family == ACP_OK) *out = std::move(made);
  return family;
}

Program::~Program() {
  for (cl_mem arena : arenas_) device_.free(arena);
}

std::uint16_t Program::run(const kit_place* places, acp_status* status) {
  cl_mem arena = nullptr;
  if (source_.arena_bytes != 0) {
    {
      const std::scoped_lock lock(mutex_);
      if (!arenas_.empty()) {
        arena = arenas_.back();
        arenas_.pop_back();
      }
    }
    if (arena == nullptr) {
      const std::uint16_t family = device_.allocate(source_.arena_bytes, &arena, status);
      if (family != ACP_OK) return family;
    }
  }
  std::unique_ptr<Lane> lane = device_.borrow_lane(status);
  std::uint16_t family = ACP_ENVIRONMENT;
  if (lane != nullptr) {
    family = Launch(*this, places, *lane, arena, status).run();
    // A lane on which something failed may hold a fault; the next launch takes a fresh one.
    if (family == ACP_OK) device_.give_back(std::move(lane));
  }
  if (arena != nullptr) {
    const std::scoped_lock lock(mutex_);
    arenas_.push_back(arena);
  }
  return family;
}

}  // namespace acp_gpu
