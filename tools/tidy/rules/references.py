"""What one file says about another is there: links in pages, chapters in the key Spec, numbers of decisions."""

import os
import re

from tree import line_of

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CHAPTER = re.compile(r"\b(ACP|CEP) ([0-9]+(?:\.[0-9]+)*)\b")
DECISION = re.compile(r"\bdecisions? ([0-9]{4})\b")
HEADING = re.compile(r"^#+ (?:ACP |CEP )?([0-9]+(?:\.[0-9]+)*)\b", re.M)


def chapters(tree):
    """{"CEP 5.3", ...}: every numbered heading of the pages."""
    found = set()
    for lib in ("acp", "cep"):
        for path in tree.under(f"spec/{lib}", ending=".md"):
            found.update(f"{lib.upper()} {number}" for number in HEADING.findall(tree.text(path)))
    return found


def check(tree):
    findings, known = [], chapters(tree)
    decisions = {os.path.basename(p)[:4] for p in tree.under("spec/decisions", ending=".md")}
    folders = {os.path.dirname(p) for p in tree.paths}
    folders |= {f[:n] for f in folders for n in range(len(f)) if f[n] == "/"}
    for path in tree.paths:
        if not path.endswith((".md", ".h", ".cc", ".c", ".fbs", ".capnp")):
            continue
        text = tree.text(path)
        if path.endswith(".md"):
            for match in LINK.finditer(re.sub(r"```.*?```", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)):
                if re.match(r"[a-z]+:", match[1]):
                    continue
                target = os.path.normpath(os.path.join(os.path.dirname(path), match[1]))
                if target not in tree.paths and target not in folders:
                    findings.append((path, line_of(text, match.start()), f"the link {match[1]} leads nowhere"))
        for number, line in enumerate(text.split("\n"), 1):
            for name in DECISION.findall(line):
                if name not in decisions:
                    findings.append((path, number, f"there is no decision {name}"))
            if re.match(r"\s*(//|\*|/\*)\s*Spec\s", line):
                for match in CHAPTER.finditer(line):
                    if f"{match[1]} {match[2]}" not in known:
                        findings.append((path, number, f"spec/ has no chapter {match[1]} {match[2]}"))
    return findings
