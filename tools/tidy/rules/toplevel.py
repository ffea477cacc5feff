"""The top level is fixed: whoever opens the repository sees the same rooms every time."""

FOLDERS = {"spec", "schemas", "libacp", "libcep", "vendors", "conformance", "tools", "tests", ".ci"}
FILES = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
    ".clang-format", ".clang-tidy", ".gitignore", ".gitattributes", ".editorconfig",
}


def check(tree):
    findings = {}
    for path in tree.paths:
        top, _, rest = path.partition("/")
        if top not in (FOLDERS if rest else FILES):
            findings[top] = (path, 1, f"{top} is not one of the names of the top level")
    return list(findings.values())
