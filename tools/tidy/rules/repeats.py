"""No repeated code: ten lines that stand in two places belong in one."""

import re

from tree import blank

# Lines that say something: not blank, not only braces and brackets, not an include or the end of a namespace.
WINDOW = 10
SILENT = re.compile(r"^[\s{}()\[\];,]*$|^#\s*(include|pragma|endif|ifdef|ifndef|define \w+_H_$)|^}\s*namespace|^namespace\b")


def lines_of(tree, path):
    """(line number, squeezed text) of every line that says something."""
    for number, line in enumerate(blank(tree.text(path), strings=False).split("\n"), 1):
        squeezed = re.sub(r"\s+", " ", line).strip()
        if not SILENT.match(squeezed):
            yield number, squeezed


def check(tree):
    findings, first_place = [], {}
    for path in tree.under("libacp", "libcep", "vendors", "conformance", "tools"):
        rows = list(lines_of(tree, path))
        repeated_until = 0
        for start in range(len(rows) - WINDOW + 1):
            window = tuple(text for _, text in rows[start : start + WINDOW])
            where = (path, rows[start][0])
            other = first_place.setdefault(window, where)
            if other != where and start >= repeated_until:
                findings.append((*where, f"repeats {WINDOW} lines and more of {other[0]}:{other[1]}"))
                repeated_until = start + WINDOW
    return findings
