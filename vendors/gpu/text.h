// Program text, piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace acp_gpu {

class Text {
 public:
  template <typename... Pieces>
  void add(const Pieces&... pieces) {
    (piece(pieces), ...);
  }
  template <typename... Pieces>
  void line(const Pieces&... pieces) {
    add(pieces...);
    text_ += '\n';
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  void piece(std::string_view text) { text_ += text; }
  void piece(const std::string& text) { text_ += text; }
  void piece(const char* text) { text_ += text; }
  void piece(char letter) { text_ += letter; }
  void piece(std::int64_t number) { text_ += std::to_string(number); }
  void piece(std::uint32_t number) { text_ += std::to_string(number); }

  std::string text_;
};

template <typename... Pieces>
std::string joined(const Pieces&... pieces) {
  Text text;
  text.add(pieces...);
  return text.str();
}

}  // namespace acp_gpu
