"""The command lines in the hands of somebody careless or hostile: what cannot be done is said, and ends with the code that says so."""

import filecmp
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import unittest

from programs import BIN, DATA, InFolder, call

TWO_OUTPUTS = {"cep": 1, "name": "two", "inputs": [{"name": "x", "type": "f32[4]"}],
               "nodes": [{"name": "relu", "op": "Relu", "inputs": ["x"], "outputs": ["a/b"]},
                         {"name": "neg", "op": "Neg", "inputs": ["x"], "outputs": ["a_b"]}],
               "outputs": ["a/b", "a_b"]}

# A logical plan of one rank: a function of one input.
TENSOR, NODE = {"kind": "tensor", "shape": [2], "dtype": "float32"}, {"op": "silu", "dir": "fw", "at": {}}
SILU = [{"kind": "header", "format": "distgraph-jsonl", "version": 2, "name": "name", "parallel": {"ranks": 1}},
        {**TENSOR, "id": 0, "role": "input", "name": "x"}, {**TENSOR, "id": 1, "role": "value", "name": "y", "output": True},
        {"kind": "node", "id": 2, **NODE, "in": [0], "out": [1]},
        {**TENSOR, "kind": "ptensor", "id": 3, "rank": 0, "role": "input", "bind": {"ref": 0, "slice": [[0, 2]]}},
        {**TENSOR, "kind": "ptensor", "id": 4, "rank": 0, "role": "value", "yield": {"ref": 1, "slice": [[0, 2]]}},
        {"kind": "pnode", "id": 5, "rank": 0, **NODE, "in": [3], "out": [4]}]
ONE_RANK = "".join(json.dumps(line) + "\n" for line in SILU)


