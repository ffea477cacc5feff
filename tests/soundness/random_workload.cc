#include "soundness/random_workload.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace cep::fuzz {
namespace {

constexpr std::int64_t kMaxVolume = 96;

class Maker {
 public:
  explicit Maker(Random& random) : random_(random) {}

  RandomWorkload make() {
    const std::int64_t inputs = between(random_, 1, 2);
    for (std::int64_t i = 0; i < inputs; ++i)
      float_input(random_dims(chance(random_, 60) ? 2 : between(random_, 1, 3)));
    const std::int64_t nodes = between(random_, 1, 4);
    for (std::int64_t tries = 0; made_ < nodes && tries < 40; ++tries) {
      const Adder add = kAdders[static_cast<std::size_t>(random_() % std::size(kAdders))];
      (this->*add)();
    }
    finish_outputs();
    RandomWorkload result{std::move(builder_).finish(), {}};
    ranges_.resize(result.workload.tensors.size());
    result.ranges = std::move(ranges_);
    return result;
  }

 private:
  using Adder = void (Maker::*)();
  using Options = WorkloadBuilder::NodeOptions;

  const Dims& dims_of(TensorId id) const { return builder_.workload().tensors[id].type.dims; }
  static bool has(std::string_view op) { return find_op("ai.onnx", op) != nullptr; }
  std::string fresh(const char* stem) { return stem + std::to_string(names_++); }

  Dims random_dims(std::int64_t rank) {
    Dims dims;
    for (std::int64_t d = 0; d < rank; ++d) dims.push_back(between(random_, 1, rank > 3 ? 4 : 6));
    while (volume(dims) > kMaxVolume) *std::max_element(dims.begin(), dims.end()) -= 1;
    return dims;
  }
  TensorId float_input(Dims dims) {
    const bool empty = volume(dims) == 0;
    const TensorId id = builder_.input(fresh("x"), {Dtype::kF32, std::move(dims)});
    if (!empty) floats_.push_back(id);
    return id;
  }
  TensorId integer_input(TensorType type, IntegerRange range) {
    const TensorId id = builder_.input(fresh("n"), std::move(type));
    ranges_.resize(std::max<std::size_t>(ranges_.size(), id + 1));
    ranges_[id] = range;
    return id;
  }
  // An F32 tensor of this rank (any: -1), made on the spot when there is none.
  TensorId some_float(std::int64_t rank) {
    std::vector<TensorId> fitting;
    for (const TensorId id : floats_) {
      if (rank < 0 || static_cast<std::int64_t>(dims_of(id).size()) == rank) fitting.push_back(id);
    }
    // The newest is taken more often: chains of nodes show more than heaps of them.
    if (fitting.empty()) return float_input(random_dims(rank));
    return chance(random_, 50) ? fitting.back()
                               : fitting[static_cast<std::size_t>(random_() % fitting.size())];
  }
  // An F32 tensor of exactly these dims.
  TensorId float_of(const Dims& dims) {
    std::vector<TensorId> fitting;
    for (const TensorId id : floats_) {
      if (dims_of(id) == dims) fitting.push_back(id);
    }
    if (fitting.empty() || chance(random_, 40)) return float_input(dims);
    return fitting[static_cast<std::size_t>(random_() % fitting.size())];
  }
  Order some_order() {
    const auto block = static_cast<std::uint32_t>(between(random_, 1, 3));
    switch (random_() % 3) {
      case 0: return {OrderKind::kChain, 0};
      case 1: return {OrderKind::kBlockedTree, block};
      default: return {OrderKind::kBlockedIndex, block};
    }
  }
  void node(const char* op, std::vector<TensorId> inputs, std::vector<Attribute> attributes, Order order = {},
            std::size_t output_count = 1) {
    Options options;
    options.name = fresh(op);
    for (std::size_t i = 0; i < output_count; ++i) options.outputs.push_back(fresh("y"));
    options.attributes = std::move(attributes);
    options.order = order;
    // An operator may refuse what is legal in ONNX; then there is no node.
    const auto outputs = builder_.node(op, std::move(inputs), std::move(options));
    if (!outputs) return;
    ++made_;
    for (const TensorId id : *outputs) {
      const TensorType& type = builder_.workload().tensors[id].type;
      if (type.dtype == Dtype::kF32 && volume(type.dims) > 0) floats_.push_back(id);
    }
  }

