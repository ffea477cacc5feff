#include "tools/cep/finding.h"

#include <nlohmann/json.hpp>

namespace tools {

Json finding_of(const cep::logical::Finding& finding) {
  Json json = {{"id", finding.id},
               {finding.node == cep::logical::kNone ? "tensor" : "node", finding.source},
               {"message", finding.message}};
  if (finding.reference) json["reference"] = true;
  return json;
}

}  // namespace tools
