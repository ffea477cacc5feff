"""Names and idioms that have no place here: vague folders, static registration, printing inside libraries."""

import re

from tree import blank, line_of

VAGUE = re.compile(r"(^|[/_-])(utils?|common|helpers?|managers?|misc)([/_.-]|$)", re.I)
REGISTRATION = re.compile(
    r"\bREGISTER_\w+\s*\(|\b(?:static|const|inline)\s+[\w:<>\s]*\b\w*(?:[Rr]egistr(?:ar|ation|er)|registered)\w*\b(?:\s+\w+)?\s*[=({]"
    r"|__attribute__\s*\(\s*\(\s*(?:constructor|destructor)|\[\[\s*gnu::constructor")
PRINTING = re.compile(r"\bstd::(?:cout|cerr|clog)\b|(?<![\w.>])(?:std::)?v?f?printf\s*\(|(?<![\w.>])(?:std::)?f?put[cs]\s*\("
                      r"|\bputchar\s*\(|\bfmt::print\w*\s*\(|#\s*include\s*<iostream>")
LIBRARIES = ("libacp/src", "libacp/include", "libcep/src", "libcep/include", "vendors")
# The failing assertion says where before it ends the process.
MAY_PRINT = {"libacp/src/core/result.cc"}


def check(tree):
    findings = [(p, 1, "a name that says nothing: utils, common, helpers, manager") for p in tree.paths if VAGUE.search(p)]
    for path in tree.under("libacp", "libcep", "vendors", "conformance", "tools"):
        bare = blank(tree.text(path), strings=True)
        for match in REGISTRATION.finditer(bare):
            findings.append((path, line_of(bare, match.start()), "static registration: compose in main instead"))
    for path in tree.under(*LIBRARIES):
        if path in MAY_PRINT:
            continue
        bare = blank(tree.text(path), strings=True)
        for match in PRINTING.finditer(bare):
            findings.append((path, line_of(bare, match.start()), "libraries never print"))
    return findings
