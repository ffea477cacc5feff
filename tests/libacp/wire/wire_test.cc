#include <acp_generated.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "acp/wire.h"
#include "support/acp_documents.h"

namespace acp {
namespace {

using Bytes = std::vector<std::byte>;
using Builder = flatbuffers::FlatBufferBuilder;

Bytes encoded(const Document& document) {
  auto bytes = encode(document);
  if (!bytes) {
    ADD_FAILURE() << to_string(bytes.error());
    return {};
  }
  return std::move(*bytes);
}

// What flatc's own verifier makes of the bytes: an implementation that is not ours.
const fbs::Document* flatc_reads(const Bytes& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return fbs::VerifyDocumentBuffer(verifier) ? fbs::GetDocument(bytes.data()) : nullptr;
}

TEST(Wire, generated_accessors_read_what_we_wrote) {
  const Bytes bytes = encoded(test::full_class());
  const fbs::Document* document = flatc_reads(bytes);
  ASSERT_NE(document, nullptr);
  EXPECT_EQ(document->version(), 1U);
  EXPECT_EQ(document->instance_body(), nullptr);
  const fbs::Class& body = *document->class_body();
  EXPECT_EQ(body.identity()->stepping()->str(), "A0");
  EXPECT_EQ(body.memories()->Get(0)->size_bytes(), std::uint64_t{3} << 40);
  EXPECT_EQ(body.memories()->Get(1)->alignment_bytes(), 4096U);
  EXPECT_EQ(body.links()->Get(1)->to()->str(), "scratch");
  EXPECT_EQ(body.queues()->Get(0)->count(), 2U);
  EXPECT_EQ(body.contracts()->Get(0)->rounding(), fbs::Rounding::NEAREST_EVEN);
  EXPECT_EQ(body.contracts()->Get(0)->contraction(), fbs::Contraction::FMA);
  EXPECT_EQ(body.contracts()->Get(0)->exact_orders()->Get(1)->str(), "lanes32");
  EXPECT_EQ(body.ops()->Get(0)->dtypes()->Get(1)->str(), "i32");
  EXPECT_EQ(body.limits()->max_rank(), 8U);
  EXPECT_EQ(body.limits()->max_region_nodes(), flatbuffers::Optional<std::uint32_t>(0));  // present and zero
  EXPECT_EQ(body.extensions()->Get(0)->critical_for()->Get(0), fbs::Role::SCHEDULER);
  EXPECT_EQ(body.extensions()->Get(0)->payload()->size(), 4U);

  const Bytes instance = encoded(test::full_instance());
  ASSERT_NE(flatc_reads(instance), nullptr);
  const auto& digest = *flatc_reads(instance)->instance_body()->class_digest();
  const Digest expected = sha256("some class");
  EXPECT_TRUE(std::equal(digest.begin(), digest.end(), expected.bytes.begin(), expected.bytes.end()));
}

RC_GTEST_PROP(Wire, round_trip, ()) {
  const Document document = test::random_document();
  const auto bytes = encode(document);
  RC_ASSERT(bytes.has_value());
  RC_ASSERT(flatc_reads(*bytes) != nullptr);
  const auto back = decode(*bytes);
  if (!back) RC_FAIL(to_string(back.error()));
  RC_ASSERT(*back == document);
  RC_ASSERT(*encode(*back) == *bytes);
}

// Whatever one byte becomes: refused, or another content whose canonical bytes these are.
void expect_no_second_encoding(const Document& document) {
  Bytes bytes = encoded(document);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::byte original = bytes[i];
    for (int delta = 1; delta < 256; ++delta) {
      bytes[i] = static_cast<std::byte>(std::to_integer<int>(original) + delta);
      const auto read = decode(bytes);
      if (!read) continue;
      EXPECT_NE(*read, document) << "byte " << i;
      const auto again = encode(*read);
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, bytes) << "byte " << i;
    }
    bytes[i] = original;
  }
}

TEST(Wire, every_single_byte_change_is_refused_or_is_another_content) {
  Class small;
  small.identity = {"v", "p", "", ""};
  small.memories = {{"m", 64, 8}};
  expect_no_second_encoding(small);
  expect_no_second_encoding(test::full_instance());
}

void expect_refused(const Bytes& bytes, Family family, std::string_view requirement, std::string_view why) {
  const auto document = decode(bytes);
  ASSERT_FALSE(document) << why;
  EXPECT_EQ(document.error().requirement, requirement) << why << ": " << to_string(document.error());
  EXPECT_EQ(document.error().family, family) << why;
}

