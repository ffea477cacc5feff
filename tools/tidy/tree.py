"""The files of the repository, as the rules see them: tracked ones and new ones that are not ignored."""

import os
import re
import subprocess

CODE = (".cc", ".c", ".h")
TEXT = CODE + (".cl", ".sv", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".fbs", ".capnp", ".in", ".toml")


class Tree:
    """Paths are relative to the root, with forward slashes. Each file is read once."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self._text = {}
        self._bare = {}
        self.paths = sorted(self._list())

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            command = ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            asked = self._ask(command)
            if asked is not None:
                return [n for n in set(asked.split("\0")) if n and os.path.isfile(os.path.join(self.root, n))]
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in ("build", "__pycache__", ".git")]
            found += [os.path.relpath(os.path.join(folder, n), self.root).replace(os.sep, "/") for n in names]
        return found

    @staticmethod
    def _ask(command):
        """None where git is missing, or refuses a clone that belongs to somebody else."""
        try:
            return subprocess.run(command, check=True, capture_output=True).stdout.decode()
        except (OSError, subprocess.CalledProcessError):
            return None

    def data(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read()

    def text(self, path):
        if path not in self._text:
            self._text[path] = self.data(path).decode("utf-8", errors="replace")
        return self._text[path]

    def bare(self, path):
        """The text with comments blanked; lines and columns keep their places."""
        if path not in self._bare:
            self._bare[path] = blank(self.text(path), strings=False)
        return self._bare[path]

    def under(self, *folders, ending=CODE):
        return [p for p in self.paths if p.startswith(tuple(f + "/" for f in folders)) and p.endswith(ending)]

    def is_script(self, path):
        return self.data(path)[:2] == b"#!"

    def is_text(self, path):
        return path.endswith(TEXT) or self.is_script(path) or b"\0" not in self.data(path)[:4096]


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text, strings):
    """Replaces comments, and on demand the insides of literals, by spaces."""

    def replace(match):
        token = match.group(0)
        if token.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", token)
        if strings:
            return token[0] + re.sub(r"[^\n]", " ", token[1:-1]) + token[-1] if len(token) > 1 else token
        return token

    return TOKEN.sub(replace, without_separators(text))


def without_separators(text):
    """A digit separator (1'000) is not a character literal."""
    return re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text)


def literals(text):
    """(line number, content) of every string literal in C or C++ text."""
    for match in TOKEN.finditer(without_separators(text)):
        token = match.group(0)
        if token.startswith('"'):
            yield text.count("\n", 0, match.start()) + 1, token[1:-1]
        elif token.startswith('R"'):
            yield text.count("\n", 0, match.start()) + 1, token[token.index("(") + 1 : token.rindex(")")]


def line_of(text, position):
    return text.count("\n", 0, position) + 1
