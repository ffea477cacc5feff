#include "conformance/acp/suite.h"

#include <iterator>

namespace conformance {

Suite acp_suite() {
  Suite suite;
  for (Suite part : {describe_kinds(), unknown_kinds(), resource_kinds(), queue_kinds(), canary_kinds(),
                     detector_kinds(), exact_kinds(), swamping_kinds(), stability_kinds(), scalar_kinds(),
                     operator_kinds(), random_kinds()}) {
    suite.insert(suite.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  }
  return suite;
}

}  // namespace conformance
