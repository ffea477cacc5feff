// A chunk of a pipeline: the micro-batches of some layers on one place. The reference is the only stage of a plan without communication.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "generate/layers.h"

namespace cep::logical {

class Stage {
 public:
  struct Range {
    std::int64_t first = 0, behind = 0;  // layers
    bool embeds = false, ends = false;   // has the embedding, has the head
  };
  Stage(Writer& writer, Holding holding, Id place, Range range)
      : writer_(writer), holding_(std::move(holding)), place_(place), range_(range) {}

  // What this stage makes of the tokens, or of what the stage before has made: the loss or the logits on the last one.
  Id forward(Site site, Turn turn, Id input);
  // From the gradient of forward()'s result to that of its input (kNone where the stage embeds); sums up the weights' gradients.
  Id backward(Site site, Id gradient);

  [[nodiscard]] std::vector<Weight> weights() const;
  // The sum of a weight's gradients over the micro-batches so far.
  [[nodiscard]] Id gradient(const std::string& weight) const { return gradients_.at(weight).front().tensor; }
  // Of a decode loop, by micro-batch and layer: what is kept for the next step.
  [[nodiscard]] std::map<std::pair<std::int32_t, std::int64_t>, Cache>& caches() { return caches_; }
  [[nodiscard]] Id place() const { return place_; }
  [[nodiscard]] Range range() const { return range_; }
  [[nodiscard]] Holding& holding() { return holding_; }

 private:
  struct Kept {  // of one part of one micro-batch
    std::int64_t layer = -1;
    Id input = kNone;
    std::vector<Segment> segment;  // none where it is done again
  };
  void accumulate(const Segment& segment, Site site);

  Writer& writer_;
  Holding holding_;
  Id place_;
  Range range_;
  struct Batch {
    Turn turn;
    std::vector<Kept> parts;
  };
  std::map<std::int32_t, Batch> batches_;  // by micro-batch, between its forward and its backward
  struct Partial {                         // of a weight's gradient, over 2^level micro-batches in tree order
    Id tensor = kNone;
    int level = 0;
  };
  std::map<std::string, std::vector<Partial>> gradients_;
  std::map<std::pair<std::int32_t, std::int64_t>, Cache> caches_;
};

}  // namespace cep::logical