// The bytes of a Document that someone else's writer made.
Bytes finished(Builder& builder, flatbuffers::Offset<fbs::Document> root) {
  fbs::FinishDocumentBuffer(builder, root);
  const auto* first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {first, first + builder.GetSize()};
}

TEST(Reject, ACP_WIRE_1_over_one_mib) {
  Bytes bytes(kMaxDocumentBytes + 1);
  const Bytes head = encoded(test::full_class());
  std::copy(head.begin(), head.end(), bytes.begin());
  expect_refused(bytes, Family::kLimit, "ACP-WIRE-1", "padded");
  bytes.pop_back();
  expect_refused(bytes, Family::kMalformed, "ACP-WIRE-7", "the limit itself is not over the limit");

  Class large = test::full_class();
  for (int i = 0; i < 17; ++i) large.extensions.push_back({"urn:n:" + std::to_string(i), {}, Bytes(65536)});
  const auto encoding = encode(large);
  ASSERT_FALSE(encoding);
  EXPECT_EQ(encoding.error().requirement, "ACP-WIRE-1");
}

TEST(Reject, ACP_WIRE_2_not_an_acp_document) {
  expect_refused({}, Family::kMalformed, "ACP-WIRE-2", "empty");
  expect_refused(test::bytes_of("{\"acp\": 1}"), Family::kMalformed, "ACP-WIRE-2", "JSON");
  Bytes renamed = encoded(test::full_class());
  renamed[7] = std::byte{'2'};
  expect_refused(renamed, Family::kMalformed, "ACP-WIRE-2", "another file identifier");

  Builder none;
  expect_refused(finished(none, fbs::CreateDocument(none, 1)), Family::kMalformed, "ACP-WIRE-2", "no body");
  Builder both;
  const auto class_body = fbs::CreateClass(both);
  const auto instance_body = fbs::CreateInstance(both);
  expect_refused(finished(both, fbs::CreateDocument(both, 1, class_body, instance_body)), Family::kMalformed,
                 "ACP-WIRE-2", "two bodies");
  Builder unversioned;
  const auto body = fbs::CreateClass(unversioned);
  expect_refused(finished(unversioned, fbs::CreateDocument(unversioned, 0, body)), Family::kMalformed,
                 "ACP-WIRE-2", "no version");
  EXPECT_EQ(decode_class(encoded(test::full_instance())).error().requirement, "ACP-WIRE-2");
  EXPECT_EQ(decode_instance(encoded(test::full_class())).error().requirement, "ACP-WIRE-2");
}

TEST(Reject, ACP_WIRE_3_position_outside_the_bytes) {
  const Bytes whole = encoded(test::full_class());
  for (std::size_t size = 8; size < whole.size(); ++size) {
    const auto document = decode(std::span(whole).first(size));
    ASSERT_FALSE(document) << size;
    EXPECT_TRUE(document.error().requirement == "ACP-WIRE-3" || document.error().requirement == "ACP-WIRE-4")
        << size << ": " << to_string(document.error());
  }
  Bytes root_outside = whole;
  root_outside[3] = std::byte{0x7f};
  expect_refused(root_outside, Family::kMalformed, "ACP-WIRE-3", "root past the end");

  Builder builder;
  const std::uint8_t short_digest[31] = {1};
  const auto digest = builder.CreateVector(short_digest, 31);
  const auto body = fbs::CreateInstance(builder, digest);
  expect_refused(finished(builder, fbs::CreateDocument(builder, 1, 0, body)), Family::kMalformed,
                 "ACP-WIRE-3", "a digest of 31 bytes");
}

