#include "host/guarded_stream.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

namespace acp::rpc {

kj::Promise<std::size_t> GuardedStream::tryRead(void* buffer, std::size_t least, std::size_t most) {
  return inner_.tryRead(buffer, least, most).then([this, buffer](std::size_t size) {
    broken_ = broken_ || !follow(static_cast<const unsigned char*>(buffer), size);
    if (broken_) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "a message over the limits"));
    return size;
  });
}

// The table: the number of segments less one, the words of each, and one number more where that makes whole words.
bool GuardedStream::take_table_number(std::uint32_t number) {
  if (numbers_seen_ == 0) {
    if (number >= kMaxSegments) return false;
    segments_ = number + 1;
    words_ = 0;
  } else if (numbers_seen_ <= segments_) {
    words_ += number;
    if (words_ > kMaxMessageWords) return false;
  }
  ++numbers_seen_;
  if (numbers_seen_ > segments_ && numbers_seen_ % 2 == 0) {
    body_bytes_ = words_ * 8;
    numbers_seen_ = 0;
  }
  return true;
}

bool GuardedStream::follow(const unsigned char* bytes, std::size_t size) {
  while (size > 0) {
    if (body_bytes_ > 0) {
      const auto skipped = std::min<std::uint64_t>(body_bytes_, size);
      body_bytes_ -= skipped;
      bytes += skipped;
      size -= skipped;
      continue;
    }
    number_[number_bytes_++] = *bytes++;
    --size;
    if (number_bytes_ < number_.size()) continue;
    number_bytes_ = 0;
    std::uint32_t number = 0;
    std::memcpy(&number, number_.data(), sizeof number);
    if (!take_table_number(number)) return false;
  }
  return true;
}

}  // namespace acp::rpc
