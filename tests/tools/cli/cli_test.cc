#include "tools/cli/cli.h"

#include <gtest/gtest.h>

namespace tools {
namespace {

TEST(Printable, what_a_terminal_only_shows_stays) {
  for (const char* text : {"", "plain", " !~\\\"", "Größe", "大小 🙂", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, what_a_terminal_would_do_is_escaped) {
  const struct {
    std::string text, printed;
  } cases[] = {
      {"a\nb\r\t", "a\\x0ab\\x0d\\x09"},
      {std::string("\0", 1), "\\x00"},
      {"\x1b[2J", "\\x1b[2J"},
      {"\x7f", "\\x7f"},
      {"\u009b", "\\xc2\\x9b"},       // the control character that begins a sequence
      {"\u00a0", "\u00a0"},           // the first behind them
      {"\u2028", "\\xe2\\x80\\xa8"},  // a line separator
      {"\u202e", "\\xe2\\x80\\xae"},  // right to left
      {"\u2069", "\\xe2\\x81\\xa9"},
  };
  for (const auto& [text, printed] : cases) EXPECT_EQ(printable(text), printed);
}

TEST(Printable, what_is_not_UTF_8_is_escaped) {
  const struct {
    std::string text, printed;
  } cases[] = {
      {"\xff", "\\xff"},
      {"\x80z", "\\x80z"},
      {"\xc3", "\\xc3"},
      {"\xc3z", "\\xc3z"},
      {"\xc0\xaf", "\\xc0\\xaf"},                    // longer than need be
      {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},           // longer than need be
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // half a pair
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // past the last
      {"\xf0\x9f\x99", "\\xf0\\x9f\\x99"},           // cut off
      {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
  };
  for (const auto& [text, printed] : cases) EXPECT_EQ(printable(text), printed);
}

TEST(Seconds, are_a_number_within_bounds) {
  const CLI::Validator check = seconds_within(0.5, 100);
  for (const char* text : {"0.5", "1", "1e2"}) EXPECT_EQ(check(text), "") << text;
  for (const char* text : {"0.49", "101", "nan", "-nan", "inf", "-1", "x", ""})
    EXPECT_NE(check(text), "") << text;
}

}  // namespace
}  // namespace tools
