"""One operator is one source file, one spec page and one test; nothing else names it."""

import os
import re

from tree import literals

OPS = "libcep/src/ops"
# Logical plans have operators of their own (CEP 11.3), in one table; some share a word with those here.
LOGICAL = ("libcep/src/logical/", "libcep/src/equivalence/", "libcep/src/generate/",
           "libcep/src/order/", "libcep/src/replay/")
# Words that are also names of scalar functions, combiners or stages; only their ONNX spelling is an operator's name.
ALSO_WORDS = {"add", "sub", "mul", "div", "max", "min", "neg", "abs", "sqrt", "loop", "slice", "concat", "reshape", "identity",
              "cast", "exp", "log", "pow", "tanh", "erf", "sigmoid", "split"}


def check_pages(tree):
    """An operator has its page, under the name the file gives it, and its test."""
    findings = []
    known = {p.lower(): p for p in tree.under("spec/cep/ops", ending=".md")}
    for path in tree.under(OPS, ending=".cc"):
        if "OpDef" not in tree.bare(path):
            continue
        stem = os.path.splitext(os.path.basename(path))[0]
        if f"spec/cep/ops/{stem.replace('_', '')}.md" not in known:
            findings.append((path, 1, "has no page under spec/cep/ops"))
        if f"tests/libcep/ops/{stem}_test.cc" not in tree.paths:
            findings.append((path, 1, f"has no test tests/libcep/ops/{stem}_test.cc"))
    return findings


def names(tree):
    """Literal -> file of the operator it names: the ONNX name as the file itself spells it, and the file's stem."""
    found = {}
    for path in tree.under(OPS, ending=".cc"):
        if "OpDef" not in tree.bare(path):
            continue
        stem = os.path.splitext(os.path.basename(path))[0]
        squeezed = stem.replace("_", "").lower()
        for _, text in literals(tree.text(path)):
            if text.lower() == squeezed and text[0].isupper():
                found[text] = path
        found["".join(w.capitalize() for w in stem.split("_"))] = path
        if squeezed not in ALSO_WORDS:
            found[stem] = path
    return found


def check(tree):
    findings, operators = [], names(tree)
    for path in tree.under("libacp/src", "libcep/src", "libcep/include", "vendors", "conformance"):
        if path.startswith(LOGICAL):
            continue
        if path.startswith(OPS + "/") and path in operators.values():
            own = {n for n, p in operators.items() if p == path}
        else:
            own = set()
        for line, text in literals(tree.text(path)):
            # "cep/graph.h" in an include is not a name; a quoted word inside a longer sentence is not a branch either.
            if text in operators and text not in own and not re.match(r"\s*#\s*include", tree.text(path).split("\n")[line - 1]):
                findings.append((path, line, f'"{text}" is named outside {operators[text]}'))
    return findings
