// A negotiated table and the library behind it; and how a call through a slot becomes a Status.
//
// Life     shared by the Shim, its devices and their handles; the last one calls release and closes the library.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "acp/host.h"

namespace acp {

class LoadedShim {
 public:
  // What was loaded: a library here, or a process that has one.
  struct Origin {
    void* library = nullptr;
    std::string path;
    std::int64_t process = 0;
  };
  LoadedShim(acp_shim slots, Origin origin) : slots_(slots), origin_(std::move(origin)) {}
  // The same shim with other slots: `inner` owns the table and the library.
  LoadedShim(acp_shim slots, std::shared_ptr<const LoadedShim> inner)
      : slots_(slots), inner_(std::move(inner)) {}
  LoadedShim(const LoadedShim&) = delete;
  LoadedShim& operator=(const LoadedShim&) = delete;
  ~LoadedShim();

  [[nodiscard]] const acp_shim& slots() const { return slots_; }
  [[nodiscard]] const Origin& origin() const { return inner_ != nullptr ? inner_->origin() : origin_; }
  static Shim share(std::shared_ptr<const LoadedShim> loaded) { return Shim(std::move(loaded)); }

 private:
  acp_shim slots_;
  Origin origin_;
  std::shared_ptr<const LoadedShim> inner_;
};

// What the shim said, as an Error. Errors ACP-SHIM-11.
[[nodiscard]] Error refusal(std::uint16_t family, const acp_status& status);

// Calls a slot that returns a family and fills a status.
template <typename... Parameters, typename... Arguments>
[[nodiscard]] Status call(const LoadedShim& shim, uint16_t (*acp_shim::*slot)(void*, Parameters...),
                          std::string_view name, Arguments... arguments) {
  const auto function = shim.slots().*slot;
  if (function == nullptr) {
    return unsupported("ACP-SHIM-4", std::string(name), "the shim does not offer this call");
  }
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const std::uint16_t family = function(shim.slots().self, arguments..., &status);
  if (family != ACP_OK) return refusal(family, status);
  return ok();
}

}  // namespace acp
