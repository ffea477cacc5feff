// What holds of a JSON text before a value is made of it.
#include <nlohmann/json.hpp>
#include <set>

#include "acp/text.h"

namespace acp {
namespace {

using Json = nlohmann::json;

// More than any object here has; whoever makes the value may look for each of its keys among all others.
constexpr std::size_t kMaxKeys = 4096;

// Sees the text go by. Each function says whether to go on.
class Watch final : public nlohmann::json_sax<Json> {
 public:
  explicit Watch(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*count*/) override { return open(); }
  bool start_array(std::size_t /*count*/) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    std::set<std::string>& keys = keys_.back();
    if (keys.size() == kMaxKeys) return refuse(name, "more keys than any object has");
    return keys.insert(name).second || refuse(name, "key given twice");
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return refuse("", "not JSON");
  }

  [[nodiscard]] Status status() && { return std::move(status_); }

 private:
  bool open() {
    if (keys_.size() == max_depth_) return refuse("", "nested too deep");
    keys_.emplace_back();
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }
  bool refuse(std::string path, const char* why) {
    status_ = malformed("ACP-TEXT-1", std::move(path), why);
    return false;
  }

  std::size_t max_depth_;
  std::vector<std::set<std::string>> keys_;  // of each object that is open; none for a list
  Status status_ = ok();
};

}  // namespace

Status check_json(std::string_view text, std::size_t max_depth) {
  Watch watch(max_depth);
  Json::sax_parse(text.begin(), text.end(), &watch);
  return std::move(watch).status();
}

}  // namespace acp
