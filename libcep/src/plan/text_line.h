// TextLine: a cursor over one line of plan text. It hands out words, names, numbers and symbols; the grammar is the reader's.
//
// Life     borrows the line.
// Errors   CEP-TEXT-1 something else stands here; CEP-TEXT-4 not a number in range; CEP-TEXT-5 a name over the limit. The path
//          is "line N".
// Spec     CEP 5.6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "acp/result.h"
#include "cep/box.h"

namespace cep {

// Names made of these need no quotes.
[[nodiscard]] bool is_bare_name(std::string_view name);
// The name as it stands in the text: bare, or in quotes with \" \\ and \xHH for what is not printable ASCII.
[[nodiscard]] std::string quoted_name(std::string_view name);

class TextLine {
 public:
  TextLine(std::string_view text, std::size_t number) : rest_(text), number_(number) {}

  // Nothing but blanks and a comment is left.
  [[nodiscard]] bool at_end();
  [[nodiscard]] bool at_arrow();
  // Takes the symbol or word if it stands next.
  bool accept(char symbol);
  bool accept_arrow();
  bool accept_word(std::string_view word);

  acp::Status expect(char symbol);
  acp::Status expect_arrow();
  acp::Status expect_word(std::string_view word);
  acp::Status expect_end();
  acp::Result<std::string_view> word();
  acp::Result<std::string> name();
  acp::Result<std::int64_t> integer();
  acp::Result<std::uint64_t> unsigned_integer();
  acp::Result<std::uint64_t> hexadecimal();                    // 0x and 1 to 16 digits
  acp::Result<std::pair<std::int64_t, std::int64_t>> range();  // 0:4
  acp::Result<Dims> integers(char close);                      // up to and including the closing symbol
  acp::Result<Box> box();                                      // after '[', up to and including ']'

  [[nodiscard]] std::string path() const { return "line " + std::to_string(number_); }
  [[nodiscard]] acp::Error unknown(std::string_view wanted);       // CEP-TEXT-1
  [[nodiscard]] acp::Error bad(std::string_view what) const;       // CEP-TEXT-4
  [[nodiscard]] acp::Error too_many(std::string_view what) const;  // CEP-TEXT-5

 private:
  void skip_blanks();
  [[nodiscard]] std::string_view peek_word();
  acp::Result<std::string> quoted();

  std::string_view rest_;
  std::size_t number_;
};

}  // namespace cep
