// The table of operators' forms, in letters. A row is an operator, forward or backward, in one of the cases it knows.
//
// A letter is an axis; a tensor is written as the axes its dimensions run over, from the outermost. A dimension of length 1 that no axis runs
// over is "1". Capitals are runs of dimensions, as many as the tensor's rank leaves,
// and stand before its other letters or behind them:
//
//   R, S      any dimensions
//   D, K      of R: those that the attribute `dim` or `dims` names, in its order; R with these standing alone, of length 1
//   A, B, C   B is what two operands broadcast to: A is what the first has of it, lined up at the last dimension, C what the second has. Where B
//             is longer than a dimension of length 1, that stands alone. Every dimension of B is in A or C.
//   X, Z      what A, and what C, has not of B
//
// Spec     CEP 11.5.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "cep/logical_forms.h"

namespace cep::logical {

enum class Direction : std::uint8_t { kForward, kBackward };

// What a case is told by, beside its shapes.
enum class When : std::uint8_t {
  kAlways,
  kConstant,       // the attribute `constant` is there
  kNoConstant,     // it is not
  kWholeConstant,  // it is a whole number above 0
  kCast,           // the attribute `to` names the element type of result 0
  kNoCast,         // it does, and that is the one of operand 0
  kTypeOfFirst,    // result 0 has the element type of operand 0
  kTypeOfSecond,   // result 0 has the element type of operand 1
  kNoGradient,     // operands 0 and 1 and result 0 have one element type
};
enum class Alpha : std::uint8_t {
  kUnused,
  kWhole,  // the attribute `alpha` is a whole number but 0, or is not there, and is 1
  kOne,    // it is 1
};

struct FormRow {
  struct Result {
    std::string_view dims = {};
    std::string_view sums = {};
    std::uint32_t linear = 0;  // operands, as bits
    std::uint32_t unread = 0;  // operands, as bits
  };
  struct Rest {
    Meaning::Kind kind = Meaning::Kind::kForm;
    When when = When::kAlways;
    Alpha alpha = Alpha::kUnused;      // of kSum, or where it adds: the second operand times alpha
    bool adds = false;                 // the result is the sum of the operands, stretched
    std::string_view whole = {};       // letters that only a whole dimension can serve
    std::string_view divided_by = {};  // every result, by the lengths of these
    char window = 0;                   // start and stop name this letter's piece
    std::string_view alike = {};       // these have one length
    std::string_view room = {};        // the first fits into the second, behind the attribute `position`
    char counted = 0;                  // as long as the attribute `topk` says
    bool shapes_only = false;          // no element of an operand is read
    bool discontinuous = false;
    bool masks = false;       // it makes minus infinity
    std::uint32_t hides = 0;  // operands, as bits, whose minus infinity makes none
    std::string_view assumption = {};
  };
  static constexpr std::size_t kMostResults = 5;

  std::string_view name;
  Direction direction;
  std::string_view operands;                 // with commas between; dots behind: one or more like it
  std::array<Result, kMostResults> results;  // dots behind the one there is: one or more like it
  Rest rest = {};
};

// What an operation means is the first row of its name and direction with as many operands and results, whose case holds, and whose letters fit
// the shapes (of a view or a sum that is no gradient, those of the operands).
[[nodiscard]] std::span<const FormRow> form_rows();
// Null where there is none.
[[nodiscard]] const FormRow* form_row_of(const Operation& operation, std::span<const Typed> inputs,
                                         std::span<const Typed> outputs);

}  // namespace cep::logical
