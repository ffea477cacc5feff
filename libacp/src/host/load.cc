#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "host/child.h"
#include "host/loaded_shim.h"
#include "host/remote_shim.h"

namespace acp {
namespace {

void* host_alloc(void* /*context*/, std::size_t size_bytes, std::size_t alignment) {
  return std::aligned_alloc(alignment, (size_bytes + alignment - 1) / alignment * alignment);
}
void host_free(void* /*context*/, void* pointer) { std::free(pointer); }
std::uint64_t host_now_ns(void* /*context*/) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}
void host_log(void* /*context*/, int /*level*/, const char* /*message*/) {}  // libraries never print

acp_host make_host() {
  acp_host host = ACP_STRUCT(acp_host, ACP_TYPE_HOST);
  host.abi_min = ACP_ABI_VERSION;
  host.abi_max = ACP_ABI_VERSION;
  host.alloc = host_alloc;
  host.free = host_free;
  host.log = host_log;
  host.now_ns = host_now_ns;
  return host;
}

template <std::size_t kSize>
std::string text_of(const char (&buffer)[kSize]) {
  return {buffer, ::strnlen(buffer, kSize)};
}

// A shim that is trusted with nothing else is at least a table we can call.
Status check_slots(const acp_shim& slots) {
  if (slots.header.type != ACP_TYPE_SHIM || slots.header.size > sizeof(acp_shim)) {
    return malformed("ACP-SHIM-2", "shim.header", "the shim answered with another type or a larger size");
  }
  if (slots.abi != ACP_ABI_VERSION) {
    return unsupported("ACP-SHIM-1", "shim.abi", "the shim chose a version outside the host's range");
  }
  const struct {
    const char* name;
    bool present;
  } needed[] = {{"enumerate", slots.enumerate != nullptr},
                {"get_document", slots.get_document != nullptr},
                {"release", slots.release != nullptr}};
  for (const auto& slot : needed) {
    if (!slot.present)
      return invalid("ACP-SHIM-3", std::string("shim.") + slot.name, "a slot of tier T0 is missing");
  }
  return ok();
}

// The library is closed again when the shim is refused.
Result<Shim> negotiate_with(acp_shim_negotiate_fn function, LoadedShim::Origin origin) {
  const acp_host host = make_host();
  acp_shim slots = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const std::uint16_t family = function(&host, &slots, &status);
  if (family != ACP_OK) {
    Error error = refusal(family, status);
    if (origin.library != nullptr) ::dlclose(origin.library);
    return error;
  }
  auto loaded = std::make_shared<const LoadedShim>(slots, std::move(origin));
  ACP_CHECK(check_slots(slots));
  return LoadedShim::share(std::move(loaded));
}

// Folders a short name is looked for in.
std::vector<std::filesystem::path> search_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* listed = std::getenv("ACP_SHIM_PATH"); listed != nullptr) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const auto colon = rest.find(':');
      if (const auto folder = rest.substr(0, colon); !folder.empty()) folders.emplace_back(folder);
      rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
  }
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    folders.push_back(executable.parent_path().parent_path() / "lib");
    folders.push_back(executable.parent_path());
  }
  return folders;
}

Result<std::filesystem::path> find_library(std::string_view name) {
  if (name.find('/') != std::string_view::npos || name.ends_with(".so")) return std::filesystem::path(name);
  const std::string file = "libacp_shim_" + std::string(name) + ".so";
  for (const auto& folder : search_folders()) {
    std::error_code error;
    if (std::filesystem::exists(folder / file, error)) return folder / file;
  }
  return Error{Family::kEnvironment, "ACP-SHIM-12", std::string(name),
               "no " + file + " in $ACP_SHIM_PATH or ../lib"};
}

Result<Shim> load_here(const std::filesystem::path& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    return Error{Family::kEnvironment, "ACP-SHIM-12", path.string(),
                 reason != nullptr ? reason : "cannot be loaded"};
  }
  void* symbol = ::dlsym(library, "acp_shim_negotiate");
  if (symbol == nullptr) {
    ::dlclose(library);
    return malformed("ACP-SHIM-12", path.string(), "the library does not export acp_shim_negotiate");
  }
  return negotiate_with(reinterpret_cast<acp_shim_negotiate_fn>(symbol), {library, path.string(), 0});
}

constexpr std::string_view kApart = "@process";

Result<Shim> load_apart(const std::filesystem::path& path, const LoadOptions& options) {
  ACP_TRY(rpc::Window window, rpc::Window::create());
  ACP_TRY(std::unique_ptr<rpc::Child> child, rpc::start_host(path.string(), window));
  const int socket = child->take_socket();
  ACP_TRY(const rpc::RemoteShim remote,
          rpc::open_remote(socket, std::move(window), std::move(child), options));
  auto loaded = std::make_shared<const LoadedShim>(
      remote.slots, LoadedShim::Origin{nullptr, path.string(), remote.process});
  ACP_CHECK(check_slots(remote.slots));
  return LoadedShim::share(std::move(loaded));
}

}  // namespace

LoadedShim::~LoadedShim() {
  if (inner_ != nullptr) return;
  if (slots_.release != nullptr) slots_.release(slots_.self);
  if (origin_.library != nullptr) ::dlclose(origin_.library);
}

Error refusal(std::uint16_t family, const acp_status& status) {
  const std::string requirement = text_of(status.requirement);
  const bool known = family >= ACP_MALFORMED && family <= ACP_ENVIRONMENT;
  if (!known || family != status.family || (requirement.empty() && family != ACP_ENVIRONMENT)) {
    return malformed("ACP-SHIM-11", "status", "the shim refused, but not with a family and a requirement");
  }
  return {static_cast<Family>(family), requirement, text_of(status.path), text_of(status.message)};
}

Result<Shim> Shim::negotiate(acp_shim_negotiate_fn function) { return negotiate_with(function, {}); }

Result<std::string> Shim::find(std::string_view name_or_path) {
  if (name_or_path.ends_with(kApart)) name_or_path.remove_suffix(kApart.size());
  ACP_TRY(const std::filesystem::path path, find_library(name_or_path));
  return path.string();
}

Result<Shim> Shim::load(std::string_view name_or_path, const LoadOptions& options) {
  const bool apart = name_or_path.ends_with(kApart);
  ACP_TRY(const std::filesystem::path path, find(name_or_path));
  return apart || options.isolation == Isolation::kProcess ? load_apart(path, options) : load_here(path);
}

Shim Shim::with_slots(const acp_shim& slots) const {
  return Shim(std::make_shared<const LoadedShim>(slots, loaded_));
}

const acp_shim& Shim::slots() const { return loaded_->slots(); }
const std::string& Shim::library() const { return loaded_->origin().path; }
std::int64_t Shim::process_id() const { return loaded_->origin().process; }

Result<std::uint32_t> Shim::device_count() const {
  std::uint32_t count = 0;
  ACP_CHECK(call(*loaded_, &acp_shim::enumerate, "enumerate", &count));
  return count;
}

Result<Device> Shim::device(std::uint32_t number) const {
  ACP_TRY(const std::uint32_t count, device_count());
  if (number >= count) return invalid("ACP-SHIM-5", "device", "no such device");
  return Device(loaded_, number);
}

}  // namespace acp
