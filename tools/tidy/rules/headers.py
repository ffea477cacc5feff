"""Public headers: they open with what the noun is; what returns Result or Status says its Errors and its Spec."""

import re

from tree import blank, line_of

KEYS = ["Shape", "Units", "Errors", "Lifetime", "Threads", "Cost", "Why", "Spec"]
# The home of Result itself: its own members are not functions that can fail.
EXEMPT = {"libacp/include/acp/result.h"}

RETURNS = re.compile(r"^[ \t]*(?:\[\[nodiscard\]\]\s*)?(?:(?:static|virtual|inline|constexpr|friend)\s+)*"
                     r"(?:::)?(?:acp::)?(?:Result\s*<[^;{}()]*>|Status)\s+\w+\s*\(", re.M)


def comment_above(lines, index):
    """The comment lines above line `index` (0-based), past other declarations of the same paragraph."""
    block = []
    index -= 1
    while index >= 0 and lines[index].strip():
        stripped = lines[index].strip()
        if stripped.startswith(("//", "*", "/*")):
            block.insert(0, stripped)
        elif block:
            break  # a declaration above the comment: the block is complete
        index -= 1
    return [re.sub(r"^(///?|/\*+|\*/?)\s?", "", line) for line in block]


def keys_of(comment):
    found = []
    for line in comment:
        match = re.match(r"(%s)\s\s*\S" % "|".join(KEYS), line)
        if match:
            found.append(match[1])
    return found


def check(tree):
    findings = []
    for path in tree.under("libacp/include", "libcep/include", ending=".h"):
        text = tree.text(path)
        lines = text.split("\n")
        if not re.match(r"//\s*\w|/\*\s*\w", text):
            findings.append((path, 1, "a public header opens with a comment that says what the noun is"))
        if path in EXEMPT:
            continue
        bare = blank(text, strings=True)
        for match in RETURNS.finditer(bare):
            line = line_of(bare, match.start() + len(match[0]) - len(match[0].lstrip()))
            keys = keys_of(comment_above(lines, line - 1))
            for key in ("Errors", "Spec"):
                if key not in keys:
                    findings.append((path, line, f"returns Result or Status without the key {key} above it"))
        block = []
        for number, line in enumerate(lines + [""], 1):
            if re.match(r"\s*(//|/\*|\*)", line):
                block.append(line)
                continue
            keys = keys_of([re.sub(r"^\s*(//|/\*+|\*/?)\s?", "", b) for b in block])
            if sorted(keys, key=KEYS.index) != keys:
                findings.append((path, number - 1, f"keys stand in the order {', '.join(KEYS)}, here {', '.join(keys)}"))
            block = []
    return findings
