// ResNet-50 v1.5 at 224 x 224, batch 1: its 53 convolutions and the last matrix product on the cpu shim, exact, beside oneDNN on the same
// layers in the same run. Both on one processor, each layer of one right after that of the other, in the order of the network, so that
// both find their caches as cold. Reported is the processor time of this process: it does not count what other programs take away.
//
//   bench_resnet [rounds]
//
// Every output is compared: |ours - theirs| <= 2 (K + 1) u (|w| * |x| + |b|), the bound of any two orders of the same sum.
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <unordered_map>
#include <vector>

#include "acp/host.h"
#include "cep/op.h"

namespace {

using namespace cep;
namespace dnn = dnnl;
using Floats = std::vector<float>;

struct Layer {
  std::int64_t in, out, size, kernel, stride, pad;  // size: of the input's two spatial axes
  [[nodiscard]] std::int64_t out_size() const { return (size + 2 * pad - kernel) / stride + 1; }
  [[nodiscard]] std::int64_t steps() const { return in * kernel * kernel; }
  [[nodiscard]] std::int64_t macs() const { return steps() * out * out_size() * out_size(); }
  [[nodiscard]] Dims x() const { return {1, in, size, size}; }
  [[nodiscard]] Dims w() const { return {out, in, kernel, kernel}; }
  [[nodiscard]] Dims y() const { return {1, out, out_size(), out_size()}; }
  bool operator==(const Layer&) const = default;
};

// The last one is the matrix product: a 1 x 1 convolution of one point.
std::vector<Layer> resnet50() {
  std::vector<Layer> layers = {{3, 64, 224, 7, 2, 3}};
  const struct {
    std::int64_t width, blocks, stride;
  } stages[] = {{64, 3, 1}, {128, 4, 2}, {256, 6, 2}, {512, 3, 2}};
  std::int64_t channels = 64, size = 56;
  for (const auto& stage : stages) {
    for (std::int64_t block = 0; block < stage.blocks; ++block) {
      const std::int64_t stride = block == 0 ? stage.stride : 1;
      layers.push_back({channels, stage.width, size, 1, 1, 0});
      layers.push_back({stage.width, stage.width, size, 3, stride, 1});
      layers.push_back({stage.width, 4 * stage.width, size / stride, 1, 1, 0});
      if (block == 0) layers.push_back({channels, 4 * stage.width, size, 1, stride, 0});
      channels = 4 * stage.width;
      size /= stride;
    }
  }
  layers.push_back({2048, 1000, 1, 1, 1, 0});
  return layers;
}

bool is_product(const Layer& layer) { return layer.size == 1; }

Floats random_floats(std::int64_t count, float scale, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-scale, scale);
  Floats values(static_cast<std::size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

double processor_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::int64_t elements(const Dims& dims) {
  std::int64_t count = 1;
  for (const std::int64_t d : dims) count *= d;
  return count;
}

// A layer's operands in plain layout: convolution x, w, b; product x, w (1000 x 2048), b.
struct Data {
  explicit Data(const Layer& layer, std::mt19937& random)
      : x(random_floats(elements(layer.x()), 1.0f, random)),
        w(random_floats(elements(layer.w()), 1.0f / std::sqrt(static_cast<float>(layer.steps())), random)),
        b(random_floats(layer.out, 1.0f, random)) {}
  Floats x, w, b;
};

class OnShim {
 public:
  OnShim(const acp::Device& device, const Layer& layer, const Data& data)
      : memory_(device.allocate(bytes(data, layer), 64).value()), executable_(compile(device, layer)) {
    std::uint64_t at = 0;
    for (const Floats* part : {&data.x, &data.w, &data.b}) {
      launch_.bindings.push_back({&memory_, at});
      if (!memory_.write(at, std::as_bytes(std::span(*part)))) std::abort();
      at += (part->size() * 4 + 63) / 64 * 64;
    }
    launch_.bindings.push_back({&memory_, at});
    result_at_ = at;
    launch_.executable = &executable_;
  }
  OnShim(const OnShim&) = delete;
  OnShim& operator=(const OnShim&) = delete;

  void run(const acp::Queue& queue, const acp::Timeline& timeline, std::uint64_t& done) const {
    acp::Submission submission;
    submission.launches = {launch_};
    submission.signals = {{&timeline, ++done}};
    if (!queue.submit(submission) || !timeline.wait(done, UINT64_MAX)) std::abort();
  }
  [[nodiscard]] Floats result(const Layer& layer) const {
    Floats values(static_cast<std::size_t>(elements(layer.y())));
    if (!memory_.read(result_at_, std::as_writable_bytes(std::span(values)))) std::abort();
    return values;
  }

 private:
  static std::uint64_t bytes(const Data& data, const Layer& layer) {
    return 4 * (data.x.size() + data.w.size() + data.b.size() +
                static_cast<std::size_t>(elements(layer.y()))) +
           4 * 64;
  }
  static acp::Executable compile(const acp::Device& device, const Layer& layer) {
    const std::vector<Attribute> attributes = {{"strides", Dims{layer.stride, layer.stride}},
                                               {"pads", Dims(4, layer.pad)}};
    const std::vector<Attribute> turned = {{"transB", std::int64_t{1}}};
    OpContext context;
    context.order = {OrderKind::kChain, 0};
    const bool product = is_product(layer);
    context.inputs = {TensorType{Dtype::kF32, product ? Dims{1, layer.in} : layer.x()},
                      TensorType{Dtype::kF32, product ? Dims{layer.out, layer.in} : layer.w()},
                      TensorType{Dtype::kF32, {layer.out}}};
    context.attributes = product ? turned : attributes;
    const Region region = build_region(*find_op("ai.onnx", product ? "Gemm" : "Conv"), context).value();
    return device.compile(region.view()).value();
  }

  acp::Memory memory_;
  acp::Executable executable_;
  acp::Launch launch_;
  std::uint64_t result_at_ = 0;
};

// oneDNN in the layouts it likes best; reordering into them is not timed.
class OnDnn {
 public:
  OnDnn(dnn::engine& engine, dnn::stream& stream, const Layer& layer, const Data& data)
      : engine_(engine), stream_(stream) {
    using Tag = dnn::memory::format_tag;
    const auto type = dnn::memory::data_type::f32;
    const auto any = [&](const Dims& dims) { return dnn::memory::desc(dims, type, Tag::any); };
    const dnn::memory::desc bias({layer.out}, type, Tag::a);
    const dnn::memory::dims strides = {layer.stride, layer.stride}, pads = {layer.pad, layer.pad};
    const dnn::convolution_forward::desc wanted(dnn::prop_kind::forward_inference,
                                                dnn::algorithm::convolution_direct, any(layer.x()),
                                                any(layer.w()), bias, any(layer.y()), strides, pads, pads);
    const dnn::convolution_forward::primitive_desc made(wanted, engine);
    convolution_ = dnn::convolution_forward(made);
    y_ = dnn::memory(made.dst_desc(), engine);
    arguments_ = {{DNNL_ARG_SRC, placed(made.src_desc(), layer.x(), data.x)},
                  {DNNL_ARG_WEIGHTS, placed(made.weights_desc(), layer.w(), data.w)},
                  {DNNL_ARG_BIAS, placed(bias, {layer.out}, data.b)},
                  {DNNL_ARG_DST, y_}};
  }
  void run() {
    convolution_.execute(stream_, arguments_);
    stream_.wait();
  }
  Floats result(const Layer& layer) {
    Floats values(static_cast<std::size_t>(elements(layer.y())));
    dnn::memory plain({layer.y(), dnn::memory::data_type::f32, dnn::memory::format_tag::abcd}, engine_,
                      values.data());
    dnn::reorder(y_, plain).execute(stream_, y_, plain);
    stream_.wait();
    return values;
  }

 private:
  dnn::memory placed(const dnn::memory::desc& desc, const Dims& dims, const Floats& values) {
    const auto tag = dims.size() == 1 ? dnn::memory::format_tag::a : dnn::memory::format_tag::abcd;
    dnn::memory plain({dims, dnn::memory::data_type::f32, tag}, engine_, const_cast<float*>(values.data()));
    dnn::memory made(desc, engine_);
    dnn::reorder(plain, made).execute(stream_, plain, made);
    stream_.wait();
    return made;
  }
  dnn::engine& engine_;
  dnn::stream& stream_;
  dnn::convolution_forward convolution_;
  dnn::memory y_;
  std::unordered_map<int, dnn::memory> arguments_;
};

// The largest difference in units of the bound; above 1 one of them is wrong.
double disagreement(dnn::engine& engine, dnn::stream& stream, const Layer& layer, Data data,
                    const Floats& ours, const Floats& theirs) {
  for (Floats* part : {&data.x, &data.w, &data.b}) {
    for (float& value : *part) value = std::fabs(value);
  }
  OnDnn magnitudes(engine, stream, layer, data);
  magnitudes.run();
  const Floats size = magnitudes.result(layer);
  double worst = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double bound =
        2.0 * static_cast<double>(layer.steps() + 1) * 0x1p-24 * static_cast<double>(size[i]);
    const double ratio = std::fabs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])) / bound;
    worst = ratio <= worst ? worst : ratio;  // NaN stays
  }
  return worst;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Timed {
  std::vector<double> ours, theirs;
};

