#include "plan/text_line.h"

#include <algorithm>
#include <charconv>

#include "plan/limits.h"

namespace cep {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_name_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == ':' || c == '/' || c == '-';
}

template <typename Integer>
bool read_all(std::string_view digits, Integer& value, int base = 10) {
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [stop, fault] = std::from_chars(begin, end, value, base);
  return fault == std::errc{} && stop == end;
}

}  // namespace

bool is_bare_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_char);
}

std::string quoted_name(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += "\\x";
      text += kHexDigits[byte >> 4];
      text += kHexDigits[byte & 15];
    }
  }
  return text + '"';
}

void TextLine::skip_blanks() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
}

bool TextLine::at_end() {
  skip_blanks();
  return rest_.empty() || rest_.front() == '#';
}

std::string_view TextLine::peek_word() {
  skip_blanks();
  std::size_t n = 0;
  while (n < rest_.size() && is_name_char(rest_[n]) && !rest_.substr(n).starts_with("->")) ++n;
  return rest_.substr(0, n);
}

bool TextLine::accept(char symbol) {
  skip_blanks();
  if (!rest_.starts_with(symbol)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool TextLine::at_arrow() {
  skip_blanks();
  return rest_.starts_with("->");
}

bool TextLine::accept_arrow() {
  if (!at_arrow()) return false;
  rest_.remove_prefix(2);
  return true;
}

bool TextLine::accept_word(std::string_view word) {
  if (peek_word() != word) return false;
  rest_.remove_prefix(word.size());
  return true;
}

acp::Error TextLine::unknown(std::string_view wanted) {
  skip_blanks();
  const std::string found = at_end() ? "the end of the line" : quoted_name(rest_.substr(0, 24));
  return acp::malformed("CEP-TEXT-1", path(), "wanted " + std::string(wanted) + ", found " + found);
}

acp::Error TextLine::bad(std::string_view what) const {
  return acp::malformed("CEP-TEXT-4", path(), std::string(what));
}

acp::Error TextLine::too_many(std::string_view what) const {
  return acp::over_limit("CEP-TEXT-5", path(), std::string(what));
}

acp::Status TextLine::expect(char symbol) {
  if (!accept(symbol)) return unknown(std::string("'") + symbol + "'");
  return acp::ok();
}

acp::Status TextLine::expect_arrow() {
  if (!accept_arrow()) return unknown("'->'");
  return acp::ok();
}

acp::Status TextLine::expect_word(std::string_view word) {
  if (!accept_word(word)) return unknown("'" + std::string(word) + "'");
  return acp::ok();
}

acp::Status TextLine::expect_end() {
  if (!at_end()) return unknown("the end of the line");
  return acp::ok();
}

acp::Result<std::string_view> TextLine::word() {
  const std::string_view found = peek_word();
  if (found.empty()) return unknown("a word");
  rest_.remove_prefix(found.size());
  return found;
}

acp::Result<std::string> TextLine::name() {
  skip_blanks();
  if (rest_.starts_with('"')) return quoted();
  const std::string_view found = peek_word();
  if (found.empty()) return unknown("a name");
  if (found.size() > limits::kMaxNameBytes) return too_many("a name of more than 256 bytes");
  rest_.remove_prefix(found.size());
  return std::string(found);
}

acp::Result<std::string> TextLine::quoted() {
  std::string text;
  std::size_t i = 1;
  for (; i < rest_.size() && rest_[i] != '"'; ++i) {
    if (rest_[i] != '\\') {
      text += rest_[i];
    } else if (rest_.substr(i).starts_with("\\x") && i + 3 < rest_.size()) {
      const std::size_t high = kHexDigits.find(rest_[i + 2]);
      const std::size_t low = kHexDigits.find(rest_[i + 3]);
      if (high == std::string_view::npos || low == std::string_view::npos) return unknown("\\xHH");
      text += static_cast<char>(16 * high + low);
      i += 3;
    } else if (i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\')) {
      text += rest_[++i];
    } else {
      return unknown("\\\", \\\\ or \\xHH after a backslash");
    }
    if (text.size() > limits::kMaxNameBytes) return too_many("a name of more than 256 bytes");
  }
  if (i >= rest_.size()) return unknown("a closing quote");
  rest_.remove_prefix(i + 1);
  return text;
}

acp::Result<std::int64_t> TextLine::integer() {
  const std::string_view digits = peek_word();
  std::int64_t value = 0;
  if (!read_all(digits, value)) return bad("not an integer: " + quoted_name(digits));
  if (!limits::magnitude_ok(value)) return too_many("a number beyond 2^48");
  rest_.remove_prefix(digits.size());
  return value;
}

acp::Result<std::uint64_t> TextLine::unsigned_integer() {
  const std::string_view digits = peek_word();
  std::uint64_t value = 0;
  if (!read_all(digits, value)) return bad("not a non-negative integer: " + quoted_name(digits));
  rest_.remove_prefix(digits.size());
  return value;
}

acp::Result<std::uint64_t> TextLine::hexadecimal() {
  const std::string_view digits = peek_word();
  std::uint64_t value = 0;
  if (!digits.starts_with("0x") || !read_all(digits.substr(2), value, 16)) {
    return bad("not 0x and 1 to 16 hexadecimal digits: " + quoted_name(digits));
  }
  rest_.remove_prefix(digits.size());
  return value;
}

acp::Result<std::pair<std::int64_t, std::int64_t>> TextLine::range() {
  const std::string_view text = peek_word();
  const std::size_t colon = text.find(':');
  std::pair<std::int64_t, std::int64_t> ends;
  if (colon == std::string_view::npos || !read_all(text.substr(0, colon), ends.first) ||
      !read_all(text.substr(colon + 1), ends.second)) {
    return bad("not a range LO:HI: " + quoted_name(text));
  }
  if (ends.first < 0 || ends.first > ends.second)
    return bad("a range needs 0 <= LO <= HI: " + quoted_name(text));
  if (!limits::magnitude_ok(ends.second)) return too_many("a number beyond 2^48");
  rest_.remove_prefix(text.size());
  return ends;
}

acp::Result<Dims> TextLine::integers(char close) {
  Dims values;
  if (accept(close)) return values;
  do {
    if (values.size() == limits::kMaxRank) return too_many("more than 8 axes");
    ACP_TRY(const std::int64_t value, integer());
    values.push_back(value);
  } while (accept(','));
  ACP_CHECK(expect(close));
  return values;
}

acp::Result<Box> TextLine::box() {
  Box box;
  if (accept(']')) return box;
  do {
    if (box.rank() == limits::kMaxRank) return too_many("more than 8 axes");
    ACP_TRY(const auto ends, range());
    box.lo.push_back(ends.first);
    box.hi.push_back(ends.second);
  } while (accept(','));
  ACP_CHECK(expect(']'));
  return box;
}

}  // namespace cep
