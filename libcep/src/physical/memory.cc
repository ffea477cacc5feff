#include "physical/memory.h"

#include <cstring>

#include "interp/scalar.h"

namespace cep::physical {

Memory::Memory(const Plan& plan, const Draw& draw) : plan_(plan) {
  arenas_.reserve(plan.arenas.size());
  for (const Arena& arena : plan.arenas) arenas_.emplace_back(static_cast<std::size_t>(arena.size_bytes));
  for (BufferId id = 0; id < plan.buffers.size(); ++id) {
    const Buffer& buffer = plan.buffers[id];
    const View view = whole_view(id, buffer);
    const std::int64_t count = volume(buffer.type.dims);
    for (std::int64_t at = 0; at < count; ++at) store(view, at, draw.noise(id, at, buffer.type.dtype));
  }
}

std::int64_t Memory::width(const View& view) const {
  return size_bytes(plan_.buffers[view.buffer].type.dtype);
}

std::int64_t Memory::address(const View& view, std::int64_t position) const {
  return plan_.buffers[view.buffer].offset_bytes + view.offset_bytes + position * width(view);
}

Value Memory::load(const View& view, std::int64_t position) const {
  const Buffer& buffer = plan_.buffers[view.buffer];
  const auto at = static_cast<std::size_t>(address(view, position));
  std::uint64_t bits = 0;
  std::memcpy(&bits, arenas_[buffer.arena].data() + at, static_cast<std::size_t>(width(view)));
  return interp::element_from_bits(buffer.type.dtype, bits);
}

void Memory::store(const View& view, std::int64_t position, Value value) {
  std::memcpy(bytes(view).data() + address(view, position), &value.lo, static_cast<std::size_t>(width(view)));
}

Elements Memory::gather(const View& view) const {
  std::int64_t last = 0;
  for (std::size_t d = 0; d < view.dims.size(); ++d) last += (view.dims[d] - 1) * view.strides[d];
  Elements elements(static_cast<std::size_t>(last + 1));
  each_point(view, view.strides, 0,
             [&](std::int64_t, std::int64_t at) { elements[static_cast<std::size_t>(at)] = load(view, at); });
  return elements;
}

void Memory::scatter(const View& view, const Elements& elements) {
  each_point(view, view.strides, 0,
             [&](std::int64_t, std::int64_t at) { store(view, at, elements[static_cast<std::size_t>(at)]); });
}

void Memory::copy(const View& from, const View& to) {
  const std::vector<std::byte>& source = bytes(from);
  std::vector<std::byte>& target = bytes(to);
  const auto size = static_cast<std::size_t>(width(from));
  each_point(to, from.strides, 0, [&](std::int64_t there, std::int64_t here) {
    std::memmove(target.data() + address(to, here), source.data() + address(from, there), size);
  });
}

}  // namespace cep::physical
