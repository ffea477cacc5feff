#include "conformance/runner/run.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "acp/digest.h"
#include "acp/text.h"
#include "acp/wire.h"
#include "conformance/runner/environment.h"

namespace conformance {
namespace {

// Attempts to make a failing case smaller stop here: a slow device must not make a failure take for ever.
constexpr std::chrono::seconds kShrinkTime{20};

std::string file_digest(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 65536> piece{};
  acp::Sha256 digest;
  while (file.read(piece.data(), piece.size()), file.gcount() > 0) {
    digest.update(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  }
  return file.eof() ? acp::to_string(digest.finish()) : "";
}

// In the child. The first line says how it went, the rest is the document, or the parts of an error.
std::string describe_here(const acp::Result<acp::Shim>& shim) {
  const auto refused = [](const acp::Error& error) {
    return "E\n" + std::to_string(static_cast<int>(error.family)) + "\n" + error.requirement + "\n" +
           error.path + "\n" + error.message;
  };
  if (!shim) return refused(shim.error());
  const auto device = shim->device(0);
  if (!device) return refused(device.error());
  const auto document = device->class_document();
  if (!document) return refused(document.error());
  // A shim that is linked in lies in this program.
  const std::string file = shim->library().empty() ? "/proc/self/exe" : shim->library();
  return "D\n" + file + "\n" + acp::to_json(*document);
}

std::string take_line(std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

acp::Error error_of(std::string text) {
  acp::Error error;
  error.family = static_cast<acp::Family>(std::stoi(take_line(text)));
  error.requirement = take_line(text);
  error.path = take_line(text);
  error.message = text;
  return error;
}

Outcome outcome_of(const Reply& reply) {
  switch (reply.end) {
    case End::kCrashed: return {Verdict::kCrash, "ACP-CONF-13", reply.text, "", ""};
    case End::kHung: return {Verdict::kHang, "ACP-CONF-13", reply.text, "", ""};
    case End::kBroken: return {Verdict::kHarnessError, "", reply.text, "", ""};
    case End::kAnswered: break;
  }
  auto outcome = parse_outcome(reply.text);
  if (!outcome) return {Verdict::kHarnessError, "", acp::to_string(outcome.error()), "", ""};
  return *std::move(outcome);
}

Outcome run_once(const Kind& kind, const Testee& testee, const Query& query,
                 std::chrono::milliseconds limit) {
  return outcome_of(ask(testee, limit, [&](const acp::Result<acp::Shim>& shim) {
    if (!shim) return to_json(fail(shim.error().requirement, acp::to_string(shim.error())));
    const auto device = shim->device(0);
    if (!device) return to_json(fail(device.error().requirement, acp::to_string(device.error())));
    return to_json(kind.run(query, *shim, *device));
  }));
}

// 1, 2, 3, 4, 6, 8, 12, ... below `most`, from `least` on.
std::vector<std::int64_t> smaller_values(std::int64_t least, std::int64_t most) {
  std::vector<std::int64_t> values;
  for (std::int64_t power = 1; power < most; power *= 2) {
    for (const std::int64_t value : {power, power + power / 2}) {
      if (value >= least && value < most && (values.empty() || value > values.back()))
        values.push_back(value);
    }
  }
  return values;
}

// Each parameter in turn takes the smallest value with which the case ends the same way.
Query shrink(const Kind& kind, const Testee& testee, Query query, Verdict verdict,
             std::chrono::milliseconds limit) {
  const auto stop = std::chrono::steady_clock::now() + kShrinkTime;
  for (const Kind::Shrink& row : kind.shrink) {
    const std::int64_t now = query.number(row.key, row.least);
    for (const std::int64_t value : smaller_values(row.least, now)) {
      if (std::chrono::steady_clock::now() > stop) return query;
      const Query smaller = query.with(row.key, std::to_string(value));
      if (run_once(kind, testee, smaller, limit).verdict != verdict) continue;
      query = smaller;
      break;
    }
  }
  return query;
}

std::string hex_of(std::string_view text) { return acp::to_hex(acp::sha256(text)).substr(0, 16); }

std::vector<Query> unseeded_queries_of(const Suite& suite, const Claims& claims, Tier tier) {
  std::vector<Query> queries;
  for (const Kind& kind : suite) {
    std::vector<Query> some = {{std::string(kind.name), {}}};
    if (kind.list != nullptr) some = kind.list(claims, tier);
    queries.insert(queries.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return queries;
}

bool is_hex(std::string_view text) {
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

}  // namespace

acp::Result<Described> describe(const Testee& testee, std::chrono::milliseconds limit) {
  Reply reply = ask(testee, limit, describe_here);
  if (reply.end != End::kAnswered) return acp::environment(testee.name, reply.text);
  if (take_line(reply.text) == "E") return error_of(reply.text);
  const std::string file = take_line(reply.text);
  ACP_TRY(acp::Class document, acp::parse_class_json(reply.text));
  ACP_TRY(const auto wire, acp::encode(document));
  return Described{std::move(document), acp::to_string(acp::sha256(wire)), file_digest(file)};
}

acp::Result<Entry> run_case(const Suite& suite, const Testee& testee, const Query& query,
                            std::chrono::milliseconds limit, Minimise minimise) {
  const Kind* kind = kind_of(suite, query);
  if (kind == nullptr) return acp::malformed("ACP-CONF-1", to_string(query), "there is no such case");
  const auto begin = std::chrono::steady_clock::now();
  Entry entry{query, run_once(*kind, testee, query, limit), "", {}};
  const auto end = std::chrono::steady_clock::now();
  entry.took = std::chrono::duration_cast<std::chrono::milliseconds>(end - begin);
  const bool wrong = entry.outcome.verdict == Verdict::kFail || entry.outcome.verdict == Verdict::kCrash;
  if (wrong && minimise == Minimise::kYes) {
    const Query small = shrink(*kind, testee, query, entry.outcome.verdict, limit);
    if (!(small == query)) entry.minimised = to_string(small);
  }
  return entry;
}

std::vector<Query> queries_of(const Suite& suite, const Claims& claims, Tier tier, const std::string& seed) {
  std::vector<Query> queries = unseeded_queries_of(suite, claims, tier);
  for (Query& query : queries) query = query.with("seed", hex_of(seed + to_string(query)));
  return queries;
}

acp::Digest suite_digest(const Suite& suite, const Claims& claims, Tier tier) {
  std::string text(kSuiteVersion);
  for (const Kind& kind : suite) {
    text += "\n" + std::string(kind.name);
    if (kind.table != nullptr) text += "\n" + kind.table();
  }
  for (const Query& query : unseeded_queries_of(suite, claims, tier)) text += "\n" + to_string(query);
  return acp::sha256(text);
}

acp::Result<Report> run(const Suite& suite, const Testee& testee, const Options& options) {
  if (!is_hex(options.nonce)) {
    return acp::malformed("ACP-CONF-4", "nonce", "at most 64 hexadecimal digits");
  }
  ACP_TRY(const Described described, describe(testee, options.limit));
  const Claims claims = claims_of(described.document);
  Header header = {.suite = std::string(kSuiteVersion),
                   .suite_digest = acp::to_string(suite_digest(suite, claims, options.tier)),
                   .document_digest = described.document_digest,
                   .binary_digest = described.binary_digest,
                   .tier = std::string(word_of(options.tier)),
                   .nonce = options.nonce,
                   .testee = testee.name,
                   .document = acp::to_json(described.document),
                   .environment = environment_here(),
                   .shard = to_string(options.shard)};
  ACP_TRY(const std::string seed, seed_of(header));
  Journal journal(header);
  if (!options.folder.empty()) {
    ACP_TRY(journal, Journal::open(options.folder, header, options.resume));
  }
  std::vector<Query> queries;
  std::uint32_t number = 0;
  for (Query& query : queries_of(suite, claims, options.tier, seed)) {
    if (number++ % options.shard.count == options.shard.index) queries.push_back(std::move(query));
  }
  std::size_t done = 0;
  for (const Query& query : queries) {
    ++done;
    if (journal.find(query) == nullptr) {
      ACP_TRY(const Entry entry, run_case(suite, testee, query, options.limit, Minimise::kYes));
      ACP_CHECK(journal.add(entry));
    }
    if (options.progress) options.progress(done, queries.size(), *journal.find(query));
  }
  std::vector<Journal> one;
  one.push_back(std::move(journal));
  return merge(suite, one);
}

}  // namespace conformance
