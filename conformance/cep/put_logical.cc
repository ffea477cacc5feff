// Logical plans: proved, in tree order too, run, and checked.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "acp/digest.h"
#include "cep/batch.h"
#include "cep/distgraph.h"
#include "cep/equivalence.h"
#include "cep/logical_certificate.h"
#include "cep/replay.h"
#include "cep/tree_order.h"
#include "conformance/cep/readers.h"
#include "tools/cep-check/logical/check.h"

namespace conformance::documents {
namespace {

namespace logical = cep::logical;

Answer answer_of(const logical::Finding& finding) { return {finding.id, {}, to_string(finding)}; }

// As text, or as bytes: compressed.
acp::Result<logical::Document> parse(const Files& files) {
  if (files.is_bytes("plan")) {
    ACP_TRY(const auto bytes, files.bytes("plan"));
    return logical::read_distgraph_zst(bytes);
  }
  ACP_TRY(const std::string text, files.text("plan"));
  return logical::read_distgraph(text);
}
acp::Result<logical::Document> read(const Files& files) {
  ACP_TRY(logical::Document document, parse(files));
  ACP_CHECK(check_logical(document));
  return document;
}

// The certificate that the files hold, or the one that is made of the right plan.
acp::Result<logical::LogicalCertificate> certificate_of(const Files& right, const Files& given) {
  if (given.has("certificate")) {
    ACP_TRY(const auto bytes, given.bytes("certificate"));
    return logical::decode_logical_certificate(bytes);
  }
  ACP_TRY(const logical::Document document, read(right));
  auto proved = certify(document, digest(document));
  if (const auto* no = std::get_if<logical::NotProved>(&proved))
    return acp::malformed("", "prove", to_string(no->finding));
  return std::move(std::get<logical::Certified>(proved).certificate);
}

// A list of {"tensor", "dim", "run"}, tensors by their numbers in the plan's file.
acp::Result<std::vector<logical::BatchAxis>> axes_of(const logical::Document& document, const Files& files) {
  ACP_TRY(const std::string text, files.text("batch"));
  std::vector<logical::BatchAxis> axes;
  try {
    for (const auto& json : nlohmann::json::parse(text)) {
      const auto& tensors = document.reference.program.tensors;
      const auto at =
          std::ranges::find(tensors, json.at("tensor").get<std::uint32_t>(), &logical::Tensor::source);
      if (at == tensors.end()) return acp::malformed("", "batch", "a tensor that the plan's file has not");
      axes.push_back({static_cast<logical::Id>(at - tensors.begin()), json.at("dim").get<std::uint8_t>(),
                      json.at("run").get<std::int64_t>()});
    }
  } catch (const nlohmann::json::exception& fault) {
    return acp::malformed("", "batch", fault.what());
  }
  return axes;
}

}  // namespace

acp::Result<Answer> put_to_prover(const Files&, const Files& given) {
  const auto document = read(given);
  if (!document) return refused(document.error());
  const logical::EquivalenceVerdict verdict = prove(*document);
  if (const auto* no = std::get_if<logical::NotProved>(&verdict)) return answer_of(no->finding);
  return Answer{};
}

acp::Result<Answer> put_to_tree_order(const Files&, const Files& given) {
  const auto document = read(given);
  if (!document) return refused(document.error());
  const auto proved = certify(*document, digest(*document));
  if (const auto* no = std::get_if<logical::NotProved>(&proved)) return answer_of(no->finding);
  const auto other = find_other_order(*document, std::get<logical::Certified>(proved).certificate);
  return other ? answer_of(*other) : Answer{};
}

acp::Result<Answer> put_to_batches(const Files&, const Files& given) {
  const auto document = read(given);
  if (!document) return refused(document.error());
  ACP_TRY(const auto axes, axes_of(*document, given));
  const logical::EquivalenceVerdict verdict = prove(*document);
  if (const auto* no = std::get_if<logical::NotProved>(&verdict)) return answer_of(no->finding);
  const auto family = follow_batch(*document, axes);
  const auto* finding = std::get_if<logical::Finding>(&family);
  return finding != nullptr ? answer_of(*finding) : Answer{};
}

acp::Result<Answer> put_to_replay(const Files&, const Files& given) {
  const auto document = read(given);
  if (!document) return refused(document.error());
  const logical::ReplayVerdict verdict = replay(*document);
  if (const auto* cannot = std::get_if<logical::CannotRun>(&verdict)) return refused(cannot->error);
  if (std::holds_alternative<logical::Agrees>(verdict)) return Answer{};
  return Answer{"", {}, to_string(verdict)};
}

acp::Result<Answer> put_to_logical_checker(const Files& right, const Files& given) {
  ACP_TRY(auto certificate, certificate_of(right, given));
  const auto document = read(given);
  if (!document) return refused(document.error());
  const acp::Digest of = digest(*document);
  // A certificate that lies there is held against the plan as it is; one that is made is made out to it.
  if (!given.has("certificate")) certificate.document = of;
  return refused(cep_check::logical::check(*document, certificate, of));
}

}  // namespace conformance::documents
