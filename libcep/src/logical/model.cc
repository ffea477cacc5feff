// Names of what a logical plan enumerates.
#include "logical/names.h"

namespace cep::logical {

std::string_view to_string(Element element) { return kElementNames[static_cast<std::size_t>(element)]; }

std::string_view to_string(CommKind kind) { return kCommNames[static_cast<std::size_t>(kind)]; }

std::string to_string(const Finding& finding) {
  const std::string what = finding.reference       ? "reference tensor "
                           : finding.node == kNone ? "delivered tensor "
                                                   : "plan node ";
  return what + std::to_string(finding.source) + ": " + finding.message + " [" + finding.id + "]";
}

}  // namespace cep::logical
