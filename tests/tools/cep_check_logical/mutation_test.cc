// Certificates and documents with one thing changed. What is accepted must say the same as before.
#include <functional>

#include "certified.h"
#include "libcep/equivalence/carried.h"
#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

// ---- Certificates ----

struct Campaign {
  const Case& made;
  std::string before = claims(made.certificate);
  std::size_t tried = 0, accepted = 0;

  void look(const LogicalCertificate& changed, const std::string& what) {
    ++tried;
    const acp::Status status = cep_check::logical::check(made.document, changed, made.certificate.document);
    if (!status) {
      EXPECT_TRUE(status.error().requirement.starts_with("CEP-LCHK-")) << what;
      return;
    }
    ++accepted;
    EXPECT_EQ(claims(changed), before) << what;
  }

  // Every number of every item, one more and one less.
  template <typename List, typename Numbers>
  void numbers(List LogicalCertificate::* list, const char* name, std::size_t stride, Numbers numbers) {
    for (std::size_t i = 0; i < (made.certificate.*list).size(); i += stride) {
      std::size_t count = 0;
      LogicalCertificate copy = made.certificate;
      numbers((copy.*list)[i], [&](auto&) { ++count; });
      for (std::size_t which = 0; which < count; ++which) {
        for (const int by : {1, -1}) {
          LogicalCertificate changed = made.certificate;
          std::size_t at = 0;
          numbers((changed.*list)[i], [&](auto& number) {
            if (at++ == which) number = static_cast<std::remove_reference_t<decltype(number)>>(number + by);
          });
          look(changed, std::string(name) + "[" + std::to_string(i) + "] number " + std::to_string(which) +
                            " by " + std::to_string(by));
        }
      }
    }
  }
  // Neighbours exchanged, one left out, one twice.
  template <typename List>
  void entries(List LogicalCertificate::* list, const char* name, std::size_t stride) {
    for (std::size_t i = 0; i + 1 < (made.certificate.*list).size(); i += stride) {
      const std::string what = std::string(name) + "[" + std::to_string(i) + "]";
      LogicalCertificate changed = made.certificate;
      std::swap((changed.*list)[i], (changed.*list)[i + 1]);
      look(changed, what + " and the next exchanged");
      changed = made.certificate;
      (changed.*list)[i] = (changed.*list)[i + 1];
      look(changed, what + " as the next");
    }
    LogicalCertificate changed = made.certificate;
    (changed.*list).pop_back();
    if (list_is_per_item(name)) look(changed, std::string(name) + " without the last");
  }
  static bool list_is_per_item(std::string_view name) {
    return name == "views" || name == "facts" || name == "repeats";
  }

  void run(std::size_t stride) {
    using C = LogicalCertificate;
    const auto each = [](auto& list, auto& f) {
      for (auto& number : list) f(number);
    };
    const auto each_dim = [&](auto& dims, auto& f) {
      for (auto& axes : dims) each(axes, f);
    };
    numbers(&C::values, "values", 1, [&](auto& v, auto f) {
      f(v.tensor), f(v.coordinates), f(v.apart), each(v.extents, f);
      for (auto& part : v.parts) f(part.operand), f(part.value), each_dim(part.dims, f);
    });
    numbers(&C::views, "views", 1,
            [&](auto& v, auto f) { f(v.value), f(v.numerator), f(v.denominator), each_dim(v.dims, f); });
    numbers(&C::digits, "digits", 1, [&](auto& d, auto f) { each(d, f); });
    numbers(&C::linears, "linears", 1, [&](auto& l, auto f) { each(l, f); });
    numbers(&C::patterns, "patterns", stride, [&](auto& p, auto f) {
      f(p.value), f(p.numerator), f(p.denominator), each(p.sizes, f), each_dim(p.dims, f);
    });
    numbers(&C::begins, "begins", stride, [&](auto& b, auto f) { f(b.constant), f(b.linear); });
    numbers(&C::pieces, "pieces", stride, [&](auto& p, auto f) { f(p.pattern), f(p.first_begin); });
    numbers(&C::facts, "facts", stride, [&](auto& p, auto f) { f(p.first_piece), f(p.pieces); });
    numbers(&C::repeats, "repeats", stride, [&](auto& r, auto f) { f(r); });
    entries(&C::values, "values", 1);
    entries(&C::views, "views", 1);
    entries(&C::patterns, "patterns", stride);
    entries(&C::begins, "begins", stride);
    entries(&C::pieces, "pieces", stride);
    entries(&C::facts, "facts", stride);
    entries(&C::repeats, "repeats", stride);
    std::printf("%zu changed certificates, %zu accepted\n", tried, accepted);
    EXPECT_LT(accepted * 4, tried);  // it does look
  }
};

TEST(Mutation, certificates_of_small_plans) {
  for (const std::string& text :
       {kTensorParallel, kTensorParallelPattern, kDataParallel, kCarriedProduct, kCarriedBias, kCarriedTerms,
        kCarriedDeep, kCarriedMasked, kTwoAxes, kTwoAxesExchanged, kTwoAxesParts}) {
    const Case made = certified(text);
    Campaign{made}.run(1);
  }
}

