// Canaries: programs that break one rule each, element types that are not claimed, launches that leave their windows. All must be refused,
// with the right id, and nothing else may happen.
#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kRegion = "canary.region";
constexpr std::string_view kDtype = "canary.dtype";
constexpr std::string_view kLaunch = "canary.launch";

using Id = cep::RegionBuilder::Id;

struct Canary {
  std::string_view name;
  std::string_view requirement;
  void (*breaks)(cep::Region& region, acp_region& view);
};
constexpr Canary kCanaries[] = {
    {"version", "CEP-REG-1", [](cep::Region&, acp_region& view) { view.version = 99; }},
    {"size", "CEP-REG-1", [](cep::Region&, acp_region& view) { view.size = 8; }},
    {"operand_number", "CEP-REG-2", [](cep::Region& r, acp_region&) { r.reads[0].operand = 77; }},
    {"scalar_cycle", "CEP-REG-2", [](cep::Region& r, acp_region&) { r.nests[0].body_a = 0xfffffff0; }},
    {"dtype", "CEP-REG-3", [](cep::Region& r, acp_region&) { r.operands[0].dtype = 200; }},
    {"combiner", "CEP-REG-3", [](cep::Region& r, acp_region&) { r.nests[0].combiner = 99; }},
    {"order", "CEP-REG-3", [](cep::Region& r, acp_region&) { r.nests[0].order = 99; }},
    {"scalar_op", "CEP-REG-3", [](cep::Region& r, acp_region&) { r.scalars[0].op = 250; }},
    {"reserved", "CEP-REG-3", [](cep::Region& r, acp_region&) { r.nests[0].reserved[1] = 1; }},
    {"rank", "CEP-REG-4", [](cep::Region& r, acp_region&) { r.operands[0].rank = 9; }},
    {"window", "CEP-REG-4", [](cep::Region& r, acp_region&) { r.operands[0].held[1] = 4; }},
    {"overlap", "CEP-REG-4", [](cep::Region& r, acp_region&) { r.operands[1].stride[0] = 0; }},
    {"types", "CEP-REG-5", [](cep::Region& r, acp_region&) { r.operands[1].dtype = ACP_I32; }},
    {"outside", "CEP-REG-6",
     [](cep::Region& r, acp_region&) { r.operands[0].origin[0] = 1, r.operands[0].held[0] = 3; }},
    {"second_body", "CEP-REG-9", [](cep::Region& r, acp_region&) { r.nests[0].body_b = r.nests[0].body_a; }},
    {"any_sum", "CEP-REG-9", [](cep::Region& r, acp_region&) { r.nests[0].order = ACP_ORDER_ANY; }},
    {"block", "CEP-REG-9", [](cep::Region& r, acp_region&) { r.nests[0].order = ACP_ORDER_BLOCKED_TREE; }},
    {"acc_in_body", "CEP-REG-10", [](cep::Region& r, acp_region&) { r.nests[0].body_a = r.writes[0].value; }},
    {"written_input", "CEP-REG-11",
     [](cep::Region& r, acp_region&) {
       r.operands[0].role = ACP_ROLE_OUTPUT, r.operands[1].role = ACP_ROLE_INPUT;
     }},
    {"constant_write", "CEP-REG-11",
     [](cep::Region& r, acp_region&) {
       r.indices.push_back({ACP_IX_CONST, {}, 0, 0, 0, 0});
       r.writes[0].coord[0] = static_cast<std::uint32_t>(r.indices.size() - 1);
     }},
    {"reads_what_it_writes", "CEP-REG-12",
     [](cep::Region& r, acp_region&) {
       acp_read read = r.reads[0];  // y[0], at every point
       r.indices.push_back({ACP_IX_CONST, {}, 0, 0, 0, 0});
       read.operand = 1, read.coord[0] = static_cast<std::uint32_t>(r.indices.size() - 1), read.coord[1] = 0;
       r.reads.push_back(read);
       for (acp_scalar_node& node : r.scalars) {
         if (node.op == ACP_SC_ARG) node.a = 1;
       }
     }},
    {"open_loop", "CEP-REG-13",
     [](cep::Region& r, acp_region&) {
       r.scalars.push_back({ACP_SC_CONST, ACP_I64, {}, 0, 0, 0, 1});
       r.loops.push_back({static_cast<std::uint32_t>(r.scalars.size() - 1), ACP_NONE, 1});
       r.stages.push_back({ACP_STAGE_LOOP_END, 0});
     }},
    {"k_end", "CEP-REG-14", [](cep::Region& r, acp_region&) { r.nests[0].k_end = 4; }},
    {"backwards", "CEP-REG-14", [](cep::Region& r, acp_region&) { r.iters[0].end = -1; }},
    {"nodes", "CEP-REG-15",
     [](cep::Region& r, acp_region&) {
       r.scalars.resize(65537, acp_scalar_node{ACP_SC_CONST, ACP_F32, {}, 0, 0, 0, 0});
     }},
};

