"""Plain files: LF endings, no trailing blanks, a newline at the end, no path of somebody's machine."""

import re

# Written apart, so that this file passes its own rule.
HOMES = re.compile("(?<![\\w.])/(?:" + "|".join(("work", "home", "root", "Users")) + ")/")
TEMPORARY = re.compile("(?<![\\w.])/(?:var/)?" + "tmp" + "/")


def check(tree):
    findings = []
    for path in tree.paths:
        data = tree.data(path)
        if not data or not tree.is_text(path):
            continue
        if b"\r" in data:
            findings.append((path, 1, "line endings are LF"))
        if not data.endswith(b"\n"):
            findings.append((path, data.count(b"\n") + 1, "no newline at the end"))
        if data.endswith(b"\n\n"):
            findings.append((path, data.count(b"\n"), "blank lines at the end"))
        script = tree.is_script(path)
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if line != line.rstrip():
                findings.append((path, number, "blanks at the end of the line"))
            if HOMES.search(line) or (TEMPORARY.search(line) and not script):
                findings.append((path, number, "a path of one machine"))
    return findings
