// Documents with their certificates, and what the checker says of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cep/equivalence.h"
#include "cep/logical_wire.h"
#include "libcep/equivalence/plans.h"
#include "tools/cep-check/logical/check.h"

namespace cep::logical {

struct Case {
  Document document;
  LogicalCertificate certificate;
};

// Of a document whose outputs may stand in any order; check_logical() wants them ascending.
inline Case certified(Document document) {
  std::ranges::sort(document.reference.outputs);
  const acp::Status status = check_logical(document);
  EXPECT_TRUE(status) << acp::to_string(status.error());
  auto verdict = certify(document, digest(document));
  if (const auto* no = std::get_if<NotProved>(&verdict)) {
    ADD_FAILURE() << document.plan.name << ": " << to_string(no->finding);
    return {std::move(document), {}};
  }
  return {std::move(document), std::move(std::get<Certified>(verdict).certificate)};
}
inline Document document_of(const std::string& text) {
  Document document = support::logical_text(text);
  std::ranges::sort(document.reference.outputs);
  return document;
}
inline Case certified(const std::string& text) { return certified(document_of(text)); }

// "" where the certificate is accepted; otherwise the refusal.
inline std::string refusal(const Document& document, const LogicalCertificate& certificate) {
  const acp::Status status = cep_check::logical::check(document, certificate, digest(document));
  return status ? "" : acp::to_string(status.error());
}
inline std::string id_of(const Document& document, const LogicalCertificate& certificate) {
  const acp::Status status = cep_check::logical::check(document, certificate, digest(document));
  return status ? "" : status.error().requirement;
}

// The certificate of one document held against another one.
inline std::string id_with(const Case& made, const Document& other) {
  LogicalCertificate certificate = made.certificate;
  certificate.document = digest(other);
  return id_of(other, certificate);
}

// A value, whatever its number: of a share, also what it is one of.
template <typename Dims>
std::string value_of(const LogicalCertificate& c, Id id, const Dims& dims) {
  std::string text = std::to_string(c.values[id].tensor) + " ";
  for (const auto& part : c.values[id].parts) {
    text += "(" + std::to_string(part.operand) + " ";
    if (part.value < id) text += value_of(c, part.value, dims);
    text += dims(part.dims) + ") ";
  }
  return text;
}

// What a certificate claims, whatever numbers its lists have: views and facts, spelled out.
inline std::string claims(const LogicalCertificate& c) {
  const auto numbers = [](auto... each) {
    std::string text;
    ((text += std::to_string(each) + " "), ...);
    return text;
  };
  const auto dims = [&](const auto& lists) {
    std::string text;
    for (const auto& list : lists) {
      for (const auto axis : list) text += numbers(axis);
      text += "/ ";
    }
    return text;
  };
  std::string text;
  for (const auto& view : c.views) {
    const auto& value = c.values[view.value];
    text += numbers(value.tensor, value.coordinates, view.numerator, view.denominator);
    for (const auto extent : value.extents) text += numbers(extent);
    text += dims(view.dims) + "\n";
  }
  for (const auto& fact : c.facts) {
    std::vector<std::string> pieces;
    for (std::size_t i = fact.first_piece; i < fact.first_piece + std::size_t{fact.pieces}; ++i) {
      const auto& pattern = c.patterns[c.pieces[i].pattern];
      std::string piece = numbers(pattern.numerator, pattern.denominator) + value_of(c, pattern.value, dims);
      for (std::size_t a = 0; a < pattern.sizes.size(); ++a) {
        const auto& begin = c.begins[c.pieces[i].first_begin + a];
        piece += numbers(pattern.sizes[a], begin.constant);
        for (const auto coefficient : c.linears[begin.linear]) piece += numbers(coefficient);
        piece += ", ";
      }
      pieces.push_back(piece + dims(pattern.dims));
    }
    std::ranges::sort(pieces);
    for (const std::string& piece : pieces) text += piece + "+ ";
    text += "\n";
  }
  return text;
}

}  // namespace cep::logical
