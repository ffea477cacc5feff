#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "acp/digest.h"
#include "acp/text.h"
#include "acp/wire.h"
#include "support/acp_documents.h"
#include "support/run_program.h"

namespace acp {
namespace {

using nlohmann::json;

class AcpProgram : public test::ProgramTest {
 protected:
  AcpProgram() { test::write_text(file("class.json"), to_json(test::full_class())); }

  [[nodiscard]] test::Outcome acp(const std::string& arguments) const {
    return run(ACP_PROGRAM " " + arguments);
  }
};

std::string wire_text(const Document& document) {
  const auto bytes = encode(document);
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

TEST_F(AcpProgram, import_and_export_are_inverse) {
  const auto import = acp("import class.json -o class.acp --json");
  ASSERT_EQ(import.exit, 0) << import.err;
  EXPECT_EQ(test::read_text(file("class.acp")), wire_text(test::full_class()));
  EXPECT_EQ(json::parse(import.out)["digest"], to_string(sha256(wire_text(test::full_class()))));
  const auto exported = acp("export class.acp");
  EXPECT_EQ(exported.exit, 0);
  EXPECT_EQ(exported.out, to_json(test::full_class()));
}

TEST_F(AcpProgram, show_says_every_field) {
  const auto text = acp("show class.json");
  EXPECT_EQ(text.exit, 0);
  for (const char* part :
       {"Example E1, stepping A0, version 0.1", "main: 3298534883328 bytes, aligned to 64", "main -> scratch",
        "2 x compute", "rounding nearest_even, subnormals kept, NaN canonical, contraction fma",
        "chain, lanes32", "cep:region version 1 on f32, i32, contract exact", "max_rank 8",
        "max_operand_bytes 18446744073709551615", "urn:example:clock (4 bytes)", "scheduler, operator"}) {
    EXPECT_NE(text.out.find(part), std::string::npos) << part << "\n" << text.out;
  }
  const auto as_json = json::parse(acp("show class.json --json").out);
  EXPECT_EQ(as_json["kind"], "class");
  EXPECT_EQ(as_json["document"], json::parse(to_json(test::full_class())));
}

TEST_F(AcpProgram, validate_ends_with_the_family_of_the_fault) {
  EXPECT_EQ(acp("validate class.json").exit, 0);
  test::write_text(file("broken.json"), "{");
  EXPECT_EQ(acp("validate broken.json").exit, 2);
  Class invalid = test::full_class();
  invalid.ops[0].contract = "other";
  test::write_text(file("invalid.json"), to_json(invalid));
  const auto refused = acp("validate invalid.json --json");
  EXPECT_EQ(refused.exit, 1);
  EXPECT_EQ(json::parse(refused.out)["error"]["requirement"], "ACP-DOC-6");
  EXPECT_EQ(json::parse(refused.out)["error"]["path"], "ops[0].contract");
  test::write_text(file("newer.json"), R"({"acp": 2, "kind": "class"})");
  EXPECT_EQ(acp("validate newer.json").exit, 3);
  EXPECT_EQ(acp("validate nowhere.json").exit, 4);
}

TEST_F(AcpProgram, validate_an_instance_against_its_class) {
  Instance instance = test::full_instance();
  test::write_text(file("stranger.json"), to_json(instance));
  instance.class_digest = sha256(wire_text(test::full_class()));
  test::write_text(file("instance.json"), to_json(instance));
  EXPECT_EQ(acp("validate instance.json --class class.json").exit, 0);
  const auto stranger = acp("validate stranger.json --class class.json --json");
  EXPECT_EQ(stranger.exit, 1);
  EXPECT_EQ(json::parse(stranger.out)["error"]["requirement"], "ACP-DOC-8");
  EXPECT_EQ(acp("validate class.json --class class.json").exit, 2);
}

TEST_F(AcpProgram, sign_and_verify) {
  ASSERT_EQ(acp("keygen vendor").exit, 0);
  ASSERT_EQ(acp("keygen other").exit, 0);
  ASSERT_EQ(acp("sign class.json --key vendor.key -o class.dsse").exit, 0);
  const auto verified = acp("verify class.dsse --trust other.pub --trust vendor.pub -o payload --json");
  EXPECT_EQ(verified.exit, 0) << verified.err;
  EXPECT_EQ(json::parse(verified.out)["signers"].size(), 1U);
  EXPECT_EQ(test::read_text(file("payload")), wire_text(test::full_class()));
  const auto refused = acp("verify class.dsse --trust other.pub --json");
  EXPECT_EQ(refused.exit, 1);
  EXPECT_EQ(json::parse(refused.out)["error"]["requirement"], "ACP-SIG-4");
  EXPECT_EQ(acp("verify class.dsse --trust vendor.pub --type text/plain").exit, 1);

  ASSERT_EQ(acp("sign class.dsse --key other.key -o both.dsse").exit, 0);
  EXPECT_EQ(
      json::parse(acp("verify both.dsse --trust other.pub --trust vendor.pub --json").out)["signers"].size(),
      2U);
  EXPECT_EQ(acp("show both.dsse").exit, 0);

  ASSERT_EQ(acp("sign class.json --type text/plain --key vendor.key -o plain.dsse").exit, 0);
  EXPECT_EQ(acp("verify plain.dsse --type text/plain --trust vendor.pub -o plain").exit, 0);
  EXPECT_EQ(test::read_text(file("plain")), to_json(test::full_class()));
  EXPECT_EQ(acp("show plain.dsse").exit, 1);
}

TEST_F(AcpProgram, a_secret_key_is_private_and_is_not_overwritten) {
  ASSERT_EQ(acp("keygen vendor").exit, 0);
  struct stat status{};
  ASSERT_EQ(stat(file("vendor.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string before = test::read_text(file("vendor.key"));
  EXPECT_EQ(acp("keygen vendor").exit, 4);
  EXPECT_EQ(test::read_text(file("vendor.key")), before);
}

TEST_F(AcpProgram, match) {
  const auto yes = acp("match class.json --op ai.onnx:MatMul --version 13 --dtype f32 --order chain --json");
  EXPECT_EQ(yes.exit, 0) << yes.err;
  EXPECT_EQ(json::parse(yes.out)["contract"], "exact");
  EXPECT_EQ(json::parse(yes.out)["exact"], true);
  const auto inexact = acp("match class.json --op ai.onnx:MatMul --dtype f32 --order blocked_tree --json");
  EXPECT_EQ(inexact.exit, 1);
  EXPECT_EQ(json::parse(inexact.out)["short_of"]["path"], "exact_orders");
  EXPECT_EQ(acp("match class.json --op ai.onnx:MatMul --dtype i64").exit, 3);
}

TEST_F(AcpProgram, probe_the_template_shim) {
  const auto probed = acp("probe '" ACP_TEMPLATE_SHIM "' -o device --json");
  ASSERT_EQ(probed.exit, 0) << probed.err;
  const json devices = json::parse(probed.out)["devices"];
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0]["document"]["kind"], "class");
  EXPECT_EQ(devices[0]["state"]["healthy"], true);
  const auto match = acp("match device.0.acp --op ai.onnx:MatMul --version 13 --dtype f32 --order chain");
  EXPECT_EQ(match.exit, 0) << match.out << match.err;
  EXPECT_EQ(json::parse(acp("show device.0.acp --json").out)["digest"], devices[0]["digest"]);
  EXPECT_EQ(acp("probe no_such_shim").exit, 4);
}

TEST_F(AcpProgram, usage) {
  EXPECT_EQ(acp("").exit, 2);
  EXPECT_EQ(acp("dance").exit, 2);
  EXPECT_EQ(acp("show").exit, 2);
  EXPECT_EQ(acp("show class.json --loud").exit, 2);
  const auto help = acp("--help");
  EXPECT_EQ(help.exit, 0);
  for (const std::string command :
       {"probe", "show", "validate", "match", "export", "import", "keygen", "sign", "verify"}) {
    EXPECT_NE(help.out.find("  " + command), std::string::npos) << command;
    const auto command_help = acp(command + " --help");
    EXPECT_EQ(command_help.exit, 0);
    EXPECT_NE(command_help.out.find("--json"), std::string::npos) << command;
  }
}

}  // namespace
}  // namespace acp