  void add_matmul() {
    if (!has("MatMul")) return;
    const TensorId a = some_float(2);
    if (chance(random_, 50)) {
      node("MatMul", {a, float_of({dims_of(a)[1], between(random_, 1, 6)})}, {}, some_order());
    } else {
      node("MatMul", {float_of({between(random_, 1, 6), dims_of(a)[0]}), a}, {}, some_order());
    }
  }
  void add_relu() {
    if (has("Relu")) node("Relu", {some_float(-1)}, {});
  }
  template <std::size_t n>
  const char* one_of(const char* const (&names)[n]) {
    return names[static_cast<std::size_t>(random_() % n)];
  }
  void add_unary() {
    static constexpr const char* kNames[] = {"Tanh", "Erf",        "Exp",     "Log", "Sqrt",
                                             "Neg",  "Reciprocal", "Sigmoid", "Gelu"};
    const char* op = one_of(kNames);
    if (has(op)) node(op, {some_float(-1)}, {});
  }
  // A shape that broadcasts to this one.
  Dims narrowed(Dims dims) {
    if (chance(random_, 50)) {
      for (std::int64_t& extent : dims) extent = chance(random_, 40) ? 1 : extent;
      if (chance(random_, 40))
        dims.erase(dims.begin(), dims.begin() + between(random_, 0, static_cast<std::int64_t>(dims.size())));
    }
    return dims;
  }
  void add_add() { broadcasting("Add"); }
  void add_binary() {
    static constexpr const char* kNames[] = {"Mul", "Sub", "Div", "Pow", "Max", "Min"};
    broadcasting(one_of(kNames));
  }
  void broadcasting(const char* op) {
    if (!has(op)) return;
    const TensorId a = some_float(-1);
    const TensorId b = float_of(narrowed(dims_of(a)));
    node(op, chance(random_, 50) ? std::vector<TensorId>{a, b} : std::vector<TensorId>{b, a}, {});
  }
  void add_where() {
    if (!has("Where") || !has("Cast")) return;
    const TensorId a = some_float(-1);
    Options options;
    options.name = fresh("Cast");
    options.attributes = {{"to", std::int64_t{9}}};
    const auto condition = builder_.node("Cast", {float_of(narrowed(dims_of(a)))}, std::move(options));
    if (condition) node("Where", {condition->front(), a, float_of(narrowed(dims_of(a)))}, {});
  }
  void add_reduce() {
    static constexpr const char* kNames[] = {"ReduceMean", "ReduceSum"};
    const char* op = one_of(kNames);
    if (!has(op)) return;
    const TensorId x = some_float(-1);
    std::vector<std::int64_t> axes;
    for (std::size_t d = 0; d < dims_of(x).size(); ++d) {
      if (chance(random_, 50)) axes.push_back(static_cast<std::int64_t>(d));
    }
    node(op, {x}, {{"axes", axes}, {"keepdims", between(random_, 0, 1)}});
  }
  void add_layer_normalization() {
    if (!has("LayerNormalization")) return;
    const TensorId x = some_float(-1);
    const Dims dims = dims_of(x);
    if (dims.empty()) return;
    const std::int64_t axis = between(random_, 0, static_cast<std::int64_t>(dims.size()) - 1);
    const Dims row(dims.begin() + axis, dims.end());
    std::vector<TensorId> inputs = {x, float_of(row)};
    if (chance(random_, 60)) inputs.push_back(float_of(row));
    node("LayerNormalization", inputs, {{"axis", axis}});
  }
  void add_split() {
    if (!has("Split")) return;
    const TensorId x = some_float(-1);
    if (dims_of(x).empty()) return;
    const std::int64_t axis = between(random_, 0, static_cast<std::int64_t>(dims_of(x).size()) - 1);
    const std::int64_t extent = dims_of(x)[static_cast<std::size_t>(axis)];
    if (extent < 2) return;
    const std::int64_t first = between(random_, 1, extent - 1);
    Options options;
    options.name = fresh("Split");
    options.attributes = {{"axis", axis}};
    options.outputs = {fresh("part"), fresh("part")};
    const TensorId parts = builder_.constant(fresh("parts"), {first, extent - first});
    const auto made = builder_.node("Split", {x, parts}, std::move(options));
    if (!made) return;
    ++made_;
    for (const TensorId id : *made) floats_.push_back(id);
  }
  void add_batched_matmul() {
    if (!has("MatMul")) return;
    const TensorId a = some_float(3);
    Dims dims = {chance(random_, 30) ? 1 : dims_of(a)[0], dims_of(a)[2], between(random_, 1, 4)};
    if (chance(random_, 30)) dims.erase(dims.begin());
    node("MatMul", {a, float_of(dims)}, {}, some_order());
  }
  void add_reshape() {
    if (!has("Reshape")) return;
    const TensorId x = some_float(-1);
    std::int64_t left = volume(dims_of(x));
    std::vector<std::int64_t> shape;
    while (left > 1 && shape.size() < 3) {
      std::vector<std::int64_t> divisors;
      for (std::int64_t d = 2; d <= left; ++d) {
        if (left % d == 0) divisors.push_back(d);
      }
      const std::int64_t d = divisors[static_cast<std::size_t>(random_() % divisors.size())];
      shape.push_back(d);
      left /= d;
    }
    shape.push_back(left);
    std::shuffle(shape.begin(), shape.end(), random_);
    node("Reshape", {x, builder_.constant(fresh("shape"), shape)}, {});
  }
  void add_transpose() {
    if (!has("Transpose")) return;
    const TensorId x = some_float(-1);
    std::vector<std::int64_t> perm(dims_of(x).size());
    for (std::size_t d = 0; d < perm.size(); ++d) perm[d] = static_cast<std::int64_t>(d);
    std::shuffle(perm.begin(), perm.end(), random_);
    node("Transpose", {x}, {{"perm", perm}});
  }
  void add_concat() {
    if (!has("Concat")) return;
    const TensorId x = some_float(-1);
    if (dims_of(x).empty()) return;
    const std::int64_t axis = between(random_, 0, static_cast<std::int64_t>(dims_of(x).size()) - 1);
    std::vector<TensorId> parts = {x};
    for (std::int64_t i = between(random_, 1, 2); i > 0; --i) {
      Dims dims = dims_of(x);
      dims[static_cast<std::size_t>(axis)] = between(random_, 1, 3);
      parts.push_back(float_of(dims));
    }
    std::shuffle(parts.begin(), parts.end(), random_);
    node("Concat", parts, {{"axis", axis}});
  }
  void add_slice() {
    if (!has("Slice")) return;
    const TensorId x = some_float(-1);
    std::vector<std::int64_t> starts, ends, axes, steps;
    for (std::size_t d = 0; d < dims_of(x).size(); ++d) {
      if (chance(random_, 40)) continue;
      const std::int64_t extent = dims_of(x)[d];
      const std::int64_t start = between(random_, 0, extent - 1);
      const bool backwards = chance(random_, 25);
      const std::int64_t end =
          backwards ? between(random_, -1, start - 1) : between(random_, start + 1, extent);
      starts.push_back(start);
      ends.push_back(backwards && end < 0 ? -extent - 1 : end);
      axes.push_back(static_cast<std::int64_t>(d));
      steps.push_back((backwards ? -1 : 1) * between(random_, 1, 2));
    }
    if (axes.empty()) return;
    node("Slice",
         {x, builder_.constant(fresh("starts"), starts), builder_.constant(fresh("ends"), ends),
          builder_.constant(fresh("axes"), axes), builder_.constant(fresh("steps"), steps)},
         {});
  }
  void add_softmax() {
    if (!has("Softmax")) return;
    const TensorId x = some_float(-1);
    const auto rank = static_cast<std::int64_t>(dims_of(x).size());
    if (rank > 0) node("Softmax", {x}, {{"axis", between(random_, -rank, rank - 1)}});
  }
  void add_conv() {
    if (!has("Conv")) return;
    const TensorId x = some_float(4);
    const Dims dims = dims_of(x);
    const Dims weights = {between(random_, 1, 3), dims[1], between(random_, 1, 2), between(random_, 1, 3)};
    std::vector<TensorId> inputs = {x, float_of(weights)};
    if (chance(random_, 50)) inputs.push_back(float_of({weights[0]}));
    node("Conv", inputs,
         {{"pads", pads()},
          {"strides", std::vector<std::int64_t>{between(random_, 1, 2), between(random_, 1, 2)}}},
         some_order());
  }
  void add_maxpool() {
    if (!has("MaxPool")) return;
    node("MaxPool", {some_float(4)},
         {{"kernel_shape", std::vector<std::int64_t>{between(random_, 2, 3), between(random_, 2, 3)}},
          {"pads", pads()},
          {"strides", std::vector<std::int64_t>{between(random_, 1, 2), between(random_, 1, 2)}}});
  }
  std::vector<std::int64_t> pads() {
    std::vector<std::int64_t> result;
    for (int i = 0; i < 4; ++i) result.push_back(chance(random_, 60) ? 0 : 1);
    return result;
  }
  void add_gather() {
    if (!has("Gather")) return;
    const TensorId x = some_float(-1);
    if (dims_of(x).empty()) return;
    const std::int64_t axis = between(random_, 0, static_cast<std::int64_t>(dims_of(x).size()) - 1);
    const std::int64_t extent = dims_of(x)[static_cast<std::size_t>(axis)];
    const TensorId indices =
        integer_input({Dtype::kI64, random_dims(between(random_, 0, 2))}, {-extent, extent - 1});
    node("Gather", {x, indices}, {{"axis", axis}});
  }
  // v := v + w, or v := relu(v) + w, trips times; the trip count is an input.
  void add_loop() {
    if (!has("Loop") || !has("Add")) return;
    const TensorId start = some_float(-1);
    const Dims dims = dims_of(start);
    WorkloadBuilder body("body");
    (void)body.input("trip", {Dtype::kI64, {}});
    const TensorId go = body.input("go", {Dtype::kBool, {}});
    TensorId v = body.input("v", {Dtype::kF32, dims});
    TensorId w = body.input("w", {Dtype::kF32, dims});
    if (chance(random_, 50)) {
      Options relu;
      relu.name = "relu";
      auto out = body.node("Relu", {v}, relu);
      if (!out) return;
      v = out->front();
    }
    Options sum;
    sum.name = "sum";
    auto out = body.node("Add", {v, w}, sum);
    if (!out) return;
    body.output(go);
    body.output(out->front());
    body.output(w);
    Options options;
    options.name = fresh("Loop");
    options.outputs = {fresh("v"), fresh("w")};
    options.body = {std::move(body).finish()};
    const TensorId trips = builder_.constant_scalar(fresh("trips"), between(random_, 0, 3));
    const auto made = builder_.node("Loop", {trips, kNoId, start, float_of(dims)}, options);
    if (!made) return;
    ++made_;
    floats_.push_back(made->front());
  }

