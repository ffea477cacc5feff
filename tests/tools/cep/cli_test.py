"""The command line of cep and cep-check: the thread end to end, exit codes, and the JSON others depend on."""

import json
import os
import re
import shutil
import struct
import unittest

from programs import DATA, InFolder, call


class LogicalPlans(InFolder):
    def test_import_and_show(self):
        tensor = {"kind": "tensor", "shape": [4, 2], "dtype": "float32"}
        piece = {"kind": "ptensor", "shape": [2, 2], "dtype": "float32", "rank": {"c": 0, "dp": 1}}
        rows = [[{"c": 0, "dp": 2}, {"c": 2, "dp": 2}], [0, 2]]
        silu = {"op": "silu", "dir": "fw", "at": {}}
        lines = [{"kind": "header", "format": "distgraph-jsonl", "version": 2, "name": "rows", "parallel": {"ranks": 2},
                  "variables": [["dp", 2]]},
                 {**tensor, "id": 0, "role": "input", "name": "x"}, {**tensor, "id": 1, "role": "value", "name": "y", "output": True},
                 {"kind": "node", "id": 2, **silu, "in": [0], "out": [1]},
                 {**piece, "id": 3, "role": "input", "bind": {"ref": 0, "slice": rows}},
                 {**piece, "id": 4, "role": "value", "yield": {"ref": 1, "slice": rows}},
                 {"kind": "pnode", "id": 5, "rank": piece["rank"], **silu, "in": [3], "out": [4]}]
        text, out = self.at("rows.jsonl"), self.at("rows.lgc")

        def write():
            with open(text, "w") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)

        write()
        answer = json.loads(self.expect(0, "cep", "import-plan", text, "-o", out, "--json"))
        self.assertEqual(answer["plan"]["operators"], {"silu": 1})
        self.assertEqual(answer["plan"]["ranks"], 2)
        shown = self.expect(0, "cep", "show", out)
        self.assertEqual(shown.splitlines()[-3:], ["@dp p3:f32[2,2] = bind x [2*dp:2*dp+2,0:2]", "@dp p4:f32[2,2] = silu p3",
                                                   "@dp yield p4 as y [2*dp:2*dp+2,0:2]"])
        self.assertEqual(self.expect(0, "cep", "show", text), shown)
        self.assertEqual(json.loads(self.expect(0, "cep", "show", out, "--json"))["digest"], answer["digest"])
        self.assertIn("no sum is split", self.expect(0, "cep", "prove", out))
        self.assertIn("not folded: the plan is a pattern already\n", self.expect(0, "cep", "prove", out, "--fold"))
        proof = self.at("rows.lgt")
        self.expect(0, "cep", "prove", text, "--certificate", proof)
        self.assertEqual(self.expect(0, "cep-check", out, proof), "accepted: over the reals, 1 lines\n")
        ordered = json.loads(self.expect(0, "cep", "prove", text, "--order", "tree", "--json"))
        self.assertEqual(ordered["execution"], {"result": "same bits", "inputs": 4, "outputs": 1, "elements": 8, "not_numbers": 0,
                                                "types": ["f32"], "computed_alike": True, "scaled": []})
        self.assertIn("executed in f32 on 4 sets of inputs, at the plan's own shapes: 1 outputs, 8 elements equal bit by bit, and computed "
                      "alike\n", self.expect(0, "cep", "prove", text, "--order", "tree"))
        self.assertNotIn("execution", json.loads(self.expect(0, "cep", "prove", text, "--order", "tree", "--no-replay", "--json")))
        self.assertEqual((ordered["guarantee"], ordered["order"]), ("bitwise", "tree"))
        self.assertEqual(self.expect(0, "cep-check", out, proof, "--order", "tree"), "accepted: bitwise, in tree order, 1 lines\n")
        self.assertIn("proved at every batch, k = 1, 2, ... times this one: x[0] = 4 k\n", self.expect(0, "cep", "prove", text, "--batch", "x:0"))
        batches = json.loads(self.expect(0, "cep", "prove", out, "--batch", "0:0:2", "--order", "tree", "--json"))["batch"]
        self.assertEqual(batches, {"verdict": "proved", "guarantee": "bitwise",
                                   "axes": [{"tensor": batches["axes"][0]["tensor"], "dim": 0, "run": 2, "length": 4}]})
        self.assertIn("at this batch alone: reference tensor 0: a piece that a rank is given begins or ends within a sample [CEP-BATCH-3]",
                      self.expect(3, "cep", "prove", text, "--batch", "x:0:4"))
        finding = json.loads(self.expect(3, "cep", "prove", text, "--batch", "*:2", "--json"))["batch"]["finding"]
        self.assertEqual((finding["id"], finding["tensor"], finding["reference"]), ("CEP-BATCH-4", 0, True))
        for axis in ("x", "x:", ":0", "z:0", "x:0:", "x:-1", "x:0:1e3"):
            self.assertEqual((call("cep", "prove", text, "--batch", axis)[0], "CEP-INPUT-1" in call("cep", "prove", text, "--batch", axis)[2]), (2, True), axis)
        self.expect(2, "cep-check", out, proof, "--order", "any")
        self.expect(2, "cep-check", out, out, proof, "--order", "tree")
        with open(proof, "rb") as file:
            whole = file.read()
        with open(proof, "wb") as file:
            file.write(whole[:-8])
        self.expect(2, "cep-check", out, proof)
        with open(proof, "wb") as file:
            file.write(whole)
        self.assertIn("4 = y (1) [2 dp .. +2 of 4, whole 2]\n    line 5: silu 3, as reference node 2\n",
                      self.expect(0, "cep", "prove", text, "--explain", "4"))
        for tensor in ("9", "4294967295"):
            self.assertIn("CEP-INPUT-1", call("cep", "prove", text, "--explain", tensor)[2])
        lines[6]["op"] = "rsqrt"
        write()
        self.assertIn("CEP-LCHK-1", self.expect(1, "cep-check", text, proof))
        refuted = self.expect(1, "cep", "prove", text)
        self.assertIn("plan node 5: rsqrt: no node of the reference applies this", refuted)
        self.assertIn("refuted: differs at y [", refuted)
        self.expect(3, "cep", "prove", text, "--no-replay")
        lines[6]["op"] = "silu"
        lines[0]["variables"][0][1] = 3  # more points than ranks
        write()
        self.assertIn("CEP-LOGICAL-1", call("cep", "import-plan", text)[2])
        self.expect(1, "cep", "import-plan", text)
        lines[3]["op"] = "silence"
        write()
        self.assertIn("silence (fw) first on line 4", call("cep", "import-plan", text)[2])
        self.expect(3, "cep", "import-plan", text)


