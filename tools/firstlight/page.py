"""What a person reads: a few lines for the terminal and one self-contained page."""

import html

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --dim: #60646c; --line: #dcdfe4; --paper: #fff; --good: #18794e; --bad: #cd2b31; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #edeef0; --dim: #a0a4ab; --line: #363a3f; --paper: #111315; --good: #3dd68c; --bad: #ff9592; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); }
.verdict { font-size: 1.1rem; font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--dim); } td.number, th.number { text-align: right; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
"""


def escaped(text):
    return html.escape(str(text))


def table(header, rows):
    """header: (title, is a number) per column; cells are HTML already."""
    kinds = [' class="number"' if number else "" for _, number in header]
    head = "".join(f"<th{kind}>{title}</th>" for (title, _), kind in zip(header, kinds))
    body = "".join("<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds)) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def verdict_line(report):
    if report["ok"]:
        return "Proved bitwise, run on both devices, equal to the reference to the bit."
    return "Not shown: " + "; ".join(report["failures"])


def model_section(model):
    share = ", ".join(f"{steps} steps on {shim}" for shim, steps in sorted(model["steps_by_device"].items()))
    equal = "equal to the bit" if model["bitwise_equal"] else "different"
    rows = [
        ("Verdict", f"{escaped(model['verdict'])}, {escaped(model['guarantee'])}"),
        ("Work", escaped(share)),
        ("Plan, one device and reference", equal),
        ("Plan", f'<a href="{escaped(model["files"]["plan"])}">{escaped(model["files"]["plan"])}</a> <code>{model["plan_sha256"]}</code>'),
        ("Certificate", f"<code>{model['certificate_sha256']}</code>"),
        ("Workload", f"<code>{model['workload_sha256']}</code>"),
        ("Trace", f'<a href="{escaped(model["files"]["trace"])}">{escaped(model["files"]["trace"])}</a> (chrome://tracing, Perfetto)'),
    ]
    rows += [(f"Output {escaped(name)}", f"<code>{digest}</code>") for name, digest in model["outputs"].items()]
    relied = [(escaped(item["device"]), escaped(item["contract"]), f"<code>{escaped(item['document'])}</code>") for item in model["assumptions"]]
    return (
        f"<h2>{escaped(model['name'])}</h2>"
        + table([("", False), ("", False)], rows)
        + "<h2>What the proof relies on</h2>"
        + table([("Device", False), ("Contract", False), ("Document", False)], relied)
    )


def conformance_section(entries):
    rows = [
        (
            f'<a href="{escaped(entry["report"].replace(".json", ".html"))}">{escaped(entry["shim"])}</a>',
            "conformant" if entry["conformant"] else "not conformant",
            escaped(", ".join(f"{count} {verdict}" for verdict, count in entry["counts"].items() if count)),
            escaped(entry["cached"] or "this run"),
        )
        for entry in entries
    ]
    return "<h2>Devices</h2>" + table([("Shim", False), ("Verdict", False), ("Cases", False), ("Tested", False)], rows)


def stage_section(stages):
    rows = [(escaped(stage["name"]), f"{stage['seconds']:.1f}", escaped(stage["cached"] or "")) for stage in stages]
    return "<h2>Stages</h2>" + table([("Stage", False), ("Seconds", True), ("Cached", False)], rows)


def render(report):
    tone = "good" if report["ok"] else "bad"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>First light</title><style>{STYLE}</style><h1>First light</h1>"
        f'<p class="verdict {tone}">{escaped(verdict_line(report))}</p><p class="dim">{escaped(report["date"])}, {escaped(report["machine"])}</p>'
        + "".join(model_section(model) for model in report["models"])
        + (conformance_section(report["conformance"]) if report["conformance"] else "")
        + stage_section(report["stages"])
        + "</html>\n"
    )


def summary(report):
    lines = ["", verdict_line(report)]
    for model in report["models"]:
        share = ", ".join(f"{steps} steps on {shim}" for shim, steps in sorted(model["steps_by_device"].items()))
        lines.append(f"  {model['name']}: {model['verdict']} {model['guarantee']}; {share}")
    for entry in report["conformance"]:
        lines.append(f"  {entry['shim']}: conformant" + (f" (cached {entry['cached']})" if entry["cached"] else ""))
    spent = sum(stage["seconds"] for stage in report["stages"] if not stage["cached"])
    lines.append(f"  {spent:.0f} s in {len(report['stages'])} stages. Read build/quickstart/report.html")
    return "\n".join(lines)