  float some_factor() {
    static constexpr float kFactors[] = {1.0f, 0.0f, 0.5f, -2.0f, 3.0f};
    return kFactors[static_cast<std::size_t>(random_() % std::size(kFactors))];
  }
  void add_gemm() {
    if (!has("Gemm")) return;
    const TensorId a = some_float(2);
    const std::int64_t turn_a = between(random_, 0, 1), turn_b = between(random_, 0, 1);
    const std::int64_t rows = dims_of(a)[turn_a == 0 ? 0 : 1], inner = dims_of(a)[turn_a == 0 ? 1 : 0];
    const std::int64_t columns = between(random_, 1, 6);
    std::vector<TensorId> inputs = {a, float_of(turn_b == 0 ? Dims{inner, columns} : Dims{columns, inner})};
    if (chance(random_, 60)) inputs.push_back(float_of(narrowed({rows, columns})));
    std::vector<Attribute> attributes = {{"transA", turn_a}, {"transB", turn_b}};
    // Without them its reduction can be split.
    if (chance(random_, 50)) {
      attributes.push_back({"alpha", some_factor()});
      attributes.push_back({"beta", some_factor()});
    }
    node("Gemm", inputs, std::move(attributes), some_order());
  }
  void add_average_pool() {
    if (!has("AveragePool")) return;
    node("AveragePool", {some_float(4)},
         {{"kernel_shape", std::vector<std::int64_t>{between(random_, 1, 3), between(random_, 2, 3)}},
          {"pads", pads()},
          {"strides", std::vector<std::int64_t>{between(random_, 1, 2), between(random_, 1, 2)}},
          {"count_include_pad", between(random_, 0, 1)},
          {"ceil_mode", between(random_, 0, 1)}});
  }
  void add_global_average_pool() {
    if (has("GlobalAveragePool")) node("GlobalAveragePool", {some_float(between(random_, 3, 4))}, {});
  }
  void add_batch_normalization() {
    if (!has("BatchNormalization")) return;
    const TensorId x = some_float(between(random_, 2, 4));
    const Dims channels = {dims_of(x)[1]};
    node("BatchNormalization",
         {x, float_of(channels), float_of(channels), float_of(channels), float_of(channels)}, {});
  }
  void add_lrn() {
    if (!has("LRN")) return;
    const TensorId x = some_float(between(random_, 2, 4));
    node("LRN", {x}, {{"size", between(random_, 1, 5)}, {"alpha", some_factor()}, {"beta", some_factor()}});
  }
  void add_sum() {
    if (!has("Sum")) return;
    const TensorId x = some_float(-1);
    std::vector<TensorId> inputs = {x};
    for (std::int64_t i = between(random_, 0, 2); i > 0; --i)
      inputs.push_back(float_of(narrowed(dims_of(x))));
    std::shuffle(inputs.begin(), inputs.end(), random_);
    node("Sum", inputs, {});
  }
  // Operators that keep every element as it is.
  void add_same_elements() {
    const TensorId x = some_float(-1);
    const auto rank = static_cast<std::int64_t>(dims_of(x).size());
    switch (random_() % 5) {
      case 0: return has("Identity") ? node("Identity", {x}, {}) : void();
      case 1: return has("Dropout") ? node("Dropout", {x}, {}) : void();
      case 2: return has("Flatten") ? node("Flatten", {x}, {{"axis", between(random_, 0, rank)}}) : void();
      case 3: return has("Squeeze") ? node("Squeeze", {x}, {}) : void();
      default: break;
    }
    if (!has("Unsqueeze") || rank > 3) return;
    node("Unsqueeze", {x, builder_.constant(fresh("axes"), {between(random_, -rank - 1, rank)})}, {});
  }

