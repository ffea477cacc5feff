#include "reduction.h"

#include <bit>

namespace acp_gpu {
namespace {

constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kPiece = 4096;

class Writer {
 public:
  Writer(const Reduction& reduction, Text& text)
      : r_(reduction),
        nest_(*reduction.nest),
        text_(text),
        count_(nest_.k_end - nest_.k_begin),
        adds_(nest_.combiner == ACP_COMBINE_ADD || nest_.combiner == ACP_COMBINE_FMA),
        has_init_(nest_.init != ACP_NONE),
        type_(type_of(reduction.dtype)),
        ending_(ending_of(reduction.dtype)) {}

  void write() {
    if (!has_init_) text_.line("acc = ", neutral(), ";");
    if (count_ == 0) return;
    place_digits();
    switch (nest_.order) {
      case ACP_ORDER_BLOCKED_TREE:
      case ACP_ORDER_BLOCKED_INDEX: return blocked();
      case ACP_ORDER_LANES32: return lanes();
      default: return chain();
    }
  }

 private:
  [[nodiscard]] bool is_fma() const { return nest_.combiner == ACP_COMBINE_FMA; }
  // A NaN stays a NaN through the steps, so making it the one NaN can wait for the last.
  [[nodiscard]] bool is_raw() const { return adds_ && r_.dtype == ACP_F32; }

  [[nodiscard]] std::string neutral() const {
    if (adds_) return bits_literal(r_.dtype, 0);
    const bool max = nest_.combiner == ACP_COMBINE_MAX;
    switch (r_.dtype) {
      case ACP_F32: return bits_literal(ACP_F32, max ? 0xff800000u : 0x7f800000u);
      case ACP_I32: return bits_literal(ACP_I32, max ? 0x80000000u : 0x7fffffffu);
      default: return literal(max ? INT64_MIN : INT64_MAX, true);
    }
  }

  // Digits of k_begin: the iterators of the reduction as variables.
  void place_digits() {
    std::int64_t k = nest_.k_begin;
    for (std::size_t t = r_.space->iters.size(); t-- > r_.space->parallel;) {
      const std::int64_t extent = r_.space->iters[t].end;
      const bool narrow = extent < (std::int64_t{1} << 30);
      text_.line(narrow ? "int i" : "long i", static_cast<std::int64_t>(t), " = ",
                 literal(k % extent, !narrow), ";");
      k /= extent;
    }
  }

  // k + 1: the last digit grows, full digits go back to 0.
  void advance() {
    std::string closing;
    for (std::size_t t = r_.space->iters.size(); t-- > r_.space->parallel;) {
      const auto digit = joined("i", static_cast<std::int64_t>(t));
      const std::int64_t extent = r_.space->iters[t].end;
      if (t == r_.space->parallel) {
        text_.add("++", digit, ";");
      } else {
        text_.add("if (++", digit, " == ", literal(extent, extent >= (std::int64_t{1} << 30)), ") { ", digit,
                  " = 0; ");
        closing += " }";
      }
    }
    text_.line(closing);
  }

  [[nodiscard]] std::string join(const std::string& a, const std::string& b) const {
    const char* const name = adds_ ? "add_" : nest_.combiner == ACP_COMBINE_MAX ? "max_" : "min_";
    return joined(name, ending_, "(", a, ", ", b, ")");
  }

  // One step into `to`; raw ones must be settled.
  [[nodiscard]] std::string step(const std::string& to, bool raw) const {
    const char* const prefix = raw && is_raw() ? "raw" : "";
    if (is_fma()) return joined(prefix, "fma_", ending_, "(", r_.body_a, ", ", r_.body_b, ", ", to, ")");
    if (!adds_) return join(to, r_.body_a);
    return joined(prefix, "add_", ending_, "(", to, ", ", r_.body_a, ")");
  }
  // What an accumulator is after its first element.
  [[nodiscard]] std::string first() const { return is_fma() ? step(neutral(), false) : r_.body_a; }

  // `steps` elements (an expression) into the declared accumulator `to`. begun: a condition, "1" or "0" where it is known.
  void run(const std::string& to, const std::string& begun, const std::string& steps, bool wide) {
    const char* const counter = wide ? "long" : "int";
    text_.line("for (", counter, " e = 0; e < ", steps, "; ++e) {");
    text_.add(r_.statements);
    if (begun == "1" || is_fma()) {
      text_.line(to, " = ", step(to, true), ";");
    } else if (begun == "0") {
      text_.line(to, " = e == 0 ? ", r_.body_a, " : ", step(to, true), ";");
    } else {
      text_.line(to, " = e == 0 && !(", begun, ") ? ", r_.body_a, " : ", step(to, true), ";");
    }
    advance();
    text_.line("}");
    if (!is_raw()) return;
    // An element that was taken and joined with nothing is left alone.
    if (begun == "1" || is_fma()) {
      text_.line("if (", steps, " > 0) ", to, " = one_nan(", to, ");");
    } else {
      text_.line("if (", steps, " > ((", begun, ") ? 0 : 1)) ", to, " = one_nan(", to, ");");
    }
  }

