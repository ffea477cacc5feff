// A region program for people: one line a node that is used.
#include <cstdio>

#include "index/reach.h"

namespace cep {

namespace {

class Printer {
 public:
  explicit Printer(const Region& region) : r_(region) {}

  std::string run() {
    for (std::size_t i = 0; i < r_.operands.size(); ++i) operand(i);
    std::string indent;
    for (const acp_stage& stage : r_.stages) {
      if (stage.kind == ACP_STAGE_LOOP_END) indent.resize(indent.size() - 2);
      if (stage.kind == ACP_STAGE_NEST) nest(r_.nests[stage.index], indent);
      if (stage.kind == ACP_STAGE_LOOP_BEGIN) {
        const acp_loop& loop = r_.loops[stage.index];
        out_ +=
            indent + "loop trips " + scalar(loop.trips) + " (at most " + std::to_string(loop.max_trips) + ")";
        if (loop.condition != ACP_NONE) out_ += " while " + scalar(loop.condition);
        out_ += "\n";
        indent += "  ";
      }
    }
    return std::move(out_);
  }

 private:
  static std::string name(const acp_operand& o, std::size_t i) {
    const char* letters[] = {"?", "in", "out", "t"};
    return letters[o.role] + std::to_string(o.role == ACP_ROLE_TEMP ? i : o.slot);
  }
  void operand(std::size_t i) {
    const acp_operand& o = r_.operands[i];
    out_ += name(o, i) + ": " + std::string(dtype_name(static_cast<Dtype>(o.dtype))) +
            to_string(Box::whole(type_of(o).dims)) + " window " + to_string(window_of(o)) + "\n";
  }
  void nest(const acp_nest& n, const std::string& indent) {
    const std::uint32_t parallel = n.iter_count - n.reduce_count;
    out_ += indent + "for";
    for (std::uint32_t i = 0; i < parallel; ++i) out_ += " " + range(n, i);
    if (n.combiner != ACP_COMBINE_NONE) {
      const char* combiners[] = {"none", "fma", "add", "max", "min"};
      const char* orders[] = {"none", "chain", "blocked_tree", "blocked_index", "lanes32", "any"};
      out_ += std::string(" reduce ") + combiners[n.combiner] + " " + orders[n.order];
      if (n.block > 0) out_ += "(" + std::to_string(n.block) + ")";
      for (std::uint32_t i = parallel; i < n.iter_count; ++i) out_ += " " + range(n, i);
      out_ += " k " + std::to_string(n.k_begin) + ":" + std::to_string(n.k_end);
      out_ +=
          " from " + (n.init == ACP_NONE ? std::string("first") : scalar(n.init)) + " of " + scalar(n.body_a);
      if (n.body_b != ACP_NONE) out_ += ", " + scalar(n.body_b);
    }
    out_ += "\n";
    for (std::uint32_t w = 0; w < n.write_count; ++w) {
      const acp_write& write = r_.writes[n.write_first + w];
      out_ += indent + "  " + access(write.operand, write.coord) + " = " + scalar(write.value) + "\n";
    }
  }
  std::string range(const acp_nest& n, std::uint32_t i) {
    const acp_iter& it = r_.iters[n.iter_first + i];
    return "i" + std::to_string(i) + " " + std::to_string(it.begin) + ":" + std::to_string(it.end);
  }
  std::string access(std::uint32_t operand, const std::uint32_t* coord) {
    std::string text = name(r_.operands[operand], operand) + "[";
    for (std::size_t d = 0; d < r_.operands[operand].rank; ++d) text += (d > 0 ? "," : "") + index(coord[d]);
    return text + "]";
  }
  std::string read(std::uint32_t id) {
    const acp_read& read = r_.reads[id];
    std::string text = access(read.operand, read.coord);
    for (std::uint32_t g = 0; g < read.guard_count; ++g) {
      const acp_guard& guard = r_.guards[read.guard_first + g];
      text += (g == 0 ? " if " : " & ") + std::to_string(guard.lo) + "<=" + index(guard.index) + "<" +
              std::to_string(guard.hi);
    }
    return text;
  }
  std::string index(std::uint32_t id) {
    const acp_index_node& n = r_.indices[id];
    switch (n.op) {
      case ACP_IX_CONST: return std::to_string(n.value);
      case ACP_IX_ITER: return "i" + std::to_string(n.a);
      case ACP_IX_LOOP: return "trip" + std::to_string(n.a);
      case ACP_IX_ADD: return "(" + index(n.a) + "+" + index(n.b) + ")";
      case ACP_IX_SCALE: return index(n.a) + "*" + std::to_string(n.value);
      case ACP_IX_FLOORDIV: return index(n.a) + "/" + std::to_string(n.value);
      case ACP_IX_MOD: return index(n.a) + "%" + std::to_string(n.value);
      case ACP_IX_WRAP: return "wrap(" + index(n.a) + "," + std::to_string(n.value) + ")";
      case ACP_IX_LOAD: return "load(" + read(n.a) + ")";
      default: return "?";
    }
  }
  std::string scalar(std::uint32_t id) {
    static constexpr const char* kNames[] = {"?",       "arg",  "const", "acc", "index", "neg",    "abs",
                                             "sqrt",    "rint", "add",   "sub", "mul",   "div",    "min",
                                             "max",     "fma",  "lt",    "le",  "eq",    "select", "cast",
                                             "bitcast", "and",  "or",    "xor", "shl",   "shr"};
    const acp_scalar_node& n = r_.scalars[id];
    switch (n.op) {
      case ACP_SC_ARG: return read(n.a);
      case ACP_SC_CONST: {
        char text[24];
        std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(n.bits));
        return text;
      }
      case ACP_SC_ACC: return "acc";
      case ACP_SC_INDEX: return index(n.a);
      // A scalar program shares nodes; deep ones (exp) are cut off so that the text stays short.
      default: break;
    }
    if (depth_ > 4) return "...";
    ++depth_;
    std::string text = std::string(kNames[n.op]) + "(" + scalar(n.a);
    const bool unary = n.op <= ACP_SC_RINT || n.op == ACP_SC_CAST || n.op == ACP_SC_BITCAST;
    if (!unary) text += "," + scalar(n.b);
    if (n.op == ACP_SC_FMA || n.op == ACP_SC_SELECT) text += "," + scalar(n.c);
    --depth_;
    return text + ")";
  }

  const Region& r_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string to_text(const Region& region) { return Printer(region).run(); }

}  // namespace cep
