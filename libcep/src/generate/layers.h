// The parts of a Llama model, written for one micro-batch on one place.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cep/generate.h"
#include "generate/tape.h"

namespace cep::logical {

// A parameter of the model, and how the ranks of tp share it.
struct Weight {
  std::string name;
  Shape shape;
  int cut = -1;  // the dimension of which every rank has its share; -1: all have the whole
  bool summed =
      false;  // the gradient a rank computes is an addend: it has seen its part of the sequence only
};
// Along which dimension replicas share its gradient: the first that the ranks of tp do not.
[[nodiscard]] inline std::uint8_t scattered_dim(const Weight& weight) { return weight.cut == 0 ? 1 : 0; }
[[nodiscard]] inline bool shares_sequence(const Partition& partition) {
  return partition.sequence_parallel || partition.exchange_heads;
}
[[nodiscard]] std::vector<Weight> embedding_weights(const LlamaShape& shape, const Partition& partition);
[[nodiscard]] std::vector<Weight> layer_weights(const LlamaShape& shape, const Partition& partition,
                                                std::int64_t layer);
[[nodiscard]] std::vector<Weight> head_weights(const LlamaShape& shape, const Partition& partition);

// What one place holds.
struct Holding {
  const LlamaShape& shape;
  const Partition& partition;
  std::int64_t batch = 0;                          // of a micro-batch
  Affine tp_index{};                               // of the place
  Id tp_group = kNone;                             // kNone: tp is 1
  Id dp_group = kNone;                             // kNone: weights are whole on every replica
  std::vector<Id> rotary{};                        // by step: the rotations of its positions
  std::map<std::string, Id> weights{};             // by name: its piece
  std::map<std::string, std::uint8_t> gathered{};  // along which dimension replicas share it, if they do
};

// What a micro-batch is given at one step: without a decode loop there is one.
struct Turn {
  Id tokens = kNone;
  std::int64_t step = 0;
};

// Keys and values of one layer and micro-batch, of all positions so far.
struct Cache {
  Id keys = kNone, values = kNone;
};

// One part of the model for one micro-batch: from `in` to `out`, with the tape that leads back.
class Segment {
 public:
  // `cache`: a layer's in a decode loop; it is replaced by the one for the next step.
  Segment(Writer& writer, const Holding& holding, Site site, Turn turn, Cache* cache = nullptr)
      : tape(writer, site), holding_(holding), turn_(turn), cache_(cache) {}

  void embed();
  void layer(std::int64_t index, Id input);
  void head(Id input);

  Tape tape;
  Value in, out;
  std::vector<std::pair<std::string, Value>> used;  // the weights

 private:
  Value weight(const std::string& name);
  Value apply(const Operation& operation, const std::vector<Value>& inputs, const Made& made);
  Value reshape(Value x, const Shape& shape);
  Value transpose(Value x, std::int64_t dim0, std::int64_t dim1);
  Value cast(Value x, Element to);
  Value linear(Value x, Value w);
  Value matmul(Value a, Value b);
  Value add(Value a, Value b);
  Value mul(Value a, Value b);
  Value norm(Value x, const std::string& name);

  // Between what all ranks of tp have (with sequence parallelism: a share each) and the operands of their shares of a layer.
  Value enter(Value x);  // to a cut by columns
  // In tree order each gradient is whole before it is added to others: what is copied enters as copies. (Shares of the sequence do not train in this order.)
  [[nodiscard]] bool one_by_one() const {
    return holding_.partition.order == SumOrder::kTree && holding_.partition.step == Step::kTraining;
  }
  Value leave(Value x);    // from a cut by rows: every rank has an addend
  Value gather(Value x);   // to what every rank does alike
  Value scatter(Value x);  // from what every rank has done alike

  // Sequence for heads in a tensor [b, s, heads, d], and back.
  Value to_heads(Value x);
  Value to_sequence(Value x);
  [[nodiscard]] bool exchanges() const {
    return holding_.partition.exchange_heads && holding_.tp_group != kNone;
  }

  Value attention(Value x, const std::string& prefix);
  Value attend(Value q, Value k, Value v, Value mask);
  Value mask_for(Value x);
  // The layer's cache with x [b, kv, s, d] at this step's positions; x where there is no cache.
  Value kept(Value x, Id Cache::* part);
  // Where this step begins in a cache.
  [[nodiscard]] std::int64_t position() const {
    return holding_.shape.decoding.position + turn_.step * holding_.shape.sequence;
  }
  Value network(Value x, const std::string& prefix);
  Value mixture(Value x, const std::string& prefix);

  const Holding& holding_;
  Turn turn_;
  Cache* cache_;
};

}  // namespace cep::logical
