// acp: reads, checks, converts, signs and matches ACP documents.
#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "acp/envelope.h"
#include "acp/host.h"
#include "acp/match.h"
#include "acp/text.h"
#include "acp/wire.h"
#include "tools/acp/show.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"
#include "tools/documents/input.h"

namespace tools {
namespace {

using Run = std::function<Exit()>;

struct Common {
  std::function<Format()> format;
  std::string file;
};

template <typename Options>
std::shared_ptr<Options> options_for(CLI::App& command, const char* file_name, const char* what) {
  auto options = std::make_shared<Options>();
  options->format = add_format(command);
  command.add_option(file_name, options->file, what)->required();
  return options;
}

std::string digest_of(const Input& input) { return acp::to_string(acp::sha256(input.wire)); }

Json summary(const Input& input) {
  return {{"kind", kind_of(input.document)}, {"form", input.form}, {"digest", digest_of(input)}};
}

acp::Result<Exit> run_show(const Common& options) {
  ACP_TRY(const Input input, read_input(options.file));
  Json json = summary(input);
  json["document"] = Json::parse(acp::to_json(input.document));
  print(options.format(), show(input.document) + fmt::format("digest     {}\n", digest_of(input)), json);
  return Exit::kYes;
}

Run add_show(CLI::App& command) {
  return refusing(options_for<Common>(command, "FILE", "a document"), run_show);
}

struct ValidateOptions : Common {
  std::string class_file;
};

acp::Result<Exit> run_validate(const ValidateOptions& options) {
  ACP_TRY(const Input input, read_input(options.file));
  if (!options.class_file.empty()) {
    ACP_TRY(const Input parent, read_input(options.class_file));
    const auto* instance = std::get_if<acp::Instance>(&input.document);
    const auto* parent_class = std::get_if<acp::Class>(&parent.document);
    if (instance == nullptr || parent_class == nullptr) {
      return acp::malformed("ACP-DOC-8", "", "--class wants an Instance as FILE and its Class");
    }
    ACP_CHECK(acp::check_instance(*instance, *parent_class, acp::sha256(parent.wire)));
  }
  Json json = summary(input);
  json["valid"] = true;
  print(options.format(), fmt::format("valid {} {}\n", kind_of(input.document), digest_of(input)), json);
  return Exit::kYes;
}

Run add_validate(CLI::App& command) {
  auto options = options_for<ValidateOptions>(command, "FILE", "a document");
  command.add_option("--class", options->class_file, "the Class that the Instance in FILE is to be one of");
  return refusing(options, run_validate);
}

struct ConvertOptions : Common {
  std::string output = "-";
};

acp::Result<Exit> run_export(const ConvertOptions& options) {
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.output}}));
  ACP_TRY(const Input input, read_input(options.file));
  ACP_CHECK(write_file(options.output, bytes_of(acp::to_json(input.document))));
  return Exit::kYes;
}

Run add_export(CLI::App& command) {
  auto options = options_for<ConvertOptions>(command, "FILE", "a document");
  command.add_option("-o,--output", options->output, "where the JSON goes (default: stdout)");
  return refusing(options, run_export);
}

acp::Result<Exit> run_import(const ConvertOptions& options) {
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.output}}));
  ACP_TRY(const Input input, read_input(options.file));
  ACP_CHECK(write_file(options.output, input.wire));
  Json json = summary(input);
  json["output"] = options.output;
  print(options.format(), fmt::format("{} {}\n", options.output, digest_of(input)), json);
  return Exit::kYes;
}

Run add_import(CLI::App& command) {
  auto options = options_for<ConvertOptions>(command, "FILE", "a document as JSON");
  command.add_option("-o,--output", options->output, "where the FlatBuffers bytes go")->required();
  return refusing(options, run_import);
}

acp::Result<Exit> run_keygen(const Common& options) {
  namespace fs = std::filesystem;
  if (fs::path(options.file).filename().empty())
    return acp::environment(options.file, "names a folder; a name for the key is wanted");
  ACP_TRY(const acp::SecretKey key, acp::generate_key());
  const acp::PublicKey public_key = acp::public_key_of(key);
  ACP_CHECK(write_file(options.file + ".key", bytes_of(acp::secret_text(key) + "\n"), Access::kOwnerOnly));
  if (auto status = write_file(options.file + ".pub", bytes_of(acp::to_string(public_key) + "\n")); !status) {
    // Half a pair is none; the next try would find it in its way.
    std::error_code ignored;
    fs::remove(options.file + ".key", ignored);
    return std::move(status).error();
  }
  print(options.format(), fmt::format("{0}.key {0}.pub keyid {1}\n", options.file, acp::key_id(public_key)),
        {{"secret", options.file + ".key"},
         {"public", options.file + ".pub"},
         {"keyid", acp::key_id(public_key)}});
  return Exit::kYes;
}