class Rules(InFolder):
    def test_rules_are_proved_by_two_solvers(self):
        answer = json.loads(self.expect(0, "cep", "rules", "prove", "--only", "box.cut", "--json"))
        row, = answer["rules"]
        self.assertEqual((row["rule"], row["verdict"], row["z3"]["verdict"], row["cvc5"]["verdict"]),
                         ("box.cut", "proved", "proved", "proved"), "cvc5 is not installed; tools/install-packages installs it")
        self.assertEqual(len(answer["questions"]), row["obligations"] + row["twins"])
        for question in answer["questions"]:
            self.assertEqual(question["z3"]["answer"], question["expected"])
            self.assertEqual(question["cvc5"]["answer"], question["expected"])
        self.assertIn("cvc5 was not asked", self.expect(0, "cep", "rules", "prove", "--only", "box.cut", "--solver", "z3"))

    def prove_beside(self, words, code, *more):
        """With a second solver that only prints these words."""
        with open(self.at("cvc5"), "w") as file:
            file.write(f"#!/bin/sh\necho {words}\n")
        os.chmod(self.at("cvc5"), 0o755)
        os.environ["CEP_CVC5"] = self.at("cvc5")
        self.addCleanup(os.environ.pop, "CEP_CVC5", None)
        done = call("cep", "rules", "prove", "--only", "sum.whole", *more)
        self.assertEqual(done[0], code, done)
        return done

    def test_a_second_solver_that_gives_up_proves_nothing(self):
        self.assertIn("undecided", self.prove_beside("unknown", 3)[1])
        self.assertIn("CEP-RULE-3", self.prove_beside("unknown", 1, "--write", self.at("record"))[2])
        self.assertFalse(os.path.exists(self.at("record")))

    def test_solvers_that_contradict_each_other(self):
        _, out, err = self.prove_beside("sat", 1)
        self.assertIn("REFUTED", out)
        self.assertIn("CEP-RULE-4", err)

    def test_a_second_solver_that_is_missing(self):
        os.environ["PATH"], before = "", os.environ["PATH"]
        self.addCleanup(os.environ.update, PATH=before)
        self.assertIn("cvc5 was not asked", self.expect(0, "cep", "rules", "prove", "--only", "sum.whole"))
        self.expect(4, "cep", "rules", "prove", "--only", "sum.whole", "--solver", "both")


