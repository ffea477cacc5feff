// Unknowns: what neither side can know yet. Codes that mean nothing must be refused, and by the right family; what a newer host adds to
// a struct must be ignored.
#include <algorithm>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kCode = "canary.code", kGrease = "acp.grease";

// A place of a program where a code stands.
struct Place {
  std::string_view name;
  void (*put)(cep::Region& region, std::uint8_t code);
};
constexpr Place kPlaces[] = {
    {"operator", [](cep::Region& r, std::uint8_t code) { r.scalars[0].op = code; }},
    {"dtype", [](cep::Region& r, std::uint8_t code) { r.operands[0].dtype = code; }},
    {"result", [](cep::Region& r, std::uint8_t code) { r.scalars[0].dtype = code; }},
    {"index", [](cep::Region& r, std::uint8_t code) { r.indices[0].op = code; }},
    {"combiner", [](cep::Region& r, std::uint8_t code) { r.nests[0].combiner = code; }},
    {"order", [](cep::Region& r, std::uint8_t code) { r.nests[0].order = code; }},
    {"stage", [](cep::Region& r, std::uint8_t code) { r.stages[0].kind = code; }},
};

std::vector<Query> list_codes(const Claims& claims, Tier tier) {
  std::vector<Query> queries;
  if (!claims.regions || !claims.has("f32")) return queries;
  for (const Place& place : kPlaces) {
    const Query query{std::string(kCode) + "." + std::string(place.name), {}};
    for (int i = 0; i < (tier == Tier::kFull ? 8 : 2); ++i)
      queries.push_back(query.with("case", std::to_string(i)));
  }
  return queries;
}

std::string family_and_id(const acp::Error& error) {
  return std::string(acp::family_name(error.family)) + " " + error.requirement;
}

// The reference's own check says which refusal is right.
Outcome run_code(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto place = std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const Place& row) {
    return query.name == std::string(kCode) + "." + std::string(row.name);
  });
  if (place == std::end(kPlaces)) return {Verdict::kHarnessError, "", "no such place for a code", "", ""};
  cep::Region region = row_sums();
  const auto code = static_cast<std::uint8_t>(128 + query.seed() % 128);
  place->put(region, code);
  const acp::Status reference = cep::check_region(region);
  if (reference) return {Verdict::kHarnessError, "", "the reference takes the code", "", ""};
  const std::string wanted = family_and_id(reference.error());
  const auto made = device.compile(region.view());
  const std::string words = "code " + std::to_string(code);
  if (made) return fail(reference.error().requirement, words + " is accepted", wanted, "accepted");
  const std::string got = family_and_id(made.error());
  if (got != wanted) return fail(reference.error().requirement, words + " is refused otherwise", wanted, got);
  return pass();
}

// A link that no version knows. Its bytes stay as they are.
struct Unknown {
  acp_header header;
  std::uint64_t payload[4];
  bool operator==(const Unknown& other) const {
    return header.size == other.header.size && header.type == other.header.type &&
           header.next == other.header.next &&
           std::equal(std::begin(payload), std::end(payload), std::begin(other.payload));
  }
};

constexpr std::string_view kGreaseId = "ACP-SHIM-13";

Outcome greased(std::uint16_t family, const acp_status& status, const Unknown& before, const Unknown& after) {
  if (family != ACP_OK) {
    return fail(std::string(kGreaseId), "what a newer host adds is refused", "success",
                std::to_string(family) + " " + status.requirement);
  }
  if (!(before == after))
    return fail(std::string(kGreaseId), "what a newer host adds was written to", "unchanged", "changed");
  return pass();
}

Outcome run_grease(const Query& query, const acp::Shim& shim, const acp::Device& /*device*/) {
  const acp_shim& slots = shim.slots();
  const auto random = static_cast<std::uint32_t>(query.seed());
  Unknown link = {{sizeof(Unknown), 0x40000000U | random, nullptr}, {1, 2, 3, random}};
  const Unknown before = link;
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  if (query.name == std::string(kGrease) + ".chain") {
    acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_DOCUMENT);
    document.header.next = &link;
    const auto family = slots.get_document(slots.self, 0, ACP_DOCUMENT_CLASS, &document, &status);
    return greased(family, status, before, link);
  }
  if (slots.get_state == nullptr) return {Verdict::kUnsupported, "", "tier T1 is not offered", "", ""};
  struct Newer {
    acp_state known;
    Unknown more;
  } newer = {ACP_STRUCT(acp_state, ACP_TYPE_STATE), before};
  newer.known.header.size = sizeof(Newer);
  const auto family = slots.get_state(slots.self, 0, &newer.known, &status);
  return greased(family, status, before, newer.more);
}

std::vector<Query> list_grease(const Claims& /*claims*/, Tier /*tier*/) {
  return {{std::string(kGrease) + ".chain", {}}, {std::string(kGrease) + ".size", {}}};
}

}  // namespace

Suite unknown_kinds() {
  return {{.name = kGrease,
           .what = "links and fields that a newer host adds: ignored, and left alone",
           .list = list_grease,
           .run = run_grease,
           .about = {kGreaseId}},
          {.name = kCode,
           .what = "a random code that means nothing: refused, by the family and id of the reference",
           .list = list_codes,
           .run = run_code,
           .about = {"CEP-REG-3"}}};
}

}  // namespace conformance
