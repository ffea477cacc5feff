"""Every rule of tools/tidy accepts a good tree and refuses trees that are wrong in one place, at that place."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools", "tidy"))

import tidy  # noqa: E402
from rules import sizes  # noqa: E402
from tree import Tree  # noqa: E402

ROOM = "acp_room(LIB cep NAME %s SOURCES %s.cc PUBLIC %s)\n"

# A small tree that every rule accepts.
GOOD = {
    "CMakeLists.txt": "project(x)\n",
    "README.md": "# x\n",
    "libacp/CMakeLists.txt": "acp_room(LIB acp NAME core SOURCES src/core/core.cc)\n",
    "libacp/include/acp/core.h": "// Core: the one noun here.\n#pragma once\n#include <vector>\n",
    "libacp/src/core/core.cc": '#include "acp/core.h"\n',
    "libcep/src/graph/CMakeLists.txt": ROOM % ("graph", "graph", "acp::core"),
    "libcep/include/cep/graph.h": (
        "// Graph: what is computed.\n#pragma once\n#include \"acp/core.h\"\n"
        "// Reads a graph.\n//\n// Errors   CEP-GRAPH-1 no name.\n// Why      short.\n// Spec     CEP 2.\n"
        "[[nodiscard]] acp::Result<int> read(int a);\n"),
    "libcep/src/graph/graph.cc": (
        '#include "cep/graph.h"\n#include "graph/inner.h"\n'
        'int f() {\n  return bad("CEP-GRAPH-1", "no name");\n}\n'),
    "libcep/src/graph/inner.h": "// Inner.\n#pragma once\n",
    "libcep/src/verify/CMakeLists.txt": ROOM % ("verify", "verify", "cep::graph"),
    "libcep/src/verify/verify.cc": '#include "cep/graph.h"\n',
    "libcep/src/ops/max_pool.cc": 'const OpDef kMaxPool = {.name = "MaxPool"};\n',
    "spec/cep/ops/MaxPool.md": "# MaxPool\n",
    "tests/libcep/ops/max_pool_test.cc": "int a;\n",
    "spec/decisions/0001-a.md": "# 0001\n",
    "spec/cep/02-graph.md": "# CEP 2: graphs\n\n**CEP-GRAPH-1** A graph MUST have a name.\n",
    "tests/libcep/graph/graph_test.cc": 'TEST(Reject, CEP_GRAPH_1_empty) { EXPECT_TRUE(refused("MaxPool")); }\n',
    "conformance/mutants/graph.json": '{"kills": "CEP-GRAPH-1"}\n',
    "tools/tidy/mutant_gaps.txt": "ceiling 0\n",
    "vendors/cpu/cpu.cc": '#include "acp/shim.h"\n',
    "libacp/include/acp/shim.h": "/* The vendor ABI. */\n#include <stdint.h>\n",
    "tools/clean": "#!/bin/sh\nls /" + "tmp/x\n",
}

# Ten lines that say something.
TEN = "".join(f"int f{i}(int a) {{ return a + {i}; }}\n" for i in range(10))

# An operator's file: only what its own cases() says is put to the check of a workload, by conformance/mutants/misfits.cc.
CASES = "std::vector<OpCase> cases() {\n  return {{.requirement = \"CEP-GRAPH-1\"}};\n}\n"
NO_MUTANT = {"conformance/mutants/graph.json": "{}\n"}
TAKES_CASES = {**NO_MUTANT, "conformance/mutants/misfits.cc": "int a;\n"}

# A row of the corpus of documents: counted where there is a reader that its index is put to, and a test that runs it.
ROW = '{"documents": 1, "files": {}, "rows": [{"id": "CEP-GRAPH-1"}]}\n'
RUNS_ROWS = {**NO_MUTANT, "conformance/cep/readers.cc": 'Reader r[] = {\n    {"verify", "plans", put_to_verifier},\n};\n',
             "tests/conformance/cep_documents_test.cc": "TEST(Reject, every_row_is_refused_for_its_reason) {}\n"}

# (rule, what is changed, the path a finding must name, a word of its message)
BAD = [
    ("includes", {"libcep/src/graph/graph.cc": '#include "cep/verify.h"\n',
                  "libcep/include/cep/verify.h": "// V.\n#pragma once\n"}, "libcep/src/graph/graph.cc", "may not include"),
    ("includes", {"libcep/src/graph/graph.cc": "#include <z3++.h>\n"}, "libcep/src/graph/graph.cc", "libcep/src/solver"),
    ("includes", {"libcep/src/graph/graph.cc": "#include <sodium.h>\n"}, "libcep/src/graph/graph.cc", "envelope"),
    ("includes", {"libcep/src/graph/graph.cc": "#include <onnx/onnx_pb.h>\n"}, "libcep/src/graph/graph.cc", "libcep/onnx"),
    ("includes", {"libcep/src/graph/graph.cc": "#include <capnp/message.h>\n"}, "libcep/src/graph/graph.cc", "wire"),
    ("includes", {"libcep/src/graph/graph.cc": '#include "flatbuffers/flatbuffers.h"\n'},
     "libcep/src/graph/graph.cc", "wire"),
    ("includes", {"libcep/src/graph/graph.cc": '#include "acp_generated.h"\n'}, "libcep/src/graph/graph.cc", "generated"),
    ("includes", {"libcep/src/graph/inner.h": "#include <nlohmann/json.hpp>\n"}, "libcep/src/graph/inner.h", "nlohmann"),
    ("includes", {"vendors/cpu/cpu.cc": '#include "cep/graph.h"\n'}, "vendors/cpu/cpu.cc", "vendor"),
    ("includes", {"vendors/cpu/cpu.cc": '#include "acp/core.h"\n'}, "vendors/cpu/cpu.cc", "vendor"),
    ("includes", {"libacp/include/acp/core.h": "// C.\n#include <unistd.h>\n"}, "libacp/include/acp/core.h", "public header"),
    ("includes", {"libacp/include/acp/core.h": '// C.\n#include "inner.h"\n'}, "libacp/include/acp/core.h", "public header"),
    ("includes", {"libacp/include/acp/core.h": '// C.\n#include "cep/graph.h"\n'},
     "libacp/include/acp/core.h", "may not include"),
    ("includes", {"libcep/src/ops/max_pool.cc": '#include "graph/inner.h"\n'}, "libcep/src/ops/max_pool.cc", "private"),
    ("includes", {"tools/cep/main.cc": '#include "graph/inner.h"\n'}, "tools/cep/main.cc", "private"),
    ("includes", {"libcep/src/verify/verify.cc": '#include "../graph/inner.h"\n'}, "libcep/src/verify/verify.cc", "parent"),
    ("includes", {"tools/cep-check/main.cc": '#include "cep/verify.h"\n',
                  "libcep/include/cep/verify.h": "// V.\n#pragma once\n"}, "tools/cep-check/main.cc", "may not include"),
    ("includes", {"libcep/src/nowhere/a.cc": "int a;\n"}, "libcep/src/nowhere/a.cc", "ROOMS"),
    ("includes", {"libcep/include/cep/lost.h": "// L.\n#pragma once\n", "tools/cep/main.cc": '#include "cep/lost.h"\n'},
     "tools/cep/main.cc", "no room owns"),
    ("links", {"libcep/src/graph/CMakeLists.txt": ROOM % ("graph", "graph", "cep::verify")},
     "libcep/src/graph/CMakeLists.txt", "may not link cep.verify"),
    ("links", {"libcep/src/graph/CMakeLists.txt": ROOM % ("graph", "graph", "acp::core PRIVATE PkgConfig::Z3")},
     "libcep/src/graph/CMakeLists.txt", "may not link PkgConfig::Z3"),
    ("links", {"libcep/src/verify/CMakeLists.txt": ROOM % ("verify", "verify", "acp::core")},
     "libcep/src/verify/verify.cc", "does not link"),
    ("links", {"libcep/src/graph/CMakeLists.txt": ROOM % ("nowhere", "graph", "acp::core")},
     "libcep/src/graph/CMakeLists.txt", "ROOMS"),
    ("sizes", {"libcep/src/graph/graph.cc": "int a;\n" * 801}, "libcep/src/graph/graph.cc", "801 lines"),
    ("sizes", {"libcep/src/graph/graph.cc": "namespace a {\nint f(int b) {\n" + "  b++;\n" * 69 + "}\n}\n"},
     "libcep/src/graph/graph.cc", "f has 71 lines"),
    ("sizes", {sizes.EXCEPTIONS: "libcep/src/graph/graph.cc file 900\n"}, sizes.EXCEPTIONS, "remove the line"),
    ("sizes", {"libcep/src/graph/graph.cc": "// a\n\n" + "int a;\n" * 8, sizes.CEILINGS: "libcep/src/graph 8\n"},
     sizes.CEILINGS, "has 9 lines"),
    ("sizes", {sizes.CEILINGS: "libcep/src/grape 8\n"}, sizes.CEILINGS, "remove the line"),
    ("sizes", {"libcep/src/graph/graph.cc": "int a;\n" * 801, sizes.EXCEPTIONS: "libcep/src/graph/graph.cc file 900\n"},
     sizes.EXCEPTIONS, "shrunk to 801"),
    ("sizes", {"libcep/src/graph/graph.cc": "int a;\n" * 901, sizes.EXCEPTIONS: "libcep/src/graph/graph.cc file 900\n"},
     "libcep/src/graph/graph.cc", "may only shrink"),
    ("headers", {"libacp/include/acp/core.h": "#pragma once\n// Core.\n"}, "libacp/include/acp/core.h", "opens with"),
    ("headers", {"libacp/include/acp/core.h": "// Core.\n\n// Does.\n// Spec     ACP 1.\nStatus run();\n"},
     "libacp/include/acp/core.h", "Errors"),
    ("headers", {"libacp/include/acp/core.h": "// Core.\n\n// Does.\n// Errors   none.\n[[nodiscard]] Result<int> run();\n"},
     "libacp/include/acp/core.h", "Spec"),
    ("headers", {"libacp/include/acp/core.h": "// Core.\n\n// Spec     a.\n// Errors   b.\nStatus run();\n"},
     "libacp/include/acp/core.h", "order"),
    ("requirements", {"libcep/src/graph/graph.cc": "int a;\n"}, "spec/cep/02-graph.md", "checked nowhere"),
    ("requirements", {"tests/libcep/graph/graph_test.cc": "TEST(Graph, CEP_GRAPH_1_other) {}\n"},
     "spec/cep/02-graph.md", "TEST(Reject"),
    ("requirements", {"libcep/src/graph/graph.cc": "// CEP-GRAPH-1: as said there\n",
                      "tests/libcep/graph/graph_test.cc": "int a;\n"}, "spec/cep/02-graph.md", "no test named"),
    ("requirements", {"tests/libcep/graph/more_test.cc": "TEST(Reject, CEP_GRAPH_7_other) {}\n"},
     "tests/libcep/graph/more_test.cc", "no sentence"),
    ("requirements", {"tests/libcep/graph/graph_test.cc": "// TEST(Reject, CEP_GRAPH_1_gone)\n"},
     "spec/cep/02-graph.md", "no test named"),
    ("requirements", {"tests/libcep/graph/graph_test.cc": "TEST(Reject, CEP_GRAPH_11_other) {}\n"},
     "spec/cep/02-graph.md", "no test named"),
    ("requirements", {"spec/cep/02-graph.md": "# 2\n"}, "libcep/src/graph/graph.cc", "no sentence"),
    ("requirements", {"spec/cep/03.md": "**CEP-GRAPH-1** again.\n"}, "spec/cep/03.md", "second time"),
    ("requirements", {"libacp/src/core/core.cc": "// see CEP-GRAPH-2\n"}, "libacp/src/core/core.cc", "no sentence"),
    ("mutants", {"conformance/mutants/graph.json": "{}\n"}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {"tools/tidy/mutant_gaps.txt": "ceiling 1\nCEP-GRAPH-1\n"}, "tools/tidy/mutant_gaps.txt", "has a mutant now"),
    ("mutants", {"tools/tidy/mutant_gaps.txt": "ceiling 1\nCEP-GRAPH-9\n"}, "tools/tidy/mutant_gaps.txt", "not in spec/"),
    ("mutants", {"conformance/mutants/graph.json": "{}\n", "tools/tidy/mutant_gaps.txt": "ceiling 0\nCEP-GRAPH-1\n"},
     "tools/tidy/mutant_gaps.txt", "only falls"),
    ("mutants", {**NO_MUTANT, "tools/tidy/mutant_gaps.txt": "ceiling 1\nCEP-GRAPH-1\n"}, "tools/tidy/mutant_gaps.txt", "say behind"),
    ("mutants", {**NO_MUTANT, "libcep/src/ops/max_pool.cc": CASES}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**TAKES_CASES, "libcep/src/ops/max_pool.cc": 'void f() {\n  bad("CEP-GRAPH-1");\n}\n'},
     "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**TAKES_CASES, "libcep/src/graph/graph.cc": CASES}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**NO_MUTANT, "conformance/cep/documents/a/verify.rows.json": ROW}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**RUNS_ROWS, "conformance/cep/documents/a/prove.rows.json": ROW}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**RUNS_ROWS, "conformance/cep/documents/verify.rows.json": ROW}, "spec/cep/02-graph.md", "no mutant"),
    ("mutants", {**RUNS_ROWS, "tests/conformance/cep_documents_test.cc": "// every_row_is_refused_for_its_reason\n",
                 "conformance/cep/documents/a/verify.rows.json": ROW}, "spec/cep/02-graph.md", "no mutant"),
    ("names", {"libcep/src/graph/graph_utils.cc": "int a;\n"}, "libcep/src/graph/graph_utils.cc", "says nothing"),
    ("names", {"tools/helpers/a.py": "a = 1\n"}, "tools/helpers/a.py", "says nothing"),
    ("names", {"libacp/src/core/core.cc": "static const bool registered = add();\n"}, "libacp/src/core/core.cc", "registration"),
    ("names", {"libacp/src/core/core.cc": "static OpRegistrar r(make());\n"}, "libacp/src/core/core.cc", "registration"),
    ("names", {"libacp/src/core/core.cc": "REGISTER_OP(a);\n"}, "libacp/src/core/core.cc", "registration"),
    ("names", {"libacp/src/core/core.cc": "void f() { std::cout << 1; }\n"}, "libacp/src/core/core.cc", "print"),
    ("names", {"vendors/cpu/cpu.cc": 'void f() { fprintf(stderr, "x"); }\n'}, "vendors/cpu/cpu.cc", "print"),
    ("files", {"README.md": "# x \n"}, "README.md", "blanks"),
    ("files", {"README.md": "# x"}, "README.md", "newline"),
    ("files", {"README.md": "# x\n\n"}, "README.md", "blank lines"),
    ("files", {"README.md": "# x\r\n"}, "README.md", "LF"),
    ("files", {"README.md": "see /" + "work/main\n"}, "README.md", "machine"),
    ("files", {"README.md": "see /" + "home/a/b\n"}, "README.md", "machine"),
    ("files", {"README.md": "see /" + "tmp/a\n"}, "README.md", "machine"),
    ("toplevel", {"src/a.cc": "int a;\n"}, "src/a.cc", "top level"),
    ("toplevel", {"notes.md": "a\n"}, "notes.md", "top level"),
    ("operators", {"libcep/src/verify/verify.cc": 'bool f(S s) { return s == "MaxPool"; }\n'},
     "libcep/src/verify/verify.cc", "MaxPool"),
    ("operators", {"vendors/cpu/cpu.cc": 'bool f(S s) { return s == "max_pool"; }\n'}, "vendors/cpu/cpu.cc", "max_pool"),
    ("pages", {"libcep/src/ops/relu.cc": "const OpDef op_relu = {};\n",
                   "tests/libcep/ops/relu_test.cc": "int a;\n"}, "libcep/src/ops/relu.cc", "no page"),
    ("pages", {"libcep/src/ops/relu.cc": "const OpDef op_relu = {};\n", "spec/cep/ops/Relu.md": "# Relu\n"},
     "libcep/src/ops/relu.cc", "no test"),
    ("repeats", {"libcep/src/verify/verify.cc": TEN, "libacp/src/core/core.cc": "int b;\n" + TEN},
     "libcep/src/verify/verify.cc", "libacp/src/core/core.cc:2"),
    ("repeats", {"libcep/src/verify/verify.cc": TEN + TEN}, "libcep/src/verify/verify.cc", "repeats"),
    ("references", {"README.md": "See [a](spec/nothing.md).\n"}, "README.md", "nowhere"),
    ("references", {"libcep/src/verify/verify.cc": "// Why: decision 0002.\n"}, "libcep/src/verify/verify.cc", "decision 0002"),
    ("references", {"libcep/include/cep/graph.h": "// G.\n// Spec     CEP 2.7.\n"}, "libcep/include/cep/graph.h", "CEP 2.7"),
]

# Changes a rule must accept.
ALSO_GOOD = [
    ("includes", {"libcep/src/verify/verify.cc": '#include "graph/inner.h"\n#include <vector>\n'}),
    ("sizes", {"libcep/src/graph/graph.cc": "int f(int b) {\n" + "  if (b) { b++; }\n" * 68 + "}\n"}),
    ("sizes", {"libcep/src/graph/graph.cc": "constexpr int kT[] = {\n" + "  g(1),\n" * 90 + "};\n"}),
    ("sizes", {"libcep/src/graph/graph.cc": "namespace a {\n" + "int f(int b) { return b; }\n" * 90 + "}\n"}),
    ("sizes", {"libcep/src/graph/graph.cc": "int a;\n" * 801, sizes.EXCEPTIONS: "libcep/src/graph/graph.cc file 801\n"}),
    ("sizes", {"libcep/src/graph/graph.cc": "// a\n\n" + "int a;\n" * 8, sizes.CEILINGS: "libcep/src/graph 9\n"}),
    ("names", {"libacp/src/core/result.cc": 'void f() { fprintf(stderr, "x"); }\n'}),
    ("names", {"libacp/src/core/core.cc": "// std::cout is not used; registered = no\nchar b[9]; int n = snprintf(b, 9, c);\n"}),
    ("operators", {"libcep/src/verify/verify.cc": '// "MaxPool"\nconst char* a = "the MaxPool of a node";\n'}),
    ("mutants", {"conformance/mutants/graph.json": "{}\n", "tools/tidy/mutant_gaps.txt": "ceiling 1\nCEP-GRAPH-1  # late\n"}),
    ("mutants", {**TAKES_CASES, "libcep/src/ops/max_pool.cc": CASES}),
    ("mutants", {**RUNS_ROWS, "conformance/cep/documents/a/verify.rows.json": ROW}),
    ("repeats", {"libcep/src/verify/verify.cc": TEN.replace("f9", "g9"), "libacp/src/core/core.cc": TEN}),
    ("references", {"README.md": "[a](spec/cep/02-graph.md#x) [b](https://example.org/) [c](spec) decision 0001\n"}),
    ("requirements", {"libcep/src/graph/graph.cc": "// CEP-GRAPH-1: as said there\n",
                      "tests/libcep/graph/graph_test.cc": "RC_GTEST_PROP(Graph, CEP_GRAPH_1_holds, ()) {}\n"}),
    ("requirements", {"spec/conventions.md": "Written `**CEP-OTHER-1** ... MUST`.\n"}),
    ("headers", {"libacp/include/acp/core.h":
                 "// Core.\n\n// Does.\n// Errors   b.\n// Spec     a.\nStatus run();\nStatus stop();\n"}),
]


def plant(folder, changes):
    for path, text in {**GOOD, **changes}.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", newline="", encoding="utf-8") as file:
            file.write(text)
    return Tree(folder)


def findings(rule, changes):
    with tempfile.TemporaryDirectory() as folder:
        return tidy.RULES[rule](plant(folder, changes))


class Tidy(unittest.TestCase):
    def test_every_rule_accepts_the_good_tree(self):
        for rule in tidy.RULES:
            with self.subTest(rule=rule):
                self.assertEqual(findings(rule, {}), [])

    def test_every_rule_refuses_its_bad_trees(self):
        self.assertEqual({rule for rule, _, _, _ in BAD}, set(tidy.RULES))
        for rule, changes, path, word in BAD:
            with self.subTest(rule=rule, changes=sorted(changes), word=word):
                found = findings(rule, changes)
                self.assertTrue([f for f in found if f[0] == path and word in f[2]], found)

    def test_rules_accept_what_only_looks_wrong(self):
        for rule, changes in ALSO_GOOD:
            with self.subTest(rule=rule, changes=sorted(changes)):
                self.assertEqual(findings(rule, changes), [])

    def test_exit_codes(self):
        with tempfile.TemporaryDirectory() as folder:
            plant(folder, {})
            self.assertEqual(tidy.main(["--root", folder]), 0)
            plant(folder, {"notes.md": "a\n"})
            with open(os.devnull, "w", encoding="utf-8") as sink:
                kept, sys.stdout = sys.stdout, sink
                try:
                    self.assertEqual(tidy.main(["--root", folder]), 1)
                finally:
                    sys.stdout = kept


if __name__ == "__main__":
    unittest.main()
