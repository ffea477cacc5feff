// Describe: documents, device numbers and state (tiers T0 and T1).
#include "acp/text.h"
#include "acp/wire.h"
#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

Outcome round_trip(const Query& /*query*/, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto document = device.class_document();
  if (!document) return unexpected(device, "the Class document", document.error());
  const auto wire = acp::encode(*document);
  if (!wire) return unexpected(device, "the Class document as bytes", wire.error());
  const auto back = acp::decode_class(*wire);
  const auto text = acp::parse_class_json(acp::to_json(*document));
  if (!back || !text || !(*back == *document) || !(*text == *document))
    return {Verdict::kHarnessError, "", "the document does not survive its two forms", "", ""};
  return pass();
}

// A refusal by family and id, whatever else stands in it.
Outcome expect(std::uint16_t family, const acp_status& status, std::uint16_t wanted, const std::string& id) {
  const std::string got =
      family == ACP_OK ? "success" : std::to_string(family) + " " + std::string(status.requirement);
  const std::string words = std::to_string(wanted) + " " + id;
  if (family == wanted && status.family == wanted && status.requirement == id) return pass();
  if (family != ACP_OK &&
      (family > ACP_ENVIRONMENT || family != status.family || status.requirement[0] == '\0'))
    return fail("ACP-SHIM-11", "the refusal has no family or no requirement", words, got);
  return fail(id, "not refused as it must be", words, got);
}

Outcome device_number(const Query& /*query*/, const acp::Shim& shim, const acp::Device& device) {
  const auto count = shim.device_count();
  if (!count) return unexpected(device, "enumerate", count.error());
  acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_DOCUMENT);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const acp_shim& slots = shim.slots();
  const auto family = slots.get_document(slots.self, *count, ACP_DOCUMENT_CLASS, &document, &status);
  return expect(family, status, ACP_INVALID, "ACP-SHIM-5");
}

Outcome document_kind(const Query& /*query*/, const acp::Shim& shim, const acp::Device& /*device*/) {
  acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_DOCUMENT);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const acp_shim& slots = shim.slots();
  return expect(slots.get_document(slots.self, 0, 77, &document, &status), status, ACP_UNSUPPORTED,
                "ACP-SHIM-10");
}

Outcome struct_type(const Query& /*query*/, const acp::Shim& shim, const acp::Device& /*device*/) {
  acp_document document = ACP_STRUCT(acp_document, ACP_TYPE_ANSWER);
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const acp_shim& slots = shim.slots();
  return expect(slots.get_document(slots.self, 0, ACP_DOCUMENT_CLASS, &document, &status), status,
                ACP_MALFORMED, "ACP-SHIM-2");
}

Outcome state(const Query& /*query*/, const acp::Shim& shim, const acp::Device& device) {
  if (shim.slots().get_state == nullptr) return {Verdict::kUnsupported, "", "tier T1 is not offered", "", ""};
  const auto first = device.state();
  if (!first) return unexpected(device, "get_state", first.error());
  const auto second = device.state();
  if (!second) return unexpected(device, "get_state", second.error());
  if (second->generation < first->generation)
    return fail("ACP-CONF-15", "the generation fell", std::to_string(first->generation),
                std::to_string(second->generation));
  if (second->healthy != 1)
    return {Verdict::kDeviceLost, "ACP-CONF-15", "the device says that it is not healthy", "1",
            std::to_string(second->healthy)};
  return pass();
}

}  // namespace

Suite describe_kinds() {
  return {{.name = "acp.document.class",
           .what = "the Class document is valid in both forms",
           .run = round_trip,
           .about = {"ACP-SHIM-1", "ACP-SHIM-3", "ACP-DOC-1", "ACP-DOC-3", "ACP-DOC-4", "ACP-DOC-5",
                     "ACP-DOC-6", "ACP-DOC-7"}},
          {.name = "acp.document.kind",
           .what = "a kind of document not published: refused",
           .run = document_kind,
           .about = {"ACP-SHIM-10", "ACP-SHIM-11"}},
          {.name = "acp.struct.type",
           .what = "a struct of another type: refused",
           .run = struct_type,
           .about = {"ACP-SHIM-2"}},
          {.name = "acp.device.number",
           .what = "a device number past the count: refused",
           .run = device_number,
           .about = {"ACP-SHIM-5"}},
          {.name = "acp.state",
           .what = "the state can be read, and its generation never falls",
           .run = state,
           .about = {"ACP-CONF-15"}}};
}

}  // namespace conformance
