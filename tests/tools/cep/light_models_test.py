"""The ONNX project's light models, with the outputs its own evaluator computed. Usage: light_models_test.py FOLDER BIN NAME...

They are constants all through, so these outputs prove little about values; they do prove that opset 9 models are read as they are meant.
"""

import array
import json
import os
import re
import subprocess
import sys
import tempfile


def call(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def ramp_file(path, shape):
    """What the project's runner feeds: element i is i / n in binary64, rounded to binary32."""
    count = 1
    for extent in shape:
        count *= extent
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({','.join(map(str, shape))},), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        array.array("f", (i / count for i in range(count))).tofile(file)


def numbers_of_npy(path):
    with open(path, "rb") as file:
        data = file.read()
    return array.array("f", data[10 + int.from_bytes(data[8:10], "little"):])


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def numbers_of_proto(path):
    """raw_data (field 9) or float_data (field 4) of a TensorProto."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        length, at = varint(data, at)
        if tag & 7 == 0:
            continue
        if tag >> 3 in (4, 9):
            return array.array("f", data[at:at + length])
        at += length
    sys.exit(f"{path}: no contents")


def check(folder, bin_folder, name, work):
    cep = os.path.join(bin_folder, "cep")
    workload, given = os.path.join(work, "W.cep"), os.path.join(work, "input.npy")
    call(cep, "import", os.path.join(folder, f"{name}.onnx"), "-o", workload, "--json")
    shown = call(cep, "show", workload, "--json")["workload"]
    (entry,) = shown["inputs"]
    ramp_file(given, [int(n) for n in re.findall(r"\d+", entry["type"].split("[")[1])])
    call(cep, "run", workload, "--on", "cpu", "--input", f"{entry['name']}={given}", "--output", work, "--json")
    (output,) = shown["outputs"]
    got = numbers_of_npy(os.path.join(work, output.replace("/", "_") + ".npy"))
    wanted = numbers_of_proto(os.path.join(folder, f"{name}_output_0.pb"))
    assert len(got) == len(wanted) > 0, (len(got), len(wanted))
    # The tolerance of the project's own runner.
    worst = max(abs(g - w) - 1e-3 * abs(w) if g == g else float("inf") for g, w in zip(got, wanted))
    assert worst <= 1e-7, f"{name}: off by {worst}"
    print(f"{name}: {len(got)} elements agree")


def main():
    folder, bin_folder, *names = sys.argv[1:]
    for name in names:
        with tempfile.TemporaryDirectory() as work:
            check(folder, bin_folder, name, work)


if __name__ == "__main__":
    main()
