// Room that launches work in, kept for the next launch: fresh pages cost more than the work on them.
//
// Life     one store per shim; a lease lasts as long as one nest of one launch. What a lease held is never read by the next one.
// Threads  any number of launches may lease at the same time; each gets a buffer of its own.
#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace acp_cpu {

class ScratchStore {
 public:
  struct Free {
    void operator()(float* room) const { std::free(room); }
  };
  struct Buffer {
    std::unique_ptr<float, Free> room;
    std::size_t floats = 0;
  };

  // May throw std::bad_alloc.
  class Lease {
   public:
    Lease(ScratchStore& store, std::size_t floats) : store_(store), buffer_(store.take(floats)) {}
    ~Lease() { store_.give_back(std::move(buffer_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] float* floats() const { return buffer_.room.get(); }

   private:
    ScratchStore& store_;
    Buffer buffer_;
  };

 private:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kMostIdle = 16;  // queues of a device

  Buffer take(std::size_t floats) {
    Buffer buffer;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        buffer = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (buffer.floats >= floats && buffer.room != nullptr) return buffer;
    const std::size_t bytes = (floats * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    buffer.room.reset();
    buffer.room.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes + kAlignment)));
    if (buffer.room == nullptr) throw std::bad_alloc();
    buffer.floats = floats;
    return buffer;
  }

  void give_back(Buffer buffer) noexcept {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(buffer));
  }

 public:
  ScratchStore() { idle_.reserve(kMostIdle); }

 private:
  std::mutex mutex_;
  std::vector<Buffer> idle_;
};

}  // namespace acp_cpu
