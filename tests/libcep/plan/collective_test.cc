// Collectives: what they expand into, run step by step in random orders, against their definition by index.
#include "cep/collective.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <numeric>

#include "support/thread_plan.h"

namespace cep {
namespace {

using support::thread_workload;
using Memory = std::vector<std::vector<std::int64_t>>;  // the elements of each buffer

// Element number of `index` in the buffer of a view of f32.
std::size_t element(const View& view, const Dims& index) {
  std::int64_t at = view.offset_bytes / 4;
  for (std::size_t d = 0; d < index.size(); ++d) at += index[d] * view.strides[d];
  return static_cast<std::size_t>(at);
}

// Every index of a box of these dimensions, the last axis fastest.
void each_index(const Dims& dims, const std::function<void(const Dims&)>& act) {
  Dims index(dims.size(), 0);
  for (std::int64_t left = volume(dims); left > 0; --left) {
    act(index);
    for (std::size_t d = dims.size(); d-- > 0;) {
      if (++index[d] < dims[d]) break;
      index[d] = 0;
    }
  }
}

std::int64_t joined(CombineOp op, std::int64_t a, std::int64_t b) {
  return op == CombineOp::kAdd ? a + b : op == CombineOp::kMax ? std::max(a, b) : std::min(a, b);
}

void do_step(const Step& step, Memory& memory) {
  if (const auto* copy = std::get_if<Copy>(&step.what)) {
    each_index(copy->target.dims, [&](const Dims& i) {
      memory[copy->target.buffer].at(element(copy->target, i)) =
          memory[copy->source.buffer].at(element(copy->source, i));
    });
  } else if (const auto* sum = std::get_if<Combine>(&step.what)) {
    each_index(sum->target.dims, [&](const Dims& i) {
      std::int64_t all = memory[sum->inputs[0].buffer].at(element(sum->inputs[0], i));
      for (std::size_t k = 1; k < sum->inputs.size(); ++k)
        all = joined(sum->op, all, memory[sum->inputs[k].buffer].at(element(sum->inputs[k], i)));
      memory[sum->target.buffer].at(element(sum->target, i)) = all;
    });
  } else if (const auto* fill = std::get_if<Fill>(&step.what)) {
    each_index(fill->target.dims, [&](const Dims& i) {
      memory[fill->target.buffer].at(element(fill->target, i)) = static_cast<std::int64_t>(fill->bits);
    });
  }
}

// One of the executions that CEP 5.2 allows, drawn by `choose`. False when no queue can go on before all are done.
bool run(const Plan& plan, Memory& memory, const std::function<std::size_t(std::size_t)>& choose) {
  std::vector<std::vector<const Step*>> queues(plan.queues.size());
  for (const Step& step : plan.steps) queues[step.queue].push_back(&step);
  std::vector<std::size_t> at(queues.size());
  std::vector<std::uint64_t> timelines(plan.timelines.size());
  while (true) {
    std::vector<std::size_t> able;
    bool done = true;
    for (std::size_t q = 0; q < queues.size(); ++q) {
      if (at[q] == queues[q].size()) continue;
      done = false;
      const auto* wait = std::get_if<Wait>(&queues[q][at[q]]->what);
      if (wait == nullptr || timelines[wait->timeline] >= wait->value) able.push_back(q);
    }
    if (done) return true;
    if (able.empty()) return false;
    const std::size_t q = able[choose(able.size())];
    const Step& step = *queues[q][at[q]++];
    if (const auto* signal = std::get_if<Signal>(&step.what)) timelines[signal->timeline] = signal->value;
    do_step(step, memory);
  }
}

// Members on devices of their own; views are drawn as boxes of larger buffers.
struct Rig {
  explicit Rig(std::size_t members) {
    for (std::uint32_t i = 0; i < members; ++i) {
      const std::string n = std::to_string(i);
      plan.devices.push_back({"d" + n, "cpu", {}});
      plan.arenas.push_back({"m" + n, i, 1 << 20});
      plan.queues.push_back({"q" + n, i});
      plan.timelines.push_back({"t" + n, i});
      what.members.push_back({i, i});
    }
    raised.assign(members, 3);
    what.name = "c";
  }
  // A view of these dimensions, within a buffer of its own with `margin` more on every axis.
  View view(std::size_t member, const Dims& dims, std::int64_t margin) {
    Dims larger = dims;
    Box box = Box::whole(dims);
    for (std::size_t d = 0; d < dims.size(); ++d) {
      larger[d] += 2 * margin;
      box.lo[d] += margin;
      box.hi[d] += margin;
    }
    const auto id = static_cast<BufferId>(plan.buffers.size());
    plan.buffers.push_back(
        {"b" + std::to_string(id), static_cast<ArenaId>(member), 0, {Dtype::kF32, larger}});
    return box_view(id, plan.buffers[id], box);
  }
  // Every member first makes its input, then come the steps, and behind them it overwrites its input, unless its output lies there.
  void make_expand_overwrite(bool in_place) {
    for (std::size_t i = 0; i < what.inputs.size(); ++i) {
      const std::size_t member = what.kind == CollectiveKind::kBroadcast ? what.root : i;
      const View source = view(member, what.inputs[i].dims, 0);
      plan.steps.push_back(
          {"make" + std::to_string(i), what.members[member].queue, Copy{source, what.inputs[i]}});
    }
    auto steps = expand(plan, what, raised);
    ASSERT_TRUE(steps) << to_string(steps.error());
    for (Step& step : *steps) plan.steps.push_back(std::move(step));
    for (std::size_t i = 0; i < what.inputs.size() && !in_place; ++i) {
      const std::size_t member = what.kind == CollectiveKind::kBroadcast ? what.root : i;
      plan.steps.push_back(
          {"over" + std::to_string(i), what.members[member].queue, Fill{what.inputs[i], 77}});
    }
  }
  Memory drawn() const {
    Memory memory;
    std::int64_t next = 1000;
    for (const Buffer& buffer : plan.buffers) {
      memory.emplace_back(static_cast<std::size_t>(volume(buffer.type.dims)));
      for (std::int64_t& value : memory.back()) value = (next = next * 48271 % 2147483647);
    }
    return memory;
  }

