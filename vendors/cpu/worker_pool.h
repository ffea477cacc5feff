// The shim's own threads. They split over outputs only, never over a reduction, so bits do not depend on how many there are.
//
// Life     one pool per shim; several queues may use it at the same time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace acp_cpu {

class WorkerPool {
 public:
  // body(participant, begin, end) runs units begin .. end-1. It must not throw. Participants are numbered below participants().
  using Body = std::function<void(int participant, std::int64_t begin, std::int64_t end)>;

  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  [[nodiscard]] int participants() const { return static_cast<int>(threads_.size()) + 1; }

  // Returns when every unit has run. The caller takes part; grain: units taken at once.
  void run(std::int64_t units, std::int64_t grain, const Body& body);

 private:
  struct Job {
    const Body* body;
    std::int64_t units;
    std::int64_t grain;
    std::atomic<std::int64_t> next{0};
    int joined = 1;  // participants so far, the caller included
    int busy = 0;    // threads still inside
  };
  static void take_part(Job& job, int participant);
  void withdraw(const Job* job);
  void serve();

  std::mutex mutex_;
  std::condition_variable offered_;
  std::condition_variable left_;
  std::vector<Job*> jobs_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace acp_cpu
