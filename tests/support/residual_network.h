// Small convolutional networks: a fixed residual one of any size, and random ones.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cep/graph.h"

namespace cep::support {

// A workload under construction: nodes named by what they are and a number.
class Network {
 public:
  explicit Network(std::string name) : builder_(std::move(name)) {}

  TensorId input(const Dims& dims) { return builder_.input("x", {Dtype::kF32, dims}); }
  TensorId conv(TensorId x, std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
    const Dims in = dims(x);
    const std::string name = next("conv");
    const std::int64_t pad = kernel / 2;
    const TensorId w =
        builder_.weight(name + "_w", {Dtype::kF32, {channels, in[1], kernel, kernel}}, acp::Digest{});
    const TensorId b = builder_.weight(name + "_b", {Dtype::kF32, {channels}}, acp::Digest{});
    return node("Conv", {x, w, b}, name,
                {{"strides", Dims{stride, stride}}, {"pads", Dims{pad, pad, pad, pad}}});
  }
  TensorId relu(TensorId x) { return node("Relu", {x}, next("relu"), {}); }
  TensorId add(TensorId a, TensorId b) { return node("Add", {a, b}, next("add"), {}); }
  TensorId max_pool(TensorId x, std::int64_t kernel, std::int64_t stride) {
    return max_pool(x, kernel, stride, kernel / 2);
  }
  TensorId max_pool(TensorId x, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
    return node("MaxPool", {x}, next("pool"),
                {{"kernel_shape", Dims{kernel, kernel}},
                 {"strides", Dims{stride, stride}},
                 {"pads", Dims{pad, pad, pad, pad}}});
  }
  TensorId concat(const std::vector<TensorId>& parts) {
    return node("Concat", parts, next("concat"), {{"axis", std::int64_t{1}}});
  }
  TensorId flatten(TensorId x) {
    const Dims in = dims(x);
    const std::string name = next("flatten");
    const TensorId shape = builder_.constant(name + "_shape", {in[0], volume(in) / in[0]});
    return node("Reshape", {x, shape}, name, {});
  }
  TensorId dense(TensorId x, std::int64_t features) {
    const std::string name = next("dense");
    const TensorId w = builder_.weight(name + "_w", {Dtype::kF32, {dims(x)[1], features}}, acp::Digest{});
    return node("MatMul", {x, w}, name, {});
  }
  void output(TensorId x) { builder_.output(x); }

  [[nodiscard]] const Dims& dims(TensorId id) const { return builder_.workload().tensors[id].type.dims; }
  [[nodiscard]] Workload finish() && { return std::move(builder_).finish(); }

 private:
  std::string next(const char* what) { return what + std::to_string(++count_); }
  TensorId node(const char* op, std::vector<TensorId> inputs, const std::string& name,
                std::vector<Attribute> attributes) {
    WorkloadBuilder::NodeOptions options;
    options.name = name;
    options.attributes = std::move(attributes);
    return builder_.node(op, std::move(inputs), std::move(options)).value().front();
  }

  WorkloadBuilder builder_;
  int count_ = 0;
};

struct ResidualShape {
  std::int64_t batch = 1;
  std::int64_t size = 8;
  std::int64_t channels = 4;
  int stages = 2;            // each halves the size and doubles the channels
  int blocks_per_stage = 1;  // of two convolutions and a shortcut
  std::int64_t classes = 5;
};

// Stem, pool, residual blocks, a dense head: the structure of ResNet, as small or large as wanted.
inline Workload residual_network(const ResidualShape& shape) {
  Network net("residual");
  TensorId x = net.input({shape.batch, 3, shape.size, shape.size});
  x = net.max_pool(net.relu(net.conv(x, shape.channels, 3, 1)), 3, 2);
  std::int64_t channels = shape.channels;
  for (int stage = 0; stage < shape.stages; ++stage) {
    for (int block = 0; block < shape.blocks_per_stage; ++block) {
      const bool down = stage > 0 && block == 0;
      if (down) channels *= 2;
      const TensorId shortcut = down ? net.conv(x, channels, 1, 2) : x;
      const TensorId y = net.conv(net.relu(net.conv(x, channels, 3, down ? 2 : 1)), channels, 3, 1);
      x = net.relu(net.add(y, shortcut));
    }
  }
  net.output(net.dense(net.flatten(x), shape.classes));
  return std::move(net).finish();
}

// The structure of ResNet-50 with its normalisations folded into the convolutions, and a maximum at the end where it has a mean.
inline Workload bottleneck_network(std::int64_t size, std::int64_t channels, const std::vector<int>& blocks) {
  Network net("bottleneck");
  TensorId x = net.input({1, 3, size, size});
  x = net.max_pool(net.relu(net.conv(x, channels, 7, 2)), 3, 2);
  for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
    for (int block = 0; block < blocks[stage]; ++block) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const TensorId shortcut = block == 0 ? net.conv(x, channels * 4, 1, stride) : x;
      TensorId y = net.relu(net.conv(x, channels, 1, 1));
      y = net.relu(net.conv(y, channels, 3, stride));
      x = net.relu(net.add(net.conv(y, channels * 4, 1, 1), shortcut));
    }
    channels *= 2;
  }
  x = net.max_pool(x, net.dims(x)[2], 1, 0);
  net.output(net.dense(net.flatten(x), 1000));
  return std::move(net).finish();
}
inline Workload resnet50_structure() { return bottleneck_network(224, 64, {3, 4, 6, 3}); }

// draw(lo, hi) is a number from lo to hi.
template <typename Draw>
Workload random_network(Draw draw) {
  Network net("random");
  std::vector<TensorId> maps = {net.input({draw(1, 3), draw(1, 3), draw(3, 7), draw(3, 7)})};
  const auto nodes = draw(1, 8);
  for (std::int64_t i = 0; i < nodes; ++i) {
    const TensorId x = maps[static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(maps.size()) - 1))];
    std::vector<TensorId> alike;
    for (const TensorId other : maps) {
      if (net.dims(other) == net.dims(x)) alike.push_back(other);
    }
    const TensorId other =
        alike[static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(alike.size()) - 1))];
    switch (draw(0, 5)) {
      case 0: maps.push_back(net.relu(x)); break;
      case 1: maps.push_back(net.add(x, other)); break;
      case 2: maps.push_back(net.max_pool(x, 3, draw(1, 2))); break;
      case 3: maps.push_back(net.concat({x, other})); break;
      default: maps.push_back(net.conv(x, draw(1, 5), draw(0, 1) * 2 + 1, draw(1, 2)));
    }
  }
  if (draw(0, 1) == 1) maps.push_back(net.dense(net.flatten(maps.back()), draw(1, 5)));
  net.output(maps.back());
  if (draw(0, 3) == 0) net.output(maps[maps.size() / 2]);
  return std::move(net).finish();
}

}  // namespace cep::support
