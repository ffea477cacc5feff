"""The rules, one file each. A rule is a function from a Tree to findings (path, line, message)."""
