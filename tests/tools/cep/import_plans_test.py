"""Plans another system wrote. Usage: import_plans_test.py FOLDER BIN

What is compared is counted here from the lines themselves, or written in the page that came with the files.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

FOLDER, BIN = sys.argv[1], sys.argv[2]
SMALL = ["llama2l_dp2tp2pp2mb2", "moe2l_dp2tp2pp2mb2"]
LARGE = "llama2l_dp16tp8pp4mb8"


def import_plan(path, *more):
    done = subprocess.run([os.path.join(BIN, "cep"), "import-plan", "--json", path, *more], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def lines_of(name):
    packed = os.path.join(FOLDER, name + ".jsonl.zst")
    done = subprocess.run(["zstd", "-dcq", packed], capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Plans(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, lines):
        path = os.path.join(self.folder.name, "plan.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        return path

    def digest_of(self, lines):
        code, answer = import_plan(self.write(lines))
        self.assertEqual(code, 0, answer)
        return answer["digest"]

    def refused(self, lines, requirement):
        code, answer = import_plan(self.write(lines))
        self.assertNotEqual(code, 0)
        self.assertEqual(answer["error"]["requirement"], requirement, answer)

    def test_counts(self):
        for name in SMALL:
            lines = lines_of(name)
            code, answer = import_plan(os.path.join(FOLDER, name + ".jsonl.zst"))
            self.assertEqual(code, 0, answer)
            for side, tensor, node in (("reference", "tensor", "node"), ("plan", "ptensor", "pnode")):
                nodes = [line for line in lines if line["kind"] == node and line["op"] != "next"]
                self.assertEqual(answer[side]["nodes"], len(nodes))
                self.assertEqual(answer[side]["tensors"], sum(line["kind"] == tensor for line in lines))
                linears = [n for n in nodes if n["op"] == "torch.nn.functional.linear"]
                operators = answer[side]["operators"]
                self.assertEqual(operators["linear"] + operators["linear.bw"], len(linears))
            moves = sum(line.get("comm", {}).get("kind") == "send" for line in lines)
            self.assertEqual(answer["plan"]["operators"]["send"], moves)
            self.assertEqual(answer["plan"]["ranks"], 8)

    def test_bytes_say_the_same(self):
        out = os.path.join(self.folder.name, "plan.lgc")
        code, first = import_plan(os.path.join(FOLDER, SMALL[1] + ".jsonl.zst"), "-o", out)
        self.assertEqual(code, 0)
        self.assertEqual(import_plan(out)[1]["digest"], first["digest"])

    def test_hints_change_nothing(self):
        lines = lines_of(SMALL[1])
        digest = self.digest_of(lines)
        for line in lines:
            if "hint" in line:
                line["hint"] = {"parent": "nonsense", "slice": [[5, 1]]}
            line.get("comm", {})["src_ranks"] = [3, 1]
        self.assertEqual(self.digest_of(lines), digest)
        for line in lines:
            line.pop("hint", None)
        self.assertEqual(self.digest_of(lines), digest)

    def test_breaks(self):
        lines = lines_of(SMALL[0])
        header, body = lines[0], lines[1:]
        header.pop("counts")
        gather = next(i for i, line in enumerate(body) if line.get("comm", {}).get("kind") == "all_gather")
        self.refused([header, *body[:gather], *body[gather + 1:]], "CEP-LOGICAL-2")
        body[gather]["comm"]["ranks"].reverse()
        self.refused([header, *body], "CEP-LOGICAL-4")

    def test_large(self):
        code, answer = import_plan(os.path.join(FOLDER, LARGE + ".jsonl.zst"))
        self.assertEqual(code, 0, answer)
        self.assertEqual(answer["plan"]["ranks"], 512)
        self.assertEqual(answer["plan"]["nodes"], 346112 - 1024, "all but the loader's lines")
        self.assertEqual(answer["plan"]["tensors"], 384896)
        self.assertEqual(answer["plan"]["operators"]["send"] + answer["plan"]["operators"]["receive"], 18432 + 14336)
        if "--bounded" in sys.argv[3:]:
            self.assertLess(answer["peak_bytes"], 400 << 20)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