  // The valid cases an operator brings along of which a workload and a plan can be made.
  struct OpCases {
    const OpDef* op = nullptr;
    std::vector<OpCase> cases;
    bool looks_up = false;  // some index of its program is an element of an input
  };
  static bool is_constant(const OpCase& made, std::size_t i) {
    return i < made.known.size() && made.known[i].has_value();
  }
  // Inputs are small, or constants; and a plan has no way to hand a step a tensor without elements.
  static bool usable(const OpDef& op, const OpCase& made) {
    if (!made.requirement.empty() || made.body != nullptr) return false;
    bool reads_nothing = false;
    for (std::size_t i = 0; i < made.inputs.size(); ++i) {
      const TensorType& type = made.inputs[i];
      if (type.dtype == Dtype::kUnknown) continue;
      if (is_constant(made, i)) {
        if (type.dtype != Dtype::kI64 || type.dims.size() > 1) return false;
      } else {
        if (volume(type.dims) > kMaxVolume) return false;
        reads_nothing = reads_nothing || volume(type.dims) == 0;
      }
    }
    const auto types = infer_types(op, context_of(made));
    ACP_ASSERT(types.has_value());
    const auto empty =
        std::count_if(types->begin(), types->end(), [](const TensorType& t) { return volume(t.dims) == 0; });
    return empty == static_cast<std::ptrdiff_t>(types->size()) || (empty == 0 && !reads_nothing);
  }
  static const std::vector<OpCases>& cases_of_table() {
    static const std::vector<OpCases> all = [] {
      std::vector<OpCases> result;
      for (const OpDef* op : op_table()) {
        if (op->has_body) continue;
        OpCases of{op, {}, false};
        for (OpCase& made : op->cases()) {
          if (!usable(*op, made)) continue;
          const auto region = build_region(*op, context_of(made));
          ACP_ASSERT(region.has_value());
          of.looks_up = of.looks_up || std::any_of(region->indices.begin(), region->indices.end(),
                                                   [](const auto& n) { return n.op == ACP_IX_LOAD; });
          of.cases.push_back(std::move(made));
        }
        if (!of.cases.empty()) result.push_back(std::move(of));
      }
      return result;
    }();
    return all;
  }
  // A case of any operator of the table, whatever operators there are.
  void add_case() {
    const auto& table = cases_of_table();
    const OpCases& of = table[static_cast<std::size_t>(random_() % table.size())];
    const OpCase& made = of.cases[static_cast<std::size_t>(random_() % of.cases.size())];
    std::vector<TensorId> inputs;
    for (std::size_t i = 0; i < made.inputs.size(); ++i) {
      const TensorType& type = made.inputs[i];
      if (type.dtype == Dtype::kUnknown) {
        inputs.push_back(kNoId);
      } else if (is_constant(made, i)) {
        inputs.push_back(type.dims.empty() ? builder_.constant_scalar(fresh("known"), made.known[i]->front())
                                           : builder_.constant(fresh("known"), *made.known[i]));
      } else if (type.dtype == Dtype::kF32) {
        inputs.push_back(float_of(type.dims));
      } else {
        const IntegerRange any = of.looks_up ? IntegerRange{-1, 0} : IntegerRange{-9, 9};
        inputs.push_back(integer_input(type, type.dtype == Dtype::kBool ? IntegerRange{0, 1} : any));
      }
    }
    const bool open = of.op->default_order.kind == OrderKind::kChain;
    node(std::string(of.op->name).c_str(), std::move(inputs), made.attributes, open ? some_order() : Order{},
         made.output_count);
  }

