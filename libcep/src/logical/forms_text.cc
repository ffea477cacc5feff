// The table of forms, to be read.
#include "logical/form_rows.h"

namespace cep::logical {
namespace {

std::string operands_in(std::uint32_t bits) {
  std::string text;
  for (unsigned j = 0; bits >> j != 0; ++j) {
    if ((bits >> j & 1) != 0) text += (text.empty() ? "" : ", ") + std::to_string(j);
  }
  return text;
}

std::string result_of(const FormRow::Result& result) {
  std::string text = "`" + std::string(result.dims) + "`";
  if (!result.sums.empty()) text += " sum " + std::string(result.sums);
  if (result.linear != 0) text += ", linear in " + operands_in(result.linear);
  if (result.unread != 0) text += ", without " + operands_in(result.unread);
  return text;
}

std::string kind_of(Meaning::Kind kind) {
  switch (kind) {
    case Meaning::Kind::kForm: return "";
    case Meaning::Kind::kSame: return "operand 0";
    case Meaning::Kind::kTranspose: return "operand 0, transposed";
    case Meaning::Kind::kReshape: return "operand 0, in another shape";
    case Meaning::Kind::kSum: return "the sum";
  }
  return "";
}
std::string case_of(When when) {
  switch (when) {
    case When::kAlways: return "";
    case When::kConstant: return "with `constant`";
    case When::kNoConstant: return "without `constant`";
    case When::kWholeConstant: return "`constant` a whole number above 0; divided by it";
    case When::kCast: return "`to` the result's type";
    case When::kNoCast: return "`to` the result's type, and the operand's";
    case When::kTypeOfFirst: return "result typed as operand 0";
    case When::kTypeOfSecond: return "result typed as operand 1";
    case When::kNoGradient: return "result typed as operands 0 and 1";
  }
  return "";
}

std::string rest_of(const FormRow::Rest& rest) {
  std::string text;
  const auto put = [&](const std::string& words) {
    if (!words.empty()) text += (text.empty() ? "" : "; ") + words;
  };
  put(kind_of(rest.kind));
  put(case_of(rest.when));
  if (rest.adds) put("the sum of the operands, stretched");
  if (rest.alpha == Alpha::kWhole) put("`alpha` a whole number but 0, times operand 1");
  if (rest.alpha == Alpha::kOne) put("`alpha` 1");
  if (!rest.whole.empty()) put("whole " + std::string(rest.whole));
  if (!rest.divided_by.empty()) put("divided by the lengths of " + std::string(rest.divided_by));
  if (rest.window != 0) put(std::string("window ") + rest.window);
  if (!rest.alike.empty()) put("of one length: " + std::string(rest.alike));
  if (!rest.room.empty())
    put(std::string(1, rest.room.front()) + " behind `position` within " + rest.room.back());
  if (rest.counted != 0) put(std::string(1, rest.counted) + " is `topk`");
  if (rest.shapes_only) put("reads no element");
  if (rest.discontinuous) put("can jump");
  if (rest.masks) put("holds minus infinity");
  if (rest.hides != 0) put("hides minus infinity of " + operands_in(rest.hides));
  return text;
}

}  // namespace

std::string forms_table() {
  std::string text = "| operator | operands | results | |\n|---|---|---|---|\n";
  for (const FormRow& row : form_rows()) {
    text += "| " + std::string(row.name) + (row.direction == Direction::kBackward ? ", backward" : "");
    text += " | `" + std::string(row.operands) + "` | ";
    for (std::size_t r = 0; r < row.results.size() && !row.results[r].dims.empty(); ++r)
      text += (r == 0 ? "" : "; ") + result_of(row.results[r]);
    text += " | " + rest_of(row.rest) + " |\n";
  }
  return text;
}

}  // namespace cep::logical
