"""The main job, end to end: certify two shims, take a network, plan it over both, prove, check, run, compare. Called by tools/quickstart."""

import argparse
import array
import datetime
import json
import math
import pathlib
import platform
import sys

import page
from stages import Failure, Stages, sha256

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
OUT = ROOT / "build/quickstart"
DEVICES = ("cpu", "gpu")


def arguments():
    parser = argparse.ArgumentParser(prog="tools/quickstart")
    parser.add_argument("--model", type=pathlib.Path, help="an ONNX file; default: a ResNet-50 is generated")
    parser.add_argument("--fresh", action="store_true", help="use no result of an earlier run")
    parser.add_argument("--seed", type=int, default=1, help="of the input's values (default 1)")
    parser.add_argument("--installed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--built", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.model is not None:
        if not options.model.is_file():
            parser.error(f"no such file: {options.model}")
        options.model = options.model.resolve()
    return options


def library(shim):
    """The file of a shim's library, wherever the build put it."""
    found = sorted((ROOT / "build/release").rglob(f"*acp_shim_{shim}.so"))
    if not found:
        raise Failure(f"the build has no library of the {shim} shim", 4)
    return found[0]


def certify(stages, shim, key):
    """Runs the suite against a shim, then checks the signed statement offline, against the very library that will run."""
    folder = OUT / f"conformance-{shim}"
    report, statement = folder / "report.json", folder / "statement.dsse.json"
    # The document says which device, driver and versions were found; every case runs in the host program.
    device = stages.run(f"ask the {shim} shim what it is", [BIN / "acp", "probe", shim])
    stages.run(
        f"certify the {shim} shim",
        [BIN / "acp-conformance", "run", "--shim", shim, "--tier", "quick", "--out", folder, "--key", key],
        reads=[library(shim), key, BIN / "acp-shim-host"],
        makes=[report, report.with_suffix(".html"), statement],
        facts=[found["digest"] for found in device["devices"]],
        keep=True,
    )
    cached = stages.done[-1]["cached"]
    stages.run(
        f"check the statement about the {shim} shim",
        [BIN / "acp-conformance", "verify", statement, "--trust", key.with_suffix(".pub"), "--shim", library(shim)],
    )
    said = json.loads(report.read_text())
    if not said["conformant"]:
        raise Failure(f"the {shim} shim is not conformant; see {report}")
    return {"shim": shim, "conformant": True, "counts": said["counts"], "report": str(report.relative_to(OUT)),
            "cached": cached}


def laboratory(stages):
    """The key that signs statements; made once."""
    key = OUT / "lab.key"
    if not key.is_file():
        stages.run("make a key to sign with", [BIN / "acp", "keygen", OUT / "lab"])
    return key


def take_model(stages, options):
    if options.model is not None:
        return options.model
    model = OUT / "resnet50.onnx"
    stages.run("generate ResNet-50", [BIN / "cep", "generate", "resnet50", "-o", model], makes=[model], keep=True)
    return model


def plan_and_prove(stages, name, workload):
    placement = OUT / f"{name}.placement"
    placement.write_text(f"cep-placement 1\nalternate {','.join(DEVICES)} every 4 nodes\n")
    plan, certificate = OUT / f"{name}.plan", OUT / f"{name}.cert"
    stages.run("plan it over both devices, stage by stage in turn",
               [BIN / "cep", "plan", workload, "--devices", ",".join(DEVICES), "--placement", placement, "-o", plan])
    verdict = stages.run("prove the plan", [BIN / "cep", "verify", workload, plan, "--certificate", certificate])
    stages.run("check the certificate with other code", [BIN / "cep-check", workload, plan, certificate])
    refusals(stages, workload, plan, certificate)
    return plan, certificate, verdict


def changed(path, target):
    """A copy with one bit of one byte in the middle changed."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    while data[middle] in b" \n":
        middle += 1
    data[middle] ^= 1
    target.write_bytes(data)


def refusals(stages, workload, plan, certificate):
    """One changed byte in plan, certificate or descriptor: both programs refuse."""
    for what, original in [("plan", plan), ("certificate", certificate), ("descriptor", descriptor_of(plan))]:
        folder = OUT / f"changed-{what}"
        folder.mkdir(exist_ok=True)
        for file in [plan, certificate, *OUT.glob("*.acp")]:
            (folder / file.name).write_bytes(file.read_bytes())
        changed(original, folder / original.name)
        files = [workload, folder / plan.name]
        proof = folder / certificate.name
        stages.run(f"cep-check refuses a changed {what}", [BIN / "cep-check", *files, proof], expect=(1, 2))
        stages.run(f"cep run refuses a changed {what}", [BIN / "cep", "run", *files, "--certificate", proof], expect=(1, 2))


def descriptor_of(plan):
    found = sorted(plan.parent.glob("*.acp"))
    if not found:
        raise Failure("no descriptor lies beside the plan")
    return found[0]


def values_of(file):
    """The elements of a float32 .npy file."""
    data = file.read_bytes()
    header = data[10 : 10 + int.from_bytes(data[8:10], "little")].decode("latin-1")
    if "'<f4'" not in header:
        raise Failure(f"{file.name}: not float32")
    values = array.array("f", data[10 + len(header) :])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def meaningful(file):
    """Raises unless the output is finite and not one constant: equal nonsense proves nothing."""
    values = values_of(file)
    if not all(map(math.isfinite, values)):
        raise Failure(f"{file.name} holds NaN or infinity")
    if len(set(values)) < 2:
        raise Failure(f"{file.name} is constant")
    return {"elements": len(values), "distinct": len(set(values))}


def digests(said):
    return {output["name"]: output["sha256"] for output in said["outputs"]}


def run_and_compare(stages, options, name, workload, plan, certificate):
    given = ["--input", f"random:{options.seed}"]
    trace = OUT / f"{name}.trace.json"
    ours = stages.run("run the plan on both devices",
                      [BIN / "cep", "run", workload, plan, "--certificate", certificate, *given, "--output", OUT, "--trace", trace])
    alone = stages.run("run it on the cpu alone", [BIN / "cep", "run", workload, "--on", "cpu", *given])
    reference = stages.run("run the reference interpreter", [BIN / "cep", "run", workload, "--on", "interpreter", *given],
                           reads=[workload, workload.with_suffix(".weights")], keep=True)
    outputs = digests(ours)
    equal = outputs == digests(alone) == digests(reference)
    shown = {output: meaningful(OUT / f"{output}.npy") for output in outputs} if options.model is None else {}
    return equal, outputs, shown, trace


def devices_used(plan, trace):
    """How many compute steps ran on the shim of each device, by the trace of the run and the plan's own lines."""
    events = json.loads(trace.read_text())["traceEvents"]
    lines = [line.split() for line in plan.read_text().splitlines()]
    shim_of_device = {words[1]: words[words.index("shim") + 1] for words in lines if words[:1] == ["device"]}
    shim_of_queue = {words[1]: shim_of_device[words[3]] for words in lines if words[:1] == ["queue"]}
    queue_of_thread = {event["tid"]: event["args"]["name"] for event in events if event.get("name") == "thread_name"}
    used = {}
    for event in events:
        if event.get("cat") == "compute":
            shim = shim_of_queue[queue_of_thread[event["tid"]]]
            used[shim] = used.get(shim, 0) + 1
    return used


def job(stages, options):
    key = laboratory(stages)
    conformance = [certify(stages, shim, key) for shim in DEVICES]
    model = take_model(stages, options)
    name = model.stem
    workload = OUT / f"{name}.cep"
    weights = workload.with_suffix(".weights")
    stages.run("import it", [BIN / "cep", "import", model, "-o", workload], reads=[model], makes=[workload, weights], keep=True)
    plan, certificate, verdict = plan_and_prove(stages, name, workload)
    equal, outputs, shown, trace = run_and_compare(stages, options, name, workload, plan, certificate)
    used = devices_used(plan, trace)
    entry = {
        "name": name,
        "model_sha256": sha256(model),
        "workload_sha256": sha256(workload),
        "plan_sha256": sha256(plan),
        "certificate_sha256": sha256(certificate),
        "verdict": verdict["verdict"],
        "guarantee": verdict["guarantee"],
        "assumptions": verdict["assumptions"],
        "lowered_by": verdict["lowered_by"],
        "devices_used": sorted(used),
        "steps_by_device": used,
        "bitwise_equal": equal,
        "outputs": outputs,
        "output_values": shown,
        "files": {"plan": plan.name, "certificate": certificate.name, "trace": trace.name},
    }
    return conformance, [entry]


def failures(models):
    for model in models:
        if model["verdict"] != "proved" or model["guarantee"] != "bitwise":
            yield f"{model['name']}: {model['verdict']} {model['guarantee']}"
        if not model["bitwise_equal"]:
            yield f"{model['name']}: the outputs' bits differ"
        if set(model["devices_used"]) != set(DEVICES):
            yield f"{model['name']}: only {', '.join(model['devices_used']) or 'nothing'} worked"


def main():
    options = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    stages = Stages(OUT / "kept", options.fresh)
    stages.note("install", options.installed)
    stages.note("build", options.built)
    conformance, models, wrong, code = [], [], [], 0
    try:
        conformance, models = job(stages, options)
        wrong = list(failures(models))
        code = 1 if wrong else 0
    except Failure as failure:
        wrong, code = [str(failure)], failure.code
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": platform.machine(),
        "ok": not wrong,
        "failures": wrong,
        "conformance": conformance,
        "models": models,
        "stages": stages.done,
    }
    (OUT / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (OUT / "report.html").write_text(page.render(report))
    print(page.summary(report))
    return code


if __name__ == "__main__":
    sys.exit(main())
