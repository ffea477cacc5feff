// Plans on the wire.
#include "cep/certificate.h"
#include "wire/fields.h"

namespace cep {
namespace wire {
namespace {

static_assert(static_cast<int>(schema::CombineOp::MIN) == static_cast<int>(CombineOp::kMin));
static_assert(static_cast<int>(schema::CombineShape::TREE) == static_cast<int>(CombineShape::kTree));

// ---- Writing ----

struct WriteStep {
  schema::Step::What::Builder out;

  void operator()(const Compute& step) {
    auto to = out.initCompute();
    to.setNode(step.node);
    write_list(step.inputs, [&](unsigned n) { return to.initInputs(n); }, write_slice);
    write_list(step.outputs, [&](unsigned n) { return to.initOutputs(n); }, write_slice);
    if (step.k) write_range(to.initK(), *step.k);
    if (step.seed) write_view(to.initSeed(), *step.seed);
  }
  void operator()(const Copy& step) {
    auto to = out.initCopy();
    write_view(to.initSource(), step.source);
    write_view(to.initTarget(), step.target);
  }
  void operator()(const Combine& step) {
    auto to = out.initCombine();
    to.setOp(wire_enum<schema::CombineOp>(step.op));
    to.setShape(wire_enum<schema::CombineShape>(step.shape));
    write_list(step.inputs, [&](unsigned n) { return to.initInputs(n); }, write_view);
    write_view(to.initTarget(), step.target);
  }
  void operator()(const Fill& step) {
    auto to = out.initFill();
    write_view(to.initTarget(), step.target);
    to.setBits(step.bits);
  }
  void operator()(const Signal& step) { write_point(out.initSignal(), step.timeline, step.value); }
  void operator()(const Wait& step) { write_point(out.initWait(), step.timeline, step.value); }

