#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "acp/document.h"
#include "document/fields.h"
#include "support/acp_documents.h"

namespace acp {
namespace {

using test::full_class;
using test::full_instance;

// Every field of the full examples is set, so that tests which use them see every field. Fails when a field
// is added to the lists but not to the examples.
struct AllSet {
  template <typename T>
  void operator()(int /*number*/, std::string_view name, const T& member) {
    EXPECT_NE(member, T{}) << name;
    recurse(member);
  }
  template <Record T>
  void recurse(const T& record) {
    visit_fields(*this, record);
  }
  template <Record T>
  void recurse(const std::vector<T>& list) {
    for (const T& x : list) visit_fields(*this, x);
  }
  template <typename T>
  void recurse(const T& /*leaf*/) {}
};

TEST(Document, the_examples_set_every_field_and_are_accepted) {
  AllSet visit;
  const Class example = full_class();
  const Instance instance = full_instance();
  visit_fields(visit, example);
  visit_fields(visit, instance);
  EXPECT_TRUE(check(example));
  EXPECT_TRUE(check(instance));
}

// One change to an accepted document, and the refusal it must meet.
template <typename T>
struct Change {
  std::string_view path;
  std::function<void(T&)> change;
};

template <typename T>
void expect_refused(const T& accepted, std::string_view requirement, const std::vector<Change<T>>& changes) {
  ASSERT_TRUE(check(accepted));
  for (const auto& [path, change] : changes) {
    T document = accepted;
    change(document);
    const Status status = check(document);
    ASSERT_FALSE(status) << path;
    EXPECT_EQ(status.error().requirement, requirement) << to_string(status.error());
    EXPECT_EQ(status.error().path, path) << to_string(status.error());
  }
}

TEST(Reject, ACP_DOC_1_text_outside_printable_ascii) {
  expect_refused<Class>(
      full_class(), "ACP-DOC-1",
      {
          {"identity.vendor", [](Class& x) { x.identity.vendor = "caf\xc3\xa9"; }},
          {"identity.version", [](Class& x) { x.identity.version = std::string(1, '\0'); }},
          {"identity.product", [](Class& x) { x.identity.product = std::string(256, 'a'); }},
          {"ops[0].dtypes[1]", [](Class& x) { x.ops[0].dtypes[1] = "f32\n"; }},
          {"extensions[0].name", [](Class& x) { x.extensions[0].name = "urn:\x7f"; }},
      });
  Class longest = full_class();
  longest.identity.product = std::string(255, '~');
  EXPECT_TRUE(check(longest));
}

TEST(Reject, ACP_DOC_2_lists_and_payloads_over_the_limit) {
  expect_refused<Class>(
      full_class(), "ACP-DOC-2",
      {
          {"extensions[0].payload", [](Class& x) { x.extensions[0].payload.resize(65537); }},
          {"memories", [](Class& x) { x.memories.resize(4097); }},
          {"contracts[0].exact_orders", [](Class& x) { x.contracts[0].exact_orders.resize(4097); }},
      });
  Class largest = full_class();
  largest.extensions[0].payload.resize(65536);
  EXPECT_TRUE(check(largest));
}

TEST(Reject, ACP_DOC_3_required_field_absent) {
  expect_refused<Class>(full_class(), "ACP-DOC-3",
                        {
                            {"identity.vendor", [](Class& x) { x.identity.vendor.clear(); }},
                            {"identity.product", [](Class& x) { x.identity.product.clear(); }},
                            {"memories[1].name", [](Class& x) { x.memories[1].name.clear(); }},
                            {"memories[1].size_bytes", [](Class& x) { x.memories[1].size_bytes = 0; }},
                            {"links[0].from", [](Class& x) { x.links[0].from.clear(); }},
                            {"links[1].to", [](Class& x) { x.links[1].to.clear(); }},
                            {"queues[0].name", [](Class& x) { x.queues[0].name.clear(); }},
                            {"queues[0].count", [](Class& x) { x.queues[0].count = 0; }},
                            {"contracts[0].id", [](Class& x) { x.contracts[0].id.clear(); }},
                            {"ops[0].op", [](Class& x) { x.ops[0].op.clear(); }},
                            {"ops[0].version", [](Class& x) { x.ops[0].version = 0; }},
                            {"ops[0].dtypes", [](Class& x) { x.ops[0].dtypes.clear(); }},
                            {"ops[0].contract", [](Class& x) { x.ops[0].contract.clear(); }},
                            {"extensions[0].name", [](Class& x) { x.extensions[0].name.clear(); }},
                            {"extensions[0].critical_for[1]",
                             [](Class& x) { x.extensions[0].critical_for[1] = Role::kUnknown; }},
                        });
  expect_refused<Instance>(full_instance(), "ACP-DOC-3",
                           {
                               {"class_digest", [](Instance& x) { x.class_digest = {}; }},
                               {"serial", [](Instance& x) { x.serial.clear(); }},
                               {"links[0].to", [](Instance& x) { x.links[0].to.clear(); }},
                           });
}

TEST(Reject, ACP_DOC_4_alignment_not_a_power_of_two) {
  expect_refused<Class>(
      full_class(), "ACP-DOC-4",
      {
          {"memories[0].alignment_bytes", [](Class& x) { x.memories[0].alignment_bytes = 0; }},
          {"memories[1].alignment_bytes", [](Class& x) { x.memories[1].alignment_bytes = 48; }},
      });
}

TEST(Reject, ACP_DOC_5_given_twice) {
  expect_refused<Class>(
      full_class(), "ACP-DOC-5",
      {
          {"memories[1]", [](Class& x) { x.memories[1].name = "main"; }},
          {"memories[0].name", [](Class& x) { x.memories[0].name = "host"; }},
          {"links[1]", [](Class& x) { x.links[1] = x.links[0]; }},
          {"queues[1]", [](Class& x) { x.queues.push_back({"compute", 1}); }},
          {"contracts[1]", [](Class& x) { x.contracts.push_back(x.contracts[0]); }},
          {"contracts[0].exact_orders[2]", [](Class& x) { x.contracts[0].exact_orders.push_back("chain"); }},
          {"ops[1]", [](Class& x) { x.ops.push_back({"cep:region", 1, {"i64"}, "exact", {}}); }},
          {"ops[0].dtypes[1]", [](Class& x) { x.ops[0].dtypes[1] = "f32"; }},
          {"extensions[0].critical_for[1]",
           [](Class& x) { x.extensions[0].critical_for[1] = Role::kScheduler; }},
          {"extensions[1]", [](Class& x) { x.extensions.push_back({"urn:example:clock", {}, {}}); }},
      });
}

TEST(Reject, ACP_DOC_6_reference_to_nothing) {
  expect_refused<Class>(full_class(), "ACP-DOC-6",
                        {
                            {"links[0].from", [](Class& x) { x.links[0].from = "flash"; }},
                            {"links[1].to", [](Class& x) { x.links[1].to = "flash"; }},
                            {"links[1]", [](Class& x) { x.links[1].to = "main"; }},
                            {"ops[0].contract", [](Class& x) { x.ops[0].contract = "inexact"; }},
                        });
  expect_refused<Instance>(full_instance(), "ACP-DOC-6",
                           {{"links[0]", [](Instance& x) { x.links[0].to = "host"; }}});
}

TEST(Reject, ACP_DOC_7_name_without_owner) {
  expect_refused<Class>(
      full_class(), "ACP-DOC-7",
      {
          {"ops[0].op", [](Class& x) { x.ops[0].op = "MatMul"; }},
          {"ops[0].op", [](Class& x) { x.ops[0].op = ":MatMul"; }},
          {"ops[0].dtypes[0]", [](Class& x) { x.ops[0].dtypes[0] = "F32"; }},
          {"ops[0].dtypes[0]", [](Class& x) { x.ops[0].dtypes[0] = ""; }},
          {"contracts[0].exact_orders[0]", [](Class& x) { x.contracts[0].exact_orders[0] = "a chain"; }},
          {"extensions[0].name", [](Class& x) { x.extensions[0].name = "clock"; }},
          {"extensions[0].name", [](Class& x) { x.extensions[0].name = "urn:"; }},
          {"extensions[0].name", [](Class& x) { x.extensions[0].name = "1:2"; }},
      });
}

TEST(Reject, ACP_DOC_8_instance_of_another_class) {
  const Class parent = full_class();
  const Instance instance = full_instance();
  ASSERT_TRUE(check_instance(instance, parent, instance.class_digest));
  const Status other = check_instance(instance, parent, sha256("another class"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().requirement, "ACP-DOC-8");
  EXPECT_EQ(other.error().path, "class_digest");

  Instance rewired = instance;
  rewired.links = {{"host", "main"}, {"host", "scratch"}};
  const Status link = check_instance(rewired, parent, instance.class_digest);
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().requirement, "ACP-DOC-8");
  EXPECT_EQ(link.error().path, "links[1]");
}

RC_GTEST_PROP(Document, random_documents_are_accepted, ()) {
  const Status status = check(test::random_document());
  if (!status) RC_FAIL(to_string(status.error()));
}

}  // namespace
}  // namespace acp
