// Any bytes as a logical plan that is to be proved: nothing crashes, the checker accepts what the prover certifies, and what is proved delivers
// what its reference does when it is run.
//
// The first plans are those of the reject corpus, right and wrong, as they are and written out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "cep/equivalence.h"
#include "cep/expand.h"
#include "cep/logical_text.h"
#include "cep/logical_wire.h"
#include "fuzz/certificates.h"
#include "replay/run.h"
#include "soundness/logical/plan_mutations.h"
#include "tools/cep-check/logical/check.h"

namespace {

using namespace cep::logical;

std::vector<Document> read_corpus() {
  std::vector<Document> all;
  fuzz::for_each_case([&](const auto& /*entry*/, const auto& read) {
    const auto* both = std::get_if<conformance::reject::Logical>(&read.of);
    if (both == nullptr) return;
    for (const Document& document : {both->twin, both->plan}) {
      if (!check_logical(document)) continue;
      all.push_back(document);
      if (auto expanded = expand(document)) all.push_back(std::move(*expanded));
    }
  });
  ACP_ASSERT(all.size() > 100);
  return all;
}
const std::vector<Document>& corpus() {
  static const std::vector<Document> all = read_corpus();
  return all;
}

void show(fuzz::OneChange& one, Affine& affine) {
  one.numbers(affine.constant);
  one.all(affine.by_variable);
}
void show(fuzz::OneChange& one, Box& box) {
  one.list(box);
  for (Interval& side : box) {
    show(one, side.begin);
    one.numbers(side.size);
  }
}
void show(fuzz::OneChange& one, Program& program) {
  one.all(program.shapes);
  one.list(program.operations);
  for (Operation& operation : program.operations) {
    one.choice(operation.backward, {false, true});
    one.list(operation.attributes);
    for (Operation::Attribute& attribute : operation.attributes) {
      if (auto* number = std::get_if<std::int64_t>(&attribute.value)) one.numbers(*number);
      if (auto* real = std::get_if<double>(&attribute.value)) one.choice(*real, {0.0, 1.0, -1.0, 2.0, 0.5});
      if (auto* list = std::get_if<std::vector<std::int64_t>>(&attribute.value)) one.all(*list);
      if (auto* affine = std::get_if<Affine>(&attribute.value)) show(one, *affine);
    }
  }
  one.list(program.tensors);
  for (Tensor& tensor : program.tensors) {
    one.numbers(tensor.shape, tensor.place);
    one.choice(tensor.element, {Element::kF32, Element::kF16, Element::kBf16, Element::kI64});
    one.choice(tensor.role, {Role::kInput, Role::kParameter, Role::kSeed, Role::kValue});
  }
  one.list(program.nodes);
  for (Node& node : program.nodes) {
    one.numbers(node.operation, node.place, node.dim, node.other_dim, node.root, node.group, node.message);
    one.choice(node.comm, {CommKind::kNoComm, CommKind::kAllReduce, CommKind::kAllGather,
                           CommKind::kReduceScatter, CommKind::kAllToAll, CommKind::kChunk});
  }
  one.all(program.operands);
}

void change(Document& document, fuzz::Random& random) {
  if (random() % 2 == 0 && document.plan.variables.empty() && check_logical(document)) {
    oracle::Random other(random());
    (void)oracle::mutate(document, other);
    return;
  }
  fuzz::OneChange one(random);
  if (random() % 4 == 0) {
    show(one, document.reference.program);
    one.all(document.reference.outputs);
  }
  Plan& plan = document.plan;
  for (Variable& variable : plan.variables) one.numbers(variable.size);
  for (Affine& place : plan.places) show(one, place);
  one.list(plan.groups);
  for (Group& group : plan.groups) {
    one.list(group.ranks);
    for (Affine& rank : group.ranks) show(one, rank);
    one.numbers(group.variable);
  }
  show(one, plan.program);
  one.list(plan.binds);
  for (Bind& bind : plan.binds) {
    one.numbers(bind.tensor, bind.reference);
    show(one, bind.box);
  }
  one.list(plan.yields);
  for (Yield& yield : plan.yields) {
    one.numbers(yield.tensor, yield.reference, yield.parts);
    show(one, yield.box);
    show(one, yield.part);
  }
  one.numbers(plan.ranks);
  one.make();
}

// encode() requires that operands stand where nodes say.
bool operands_stand(const Program& program) {
  const std::size_t all = program.operands.size();
  return std::ranges::all_of(program.nodes, [&](const Node& node) {
    return node.first_input <= all && node.inputs <= all - node.first_input && node.first_output <= all &&
           node.outputs <= all - node.first_output;
  });
}

// Small enough to be run in a moment.
bool small(const Document& document) {
  std::int64_t elements = 0, lines = 1;
  const auto add = [&](const Program& program, std::int64_t times) {
    for (Id id = 0; id < program.tensors.size(); ++id) {
      std::int64_t length = times;
      for (const std::int64_t extent : program.shape(id))
        length = std::min(length * extent, std::int64_t{1} << 24);
      elements += length;
    }
  };
  for (const Variable& variable : document.plan.variables)
    lines = std::min(lines * variable.size, std::int64_t{1} << 24);
  add(document.reference.program, 1);
  add(document.plan.program, lines);
  return elements < 1 << 14 && document.plan.ranks <= 64;
}

[[noreturn]] void fail(const Document& document, const std::string& what) {
  std::fprintf(stderr, "%s\n%s", what.c_str(), to_text(document).c_str());
  std::abort();
}

}  // namespace

// Reading takes longer than an input may.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  (void)corpus();
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const auto start = [](fuzz::Random& random) { return corpus()[random() % corpus().size()]; };
  const auto change_or_leave = [](Document& document, fuzz::Random& random) {
    Document changed = document;
    change(changed, random);
    if (operands_stand(changed.plan.program) && operands_stand(changed.reference.program))
      document = std::move(changed);
  };
  return fuzz::mutate(data, size, max_size, seed, decode_logical, start, change_or_leave);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = decode_logical(std::as_bytes(std::span(data, size)));
  if (!document || !check_logical(*document)) return 0;
  const auto verdict = certify(*document, {});
  const auto* certified = std::get_if<Certified>(&verdict);
  if (certified == nullptr) return 0;
  if (const acp::Status status = cep_check::logical::check(*document, certified->certificate, {});
      !status && status.error().requirement != "CEP-LCHK-12")
    fail(*document, "proved, but the checker says: " + acp::to_string(status.error()));
  if (!small(*document)) return 0;
  for (const std::uint64_t inputs : {1u, 2u}) {
    const auto found = oracle::disagreements(*document, inputs);
    if (!found.empty()) fail(*document, "proved, but: " + found[0].what);
  }
  return 0;
}
