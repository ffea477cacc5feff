// Random programs: the shims are each other's oracle, and the reference interpreter theirs.
#include <gtest/gtest.h>
// rapidcheck/gtest.h needs gtest before it.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "cep/interp.h"
#include "vendors/launch.h"

namespace vendors_test {
namespace {

// Draws one valid program and its inputs from a seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {
    draw_domain();
    draw_reduction();
    draw_writes();
  }

  Maker maker;
  std::vector<Bytes> inputs;
  std::vector<Bytes> outputs;

 private:
  // lo <= result <= hi
  std::int64_t number(std::int64_t lo, std::int64_t hi) {
    return std::uniform_int_distribution<std::int64_t>(lo, hi)(random_);
  }
  bool chance(int percent) { return number(1, 100) <= percent; }
  std::uint8_t dtype() {
    return chance(60) ? std::uint8_t{ACP_F32} : static_cast<std::uint8_t>(number(ACP_F32, ACP_BOOL));
  }
  std::uint8_t number_type() {
    return chance(60) ? std::uint8_t{ACP_F32} : static_cast<std::uint8_t>(number(ACP_F32, ACP_I64));
  }

  void draw_domain() {
    const auto parallel = number(0, 3), reduce = number(0, 2);
    std::int64_t points = 1;
    for (std::int64_t t = 0; t < parallel; ++t) {
      const auto extent = chance(25) ? number(50, 140) : number(1, 6);
      nest_.parallel.push_back(points > 200 ? 2 : extent);
      points *= nest_.parallel.back();
    }
    for (std::int64_t t = 0; t < reduce; ++t)
      nest_.reduce.push_back(chance(30) && t == 0 ? number(20, 90) : number(1, 5));
    for (const auto* part : {&nest_.parallel, &nest_.reduce})
      extents_.insert(extents_.end(), part->begin(), part->end());
    for (std::size_t t = 0; t < extents_.size(); ++t)
      iters_.push_back(maker.iter(static_cast<std::uint32_t>(t)));
  }

  struct Place {
    std::uint32_t index;
    std::int64_t lo, hi;  // inclusive bounds of its value
  };

  // A sum of some iterators with factors; of the parallel ones only when the read stands outside the body.
  Place affine(bool body) {
    Place place{maker.constant(0), 0, 0};
    const std::size_t usable = body ? extents_.size() : nest_.parallel.size();
    for (std::size_t t = 0; t < usable; ++t) {
      if (chance(55)) continue;
      const auto factor = number(-2, 3);
      place.index = maker.plus(place.index, maker.index(ACP_IX_SCALE, iters_[t], 0, factor));
      const auto reach = factor * (extents_[t] - 1);
      place.lo += std::min<std::int64_t>(reach, 0);
      place.hi += std::max<std::int64_t>(reach, 0);
    }
    const auto shift = number(0, 2) - place.lo;
    return {maker.plus_constant(place.index, shift), place.lo + shift, place.hi + shift};
  }

  // One coordinate: affine, or bent by a remainder, a quotient, a wrap, or a table.
  Place place(bool body) {
    Place at = affine(body);
    if (chance(70)) return at;
    switch (number(0, 3)) {
      case 0: {
        const auto value = number(1, 7);
        return {maker.index(ACP_IX_MOD, maker.plus_constant(at.index, -3), 0, value), 0, value - 1};
      }
      case 1: {
        const auto value = number(1, 4);
        return {maker.index(ACP_IX_FLOORDIV, at.index, 0, value), at.lo / value, at.hi / value};
      }
      case 2: {  // at - 2 wraps at the end of an axis of hi + 3
        const auto extent = at.hi + 3;
        return {maker.index(ACP_IX_WRAP, maker.plus_constant(at.index, -2), 0, extent), 0, extent - 1};
      }
      default: {
        const auto extent = number(1, 6);
        std::vector<std::int32_t> table(static_cast<std::size_t>(at.hi) + 1);
        for (std::int32_t& entry : table) entry = static_cast<std::int32_t>(number(-extent, extent - 1));
        const auto operand = maker.input(ACP_I32, {at.hi + 1});
        inputs.push_back(bytes_of(table));
        const auto loaded = maker.index(ACP_IX_LOAD, maker.read(operand, {at.index}), 0, 0);
        return {maker.index(ACP_IX_WRAP, loaded, 0, extent), 0, extent - 1};
      }
    }
  }

