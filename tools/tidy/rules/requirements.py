"""One id joins a sentence of the spec, the check in the code, the test and the mutant.

What is refused carries its id as a string literal at the check, and its test stands in the suite Reject. A sentence about meaning
(what an operator computes) is cited in a comment of the source that does it, and some test is named by it.
"""

import json
import re

from tree import literals, line_of

ID = r"(?:ACP|CEP)-[A-Z][A-Z0-9]*-[0-9]+"
SENTENCE = re.compile(r"\*\*(" + ID + r")\*\*")
MENTION = re.compile(r"\b(" + ID + r")\b")
TEST = re.compile(r"\b[A-Z][A-Z_]+\s*\(\s*(\w+)\s*,\s*(ACP|CEP)_([A-Z][A-Z0-9]*)_([0-9]+)(?=_|\b)")
SOURCES = ("libacp", "libcep", "vendors", "conformance", "tools")
GAPS = "tools/tidy/mutant_gaps.txt"  # "ceiling N", then one id a line, behind a # why it has no mutant
MISFITS = "conformance/mutants/misfits.cc"  # makes a mutant of every operator's case that must be refused
DOCUMENTS = re.compile(r"conformance/cep/documents/[^/]+/([^/]+)\.rows\.json")
READERS = "conformance/cep/readers.cc"  # the table of them; each row of {"verify", "...", put_to_verifier} reads all verify.rows.json
READER = re.compile(r'^ +\{"([a-z-]+)", ".*", put_to_\w+\},?$', re.M)
ROWS_RUN = "tests/conformance/cep_documents_test.cc"  # puts every row of the corpus to its reader
CASES = re.compile(r"^std::vector<OpCase> cases\(\) \{$.*?^\}$", re.S | re.M)


def sentences(tree):
    """id -> [(path, line)] of every numbered sentence."""
    found = {}
    for path in tree.under("spec", ending=".md"):
        # What stands in code spans and blocks speaks about ids; it defines none.
        text = re.sub(r"```.*?```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m[0]), tree.text(path), flags=re.S)
        for match in SENTENCE.finditer(text):
            found.setdefault(match[1], []).append((path, line_of(text, match.start())))
    return found


def checks(tree):
    """id -> [(path, line)] of every string literal in the source that carries it."""
    found = {}
    for path in tree.under(*SOURCES):
        for line, text in literals(tree.text(path)):
            for match in MENTION.finditer(text):
                found.setdefault(match[1], []).append((path, line))
    return found


def citations(tree):
    """Ids that stand in a comment of a source file (headers only announce them)."""
    found = set()
    for path in tree.under(*SOURCES, ending=(".cc", ".c")):
        found.update(MENTION.findall(tree.text(path)))
    return found


def tests_named(tree):
    """id -> [(path, line, suite)] of every TEST(Suite, CEP_XXX_n_what)."""
    found = {}
    for path in tree.under("tests", ending=(".cc", ".c")):
        text = tree.bare(path)
        for match in TEST.finditer(text):
            place = (path, line_of(text, match.start()), match[1])
            found.setdefault("-".join(match.groups()[1:]), []).append(place)
    return found


def check(tree):
    findings = []
    spec, code, cited, tests = sentences(tree), checks(tree), citations(tree), tests_named(tree)
    for name, places in spec.items():
        findings += [(p, l, f"{name} is defined a second time") for p, l in places[1:]]
        if name not in code and name not in cited:
            findings.append((*places[0], f"{name} is checked nowhere: no source carries it"))
        suites = {suite for _, _, suite in tests.get(name, [])}
        if not suites or name in code and not any(s.startswith("Reject") for s in suites):
            suite = "Reject" if name in code else "..."
            findings.append((*places[0], f"{name} has no test named TEST({suite}, {name.replace('-', '_')}_...)"))
    for found, what in ((code, "the source"), (tests, "a test")):
        for name, places in found.items():
            if name not in spec:
                findings.append((*places[0][:2], f"{what} carries {name}, which no sentence of spec/ defines"))
    for path in tree.under("libacp", "libcep", "vendors", "conformance"):
        text = tree.text(path)
        for match in MENTION.finditer(text):
            if match[1] not in spec and match[1] not in code:
                findings.append((path, line_of(text, match.start()), f"{match[1]}: no sentence of spec/ defines it"))
    return findings


def documents(tree):
    """Ids that a row of the corpus of documents must be refused with. A row counts when its index is one that the test runs: there is a
    reader of its name, and the test stands."""
    if not {READERS, ROWS_RUN} <= set(tree.paths) or "every_row_is_refused_for_its_reason" not in tree.bare(ROWS_RUN):
        return set()
    readers, found = set(READER.findall(tree.bare(READERS))), set()
    for path in tree.paths:
        match = DOCUMENTS.fullmatch(path)
        if match and match[1] in readers:
            rows = json.loads(tree.text(path))["rows"]
            found.update(row[key] for row in rows for key in ("id", "condition") if key in row)
    return found


def mutants(tree):
    """Ids that some file under conformance/mutants names, those of the operators' own cases, which misfits() takes from them, those for
    which the reject corpus has a plan, and those of the corpus of documents."""
    killed = documents(tree)
    for path in tree.paths:
        if path.startswith("conformance/mutants/"):
            killed.update(MENTION.findall(tree.text(path)))
        elif path == "conformance/cep/reject/index.json":
            killed.update(re.findall(r'"id":\s*"(' + ID + r')"', tree.text(path)))
    if MISFITS in tree.paths:
        for path in tree.under("libcep/src/ops", ending=".cc"):
            for cases in CASES.findall(tree.bare(path)):
                killed.update(name for _, text in literals(cases) for name in MENTION.findall(text))
    return killed


def gap_list(tree):
    """What GAPS would hold if it were written today; its remarks and reasons stay."""
    gaps = sorted(set(sentences(tree)) - mutants(tree), key=lambda n: (n.rsplit("-", 1)[0], int(n.rsplit("-", 1)[1])))
    lines = tree.text(GAPS).splitlines() if GAPS in tree.paths else []
    reasons = {line.split()[0]: line for line in lines if line[:1] not in ("", "#")}
    return "\n".join([*(line for line in lines if line.startswith("#")), f"ceiling {len(gaps)}",
                      *(reasons.get(gap, gap) for gap in gaps)])


def check_mutants(tree):
    """Every requirement has a mutant under conformance, or stands in the list of gaps, which may only shrink."""
    findings, gaps, ceiling = [], {}, 0
    if GAPS in tree.paths:
        for number, line in enumerate(tree.text(GAPS).splitlines(), 1):
            words = line.split("#")[0].split()
            if words[:1] == ["ceiling"]:
                ceiling = int(words[1])
            elif words:
                gaps[words[0]] = number
                if not line.partition("#")[2].strip():
                    findings.append((GAPS, number, f"{words[0]}: say behind a # why it has no mutant"))
    spec, killed = sentences(tree), mutants(tree)
    for name, places in spec.items():
        if name not in killed and name not in gaps:
            findings.append((*places[0], f"{name} has no mutant under conformance"))
    for name, number in gaps.items():
        if name in killed:
            findings.append((GAPS, number, f"{name} has a mutant now: remove the line and lower the ceiling"))
        elif name not in spec:
            findings.append((GAPS, number, f"{name} is not in spec/ any more: remove the line and lower the ceiling"))
    if len(gaps) != ceiling:
        findings.append((GAPS, 1, f"{len(gaps)} gaps, ceiling {ceiling}: the ceiling is the number of gaps and only falls"))
    return findings
