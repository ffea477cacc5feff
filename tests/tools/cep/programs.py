"""The programs under test, as a user runs them: the last arguments of a test are the folder of data and the folder of programs."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN, DATA = sys.argv.pop(), sys.argv.pop()


def call(*words):
    done = subprocess.run([os.path.join(BIN, words[0]), *words[1:]], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def at(self, name):
        return os.path.join(self.folder, name)

    def expect(self, code, *words):
        got, out, err = call(*words)
        self.assertEqual(got, code, f"{words}\n{out}{err}")
        return out
