"""What tools/firstlight keeps: a result serves again only while everything that decided it is as it was."""

import contextlib
import io
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/firstlight"))
from stages import Stages  # noqa: E402


class Kept(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.program, self.read, self.made = (self.folder / name for name in ("program", "read", "made"))
        self.program.write_text(f'#!/bin/sh\nprintf made >"{self.made}"\necho "{{}}"\n')
        self.program.chmod(0o755)
        self.read.write_text("read")
        self.arguments = {"reads": [self.read], "makes": [self.made], "facts": ["one"], "keep": True}

    def is_kept(self, fresh=False, words=()):
        stages = Stages(self.folder / "kept", fresh)
        with contextlib.redirect_stdout(io.StringIO()):
            stages.run("a stage", [self.program, *words], **self.arguments)
        return stages.done[-1]["cached"] is not None

    def test_the_same_again(self):
        self.assertFalse(self.is_kept())
        self.assertTrue(self.is_kept())
        self.assertFalse(self.is_kept(fresh=True))

    def changes(self, change):
        self.is_kept()
        change()
        self.assertFalse(self.is_kept())
        self.assertTrue(self.is_kept())

    def test_another_file_to_read(self):
        self.changes(lambda: self.read.write_text("other"))

    def test_another_program(self):
        self.changes(lambda: self.program.write_text(self.program.read_text() + "# other\n"))

    def test_another_fact(self):
        self.changes(lambda: self.arguments.update(facts=["two"]))

    def test_facts_are_no_words(self):
        self.is_kept()
        self.arguments["facts"] = []
        self.assertFalse(self.is_kept(words=["one"]))

    def test_another_place_to_find_shims(self):
        before = os.environ.get("ACP_SHIM_PATH", "")
        self.addCleanup(os.environ.update, ACP_SHIM_PATH=before)
        self.changes(lambda: os.environ.update(ACP_SHIM_PATH=before + "/other"))

    def test_a_file_made_that_is_changed_or_gone(self):
        self.changes(lambda: self.made.write_text("changed"))
        self.changes(self.made.unlink)


if __name__ == "__main__":
    unittest.main()
