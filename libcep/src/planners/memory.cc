// Memory: every holding's place in its target's arena.
#include <algorithm>

#include "planners/draft.h"

namespace cep::planners {

namespace {

// A cache line, and enough for every element type.
constexpr std::int64_t kAlignment = 64;

struct Block {
  Holding* holding = nullptr;
  std::int64_t size_bytes = 0;
  Place place;  // decides between blocks of one size
};

bool lives_meet(const Holding& a, const Holding& b) { return a.first <= b.last && b.first <= a.last; }
bool bytes_meet(const Block& a, const Block& b) {
  return a.holding->offset_bytes < b.holding->offset_bytes + b.size_bytes &&
         b.holding->offset_bytes < a.holding->offset_bytes + a.size_bytes;
}

// Largest first, each at the lowest offset that is free for all of its life.
// Why      close to the best known for networks, and small buffers fill the gaps of large ones.
std::int64_t place_passing(std::vector<Block> blocks, std::int64_t begin) {
  std::sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) {
    return a.size_bytes != b.size_bytes ? a.size_bytes > b.size_bytes : a.place < b.place;
  });
  std::int64_t end = begin;
  std::vector<const Block*> placed;  // by ascending offset
  placed.reserve(blocks.size());
  for (const Block& block : blocks) {
    std::int64_t at = begin;
    for (const Block* other : placed) {
      if (!lives_meet(*block.holding, *other->holding)) continue;
      if (at + block.size_bytes <= other->holding->offset_bytes) break;
      at = std::max(at, other->holding->offset_bytes + other->size_bytes);
    }
    block.holding->offset_bytes = at;
    const auto place = std::upper_bound(
        placed.begin(), placed.end(), at,
        [](std::int64_t value, const Block* other) { return value < other->holding->offset_bytes; });
    placed.insert(place, &block);
    end = std::max(end, at + block.size_bytes);
  }
  return end;
}

// A buffer's bytes are used again by its own target's queue, which knows nothing of the moves that other queues do out of it.
void order_after_moves(const std::vector<Block>& blocks, Draft& draft) {
  for (const Block& old : blocks) {
    if (old.holding->moved_out.empty()) continue;
    for (const Block& next : blocks) {
      if (next.holding->first <= old.holding->last || !bytes_meet(old, next)) continue;
      std::vector<TaskId>& after = draft.tasks[next.holding->first - 1].after;
      after.insert(after.end(), old.holding->moved_out.begin(), old.holding->moved_out.end());
    }
  }
}

}  // namespace

void place_memory(const Workload& workload, Draft& draft) {
  for (DeviceId target = 0; target < draft.arena_bytes.size(); ++target) {
    std::int64_t kept = 0;
    std::vector<Block> passing;
    for (auto& [key, holding] : draft.holdings) {
      if (key.target != target) continue;
      const Tensor& tensor = workload.tensors[key.tensor];
      const std::int64_t size =
          (holding.size_bytes(tensor.type.dtype) + kAlignment - 1) / kAlignment * kAlignment;
      if (holding.first == 0 && holding.last == draft.end()) {
        holding.offset_bytes = kept;
        kept += size;
      } else {
        passing.push_back({&holding, size, key});
      }
    }
    draft.arena_bytes[target] = place_passing(passing, kept);
    order_after_moves(passing, draft);
  }
}

}  // namespace cep::planners
