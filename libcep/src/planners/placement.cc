// Placement files: which node runs where, in lines that people write.
#include <algorithm>
#include <charconv>
#include <optional>

#include "cep/planner.h"

namespace cep {

namespace {

std::vector<std::string_view> split_at(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_not_of(separators), text.size());
    text.remove_prefix(begin);
    const std::size_t length = std::min(text.find_first_of(separators), text.size());
    if (length > 0) out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

// '*' stands for any characters, also none. Going back only to the last star keeps this within pattern times name.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<std::uint32_t> number(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

class PlacementReader {
 public:
  PlacementReader(const Workload& workload, const std::vector<PlanTarget>& targets)
      : w_(workload), targets_(targets), out_(workload.nodes.size()) {}

  acp::Result<Placement> run(std::string_view text) && {
    bool begun = false;
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      line = line.substr(0, line.find('#'));
      path_ = "line " + std::to_string(number);
      words_ = split_at(line, " \t\r");
      if (words_.empty()) continue;
      if (!begun) {
        if (words_.size() != 2 || words_[0] != "cep-placement" || words_[1] != "1") break;
        begun = true;
        continue;
      }
      ACP_CHECK(item());
    }
    if (!begun) return acp::malformed("CEP-PLACE-1", path_, "the first line is not \"cep-placement 1\"");
    ACP_CHECK(check_whole());
    return std::move(out_);
  }

 private:
  acp::Error unknown(const char* wanted) const {
    return acp::malformed("CEP-PLACE-2", path_, std::string("wanted: ") + wanted);
  }
  // Whether the line has as many words, and these at these places ("" for any).
  bool reads(std::initializer_list<std::string_view> form) const {
    return words_.size() == form.size() && std::equal(form.begin(), form.end(), words_.begin(),
                                                      [](std::string_view wanted, std::string_view word) {
                                                        return wanted.empty() || wanted == word;
                                                      });
  }

  acp::Status item() {
    const std::string_view word = words_.front();
    if (word == "default") return on_default();
    if (word == "node") return on_node();
    if (word == "stage") return on_stage();
    if (word == "alternate") return on_alternate();
    if (word == "split") return on_split();
    return unknown("default, node, stage, alternate or split");
  }

  acp::Status on_default() {
    if (!reads({"default", ""})) return unknown("default DEVICE");
    ACP_TRY(const std::vector<DeviceId> to, devices(words_[1], 1));
    for (NodePlacement& node : out_) node = {to, 0};
    return acp::ok();
  }
  acp::Status on_node() {
    if (!reads({"node", "", ""})) return unknown("node PATTERN DEVICE");
    ACP_TRY(const std::vector<DeviceId> to, devices(words_[2], 1));
    return place({to, 0});
  }
  acp::Status on_stage() {
    if (!reads({"stage", "", ""})) return unknown("stage NODE DEVICE");
    ACP_TRY(const std::vector<DeviceId> to, devices(words_[2], 1));
    const NodeId first = find_node(w_, words_[1]);
    if (first == kNoId) return no_node();
    std::fill(out_.begin() + first, out_.end(), NodePlacement{to, 0});
    return acp::ok();
  }
  acp::Status on_alternate() {
    if (!reads({"alternate", "", "every", "", "nodes"}))
      return unknown("alternate DEVICE,DEVICE every N nodes");
    ACP_TRY(const std::vector<DeviceId> to, devices(words_[1], targets_.size()));
    const auto every = number(words_[3]);
    if (!every || *every == 0) return unknown("a number of nodes above 0");
    for (NodeId node = 0; node < out_.size(); ++node) out_[node] = {{to[node / *every % to.size()]}, 0};
    return acp::ok();
  }
  acp::Status on_split() {
    constexpr const char* kForm = "split PATTERN batch|channel|axis:N|reduction over DEVICE,DEVICE";
    if (!reads({"split", "", "", "over", ""})) return unknown(kForm);
    const bool reduction = words_[2] == "reduction";
    std::optional<std::uint32_t> axis;
    if (words_[2] == "batch" || reduction) axis = 0;
    if (words_[2] == "channel") axis = 1;
    if (words_[2].starts_with("axis:")) axis = number(words_[2].substr(5));
    if (!axis) return unknown(kForm);
    ACP_TRY(const std::vector<DeviceId> to, devices(words_[4], targets_.size()));
    return place({to, *axis, reduction});
  }

  acp::Status place(const NodePlacement& placement) {
    bool any = false;
    for (NodeId node = 0; node < out_.size(); ++node) {
      if (!matches(words_[1], w_.nodes[node].name)) continue;
      out_[node] = placement;
      any = true;
    }
    if (!any) return no_node();
    return acp::ok();
  }
  acp::Error no_node() const {
    return acp::invalid("CEP-PLACE-3", path_, "no node is called \"" + std::string(words_[1]) + "\"");
  }

  acp::Result<std::vector<DeviceId>> devices(std::string_view list, std::size_t most) const {
    std::vector<DeviceId> out;
    for (const std::string_view name : split_at(list, ",")) {
      const auto found = std::find_if(targets_.begin(), targets_.end(),
                                      [&](const PlanTarget& target) { return target.device.name == name; });
      const auto id = static_cast<DeviceId>(found - targets_.begin());
      if (found == targets_.end() || std::find(out.begin(), out.end(), id) != out.end()) {
        return acp::invalid("CEP-PLACE-4", path_,
                            "no device \"" + std::string(name) + "\" is planned for, or it is given twice");
      }
      out.push_back(id);
    }
    if (out.empty() || out.size() > most)
      return acp::invalid("CEP-PLACE-4", path_, "wrong number of devices");
    return out;
  }

  acp::Status check_whole() const {
    for (NodeId node = 0; node < out_.size(); ++node) {
      const std::string path = "node " + w_.nodes[node].name;
      if (out_[node].targets.empty()) return acp::invalid("CEP-PLACE-5", path, "no line places it");
      if (out_[node].targets.size() == 1 || out_[node].reduction) continue;
      std::optional<std::int64_t> extent;
      for (const TensorId output : w_.nodes[node].outputs) {
        const Dims& dims = w_.tensors[output].type.dims;
        if (out_[node].axis >= dims.size() || extent.value_or(dims[out_[node].axis]) != dims[out_[node].axis])
          return acp::invalid("CEP-PLACE-6", path, "its outputs do not share the axis it is split along");
        extent = dims[out_[node].axis];
      }
    }
    return acp::ok();
  }

  const Workload& w_;
  const std::vector<PlanTarget>& targets_;
  Placement out_;
  std::vector<std::string_view> words_;
  std::string path_ = "line 1";
};

}  // namespace

acp::Result<Placement> parse_placement(std::string_view text, const Workload& workload,
                                       const std::vector<PlanTarget>& targets) {
  return PlacementReader(workload, targets).run(text);
}

}  // namespace cep