def shell(line, *words):
    """A line for the shell, in which "$@" is a program and its arguments."""
    command = ["sh", "-c", line, "sh", os.path.join(BIN, words[0]), *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Hostile(InFolder):
    def setUp(self):
        super().setUp()
        self.workload = self.at("W.cep")
        self.expect(0, "cep", "import", os.path.join(DATA, "workload.json"), "-o", self.workload)

    def write(self, name, text):
        with open(self.at(name), "w") as file:
            file.write(text)
        return self.at(name)

    def refused(self, code, words, *commands):
        got, out, err = call(*commands)
        self.assertEqual((got, words in err), (code, True), f"{commands}\n{out}{err}")
        self.assertEqual(out, "")


class Arguments(Hostile):
    def test_nothing_is_empty(self):
        for words in (["cep", "import", "", "-o", "x"], ["cep", "import", self.workload, "-o", ""], ["cep", "show", self.workload, ""],
                      ["cep", "run", self.workload, "--on", "cpu", "--output", ""], ["cep", "rules", "export", ""],
                      ["cep", "verify", self.workload, self.workload, "--explain", ""], ["cep-check", self.workload, ""],
                      ["acp", "keygen", ""], ["acp", "show", ""], ["acp-conformance", "run", "--shim", ""]):
            self.refused(2, "is empty", *words)
        self.assertEqual(os.listdir(self.folder), ["W.cep"])

    def test_what_says_nothing_without_another(self):
        run = ["cep", "run", self.workload, "--on"]
        self.refused(2, "there is no plan that it is of", *run, "cpu", "--certificate", self.workload)
        self.refused(2, "the interpreter has no steps", *run, "interpreter", "--trace", self.at("t"))
        self.refused(2, "--pb requires --output", *run, "cpu", "--pb")
        self.refused(2, "--placement excludes --objective", "cep", "plan", self.workload, "--devices", "cpu", "-o", self.at("P"),
                     "--placement", self.workload, "--objective", "memory")
        self.refused(2, "--hidden: is no option of squeezenet", "cep", "generate", "squeezenet", "-o", self.at("M"), "--hidden", "8")
        self.refused(2, "--image: is no option of encoder", "cep", "generate", "encoder", "-o", self.at("M"), "--image", "32")
        self.refused(2, "--seed: is no option of plan", "cep", "generate", "--seed", "3", "plan", "--model", "llama3-8b", "--pattern",
                     "-o", self.at("M"))

    def test_what_cannot_be_generated_is_said_by_option(self):
        model, plan = ["cep", "generate", "squeezenet", "-o", self.at("x")], ["cep", "generate", "plan", "--model", "llama3-8b", "-o", self.at("x")]
        self.refused(2, "MODEL: is required", "cep", "generate", "-o", self.at("x"))
        self.refused(2, "--output: is required", "cep", "generate", "squeezenet")
        self.refused(2, "--output is required", "cep", "generate", "plan", "--model", "llama3-8b")
        self.refused(2, '"net"; there are encoder, resnet50, squeezenet [', "cep", "generate", "net", "-o", self.at("x"))
        self.refused(3, "a known shape; there are llama3-8b, llama3-70b, llama3-405b [", "cep", "generate", "plan", "--model", "llama", "-o",
                     self.at("x"))
        for option, value, why in (("--image", "0", "--image: not 32 to 2,048 ["), ("--image", "-5", "--image: not 32 to 2,048 ["),
                                   ("--image", "1.5", "Could not convert: --image"), ("--batch", "-1", "--batch: not 0 to 65,536 ["),
                                   ("--seed", "-1", "--seed: -1: not 0, 1, 2, "), ("--seed", "x", "--seed")):
            self.refused(2, why, *model, option, value)
        self.refused(2, "--heads: does not divide hidden [", "cep", "generate", "encoder", "-o", self.at("x"), "--heads", "7")
        for words, why in ((["--tp", "0"], "--tp: less than 1 ["), (["--tp", "-1"], "--tp: less than 1 ["),
                           (["--tp", "3"], "--tp: does not divide the heads of keys and values ["), (["--pp", "33"], "--pp: more chunks than layers ["),
                           (["--tp", "two"], "Could not convert: --tp"), (["--micro-batches", "0"], "--micro-batches: less than 1 ["),
                           (["--decode", "--steps", "0"], "--steps: less than 1 ["), (["--decode", "--cache", "-1"], "--cache: less than 0 ["),
                           (["--decode", "--pattern", "--position", "-1"], "--position: less than 0 ["),
                           (["--sequence", "0"], "--sequence: less than 1 ["), (["--dp", "2", "--batch", "3"], "--batch: not divided by "),
                           (["--interleave", "2"], "--interleave: one stage "), (["--order", "chain"], "--order: chain not in {tree}")):
            self.refused(2, why, *plan, *words)
        self.assertEqual(os.listdir(self.folder), ["W.cep"])

    def test_seconds_are_a_number(self):
        for seconds in ("nan", "-nan", "inf", "0", "1e300", "x"):
            self.refused(2, "--timeout", "cep", "run", self.workload, "--on", "cpu", "--timeout", seconds)
        self.refused(2, "--timeout", "acp-conformance", "run", "--shim", "template", "--timeout", "nan")

    def test_a_shim_host_tells_how_it_is_used(self):
        for words in (["--help"], ["-h"]):
            self.assertIn("acp-shim-host LIBRARY", self.expect(0, "acp-shim-host", *words))
        for words in ([], [""], ["--nonsense"], ["a", "b"]):
            self.refused(2, "acp-shim-host LIBRARY", "acp-shim-host", *words)


class Files(Hostile):
    def test_what_is_no_regular_file(self):
        local = socket.socket(socket.AF_UNIX)
        self.addCleanup(local.close)
        local.bind(self.at("socket"))
        for path, why in (("/dev/zero", "not a regular file"), ("/dev/null", "not a regular file"), (self.folder, "Is a directory"),
                          (self.at("socket"), "No such device")):
            for words in (["cep", "show"], ["cep", "prove"], ["cep", "import-plan"], ["acp", "show"], ["acp-conformance", "verify"]):
                self.refused(4, f"{path}: cannot be read: {why}", *words, path)
            self.refused(4, why, "cep", "run", self.workload, "--on", "cpu", "--input", path)

    def test_a_file_of_another_kind_is_named(self):
        logical, empty = self.write("plan.jsonl", ONE_RANK), self.write("empty", "")
        self.expect(0, "cep", "prove", logical, "-o", self.at("plan.lgc"), "--certificate", self.at("plan.lgt"))
        thread = os.path.join(DATA, "thread.plan")
        self.expect(0, "cep", "context", "--shim", "cpu", "-o", self.folder)
        self.expect(0, "acp", "export", self.at("cpu.acp"), "-o", self.at("cpu.json"))
        for path, kind in ((self.workload, "a workload"), (os.path.join(DATA, "workload.json"), "a workload"), (thread, "a plan"),
                           (self.at("plan.lgt"), "a logical plan's certificate"), (self.at("cpu.json"), "an ACP document"), (empty, "nothing")):
            for command in ("prove", "import-plan"):
                self.refused(2, f"{path}: ", "cep", command, path)
                self.refused(2, f"; it holds {kind}, where a logical plan is wanted [CEP-DIST-", "cep", command, path)
        for path in (logical, self.at("plan.lgc")):
            for words in (["import", path, "-o", self.at("x")], ["plan", path, "--devices", "cpu", "-o", self.at("x")], ["verify", path, thread],
                          ["run", path, "--on", "cpu"]):
                self.refused(2, "; it holds a logical plan, where a workload is wanted [CEP-", "cep", *words)
            self.refused(2, "; it holds a logical plan, where a plan is wanted [CEP-WIRE-1]", "cep", "verify", self.workload, path)
            self.refused(2, "; it holds a logical plan, where a logical plan's certificate is wanted [CEP-WIRE-1]", "cep-check", path, path)
        self.refused(2, "; it holds nothing, where a workload is wanted [CEP-WIRE-1]", "cep", "show", empty)
        # Of what nobody knows, nothing is said.
        for words in (["prove"], ["show"]):
            self.assertNotIn("it holds", call("cep", *words, self.write("other.json", "[1]"))[2])

    def test_a_file_without_end(self):
        with open(self.at("large"), "w") as file:
            os.truncate(file.fileno(), (1 << 32) + 1)
        for words in (["cep", "show"], ["acp", "show"], ["cep", "prove"]):
            self.refused(4, "larger than 4 GiB", *words, self.at("large"))

    def test_a_pipe_is_read(self):
        code, _, err = shell(f'cat "{self.workload}" | "$@"', "cep", "import", "/dev/stdin", "-o", self.at("V.cep"))
        self.assertEqual(code, 0, err)
        with open(self.workload, "rb") as one, open(self.at("V.cep"), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_a_pipe_is_read_once(self):
        """Whatever looks into a file before it knows what it holds."""
        logical = self.write("plan.jsonl", ONE_RANK)
        self.expect(0, "cep", "import-plan", logical, "-o", self.at("plan.lgc"))
        self.expect(0, "cep", "prove", logical, "--certificate", self.at("plan.lgt"))
        self.expect(0, "cep", "context", "--shim", "cpu", "-o", self.folder)
        self.expect(0, "acp", "keygen", self.at("k"))
        self.expect(0, "acp", "sign", self.at("cpu.acp"), "--key", self.at("k.key"), "-o", self.at("cpu.dsse"))
        self.expect(0, "acp", "export", self.at("cpu.acp"), "-o", self.at("cpu.json"))
        for words in (["cep", "show", self.workload], ["cep", "show", os.path.join(DATA, "workload.json")], ["cep", "show", logical],
                      ["cep", "show", self.at("plan.lgc")], ["cep", "prove", logical], ["cep-check", logical, self.at("plan.lgt")],
                      ["cep", "diff", self.workload, "--b", "cpu"], ["cep", "run", self.workload, "--on", "interpreter"],
                      ["acp", "show", self.at("cpu.dsse")], ["acp", "sign", self.at("cpu.dsse"), "--key", self.at("k.key")],
                      ["acp", "sign", self.at("cpu.json"), "--key", self.at("k.key")],
                      ["acp", "verify", self.at("cpu.dsse"), "--trust", self.at("k.pub")]):
            at = 1 if words[0] == "cep-check" else 2
            code, out, err = shell(f'cat "{words[at]}" | "$@"', *words[:at], "/dev/stdin", *words[at + 1:])
            self.assertEqual(code, 0, f"{words}\n{err}")
            if words[1] in ("show", "sign"):
                self.assertEqual(out, self.expect(0, *words), words)
        # One file for all inputs.
        square = self.write("square.json", json.dumps({
            "cep": 1, "name": "square", "inputs": [{"name": name, "type": "f32[2,2]"} for name in ("a", "b")],
            "nodes": [{"name": "product", "op": "MatMul", "inputs": ["a", "b"], "outputs": ["y"], "order": "chain"}], "outputs": ["y"]}))
        self.expect(0, "cep", "run", square, "--on", "interpreter", "--output", self.folder)
        npy = self.at("y.npy")
        wanted = self.expect(0, "cep", "run", square, "--on", "interpreter", "--input", npy)
        self.assertEqual(shell(f'cat "{npy}" | "$@"', "cep", "run", square, "--on", "interpreter", "--input", "/dev/stdin"), (0, wanted, ""))

    def test_what_lies_beside_a_plan(self):
        """A pipe, or a file of another kind, that is named like a document."""
        shutil.copy(os.path.join(DATA, "thread.plan"), self.folder)
        self.expect(0, "cep", "context", "--shim", "cpu", "--shim", "template", "-o", self.folder)
        self.expect(0, "cep", "bind", self.at("thread.plan"), "--workload", self.workload)
        os.mkfifo(self.at("pipe.json"))
        os.mkdir(self.at("folder.json"))
        with open(self.at("large.json"), "w") as file:
            os.truncate(file.fileno(), 1 << 33)
        self.expect(0, "cep", "verify", self.workload, self.at("thread.plan"))

    def test_half_a_key_pair_does_not_stay(self):
        os.mkdir(self.at("k.pub"))
        self.refused(4, "k.pub: cannot be written: Is a directory", "acp", "keygen", self.at("k"))
        self.assertFalse(os.path.exists(self.at("k.key")))
        self.refused(4, "names a folder", "acp", "keygen", self.folder + "/")

    def test_a_key_that_cannot_sign_shows_before_the_run(self):
        self.refused(2, "ACP-KEY-1", "acp-conformance", "run", "--shim", "template", "--out", self.at("out"), "--key",
                     self.write("no.key", "none"))
        self.assertFalse(os.path.exists(self.at("out")))


class Output(Hostile):
    def test_what_cannot_be_written_does_not_pass_for_written(self):
        for words in (["cep", "show", self.workload], ["cep", "show", self.workload, "--json"], ["cep", "rules", "list"],
                      ["cep", "plan", self.workload, "--devices", "cpu", "-o", "-"], ["acp", "--help"], ["cep-check", "--help"]):
            for where in ('"$@" >/dev/full', '"$@" >&-'):
                code, _, err = shell(where, *words)
                self.assertEqual((code, "stdout: cannot be written" in err), (4, True), f"{words} {where}\n{err}")
        # A file must not be opened as what was closed.
        self.assertEqual(shell('"$@" >&- 2>&-', "cep", "import", self.workload, "-o", self.at("V.cep"))[0], 4)
        with open(self.workload, "rb") as one, open(self.at("V.cep"), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_half_a_file_does_not_stay(self):
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        done = subprocess.run([os.path.join(BIN, "cep"), "import", self.workload, "-o", self.at("V.cep")], capture_output=True, text=True,
                              timeout=60, restore_signals=False, preexec_fn=limited)
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertEqual(done.stderr, self.at("V.cep") + ": cannot be written: File too large\n")
        self.assertEqual(os.listdir(self.folder), ["W.cep"])
        # What was there before stays.
        shutil.copy(os.path.join(DATA, "thread.plan"), self.folder)
        self.expect(0, "cep", "context", "--shim", "cpu", "--shim", "template", "-o", self.folder)
        before = sorted(os.listdir(self.folder))
        done = subprocess.run([os.path.join(BIN, "cep"), "bind", self.at("thread.plan"), "--workload", self.workload], capture_output=True,
                              text=True, timeout=60, restore_signals=False, preexec_fn=limited)
        self.assertEqual((done.returncode, done.stderr), (4, self.at("thread.plan") + ": cannot be written: File too large\n"))
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        self.assertTrue(filecmp.cmp(self.at("thread.plan"), os.path.join(DATA, "thread.plan"), shallow=False))
        for path in ("/dev/full", self.at("absent/V.cep"), self.folder):
            self.refused(4, path + ": cannot be written: ", "cep", "import", self.workload, "-o", path)
        self.assertTrue(os.path.exists("/dev/full"))

    def test_a_file_is_replaced_as_what_it_is(self):
        """Its rights and a link to it stay; a second name of it goes on naming it."""
        with open(self.workload, "rb") as file:
            wanted = file.read()
        os.chmod(self.write("real.cep", "old"), 0o640)
        os.symlink("real.cep", self.at("link.cep"))
        self.expect(0, "cep", "import", self.workload, "-o", self.at("link.cep"))
        self.assertTrue(os.path.islink(self.at("link.cep")))
        self.assertEqual(os.stat(self.at("real.cep")).st_mode & 0o777, 0o640)
        os.symlink("new.cep", self.at("dangling.cep"))
        self.expect(0, "cep", "import", self.workload, "-o", self.at("dangling.cep"))
        self.assertTrue(os.path.islink(self.at("dangling.cep")))
        os.link(self.at("real.cep"), self.at("second.cep"))
        self.expect(0, "cep", "import", self.workload, "-o", self.at("second.cep"))
        self.assertEqual(os.stat(self.at("real.cep")).st_nlink, 2)
        for name in ("real.cep", "second.cep", "new.cep"):
            with open(self.at(name), "rb") as file:
                self.assertEqual(file.read(), wanted)

    def test_nothing_replaces_what_is_read(self):
        plan = self.write("plan.jsonl", ONE_RANK)
        shutil.copy(os.path.join(DATA, "thread.plan"), self.folder)
        self.expect(0, "cep", "context", "--shim", "cpu", "--shim", "template", "-o", self.folder)
        self.expect(0, "cep", "bind", self.at("thread.plan"), "--workload", self.workload)
        self.expect(0, "cep", "generate", "squeezenet", "--image", "32", "--classes", "2", "-o", self.at("M.onnx"))
        self.expect(0, "cep", "run", self.workload, "--on", "cpu", "--output", self.folder)
        self.expect(0, "acp", "keygen", self.at("k"))
        os.symlink("plan.jsonl", self.at("link"))
        os.link(plan, self.at("second"))
        thread = self.at("thread.plan")
        before = {name: os.stat(self.at(name)).st_mtime_ns for name in os.listdir(self.folder)}
        for words in (["cep", "prove", plan, "-o", plan], ["cep", "prove", plan, "--fold", "-o", self.at("link")],
                      ["cep", "prove", self.at("link"), "--certificate", self.at("second")],
                      ["cep", "prove", plan, "-o", self.at("x"), "--certificate", os.path.join(self.folder, ".", "x")],
                      ["cep", "prove", plan, "-o", "-", "--certificate", "-"], ["cep", "import-plan", plan, "-o", plan],
                      ["cep", "import", self.workload, "-o", self.workload], ["cep", "import", self.at("M.onnx"), "-o", self.at("M.onnx")],
                      ["cep", "import", self.at("M.onnx"), "-o", self.at("M.weights")],
                      ["cep", "plan", self.workload, "--devices", "cpu", "-o", self.workload],
                      ["cep", "plan", self.workload, "--devices", "cpu", "-o", self.at("cpu.acp")],
                      ["cep", "plan", self.at("cpu.acp"), "--devices", "cpu", "-o", self.at("x.plan")],
                      ["cep", "plan", self.workload, "--devices", "cpu", "--placement", thread, "-o", thread],
                      ["cep", "context", "--shim", "cpu", "--shim", "cpu", "--shim", "cpu2", "-o", self.folder],
                      ["cep", "bind", thread, "--workload", self.workload, "-o", self.workload],
                      ["cep", "bind", thread, "--workload", self.workload, "-o", self.at("template.acp")],
                      ["cep", "verify", self.workload, thread, "--certificate", thread],
                      ["cep", "run", self.workload, thread, "--trace", thread],
                      ["cep", "run", self.workload, "--on", "cpu", "--input", "A=" + self.at("Y.npy"), "--output", self.folder],
                      ["cep", "run", self.workload, "--on", "cpu", "--output", self.folder, "--trace", self.at("Y.npy")],
                      ["acp", "import", self.at("cpu.acp"), "-o", self.at("cpu.acp")], ["acp", "export", self.at("cpu.acp"), "-o", self.at("cpu.acp")],
                      ["acp", "sign", self.at("cpu.acp"), "--key", self.at("k.key"), "-o", self.at("cpu.acp")],
                      ["acp", "sign", self.at("cpu.acp"), "--key", self.at("k.key"), "-o", self.at("k.key")],
                      ["acp", "verify", self.at("cpu.acp"), "--trust", self.at("k.pub"), "-o", self.at("k.pub")]):
            code, out, err = call(*words)
            self.assertEqual((code, out), (2, ""), f"{words}\n{out}{err}")
            self.assertIn(": would replace what ", err, words)
            self.assertIn("[CEP-INPUT-1]", err, words)
        self.assertEqual({name: os.stat(self.at(name)).st_mtime_ns for name in os.listdir(self.folder)}, before)
        code, _, err = shell(f'cat "{thread}" | "$@"', "cep", "bind", "/dev/stdin", "--workload", self.workload, "--context", self.folder)
        self.assertEqual((code, "/dev/stdin is no regular file" in err), (2, True), err)

    def test_where_nothing_can_be_written_nothing_is_done(self):
        plan = self.write("plan.jsonl", ONE_RANK)
        for place, why in ((self.folder, "Is a directory"), (self.at("absent/x"), "No such file or directory"), (plan + "/x", "Not a directory")):
            for words in (["prove", plan, "--certificate", self.at("plan.lgt"), "-o"], ["prove", plan, "-o", self.at("plan.lgc"), "--certificate"],
                          ["import-plan", plan, "-o"], ["plan", self.workload, "--devices", "cpu", "-o"],
                          ["run", self.workload, "--on", "cpu", "--output", self.folder, "--trace"],
                          ["generate", "resnet50", "-o"], ["generate", "plan", "--model", "llama3-405b", "-o"],
                          ["rules", "prove", "--only", "box.cut", "--write"]):
                self.refused(4, f"{place}: cannot be written: {why}", "cep", *words, place)
        self.assertEqual(sorted(os.listdir(self.folder)), ["W.cep", "plan.jsonl"])

    def test_what_may_be_named_twice(self):
        plan = self.write("plan.jsonl", ONE_RANK)
        self.expect(0, "cep", "prove", plan, "-o", "/dev/null", "--certificate", "/dev/null")
        self.expect(0, "cep", "context", "--shim", "cpu", "-o", self.folder)
        for key in ("k", "l"):
            self.expect(0, "acp", "keygen", self.at(key))
        signed = self.at("cpu.dsse")
        self.expect(0, "acp", "sign", self.at("cpu.acp"), "--key", self.at("k.key"), "-o", signed)
        self.expect(0, "acp", "sign", signed, "--key", self.at("l.key"), "-o", signed)  # one signature more
        self.assertEqual(self.expect(0, "acp", "verify", signed, "--trust", self.at("k.pub"), "--trust", self.at("l.pub")).count("signed by"), 2)

    def test_a_result_on_stdout_stands_alone(self):
        with open(self.workload, "rb") as file:
            wanted = file.read()
        for more in ([], ["--json"]):
            done = subprocess.run([os.path.join(BIN, "cep"), "import", self.workload, "-o", "-", *more], capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout, b"sha256:" in done.stderr), (0, wanted, True))
        self.expect(0, "cep", "generate", "squeezenet", "--image", "32", "--classes", "2", "-o", self.at("M.onnx"))
        self.refused(2, "weights go into a file", "cep", "import", self.at("M.onnx"), "-o", "-")

    def test_outputs_whose_files_would_be_one(self):
        workload = self.write("two.json", json.dumps(TWO_OUTPUTS))
        answer = json.loads(self.expect(0, "cep", "run", workload, "--on", "cpu", "--output", self.folder, "--json"))
        files = [output["file"] for output in answer["outputs"]]
        self.assertEqual(files, [self.at("a_b.npy"), self.at("a_b_2.npy")])
        with open(files[0], "rb") as one, open(files[1], "rb") as two:
            self.assertNotEqual(one.read(), two.read())

    def test_a_trace_of_one_device(self):
        self.expect(0, "cep", "run", self.workload, "--on", "cpu", "--trace", self.at("t.json"))
        with open(self.at("t.json")) as file:
            self.assertIn("compute", [event.get("cat") for event in json.load(file)["traceEvents"]])


class Names(Hostile):
    """Names that would clear the screen, forge a line, or turn what follows around."""

    NAME = "x\x1b[2J\x9b0m\n\u202eproved"

    def printed(self, *words):
        done = subprocess.run([os.path.join(BIN, words[0]), *words[1:]], capture_output=True, timeout=60)
        for stream in (done.stdout, done.stderr):
            text = stream.decode()
            self.assertTrue(all(c == "\n" or (c >= " " and c != "\x7f" and not "\x80" <= c < "\xa0" and c != "\u202e") for c in text), text)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_of_workloads(self):
        workload = dict(TWO_OUTPUTS, outputs=[self.NAME])
        workload["nodes"] = [dict(workload["nodes"][0], name=self.NAME, outputs=[self.NAME])]
        path = self.write("names.json", json.dumps(workload))
        shown = r"x\x1b[2J\xc2\x9b0m\x0a\xe2\x80\xaeproved"
        self.assertEqual(self.printed("cep", "run", path, "--on", "cpu")[1].splitlines()[0].split(" ")[0], shown)
        for words in (["show", path], ["show", path, "--programs"], ["run", path, "--on", "cpu", "--json"], ["diff", path, "--b", "cpu"],
                      ["show", path, "--json"], ["run", path, "--on", "cpu", "--input", self.NAME + "=ramp"]):
            self.printed("cep", *words)
        again = json.loads(self.printed("cep", "show", path)[1])
        self.assertEqual(again["outputs"], [self.NAME])
        self.assertIn("\n# " + shown + "\n", self.printed("cep", "show", path, "--programs")[1])

    def test_of_logical_plans(self):
        lines = list(SILU)
        right = self.write("right.jsonl", ONE_RANK)
        self.expect(0, "cep", "import-plan", right, "-o", self.at("right.lgc"))
        with open(self.at("right.lgc"), "rb") as file:
            content = file.read()
        self.assertEqual(content.count(b"name"), 1)
        for name in (b"\x1b[2J", b"na\nm", b"n\xff\xfee"):
            with open(self.at("wrong.lgc"), "wb") as file:
                file.write(content.replace(b"name", name))
            for command in ("show", "prove", "import-plan"):
                code, out, err = self.printed("cep", command, self.at("wrong.lgc"))
                self.assertEqual((code, out, "CEP-LOGICAL-1" in err), (1, "", True), err)
        lines[0] = dict(lines[0], name=self.NAME)
        wrong = self.write("wrong.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        self.assertEqual(self.printed("cep", "import-plan", wrong)[0], 1)


if __name__ == "__main__":
    unittest.main()
