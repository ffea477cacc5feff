#include "interp/machine.h"

#include "interp/bits.h"
#include "interp/exact.h"
#include "interp/field.h"
#include "interp/reduce.h"
#include "interp/terms.h"

namespace cep::interp {
namespace {

// Sums of hostile data-dependent indices wrap; a wrapped coordinate is outside every window.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

template <typename D>
Machine<D>::Machine(const Region& region, D domain, const std::vector<Elements*>& buffers)
    : region_(region),
      domain_(domain),
      temporaries_(region.operands.size()),
      operands_(region.operands.size()),
      indices_(region.indices.size()),
      scalars_(region.scalars.size()) {
  const std::uint32_t inputs = region.count(ACP_ROLE_INPUT);
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    const acp_operand& operand = region.operands[i];
    const auto needed = static_cast<std::size_t>(span_elements(operand));
    if (operand.role == ACP_ROLE_TEMP) {
      temporaries_[i].resize(needed);
      operands_[i] = &temporaries_[i];
      continue;
    }
    const std::size_t slot = operand.slot + (operand.role == ACP_ROLE_OUTPUT ? inputs : 0);
    ACP_ASSERT(slot < buffers.size());
    ACP_ASSERT(buffers[slot]->size() >= needed);
    operands_[i] = buffers[slot];
  }
}

template <typename D>
Value* Machine<D>::element(std::uint32_t operand, const std::uint32_t* coord) {
  const acp_operand& window = region_.operands[operand];
  std::int64_t position = 0;
  for (std::uint32_t d = 0; d < window.rank; ++d) {
    const std::int64_t at = indices_[coord[d]];
    const bool held = at >= window.origin[d] && at - window.origin[d] < window.held[d];
    if (!held) {
      fault_ = acp::invalid(
          "CEP-REG-7", "operands[" + std::to_string(operand) + "]",
          "coordinate " + std::to_string(at) + " of axis " + std::to_string(d) + " is outside the window");
      return nullptr;
    }
    position += (at - window.origin[d]) * window.stride[d];
  }
  return &(*operands_[operand])[static_cast<std::size_t>(position)];
}

template <typename D>
Value Machine<D>::load(const acp_read& read) {
  const acp_operand& window = region_.operands[read.operand];
  for (std::uint32_t g = 0; g < read.guard_count; ++g) {
    const acp_guard& guard = region_.guards[read.guard_first + g];
    const std::int64_t at = indices_[guard.index];
    if (at < guard.lo || at >= guard.hi) return domain_.constant(window.dtype, read.otherwise);
  }
  const Value* from = element(read.operand, read.coord);
  return from == nullptr ? Value{} : *from;
}

template <typename D>
void Machine<D>::store(const acp_write& write) {
  Value* to = element(write.operand, write.coord);
  if (to != nullptr) *to = scalars_[write.value];
}

template <typename D>
std::int64_t Machine<D>::evaluate_index(const acp_index_node& node) {
  switch (node.op) {
    case ACP_IX_CONST: return node.value;
    case ACP_IX_ITER: return iters_[node.a];
    case ACP_IX_LOOP: return trips_[node.a];
    case ACP_IX_ADD: return wrapping_add(indices_[node.a], indices_[node.b]);
    case ACP_IX_SCALE: return wrapping_mul(indices_[node.a], node.value);
    case ACP_IX_FLOORDIV: return floor_div(indices_[node.a], node.value);
    case ACP_IX_MOD: return indices_[node.a] - floor_div(indices_[node.a], node.value) * node.value;
    case ACP_IX_WRAP:
      return indices_[node.a] < 0 ? wrapping_add(indices_[node.a], node.value) : indices_[node.a];
    case ACP_IX_LOAD: return static_cast<std::int64_t>(load(region_.reads[node.a]).lo);
    default: break;
  }
  acp::assertion_failed("an index operation of region.h", __FILE__, __LINE__);
}

template <typename D>
Value Machine<D>::evaluate_scalar(const acp_scalar_node& node) {
  switch (node.op) {
    case ACP_SC_ARG: return load(region_.reads[node.a]);
    case ACP_SC_CONST: return domain_.constant(node.dtype, node.bits);
    case ACP_SC_ACC: return acc_;
    case ACP_SC_INDEX: return integer(ACP_I64, static_cast<std::uint64_t>(indices_[node.a]));
    default: break;
  }
  const int count = operand_count(node.op);
  const Value b = count > 1 ? scalars_[node.b] : Value{};
  const Value c = count > 2 ? scalars_[node.c] : Value{};
  return domain_.apply({node.op, node.dtype, region_.scalars[node.a].dtype}, scalars_[node.a], b, c);
}

template <typename D>
void Machine<D>::evaluate(const Program& program) {
  for (const std::uint32_t i : program.indices) {
    if (fault_) return;
    indices_[i] = evaluate_index(region_.indices[i]);
  }
  for (const std::uint32_t i : program.scalars) {
    if (fault_) return;
    scalars_[i] = evaluate_scalar(region_.scalars[i]);
  }
}

template <typename D>
Value Machine<D>::evaluate(const Program& program, std::uint32_t scalar) {
  evaluate(program);
  return scalars_[scalar];
}

template <typename D>
void Machine<D>::run_nest(const acp_nest& nest, const NestPrograms& programs, const Cut& cut) {
  const std::uint32_t parallel = nest.iter_count - nest.reduce_count;
  nest_ = &nest;
  reduce_first_ = parallel;
  iters_.assign(nest.iter_count, 0);
  std::vector<acp_iter> ranges(region_.iters.begin() + nest.iter_first,
                               region_.iters.begin() + nest.iter_first + parallel);
  if (cut.iter != ACP_NONE) {
    ranges[cut.iter].begin = cut.begin;
    ranges[cut.iter].end = cut.end;
  }
  for (std::uint32_t i = 0; i < parallel; ++i) {
    if (ranges[i].begin >= ranges[i].end) return;
    iters_[i] = ranges[i].begin;
  }
  for (bool more = true; more && !fault_;) {
    if (nest.combiner != ACP_COMBINE_NONE) acc_ = reduced(nest, programs);
    evaluate(programs.writes);
    for (std::uint32_t w = 0; w < nest.write_count && !fault_; ++w)
      store(region_.writes[nest.write_first + w]);
    more = false;
    for (std::uint32_t i = parallel; i-- > 0 && !more;) {
      more = ++iters_[i] < ranges[i].end;
      if (!more) iters_[i] = ranges[i].begin;
    }
  }
}

template class Machine<Bits>;
template class Machine<Exact>;
template class Machine<Terms>;
template class Machine<Field>;

}  // namespace cep::interp
