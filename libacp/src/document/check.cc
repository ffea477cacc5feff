// The rules a document keeps whatever its form (ACP 1.3).
#include <algorithm>
#include <bit>
#include <set>
#include <tuple>

#include "acp/document.h"
#include "document/fields.h"

namespace acp {
namespace {

constexpr std::size_t kMaxString = 255;
// A hostile document must not make a reader compare or hold more than this.
constexpr std::size_t kMaxList = 4096;
constexpr std::size_t kMaxPayloadBytes = 65536;

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// scheme:rest, the scheme as in RFC 3986.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || !is_letter(text[0]))
    return false;
  const std::string_view scheme = text.substr(0, colon);
  return std::all_of(scheme.begin(), scheme.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_tag(std::string_view text) {
  return !text.empty() && is_lower(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

// ACP-DOC-1 and ACP-DOC-2, for every field of a record and of what it holds.
class SizeCheck {
 public:
  template <Record T>
  static Status of(const T& record) {
    SizeCheck visit;
    visit_fields(visit, record);
    return std::move(visit.status_);
  }

  template <typename T>
  void operator()(int /*number*/, std::string_view name, const T& member) {
    if (!status_) return;
    status_ = value(member);
    if (!status_) status_ = at(name, std::move(status_).error());
  }

 private:
  static Status value(const std::string& text) {
    if (text.size() > kMaxString) return invalid("ACP-DOC-1", "", "a string is longer than 255 characters");
    if (!is_printable(text)) return invalid("ACP-DOC-1", "", "a character outside printable ASCII");
    return ok();
  }
  static Status value(const std::vector<std::byte>& payload) {
    if (payload.size() > kMaxPayloadBytes) return over_limit("ACP-DOC-2", "", "a payload over 65536 bytes");
    return ok();
  }
  template <typename T>
  static Status value(const std::vector<T>& list) {
    if (list.size() > kMaxList) return over_limit("ACP-DOC-2", "", "a list over 4096 elements");
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (Status status = value(list[i]); !status) return at(element("", i), std::move(status).error());
    }
    return ok();
  }
  template <Record T>
  static Status value(const T& record) {
    return of(record);
  }
  template <typename T>
  static Status value(const T& /*scalar*/) {
    return ok();
  }

  Status status_ = ok();
};

Status present(bool is_present, std::string path) {
  if (is_present) return ok();
  return invalid("ACP-DOC-3", std::move(path), "a required field is absent");
}

// ACP-DOC-5 for any list; key_of gives what must be unique.
template <typename T, typename KeyOf>
Status unique(const std::vector<T>& list, std::string_view path, KeyOf key_of) {
  std::set<decltype(key_of(list[0]))> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!seen.insert(key_of(list[i])).second) return invalid("ACP-DOC-5", element(path, i), "given twice");
  }
  return ok();
}

template <typename T>
Status unique(const std::vector<T>& list, std::string_view path) {
  return unique(list, path, [](const T& x) { return x; });
}

Status check_tags(const std::vector<std::string>& tags, const std::string& path) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (!is_tag(tags[i]) && !is_uri(tags[i]))
      return invalid("ACP-DOC-7", element(path, i), "neither a tag nor a URI");
  }
  return unique(tags, path);
}

Status check_extensions(const std::vector<Extension>& extensions, const std::string& path) {
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    const Extension& extension = extensions[i];
    const std::string here = element(path, i);
    ACP_CHECK(present(!extension.name.empty(), here + ".name"));
    if (!is_uri(extension.name)) return invalid("ACP-DOC-7", here + ".name", "an extension's name is a URI");
    for (std::size_t r = 0; r < extension.critical_for.size(); ++r) {
      ACP_CHECK(present(extension.critical_for[r] != Role::kUnknown, element(here + ".critical_for", r)));
    }
    ACP_CHECK(unique(extension.critical_for, here + ".critical_for"));
  }
  return unique(extensions, path, [](const Extension& x) { return x.name; });
}

Status check_links(const std::vector<Link>& links) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    ACP_CHECK(present(!links[i].from.empty(), element("links", i) + ".from"));
    ACP_CHECK(present(!links[i].to.empty(), element("links", i) + ".to"));
    if (links[i].from == links[i].to)
      return invalid("ACP-DOC-6", element("links", i), "a link from a memory to itself");
  }
  return unique(links, "links", [](const Link& x) { return std::tie(x.from, x.to); });
}

