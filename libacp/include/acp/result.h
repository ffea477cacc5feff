// Result<T>: a value, or an Error that says which requirement was broken and where.
//
// Nothing in the libraries throws across a public header; a fault in the input is an Error, a fault in our own code is
// an assertion (ACP_ASSERT), which stays on in release builds. The member names are those of std::expected.
// Spec     conventions, "Errors".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace acp {

// Whose fault it is. The numbers cross the C ABI (acp_status::family) and are never reused.
enum class Family : std::uint16_t {
  kMalformed = 1,    // the bytes or the text cannot be read at all
  kInvalid = 2,      // readable, but breaks a numbered requirement
  kUnsupported = 3,  // understood and legal, not offered here
  kLimit = 4,        // over a stated limit
  kEnvironment = 5,  // device lost, file missing, no memory
};

[[nodiscard]] std::string_view family_name(Family family);

struct Error {
  Family family = Family::kInvalid;
  std::string requirement;  // for instance "CEP-CONCAT-2"; empty only for kEnvironment
  std::string path;         // for instance "nodes[7].inputs[2]"
  std::string message;
};

// "nodes[7].inputs[2]: 3 is not below rank 3 [CEP-CONCAT-2]"
[[nodiscard]] std::string to_string(const Error& error);

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

struct Unit {};

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }

  const Error& error() const& {
    if (has_value()) assertion_failed("!has_value()", __FILE__, __LINE__);
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    if (has_value()) assertion_failed("!has_value()", __FILE__, __LINE__);
    return std::move(*std::get_if<1>(&state_));
  }
  T value_or(T otherwise) && { return has_value() ? std::move(checked()) : std::move(otherwise); }

 private:
  T& checked() {
    if (!has_value()) assertion_failed("has_value()", __FILE__, __LINE__);
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

using Status = Result<Unit>;
[[nodiscard]] inline Status ok() { return Unit{}; }

// The usual refusals, in the words of the error families.
[[nodiscard]] Error malformed(std::string requirement, std::string path, std::string message);
[[nodiscard]] Error invalid(std::string requirement, std::string path, std::string message);
[[nodiscard]] Error unsupported(std::string requirement, std::string path, std::string message);
[[nodiscard]] Error over_limit(std::string requirement, std::string path, std::string message);
[[nodiscard]] Error environment(std::string path, std::string message);

// The same error, found deeper: prefixes its path ("nodes[3]" + "inputs[0]"). A prefix "P.plan: " says in what file the path lies.
[[nodiscard]] Error at(std::string_view prefix, Error error);

}  // namespace acp

#define ACP_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::acp::assertion_failed(#expression, __FILE__, __LINE__))

#define ACP_CONCAT_INNER(a, b) a##b
#define ACP_CONCAT(a, b) ACP_CONCAT_INNER(a, b)
// ACP_TRY(auto x, f());   returns f()'s error, or binds its value.
#define ACP_TRY(declaration, expression) ACP_TRY_IMPL(ACP_CONCAT(acp_try_, __LINE__), declaration, expression)
#define ACP_TRY_IMPL(name, declaration, expression) \
  auto name = (expression);                         \
  if (!name) return std::move(name).error();        \
  declaration = std::move(name).value()
// ACP_CHECK(f());   returns f()'s error, drops its value.
#define ACP_CHECK(expression)                                                              \
  do {                                                                                     \
    if (auto acp_check_ = (expression); !acp_check_) return std::move(acp_check_).error(); \
  } while (false)