const Canary* canary_of(const Query& query) {
  for (const Canary& row : kCanaries) {
    if (query.name == std::string(kRegion) + "." + std::string(row.name)) return &row;
  }
  return nullptr;
}
std::string_view about_region(const Query& query) {
  const Canary* row = canary_of(query);
  return row == nullptr ? "" : row->requirement;
}
std::string_view about_launch(const Query& query) {
  return query.name.ends_with(".load") ? "CEP-REG-7" : "CEP-REG-8";
}

std::string table() {
  std::string text;
  for (const Canary& row : kCanaries)
    text += std::string(row.name) + " " + std::string(row.requirement) + "\n";
  return text;
}

std::vector<Query> list_regions(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  if (!claims.regions || !claims.has("f32")) return queries;
  for (const Canary& row : kCanaries)
    queries.push_back({std::string(kRegion) + "." + std::string(row.name), {}});
  return queries;
}

// A refusal with this id is what the case wants, from compile and, in the same words, from would_accept.
Outcome expect_refusal(const acp::Device& device, const acp_region& view, std::string_view id) {
  const auto answer = device.would_accept(view);
  const auto made = device.compile(view);
  const std::string wanted(id);
  if (made) return fail(wanted, "compile accepts what it must refuse", "refused " + wanted, "accepted");
  if (made.error().requirement != wanted)
    return fail(wanted, "compile refuses for another reason", wanted, acp::to_string(made.error()));
  if (!answer && answer.error().requirement == "ACP-SHIM-4") return pass();
  if (!answer || answer->accepted || answer->refusal.requirement != wanted) {
    return fail("ACP-CONF-12", "would_accept does not answer as compile does", wanted,
                !answer            ? acp::to_string(answer.error())
                : answer->accepted ? "accepted"
                                   : acp::to_string(answer->refusal));
  }
  return pass();
}

Outcome run_region(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const Canary* row = canary_of(query);
  if (row == nullptr) return {Verdict::kHarnessError, "", "no such canary", "", ""};
  cep::Region region = row_sums();
  if (const auto good = device.compile(region.view()); !good)
    return unexpected(device, "the program that the canary is made of", good.error());
  acp_region view = region.view();
  row->breaks(region, view);
  acp_region broken = region.view();
  broken.size = view.size;
  broken.version = view.version;
  return expect_refusal(device, broken, row->requirement);
}

constexpr cep::Dtype kDtypes[] = {cep::Dtype::kF32, cep::Dtype::kI32, cep::Dtype::kI64, cep::Dtype::kBool};

std::vector<Query> list_dtypes(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  for (const cep::Dtype dtype : kDtypes) {
    if (!claims.has(cep::dtype_name(dtype)))
      queries.push_back({std::string(kDtype) + "." + std::string(cep::dtype_name(dtype)), {}});
  }
  return queries;
}