// One line a shape, then all layers together. Returns whether every output agrees.
bool report(const std::vector<Layer>& layers, const std::vector<Timed>& times,
            const std::vector<double>& worst) {
  std::printf("%5s %5s %5s %2s %2s  layers  G MAC/s ours  oneDNN  ratio  difference/bound\n", "in", "out",
              "size", "k", "s");
  double ours = 0, theirs = 0, macs = 0;
  bool agree = true;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (std::find(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(i), layers[i]) !=
        layers.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    double a = 0, b = 0, w = 0;
    int count = 0;
    for (std::size_t j = i; j < layers.size(); ++j) {
      if (layers[j] != layers[i]) continue;
      a += median(times[j].ours);
      b += median(times[j].theirs);
      w = worst[j] <= w ? w : worst[j];
      ++count;
    }
    const Layer& l = layers[i];
    const double work = static_cast<double>(l.macs() * count);
    std::printf("%5ld %5ld %5ld %2ld %2ld  %6d  %12.1f  %6.1f  %5.2f  %.2g\n", l.in, l.out, l.size, l.kernel,
                l.stride, count, work / a * 1e-9, work / b * 1e-9, b / a, w);
    agree = agree && w <= 1;
    ours += a;
    theirs += b;
    macs += work;
  }
  std::printf("all %zu: ours %.1f ms (%.1f G MAC/s), oneDNN %.1f ms (%.1f G MAC/s), ratio %.3f, outputs %s\n",
              layers.size(), ours * 1e3, macs / ours * 1e-9, theirs * 1e3, macs / theirs * 1e-9,
              theirs / ours, agree ? "agree" : "DIFFER");
  return agree;
}

}  // namespace

