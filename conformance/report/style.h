// The style sheet of the HTML report.
#pragma once

namespace conformance {

extern const char* const kStyle;

}  // namespace conformance