// A copy over an element type that no row claims.
Outcome run_dtype(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::vector<std::string> words = query.words_behind(kDtype);
  const cep::Dtype dtype = words.size() == 1 ? cep::dtype_named(words[0]) : cep::Dtype::kUnknown;
  if (dtype == cep::Dtype::kUnknown) return {Verdict::kHarnessError, "", "no such element type", "", ""};
  cep::RegionBuilder r;
  const Id x = r.input({dtype, {4}}), y = r.output({dtype, {4}});
  r.begin_nest({4}, {});
  r.write(y, r.iters(), r.arg(r.read(x, r.iters())));
  r.end_nest();
  const cep::Region region = std::move(r).finish();
  const auto made = device.compile(region.view());
  if (made)
    return fail("ACP-CONF-11", "an element type that is not claimed is accepted", "unsupported", "accepted");
  if (made.error().family != acp::Family::kUnsupported)
    return fail("ACP-CONF-11", "refused for another reason", "unsupported", acp::to_string(made.error()));
  return {Verdict::kUnsupported, "", "not claimed, and refused", "", ""};
}

// y[i] = x[j[i]] with j = {0, 4}: the second lies behind the window.
cep::Region gather() {
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {4}}), j = r.input({cep::Dtype::kI64, {2}});
  const Id y = r.output({cep::Dtype::kF32, {2}});
  r.begin_nest({2}, {});
  const Id chosen = r.ix_load(r.read(j, r.iters()));
  r.write(y, r.iters(), r.arg(r.read(x, {chosen})));
  r.end_nest();
  return std::move(r).finish();
}

// A loop of at most 2 trips around y[i] = x[i]; the number of trips is an input.
cep::Region looped() {
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {1}}), n = r.input({cep::Dtype::kI64, {1}});
  const Id y = r.output({cep::Dtype::kF32, {1}});
  const Id zero = r.ix_const(0);
  const Id trips = r.arg(r.read(n, {zero}));
  r.begin_loop(trips, ACP_NONE, 2);
  r.begin_nest({1}, {});
  r.write(y, r.iters(), r.arg(r.read(x, r.iters())));
  r.end_nest();
  r.end_loop();
  return std::move(r).finish();
}

std::vector<Query> list_launches(const Claims& claims, Tier /*tier*/) {
  if (!claims.has("f32") || !claims.has("i64")) return {};
  return {{std::string(kLaunch) + ".load", {}}, {std::string(kLaunch) + ".trips", {}}};
}

cep::TensorBytes i64_tensor(const cep::Elements& values) {
  return cep::bytes_from_elements({cep::Dtype::kI64, {static_cast<std::int64_t>(values.size())}}, values);
}

Outcome run_launch(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const bool load = query.name.ends_with(".load");
  const cep::Region region = load ? gather() : looped();
  const std::int64_t n = load ? 4 : 1;
  const Tensors inputs = {
      f32_tensor({n}, std::vector<std::uint32_t>(static_cast<std::size_t>(n), 0x3f800000)),
      i64_tensor(load ? cep::Elements{{0, 0}, {4, 0}} : cep::Elements{{3, 0}})};
  const std::string id = load ? "CEP-REG-7" : "CEP-REG-8";
  const auto got = run_on(device, region, inputs);
  if (got) return fail(id, "the launch succeeds", "failure " + id, "success");
  if (got.error().requirement != id)
    return fail(id, "the launch fails for another reason", id, acp::to_string(got.error()));
  return pass();
}

}  // namespace

Suite canary_kinds() {
  return {{.name = kRegion,
           .what = "a program that breaks one rule: refused, by its id",
           .list = list_regions,
           .run = run_region,
           .about_case = about_region,
           .table = table},
          {.name = kDtype,
           .what = "an element type that is not claimed: refused as unsupported",
           .list = list_dtypes,
           .run = run_dtype,
           .about = {"ACP-CONF-11"}},
          {.name = kLaunch,
           .what = "data that leads outside: the launch fails, by its id",
           .list = list_launches,
           .run = run_launch,
           .about_case = about_launch}};
}

}  // namespace conformance