TEST(Mutation, certificates_of_generated_plans) {
  LlamaShape shape = tiny();
  shape.layers = 1;
  for (const Form form : {Form::kExpanded, Form::kPattern}) {
    Partition partition{.dp = 2, .tp = 2, .micro_batches = 2};
    partition.sequence_parallel = partition.vocabulary_parallel = true;
    const Case one = certified(made(shape, partition, form));
    Campaign{one}.run(form == Form::kExpanded ? 83 : 37);
  }
}

// ---- Documents ----

struct Tally {
  int tried = 0, refused = 0, still_proved = 0;
};

// The old certificate proves no plan that the prover does not prove; and whatever it does, its certificate is accepted.
void look(const Case& made, const Document& changed, const std::string& what, Tally& tally) {
  if (!check_logical(changed)) return;
  ++tally.tried;
  const auto verdict = certify(changed, digest(changed));
  const bool proved = std::holds_alternative<Certified>(verdict);
  const std::string id = id_with(made, changed);
  tally.refused += id.empty() ? 0 : 1;
  if (!proved) {
    EXPECT_TRUE(id.starts_with("CEP-LCHK-"))
        << what << ": accepted, but " << to_string(std::get<NotProved>(verdict).finding);
    return;
  }
  ++tally.still_proved;
  EXPECT_EQ(refusal(changed, std::get<Certified>(verdict).certificate), "") << what;
}

// One operand, one bound slice, one group, one dimension, one delivery changed at a time.
Tally document_campaign(const Case& made, std::size_t stride) {
  Tally tally;
  const Plan& plan = made.document.plan;
  const auto with = [&](const std::string& what, const std::function<void(Plan&)>& change) {
    Document changed = made.document;
    change(changed.plan);
    look(made, changed, what, tally);
  };
  const auto spelled = [](const char* list, std::size_t i) {
    return std::string(list) + "[" + std::to_string(i) + "]";
  };
  for (std::size_t i = 0; i < plan.program.operands.size(); i += stride) {
    const Id old = plan.program.operands[i];
    for (Id other = 0; other < plan.program.tensors.size(); ++other) {
      const Tensor &a = plan.program.tensors[old], &b = plan.program.tensors[other];
      if (other == old || a.shape != b.shape || a.place != b.place || a.element != b.element) continue;
      with(spelled("operands", i) + " = " + std::to_string(other),
           [&](Plan& p) { p.program.operands[i] = other; });
      other += static_cast<Id>(stride);
    }
  }
  for (std::size_t i = 0; i < plan.binds.size(); i += 1 + stride / 4) {
    for (std::size_t d = 0; d < plan.binds[i].box.size(); ++d) {
      for (const int by : {1, -1})
        with(spelled("binds", i), [&](Plan& p) { p.binds[i].box[d].begin.constant += by; });
    }
  }
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    if (plan.groups[i].ranks.size() > 1)
      with(spelled("groups", i), [&](Plan& p) { std::swap(p.groups[i].ranks[0], p.groups[i].ranks[1]); });
  }
  for (std::size_t i = 0; i < plan.program.nodes.size(); i += stride) {
    with(spelled("nodes", i) + ".dim", [&](Plan& p) { p.program.nodes[i].dim ^= 1; });
    with(spelled("nodes", i) + ".operation", [&](Plan& p) {
      p.program.nodes[i].operation =
          (p.program.nodes[i].operation + 1) % static_cast<Id>(p.program.operations.size());
    });
  }
  for (std::size_t i = 0; i < plan.yields.size(); ++i) {
    with(spelled("yields", i) + " left out",
         [&](Plan& p) { p.yields.erase(p.yields.begin() + static_cast<std::ptrdiff_t>(i)); });
    with(spelled("yields", i) + ".part", [&](Plan& p) { p.yields[i].part.constant ^= 1; });
  }
  std::printf("%d changed plans, %d refused with the old certificate, %d still proved\n", tally.tried,
              tally.refused, tally.still_proved);
  return tally;
}

TEST(Mutation, documents_of_small_plans) {
  for (const std::string& text : {kTensorParallel, kTensorParallelPattern, kDataParallel}) {
    const Case made = certified(text);
    EXPECT_GE(document_campaign(made, 1).refused, 5);
  }
}
TEST(Mutation, documents_that_carry_sums) {
  for (const std::string& text : {kCarriedProduct, kCarriedTwice, kCarriedPairs, kCarriedBias, kCarriedTerms,
                                  kCarriedDeep, kTwoAxes, kTwoAxesExchanged, kTwoAxesParts}) {
    const Case made = certified(text);
    EXPECT_GE(document_campaign(made, 1).refused, 3);
  }
}

TEST(Mutation, documents_of_generated_plans) {
  LlamaShape shape = tiny();
  shape.layers = 1;
  for (const Form form : {Form::kExpanded, Form::kPattern}) {
    Partition partition{.dp = 2, .tp = 2, .pp = 1, .micro_batches = 2};
    partition.border = Border::kPieces;
    const Case one = certified(made(shape, partition, form));
    const Tally tally = document_campaign(one, form == Form::kExpanded ? 17 : 5);
    EXPECT_GT(tally.refused, 50);
  }
}

}  // namespace
}  // namespace cep::logical
