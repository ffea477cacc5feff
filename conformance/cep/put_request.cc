// Requests: for a plan, a shape and a partition in the words of CEP 12; for a model, its name and sizes in those of CEP 10.5.
#include <nlohmann/json.hpp>

#include "cep/generate.h"
#include "cep/onnx.h"
#include "conformance/cep/readers.h"

namespace conformance::documents {
namespace {

using Json = nlohmann::json;
namespace logical = cep::logical;

// What a request says, taken key by key; a key that nobody takes is a fault.
class Keys {
 public:
  explicit Keys(const Json& json) : json_(json) {}
  void take(const char* key, std::int64_t& number) {
    const Json* found = find(key);
    if (found == nullptr) return;
    // The parser's own conversion cuts a fraction off, and wraps what is too large.
    const bool too_large = found->is_number_unsigned() && found->get<std::uint64_t>() >> 63 != 0;
    if (!found->is_number_integer() || too_large)
      throw Json::other_error::create(501, std::string(key) + ": no integer of 64 bits", found);
    number = *found;
  }
  void take(const char* key, bool& yes) {
    if (const Json* found = find(key)) yes = found->get<bool>();
  }
  // One of several words; the first is what stands there without the key.
  template <typename Enum>
  void take(const char* key, Enum& value, std::initializer_list<std::pair<const char*, Enum>> words) {
    const Json* found = find(key);
    if (found == nullptr) return;
    for (const auto& [word, meant] : words) {
      if (*found == word) {
        value = meant;
        return;
      }
    }
    throw Json::other_error::create(501, std::string(key) + ": no such word", found);
  }
  void end() const {
    if (taken_ != json_.size()) throw Json::other_error::create(501, "an unknown key", &json_);
  }

 private:
  const Json* find(const char* key) {
    const auto found = json_.find(key);
    if (found == json_.end()) return nullptr;
    ++taken_;
    return &*found;
  }
  const Json& json_;
  std::size_t taken_ = 0;
};

logical::Experts experts_of(const Json& json) {
  logical::Experts experts;
  Keys keys(json);
  keys.take("count", experts.count);
  keys.take("chosen", experts.chosen);
  keys.take("groups", experts.groups);
  keys.take("chosen groups", experts.chosen_groups);
  keys.take("intermediate", experts.intermediate);
  keys.take("first layer", experts.first_layer);
  keys.end();
  return experts;
}

logical::Decoding decoding_of(const Json& json) {
  logical::Decoding decoding;
  Keys keys(json);
  keys.take("steps", decoding.steps);
  keys.take("length", decoding.length);
  keys.take("position", decoding.position);
  keys.end();
  return decoding;
}

logical::LlamaShape shape_of(const Json& json) {
  logical::LlamaShape shape;
  shape.name = "request";
  Keys keys(json);
  keys.take("layers", shape.layers);
  keys.take("hidden", shape.hidden);
  keys.take("heads", shape.heads);
  keys.take("kv heads", shape.kv_heads);
  keys.take("intermediate", shape.intermediate);
  keys.take("vocabulary", shape.vocabulary);
  keys.take("sequence", shape.sequence);
  keys.take("batch", shape.batch);
  keys.take(
      "element", shape.element,
      {{"f32", logical::Element::kF32}, {"bf16", logical::Element::kBf16}, {"i64", logical::Element::kI64}});
  keys.end();
  return shape;
}

logical::Partition partition_of(const Json& json) {
  logical::Partition partition;
  Keys keys(json);
  keys.take("dp", partition.dp);
  keys.take("tp", partition.tp);
  keys.take("pp", partition.pp);
  keys.take("interleave", partition.interleave);
  keys.take("micro-batches", partition.micro_batches);
  keys.take("step", partition.step,
            {{"training", logical::Step::kTraining},
             {"inference", logical::Step::kInference},
             {"decoding", logical::Step::kDecoding}});
  keys.take("form", partition.form,
            {{"expanded", logical::Form::kExpanded}, {"pattern", logical::Form::kPattern}});
  keys.take("gradients", partition.gradients,
            {{"all-reduced", logical::Gradients::kAllReduced},
             {"scattered", logical::Gradients::kScattered},
             {"scattered with weights", logical::Gradients::kScatteredWithWeights}});
  keys.take("order", partition.order, {{"any", logical::SumOrder::kAny}, {"tree", logical::SumOrder::kTree}});
  keys.take("sequence parallel", partition.sequence_parallel);
  keys.take("exchange heads", partition.exchange_heads);
  keys.take("vocabulary parallel", partition.vocabulary_parallel);
  keys.take("recompute", partition.recompute);
  keys.end();
  return partition;
}

cep::OnnxModelOptions sizes_of(const Json& json) {
  cep::OnnxModelOptions sizes;
  Keys keys(json);
  keys.take("batch", sizes.batch);
  keys.take("sequence", sizes.sequence);
  keys.take("hidden", sizes.hidden);
  keys.take("heads", sizes.heads);
  keys.take("layers", sizes.layers);
  keys.take("vocabulary", sizes.vocabulary);
  keys.end();
  return sizes;
}

struct Request {
  std::string network;  // a model, with
  cep::OnnxModelOptions sizes;
  std::string model;  // or a plan, of this model or of
  logical::LlamaShape shape;
  logical::Partition partition;
};
acp::Result<Request> request_of(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  Request request;
  try {
    request.network = json.value("network", "");
    if (!request.network.empty()) {
      request.sizes = sizes_of(json.at("sizes"));
      return request;
    }
    request.model = json.value("model", "");
    if (json.contains("shape")) request.shape = shape_of(json.at("shape"));
    if (json.contains("experts")) request.shape.experts = experts_of(json.at("experts"));
    if (json.contains("decoding")) request.shape.decoding = decoding_of(json.at("decoding"));
    request.partition = partition_of(json.at("partition"));
  } catch (const Json::exception& fault) {
    return acp::malformed("", "request", fault.what());
  }
  return request;
}

acp::Status generate(Request request) {
  if (!request.network.empty()) {
    const auto bytes = cep::generate_onnx(request.network, request.sizes);
    return bytes ? acp::ok() : acp::Status(bytes.error());
  }
  if (!request.model.empty()) {
    ACP_TRY(request.shape, logical::llama_shape(request.model));
  }
  ACP_TRY(const logical::Document document, logical::generate_llama(request.shape, request.partition));
  return check_logical(document);
}

}  // namespace

acp::Result<Answer> put_to_generator(const Files&, const Files& given) {
  ACP_TRY(const std::string text, given.text("request"));
  ACP_TRY(Request request, request_of(text));
  return refused(generate(std::move(request)));
}

}  // namespace conformance::documents