Status check_memories(const std::vector<MemorySpace>& memories) {
  for (std::size_t i = 0; i < memories.size(); ++i) {
    const MemorySpace& memory = memories[i];
    ACP_CHECK(present(!memory.name.empty(), element("memories", i) + ".name"));
    ACP_CHECK(present(memory.size_bytes != 0, element("memories", i) + ".size_bytes"));
    if (memory.name == kHostMemory) {
      return invalid("ACP-DOC-5", element("memories", i) + ".name", "\"host\" is the caller's memory");
    }
    if (!std::has_single_bit(memory.alignment_bytes)) {
      return invalid("ACP-DOC-4", element("memories", i) + ".alignment_bytes", "not a power of two");
    }
  }
  return unique(memories, "memories", [](const MemorySpace& x) { return x.name; });
}

Status check_link_ends(const Class& document) {
  const auto known = [&](const std::string& end) {
    return end == kHostMemory || std::any_of(document.memories.begin(), document.memories.end(),
                                             [&](const MemorySpace& memory) { return memory.name == end; });
  };
  for (std::size_t i = 0; i < document.links.size(); ++i) {
    if (!known(document.links[i].from))
      return invalid("ACP-DOC-6", element("links", i) + ".from", "no such memory");
    if (!known(document.links[i].to))
      return invalid("ACP-DOC-6", element("links", i) + ".to", "no such memory");
  }
  return ok();
}

Status check_contracts(const std::vector<NumericContract>& contracts) {
  for (std::size_t i = 0; i < contracts.size(); ++i) {
    ACP_CHECK(present(!contracts[i].id.empty(), element("contracts", i) + ".id"));
    ACP_CHECK(check_tags(contracts[i].exact_orders, element("contracts", i) + ".exact_orders"));
  }
  return unique(contracts, "contracts", [](const NumericContract& x) { return x.id; });
}

Status check_ops(const Class& document) {
  std::set<std::string> contracts;
  for (const NumericContract& contract : document.contracts) contracts.insert(contract.id);
  for (std::size_t i = 0; i < document.ops.size(); ++i) {
    const OpSupport& row = document.ops[i];
    const std::string here = element("ops", i);
    ACP_CHECK(present(!row.op.empty(), here + ".op"));
    ACP_CHECK(present(row.version != 0, here + ".version"));
    ACP_CHECK(present(!row.dtypes.empty(), here + ".dtypes"));
    ACP_CHECK(present(!row.contract.empty(), here + ".contract"));
    if (!is_uri(row.op)) return invalid("ACP-DOC-7", here + ".op", "an operator is domain:Name");
    ACP_CHECK(check_tags(row.dtypes, here + ".dtypes"));
    if (!contracts.contains(row.contract))
      return invalid("ACP-DOC-6", here + ".contract", "no such contract");
    ACP_CHECK(check_extensions(row.extensions, here + ".extensions"));
  }
  return unique(document.ops, "ops",
                [](const OpSupport& x) { return std::tie(x.op, x.version, x.contract); });
}

Status check_rules(const Class& document) {
  ACP_CHECK(present(!document.identity.vendor.empty(), "identity.vendor"));
  ACP_CHECK(present(!document.identity.product.empty(), "identity.product"));
  ACP_CHECK(check_memories(document.memories));
  ACP_CHECK(check_links(document.links));
  ACP_CHECK(check_link_ends(document));
  for (std::size_t i = 0; i < document.queues.size(); ++i) {
    ACP_CHECK(present(!document.queues[i].name.empty(), element("queues", i) + ".name"));
    ACP_CHECK(present(document.queues[i].count != 0, element("queues", i) + ".count"));
  }
  ACP_CHECK(unique(document.queues, "queues", [](const QueueGroup& x) { return x.name; }));
  ACP_CHECK(check_contracts(document.contracts));
  ACP_CHECK(check_ops(document));
  return check_extensions(document.extensions, "extensions");
}

Status check_rules(const Instance& document) {
  ACP_CHECK(present(document.class_digest != Digest{}, "class_digest"));
  ACP_CHECK(present(!document.serial.empty(), "serial"));
  ACP_CHECK(check_links(document.links));
  return check_extensions(document.extensions, "extensions");
}

}  // namespace

Status check(const Document& document) {
  return std::visit(
      [](const auto& body) -> Status {
        ACP_CHECK(SizeCheck::of(body));
        return check_rules(body);
      },
      document);
}

Status check_instance(const Instance& instance, const Class& parent, const Digest& digest) {
  if (instance.class_digest != digest)
    return invalid("ACP-DOC-8", "class_digest", "the digest of another Class");
  for (std::size_t i = 0; i < instance.links.size(); ++i) {
    if (std::find(parent.links.begin(), parent.links.end(), instance.links[i]) == parent.links.end()) {
      return invalid("ACP-DOC-8", element("links", i), "not a link of the Class");
    }
  }
  return ok();
}

}  // namespace acp
