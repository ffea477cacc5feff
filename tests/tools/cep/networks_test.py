"""Whole networks with drawn weights: the same bits on the interpreter, cpu, gpu and a plan over both, layer by layer; and ResNet-50's
plans, broken in one line, refused with the step named. Usage: networks_test.py BIN CLASS...
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

BIN = sys.argv.pop(1)
ALTERNATE = "cep-placement 1\nalternate cpu,gpu every 1 nodes\n"


def call(*words):
    done = subprocess.run([os.path.join(BIN, words[0]), *words[1:]], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


class Network(unittest.TestCase):
    """A network generated and imported once."""

    network, values = "", 0
    imported = ()  # further words of `cep import`

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.workload = cls.at("W.cep")
        cls.expect(0, "cep", "generate", cls.network, "--seed", "7", "-o", cls.at("M.onnx"))
        cls.expect(0, "cep", "import", cls.at("M.onnx"), "-o", cls.workload, *cls.imported)

    @classmethod
    def at(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def expect(cls, code, *words):
        got, out, err = call(*words)
        assert got == code, f"{words}: exit {got}, not {code}\n{out}{err}"
        return out

    def plan(self, placement):
        with open(self.at("placement.txt"), "w") as file:
            file.write(placement)
        self.expect(0, "cep", "plan", self.workload, "--devices", "cpu,gpu", "--placement", self.at("placement.txt"), "-o", self.at("P.plan"))
        proof = json.loads(self.expect(0, "cep", "verify", self.workload, self.at("P.plan"), "--certificate", self.at("C.cep"), "--json"))
        self.assertEqual((proof["verdict"], proof["guarantee"], proof["lowered_by"]), ("proved", "bitwise", []))
        self.expect(0, "cep-check", self.workload, self.at("P.plan"), self.at("C.cep"))

    def outputs(self, *where):
        out = json.loads(self.expect(0, "cep", "run", self.workload, *where, "--input", "random:3", "--json"))["outputs"]
        self.assertTrue(out)
        return [output["sha256"] for output in out]

    def same_in_every_layer(self, a, b):
        found = json.loads(self.expect(0, "cep", "diff", self.workload, "--a", a, "--b", b, "--input", "random:3", "--json"))
        self.assertEqual(found, {"same": True, "values": self.values, "constant": [], "not_finite": []})

    def same_over_both_devices(self):
        self.plan(ALTERNATE)
        one = self.outputs("--on", "cpu")
        self.assertEqual(self.outputs("--on", "gpu"), one)
        self.assertEqual(self.outputs(self.at("P.plan"), "--certificate", self.at("C.cep")), one)


class ResNet50(Network):
    network, values = "resnet50", 175

    def test_the_same_bits(self):
        self.same_over_both_devices()
        self.same_in_every_layer("cpu", "gpu")


class ResNet50OnTheInterpreter(Network):
    network, values = "resnet50", 175

    def test_the_same_bits(self):
        self.same_over_both_devices()
        self.same_in_every_layer("interpreter", "cpu")


class SqueezeNet(Network):
    network, values = "squeezenet", 65

    def test_the_same_bits(self):
        self.same_over_both_devices()
        self.same_in_every_layer("interpreter", "cpu")
        self.same_in_every_layer("cpu", "gpu")


class Encoder(Network):
    network, values = "encoder", 79

    def test_the_same_bits(self):
        self.same_over_both_devices()
        self.same_in_every_layer("interpreter", "cpu")
        self.same_in_every_layer("cpu", "gpu")


class EncoderTensorParallel(Network):
    """Attention by heads, products by columns, then by rows; a sum of two partial results behind each pair."""

    network, values = "encoder", 79
    imported = ("--order", "blocked:16")
    placement = "cep-placement 1\ndefault cpu\n" + "".join(
        f"split {pattern} {how} over cpu,gpu\n"
        for how, patterns in (
            ("axis:2", ("*.attention.query*", "*.attention.key*", "*.attention.value*")),
            ("axis:1", ("*.attention.*.transpose", "*.attention.scores", "*.attention.div", "*.attention.mask")),
            ("axis:1", ("*.attention.softmax", "*.attention.context")),
            ("axis:2", ("*.attention.transpose", "*.attention.reshape", "*.ffn1", "*.ffn1.add", "*.gelu.*")),
            ("reduction", ("*.attention.output", "*.ffn2")))
        for pattern in patterns)

    def test_the_same_bits(self):
        self.plan(self.placement)
        one = self.outputs("--on", "cpu")
        self.assertEqual(self.outputs("--on", "gpu"), one)
        self.assertEqual(self.outputs(self.at("P.plan"), "--certificate", self.at("C.cep")), one)

    def test_a_sum_left_out_and_a_part_twice(self):
        self.plan(self.placement)
        with open(self.at("P.plan")) as file:
            lines = file.read().splitlines()
        at, sums = next((i, line) for i, line in enumerate(lines) if ":sum:cpu" in line)
        self.assertIn(" combine add tree ", sums)
        first, second = sums.split(" combine add tree ")[1].split(" -> ")[0].split(", ")
        for name, line in (("one part only", sums.replace(f", {second}", "")), ("a part twice", sums.replace(second, first))):
            with self.subTest(name):
                with open(self.at("broken.plan"), "w") as file:
                    file.write("\n".join(lines[:at] + [line] + lines[at + 1:]) + "\n")
                self.assertNotEqual(call("cep", "verify", self.workload, self.at("broken.plan"))[0], 0)


class ResNet50BrokenPlans(Network):
    network = "resnet50"

    def refused(self, before, after, requirement, step):
        """The plan with one text in place of another, which it has once. What holds other contents than a step needs is undecided: the
        contents might still be equal. All else is refuted. Nothing runs either way."""
        verdict, code = ("undecided", 3) if requirement == "CEP-MEAN-2" else ("refuted", 1)
        with open(self.at("P.plan")) as file:
            text = file.read()
        self.assertEqual(text.count(before), 1, before)
        broken = self.at("broken.plan")
        with open(broken, "w") as file:
            file.write(text.replace(before, after))
        proof = json.loads(self.expect(code, "cep", "verify", self.workload, broken, "--json", "--no-replay"))
        first = proof["findings"][0]
        self.assertEqual((proof["verdict"], first["id"], first["step"]), (verdict, requirement, step), proof["findings"])
        got, _, err = call("cep", "run", self.workload, broken)
        self.assertEqual((got, requirement in err), (code, True), err)
        for words in (["cep", "run", self.workload, broken, "--certificate", self.at("C.cep")],
                      ["cep-check", self.workload, broken, self.at("C.cep")]):
            self.assertEqual(call(*words)[0], 1, words)

    def test_between_two_devices(self):
        self.plan(ALTERNATE)
        with self.subTest("stale buffer: nothing fetches what the other device made"):
            self.refused("step relu_out:cpu:gpu @gpu:queue copy relu_out:cpu -> relu_out:gpu\n", "", "CEP-MEAN-2", "maxpool")
        with self.subTest("stale buffer: fetched from where an earlier value lay"):
            self.refused("copy relu_out:cpu -> relu_out:gpu\n", "copy conv1_out:cpu -> relu_out:gpu\n", "CEP-MEAN-2", "maxpool")
        with self.subTest("missing wait"):
            self.refused("step gpu:wait:cpu:4 @gpu:queue wait cpu:done 4\n", "", "CEP-MEM-1", "layer1.0.relu1_out:cpu:gpu")
        with self.subTest("swapped operands"):
            right = "layer1.0.bn1.weight[0:64] = layer1.0.bn1.weight:gpu, layer1.0.bn1.bias[0:64] = layer1.0.bn1.bias:gpu"
            wrong = "layer1.0.bn1.weight[0:64] = layer1.0.bn1.bias:gpu, layer1.0.bn1.bias[0:64] = layer1.0.bn1.weight:gpu"
            self.refused(right, wrong, "CEP-MEAN-2", "layer1.0.bn1")

    def test_within_one_convolution(self):
        self.plan("cep-placement 1\ndefault cpu\nsplit layer1.0.conv2 axis:2 over cpu,gpu\n")
        with self.subTest("wrong box: the claimed rows are not those computed"):
            self.refused("layer1.0.conv2_out[0:1,0:64,28:56,0:56]", "layer1.0.conv2_out[0:1,0:64,27:55,0:56]", "CEP-MEAN-1", "layer1.0.conv2:gpu")
        with self.subTest("wrong box: joined a row too high"):
            self.refused("-> layer1.0.conv2_out:cpu[0:1,0:64,28:56,0:56]", "-> layer1.0.conv2_out:cpu[0:1,0:64,27:55,0:56]", "CEP-MEAN-2", "layer1.0.bn2")
        with self.subTest("wrong halo: a row too high"):
            self.refused("copy layer1.0.relu1_out:cpu[0:1,0:64,27:56,0:56]", "copy layer1.0.relu1_out:cpu[0:1,0:64,26:55,0:56]", "CEP-MEAN-2", "layer1.0.conv2:gpu")
        with self.subTest("wrong halo: a row too few"):
            right = "layer1.0.relu1_out[0:1,0:64,0:29,0:56] = layer1.0.relu1_out:cpu[0:1,0:64,0:29,0:56]"
            self.refused(right, right.replace("0:29", "0:28"), "CEP-MEAN-1", "layer1.0.conv2:cpu")
        with self.subTest("missing wait"):
            self.refused("step cpu:wait:gpu:1 @cpu:queue wait gpu:done 1\n", "", "CEP-MEM-1", "layer1.0.conv2_out:gpu:cpu")


if __name__ == "__main__":
    unittest.main()