  static constexpr Adder kAdders[] = {
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_matmul,
      &Maker::add_relu,
      &Maker::add_add,
      &Maker::add_reshape,
      &Maker::add_transpose,
      &Maker::add_concat,
      &Maker::add_slice,
      &Maker::add_softmax,
      &Maker::add_conv,
      &Maker::add_maxpool,
      &Maker::add_gather,
      &Maker::add_loop,
      &Maker::add_unary,
      &Maker::add_binary,
      &Maker::add_reduce,
      &Maker::add_layer_normalization,
      &Maker::add_where,
      &Maker::add_split,
      &Maker::add_batched_matmul,
      &Maker::add_gemm,
      &Maker::add_gemm,
      &Maker::add_average_pool,
      &Maker::add_global_average_pool,
      &Maker::add_batch_normalization,
      &Maker::add_lrn,
      &Maker::add_sum,
      &Maker::add_same_elements,
      &Maker::add_same_elements,
      &Maker::add_case,
      &Maker::add_case,
      &Maker::add_case,
      &Maker::add_case,
  };

  // Everything nobody uses, and now and then something that is used as well.
  void finish_outputs() {
    const Workload& workload = builder_.workload();
    std::vector<bool> used(workload.tensors.size());
    for (const Node& each : workload.nodes) {
      for (const TensorId id : each.inputs) {
        if (id != kNoId) used[id] = true;
      }
    }
    std::vector<TensorId> outputs;
    for (TensorId id = 0; id < workload.tensors.size(); ++id) {
      if (workload.tensors[id].kind == TensorKind::kValue && (!used[id] || chance(random_, 15)))
        outputs.push_back(id);
    }
    for (const TensorId id : outputs) builder_.output(id);
  }