Run add_keygen(CLI::App& command) {
  return refusing(
      options_for<Common>(command, "NAME", "writes NAME.key (secret, not overwritten) and NAME.pub"),
      run_keygen);
}

struct SignOptions : Common {
  std::string key;
  std::string type{acp::kDocumentPayloadType};
  std::string output = "-";
};

// An envelope gets one more signature; a document is signed in its wire form; with --type, any bytes are signed as they are.
acp::Result<acp::Envelope> signed_by(const SignOptions& options, const acp::SecretKey& key) {
  ACP_TRY(auto bytes, read_file(options.file));
  if (auto envelope = acp::parse_envelope(text_of(bytes));
      envelope && envelope->payload_type == options.type) {
    // The envelope with one more signature may stand where it stood.
    acp::add_signature(*envelope, key);
    return envelope;
  }
  ACP_CHECK(check_outputs({{"FILE", options.file}}, {{"--output", options.output}}));
  if (options.type != acp::kDocumentPayloadType) return acp::sign(options.type, std::move(bytes), key);
  ACP_TRY(Input input, input_in(std::move(bytes)));
  return acp::sign(options.type, std::move(input.wire), key);
}

acp::Result<Exit> run_sign(const SignOptions& options) {
  ACP_CHECK(check_outputs({{"--key", options.key}}, {{"--output", options.output}}));
  ACP_TRY(const acp::SecretKey key, read_secret_key(options.key));
  ACP_TRY(const acp::Envelope envelope, signed_by(options, key));
  ACP_CHECK(write_file(options.output, bytes_of(acp::to_json(envelope))));
  return Exit::kYes;
}

Run add_sign(CLI::App& command) {
  auto options =
      options_for<SignOptions>(command, "FILE", "a document, or an envelope that gets one more signature");
  command.add_option("--key", options->key, "the signer's NAME.key")->required();
  command.add_option("--type", options->type,
                     "payload type; other than the default: FILE is signed byte for byte");
  command.add_option("-o,--output", options->output, "where the envelope goes (default: stdout)");
  return refusing(options, run_sign);
}

struct VerifyOptions : Common {
  std::vector<std::string> trust;
  std::string type{acp::kDocumentPayloadType};
  std::string output;
};

acp::Result<Exit> run_verify(const VerifyOptions& options) {
  std::vector<FileOf> read = {{"ENVELOPE", options.file}};
  read.reserve(1 + options.trust.size());
  for (const std::string& path : options.trust) read.push_back({"--trust", path});
  ACP_CHECK(check_outputs(read, {{"--output", options.output}}));
  std::vector<acp::PublicKey> trusted;
  for (const std::string& path : options.trust) {
    ACP_TRY(trusted.emplace_back(), read_public_key(path));
  }
  ACP_TRY(const auto text, read_file(options.file));
  ACP_TRY(const acp::Envelope envelope, acp::parse_envelope(text_of(text)));
  ACP_TRY(const auto signers, acp::verify(envelope, options.type, trusted));
  if (options.type == acp::kDocumentPayloadType) {
    ACP_TRY([[maybe_unused]] const auto document, acp::decode(envelope.payload));
  }
  if (!options.output.empty()) ACP_CHECK(write_file(options.output, envelope.payload));
  const std::string digest = acp::to_string(acp::sha256(envelope.payload));
  Json json = {{"verified", true}, {"payload_digest", digest}, {"signers", Json::array()}};
  std::string lines = fmt::format("verified {}\n", digest);
  for (const acp::PublicKey& signer : signers) {
    json["signers"].push_back(acp::key_id(signer));
    lines += fmt::format("signed by {}\n", acp::key_id(signer));
  }
  print(options.format(), lines, json);
  return Exit::kYes;
}

Run add_verify(CLI::App& command) {
  auto options = options_for<VerifyOptions>(command, "ENVELOPE", "a signed document");
  command.add_option("--trust", options->trust, "public keys (NAME.pub) whose signature is wanted")
      ->required();
  command.add_option("--type", options->type, "the payload type that is expected");
  command.add_option("-o,--output", options->output, "where the verified payload goes");
  return refusing(options, run_verify);
}

