#include "cep/elementwise.h"

namespace cep::elementwise {

acp::Result<Dims> result_shape(const OpContext& context) {
  Dims dims = context.input(0).dims;
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    if (!context.has_input(i))
      return acp::invalid("CEP-BCAST-3", "inputs[" + std::to_string(i) + "]", "an input is left out");
    auto wider = broadcast_dims(dims, context.input(i).dims);
    if (!wider)
      return acp::invalid("CEP-BCAST-1", "inputs[" + std::to_string(i) + "]", "the shapes do not broadcast");
    dims = std::move(*wider);
  }
  return dims;
}

acp::Result<std::vector<TensorType>> result_of_one_type(const OpContext& context) {
  const Dtype dtype = context.input(0).dtype;
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    if (context.has_input(i) && context.input(i).dtype != dtype)
      return acp::invalid("CEP-BCAST-2", "inputs[" + std::to_string(i) + "]", "element types differ");
  }
  ACP_TRY(Dims dims, result_shape(context));
  return std::vector<TensorType>{{dtype, std::move(dims)}};
}

bool is_number(Dtype dtype) { return dtype == Dtype::kF32 || dtype == Dtype::kI32 || dtype == Dtype::kI64; }

acp::Result<std::vector<TensorType>> f32_as_input(const OpContext& context, const char* requirement) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32) return acp::unsupported(requirement, "inputs[0]", "element type is not f32");
  return std::vector<TensorType>{x};
}

acp::Result<std::vector<TensorType>> numbers_of_one_type(const OpContext& context, const char* requirement) {
  if (!is_number(context.input(0).dtype))
    return acp::unsupported(requirement, "inputs[0]", "element type is not a number");
  return result_of_one_type(context);
}

Region map(const OpContext& context, Dtype result, Body body) {
  const auto dims = result_shape(context);
  ACP_ASSERT(dims.has_value());
  RegionBuilder r;
  std::vector<Id> operands;
  operands.reserve(context.inputs.size());
  for (const auto& input : context.inputs) operands.push_back(r.input(*input));
  const Id y = r.output({result, *dims});
  r.begin_nest(*dims, {});
  std::vector<Id> values;
  values.reserve(operands.size());
  for (std::size_t i = 0; i < operands.size(); ++i) {
    values.push_back(read_broadcast(r, operands[i], context.input(i).dims));
  }
  r.write(y, r.iters(), body(r, context, values));
  r.end_nest();
  return std::move(r).finish();
}

}  // namespace cep::elementwise