TEST(Reject, ACP_WIRE_4_one_table_reached_many_times) {
  Builder builder;
  const auto name = builder.CreateString("urn:x:y");
  const auto payload = builder.CreateVector(std::vector<std::uint8_t>(60'000, 7));
  const auto extension = fbs::CreateExtension(builder, name, 0, payload);
  const auto extensions =
      builder.CreateVector(std::vector<flatbuffers::Offset<fbs::Extension>>(200'000, extension));
  const auto body = fbs::CreateClass(builder, 0, 0, 0, 0, 0, 0, 0, extensions);
  const Bytes bytes = finished(builder, fbs::CreateDocument(builder, 1, body));
  ASSERT_NE(flatc_reads(bytes), nullptr) << "the attack passes the stock verifier";
  expect_refused(bytes, Family::kMalformed, "ACP-WIRE-4", "200,000 references to a table of 60,000 bytes");
}

TEST(Reject, ACP_WIRE_5_unknown_enum_number) {
  Builder builder;
  const auto id = builder.CreateString("c");
  const auto contract = fbs::CreateNumericContract(builder, id, static_cast<fbs::Rounding>(4));
  const auto contracts = builder.CreateVector(&contract, 1);
  const auto body = fbs::CreateClass(builder, 0, 0, 0, 0, contracts);
  const Bytes bytes = finished(builder, fbs::CreateDocument(builder, 1, body));
  const auto document = decode(bytes);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().requirement, "ACP-WIRE-5");
  EXPECT_EQ(document.error().family, Family::kUnsupported);
  EXPECT_EQ(document.error().path, "contracts[0].rounding");
}

TEST(Reject, ACP_WIRE_6_newer_schema) {
  for (const std::uint32_t version : {2U, 0xffffffffU}) {
    Builder builder;
    const auto body = fbs::CreateClass(builder);
    expect_refused(finished(builder, fbs::CreateDocument(builder, version, body)), Family::kUnsupported,
                   "ACP-WIRE-6", "newer");
  }
}

TEST(Reject, ACP_WIRE_7_second_encoding_of_one_content) {
  Class small;
  small.identity = {"v", "p", "", ""};
  const Bytes canonical = encoded(small);
  Bytes trailing = canonical;
  trailing.push_back(std::byte{0});
  expect_refused(trailing, Family::kMalformed, "ACP-WIRE-7", "trailing byte");

  const std::pair<std::string_view, std::function<flatbuffers::Offset<fbs::Class>(Builder&)>> writers[] = {
      {"strings in another order",
       [](Builder& b) {
         const auto product = b.CreateString("p");
         const auto vendor = b.CreateString("v");
         return fbs::CreateClass(b, fbs::CreateIdentity(b, vendor, product));
       }},
      {"an empty string that is present",
       [](Builder& b) {
         const auto vendor = b.CreateString("v");
         const auto product = b.CreateString("p");
         return fbs::CreateClass(b, fbs::CreateIdentity(b, vendor, product, b.CreateString("")));
       }},
      {"an empty table that is present",
       [](Builder& b) {
         const auto vendor = b.CreateString("v");
         const auto product = b.CreateString("p");
         const auto identity = fbs::CreateIdentity(b, vendor, product);
         return fbs::CreateClass(b, identity, 0, 0, 0, 0, 0, fbs::CreateLimits(b));
       }},
      {"bytes that nothing refers to",
       [](Builder& b) {
         b.CreateString("hidden");
         const auto vendor = b.CreateString("v");
         const auto product = b.CreateString("p");
         return fbs::CreateClass(b, fbs::CreateIdentity(b, vendor, product));
       }},
      {"a table written field by field in descending id order",
       [](Builder& b) {
         const auto vendor = b.CreateString("v");
         const auto product = b.CreateString("p");
         fbs::IdentityBuilder identity(b);
         identity.add_product(product);
         identity.add_vendor(vendor);
         return fbs::CreateClass(b, identity.Finish());
       }},
  };
  for (const auto& [what, write] : writers) {
    Builder builder;
    const auto body = write(builder);
    const Bytes bytes = finished(builder, fbs::CreateDocument(builder, 1, body));
    ASSERT_NE(flatc_reads(bytes), nullptr) << what;
    expect_refused(bytes, Family::kMalformed, "ACP-WIRE-7", what);
  }

  // A string shared by two fields: smaller than the canonical bytes, and the stock verifier takes it.
  Builder builder;
  const auto shared = builder.CreateString("same");
  const auto body = fbs::CreateClass(builder, fbs::CreateIdentity(builder, shared, shared));
  const Bytes bytes = finished(builder, fbs::CreateDocument(builder, 1, body));
  ASSERT_NE(flatc_reads(bytes), nullptr);
  expect_refused(bytes, Family::kMalformed, "ACP-WIRE-7", "shared string");
}

TEST(Reject, ACP_DOC_3_also_in_the_wire_form) {
  Builder builder;
  const auto body = fbs::CreateClass(builder);
  expect_refused(finished(builder, fbs::CreateDocument(builder, 1, body)), Family::kInvalid, "ACP-DOC-3",
                 "an empty Class");
  Class document = test::full_class();
  document.ops[0].version = 0;
  EXPECT_EQ(encode(document).error().requirement, "ACP-DOC-3");
}

}  // namespace
}  // namespace acp
