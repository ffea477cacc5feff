# The operator table is the listing of a folder: ops/<stem>.cc defines `op_<stem>`. Writes OUT into the build tree.
function(acp_op_table FOLDER OUT SOURCES)
  file(GLOB files CONFIGURE_DEPENDS ${FOLDER}/*.cc)
  list(SORT files)
  set(declarations "")
  set(entries "")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declarations "extern const OpDef op_${stem};\n")
    string(APPEND entries "    &op_${stem},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT
"// Generated from the listing of the operator folder.
#include \"cep/op.h\"

namespace cep {
${declarations}
namespace {
constexpr const OpDef* kTable[] = {
${entries}};
}  // namespace

std::span<const OpDef* const> op_table() { return kTable; }
}  // namespace cep
")
  set(${SOURCES} ${files} ${OUT} PARENT_SCOPE)
endfunction()
