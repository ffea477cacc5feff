"""Files stop at 800 lines, functions at 70. Exceptions are listed with their present size and may only shrink. Folders that must stay small
have a ceiling."""

import re

from tree import blank, line_of

FILE_LINES = 800
FUNCTION_LINES = 70
SOURCE = (".cc", ".c", ".h", ".cl", ".sv", ".py", ".sh", ".cmake", "CMakeLists.txt")
EXCEPTIONS = "tools/tidy/size_exceptions.txt"  # lines: PATH NAME LINES; NAME is the function, or "file"
CEILINGS = "tools/tidy/folder_ceilings.txt"  # lines: FOLDER LINES; of code, in its own .cc and .h


def exceptions(tree):
    rows = {}
    if EXCEPTIONS in tree.paths:
        for number, line in enumerate(tree.text(EXCEPTIONS).splitlines(), 1):
            words = line.split("#")[0].split()
            if words:
                rows[(words[0], words[1])] = (number, int(words[2]))
    return rows


def functions(text):
    """(name, first line, last line) of every function body outside other functions: a heuristic on braces."""
    bare = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m[0]), blank(text, True), flags=re.M)
    depth, start, inside, found, name = 0, 0, None, [], ""
    for position, char in enumerate(bare):
        if char == "{":
            if inside is None:
                head = bare[start:position]
                called = re.search(r"([~\w]+|operator\s*\S+)\s*\(", head)
                data = re.search(r"=\s*$|=\s*[^()]*$", head) and "operator" not in head
                container = re.search(r"\b(namespace|class|struct|union|enum)\b[^()]*$", head)
                if called and not data and not container and ")" in head:
                    inside, name = depth, called[1]
                    begin = start + len(head) - len(head.lstrip())
            depth += 1
            start = position + 1
        elif char == "}":
            depth -= 1
            if inside is not None and depth == inside:
                found.append((name, line_of(bare, begin), line_of(bare, position)))
                inside = None
            start = position + 1
        elif char == ";" and inside is None:
            start = position + 1
    return found


def lines_of_code(text):
    return sum(bool(line.strip()) and not line.lstrip().startswith("//") for line in text.splitlines())


def over_ceilings(tree):
    findings = []
    rows = tree.text(CEILINGS).splitlines() if CEILINGS in tree.paths else []
    for number, row in enumerate(rows, 1):
        words = row.split("#")[0].split()
        if not words:
            continue
        own = [p for p in tree.paths if p.rpartition("/")[0] == words[0] and p.endswith((".cc", ".h"))]
        lines = sum(lines_of_code(tree.text(path)) for path in own)
        if not own:
            findings.append((CEILINGS, number, f"{words[0]} has no source: remove the line"))
        elif lines > int(words[1]):
            findings.append((CEILINGS, number, f"{words[0]} has {lines} lines of code, its ceiling is {words[1]}"))
    return findings


def check(tree):
    findings, sizes = over_ceilings(tree), {}
    allowed = exceptions(tree)
    for path in tree.paths:
        if not (path.endswith(SOURCE) or tree.is_script(path)):
            continue
        lines = tree.text(path).count("\n")
        if lines > FILE_LINES:
            sizes[(path, "file")] = (1, lines, FILE_LINES)
        if path.endswith((".cc", ".c", ".h")):
            for name, first, last in functions(tree.text(path)):
                if last - first + 1 > FUNCTION_LINES:
                    sizes[(path, name)] = (first, last - first + 1, FUNCTION_LINES)
    for key, (line, size, limit) in sizes.items():
        row = allowed.get(key)
        if row is None:
            findings.append((key[0], line, f"{key[1]} has {size} lines, {limit} is the limit"))
        elif size > row[1]:
            findings.append((key[0], line, f"{key[1]} has {size} lines, its exception says {row[1]} and may only shrink"))
        elif size < row[1]:
            findings.append((EXCEPTIONS, row[0], f"{key[0]} {key[1]} has shrunk to {size} lines: write that"))
    for key, (number, _) in allowed.items():
        if key not in sizes:
            findings.append((EXCEPTIONS, number, f"{key[0]} {key[1]} needs no exception any more: remove the line"))
    return findings
