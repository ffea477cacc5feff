#include <gtest/gtest.h>

#include <zstd.h>
#include <bit>
#include <ctime>

#include "cep/distgraph.h"
#include "support/distgraph_text.h"
#include "support/edit.h"
#include "support/logical_text.h"

namespace cep::logical {
namespace {

using support::edit;
using support::kDistgraph;

Document read(const std::string& text) {
  auto document = read_distgraph(text);
  EXPECT_TRUE(document.has_value()) << (document ? "" : to_string(document.error()));
  return document ? std::move(*document) : Document{};
}

template <typename Value>
void expect_refused(const acp::Result<Value>& value, std::string_view requirement, std::string_view path,
                    std::string_view words = "") {
  ASSERT_FALSE(value) << requirement << " at " << path;
  EXPECT_EQ(value.error().requirement, requirement) << to_string(value.error());
  EXPECT_EQ(value.error().path, path) << to_string(value.error());
  EXPECT_NE(value.error().message.find(words), std::string::npos) << to_string(value.error());
}
void expect_text_refused(const std::string& text, std::string_view requirement, std::string_view path,
                         std::string_view words = "") {
  expect_refused(read_distgraph(text), requirement, path, words);
}

// Everything but what the lines were known by.
std::string meaning_of(Document document) {
  for (Program* program : {&document.reference.program, &document.plan.program}) {
    for (Tensor& tensor : program->tensors) tensor.source = 0;
    for (Node& node : program->nodes) node.source = 0;
  }
  return write_distgraph(document);
}

TEST(Distgraph, what_version_1_says) {
  const Document document = read(kDistgraph);
  const Program& reference = document.reference.program;
  EXPECT_EQ(reference.tensors.size(), 7u);
  EXPECT_EQ(reference.nodes.size(), 4u) << "the loader is no node";
  EXPECT_EQ(reference.shapes.size(), 3u) << "equal shapes are one";
  EXPECT_EQ(document.reference.names[1], "w");
  EXPECT_EQ(document.reference.outputs, std::vector<Id>{6});
  EXPECT_EQ(reference.tensors[6].role, Role::kValue);
  EXPECT_EQ(reference.tensors[4].role, Role::kSeed);
  const Operation& softmax = reference.operations[reference.nodes[1].operation];
  EXPECT_EQ(softmax.name, "softmax");
  ASSERT_EQ(softmax.attributes.size(), 1u);
  EXPECT_EQ(softmax.attributes[0], (Operation::Attribute{"dim", std::int64_t{1}})) << "-1 is the last";
  EXPECT_TRUE(reference.operations[reference.nodes[2].operation].backward);

  const Plan& plan = document.plan;
  EXPECT_EQ(plan.ranks, 2);
  EXPECT_EQ(plan.places.size(), 2u);
  EXPECT_EQ(plan.program.nodes.size(), 6u);
  ASSERT_EQ(plan.binds.size(), 6u);
  EXPECT_EQ(plan.binds[3].tensor, 5u);
  EXPECT_EQ(plan.binds[3].reference, 1u);
  EXPECT_EQ(plan.binds[3].box, (Box{{{3, {}}, 3}, {{0, {}}, 8}}));
  ASSERT_EQ(plan.yields.size(), 2u);
  EXPECT_EQ(plan.yields[1].parts, 1);
  const Node& gather = plan.program.nodes[2];
  EXPECT_EQ(gather.comm, CommKind::kAllGather);
  EXPECT_EQ(gather.dim, 1);
  EXPECT_EQ(gather.message, plan.program.nodes[3].message);
  EXPECT_EQ(gather.group, plan.program.nodes[3].group) << "the stored order is not read";
  EXPECT_EQ(plan.program.tensors[plan.program.outputs(gather)[0]].source, 23u);
}

TEST(Distgraph, what_is_passed_on_is_as_the_line_says) {
  const std::string gather =
      R"("op":"nnscaler.runtime.adapter.all_gather","dir":"fw","at":{},"comm":{"kind":"all_gather","dim":1,"ranks":[0,1],"id":5},"in":[22],"out":[23])";
  const auto with = [&](const std::string& op, const std::string& shape, const std::string& rest) {
    return edit(kDistgraph, gather,
                R"("op":"nnscaler.runtime.adapter.)" + op + R"(","dir":"fw","at":{"shape":)" + shape +
                    R"(,"dtype":"float32"},"comm":{)" + rest);
  };
  const std::string broadcast = R"("kind":"broadcast","root":4,"ranks":[3,4,0],"id":5},"in":[22],"out":[])",
                    send = R"("kind":"send","src":0,"dst":1,"id":5},"in":[22],"out":[])",
                    receive = R"("kind":"recv","src":1,"dst":0,"id":5},"in":[],"out":[23])";
  const Node root = read(with("broadcast", "[4,3]", broadcast)).plan.program.nodes[2];
  EXPECT_EQ(root.comm, CommKind::kBroadcast);
  EXPECT_EQ(root.root, 1) << "the position of rank 4";
  EXPECT_EQ(read(with("move", "[4,3]", send)).plan.program.nodes[2].comm, CommKind::kSend);
  EXPECT_EQ(read(with("move", "[4,6]", receive)).plan.program.nodes[2].comm, CommKind::kReceive);
  expect_text_refused(with("broadcast", "[4,6]", broadcast), "CEP-DIST-9", "line 30.at.shape");
  expect_text_refused(with("move", "[4,6]", send), "CEP-DIST-9", "line 30.at.shape");
}

TEST(Distgraph, hints_stages_and_names_of_pieces_are_not_read) {
  const std::string plain = meaning_of(read(kDistgraph));
  EXPECT_EQ(plain, meaning_of(read(edit(kDistgraph, R"("parent":77,"part":[0,1])",
                                        R"("parent":"x","part":{}, "slice":3)"))));
  EXPECT_EQ(plain, meaning_of(read(edit(kDistgraph, R"("src_ranks":[1,0])", R"("src_ranks":null)"))));
  EXPECT_EQ(
      plain,
      meaning_of(read(edit(
          kDistgraph,
          R"("shape":[3,8],"dtype":"float32","role":"param","name":"w","bind":{"ref":1,"slice":[[3,6])",
          R"("shape":[3,8],"dtype":"float32","role":"param","name":"other","bind":{"ref":1,"slice":[[3,6])"))));
}

TEST(Distgraph, version_2_says_the_same) {
  const Document document = read(kDistgraph);
  const std::string second = write_distgraph(document);
  EXPECT_NE(second.find(R"("version":2)"), std::string::npos);
  EXPECT_EQ(write_distgraph(read(second)), second);
  EXPECT_EQ(meaning_of(read(second)), meaning_of(document));
}

TEST(Distgraph, patterns_survive_writing) {
  const Document document = support::logical_text(R"(
    input ids:i64[4,2]
    param w:f32[12,8]
    y:f32[4,2,8] = embedding{start=0,stop=12} ids w
    output y
    plan vocabulary ranks 6
    variable dp 2
    variable tp 3
    @3*dp+tp i:i64[2,2] = bind ids [2*dp:2*dp+2,0:2]
    @3*dp+tp v:f32[4,8] = bind w [4*tp:4*tp+4,0:8]
    @3*dp+tp mb0 part:f32[2,2,8] = embedding{start=4*tp,stop=4*tp+4} i v
    @3*dp+tp mb0 all:f32[2,2,8] = all_reduce part over tp
    @3*dp+tp yield all as y [2*dp:2*dp+2,0:2,0:8]
  )");
  const Operation& embedding = document.plan.program.operations[0];
  EXPECT_EQ(std::get<Affine>(embedding.attributes[1].value), (Affine{4, {0, 4}}));
  EXPECT_EQ(document.plan.groups[0].variable, 1u);
  const std::string text = write_distgraph(document);
  EXPECT_EQ(write_distgraph(read(text)), text);
  EXPECT_EQ(read(text).plan.binds[0].box[0].begin, (Affine{0, {2}}));
}

std::vector<std::byte> compressed(const std::string& text, int window_log = 0) {
  std::vector<std::byte> bytes(ZSTD_compressBound(text.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  // Streamed, so that the frame asks for the window it is told to, not for the size of its content.
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
  while (ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue) != 0 && in.pos < in.size) {
  }
  while (ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  bytes.resize(out.pos);
  return bytes;
}

TEST(Distgraph, compressed_text_says_the_same) {
  const auto document = read_distgraph_zst(compressed(kDistgraph));
  ASSERT_TRUE(document) << to_string(document.error());
  EXPECT_EQ(write_distgraph(*document), write_distgraph(read(kDistgraph)));
}

// The processor time to read tensors whose ids are multiples of `step`, and lines that all name the first of them.
std::clock_t time_to_read(std::uint32_t step) {
  constexpr std::uint32_t kTensors = 20'700, kLines = 20, kOperands = 5'000;
  std::string text =
      R"({"kind":"header","format":"distgraph-jsonl","version":2,"name":"ids","parallel":{"ranks":1}})"
      "\n";
  for (std::uint32_t i = 0; i < kTensors; ++i) {
    text += R"({"kind":"tensor","id":)" + std::to_string(i * step) +
            R"(,"shape":[1],"dtype":"float32","role":"value"})" + "\n";
  }
  std::string operands = "0";
  for (std::uint32_t i = 1; i < kOperands; ++i) operands += ",0";
  for (std::uint32_t i = 0; i < kLines; ++i) {
    text += R"({"kind":"node","id":)" + std::to_string(kTensors * step + i) +
            R"(,"op":"sum","dir":"fw","at":{},"in":[)" + operands + "],\"out\":[]}\n";
  }
  const std::clock_t begin = std::clock();
  EXPECT_EQ(read(text).reference.program.nodes.size(), kLines);
  return std::clock() - begin;
}
TEST(Distgraph, ids_of_one_bucket_take_no_longer) {
  // 20,753 is a size that the buckets of std::unordered_map grow to.
  EXPECT_LT(time_to_read(20'753), 10 * time_to_read(1) + CLOCKS_PER_SEC / 10);
}
TEST(Distgraph, ids_in_any_order) {
  // The first tensor has the largest id, and the last line the smallest.
  std::string text = edit(kDistgraph, R"("id":0,"shape")", R"("id":4294967294,"shape")");
  for (const std::string from : {R"("in":[0,1])", R"("out":[0])", R"("in":[5,0,1])"}) {
    text = edit(text, from, edit(from, "0", "4294967294"));
  }
  for (const std::string piece : {R"("id":20,)", R"("id":24,)"}) {
    const std::size_t at = text.find(R"("ref":0)", text.find(piece));
    text.replace(at, 7, R"("ref":4294967294)");
  }
  EXPECT_EQ(meaning_of(read(text)), meaning_of(read(kDistgraph)));
  expect_text_refused(edit(text, R"("id":11,)", R"("id":3,)"), "CEP-DIST-5", "line 13.id", "another line's");
  expect_text_refused(edit(text, R"("id":11,)", R"("id":4294967294,)"), "CEP-DIST-5", "line 13.id",
                      "another line's");
}

TEST(Reject, CEP_DIST_1_not_a_json_object) {
  const std::string line = R"({"kind":"node","id":7,)";
  expect_text_refused(edit(kDistgraph, line, R"({"kind":"node","id":7,,)"), "CEP-DIST-1", "line 9");
  expect_text_refused(kDistgraph + "\n", "CEP-DIST-1", "line 34");
  expect_text_refused(kDistgraph + "[1]\n", "CEP-DIST-1", "line 34");
}

TEST(Reject, CEP_DIST_2_header_and_counts) {
  expect_text_refused("", "CEP-DIST-2", "");
  expect_text_refused(kDistgraph.substr(support::kDistgraphHeader.size()), "CEP-DIST-2", "line 1");
  expect_text_refused(edit(kDistgraph, R"("version":1)", R"("version":3)"), "CEP-DIST-2", "line 1.version");
  expect_text_refused(edit(kDistgraph, "distgraph-jsonl", "distgraph"), "CEP-DIST-2", "line 1.format");
  expect_text_refused(edit(kDistgraph, R"("pnode":8)", R"("pnode":9)"), "CEP-DIST-2", "line 1.counts.pnode");
  expect_text_refused(edit(kDistgraph, R"("version":1,)", R"("version":1,"variables":[["tp",2]],)"),
                      "CEP-DIST-2", "line 1.variables");
}

TEST(Reject, CEP_DIST_3_kinds_in_order) {
  expect_text_refused(edit(kDistgraph, R"("kind":"node","id":7,)", R"("kind":"knot","id":7,)"), "CEP-DIST-3",
                      "line 9");
  expect_text_refused(kDistgraph + R"({"kind":"tensor","id":99,"shape":[],"dtype":"int32","role":"act"})",
                      "CEP-DIST-3", "line 34");
  expect_text_refused(support::kDistgraphHeader + kDistgraph, "CEP-DIST-3", "line 2");
}

TEST(Reject, CEP_DIST_4_fields) {
  struct Case {
    std::string from, to, path;
  };
  const std::string gather = R"("kind":"all_gather","dim":1,"ranks":[0,1],"id":5)";
  const Case cases[] = {
      {R"("id":0,"shape":[4,8])", R"("id":0)", "line 2.shape"},
      {R"("id":0,"shape":[4,8])", R"("id":0,"shape":[4,8],"shape":[4,8])", "line 2.shape"},
      {R"("id":0,"shape":[4,8])", R"("id":0,"shape":[4,8.5])", "line 2.shape[1]"},
      {R"("id":0,"shape":[4,8])", R"("id":0,"shape":[4,-8])", "line 2.shape[1]"},
      {R"("id":0,"shape":[4,8],"dtype":"float32")", R"("id":0,"shape":[4,8],"dtype":"fp32")", "line 2.dtype"},
      {R"("role":"wgrad","of":1,"output":true)", R"("role":"wgrad","output":1)", "line 8.output"},
      {R"("role":"wgrad","of":1)", R"("role":"weight gradient","of":1)", "line 8.role"},
      {R"("id":24,"rank":1)", R"("id":24,"rank":{"tp":1})", "line 18.rank.tp"},
      {R"("id":24,"rank":1)", R"("id":24,"rank":1.5)", "line 18.rank"},
      {R"("slice":[[3,6],[0,8]]}})", R"("slice":[[6,3],[0,8]]}})", "line 19.bind.slice[0]"},
      {R"("id":47,"rank":1,"stage":0,"mb":0,"seq":3)", R"("id":47,"rank":1,"stage":0,"mb":0,"seq":2)",
       "line 33.seq"},
      {R"("op":"next","dir":"fw","at":{},"in":[],"out":[0])",
       R"("op":"next","dir":"up","at":{},"in":[],"out":[0])", "line 9.dir"},
      {gather + "}", R"("kind":"all_reduce","ranks":[0,1],"id":5,"reduce":"sum"})", "line 30.comm.kind"},
      {gather + "}", R"("kind":"all_gather","dim":9,"ranks":[0,1],"id":5})", "line 30.comm.dim"},
      {gather + "}", R"("kind":"all_gather","dim":1,"ranks":"tp","id":5})", "line 30.comm.ranks"},
  };
  for (const Case& c : cases) expect_text_refused(edit(kDistgraph, c.from, c.to), "CEP-DIST-4", c.path);
}

// Two functions of one number.
std::string adding(const std::string& alpha) {
  const std::string add = R"("op":"add","dir":"fw","at":{"alpha":)" + alpha + "}";
  return R"({"kind":"header","format":"distgraph-jsonl","version":2,"name":"add","parallel":{"ranks":1}}
{"kind":"tensor","id":0,"shape":[2],"dtype":"float32","role":"input"}
{"kind":"tensor","id":1,"shape":[2],"dtype":"float32","role":"value","output":true}
{"kind":"node","id":2,)" +
         add + R"(,"in":[0,0],"out":[1]}
{"kind":"ptensor","id":3,"rank":0,"shape":[2],"dtype":"float32","role":"input","bind":{"ref":0,"slice":[[0,2]]}}
{"kind":"ptensor","id":4,"rank":0,"shape":[2],"dtype":"float32","role":"value","yield":{"ref":1,"slice":[[0,2]]}}
{"kind":"pnode","id":5,"rank":0,)" +
         add + R"(,"in":[3,3],"out":[4]})" + "\n";
}

TEST(Distgraph, a_real_number_is_read_as_it_stands_and_written_so) {
  const struct {
    const char* text;
    double value;
  } cases[] = {{"1", 1},
               {"-3", -3},
               {"0.1", 0.1},
               {"9007199254740992", 0x1p53},
               {"-9007199254740994", -0x1p53 - 2},
               {"9223372036854775808", 0x1p63},
               {"18446744073709549568", 0x1p64 - 0x1p11},
               {"-9223372036854775808", -0x1p63},
               {"9007199254740993.0", 0x1p53},
               {"73786976294838206464.0", 0x1p66},
               {"1e20", 1e20},
               {"-0.0", -0.0},
               {"5e-324", 0x1p-1074}};
  for (const auto& [text, value] : cases) {
    const Document document = read(adding(text));
    const auto& attributes = document.plan.program.operations[0].attributes;
    ASSERT_EQ(attributes.size(), 1u) << text;
    const auto bits = [](double real) { return std::bit_cast<std::uint64_t>(real); };
    EXPECT_EQ(bits(std::get<double>(attributes[0].value)), bits(value)) << text;
    EXPECT_EQ(read(write_distgraph(document)).plan.program.operations, document.plan.program.operations)
        << text;
  }
}

TEST(Reject, CEP_DIST_4_whole_numbers_that_would_be_rounded) {
  for (const char* text :
       {"9007199254740993", "-9007199254740993", "9223372036854775807", "18446744073709551615"})
    expect_text_refused(adding(text), "CEP-DIST-4", "line 4.at.alpha", "whole number");
  // Beyond 64 bits, or beyond every real number, it is none that a line of JSON holds.
  for (const char* text : {"18446744073709551616", "1e400", "-1e400", "NaN"})
    expect_text_refused(adding(text), "CEP-DIST-1", "line 4");
}

TEST(Reject, CEP_DIST_5_ids) {
  expect_text_refused(edit(kDistgraph, R"("id":41)", R"("id":31)"), "CEP-DIST-5", "line 27.id",
                      "another line's");
  expect_text_refused(edit(kDistgraph, R"("out":[2]})", R"("out":[12]})"), "CEP-DIST-5", "line 10.out[0]",
                      "tensor");
  expect_text_refused(edit(kDistgraph, R"("in":[20,21])", R"("in":[20,1])"), "CEP-DIST-5", "line 27.in[1]",
                      "ptensor");
  expect_text_refused(
      edit(kDistgraph, R"("ref":6,"slice":[[3,6],[0,8]])", R"("ref":7,"slice":[[3,6],[0,8]])"), "CEP-DIST-5",
      "line 25.yield.ref");
}

TEST(Reject, CEP_DIST_6_every_operator_without_a_meaning) {
  std::string text = edit(kDistgraph, R"("op":"next","dir":"fw","at":{},"in":[],"out":[0])",
                          R"("op":"torch.rand","dir":"fw","at":{},"in":[],"out":[0])");
  text = edit(text, R"("op":"torch.nn.functional.softmax","dir":"fw","at":{"dim":-1,)",
              R"("op":"torch.nn.functional.softmax","dir":"fw","at":{"dim":-1,"temperature":2,)");
  text = edit(text, R"("at":{"bias":null},"in":[30,24,25])", R"("at":{"bias":3},"in":[30,24,25])");
  text = edit(
      text,
      R"("op":"nnscaler.runtime.adapter.all_gather","dir":"fw","at":{},"comm":{"kind":"all_gather","dim":1,"ranks":[0,1],"id":5})",
      R"("op":"nnscaler.runtime.adapter.all_gather","dir":"fw","at":{})");
  const auto document = read_distgraph(text);
  expect_refused(document, "CEP-DIST-6", "", "torch.rand (fw) first on line 9");
  expect_refused(
      document, "CEP-DIST-6", "",
      "torch.nn.functional.softmax (fw): temperature is an attribute without a meaning first on line 11");
  expect_refused(document, "CEP-DIST-6", "",
                 "torch.nn.functional.linear (bw): bias has a value without a meaning first on line 33");
  expect_refused(document, "CEP-DIST-6", "",
                 "all_gather (fw): says nothing about how it communicates first on line 30");
  EXPECT_EQ(document.error().family, acp::Family::kUnsupported);
}

TEST(Reject, CEP_DIST_7_over_a_limit) {
  expect_text_refused(kDistgraph + "{\"kind\":\"pnode\"" + std::string(std::size_t{1} << 20, ' '),
                      "CEP-DIST-7", "line 34");
  const std::string long_line = "{\"kind\":\"pnode\"" + std::string((std::size_t{1} << 20) - 15, ' ') + "}";
  EXPECT_EQ(long_line.size(), (std::size_t{1} << 20) + 1);
  expect_text_refused(kDistgraph + long_line + "\n", "CEP-DIST-7", "line 34");
  std::string many;
  for (int rank = 0; rank <= 1 << 14; ++rank) many += (rank == 0 ? "" : ",") + std::to_string(rank);
  expect_text_refused(
      edit(kDistgraph, R"("dim":1,"ranks":[0,1],"id":5})", R"("dim":1,"ranks":[)" + many + R"(],"id":5})"),
      "CEP-DIST-7", "line 30.comm.ranks");
}

TEST(Reject, CEP_DIST_8_compression) {
  const std::vector<std::byte> good = compressed(kDistgraph);
  ASSERT_TRUE(read_distgraph_zst(good));
  expect_refused(read_distgraph_zst({}), "CEP-DIST-8", "");
  expect_refused(read_distgraph_zst(std::span(good).first(good.size() - 1)), "CEP-DIST-8", "", "cut short");
  expect_refused(read_distgraph_zst(std::as_bytes(std::span(kDistgraph))), "CEP-DIST-8", "");
  ASSERT_TRUE(read_distgraph_zst(compressed(kDistgraph, 26)));
  expect_refused(read_distgraph_zst(compressed(kDistgraph, 27)), "CEP-DIST-8", "", "memory");
}

TEST(Reject, CEP_DIST_9_an_attribute_that_contradicts_the_tensors) {
  const auto replaced = [](const std::string& op, const std::string& attributes) {
    return edit(
        kDistgraph,
        R"("op":"torch.nn.functional.softmax","dir":"fw","at":{"dim":-1,"_stacklevel":3,"dtype":null})",
        R"("op":")" + op + R"(","dir":"fw","at":)" + attributes);
  };
  EXPECT_TRUE(read_distgraph(replaced("torch.Tensor.view", R"({"size":[4,-1]})")));
  expect_text_refused(replaced("torch.Tensor.view", R"({"size":[6,-1]})"), "CEP-DIST-9", "line 11.at.size");
  EXPECT_TRUE(read_distgraph(replaced("torch.nn.functional.softmax", R"({"dim":-2})")));
  expect_text_refused(replaced("torch.nn.functional.softmax", R"({"dim":-3})"), "CEP-DIST-9",
                      "line 11.at.dim");
  EXPECT_TRUE(read_distgraph(replaced("nnscaler.runtime.function.multiref", R"({"times":1})")));
  expect_text_refused(replaced("nnscaler.runtime.function.multiref", R"({"times":2})"), "CEP-DIST-9",
                      "line 11.at.times");
}

}  // namespace
}  // namespace cep::logical
