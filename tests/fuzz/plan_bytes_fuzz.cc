// Any bytes into the readers of plans and workloads: nothing crashes, and what is read encodes to the bytes it came from.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cep/certificate.h"
#include "support/thread_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cep::Workload workload = cep::support::thread_workload();
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto plan = cep::decode_plan(bytes)) {
    const auto again = encode(*plan);
    ACP_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    // Its ids may stand for nothing: the text is then refused, but printing and reading it must be safe.
    (void)cep::parse_plan(to_text(*plan, workload), workload).has_value();
  }
  if (const auto read = cep::decode_workload(bytes)) {
    const auto again = encode(*read);
    ACP_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  return 0;
}
