// A contraction as a tiled kernel: found by the structure of a nest, never by an operator's name.
//
// A nest is a contraction when it is an F32 chain of FMA steps and each factor depends on some parallel iterators that the other does not
// depend on: the rows of one factor, the columns of the other. Matrix products are, and so are convolutions, whatever their windows, strides
// and padding. Factors are evaluated once a tile into local memory; what they are made of does not matter.
#pragma once

#include <optional>

#include "kernel_source.h"

namespace acp_gpu {

struct Contraction {
  std::vector<std::uint32_t> rows, columns, batch;  // iterators, ascending
  std::uint32_t row_scalar = 0, column_scalar = 0;  // the factors
  std::int64_t row_count = 1, column_count = 1, batch_count = 1, depth = 0;
};

// Nothing where the nest is no contraction, or one too small for tiles to pay.
std::optional<Contraction> match_contraction(const acp_region& region, const acp_nest& nest,
                                             const Space& space);

// Appends the kernel; nothing where the device has too little room for it or a factor may fault.
std::optional<KernelPlan> write_contraction(const acp_region& region, const acp_nest& nest,
                                            const Space& space, const Contraction& shape, const Facts& facts,
                                            const std::string& name, Text& program);

}  // namespace acp_gpu
