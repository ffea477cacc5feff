// The host's side of the vendor ABI: shims, devices and their handles as values that release themselves.
//
// Shim -> Device -> { Memory, Executable, Queue, Timeline }. Every handle keeps its shim loaded, so the order of destruction does not
// matter. A refusal by the shim comes back as an Error with the shim's own family, requirement and path.
//
// Errors   beside the shim's own: ACP-SHIM-4 the shim does not offer the call; ACP-SHIM-11 the shim's refusal is not well formed.
// Threads  one Queue from one thread at a time; everything else from any.
// Spec     ACP 6 (shim ABI).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acp/document.h"
#include "acp/result.h"
#include "acp/shim.h"

namespace acp {

class LoadedShim;  // the table, and the library it came from
class Device;

// Where a shim's code runs.
enum class Isolation : std::uint8_t {
  kNone,     // in this process
  kProcess,  // in one of its own, acp-shim-host: whatever happens there is an error here
};
struct LoadOptions {
  Isolation isolation = Isolation::kNone;
  // kProcess: a call that has no answer by then has lost the shim, and its process is killed.
  std::chrono::milliseconds patience{120'000};
  // kProcess: called once, from a thread of the shim's, when the process ends without being asked to. It may not call the shim.
  std::function<void(std::string_view how)> on_end = nullptr;
};

class Shim {
 public:
  // Loads a shim by its short name ("cpu") or by the path of its library. A short name is libacp_shim_<name>.so in one of the folders
  // of $ACP_SHIM_PATH, or in ../lib or . beside the executable. Either may end in "@process", which means Isolation::kProcess.
  //
  // Errors   ACP-SHIM-12 no such library, or it does not export acp_shim_negotiate; ACP-SHIM-1 to 3 as negotiate; ACP-PROC-6 there is
  //          no process for it; ACP-PROC-3 the process ended or did not answer. From then on every call gives ACP-PROC-3, family
  //          environment, code ACP_CODE_DEVICE_LOST.
  // Spec     ACP 6.1, ACP 6.6.
  [[nodiscard]] static Result<Shim> load(std::string_view name_or_path, const LoadOptions& options = {});

  // The library that load() would open for this name. Nothing is loaded; of a path, not even looked whether it is there.
  //
  // Errors   ACP-SHIM-12 there is none of this short name.
  // Spec     ACP 6.1, ACP-SHIM-12.
  [[nodiscard]] static Result<std::string> find(std::string_view name_or_path);

  // A shim that is linked into this program.
  //
  // Errors   ACP-SHIM-1 no common ABI version; ACP-SHIM-2 the shim's header is wrong; ACP-SHIM-3 a slot of tier T0 is missing; the
  //          shim's own refusal.
  // Spec     ACP 6.1.
  [[nodiscard]] static Result<Shim> negotiate(acp_shim_negotiate_fn function);

  // This shim with other slots, most of them usually the same: how a mutant is made. This shim stays loaded; its release slot
  // is called once, by the last of both.
  [[nodiscard]] Shim with_slots(const acp_shim& slots) const;
  [[nodiscard]] const acp_shim& slots() const;
  // The library's path; empty for a shim that is linked in.
  [[nodiscard]] const std::string& library() const;
  // Of the process that holds the shim, where it is not this one; else 0.
  [[nodiscard]] std::int64_t process_id() const;

  // Errors   the shim's own.
  // Spec     ACP 6.2.
  [[nodiscard]] Result<std::uint32_t> device_count() const;

  // Errors   ACP-SHIM-5 no such device.
  // Spec     ACP 6.2, ACP-SHIM-5.
  [[nodiscard]] Result<Device> device(std::uint32_t number) const;

 private:
  friend class LoadedShim;
  explicit Shim(std::shared_ptr<const LoadedShim> loaded) : loaded_(std::move(loaded)) {}
  std::shared_ptr<const LoadedShim> loaded_;
};

// A shim's handle, freed with the slot that belongs to it.
template <typename Handle>
class Owned {
 public:
  using FreeSlot = void (*acp_shim::*)(void* self, Handle* handle);
  Owned(std::shared_ptr<const LoadedShim> shim, Handle* handle, FreeSlot free_slot)
      : shim_(std::move(shim)), handle_(handle), free_slot_(free_slot) {}
  Owned(Owned&& other) noexcept
      : shim_(std::move(other.shim_)),
        handle_(std::exchange(other.handle_, nullptr)),
        free_slot_(other.free_slot_) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(shim_, other.shim_);
    std::swap(handle_, other.handle_);
    std::swap(free_slot_, other.free_slot_);
    return *this;
  }
  ~Owned();
  [[nodiscard]] Handle* get() const { return handle_; }
  [[nodiscard]] const LoadedShim& shim() const { return *shim_; }

