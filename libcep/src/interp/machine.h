// Evaluates index and scalar nodes of a region, and walks its nests, over one domain.
//
// Life     one Machine per launch; it borrows the region and the buffers and owns the temporaries. Helpers of it share its operands.
// Errors   the first fault is kept in `fault`; after it nothing is evaluated any more.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "acp/result.h"
#include "cep/interp.h"
#include "interp/program.h"
#include "interp/scalar.h"

namespace cep::interp {

// Everything about a nest that does not change from point to point.
struct NestPrograms {
  Program init;
  Program body;
  Program writes;
};

template <typename D>
class Machine {
 public:
  Machine(const Region& region, D domain, const std::vector<Elements*>& buffers);
  // A machine over the same operands, for other points of one nest at the same time. Outside loops, and for domains without shared
  // state only.
  [[nodiscard]] Machine helper() const { return Machine(region_, domain_, operands_, Sharing{}); }

  // Runs the nest; the parallel iterator `cut.iter`, if there is one, only from cut.begin to cut.end.
  struct Cut {
    std::uint32_t iter = ACP_NONE;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  void run_nest(const acp_nest& nest, const NestPrograms& programs, const Cut& cut);
  // A scalar that depends on loop trips only.
  [[nodiscard]] Value evaluate(const Program& program, std::uint32_t scalar);

  [[nodiscard]] bool truth(Value condition) const { return domain_.truth(condition); }
  std::vector<std::int64_t>& trips() { return trips_; }
  [[nodiscard]] const std::optional<acp::Error>& fault() const { return fault_; }
  void take_fault(const Machine& helper) {
    if (!fault_) fault_ = helper.fault_;
  }

 private:
  struct Sharing {};
  Machine(const Region& region, D domain, std::vector<Elements*> operands, Sharing)
      : region_(region),
        domain_(domain),
        operands_(std::move(operands)),
        indices_(region.indices.size()),
        scalars_(region.scalars.size()) {}

  void evaluate(const Program& program);
  [[nodiscard]] std::int64_t evaluate_index(const acp_index_node& node);
  [[nodiscard]] Value evaluate_scalar(const acp_scalar_node& node);
  [[nodiscard]] Value load(const acp_read& read);
  void store(const acp_write& write);
  [[nodiscard]] Value* element(std::uint32_t operand, const std::uint32_t* coord);

  [[nodiscard]] Value reduced(const acp_nest& nest, const NestPrograms& programs);
  // Evaluates the body at linear number k of the reduction's domain and adds it to the accumulator, if there
  // is one.
  [[nodiscard]] Value step(const acp_nest& nest, const Program& body, std::optional<Value> acc,
                           std::int64_t k);
  [[nodiscard]] Value chain(const acp_nest& nest, const Program& body, std::optional<Value> acc,
                            std::int64_t begin, std::int64_t end);
  [[nodiscard]] Value lanes(const acp_nest& nest, const Program& body, std::int64_t begin, std::int64_t end);
  [[nodiscard]] Value joined(const acp_nest& nest, Value left, Value right);
  [[nodiscard]] Value joined_by_levels(const acp_nest& nest, std::vector<Value> parts);
  [[nodiscard]] Value neutral(const acp_nest& nest);

  const Region& region_;
  D domain_;
  std::vector<Elements> temporaries_;
  std::vector<Elements*> operands_;  // the buffer of every operand
  std::vector<std::int64_t> indices_;
  std::vector<Value> scalars_;
  std::vector<std::int64_t> iters_;
  std::vector<std::int64_t> trips_;
  std::uint32_t reduce_first_ = 0;
  const acp_nest* nest_ = nullptr;
  Value acc_;
  std::optional<acp::Error> fault_;
};

}  // namespace cep::interp