int main(int argc, char** argv) {
  // OpenMP reads it before main() begins; several of its threads on one processor would spend oneDNN's time on waiting.
  const char* threads = std::getenv("OMP_NUM_THREADS");
  if (threads == nullptr || std::strcmp(threads, "1") != 0) {
    std::fprintf(stderr,
                 "bench_resnet: set OMP_NUM_THREADS=1, or oneDNN is measured several times too slow\n");
    return 2;
  }
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  if (rounds < 1 || sched_setaffinity(0, sizeof one, &one) != 0) return 2;
  const acp::Device device = acp::Shim::load("cpu").value().device(0).value();
  const acp::Queue queue = device.create_queue().value();
  const acp::Timeline timeline = device.create_timeline().value();
  dnn::engine engine(dnn::engine::kind::cpu, 0);
  dnn::stream stream(engine);
  std::mt19937 random(50);
  const std::vector<Layer> layers = resnet50();
  std::vector<std::unique_ptr<OnShim>> ours;
  std::vector<std::unique_ptr<OnDnn>> theirs;
  std::vector<Timed> times(layers.size());
  std::vector<double> worst;
  std::uint64_t done = 0;
  for (const Layer& layer : layers) {
    const Data data(layer, random);
    ours.push_back(std::make_unique<OnShim>(device, layer, data));
    theirs.push_back(std::make_unique<OnDnn>(engine, stream, layer, data));
    ours.back()->run(queue, timeline, done);
    theirs.back()->run();
    worst.push_back(
        disagreement(engine, stream, layer, data, ours.back()->result(layer), theirs.back()->result(layer)));
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const double start = processor_seconds();
      ours[i]->run(queue, timeline, done);
      const double middle = processor_seconds();
      theirs[i]->run();
      times[i].ours.push_back(middle - start);
      times[i].theirs.push_back(processor_seconds() - middle);
    }
  }
  return report(layers, times, worst) ? 0 : 1;
}