  Random& random_;
  WorkloadBuilder builder_{"random"};
  std::vector<TensorId> floats_;
  std::vector<IntegerRange> ranges_;
  std::int64_t made_ = 0;
  int names_ = 0;
};

std::uint32_t special_float(Random& random) {
  static constexpr std::uint32_t kSpecials[] = {
      0x00000000, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001,
      0xffc12345, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff,
      0xff7fffff, 0x3f800000, 0xbf800000, 0x4b800000, 0xcb800000, 0x33800000,
  };
  if (chance(random, 15)) return kSpecials[static_cast<std::size_t>(random() % std::size(kSpecials))];
  // Exponents near 1 mostly, so that sums swamp but do not overflow at once.
  const auto exponent = static_cast<std::uint32_t>(between(random, 127 - 14, 127 + 14));
  return (static_cast<std::uint32_t>(random()) & 0x807fffffU) | (exponent << 23);
}

Value random_float(Domain domain, Random& random) {
  switch (domain) {
    case Domain::kTerms: return {random(), (random() << 2) | 2};
    case Domain::kField: return {random() % ((std::uint64_t{1} << 61) - 1), 1};
    default: return {special_float(random), Value::kConcrete};
  }
}

}  // namespace

RandomWorkload random_workload(Random& random) {
  for (;;) {
    RandomWorkload result = Maker(random).make();
    if (!result.workload.outputs.empty()) return result;
  }
}

