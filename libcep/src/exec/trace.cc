// The trace of a run, in the format of chrome://tracing and Perfetto.
#include <string>

#include "cep/exec.h"

namespace cep {

namespace {

std::string quoted(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

// Microseconds with three decimals, exactly.
std::string microseconds(std::uint64_t ns) {
  const std::string rest = std::to_string(ns % 1000);
  return std::to_string(ns / 1000) + "." + std::string(3 - rest.size(), '0') + rest;
}

std::string_view kind_of(const Step& step) {
  constexpr std::string_view kKinds[] = {"compute", "copy", "combine", "fill", "signal", "wait"};
  return kKinds[step.what.index()];
}

}  // namespace

std::string to_chrome_trace(const Plan& plan, const std::vector<StepTrace>& trace) {
  std::string out = "{\"traceEvents\":[\n";
  for (std::size_t q = 0; q < plan.queues.size(); ++q) {
    out += "{\"ph\":\"M\",\"pid\":0,\"tid\":" + std::to_string(q) +
           ",\"name\":\"thread_name\",\"args\":{\"name\":" + quoted(plan.queues[q].name) + "}},\n";
  }
  for (const StepTrace& entry : trace) {
    const Step& step = plan.steps[entry.step];
    out += "{\"ph\":\"X\",\"pid\":0,\"tid\":" + std::to_string(step.queue) +
           ",\"name\":" + quoted(step.name) + ",\"cat\":\"" + std::string(kind_of(step)) +
           "\",\"ts\":" + microseconds(entry.begin_ns) +
           ",\"dur\":" + microseconds(entry.end_ns - entry.begin_ns) + "},\n";
  }
  out += "{\"ph\":\"M\",\"pid\":0,\"name\":\"process_name\",\"args\":{\"name\":" + quoted(plan.name) +
         "}}\n]}\n";
  return out;
}

}  // namespace cep
