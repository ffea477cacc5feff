// A transformer's encoder, in the nodes that exporters write: gelu in parts, shapes computed from shapes, a mask made of integers.
#include <cmath>

#include "generate.h"

namespace cep::onnx_room {
namespace {

class Encoder {
 public:
  Encoder(ModelWriter& model, const OnnxModelOptions& options) : m_(model), o_(options) {}

  // Embeddings of tokens and positions, and 0 or the least float for every key.
  std::string begin() {
    m_.input("input_ids", Dtype::kI64, {o_.batch, o_.sequence});
    m_.input("attention_mask", Dtype::kI64, {o_.batch, o_.sequence});
    std::vector<std::int64_t> positions(static_cast<std::size_t>(o_.sequence));
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<std::int64_t>(i);
    const std::string words =
        m_.node("Gather", "embeddings.word",
                {m_.weight("embeddings.word.weight", {o_.vocabulary, o_.hidden}, {}), "input_ids"});
    const std::string places = m_.node("Gather", "embeddings.position",
                                       {m_.weight("embeddings.position.weight", {o_.sequence, o_.hidden}, {}),
                                        m_.integers("embeddings.position_ids", positions)});
    const std::string sum = m_.node("Add", "embeddings.add", {words, places});
    const std::string wide =
        m_.node("Unsqueeze", "mask.unsqueeze", {"attention_mask", m_.integers("mask.axes", {1, 2})});
    const std::string number =
        m_.node("Cast", "mask.cast", {wide}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}});
    const std::string hidden = m_.node("Sub", "mask.sub", {m_.number("mask.one", 1.0f), number});
    mask_ = m_.node("Mul", "mask.mul", {hidden, m_.number("mask.least", -0x1.fffffep+127f)});
    return norm("embeddings.norm", sum);
  }

  std::string layer(const std::string& name, const std::string& x) {
    const std::string attended = attention(name + ".attention", x);
    const std::string y = norm(name + ".norm1", m_.node("Add", name + ".add1", {attended, x}));
    const std::string wide = linear(name + ".ffn1", y, o_.hidden, 4 * o_.hidden);
    const std::string narrow = linear(name + ".ffn2", gelu(name + ".gelu", wide), 4 * o_.hidden, o_.hidden);
    return norm(name + ".norm2", m_.node("Add", name + ".add2", {narrow, y}));
  }

  // The first token's state through one more layer.
  std::string pooled(const std::string& x) {
    const std::string first =
        m_.node("Gather", "pooler.first", {x, m_.integer("pooler.index", 0)}, {{"axis", std::int64_t{1}}});
    const Dims dims = {o_.hidden, o_.hidden};
    const std::string dense =
        m_.node("Gemm", "pooler.dense",
                {first, m_.weight("pooler.dense.weight", dims, use_of("Gemm", 1, true, dims)),
                 m_.weight("pooler.dense.bias", {o_.hidden}, {})},
                {{"transB", std::int64_t{1}}});
    return m_.node("Tanh", "pooler.tanh", {dense});
  }

 private:
  std::string linear(const std::string& name, const std::string& x, std::int64_t from, std::int64_t to) {
    const Dims dims = {from, to};
    const std::string product =
        m_.node("MatMul", name, {x, m_.weight(name + ".weight", dims, use_of("MatMul", 1, false, dims))});
    return m_.node("Add", name + ".add", {product, m_.weight(name + ".bias", {to}, {})});
  }

  std::string norm(const std::string& name, const std::string& x) {
    const Dims dims = {o_.hidden};
    return m_.node("LayerNormalization", name,
                   {x, m_.weight(name + ".weight", dims, use_of("LayerNormalization", 1, false, dims)),
                    m_.weight(name + ".bias", dims, {})},
                   {{"axis", std::int64_t{-1}}, {"epsilon", 1e-5f}});
  }

  // x / 2 * (1 + erf(x / sqrt 2))
  std::string gelu(const std::string& name, const std::string& x) {
    const std::string scaled = m_.node("Div", name + ".div", {x, m_.number(name + ".root", std::sqrt(2.0f))});
    const std::string erf = m_.node("Erf", name + ".erf", {scaled});
    const std::string sum = m_.node("Add", name + ".add", {erf, m_.number(name + ".one", 1.0f)});
    const std::string product = m_.node("Mul", name + ".mul", {x, sum});
    return m_.node("Mul", name + ".half", {product, m_.number(name + ".factor", 0.5f)});
  }

  // [batch, sequence] of x, then what is given: computed, as exporters do where the batch is open.
  std::string shape(const std::string& name, const std::string& x, const std::vector<std::int64_t>& rest) {
    const std::string all = m_.node("Shape", name, {x});
    std::vector<std::string> parts;
    for (std::int64_t axis = 0; axis < 2; ++axis) {
      const std::string at = name + "." + std::to_string(axis);
      const std::string one = m_.node("Gather", at + ".gather", {all, m_.integer(at + ".index", axis)},
                                      {{"axis", std::int64_t{0}}});
      parts.push_back(m_.node("Unsqueeze", at + ".unsqueeze", {one, m_.integers(at + ".axes", {0})}));
    }
    parts.push_back(m_.integers(name + ".rest", rest));
    return m_.node("Concat", name + ".concat", parts, {{"axis", std::int64_t{0}}});
  }

  std::string attention(const std::string& name, const std::string& x) {
    const std::int64_t depth = o_.hidden / o_.heads;
    const std::string split = shape(name + ".shape", x, {o_.heads, depth});
    const auto heads = [&](const std::string& part, const Dims& permutation) {
      const std::string flat = linear(name + part, x, o_.hidden, o_.hidden);
      const std::string parted = m_.node("Reshape", name + part + ".reshape", {flat, split});
      return m_.node("Transpose", name + part + ".transpose", {parted}, {{"perm", permutation}});
    };
    const std::string q = heads(".query", {0, 2, 1, 3});
    const std::string k = heads(".key", {0, 2, 3, 1});
    const std::string v = heads(".value", {0, 2, 1, 3});
    const std::string products = m_.node("MatMul", name + ".scores", {q, k});
    const std::string root = m_.number(name + ".root", std::sqrt(static_cast<float>(depth)));
    const std::string scaled = m_.node("Div", name + ".div", {products, root});
    const std::string masked = m_.node("Add", name + ".mask", {scaled, mask_});
    const std::string shares = m_.node("Softmax", name + ".softmax", {masked}, {{"axis", std::int64_t{-1}}});
    const std::string mixed = m_.node("MatMul", name + ".context", {shares, v});
    const std::string turned =
        m_.node("Transpose", name + ".transpose", {mixed}, {{"perm", Dims{0, 2, 1, 3}}});
    const std::string joined =
        m_.node("Reshape", name + ".reshape", {turned, shape(name + ".shape2", x, {o_.hidden})});
    return linear(name + ".output", joined, o_.hidden, o_.hidden);
  }

  ModelWriter& m_;
  const OnnxModelOptions& o_;
  std::string mask_;
};

}  // namespace

void write_encoder(ModelWriter& model, const OnnxModelOptions& options) {
  Encoder encoder(model, options);
  std::string x = encoder.begin();
  for (std::int64_t i = 0; i < options.layers; ++i) x = encoder.layer("layer" + std::to_string(i), x);
  model.output(x, {options.batch, options.sequence, options.hidden});
  model.output(encoder.pooled(x), {options.batch, options.hidden});
}

}  // namespace cep::onnx_room