TensorElements random_inputs(const RandomWorkload& workload, Domain domain, Random& random) {
  TensorElements tensors;
  for (TensorId id = 0; id < workload.workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.workload.tensors[id];
    Elements elements;
    if (tensor.kind == TensorKind::kConstant) {
      for (const std::int64_t value : tensor.constant)
        elements.push_back({static_cast<std::uint64_t>(value), Value::kConcrete});
    } else if (tensor.kind != TensorKind::kValue) {
      for (std::int64_t i = 0; i < volume(tensor.type.dims); ++i) {
        const IntegerRange range = workload.ranges[id];
        elements.push_back(
            tensor.type.dtype == Dtype::kF32
                ? random_float(domain, random)
                : Value{static_cast<std::uint64_t>(between(random, range.lo, range.hi)), Value::kConcrete});
      }
    }
    tensors.push_back(std::move(elements));
  }
  return tensors;
}

std::vector<Elements> reference_outputs(const Workload& workload, Domain domain, TermSpace& space,
                                        const TensorElements& tensors) {
  std::vector<Elements> inputs;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const TensorKind kind = workload.tensors[id].kind;
    if (kind == TensorKind::kInput || kind == TensorKind::kWeight) inputs.push_back(tensors[id]);
  }
  auto outputs = run_reference(workload, domain, inputs, space);
  ACP_ASSERT(outputs.has_value());
  return std::move(*outputs);
}

}  // namespace cep::fuzz
