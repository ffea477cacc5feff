// One edit of a text, for cases that differ in one place.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace cep::support {

// The text with one piece replaced; the piece must stand there exactly once.
inline std::string edit(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at == std::string::npos) return text;
  EXPECT_EQ(text.find(from, at + 1), std::string::npos) << "twice: " << from;
  return text.replace(at, from.size(), to);
}

}  // namespace cep::support
