// ResNet-50 v1.5 and SqueezeNet 1.1: convolutional networks over images.
#include "generate.h"

namespace cep::onnx_room {
namespace {

struct Window {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
};

std::vector<Attribute> window_attributes(const Window& w) {
  return {{"kernel_shape", Dims{w.kernel, w.kernel}},
          {"pads", Dims{w.pad, w.pad, w.pad, w.pad}},
          {"strides", Dims{w.stride, w.stride}}};
}

class Images {
 public:
  explicit Images(ModelWriter& model) : model_(model) {}

  std::string conv(const std::string& name, const std::string& x, std::int64_t from, std::int64_t to,
                   const Window& window, bool bias) {
    const Dims dims = {to, from, window.kernel, window.kernel};
    std::vector<std::string> inputs = {x,
                                       model_.weight(name + ".weight", dims, use_of("Conv", 1, false, dims))};
    if (bias) inputs.push_back(model_.weight(name + ".bias", {to}, {}));
    return model_.node("Conv", name, inputs, window_attributes(window));
  }

  std::string norm(const std::string& name, const std::string& x, std::int64_t channels) {
    const auto input = [&](const char* what, std::size_t i) {
      return model_.weight(name + what, {channels}, use_of("BatchNormalization", i, false, {channels}));
    };
    return model_.node(
        "BatchNormalization", name,
        {x, input(".weight", 1), input(".bias", 2), input(".running_mean", 3), input(".running_var", 4)},
        {{"epsilon", 1e-5f}, {"momentum", 0.9f}});
  }

  std::string relu(const std::string& name, const std::string& x) { return model_.node("Relu", name, {x}); }

  // A 1x1, a 3x3 that carries the stride (v1.5), a 1x1, and the way around them.
  std::string bottleneck(const std::string& name, const std::string& x, std::int64_t from,
                         std::int64_t middle, std::int64_t stride) {
    const std::int64_t to = 4 * middle;
    std::string y = conv(name + ".conv1", x, from, middle, {1, 1, 0}, false);
    y = relu(name + ".relu1", norm(name + ".bn1", y, middle));
    y = conv(name + ".conv2", y, middle, middle, {3, stride, 1}, false);
    y = relu(name + ".relu2", norm(name + ".bn2", y, middle));
    y = norm(name + ".bn3", conv(name + ".conv3", y, middle, to, {1, 1, 0}, false), to);
    std::string around = x;
    if (from != to) {
      around = conv(name + ".downsample.0", x, from, to, {1, stride, 0}, false);
      around = norm(name + ".downsample.1", around, to);
    }
    return relu(name + ".relu3", model_.node("Add", name + ".add", {y, around}));
  }

  // Squeezes channels with a 1x1, then widens them by 1x1 and by 3x3, side by side.
  std::string fire(const std::string& name, const std::string& x, std::int64_t from, std::int64_t narrow,
                   std::int64_t wide) {
    const std::string s =
        relu(name + ".squeeze_relu", conv(name + ".squeeze", x, from, narrow, {1, 1, 0}, true));
    const std::string one =
        relu(name + ".expand1x1_relu", conv(name + ".expand1x1", s, narrow, wide, {1, 1, 0}, true));
    const std::string three =
        relu(name + ".expand3x3_relu", conv(name + ".expand3x3", s, narrow, wide, {3, 1, 1}, true));
    return model_.node("Concat", name + ".concat", {one, three}, {{"axis", std::int64_t{1}}});
  }

  std::string max_pool(const std::string& name, const std::string& x, std::int64_t pad) {
    return model_.node("MaxPool", name, {x}, window_attributes({3, 2, pad}));
  }

 private:
  ModelWriter& model_;
};

}  // namespace

void write_resnet50(ModelWriter& model, const OnnxModelOptions& options) {
  Images images(model);
  model.input("input", Dtype::kF32, {options.batch, 3, options.image, options.image});
  std::string x = images.conv("conv1", "input", 3, 64, {7, 2, 3}, false);
  x = images.max_pool("maxpool", images.relu("relu", images.norm("bn1", x, 64)), 1);
  constexpr std::int64_t kBlocks[] = {3, 4, 6, 3};
  std::int64_t from = 64, middle = 64;
  for (std::size_t layer = 0; layer < std::size(kBlocks); ++layer) {
    for (std::int64_t block = 0; block < kBlocks[layer]; ++block) {
      const std::string name = "layer" + std::to_string(layer + 1) + "." + std::to_string(block);
      x = images.bottleneck(name, x, from, middle, layer > 0 && block == 0 ? 2 : 1);
      from = 4 * middle;
    }
    middle *= 2;
  }
  x = model.node("GlobalAveragePool", "avgpool", {x});
  x = model.node("Flatten", "flatten", {x}, {{"axis", std::int64_t{1}}});
  const Dims dims = {options.classes, from};
  const std::string weight = model.weight("fc.weight", dims, use_of("Gemm", 1, true, dims));
  x = model.node("Gemm", "fc", {x, weight, model.weight("fc.bias", {options.classes}, {})},
                 {{"transB", std::int64_t{1}}});
  model.output(x, {options.batch, options.classes});
}

void write_squeezenet(ModelWriter& model, const OnnxModelOptions& options) {
  Images images(model);
  model.input("input", Dtype::kF32, {options.batch, 3, options.image, options.image});
  std::string x = images.relu("relu1", images.conv("conv1", "input", 3, 64, {3, 2, 0}, true));
  x = images.max_pool("pool1", x, 0);
  x = images.fire("fire2", x, 64, 16, 64);
  x = images.fire("fire3", x, 128, 16, 64);
  x = images.max_pool("pool3", x, 0);
  x = images.fire("fire4", x, 128, 32, 128);
  x = images.fire("fire5", x, 256, 32, 128);
  x = images.max_pool("pool5", x, 0);
  x = images.fire("fire6", x, 256, 48, 192);
  x = images.fire("fire7", x, 384, 48, 192);
  x = images.fire("fire8", x, 384, 64, 256);
  x = images.fire("fire9", x, 512, 64, 256);
  x = images.relu("relu10", images.conv("conv10", x, 512, options.classes, {1, 1, 0}, true));
  x = model.node("GlobalAveragePool", "pool10", {x});
  x = model.node("Flatten", "flatten", {x}, {{"axis", std::int64_t{1}}});
  model.output(x, {options.batch, options.classes});
}

}  // namespace cep::onnx_room