class Replay(InFolder):
    """Two ranks multiply half of the columns each; what they deliver is changed."""

    def prove(self, text, *more):
        code, out, err = call("cep", "prove", "--json", text, *more)
        return code, json.loads(out), err

    def plan(self, name, lines):
        tensor = {"kind": "tensor", "dtype": "float32"}
        piece = {"kind": "ptensor", "dtype": "float32"}
        made = [{"kind": "header", "format": "distgraph-jsonl", "version": 2, "name": "rows", "parallel": {"ranks": 2}},
                {**tensor, "id": 0, "shape": [3, 4], "role": "input", "name": "x"},
                {**tensor, "id": 1, "shape": [2, 4], "role": "param", "name": "w"},
                {**tensor, "id": 2, "shape": [3, 2], "role": "value", "name": "y", "output": True},
                {"kind": "node", "id": 3, "op": "linear", "dir": "fw", "at": {}, "in": [0, 1], "out": [2]}]
        for rank in range(2):
            columns = [2 * rank, 2 * rank + 2]
            made += [{**piece, "id": 10 + rank, "rank": rank, "shape": [3, 2], "role": "input", "bind": {"ref": 0, "slice": [[0, 3], columns]}},
                     {**piece, "id": 12 + rank, "rank": rank, "shape": [2, 2], "role": "param", "bind": {"ref": 1, "slice": [[0, 2], columns]}},
                     {**piece, "id": 14 + rank, "rank": rank, "shape": [3, 2], "role": "value",
                      "yield": {"ref": 2, "slice": [[0, 3], [0, 2]], "part": [rank, 2]}}]
        made += [{"kind": "pnode", "id": 20 + rank, "rank": rank, "op": "linear", "dir": "fw", "at": {}, "in": [10 + rank, 12 + rank], "out": [14 + rank]}
                 for rank in range(2)]
        path = self.at(name)
        with open(path, "w") as file:
            file.writelines(json.dumps(lines.get(line.get("id"), line)) + "\n" for line in made)
        return path, {line.get("id"): line for line in made}

    def test_a_wrong_plan_is_refuted(self):
        path, lines = self.plan("right.jsonl", {})
        self.assertEqual(self.prove(path)[1]["verdict"], "proved")
        self.assertIn("reassociated: linear, at most 2 pieces joined at once: reference tensors 2\n", self.expect(0, "cep", "prove", path))
        # The second rank holds the first one's columns of w.
        wrong = dict(lines[13], bind={"ref": 1, "slice": [[0, 2], [0, 2]]})
        path, _ = self.plan("wrong.jsonl", {13: wrong})
        code, answer, _ = self.prove(path, "--seed", "8")
        self.assertEqual((code, answer["verdict"], answer["replay"]["result"]), (1, "refuted", "differs"), answer)
        self.assertTrue(answer["id"].startswith("CEP-EQV-"), answer)
        witness = answer["replay"]["witness"]
        self.assertEqual((witness["name"], witness["output"], witness["evidence"]), ("y", 2, "real"))
        self.assertNotAlmostEqual(float(witness["expected"]), float(witness["found"]), 6)
        self.assertEqual(answer["replay"]["arbitrary"], [])
        self.assertEqual([(s["rank"], s["line"]) for s in answer["replay"]["suspects"]], [(0, 20), (1, 21)])
        self.assertIn("takes x [0:3, 2:4], w [0:2, 0:2]", answer["replay"]["suspects"][1]["text"])
        again = self.prove(path, "--seed", str(witness["seed"]))[1]
        self.assertEqual(again["replay"], answer["replay"])
        self.assertNotEqual(self.prove(path, "--seed", "9")[1]["replay"]["witness"]["expected"], witness["expected"])
        code, answer, _ = self.prove(path, "--no-replay")
        self.assertEqual((code, answer["verdict"]), (3, "not proved"))
        self.assertNotIn("replay", answer)

    def test_right_over_the_reals_and_refuted_to_the_bit(self):
        """One column and three, where the tree has two and two: other roundings."""
        path, lines = self.plan("even.jsonl", {})
        code, answer, _ = self.prove(path, "--order", "tree")
        self.assertEqual((code, answer["verdict"], answer["guarantee"], answer["execution"]["result"]), (0, "proved", "bitwise", "same bits"))
        open_order, tree = "in which order a collective adds is not said", "collectives add in tree order"
        assumed = "".join(answer["assumptions"])
        self.assertEqual((open_order in assumed, tree in assumed), (False, True), assumed)
        for order, said in (([], True), (["--order", "tree"], False)):
            out = self.expect(0, "cep", "prove", path, *order)
            self.assertEqual((open_order in out, tree in out), (said, not said), out)
        columns = {0: [0, 1], 1: [1, 4]}
        changed = {}
        for rank, (begin, end) in columns.items():
            for piece, rows in ((10, 3), (12, 2)):
                line = lines[piece + rank]
                changed[line["id"]] = dict(line, shape=[rows, end - begin], bind=dict(line["bind"], slice=[[0, rows], [begin, end]]))
        path, _ = self.plan("uneven.jsonl", changed)
        self.assertEqual(self.prove(path)[0], 0)
        code, answer, _ = self.prove(path, "--order", "tree")
        self.assertEqual((code, answer["verdict"], answer["guarantee"], answer["finding"]["id"]), (1, "refuted", "real", "CEP-TREE-3"), answer)
        self.assertIn(open_order, answer["assumptions"])
        self.assertEqual((answer["execution"]["result"], answer["execution"]["scaled"]), ("differs", []))
        witness = answer["execution"]["witness"]
        self.assertEqual((witness["evidence"], witness["name"], witness["output"]), ("bits", "y", 2))
        expected, found = (re.fullmatch(r"(\S+) \(0x([0-9a-f]{8})\)", witness[which]) for which in ("expected", "found"))
        for said in (expected, found):
            self.assertEqual(struct.unpack(">f", bytes.fromhex(said[2]))[0], float(said[1]))
        self.assertNotEqual(expected[2], found[2])
        self.assertAlmostEqual(float(expected[1]), float(found[1]), 5)
        self.assertEqual(self.prove(path, "--order", "tree", "--seed", str(witness["seed"]))[1]["execution"]["witness"], witness)
        self.assertIn(f"\nrefuted to the bit: differs at y {witness['index']}: should be {witness['expected']}, is {witness['found']}, delivered by rank ",
                      self.expect(1, "cep", "prove", path, "--order", "tree"))
        code, answer, _ = self.prove(path, "--order", "tree", "--no-replay")
        self.assertEqual((code, answer["verdict"], answer["guarantee"], answer["finding"]["id"]), (3, "proved", "real", "CEP-TREE-3"), answer)

    def test_what_is_not_proved_and_agrees_stays_undecided(self):
        # Each rank multiplies by one: right, and no node of the reference does so.
        path, _ = self.plan("one.jsonl", {})
        with open(path) as file:
            lines = [json.loads(line) for line in file]
        made = next(line for line in lines if line.get("id") == 14)
        held = dict(made, id=30)
        held.pop("yield")
        lines.insert(lines.index(made), held)
        node = next(line for line in lines if line.get("id") == 20)
        node["out"] = [30]
        lines.insert(lines.index(node) + 1, {"kind": "pnode", "id": 31, "rank": 0, "op": "power", "dir": "fw", "at": {"exponent": 1.0},
                                             "in": [30], "out": [14]})
        with open(path, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        code, answer, _ = self.prove(path)
        self.assertEqual((code, answer["verdict"], answer["replay"]), (3, "not proved", {"result": "agrees", "inputs": 4, "scaled": []}))
        self.assertIn("which proves nothing", self.expect(3, "cep", "prove", path))

    def test_a_line_without_a_meaning_is_named(self):
        path, lines = self.plan("turned.jsonl", {})
        path, _ = self.plan("turned.jsonl", {21: dict(lines[21], **{"in": [13, 11]})})
        code, answer, _ = self.prove(path)
        self.assertEqual((code, answer["verdict"], answer["replay"]["result"]), (3, "not proved", "not run"))
        self.assertEqual(answer["replay"]["error"]["requirement"], "CEP-REPLAY-3")
        self.assertIn("line 21", answer["replay"]["error"]["path"])


class CommandLine(InFolder):
    def setUp(self):
        super().setUp()
        for name in os.listdir(DATA):
            shutil.copy(os.path.join(DATA, name), self.folder)
        self.workload, self.plan, self.certificate = (self.at(n) for n in ("W.cep", "P.cep", "C.cep"))
        self.expect(0, "cep", "import", self.at("workload.json"), "-o", self.workload)
        self.expect(0, "cep", "context", "--shim", "cpu", "--shim", "template", "-o", self.folder)
        self.expect(0, "cep", "bind", self.at("thread.plan"), "--workload", self.workload, "-o", self.plan)

    def edited_plan(self, before, after):
        with open(self.at("thread.plan")) as file:
            text = file.read()
        self.assertEqual(text.count(before), 1, before)
        with open(self.at("edited.plan"), "w") as file:
            file.write(text.replace(before, after))
        self.expect(0, "cep", "bind", self.at("edited.plan"), "--workload", self.workload)
        return self.at("edited.plan")

    def test_thread_end_to_end(self):
        proof = json.loads(self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate, "--json"))
        self.assertEqual((proof["verdict"], proof["guarantee"]), ("proved", "bitwise"))
        self.assertEqual(proof["outputs"], [{"tensor": "Y", "guarantee": "bitwise"}])
        self.assertEqual([a["device"] for a in proof["assumptions"]], ["d0", "d1"])
        for key in ("lowered_by", "findings", "seconds", "peak_bytes"):
            self.assertIn(key, proof)
        check = json.loads(self.expect(0, "cep-check", self.workload, self.plan, self.certificate, "--json"))
        self.assertEqual(check["verdict"], "accepted")
        digests = set()
        for where in (["--on", "interpreter"], ["--on", "cpu"], ["--on", "template"], [self.plan],
                      [self.plan, "--certificate", self.certificate]):
            out = self.expect(0, "cep", "run", self.workload, *where, "--input", "random:5", "--compare", "reference", "--json")
            (output,) = json.loads(out)["outputs"]
            self.assertEqual((output["name"], output["shape"], output["dtype"]), ("Y", [4, 4], "f32"))
            self.assertRegex(output["sha256"], "^sha256:[0-9a-f]{64}$")
            digests.add(output["sha256"])
        self.assertEqual(len(digests), 1)
        self.expect(0, "cep", "diff", self.workload, "--b", "cpu", "--input", "random:5")

    def test_thread_over_cpu_and_gpu(self):
        # What an OpenCL platform leaks is its own.
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        self.expect(0, "cep", "context", "--shim", "cpu", "--shim", "gpu", "-o", self.folder)
        with open(self.at("thread.plan")) as file:
            text = file.read()
        self.assertIn("shim template", text)
        with open(self.at("gpu.plan"), "w") as file:
            file.write(text.replace("shim template", "shim gpu"))
        self.expect(0, "cep", "bind", self.at("gpu.plan"), "--workload", self.workload, "-o", self.plan)
        self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate)
        for where in (["--on", "gpu"], [self.plan, "--certificate", self.certificate]):
            self.expect(0, "cep", "run", self.workload, *where, "--input", "random:6", "--compare", "reference")

    def test_outputs_come_back_as_inputs(self):
        self.expect(0, "cep", "run", self.workload, self.plan, "--output", self.folder, "--trace", self.at("trace.json"))
        with open(self.at("trace.json")) as file:
            names = [event["name"] for event in json.load(file)["traceEvents"] if event["ph"] == "X"]
        self.assertEqual(names, ["first", "done", "ready", "carry", "rest"])
        code, _, err = call("cep", "run", self.workload, self.plan, "--input", f"A={self.at('Y.npy')}")
        self.assertEqual(code, 1, err)  # of another shape than A
        self.assertIn("CEP-RUN-1", err)

    def test_shims_apart_and_fallbacks(self):
        digests = set()
        for words in ([self.plan], [self.plan, "--isolate"], ["--on", "cpu@process"], ["--on", "template", "--isolate"],
                      [self.plan, "--isolate", "--fallback", "alone"], [self.plan, "--fallback", self.plan, "--timeout", "60"]):
            out = json.loads(self.expect(0, "cep", "run", self.workload, *words, "--input", "random:5", "--compare", "reference", "--json"))
            self.assertEqual(out["lost"], [])
            digests.add(out["outputs"][0]["sha256"])
        self.assertEqual(len(digests), 1)
        with open(self.at("thread.plan")) as file:
            text = file.read().replace("shim cpu", "shim faulty")
        with open(self.at("faulty.plan"), "w") as file:
            file.write(text)
        faulty = self.at("F.cep")
        self.expect(0, "cep", "context", "--shim", "faulty", "-o", self.folder)
        self.expect(0, "cep", "bind", self.at("faulty.plan"), "--workload", self.workload, "-o", faulty)
        os.environ["ACP_FAULT"] = "crash_on_submit"
        self.addCleanup(os.environ.pop, "ACP_FAULT")
        code, _, err = call("cep", "run", self.workload, faulty, "--isolate", "--input", "random:5")
        self.assertEqual(code, 4, err)
        self.assertIn("ended with status 7", err)
        out = json.loads(self.expect(0, "cep", "run", self.workload, faulty, "--isolate", "--fallback", "alone", "--input", "random:5", "--json"))
        self.assertEqual(len(out["lost"]), 2)  # the plan, and the faulty device by itself
        self.assertIn(out["outputs"][0]["sha256"], digests)
        code, _, err = call("cep", "run", self.workload, "--on", "cpu", "--fallback", "alone")
        self.assertEqual(code, 2, err)
        self.assertIn("CEP-INPUT-1", err)

    def test_refused_plans(self):
        dropped = self.edited_plan("step ready @q1 wait t0 1\n", "")
        refuted = json.loads(self.expect(1, "cep", "verify", self.workload, dropped, "--json"))
        self.assertEqual(refuted["verdict"], "refuted")
        self.assertEqual((refuted["findings"][0]["id"], refuted["findings"][0]["step"]), ("CEP-MEM-1", "carry"))
        self.expect(1, "cep", "run", self.workload, dropped)
        missing = self.edited_plan("input A[0:4,4:8] = a1\n", "")
        undecided = json.loads(self.expect(3, "cep", "verify", self.workload, missing, "--json", "--no-replay"))
        self.assertEqual(undecided["verdict"], "undecided")
        self.assertNotIn("replay", undecided)
        refuted = json.loads(self.expect(1, "cep", "verify", self.workload, missing, "--json"))
        self.assertEqual((refuted["verdict"], refuted["findings"]), ("refuted", undecided["findings"]))
        witness = refuted["replay"]["witness"]
        self.assertEqual((witness["evidence"], witness["output"], witness["tensor"], witness["index"], witness["step"], witness["seed"]),
                         ("bits", True, "Y", [0, 0], "rest", 1))
        text = self.expect(1, "cep", "verify", self.workload, missing, "--seed", "7")
        self.assertTrue(text.startswith("refuted\n  step rest, "), text)
        self.assertIn("\n  replayed: at seed 7 output Y[0,0] is ", text)
        self.expect(3, "cep", "run", self.workload, missing)

    def test_plans_written_here_are_proved_and_run(self):
        plan = self.at("planned.cep")
        with open(self.at("placement"), "w") as file:
            file.write("cep-placement 1\ndefault cpu\nsplit mm batch over template,cpu\n")
        for placed in (["--placement", self.at("placement")], [], ["--objective", "throughput"], ["--objective", "memory"]):
            out = self.expect(0, "cep", "plan", self.workload, "--devices", "cpu,template", "-o", plan, *placed, "--json")
            planned = json.loads(out)
            self.assertEqual(len(planned["devices"]), 2 if "--placement" in placed else 1)
            for key in ("file", "digest", "steps", "documents"):
                self.assertIn(key, planned)
            proof = json.loads(self.expect(0, "cep", "verify", self.workload, plan, "--certificate", self.certificate, "--json"))
            self.assertEqual((proof["verdict"], proof["guarantee"]), ("proved", "bitwise"))
            self.expect(0, "cep-check", self.workload, plan, self.certificate)
            self.expect(0, "cep", "run", self.workload, plan, "--certificate", self.certificate, "--input", "random:5", "--compare", "reference")
        self.expect(3, "cep", "plan", self.workload, "--devices", "cpu", "-o", plan, "--objective", "energy")
        self.expect(2, "cep", "plan", self.workload, "--devices", "cpu", "-o", plan, "--placement", self.at("thread.plan"))
        self.expect(0, "cep", "plan", self.workload, "--devices", "cpu,cpu", "-o", self.at("planned.plan"), "--objective", "throughput")

    def test_certificate_of_another_plan(self):
        self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate)
        other = self.edited_plan("cep-plan 1 thread", "cep-plan 1 other")
        out = self.expect(1, "cep-check", self.workload, other, self.certificate, "--json")
        self.assertEqual(json.loads(out)["finding"]["requirement"], "CEP-CHECK-1")
        self.expect(1, "cep", "run", self.workload, other, "--certificate", self.certificate)

    def test_a_forged_certificate_runs_nothing(self):
        # The proof is of a plan whose second device waits for the first; then it is made out to one where nothing waits.
        self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate)
        other = self.edited_plan("wait t0 1", "wait t0 0")
        right, wrong = (bytes.fromhex(json.loads(self.expect(0, "cep", "show", self.workload, plan, "--json"))["digest"].partition(":")[2])
                        for plan in (self.plan, other))
        with open(self.certificate, "rb") as file:
            proof = file.read()
        self.assertEqual(proof.count(right), 1)
        with open(self.certificate, "wb") as file:
            file.write(proof.replace(right, wrong))
        for words in (["cep-check", self.workload, other, self.certificate],
                      ["cep", "run", self.workload, other, "--certificate", self.certificate]):
            code, out, err = call(*words)
            self.assertEqual((code, "CEP-CHECK-6" in out + err), (1, True), out + err)

    def test_what_can_be_refused_is_before_a_shim_is_loaded(self):
        """No library is there: what is refused for another reason was refused before it was looked for."""
        self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate)

        def edited(*changes):
            with open(self.at("thread.plan")) as file:
                text = file.read()
            for before, after in (("shim template", "shim absent"), *changes):
                self.assertEqual(text.count(before), 1, before)
                text = text.replace(before, after)
            with open(self.at("absent.plan"), "w") as file:
                file.write(text)
            self.expect(0, "cep", "bind", self.at("absent.plan"), "--workload", self.workload)
            return self.at("absent.plan")

        def run(code, requirement, *words):
            for more in ([], ["--isolate"]):
                got, _, err = call("cep", "run", self.workload, *words, *more)
                self.assertEqual((got, requirement in err), (code, True), err)

        shutil.copy(self.at("template.acp"), self.at("absent.acp"))
        right = edited()
        run(4, "ACP-SHIM-12", right)
        run(1, "CEP-EXEC-1", right, "--certificate", self.certificate)  # of the plan on other shims
        proof = self.at("absent.proof")
        self.expect(0, "cep", "verify", self.workload, right, "--certificate", proof)
        run(4, "ACP-SHIM-12", right, "--certificate", proof)
        with open(proof, "rb") as file:
            proved = file.read()
        digest = bytes.fromhex(json.loads(self.expect(0, "cep", "show", self.workload, right, "--json"))["digest"].partition(":")[2])
        wrong = edited(("wait t0 1", "wait t0 0"))
        run(1, "CEP-MEM-1", wrong)
        other = bytes.fromhex(json.loads(self.expect(0, "cep", "show", self.workload, wrong, "--json"))["digest"].partition(":")[2])
        with open(proof, "wb") as file:
            file.write(proved.replace(digest, other))
        run(1, "CEP-CHECK-6", wrong, "--certificate", proof)
        run(1, "CEP-MEM-1", self.plan, "--fallback", wrong)
        # Without the documents only digests are left to compare.
        for name in os.listdir(self.folder):
            if name.endswith(".acp"):
                os.remove(self.at(name))
        run(4, "ACP-SHIM-12", wrong)
        run(4, "ACP-SHIM-12", wrong, "--certificate", proof)
        run(1, "CEP-EXEC-1", wrong, "--certificate", self.certificate)

    def test_unusable_input(self):
        with open(self.at("bad.cep"), "w") as file:
            file.write("neither")
        self.expect(2, "cep", "verify", self.at("bad.cep"), self.plan)
        self.expect(2, "cep", "verify", self.workload, self.at("bad.cep"))
        self.expect(2, "cep-check", self.workload, self.plan, self.at("bad.cep"))
        self.expect(2, "cep", "run", self.workload)
        self.expect(2, "cep", "run", self.workload, "--on", "cpu", "--input", "C=ramp")
        self.expect(2, "cep", "verify", self.workload)
        self.expect(2, "cep", "nonsense")
        self.expect(2, "cep")

    def test_environment(self):
        self.expect(4, "cep", "show", self.at("absent.cep"))
        for words in (["cep", "show"], ["cep", "import-plan"], ["acp", "validate"], ["acp-conformance", "verify"]):
            code, _, err = call(*words, self.folder)
            self.assertEqual((code, err), (4, self.folder + ": cannot be read: Is a directory\n"))
        self.expect(4, "cep", "verify", self.workload, self.plan, "--context", self.at("absent"))
        os.remove(self.at("cpu.acp"))
        self.expect(4, "cep", "verify", self.workload, self.plan)

    def test_a_changed_document_is_refused(self):
        self.expect(0, "cep", "verify", self.workload, self.plan, "--certificate", self.certificate)
        with open(self.at("cpu.acp"), "r+b") as file:
            content = bytearray(file.read())
            content[len(content) // 2] ^= 1
            file.seek(0)
            file.write(content)
        for words in (["cep-check", self.workload, self.plan, self.certificate],
                      ["cep", "run", self.workload, self.plan, "--certificate", self.certificate],
                      ["cep", "run", self.workload, self.plan], ["cep", "verify", self.workload, self.plan]):
            code, _, err = call(*words)
            self.assertEqual((code, "CEP-CHECK-1" in err, "cpu.acp" in err), (1, True, True), err)

    def test_show_is_what_is_read(self):
        shown = self.expect(0, "cep", "show", self.workload)
        with open(self.at("again.json"), "w") as file:
            file.write(shown)
        self.expect(0, "cep", "import", self.at("again.json"), "-o", self.at("again.cep"))
        with open(self.workload, "rb") as one, open(self.at("again.cep"), "rb") as two:
            self.assertEqual(one.read(), two.read())
        text = self.expect(0, "cep", "show", self.workload, self.plan, "--programs")
        self.assertTrue(text.startswith("cep-plan 1 thread\n"))
        self.assertIn("# rest\n", text)

    def test_model_with_weights_beside_it(self):
        model, workload, weights = self.at("M.onnx"), self.at("M.cep"), self.at("M.weights")
        self.expect(0, "cep", "generate", "squeezenet", "--image", "32", "--classes", "5", "--seed", "3", "-o", model)
        imported = json.loads(self.expect(0, "cep", "import", model, "-o", workload, "--json"))
        self.assertEqual(imported["weights"]["count"], 52)  # 26 convolutions, a bias each
        shown = json.loads(self.expect(0, "cep", "show", workload, "--json"))
        self.assertEqual(shown["weights"]["count"], 52)
        # Seeds and names decide a weight, so drawing them anew gives the same ones.
        again = json.loads(self.expect(0, "cep", "import", model, "-o", self.at("N.cep"), "--weights", "random:3", "--json"))
        self.assertEqual(again["digest"], imported["digest"])
        other = json.loads(self.expect(0, "cep", "import", model, "-o", self.at("N.cep"), "--weights", "random:4", "--json"))
        self.assertNotEqual(other["digest"], imported["digest"])
        with open(weights, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read(1)
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last[0] ^ 1]))
        code, _, err = call("cep", "show", workload)
        self.assertEqual((code, "CEP-WTS-5" in err), (2, True), err)
        code, _, err = call("cep", "run", workload, "--on", "cpu")
        self.assertEqual((code, "CEP-WTS-5" in err), (2, True), err)
        shutil.copy(self.at("N.weights"), weights)
        self.assertIn("CEP-WTS-4", call("cep", "run", workload, "--on", "cpu")[2])

    def test_options_of_import(self):
        model = self.at("M.onnx")
        self.expect(0, "cep", "generate", "squeezenet", "--image", "32", "--batch", "0", "--classes", "2", "-o", model)
        self.expect(3, "cep", "import", model, "-o", self.at("M.cep"))
        self.expect(3, "cep", "import", model, "-o", self.at("M.cep"), "--dim", "batch=1..4")
        self.expect(0, "cep", "import", model, "-o", self.at("M.cep"), "--dim", "batch=4", "--order", "blocked:256")
        shown = json.loads(self.expect(0, "cep", "show", self.at("M.cep"), "--json"))["workload"]
        self.assertEqual(shown["inputs"][0]["type"], "f32[4,3,32,32]")
        self.assertEqual(shown["nodes"][0]["order"], "blocked_tree:256")
        for words in (["--dim", "batch"], ["--dim", "batch=x"], ["--order", "blocked:0"], ["--weights", "random"]):
            self.expect(2, "cep", "import", model, "-o", self.at("M.cep"), *words)
        self.expect(2, "cep", "import", self.at("workload.json"), "-o", self.at("M.cep"), "--dim", "N=1")
        self.expect(2, "cep", "generate", "plan", "-o", model)

    def test_plans_of_large_models(self):
        plan = self.at("llama.jsonl")
        words = ["cep", "generate", "plan", "--model", "llama3-8b", "-o", plan, "--pp", "2", "--microbatches", "4"]
        made = json.loads(self.expect(0, *words, "--dp", "2", "--tp", "8", "--pattern", "--json"))
        self.assertEqual((made["file"], made["ranks"]), (plan, 32))
        with open(plan) as file:
            kinds = [json.loads(line)["kind"] for line in file]
        self.assertEqual((kinds.count("node"), kinds.count("pnode")), (made["reference_lines"], made["lines"]))
        # A pattern has as many lines whatever its variables are.
        other = json.loads(self.expect(0, *words, "--dp", "64", "--tp", "4", "--pattern", "--json"))
        self.assertEqual(other["lines"], made["lines"])
        inference = json.loads(self.expect(0, *words, "--pattern", "--inference", "--json"))
        self.assertLess(inference["reference_lines"], made["reference_lines"])
        code, _, err = call(*words, "--tp", "16")
        self.assertEqual((code, "CEP-GEN-6" in err), (2, True), err)
        code, _, err = call(*words, "--dp", "16384")
        self.assertEqual((code, "CEP-GEN-11" in err), (3, True), err)
        self.expect(2, *words, "--training", "--inference")
        for option in ("--gpipe", "--scatter-gradients", "--recompute"):  # nothing goes backward
            for mode in ("--inference", "--decode"):
                code, _, err = call(*words, mode, option)
                self.assertEqual((code, f"{option} excludes {mode}" in err or f"{mode} excludes {option}" in err), (2, True), err)
        code, _, err = call(*words, "--dp", "65536", "--pattern")
        self.assertEqual((code, "CEP-LOGICAL-5" in err), (3, True), err)
        for option in ("--batch", "--sequence"):
            code, _, err = call(*words, option, "0")
            self.assertEqual((code, "CEP-GEN-2" in err), (2, True), err)

    def test_plans_of_decode_loops_and_interleaved_stages(self):
        plan = self.at("decode.jsonl")
        words = ["cep", "generate", "plan", "--model", "llama3-8b", "-o", plan, "--pp", "2", "--tp", "8", "--pattern"]
        loop = [*words, "--decode", "--steps", "2", "--cache", "64"]
        made = json.loads(self.expect(0, *loop, "--json"))
        with open(plan) as file:
            lines = [json.loads(line) for line in file]
        updates = [line["at"]["position"] for line in lines if line["kind"] == "node" and line["op"] == "cache_update"]
        self.assertEqual(updates, [62] * 64 + [63] * 64)
        self.assertEqual(sum(line.get("output", False) for line in lines), 2 + 2 * 32)
        proved = json.loads(self.expect(0, "cep", "prove", plan, "--batch", "*:0", "--json"))
        self.assertEqual((proved["verdict"], proved["batch"]["verdict"]), ("proved", "proved"))
        self.assertEqual({axis["length"] for axis in proved["batch"]["axes"]}, {1})
        expanded = json.loads(self.expect(0, *loop, "--interleave", "4", "--microbatches", "2", "--json"))
        self.assertEqual(expanded["reference_lines"], made["reference_lines"])
        self.assertEqual(json.loads(self.expect(0, "cep", "prove", plan, "--json"))["verdict"], "proved")
        code, _, err = call(*loop, "--position", "63")
        self.assertEqual((code, "CEP-GEN-12" in err), (2, True), err)
        code, _, err = call(*loop, "--interleave", "2")
        self.assertEqual((code, "CEP-GEN-13" in err), (2, True), err)
        self.expect(2, *words, "--steps", "2")
        self.expect(2, *loop, "--inference")

    def test_tensor_files_of_onnx(self):
        self.expect(0, "cep", "run", self.workload, "--on", "cpu", "--output", self.folder)
        self.expect(0, "cep", "run", self.workload, "--on", "cpu", "--output", self.folder, "--pb")
        for ending in ("npy", "pb"):
            err = call("cep", "run", self.workload, self.plan, "--input", f"A={self.at('Y.' + ending)}")[2]
            self.assertIn("CEP-RUN-1", err)  # read well, but of another shape than A

    def test_refusals_say_in_which_file(self):
        with open(self.at("p.txt"), "w") as file:
            file.write("cep-placement 2\n")
        code, _, err = call("cep", "plan", self.workload, "--devices", "cpu", "--placement", self.at("p.txt"), "-o", self.at("Q.plan"))
        self.assertEqual(code, 2)
        self.assertTrue(err.startswith(self.at("p.txt") + ": line 1: "), err)
        with open(self.at("M.onnx"), "w") as file:
            file.write("not a model")
        code, _, err = call("cep", "import", self.at("M.onnx"), "-o", self.at("M.cep"))
        self.assertEqual(code, 2)
        self.assertTrue(err.startswith(self.at("M.onnx") + ": "), err)
        self.assertEqual(err.count(": "), 1, err)

    def test_help(self):
        for command in ("import", "generate", "context", "bind", "show", "verify", "run", "diff", "rules"):
            self.assertIn("Usage:", self.expect(0, "cep", command, "--help"))
        self.assertIn("Exit codes", self.expect(0, "cep-check", "--help"))
        for word in ("--help", "-h"):
            self.assertIn("acp-shim-host LIBRARY", self.expect(0, "acp-shim-host", word))
        self.expect(2, "acp-shim-host")
        self.expect(2, "acp-shim-host", "--nonsense")


if __name__ == "__main__":
    unittest.main()
