// Certificate of a logical plan: what every tensor of the plan holds, and which node of the reference each line repeats. With it the proof is
// checked line by line, without searching (tools/cep-check).
//
// Spec     CEP 11.8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

struct LogicalCertificate {
  // A value of the reference. Axes: the dimensions of `tensor` cut into factors, none of length 1, then those its making summed over.
  struct Value {
    Id tensor = kNone;  // of the reference, the first that holds it
    std::uint32_t coordinates = 0;
    std::vector<std::int64_t> extents;
    // With parts it is a share (CEP 11.5): what the node that makes `tensor` makes of these in the place of its operands, in each of which it
    // is linear, or, where it adds its operands, what the one contributes. Behind the node's own reduced axes stand those of the parts.
    struct Part {
      std::uint32_t operand = 0;
      Id value = 0;  // an earlier one
      std::vector<std::vector<std::uint16_t>> dims;
    };
    std::vector<Part> parts = {};
    // The operand of the node by which it comes apart, into earlier values: as the share with that operand's own value in its place, or, of a
    // share that has a part there, as what the part comes apart into. kNone: not by an operand.
    std::uint32_t apart = kNone;
  };
  // A tensor of the reference as numerator / denominator times a value; per dimension, axes of the value from the outermost.
  struct View {
    Id value = 0;
    std::int64_t numerator = 1, denominator = 1;
    std::vector<std::vector<std::uint16_t>> dims;
  };
  // A kind of piece: how much of every axis of the value, and in which order the axes longer than 1 are laid out.
  struct Pattern {
    Id value = 0;
    std::int64_t numerator = 1, denominator = 1;
    std::vector<std::int64_t> sizes;
    std::vector<std::vector<std::uint16_t>> dims;
  };
  // Where a piece begins along an axis: constant plus a linear form in the digits of the plan's variables, by its place in `linears` (0:
  // none).
  struct Begin {
    std::int64_t constant = 0;
    std::uint32_t linear = 0;
  };
  struct Piece {
    Id pattern = 0;
    std::uint32_t first_begin = 0;  // in `begins`, one per axis of the pattern's value
  };
  struct Fact {  // a tensor is the sum of these pieces
    std::uint32_t first_piece = 0, pieces = 0;
  };

  acp::Digest document{};
  std::vector<Value> values;  // the terms of a sum before it
  std::vector<View> views;    // per tensor of the reference
  // Per variable of the plan the radices of its digits, the outermost first; empty: every variable is its only digit.
  std::vector<std::vector<std::int64_t>> digits = {};
  std::vector<std::vector<std::int64_t>> linears;  // coefficient per digit; number 0 is empty
  std::vector<Pattern> patterns;
  std::vector<Begin> begins;
  std::vector<Piece> pieces;
  std::vector<Fact> facts;  // per tensor of the plan
  std::vector<Id>
      repeats;  // per line of the plan: the node of the reference whose form, or whose sum, it applies; kNone: neither
};

// Canonical Cap'n Proto behind a frame, kind "cep-lgt1".
[[nodiscard]] std::vector<std::byte> encode(const LogicalCertificate& certificate);

// Every field is read, and within its limits; what it gives is checked no further: that is cep-check's work.
//
// Errors   CEP-WIRE-1 frame; CEP-WIRE-2 not a readable message; CEP-WIRE-3 not canonical; CEP-WIRE-4 value out of range; CEP-WIRE-5 over a
//          limit.
// Cost     linear; reads, writes again and compares.
// Spec     CEP 9.2, CEP-WIRE-1 to CEP-WIRE-5.
[[nodiscard]] acp::Result<LogicalCertificate> decode_logical_certificate(std::span<const std::byte> bytes);

}  // namespace cep::logical
