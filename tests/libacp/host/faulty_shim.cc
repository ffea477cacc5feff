// The template shim, but for one thing that goes wrong: the slot that $ACP_FAULT names ends the process, or never comes back.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "acp/shim.h"

namespace {

acp_shim inner;

[[noreturn]] void crash() { std::_Exit(7); }
[[noreturn]] void hang() {
  for (;;) ::pause();
}

bool is(const char* fault) {
  const char* wanted = std::getenv("ACP_FAULT");
  return wanted != nullptr && std::strcmp(wanted, fault) == 0;
}

std::uint16_t crash_on_compile(void*, std::uint32_t, const acp_region*, acp_executable**, acp_status*) {
  crash();
}
std::uint16_t crash_on_submit(void*, acp_queue*, const acp_submission*, acp_status*) { crash(); }
std::uint16_t hang_on_submit(void*, acp_queue*, const acp_submission*, acp_status*) { hang(); }
std::uint16_t hang_on_read(void*, acp_memory*, std::uint64_t, void*, std::uint64_t, acp_status*) { hang(); }
void crash_on_release(void*) { crash(); }
void hang_on_release(void*) { hang(); }

}  // namespace

ACP_EXPORT uint16_t acp_shim_negotiate(const acp_host* host, acp_shim* out, acp_status* status) {
  const char* folder = std::getenv("ACP_SHIM_PATH");
  void* library = ::dlopen((std::string(folder) + "/libacp_shim_template.so").c_str(), RTLD_NOW);
  if (library == nullptr || is("crash_on_negotiate")) crash();
  const auto negotiate = reinterpret_cast<acp_shim_negotiate_fn>(::dlsym(library, "acp_shim_negotiate"));
  const uint16_t family = negotiate(host, out, status);
  inner = *out;
  if (is("crash_on_compile")) out->compile = crash_on_compile;
  if (is("crash_on_submit")) out->queue_submit = crash_on_submit;
  if (is("hang_on_submit")) out->queue_submit = hang_on_submit;
  if (is("hang_on_read")) out->memory_read = hang_on_read;
  if (is("crash_on_release")) out->release = crash_on_release;
  if (is("hang_on_release")) out->release = hang_on_release;
  if (is("no_state")) out->get_state = nullptr;
  return family;
}
