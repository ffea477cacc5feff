// Programs made wrong: each changes a region that compile then gets instead of the right one.
#pragma once

#include "cep/region.h"

namespace conformance {

// An owned copy of a region that has been found valid.
[[nodiscard]] cep::Region copy_of(const acp_region& region);

void chain_to_tree(cep::Region& region);
void tree_to_chain(cep::Region& region);
void index_to_tree(cep::Region& region);
void lanes_to_chain(cep::Region& region);
void split_fma(cep::Region& region);     // the combiner FMA rounds twice
void fuse_mul_add(cep::Region& region);  // ADD of a MUL becomes FMA
void start_from_negative_zero(cep::Region& region);
void drop_last_k(cep::Region& region);
void read_one_off(cep::Region& region);
void keep_nan_payload(cep::Region& region);  // of the first operand
void flush_subnormal_inputs(cep::Region& region);
void compare_instead_of_max(cep::Region& region);
void multiply_by_reciprocal(cep::Region& region);
void approximate_sqrt(cep::Region& region);
void copy_through_adder(cep::Region& region);      // x + -0: loses NaN payloads
void copy_through_plus_zero(cep::Region& region);  // x + +0: loses the sign of zero
void wrap_loaded_coordinates(cep::Region& region);
void tree_for_batches(cep::Region& region);  // a chain becomes a tree when there are eight rows or more
void cut_trips(cep::Region& region);         // at max_trips, silently
// What a program of one nest writes is set to 0 before anything is read.
void clear_outputs_first(cep::Region& region);

}  // namespace conformance