  Plan plan;
  Collective what;
  std::vector<std::uint64_t> raised;
};

// Element `index` of member `member`'s output, by definition.
std::int64_t expected(const Collective& what, const Memory& memory, std::size_t member, Dims index) {
  const auto input = [&](std::size_t of, const Dims& at) {
    return memory[what.inputs[of].buffer].at(element(what.inputs[of], at));
  };
  const auto members = static_cast<std::int64_t>(what.members.size());
  switch (what.kind) {
    case CollectiveKind::kBroadcast: return input(0, index);
    case CollectiveKind::kAllGather: {
      std::size_t of = 0;
      for (; index[what.axis] >= what.inputs[of].dims[what.axis]; ++of)
        index[what.axis] -= what.inputs[of].dims[what.axis];
      return input(of, index);
    }
    case CollectiveKind::kAllToAll: {
      const std::int64_t cut = what.inputs[0].dims[what.axis] / members;
      const std::int64_t length = what.outputs[0].dims[what.joined] / members;
      const auto of = static_cast<std::size_t>(index[what.joined] / length);
      index[what.joined] %= length;
      index[what.axis] += static_cast<std::int64_t>(member) * cut;
      return input(of, index);
    }
    case CollectiveKind::kReduceScatter:
      for (std::size_t before = 0; before < member; ++before)
        index[what.axis] += what.outputs[before].dims[what.axis];
      [[fallthrough]];
    case CollectiveKind::kAllReduce: {
      std::int64_t all = input(0, index);
      for (std::size_t of = 1; of < what.members.size(); ++of) all = joined(what.op, all, input(of, index));
      return all;
    }
  }
  return 0;
}

void draw_views(Rig& rig, bool in_place) {
  Collective& what = rig.what;
  const std::size_t members = what.members.size();
  const auto whole = static_cast<std::int64_t>(members);
  const auto rank = *rc::gen::inRange<std::size_t>(1, 4);
  const auto margin = *rc::gen::inRange<std::int64_t>(0, 2);
  Dims dims(rank);
  for (std::int64_t& d : dims) d = *rc::gen::inRange<std::int64_t>(1, 4);
  what.axis = *rc::gen::inRange<std::size_t>(0, rank);
  what.joined = *rc::gen::inRange<std::size_t>(0, rank);
  std::vector<std::int64_t> lengths(members);  // of pieces along the axis
  for (std::int64_t& length : lengths) length = *rc::gen::inRange<std::int64_t>(1, 4);
  const auto with = [&](std::size_t axis, std::int64_t length) {
    Dims changed = dims;
    changed[axis] = length;
    return changed;
  };
  const std::int64_t total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  if (what.kind == CollectiveKind::kAllReduce) dims[what.axis] = total;
  for (std::size_t i = 0; i < members; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    switch (what.kind) {
      case CollectiveKind::kBroadcast:
        if (i == 0) what.inputs.push_back(rig.view(what.root, dims, margin));
        what.outputs.push_back(in_place && i == what.root ? what.inputs[0] : rig.view(i, dims, margin));
        break;
      case CollectiveKind::kAllGather: {
        what.outputs.push_back(rig.view(i, with(what.axis, total), margin));
        View piece = what.outputs.back();
        const std::int64_t begin = std::accumulate(lengths.begin(), lengths.begin() + n, std::int64_t{0});
        piece.offset_bytes += 4 * begin * piece.strides[what.axis];
        piece.dims[what.axis] = lengths[i];
        what.inputs.push_back(in_place ? piece : rig.view(i, piece.dims, margin));
        break;
      }
      case CollectiveKind::kReduceScatter: {
        what.inputs.push_back(rig.view(i, with(what.axis, total), margin));
        what.outputs.push_back(rig.view(i, with(what.axis, lengths[i]), margin));
        Dims room = what.outputs.back().dims;
        room.insert(room.begin(), whole);
        what.scratch.push_back(rig.view(i, room, margin));
        break;
      }
      case CollectiveKind::kAllReduce: {
        what.inputs.push_back(rig.view(i, dims, margin));
        what.outputs.push_back(in_place ? what.inputs.back() : rig.view(i, dims, margin));
        Dims room = with(what.axis, (n + 1) * total / whole - n * total / whole);
        room.insert(room.begin(), whole);
        what.scratch.push_back(rig.view(i, room, margin));
        break;
      }
      case CollectiveKind::kAllToAll: {
        Dims part = dims;
        part[what.joined] *= whole;
        what.outputs.push_back(rig.view(i, part, margin));
        Dims mine = dims;
        mine[what.axis] *= whole;
        what.inputs.push_back(rig.view(i, mine, margin));
        break;
      }
    }
  }
}

RC_GTEST_PROP(Collective, in_every_order_everyone_gets_what_the_definition_says, ()) {
  Rig rig(*rc::gen::inRange<std::size_t>(2, 6));
  const std::size_t members = rig.what.members.size();
  rig.what.kind =
      *rc::gen::elementOf(std::vector<CollectiveKind>(collective_kinds().begin(), collective_kinds().end()));
  rig.what.op = *rc::gen::element(CombineOp::kAdd, CombineOp::kMax, CombineOp::kMin);
  rig.what.root = *rc::gen::inRange<std::size_t>(0, members);
  const bool in_place = *rc::gen::arbitrary<bool>() && rig.what.kind != CollectiveKind::kAllToAll &&
                        rig.what.kind != CollectiveKind::kReduceScatter;
  draw_views(rig, in_place);
  rig.make_expand_overwrite(in_place);
  const Memory before = rig.drawn();
  Memory made = before;
  for (std::size_t i = 0; i < rig.what.inputs.size(); ++i) do_step(rig.plan.steps[i], made);
  for (int order = 0; order < 5; ++order) {
    Memory after = before;
    std::uint64_t state = *rc::gen::arbitrary<std::uint64_t>() | 1;
    // No queue is favoured for long, none for ever; now and then one runs as far as it can.
    const auto choose = [&](std::size_t count) {
      state = state * 6364136223846793005 + 1442695040888963407;
      return order == 0 ? 0 : order == 1 ? count - 1 : static_cast<std::size_t>((state >> 33) % count);
    };
    RC_ASSERT(run(rig.plan, after, choose));
    for (std::size_t i = 0; i < members; ++i) {
      const View& output = rig.what.outputs[i];
      each_index(output.dims, [&](const Dims& index) {
        RC_ASSERT(after[output.buffer].at(element(output, index)) == expected(rig.what, made, i, index));
      });
    }
  }
}

// ---- The text form ----

constexpr std::string_view kHead =
    "cep-plan 1 p\ndevice d0 shim cpu\ndevice d1 shim cpu\narena m0 on d0 bytes 256\narena m1 on d1 bytes "
    "256\n"
    "buffer a0 in m0 at 0 f32[4]\nbuffer r0 in m0 at 16 f32[2,2]\nbuffer y0 in m0 at 32 f32[4]\n"
    "buffer h0 in m0 at 48 f32[2]\nbuffer i0 in m0 at 64 i32[4]\n"
    "buffer a1 in m1 at 0 f32[4]\nbuffer r1 in m1 at 16 f32[2,2]\nbuffer y1 in m1 at 32 f32[4]\n"
    "buffer h1 in m1 at 48 f32[2]\n"
    "queue q0 on d0\nqueue q1 on d1\ntimeline t0 by q0\ntimeline t1 by q1\ngroup g : q0 t0, q1 t1\n";
constexpr int kHeadLines = 19;

// CEP 5.9, example.
TEST(CollectiveText, the_example_expands_as_written) {
  const auto plan =
      parse_plan(std::string(kHead) +
                     "step go @q0 signal t0 5\n"
                     "collective sum in g all_reduce axis 0 add tree : a0, a1 via r0, r1 -> y0, y1\n",
                 thread_workload());
  ASSERT_TRUE(plan) << to_string(plan.error());
  const std::string text = to_text(*plan, thread_workload());
  EXPECT_EQ(text.substr(text.find("step go")),
            "step go @q0 signal t0 5\n"
            "step sum:start:0 @q0 signal t0 6\n"
            "step sum:start:1 @q1 signal t1 1\n"
            "step sum:ready:0:1 @q0 wait t1 1\n"
            "step sum:take:0:0 @q0 copy a0[0:2] -> r0{+0;2;1}\n"
            "step sum:take:0:1 @q0 copy a1[0:2] -> r0{+8;2;1}\n"
            "step sum:add:0 @q0 combine add tree r0{+0;2;1}, r0{+8;2;1} -> y0[0:2]\n"
            "step sum:ready:1:0 @q1 wait t0 6\n"
            "step sum:take:1:0 @q1 copy a0[2:4] -> r1{+0;2;1}\n"
            "step sum:take:1:1 @q1 copy a1[2:4] -> r1{+8;2;1}\n"
            "step sum:add:1 @q1 combine add tree r1{+0;2;1}, r1{+8;2;1} -> y1[2:4]\n"
            "step sum:summed:0 @q0 signal t0 7\n"
            "step sum:summed:1 @q1 signal t1 2\n"
            "step sum:there:0:1 @q0 wait t1 2\n"
            "step sum:give:0:1 @q0 copy y1[2:4] -> y0[2:4]\n"
            "step sum:there:1:0 @q1 wait t0 7\n"
            "step sum:give:1:0 @q1 copy y0[0:2] -> y1[0:2]\n"
            "step sum:finish:0 @q0 signal t0 8\n"
            "step sum:finish:1 @q1 signal t1 3\n"
            "step sum:free:0:1 @q0 wait t1 3\n"
            "step sum:free:1:0 @q1 wait t0 8\n");
}

TEST(CollectiveText, every_kind_is_read) {
  const auto plan =
      parse_plan(std::string(kHead) +
                     "collective a in g all_gather axis 0 : h0, h1 -> y0, y1\n"
                     "collective b in g reduce_scatter axis 0 max fold : a0, a1 via r0, r1 -> h0, h1\n"
                     "collective c in g all_to_all axis 0 to 1 : r0, r1 -> a0{0;1,4;4,1}, a1{0;1,4;4,1}\n"
                     "collective d in g broadcast root 1 : a1 -> a0, a1\n",
                 thread_workload());
  ASSERT_TRUE(plan) << to_string(plan.error());
  std::map<std::string, std::size_t> copies;  // of each
  for (const Step& step : plan->steps) {
    if (std::holds_alternative<Copy>(step.what)) ++copies[step.name.substr(0, 1)];
  }
  EXPECT_EQ(copies, (std::map<std::string, std::size_t>{{"a", 4}, {"b", 4}, {"c", 4}, {"d", 1}}));
}

void expect_refused(const std::string& line, std::string_view requirement) {
  ASSERT_TRUE(parse_plan(kHead, thread_workload()));
  const auto plan = parse_plan(std::string(kHead) + line + "\n", thread_workload());
  ASSERT_FALSE(plan) << line;
  EXPECT_EQ(plan.error().requirement, requirement) << line << ": " << to_string(plan.error());
  EXPECT_EQ(plan.error().path,
            "line " + std::to_string(kHeadLines + 1 + std::count(line.begin(), line.end(), '\n')))
      << line;
}

TEST(Reject, CEP_TEXT_1_words_of_collectives) {
  for (const char* line : {"group h q0 t0", "collective c g broadcast root 0 : a0 -> a0, a1",
                           "collective c in g all_sum axis 0 add fold : a0, a1 via r0, r1 -> y0, y1",
                           "collective c in g all_gather : h0, h1 -> y0, y1",
                           "collective c in g all_to_all axis 0 : r0, r1 -> a0, a1",
                           "collective c in g all_reduce axis 0 : a0, a1 via r0, r1 -> y0, y1",
                           "collective c in g broadcast root 0 : a0 a0, a1"})
    expect_refused(line, "CEP-TEXT-1");
}

TEST(Reject, CEP_TEXT_2_no_such_group) {
  expect_refused("collective c in h broadcast root 0 : a0 -> a0, a1", "CEP-TEXT-2");
}

TEST(Reject, CEP_TEXT_3_names_of_steps_and_groups) {
  expect_refused("step c:start:0 @q0 copy a0 -> y0\ncollective c in g broadcast root 0 : a0 -> a0, a1",
                 "CEP-TEXT-3");
  expect_refused("group g : q0 t0, q1 t1", "CEP-TEXT-3");
}

TEST(Reject, CEP_COLL_1_members) {
  for (const char* line : {
           "group h : q0 t0\ncollective c in h broadcast root 0 : a0 -> a0",
           "group h : q0 t0, q0 t0\ncollective c in h broadcast root 0 : a0 -> a0, a1",
           "group h : q0 t1, q1 t0\ncollective c in h broadcast root 0 : a0 -> a0, a1",
           "collective c in g broadcast root 2 : a0 -> a0, a1",
       }) {
    expect_refused(line, "CEP-COLL-1");
  }
}

TEST(Reject, CEP_COLL_2_numbers_of_views) {
  for (const char* line : {
           "collective c in g broadcast root 0 : a0, a1 -> a0, a1",
           "collective c in g broadcast root 0 : a0 -> a0",
           "collective c in g all_gather axis 0 : h0 -> y0, y1",
           "collective c in g all_gather axis 0 : h0, h1 via r0, r1 -> y0, y1",
           "collective c in g all_reduce axis 0 add tree : a0, a1 -> y0, y1",
           "collective c in g all_reduce axis 0 add tree : a0, a1 via r0 -> y0, y1",
       }) {
    expect_refused(line, "CEP-COLL-2");
  }
}

TEST(Reject, CEP_COLL_3_what_does_not_fit) {
  constexpr const char* kShort =  // one element among two members
      "collective c in g all_reduce axis 0 add fold : a0[0:1], a1[0:1] via r0[0:2,0:1], r1[0:2,0:1] -> "
      "y0[0:1], y1[0:1]";
  for (const char* line : {
           "collective c in g broadcast root 0 : a0 -> h0, a1",
           "collective c in g broadcast root 0 : a0 -> i0, a1",
           "collective c in g broadcast root 0 : a0[1:1] -> a0[1:1], a1[1:1]",
           "collective c in g all_gather axis 1 : h0, h1 -> y0, y1",
           "collective c in g all_gather axis 0 : h0, h1 -> y0, h1",
           "collective c in g all_gather axis 0 : h0, r1 -> y0, y1",
           "collective c in g all_reduce axis 0 add tree : a0, a1 via r0, r1 -> y0, h1",
           "collective c in g all_reduce axis 0 add tree : a0, a1 via r0, a1 -> y0, y1",
           "collective c in g all_reduce axis 0 add tree : a0, a1 via r0[0:1,0:2], r1 -> y0, y1",
           "collective c in g all_reduce axis 1 add fold : a0{0;4,1;1,1}, a1 via r0, r1 -> y0, y1",
           kShort,
           "collective c in g reduce_scatter axis 0 add fold : a0, a1 via r0, r1 -> h0[0:1], h1",
           "collective c in g all_to_all axis 0 to 0 : a0[0:3], a1[0:3] -> y0[0:3], y1[0:3]",
           "collective c in g all_to_all axis 0 to 1 : r0, r1 -> r0, r1",
       }) {
    expect_refused(line, "CEP-COLL-3");
  }
}

TEST(Reject, CEP_COLL_4_limits) {
  expect_refused(
      "step x @q0 signal t0 18446744073709551612\ncollective c in g broadcast root 0 : a0 -> a0, a1",
      "CEP-COLL-4");
  expect_refused("collective " + std::string(250, 'c') + " in g broadcast root 0 : a0 -> a0, a1",
                 "CEP-COLL-4");
  Rig rig(513);
  rig.what.kind = CollectiveKind::kBroadcast;
  rig.what.inputs = {rig.view(0, {1}, 0)};
  for (std::size_t i = 0; i < 513; ++i) rig.what.outputs.push_back(rig.view(i, {1}, 0));
  const auto steps = expand(rig.plan, rig.what, rig.raised);
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().requirement, "CEP-COLL-4");
  Rig far(2);
  far.what.kind = CollectiveKind::kBroadcast;
  far.what.inputs = {far.view(0, {1}, 0)};
  far.what.inputs[0].offset_bytes = INT64_MAX;
  far.what.outputs = {far.view(0, {1}, 0), far.view(1, {1}, 0)};
  const auto refused = expand(far.plan, far.what, far.raised);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().requirement, "CEP-COLL-4");
  EXPECT_EQ(far.raised, std::vector<std::uint64_t>(2, 3));  // nothing has been said
}

}  // namespace
}  // namespace cep
