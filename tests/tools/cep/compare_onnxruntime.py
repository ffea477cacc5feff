#!/usr/bin/env python3
"""Compares every value of an ONNX model with ONNX Runtime's. Usage: compare_onnxruntime.py CEP MODEL [--on cpu] [--seed N]

MODEL is a file, or what `cep generate` makes. It needs the Python packages onnx, onnxruntime and numpy, which the project does not. Every
float value a node makes becomes an output of the model, which then runs on both sides with the same inputs. Exit 0 when all agree within
rounding; a NaN, an infinity or a value that is the same everywhere fails, for it shows nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

# Of the largest magnitude of a value: both sides round differently at every step, and layers hand their roundings on. The worst seen
# is 2.8e-6, deep in ResNet-50.
TOLERANCE = 2e-5


def load(cep, model):
    if os.path.splitext(model)[1] == ".onnx":
        return onnx.load(model)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "M.onnx")
        subprocess.run([cep, "generate", model, "-o", file], check=True, stdout=subprocess.DEVNULL)
        return onnx.load(file)


def with_all_outputs(model):
    model = onnx.shape_inference.infer_shapes(model)
    known = {info.name: info for info in model.graph.value_info}
    have = {output.name for output in model.graph.output}
    for node in model.graph.node:
        for name in node.output:
            info = known.get(name)
            if name not in have and info is not None and info.type.tensor_type.elem_type == onnx.TensorProto.FLOAT:
                model.graph.output.append(info)
    return model


def inputs_of(model, seed):
    random = numpy.random.default_rng(seed)
    given = {init.name for init in model.graph.initializer}
    out = {}
    for info in model.graph.input:
        if info.name in given:
            continue
        shape = [dim.dim_value for dim in info.type.tensor_type.shape.dim]
        if info.type.tensor_type.elem_type == onnx.TensorProto.FLOAT:
            out[info.name] = random.standard_normal(shape).astype(numpy.float32)
        else:
            out[info.name] = random.integers(0, 2, shape).astype(numpy.int64)
    return out


def run_cep(cep, file, inputs, names, where, folder):
    workload = os.path.join(folder, "W.cep")
    subprocess.run([cep, "import", file, "-o", workload], check=True, stdout=subprocess.DEVNULL)
    words = [cep, "run", workload, "--on", where, "--output", folder]
    for i, (name, value) in enumerate(inputs.items()):
        numpy.save(os.path.join(folder, f"input{i}.npy"), value)
        words += ["--input", f"{name}={os.path.join(folder, f'input{i}.npy')}"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return [numpy.load(os.path.join(folder, name.replace("/", "_") + ".npy")) for name in names]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cep")
    parser.add_argument("model")
    parser.add_argument("--on", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = with_all_outputs(load(options.cep, options.model))
    onnx.checker.check_model(model)
    names = [output.name for output in model.graph.output]
    inputs = inputs_of(model, options.seed)
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    theirs = session.run(names, inputs)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "all.onnx")
        onnx.save(model, file)
        ours = run_cep(options.cep, file, inputs, names, options.on, folder)
    failed, worst = 0, 0.0
    for name, a, b in zip(names, ours, theirs):
        scale = float(numpy.abs(b).max()) if b.size else 0.0
        fault = None
        if a.shape != b.shape:
            fault = f"shape {a.shape}, theirs {b.shape}"
        elif not (numpy.isfinite(a).all() and numpy.isfinite(b).all()):
            fault = "not finite"
        elif a.size > 1 and a.min() == a.max():
            fault = "the same everywhere"
        else:
            off = float(numpy.abs(a.astype(numpy.float64) - b).max()) / scale if scale > 0 else 0.0
            worst = max(worst, off)
            fault = f"off by {off:.2e} of its largest magnitude" if off > TOLERANCE else None
        if fault:
            failed += 1
            print(f"{name}: {fault}")
    print(f"{len(names)} values, {failed} differ, the worst is off by {worst:.2e} of its largest magnitude")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
