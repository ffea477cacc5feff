// Names of what a logical plan enumerates.
#include "logical/names.h"

namespace cep::logical {

std::string_view to_string(Element element) { return kElementNames[static_cast<std::size_t>(element)]; }

std::string_view to_string(CommKind kind) { return kCommNames[static_cast<std::size_t>(kind)]; }

}  // namespace cep::logical