 private:
  std::shared_ptr<const LoadedShim> shim_;
  Handle* handle_;
  FreeSlot free_slot_;
};
extern template class Owned<acp_memory>;
extern template class Owned<acp_executable>;
extern template class Owned<acp_queue>;
extern template class Owned<acp_timeline>;

class Memory {
 public:
  explicit Memory(Owned<acp_memory> handle, std::uint64_t size_bytes)
      : handle_(std::move(handle)), size_bytes_(size_bytes) {}
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] acp_memory* handle() const { return handle_.get(); }

  // Errors   ACP-SHIM-6 the range ends past the memory.
  // Spec     ACP 6.4, ACP-SHIM-6.
  [[nodiscard]] Status write(std::uint64_t offset_bytes, std::span<const std::byte> data) const;
  [[nodiscard]] Status read(std::uint64_t offset_bytes, std::span<std::byte> data) const;

 private:
  Owned<acp_memory> handle_;
  std::uint64_t size_bytes_;
};

class Executable {
 public:
  explicit Executable(Owned<acp_executable> handle) : handle_(std::move(handle)) {}
  [[nodiscard]] acp_executable* handle() const { return handle_.get(); }

 private:
  Owned<acp_executable> handle_;
};

class Timeline {
 public:
  explicit Timeline(Owned<acp_timeline> handle) : handle_(std::move(handle)) {}
  [[nodiscard]] acp_timeline* handle() const { return handle_.get(); }

  // Errors   ACP-SHIM-7 the value does not grow.
  // Spec     ACP 6.5, ACP-SHIM-7.
  [[nodiscard]] Status signal(std::uint64_t value) const;
  // Errors   the shim's own.
  // Spec     ACP 6.5.
  [[nodiscard]] Result<std::uint64_t> query() const;
  // Units    timeout in nanoseconds; UINT64_MAX waits for ever.
  // Errors   environment when the time passes first.
  // Spec     ACP 6.5.
  [[nodiscard]] Status wait(std::uint64_t value, std::uint64_t timeout_ns) const;

 private:
  Owned<acp_timeline> handle_;
};

struct Point {
  const Timeline* timeline = nullptr;
  std::uint64_t value = 0;
};
struct Binding {
  const Memory* memory = nullptr;
  std::uint64_t offset_bytes = 0;
};
struct Launch {
  const Executable* executable = nullptr;
  std::vector<Binding> bindings;  // inputs, then outputs, in slot order
};
struct Submission {
  std::vector<Point> waits;
  std::vector<Launch> launches;
  std::vector<Point> signals;
};

class Queue {
 public:
  explicit Queue(Owned<acp_queue> handle) : handle_(std::move(handle)) {}
  [[nodiscard]] acp_queue* handle() const { return handle_.get(); }

  // Returns at once; the shim keeps what the submission names until its signals are given.
  //
  // Errors   ACP-SHIM-8 a binding does not fit; ACP-SHIM-9 the queue failed before.
  // Spec     ACP 6.5, ACP-SHIM-8, ACP-SHIM-9.
  [[nodiscard]] Status submit(const Submission& submission) const;
  // Errors   the first failure since the last reset.
  // Spec     ACP 6.5.
  [[nodiscard]] Status status() const;
  // Errors   the shim's own.
  // Spec     ACP 6.5.
  [[nodiscard]] Status reset() const;

 private:
  Owned<acp_queue> handle_;
};

// What would_accept says: the refusal compile would give, or nothing.
struct Answer {
  bool accepted = false;
  Error refusal;
};

class Device {
 public:
  // The Class document, whichever form the shim gives it in.
  //
  // Errors   ACP-TEXT-n, ACP-WIRE-n, ACP-DOC-n; the shim's own.
  // Spec     ACP 6.2, ACP 1.
  [[nodiscard]] Result<Class> class_document() const;

  // Errors   the shim's own.
  // Spec     ACP 6.3.
  [[nodiscard]] Result<acp_state> state() const;
  [[nodiscard]] Result<Answer> would_accept(const acp_region& region) const;

  // Errors   CEP-REG-n the region is not valid; the shim's own.
  // Spec     ACP 6.4, CEP 3.2.
  [[nodiscard]] Result<Executable> compile(const acp_region& region) const;

  // Errors   ACP-SHIM-6 alignment is not a power of two; environment, no memory left.
  // Spec     ACP 6.4, ACP-SHIM-6.
  [[nodiscard]] Result<Memory> allocate(std::uint64_t size_bytes, std::uint64_t alignment_bytes) const;

  // Errors   the shim's own.
  // Spec     ACP 6.5.
  [[nodiscard]] Result<Queue> create_queue() const;
  [[nodiscard]] Result<Timeline> create_timeline() const;

 private:
  friend class Shim;
  Device(std::shared_ptr<const LoadedShim> shim, std::uint32_t number)
      : shim_(std::move(shim)), number_(number) {}
  std::shared_ptr<const LoadedShim> shim_;
  std::uint32_t number_;
};

}  // namespace acp
