// Text to lines, compressed or not.
#include <zstd.h>
#include <memory>
#include <vector>

#include "cep/distgraph.h"
#include "logical/distgraph_reader.h"
#include "logical/limits.h"

namespace cep::logical {
namespace {

// Cuts text that arrives in blocks into lines.
class Lines {
 public:
  explicit Lines(DistgraphReader& reader) : reader_(reader) {}

  acp::Status add(std::string_view block) {
    total_ += block.size();
    if (total_ > limits::kMaxTextBytes)
      return acp::over_limit("CEP-DIST-7", "", "more than 2^32 bytes of text");
    while (!block.empty()) {
      const std::size_t end = block.find('\n');
      const std::string_view part = block.substr(0, end);
      // A line without an end would be kept whole before anyone looks at its length.
      if (begun_.size() + part.size() > limits::kMaxLineBytes + 1) {
        return acp::over_limit("CEP-DIST-7", "line " + std::to_string(reader_.lines() + 1),
                               "a line of more than 2^20 bytes");
      }
      if (end == std::string_view::npos) {
        begun_ += part;
        return acp::ok();
      }
      if (begun_.empty()) {
        ACP_CHECK(reader_.line(part));
      } else {
        begun_ += part;
        ACP_CHECK(reader_.line(begun_));
        begun_.clear();
      }
      block.remove_prefix(end + 1);
    }
    return acp::ok();
  }

  acp::Result<Document> finish() {
    if (!begun_.empty()) ACP_CHECK(reader_.line(begun_));
    return reader_.finish();
  }

 private:
  DistgraphReader& reader_;
  std::string begun_;
  std::uint64_t total_ = 0;
};

acp::Error damaged(std::string what) { return acp::malformed("CEP-DIST-8", "", std::move(what)); }

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

}  // namespace

acp::Result<Document> read_distgraph(std::string_view text) {
  DistgraphReader reader;
  Lines lines(reader);
  ACP_CHECK(lines.add(text));
  return lines.finish();
}

acp::Result<Document> read_distgraph_zst(std::span<const std::byte> bytes) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  if (stream == nullptr) return acp::environment("", "no memory to decompress with");
  // A hostile frame must not make the decoder set aside a window of gigabytes.
  if (ZSTD_isError(ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, limits::kMaxWindowLog)) != 0) {
    return acp::environment("", "this Zstandard library cannot bound its window");
  }
  DistgraphReader reader;
  Lines lines(reader);
  std::vector<char> block(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t left = 1;  // of the frame; 0 at its end
  while (in.pos < in.size || left != 0) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
    ACP_CHECK(lines.add({block.data(), out.pos}));
    if (left != 0 && out.pos == 0 && in.pos == before) return damaged("the frame is cut short");
  }
  return lines.finish();
}

}  // namespace cep::logical
