"""Running one command after another, keeping what each said, how long it took, and what may be taken from an earlier run.

A stage's result is kept under the digest of everything that decides it: the command line, the program, the bytes of every file it reads,
where it runs, and what else the caller knows of. A kept result is only used when the files it made are still there, byte for byte.
"""

import datetime
import hashlib
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import time


class Failure(Exception):
    """A stage did not say what it must. code: the exit status of the whole run."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def surroundings():
    """What decides results beside the command line: the processor, and the variables that programs of ours and OpenCL's loaders read."""
    try:
        with open("/proc/cpuinfo") as file:
            processor = sorted({line.strip() for line in file if line.startswith(("model name", "flags", "Features"))})
    except OSError:
        processor = [platform.processor()]
    prefixes = ("ACP_", "CEP_", "OCL_", "OPENCL_", "POCL_", "CL_", "LD_")
    return [platform.machine(), platform.release(), *processor,
            *(f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(prefixes))]


class Stages:
    """folder: where kept results lie. fresh: never use one."""

    def __init__(self, folder, fresh):
        self.kept = pathlib.Path(folder)
        self.kept.mkdir(parents=True, exist_ok=True)
        self.fresh = fresh
        self.done = []  # what report.json lists, in order

    def note(self, name, seconds):
        """A stage that ran elsewhere."""
        self.done.append({"name": name, "seconds": seconds, "cached": None})

    def _key(self, command, reads, facts):
        digest = hashlib.sha256()
        for words in (command, surroundings(), facts):
            for word in words:
                digest.update(str(word).encode() + b"\0")
            digest.update(b"\n")
        for path in [command[0], *reads]:
            digest.update(sha256(path).encode())
        return digest.hexdigest()

    def _earlier(self, file, makes):
        if self.fresh or not file.is_file():
            return None
        try:
            entry = json.loads(file.read_text())
            same = all(sha256(path) == entry["made"].get(str(path)) for path in makes)
        except (OSError, ValueError, KeyError):
            return None
        return entry if same else None

    def run(self, name, command, reads=(), makes=(), facts=(), keep=False, expect=(0,), json_out=True):
        """Runs command (its first word a path) and returns what it printed: parsed when json_out, else text.

        reads, makes: files whose bytes decide the result, and files it writes. facts: words that decide it too. keep: may come from an earlier run, and may serve later
        ones. expect: exit statuses that are right. Raises Failure on any other.
        """
        command = [str(word) for word in command] + (["--json"] if json_out else [])
        file = self.kept / (self._key(command, reads, facts) + ".json") if keep else None
        entry = self._earlier(file, makes) if keep else None
        if entry is None:
            entry = self._fresh_run(name, command, makes, expect)
            if keep:
                file.write_text(json.dumps(entry))
            entry = dict(entry, cached=None)
        else:
            entry = dict(entry, cached=entry["date"])
        self.done.append(
            {"name": name, "seconds": entry["seconds"], "cached": entry["cached"], "command": entry["shown"], "exit": entry["exit"]}
        )
        when = f"cached {entry['cached']}" if entry["cached"] else f"{entry['seconds']:.1f} s"
        print(f"   {when}", flush=True)
        return json.loads(entry["out"]) if json_out else entry["out"]

    def _fresh_run(self, name, command, makes, expect):
        shown = shlex.join(command)
        print(f"== {name}\n$ {shown}", flush=True)
        begin = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        seconds = time.monotonic() - begin
        if done.returncode not in expect:
            sys.stdout.write(done.stdout)
            raise Failure(f"{name}: exit {done.returncode}, where {' or '.join(map(str, expect))} was due", done.returncode or 1)
        return {
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(seconds, 3),
            "exit": done.returncode,
            "out": done.stdout,
            "shown": shown,
            "made": {str(path): sha256(path) for path in makes},
        }
