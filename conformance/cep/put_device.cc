// Documents of devices: read, held against each other, and matched with what a plan wants run.
#include <nlohmann/json.hpp>

#include "acp/match.h"
#include "acp/text.h"
#include "acp/wire.h"
#include "conformance/cep/readers.h"

namespace conformance::documents {
namespace {

using Json = nlohmann::json;

// As text, or as bytes.
acp::Result<acp::Class> read_class(const Files& files) {
  if (files.is_bytes("class")) {
    ACP_TRY(const auto bytes, files.bytes("class"));
    return acp::decode_class(bytes);
  }
  ACP_TRY(const std::string text, files.text("class"));
  return acp::parse_class_json(text);
}

// What is asked of the device: an operator, its version and element types, and the reduction order whose bits are wanted.
struct Query {
  acp::OpQuery op;
  std::string order;
};
acp::Result<Query> query_of(const Files& files) {
  ACP_TRY(const std::string text, files.text("query"));
  const Json json = Json::parse(text, nullptr, false);
  Query query;
  try {
    query.op.op = json.at("op");
    query.op.version = json.at("version");
    query.op.dtypes = json.at("dtypes").get<std::vector<std::string>>();
    query.order = json.at("order");
  } catch (const Json::exception& fault) {
    return acp::malformed("", "query", fault.what());
  }
  return query;
}

acp::Status check_instance(const Files& files, const acp::Class& document) {
  ACP_TRY(const std::string text, files.text("instance"));
  ACP_TRY(const acp::Instance instance, acp::parse_instance_json(text));
  ACP_TRY(const auto bytes, acp::encode(document));
  return acp::check_instance(instance, document, acp::sha256(bytes));
}

acp::Status match(const acp::Class& document, const Query& query) {
  ACP_TRY(const acp::OpMatch found, acp::find_op_support(document, query.op));
  return acp::check_exact(document.contracts[found.contract], query.order);
}

}  // namespace

acp::Result<Answer> put_to_matcher(const Files&, const Files& given) {
  ACP_TRY(const Query query, query_of(given));
  const auto document = read_class(given);
  if (!document) return refused(document.error());
  if (given.has("instance")) {
    if (const acp::Status status = check_instance(given, *document); !status) return refused(status);
  }
  return refused(match(*document, query));
}

}  // namespace conformance::documents
