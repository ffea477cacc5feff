#!/usr/bin/env python3
"""Checks the repository against its own rules. Usage: tidy.py [RULE...] [--root DIR] [--list] [--gaps]

Without a rule: all of them. Prints "path:line: message [rule]". Exit 0 nothing found, 1 findings, 2 usage.
Every rule is also a ctest case of its own, tidy.RULE.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from rules import files, headers, includes, names, operators, references, repeats, requirements, sizes, toplevel  # noqa: E402
from tree import Tree  # noqa: E402

RULES = {
    "includes": includes.check,
    "links": includes.check_links,
    "sizes": sizes.check,
    "headers": headers.check,
    "requirements": requirements.check,
    "mutants": requirements.check_mutants,
    "names": names.check,
    "files": files.check,
    "toplevel": toplevel.check,
    "operators": operators.check,
    "pages": operators.check_pages,
    "repeats": repeats.check,
    "references": references.check,
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="tidy.py", description=__doc__.splitlines()[0])
    parser.add_argument("rule", nargs="*", choices=[[], *RULES], help="rules to check (default: all)")
    parser.add_argument("--root", default=os.path.join(HERE, "..", ".."), help="repository to check")
    parser.add_argument("--list", action="store_true", help="print the rules and stop")
    parser.add_argument("--gaps", action="store_true", help="print the list of requirements without a mutant and stop")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(RULES))
        return 0
    tree = Tree(options.root)
    if not tree.paths:
        print(f"tidy: no files under {tree.root}", file=sys.stderr)
        return 2
    if options.gaps:
        print(requirements.gap_list(tree))
        return 0
    count = 0
    for rule in options.rule or RULES:
        for path, line, message in sorted(set(RULES[rule](tree))):
            print(f"{path}:{line}: {message} [{rule}]")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