struct MatchOptions : Common {
  acp::OpQuery query{.op = {}, .version = 1, .dtypes = {}, .known_extensions = {}};
  std::string order;
};

acp::Result<Exit> run_match(const MatchOptions& options) {
  ACP_TRY(const Input input, read_input(options.file));
  const auto* document = std::get_if<acp::Class>(&input.document);
  if (document == nullptr) return acp::malformed("ACP-MATCH-1", "", "matching wants a Class");
  ACP_TRY(const acp::OpMatch found, acp::find_op_support(*document, options.query));
  const acp::NumericContract& contract = document->contracts[found.contract];
  const acp::Status exact = acp::check_exact(contract, options.order);
  print(options.format(),
        fmt::format("ops[{}] {} under contract {}: {}\n", found.row, document->ops[found.row].op, contract.id,
                    exact ? "exact" : acp::to_string(exact.error())),
        {{"row", found.row},
         {"op", document->ops[found.row].op},
         {"contract", contract.id},
         {"exact", exact.has_value()},
         {"short_of", exact ? Json() : json_of(exact.error())}});
  return exact || options.order.empty() ? Exit::kYes : Exit::kNo;
}

Run add_match(CLI::App& command) {
  auto options = options_for<MatchOptions>(command, "CLASS", "a Class");
  command.add_option("--op", options->query.op, "operator, for instance ai.onnx:MatMul")->required();
  command.add_option("--version", options->query.version, "of the operator (default: 1)");
  command.add_option("--dtype", options->query.dtypes, "every dtype involved")->required();
  command.add_option("--order", options->order,
                     "reduction order whose exact bits are asked for: no is exit 1");
  command.add_option("--knows", options->query.known_extensions, "extensions that the reader knows");
  return refusing(options, run_match);
}

struct ProbeOptions : Common {
  std::string output;
};

struct Probed {
  acp::Document document;
  Json json;
};

// What one device says of itself; its state is null when the shim does not offer to tell.
acp::Result<Probed> probe_device(const acp::Device& device, const std::string& output) {
  ACP_TRY(acp::Document document, device.class_document());
  ACP_TRY(const auto wire, acp::encode(document));
  if (!output.empty()) ACP_CHECK(write_file(output, wire));
  Json json = {{"digest", acp::to_string(acp::sha256(wire))}, {"state", nullptr}};
  json["document"] = Json::parse(acp::to_json(document));
  const auto state = device.state();
  if (!state && state.error().family != acp::Family::kUnsupported) return state.error();
  if (state) {
    json["state"] = {{"generation", state->generation},
                     {"free_bytes", state->free_bytes},
                     {"healthy", state->healthy != 0}};
  }
  return Probed{std::move(document), std::move(json)};
}

acp::Result<Exit> run_probe(const ProbeOptions& options) {
  ACP_TRY(const acp::Shim shim, acp::Shim::load(options.file));
  ACP_TRY(const std::uint32_t count, shim.device_count());
  Json json = {{"shim", options.file}, {"devices", Json::array()}};
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    ACP_TRY(const acp::Device device, shim.device(i));
    const std::string output = options.output.empty() ? "" : fmt::format("{}.{}.acp", options.output, i);
    ACP_TRY(Probed probed, probe_device(device, output));
    text += fmt::format("device     {}\n{}digest     {}\nstate      {}\n", i, show(probed.document),
                        probed.json["digest"].get<std::string>(), probed.json["state"].dump());
    json["devices"].push_back(std::move(probed.json));
  }
  print(options.format(), text, json);
  return Exit::kYes;
}

Run add_probe(CLI::App& command) {
  auto options =
      options_for<ProbeOptions>(command, "SHIM", "a shim's short name, or the path of its library");
  command.add_option("-o,--output", options->output, "write the Class of device N to OUTPUT.N.acp");
  return refusing(options, run_probe);
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  return tools::run_commands(
      argc, argv, "Reads, checks, converts, signs and matches ACP documents.",
      {
          {"probe", "ask a shim's devices what they are and how they are", tools::add_probe},
          {"show", "print a document", tools::add_show},
          {"validate", "check a document against every rule", tools::add_validate},
          {"match", "whether a Class supports an operator, and how exactly", tools::add_match},
          {"export", "write a document as JSON", tools::add_export},
          {"import", "write a document as canonical FlatBuffers bytes", tools::add_import},
          {"keygen", "make an Ed25519 key pair", tools::add_keygen},
          {"sign", "sign a document", tools::add_sign},
          {"verify", "check who signed a document", tools::add_verify},
      });
}
