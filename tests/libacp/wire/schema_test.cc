// Holds the field lists of libacp and schemas/acp.fbs together, by the schema's own reflection data.
#include <flatbuffers/reflection_generated.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "document/fields.h"

namespace acp {
namespace {

std::string read_schema() {
  std::ifstream file(ACP_BFBS_FILE, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
constexpr const char* kTable = nullptr;
template <>
constexpr const char* kTable<Extension> = "acp.fbs.Extension";
template <>
constexpr const char* kTable<Identity> = "acp.fbs.Identity";
template <>
constexpr const char* kTable<MemorySpace> = "acp.fbs.MemorySpace";
template <>
constexpr const char* kTable<Link> = "acp.fbs.Link";
template <>
constexpr const char* kTable<QueueGroup> = "acp.fbs.QueueGroup";
template <>
constexpr const char* kTable<NumericContract> = "acp.fbs.NumericContract";
template <>
constexpr const char* kTable<OpSupport> = "acp.fbs.OpSupport";
template <>
constexpr const char* kTable<Limits> = "acp.fbs.Limits";
template <>
constexpr const char* kTable<Class> = "acp.fbs.Class";
template <>
constexpr const char* kTable<Instance> = "acp.fbs.Instance";

template <typename E>
constexpr const char* kEnum = nullptr;
template <>
constexpr const char* kEnum<Role> = "acp.fbs.Role";
template <>
constexpr const char* kEnum<Rounding> = "acp.fbs.Rounding";
template <>
constexpr const char* kEnum<Subnormals> = "acp.fbs.Subnormals";
template <>
constexpr const char* kEnum<Nan> = "acp.fbs.Nan";
template <>
constexpr const char* kEnum<Contraction> = "acp.fbs.Contraction";

class SchemaCheck {
 public:
  explicit SchemaCheck(const reflection::Schema& schema) : schema_(schema) {}

  template <Record T>
  void table() {
    if (!fields_of_.emplace(kTable<T>, 0).second) return;
    const reflection::Object* object = schema_.objects()->LookupByKey(kTable<T>);
    ASSERT_NE(object, nullptr) << kTable<T>;
    const reflection::Object* outer = std::exchange(object_, object);
    T record{};
    visit_fields(*this, record);
    EXPECT_EQ(static_cast<int>(object->fields()->size()), fields_of_[kTable<T>]) << kTable<T>;
    object_ = outer;
  }

  template <typename T>
  void operator()(int number, std::string_view name, T& member) {
    ++fields_of_[object_->name()->str()];
    const reflection::Field* field = object_->fields()->LookupByKey(std::string(name).c_str());
    ASSERT_NE(field, nullptr) << name;
    EXPECT_EQ(field->id(), number) << name;
    EXPECT_EQ(field->default_integer(), 0) << name;
    EXPECT_EQ(field->default_real(), 0.0) << name;
    has_type(*field, member);
  }

  [[nodiscard]] std::size_t tables() const { return fields_of_.size(); }

 private:
  using Base = reflection::BaseType;

  static Base base(const reflection::Field& field) { return field.type()->base_type(); }
  static Base element(const reflection::Field& field) {
    EXPECT_EQ(base(field), Base::Vector);
    return field.type()->element();
  }

  template <typename E>
  void has_words(const reflection::Field& field) {
    const reflection::Enum* words = schema_.enums()->LookupByKey(kEnum<E>);
    ASSERT_NE(words, nullptr) << kEnum<E>;
    EXPECT_EQ(schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(field.type()->index())), words);
    ASSERT_EQ(words->values()->size(), Words<E>::kWords.size()) << kEnum<E>;
    for (flatbuffers::uoffset_t i = 0; i < words->values()->size(); ++i) {
      std::string name = words->values()->Get(i)->name()->str();
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c == '_' ? c : static_cast<char>(c | 0x20); });
      EXPECT_EQ(words->values()->Get(i)->value(), i);
      EXPECT_EQ(name, Words<E>::kWords.at(i));
    }
  }

  void has_type(const reflection::Field& field, std::string&) { EXPECT_EQ(base(field), Base::String); }
  void has_type(const reflection::Field& field, Digest&) { EXPECT_EQ(element(field), Base::UByte); }
  void has_type(const reflection::Field& field, std::uint32_t&) { EXPECT_EQ(base(field), Base::UInt); }
  void has_type(const reflection::Field& field, std::uint64_t&) { EXPECT_EQ(base(field), Base::ULong); }
  template <Number T>
  void has_type(const reflection::Field& field, std::optional<T>& member) {
    EXPECT_TRUE(field.optional());
    has_type(field, member.emplace());
  }
  template <Enumeration E>
  void has_type(const reflection::Field& field, E&) {
    EXPECT_EQ(base(field), Base::UByte);
    has_words<E>(field);
  }
  template <Record T>
  void has_type(const reflection::Field& field, T&) {
    EXPECT_EQ(base(field), Base::Obj);
    EXPECT_STREQ(table_name(field), kTable<T>);
    table<T>();
  }
  void has_type(const reflection::Field& field, std::vector<std::byte>&) {
    EXPECT_EQ(element(field), Base::UByte);
  }
  void has_type(const reflection::Field& field, std::vector<std::string>&) {
    EXPECT_EQ(element(field), Base::String);
  }
  template <Enumeration E>
  void has_type(const reflection::Field& field, std::vector<E>&) {
    EXPECT_EQ(element(field), Base::UByte);
    has_words<E>(field);
  }
  template <Record T>
  void has_type(const reflection::Field& field, std::vector<T>&) {
    EXPECT_EQ(element(field), Base::Obj);
    EXPECT_STREQ(table_name(field), kTable<T>);
    table<T>();
  }
  const char* table_name(const reflection::Field& field) const {
    return schema_.objects()
        ->Get(static_cast<flatbuffers::uoffset_t>(field.type()->index()))
        ->name()
        ->c_str();
  }

  const reflection::Schema& schema_;
  const reflection::Object* object_ = nullptr;
  std::map<std::string, int> fields_of_;
};

TEST(Schema, every_field_has_the_same_id_name_and_type_in_both) {
  const std::string bytes = read_schema();
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ASSERT_TRUE(reflection::VerifySchemaBuffer(verifier));
  const reflection::Schema& schema = *reflection::GetSchema(bytes.data());
  EXPECT_EQ(schema.file_ident()->str(), "ACP1");
  SchemaCheck check(schema);
  check.table<Class>();
  check.table<Instance>();
  EXPECT_EQ(check.tables() + 1, schema.objects()->size())
      << "a table of the schema that libacp does not know";
  EXPECT_EQ(schema.enums()->size(), 5U);
}

}  // namespace
}  // namespace acp