  [[nodiscard]] bool is_wide(std::int64_t count) const { return count >= (std::int64_t{1} << 30); }

  void chain() {
    const bool wide = is_wide(count_);
    if (is_fma() && !has_init_) text_.line("acc = ", neutral(), ";");
    run("acc", has_init_ || is_fma() ? "1" : "0", literal(count_, wide), wide);
  }

  // Levels of the tree over `parts` partial results: part number p enters when every pair that is complete is joined, like the carries
  // of a binary counter.
  void declare_levels(std::int64_t parts) {
    const auto levels = std::bit_width(static_cast<std::uint64_t>(parts)) + 1;
    text_.line(type_, " level[", static_cast<std::int64_t>(levels), "];");
  }
  void push(const std::string& part, const std::string& number) {
    text_.line("{ int top = (int)popcount((ulong)", number, "); level[top] = ", part, ";");
    text_.line("for (ulong n = (ulong)", number,
               " + 1UL; (n & 1UL) == 0UL; n >>= 1, --top) level[top - 1] = ",
               join("level[top - 1]", "level[top]"), "; }");
  }
  void collapse(std::int64_t parts) {
    const std::int64_t top = std::popcount(static_cast<std::uint64_t>(parts)) - 1;
    if (top == 0) return;
    text_.line("for (int top = ", top,
               "; top > 0; --top) level[top - 1] = ", join("level[top - 1]", "level[top]"), ";");
  }

  void blocked() {
    const std::int64_t block = nest_.block;
    const std::int64_t parts = count_ / block + (count_ % block != 0 ? 1 : 0);
    const bool tree = nest_.order == ACP_ORDER_BLOCKED_TREE;
    if (parts == 1) return chain();
    if (tree) declare_levels(parts);
    text_.line("for (long q = 0; q < ", literal(parts, true), "; ++q) {");
    text_.line("const long m = min(", literal(block, true), ", ", literal(count_, true), " - q * ",
               literal(block, true), ");");
    text_.line(type_,
               " part = ", adds_ ? (has_init_ ? joined("q == 0 ? acc : ", neutral()) : neutral()) : "acc",
               ";");
    // Block 0 of ADD without init takes its first element, the others begin at 0; of MAX and MIN it is the other way about.
    const std::string begun = adds_ ? (has_init_ ? "1" : "q != 0") : (has_init_ ? "q == 0" : "0");
    run("part", begun, "m", true);
    if (tree) {
      push("part", "q");
    } else {
      text_.line("acc = q == 0 ? part : ", join("acc", "part"), ";");
    }
    text_.line("}");
    if (!tree) return;
    collapse(parts);
    text_.line("acc = level[0];");
  }

  void lanes() {
    const std::int64_t parts = count_ / kPiece + (count_ % kPiece != 0 ? 1 : 0);
    const std::int64_t width = std::min(count_, kLanes);
    declare_levels(parts);
    text_.line(type_, " lane[", kLanes, "];");
    text_.line("for (long q = 0; q < ", literal(parts, true), "; ++q) {");
    text_.line("const int m = (int)min(", literal(kPiece, true), ", ", literal(count_, true), " - q * ",
               literal(kPiece, true), ");");
    text_.line("for (int e = 0; e < m; ++e) {");
    text_.add(r_.statements);
    text_.line("const int l = e & 31;");
    text_.line("lane[l] = e < 32 ? ", first(), " : ", step("lane[l]", false), ";");
    advance();
    text_.line("}");
    text_.line("const int filled = min(m, ", width, ");");
    text_.line("for (int w = 16; w > 0; w >>= 1) for (int l = 0; l < w && l + w < filled; ++l) lane[l] = ",
               join("lane[l]", "lane[l + w]"), ";");
    push("lane[0]", "q");
    text_.line("}");
    collapse(parts);
    text_.line("acc = ", has_init_ ? join("acc", "level[0]") : "level[0]", ";");
  }

  const Reduction& r_;
  const acp_nest& nest_;
  Text& text_;
  const std::int64_t count_;
  const bool adds_;
  const bool has_init_;
  const std::string type_;
  const std::string ending_;
};

}  // namespace

void write_reduction(const Reduction& reduction, Text& text) { Writer(reduction, text).write(); }

}  // namespace acp_gpu
