// A stream whose reader sees only messages of bearable size: the frame of each message is checked before Cap'n Proto reads it.
//
// Why      Cap'n Proto 0.9.2 adds one to a segment count that it has not checked; and its own limits act on access, after the memory
//          for a message was taken.
// Spec     ACP 6.6, ACP-PROC-4.
#pragma once

#include <kj/async-io.h>

#include <array>
#include <cstdint>

namespace acp::rpc {

// 64 MiB: the largest region programs and documents take less than a tenth of it.
inline constexpr std::uint64_t kMaxMessageWords = std::uint64_t{8} << 20;
inline constexpr std::uint32_t kMaxSegments = 512;

class GuardedStream final : public kj::AsyncIoStream {
 public:
  explicit GuardedStream(kj::AsyncIoStream& inner) : inner_(inner) {}

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t least, std::size_t most) override;
  kj::Promise<void> write(const void* buffer, std::size_t size) override {
    return inner_.write(buffer, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return inner_.write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return inner_.whenWriteDisconnected(); }
  void shutdownWrite() override { inner_.shutdownWrite(); }
  // Whether the other end has sent a frame over the limits.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  // False when a frame breaks the limits.
  bool follow(const unsigned char* bytes, std::size_t size);
  bool take_table_number(std::uint32_t number);

  kj::AsyncIoStream& inner_;
  std::array<unsigned char, 4> number_{};  // of the segment table, as far as it has come
  std::size_t number_bytes_ = 0;
  std::uint32_t numbers_seen_ = 0;  // of this message's table
  std::uint32_t segments_ = 0;
  std::uint64_t words_ = 0;
  std::uint64_t body_bytes_ = 0;  // still to come
  bool broken_ = false;
};

}  // namespace acp::rpc
