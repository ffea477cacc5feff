#include "interp/program.h"

namespace cep::interp {
namespace {

// Marks backwards: every node's operands have smaller ids. Scalars first, since only they lead to reads;
// indices may lead to further reads through loads.
struct Marks {
  const Region& region;
  std::vector<bool> scalars;
  std::vector<bool> indices;

  void mark_read(std::uint32_t id) {
    const acp_read& read = region.reads[id];
    const std::uint32_t rank = region.operands[read.operand].rank;
    for (std::uint32_t d = 0; d < rank; ++d) indices[read.coord[d]] = true;
    for (std::uint32_t g = 0; g < read.guard_count; ++g)
      indices[region.guards[read.guard_first + g].index] = true;
  }
  void mark_scalars() {
    for (std::size_t i = scalars.size(); i-- > 0;) {
      if (!scalars[i]) continue;
      const acp_scalar_node& node = region.scalars[i];
      if (node.op == ACP_SC_ARG) mark_read(node.a);
      if (node.op == ACP_SC_INDEX) indices[node.a] = true;
      const int count = operand_count(node.op);
      if (count > 0) scalars[node.a] = true;
      if (count > 1) scalars[node.b] = true;
      if (count > 2) scalars[node.c] = true;
    }
  }
  void mark_indices() {
    for (std::size_t i = indices.size(); i-- > 0;) {
      if (!indices[i]) continue;
      const acp_index_node& node = region.indices[i];
      switch (node.op) {
        case ACP_IX_LOAD: mark_read(node.a); break;
        case ACP_IX_ADD: indices[node.b] = true; [[fallthrough]];
        case ACP_IX_SCALE:
        case ACP_IX_FLOORDIV:
        case ACP_IX_MOD:
        case ACP_IX_WRAP: indices[node.a] = true; break;
        default: break;
      }
    }
  }
};

std::vector<std::uint32_t> positions(const std::vector<bool>& marks) {
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i]) result.push_back(static_cast<std::uint32_t>(i));
  }
  return result;
}

}  // namespace

int operand_count(std::uint8_t code) {
  switch (code) {
    case ACP_SC_ARG:
    case ACP_SC_CONST:
    case ACP_SC_ACC:
    case ACP_SC_INDEX: return 0;
    case ACP_SC_NEG:
    case ACP_SC_ABS:
    case ACP_SC_SQRT:
    case ACP_SC_RINT:
    case ACP_SC_CAST:
    case ACP_SC_BITCAST: return 1;
    case ACP_SC_FMA:
    case ACP_SC_SELECT: return 3;
    default: return 2;
  }
}

Program program_for(const Region& region, const std::vector<std::uint32_t>& scalar_roots,
                    const std::vector<std::uint32_t>& index_roots) {
  Marks marks{region, std::vector<bool>(region.scalars.size()), std::vector<bool>(region.indices.size())};
  for (const std::uint32_t root : scalar_roots) {
    if (root != ACP_NONE) marks.scalars[root] = true;
  }
  for (const std::uint32_t root : index_roots) marks.indices[root] = true;
  marks.mark_scalars();
  marks.mark_indices();
  return {positions(marks.indices), positions(marks.scalars)};
}

}  // namespace cep::interp