  static void write_point(schema::Point::Builder to, TimelineId timeline, std::uint64_t value) {
    to.setTimeline(timeline);
    to.setValue(value);
  }
};

void write_devices(schema::Plan::Builder out, const Plan& plan) {
  write_list(
      plan.devices, [&](unsigned n) { return out.initDevices(n); },
      [](schema::Device::Builder to, const Device& device) {
        write_text(device.name, [&](auto text) { to.setName(text); });
        write_text(device.shim, [&](auto text) { to.setShim(text); });
        write_digest(device.document, [&](auto data) { to.setDocument(data); });
      });
  write_list(
      plan.arenas, [&](unsigned n) { return out.initArenas(n); },
      [](schema::Arena::Builder to, const Arena& arena) {
        write_text(arena.name, [&](auto text) { to.setName(text); });
        to.setDevice(arena.device);
        to.setSizeBytes(arena.size_bytes);
      });
  write_list(
      plan.buffers, [&](unsigned n) { return out.initBuffers(n); },
      [](schema::Buffer::Builder to, const Buffer& buffer) {
        write_text(buffer.name, [&](auto text) { to.setName(text); });
        to.setArena(buffer.arena);
        to.setOffsetBytes(buffer.offset_bytes);
        write_type(to.initType(), buffer.type);
      });
  write_list(
      plan.queues, [&](unsigned n) { return out.initQueues(n); },
      [](schema::Queue::Builder to, const Queue& queue) {
        write_text(queue.name, [&](auto text) { to.setName(text); });
        to.setDevice(queue.device);
      });
  write_list(
      plan.timelines, [&](unsigned n) { return out.initTimelines(n); },
      [](schema::Timeline::Builder to, const Timeline& timeline) {
        write_text(timeline.name, [&](auto text) { to.setName(text); });
        to.setSignaller(timeline.signaller);
      });
}

void write_plan(schema::Plan::Builder out, const Plan& plan) {
  write_text(plan.name, [&](auto text) { out.setName(text); });
  write_digest(plan.workload, [&](auto data) { out.setWorkload(data); });
  out.setGuarantee(wire_enum<schema::Grade>(plan.guarantee));
  write_numbers(plan.reassociated, [&](unsigned n) { return out.initReassociated(n); });
  write_devices(out, plan);
  write_list(plan.inputs, [&](unsigned n) { return out.initInputs(n); }, write_slice);
  write_list(plan.outputs, [&](unsigned n) { return out.initOutputs(n); }, write_slice);
  write_list(
      plan.steps, [&](unsigned n) { return out.initSteps(n); },
      [](schema::Step::Builder to, const Step& step) {
        write_text(step.name, [&](auto text) { to.setName(text); });
        to.setQueue(step.queue);
        std::visit(WriteStep{to.getWhat()}, step.what);
      });
}

// ---- Reading ----

Compute read_compute(schema::Compute::Reader step) {
  Compute value;
  value.node = step.getNode();
  value.inputs = read_list("inputs", step.getInputs(), read_slice, limits::kMaxStepViews);
  value.outputs = read_list("outputs", step.getOutputs(), read_slice, limits::kMaxStepViews);
  if (step.hasK()) value.k = read_range(step.getK());
  if (step.hasSeed()) value.seed = read_view(step.getSeed());
  return value;
}

Combine read_combine(schema::Combine::Reader step) {
  return {.op = read_enum(step.getOp(), CombineOp::kAdd, CombineOp::kMin),
          .shape = read_enum(step.getShape(), CombineShape::kFold, CombineShape::kTree),
          .inputs = read_list("inputs", step.getInputs(), read_view, limits::kMaxStepViews),
          .target = read_view(step.getTarget())};
}

decltype(Step::what) read_what(schema::Step::What::Reader what) {
  using Which = schema::Step::What::Which;
  switch (what.which()) {
    case Which::COMPUTE: return read_compute(what.getCompute());
    case Which::COPY: {
      const auto copy = what.getCopy();
      return Copy{read_view(copy.getSource()), read_view(copy.getTarget())};
    }
    case Which::COMBINE: return read_combine(what.getCombine());
    case Which::FILL: {
      const auto fill = what.getFill();
      return Fill{read_view(fill.getTarget()), fill.getBits()};
    }
    case Which::SIGNAL: {
      const auto point = what.getSignal();
      return Signal{point.getTimeline(), point.getValue()};
    }
    case Which::WAIT: {
      const auto point = what.getWait();
      return Wait{point.getTimeline(), point.getValue()};
    }
  }
  refuse_value("an unknown kind of step");
}

void read_devices(schema::Plan::Reader plan, Plan& value) {
  value.devices = read_list("devices", plan.getDevices(), [](schema::Device::Reader device) {
    return Device{read_text(device.getName()), read_text(device.getShim()),
                  read_digest(device.getDocument())};
  });
  value.arenas = read_list("arenas", plan.getArenas(), [](schema::Arena::Reader arena) {
    return Arena{read_text(arena.getName()), arena.getDevice(), read_magnitude(arena.getSizeBytes())};
  });
  value.buffers = read_list("buffers", plan.getBuffers(), [](schema::Buffer::Reader buffer) {
    return Buffer{read_text(buffer.getName()), buffer.getArena(), read_magnitude(buffer.getOffsetBytes()),
                  read_type(buffer.getType())};
  });
  value.queues = read_list("queues", plan.getQueues(), [](schema::Queue::Reader queue) {
    return Queue{read_text(queue.getName()), queue.getDevice()};
  });
  value.timelines = read_list("timelines", plan.getTimelines(), [](schema::Timeline::Reader timeline) {
    return Timeline{read_text(timeline.getName()), timeline.getSignaller()};
  });
}

Plan read_plan(schema::Plan::Reader plan) {
  Plan value;
  value.name = read_text(plan.getName());
  value.workload = read_digest(plan.getWorkload());
  value.guarantee = read_grade(plan.getGuarantee());
  value.reassociated = read_numbers<std::uint32_t>(plan.getReassociated());
  read_devices(plan, value);
  value.inputs = read_list("inputs", plan.getInputs(), read_slice);
  value.outputs = read_list("outputs", plan.getOutputs(), read_slice);
  value.steps = read_list("steps", plan.getSteps(), [](schema::Step::Reader step) {
    return Step{read_text(step.getName()), step.getQueue(), read_what(step.getWhat())};
  });
  return value;
}

}  // namespace
}  // namespace wire

std::vector<std::byte> encode(const Plan& plan) {
  return wire::encode_frame<schema::Plan>(wire::kPlanMagic,
                                          [&](schema::Plan::Builder root) { wire::write_plan(root, plan); });
}

acp::Result<Plan> decode_plan(std::span<const std::byte> bytes) {
  return wire::decode_frame<schema::Plan>(wire::kPlanMagic, bytes, wire::read_plan,
                                          [](const Plan& value) { return encode(value); });
}

acp::Digest digest_of(const Plan& plan) { return acp::sha256(encode(plan)); }

}  // namespace cep
