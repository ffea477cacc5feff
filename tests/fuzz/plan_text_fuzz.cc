// Any text into the reader of plans: nothing crashes, and what is read survives its canonical text and its wire form.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cep/certificate.h"
#include "support/thread_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cep::Workload workload = cep::support::thread_workload();
  const auto plan = cep::parse_plan({reinterpret_cast<const char*>(data), size}, workload);
  if (!plan) {
    ACP_ASSERT(plan.error().requirement.starts_with("CEP-TEXT-") ||
               plan.error().requirement.starts_with("CEP-COLL-"));
    return 0;
  }
  const std::string text = to_text(*plan, workload);
  const auto again = cep::parse_plan(text, workload);
  ACP_ASSERT(again.has_value());
  ACP_ASSERT(*again == *plan);
  ACP_ASSERT(to_text(*again, workload) == text);
  const auto decoded = cep::decode_plan(encode(*plan));
  ACP_ASSERT(decoded.has_value());
  ACP_ASSERT(*decoded == *plan);
  return 0;
}
