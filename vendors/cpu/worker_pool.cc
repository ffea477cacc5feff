#include "worker_pool.h"

#include <algorithm>
#include <cfenv>
#include <system_error>

namespace acp_cpu {

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < threads; ++i) {
    try {
      threads_.emplace_back([this] { serve(); });
    } catch (const std::system_error&) {
      break;  // fewer threads, the same bits
    }
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  offered_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::take_part(Job& job, int participant) {
  for (;;) {
    const std::int64_t begin = job.next.fetch_add(job.grain);
    if (begin >= job.units) return;
    (*job.body)(participant, begin, std::min(begin + job.grain, job.units));
  }
}

void WorkerPool::withdraw(const Job* job) { std::erase(jobs_, job); }

void WorkerPool::run(std::int64_t units, std::int64_t grain, const Body& body) {
  if (threads_.empty() || units <= grain) {
    body(0, 0, units);
    return;
  }
  Job job{&body, units, grain};
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(&job);
  }
  offered_.notify_all();
  take_part(job, 0);
  std::unique_lock lock(mutex_);
  withdraw(&job);
  left_.wait(lock, [&job] { return job.busy == 0; });
}

void WorkerPool::serve() {
  // A thread inherits the environment of whoever loaded the shim (numerics, rule 11).
  std::fesetenv(FE_DFL_ENV);
  std::unique_lock lock(mutex_);
  for (;;) {
    offered_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job& job = *jobs_.back();
    const int participant = job.joined++;
    ++job.busy;
    // Joining twice would need another number: whoever finds no unit left takes the job off the list.
    lock.unlock();
    take_part(job, participant);
    lock.lock();
    withdraw(&job);
    --job.busy;
    left_.notify_all();
  }
}

}  // namespace acp_cpu