  Bytes elements(std::uint8_t type, std::int64_t count) {
    const auto size = static_cast<std::size_t>(count);
    if (type == ACP_F32) {
      const auto seed = static_cast<std::uint32_t>(random_());
      return bytes_of(chance(50) ? nasty_floats(size, seed) : plain_floats(size, seed));
    }
    Bytes bytes(size * (type == ACP_I64 ? 8 : type == ACP_I32 ? 4 : 1));
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(type == ACP_BOOL ? number(0, 1) : number(0, 255));
    return bytes;
  }

  // A read of a new input; guarded now and then, its window then no larger than the guards allow.
  std::uint32_t read(std::uint8_t type, bool body) {
    std::vector<Place> places;
    Dims extents;
    std::int64_t count = 1;
    const auto rank = number(0, 3);
    for (std::int64_t d = 0; d < rank; ++d) {
      Place at = place(body);
      if (count * (at.hi + 1) > 300'000) at = {maker.constant(0), 0, 0};
      places.push_back(at);
      extents.push_back(at.hi + 1);
      count *= at.hi + 1;
    }
    std::vector<acp_guard> guards;
    const auto operand = maker.input(type, extents);
    for (std::size_t d = 0; d < places.size(); ++d) {
      if (!chance(25)) continue;
      const auto lo = number(places[d].lo, places[d].hi), hi = number(lo, places[d].hi + 1);
      guards.push_back({places[d].index, 0, lo, hi});
      maker.operands[operand].origin[d] = lo;
      maker.operands[operand].held[d] = hi - lo;
    }
    shuffle_layout(maker.operands[operand]);
    inputs.push_back(elements(type, cep::span_elements(maker.operands[operand])));
    Ids coord;
    for (const Place& at : places) coord.push_back(at.index);
    const std::uint64_t otherwise = type == ACP_BOOL ? 1 : 0x80000000u;
    return maker.arg(maker.read(operand, coord, guards, otherwise));
  }

  // Axes in another order, some with gaps.
  void shuffle_layout(acp_operand& operand) {
    std::vector<std::uint32_t> axes(operand.rank);
    for (std::uint32_t d = 0; d < operand.rank; ++d) axes[d] = d;
    std::shuffle(axes.begin(), axes.end(), random_);
    std::int64_t stride = 1;
    for (const std::uint32_t d : axes) {
      operand.stride[d] = stride;
      stride *= std::max<std::int64_t>(operand.held[d], 1) + (chance(20) ? 1 : 0);
    }
  }

  // A value of `type` from reads, constants, indices and, at the bottom, ACC.
  std::uint32_t value(std::uint8_t type, bool body, int depth, std::uint32_t acc = ACP_NONE) {
    if (acc != ACP_NONE && maker.scalars[acc].dtype == type && chance(40)) return acc;
    if (depth == 0 || chance(15)) {
      if (chance(15))
        return maker.bits(type, type == ACP_BOOL ? 1 : static_cast<std::uint64_t>(number(0, 0x7fffffff)));
      if (type == ACP_I64 && chance(40)) return maker.scalar(ACP_SC_INDEX, ACP_I64, place(body).index);
      return read(type, body);
    }
    const auto sub = [&](std::uint8_t wanted) { return value(wanted, body, depth - 1, acc); };
    if (chance(10)) return maker.scalar(ACP_SC_SELECT, type, sub(ACP_BOOL), sub(type), sub(type));
    if (chance(15)) return maker.scalar(ACP_SC_CAST, type, sub(dtype()));
    if (type == ACP_BOOL) {
      const auto of = number_type();
      if (chance(30))
        return maker.scalar(static_cast<std::uint8_t>(number(ACP_SC_AND, ACP_SC_XOR)), ACP_BOOL, sub(type),
                            sub(type));
      return maker.scalar(static_cast<std::uint8_t>(number(ACP_SC_LT, ACP_SC_EQ)), ACP_BOOL, sub(of),
                          sub(of));
    }
    if (chance(10)) return maker.scalar(ACP_SC_FMA, type, sub(type), sub(type), sub(type));
    if (type == ACP_F32 && chance(10)) return maker.scalar(ACP_SC_BITCAST, ACP_F32, sub(ACP_I32));
    if (type != ACP_F32 && chance(25)) {
      return maker.scalar(static_cast<std::uint8_t>(number(ACP_SC_AND, ACP_SC_SHR)), type, sub(type),
                          sub(type));
    }
    if (chance(20)) {
      return maker.scalar(
          static_cast<std::uint8_t>(number(ACP_SC_NEG, type == ACP_F32 ? ACP_SC_RINT : ACP_SC_ABS)), type,
          sub(type));
    }
    auto op = static_cast<std::uint8_t>(number(ACP_SC_ADD, ACP_SC_MAX));
    if (op == ACP_SC_DIV && type != ACP_F32) op = ACP_SC_MUL;
    return maker.scalar(op, type, sub(type), sub(type));
  }

  void draw_reduction() {
    if (nest_.reduce.empty() && chance(80)) return;
    const auto type = number_type();
    nest_.combiner = static_cast<std::uint8_t>(number(ACP_COMBINE_FMA, ACP_COMBINE_MIN));
    const bool any = nest_.combiner == ACP_COMBINE_MAX || nest_.combiner == ACP_COMBINE_MIN;
    nest_.order = static_cast<std::uint8_t>(number(ACP_ORDER_CHAIN, any ? ACP_ORDER_ANY : ACP_ORDER_LANES32));
    nest_.block = static_cast<std::uint32_t>(number(1, 12));
    if (chance(50)) nest_.init = value(type, false, 1);
    nest_.body_a = value(type, true, static_cast<int>(number(0, 3)));
    if (nest_.combiner == ACP_COMBINE_FMA) nest_.body_b = value(type, true, static_cast<int>(number(0, 2)));
    std::int64_t domain = 1;
    for (const std::int64_t extent : nest_.reduce) domain *= extent;
    nest_.k_end = domain;
    if (chance(30)) {
      nest_.k_begin = number(0, domain);
      nest_.k_end = number(nest_.k_begin, domain);
    }
  }

  void draw_writes() {
    const std::uint32_t acc =
        nest_.combiner == ACP_COMBINE_NONE ? ACP_NONE : maker.acc(maker.scalars[nest_.body_a].dtype);
    for (std::int64_t w = number(1, 2); w > 0; --w) {
      const auto type = acc != ACP_NONE && chance(70) ? maker.scalars[acc].dtype : dtype();
      const auto result = value(type, false, static_cast<int>(number(0, 2)), acc);
      std::vector<std::uint32_t> axes(nest_.parallel.size());
      for (std::uint32_t t = 0; t < axes.size(); ++t) axes[t] = t;
      std::shuffle(axes.begin(), axes.end(), random_);
      Write write{0, result, {}};
      Dims extents;
      for (const std::uint32_t t : axes) {
        const auto shift = number(0, 2);
        write.coord.push_back(maker.plus_constant(iters_[t], shift));
        extents.push_back(nest_.parallel[t] + shift);
      }
      write.operand = maker.output(type, extents);
      shuffle_layout(maker.operands[write.operand]);
      outputs.push_back(elements(type, cep::span_elements(maker.operands[write.operand])));
      nest_.writes.push_back(write);
    }
    maker.nest(nest_);
  }

  std::mt19937_64 random_;
  Nest nest_;
  Dims extents_;
  Ids iters_;
};

std::vector<Bytes> interpreted(const Draw& draw) {
  cep::Region region;
  region.operands = draw.maker.operands;
  region.indices = draw.maker.indices;
  region.guards = draw.maker.guards;
  region.reads = draw.maker.reads;
  region.scalars = draw.maker.scalars;
  region.iters = draw.maker.iters;
  region.writes = draw.maker.writes;
  region.nests = draw.maker.nests;
  region.stages = draw.maker.stages;
  // One buffer a slot, as a vector of its elements.
  std::vector<cep::Elements> buffers;
  std::vector<cep::TensorType> types;
  for (const std::uint8_t role : {ACP_ROLE_INPUT, ACP_ROLE_OUTPUT}) {
    for (const acp_operand& operand : region.operands) {
      if (operand.role != role) continue;
      const auto& bytes = (role == ACP_ROLE_INPUT ? draw.inputs : draw.outputs)[operand.slot];
      types.push_back({static_cast<cep::Dtype>(operand.dtype), {cep::span_elements(operand)}});
      buffers.push_back(cep::elements_from_bytes({types.back(), bytes}));
    }
  }
  std::vector<cep::Elements*> pointers;
  for (cep::Elements& buffer : buffers) pointers.push_back(&buffer);
  const auto status = cep::interpret(region, cep::Domain::kBits, pointers);
  RC_ASSERT(status.has_value());
  std::vector<Bytes> results;
  for (std::size_t i = draw.inputs.size(); i < buffers.size(); ++i) {
    results.push_back(cep::bytes_from_elements(types[i], buffers[i]).bytes);
  }
  return results;
}

void expect_equal_everywhere(std::uint64_t seed) {
  const Draw draw(seed);
  RC_LOG() << "Draw(" << seed << ")\n";
  const auto plain = launch(device_of("template"), draw.maker.view(), draw.inputs, draw.outputs);
  if (!plain) RC_FAIL("template: " + to_string(plain.error()));
  const auto strips = launch(device_of("cpu"), draw.maker.view(), draw.inputs, draw.outputs);
  if (!strips) RC_FAIL("cpu: " + to_string(strips.error()));
  RC_ASSERT(*plain == *strips);
  RC_ASSERT(*plain == interpreted(draw));
}

RC_GTEST_PROP(Random, programs_have_one_meaning, (std::uint64_t seed)) {
  for (std::uint64_t i = 0; i < 2; ++i) expect_equal_everywhere(seed + i);
}

// Every program costs the gpu's compiler a quarter of a second: few in the quick tier, many in the full one. ACP_RANDOM_SEED draws one
// program again.
TEST(Random, programs_have_one_meaning_on_the_gpu) {
  const char* const wanted = std::getenv("ACP_RANDOM_PROGRAMS");
  const char* const again = std::getenv("ACP_RANDOM_SEED");
  const int programs = again != nullptr ? 1 : wanted == nullptr ? 12 : std::atoi(wanted);
  ASSERT_GT(programs, 0);
  std::random_device entropy;
  for (int i = 0; i < programs; ++i) {
    const std::uint64_t drawn = std::uint64_t{entropy()} << 32 | entropy();
    const std::uint64_t seed = again != nullptr ? std::strtoull(again, nullptr, 10) : drawn;
    const Draw draw(seed);
    SCOPED_TRACE("Draw(" + std::to_string(seed) + ")");
    const auto plain = launch(device_of("template"), draw.maker.view(), draw.inputs, draw.outputs);
    ASSERT_TRUE(plain.has_value()) << to_string(plain.error());
    const auto other = launch(device_of("gpu"), draw.maker.view(), draw.inputs, draw.outputs);
    ASSERT_TRUE(other.has_value()) << to_string(other.error());
    ASSERT_EQ(*plain, *other);
  }
}

}  // namespace
}  // namespace vendors_test
