// Element by element, with broadcasting: what such operators share. An operator brings its types and its scalar body.
//
// Spec     CEP 4.6.
#pragma once

#include "cep/op.h"

namespace cep::elementwise {

using Id = RegionBuilder::Id;

// The shape all inputs broadcast to.
// Errors   CEP-BCAST-1 there is none; CEP-BCAST-3 an input is left out.
// Spec     CEP 4.6.
[[nodiscard]] acp::Result<Dims> result_shape(const OpContext& context);

// As result_shape, for inputs of one element type; the result has it too.
// Errors   CEP-BCAST-2 the element types differ; and those of result_shape.
// Spec     CEP 4.6.
[[nodiscard]] acp::Result<std::vector<TensorType>> result_of_one_type(const OpContext& context);

[[nodiscard]] bool is_number(Dtype dtype);  // not bool

// The type of the only input, which must be f32.
// Errors   `requirement`, unsupported: it is not.
// Spec     CEP 4.6.
[[nodiscard]] acp::Result<std::vector<TensorType>> f32_as_input(const OpContext& context,
                                                                const char* requirement);
// As result_of_one_type, for numbers.
// Errors   `requirement`, unsupported: they are none; and those of result_of_one_type.
// Spec     CEP 4.6.
[[nodiscard]] acp::Result<std::vector<TensorType>> numbers_of_one_type(const OpContext& context,
                                                                       const char* requirement);

// One nest: an element of the result is the body's value of the elements there. `context` has passed result_shape.
using Body = Id (*)(RegionBuilder& builder, const OpContext& context, std::span<const Id> values);
[[nodiscard]] Region map(const OpContext& context, Dtype result, Body body);

}  // namespace cep::elementwise
