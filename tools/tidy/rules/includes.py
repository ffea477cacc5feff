"""Who may include whom, and who may link whom. The tables are the rule; the code below only reads them."""

import os
import re

# Room -> rooms directly below it. What lies below those is allowed too. A room is a folder under libacp/src or libcep/src.
ROOMS = {
    "acp.core": [],
    "acp.envelope": ["acp.core"],
    "acp.document": ["acp.envelope"],
    "acp.wire": ["acp.document"],
    "acp.text": ["acp.document"],
    "acp.match": ["acp.document"],
    "acp.statement": ["acp.envelope"],
    "acp.builder": ["acp.text", "acp.wire"],
    "acp.host": ["acp.text", "acp.wire"],
    "cep.rules": ["acp.envelope"],
    "cep.index": ["acp.match", "acp.host", "cep.rules"],
    "cep.ops": ["cep.index"],
    "cep.optable": ["cep.ops"],
    "cep.graph": ["cep.optable"],
    "cep.plan": ["cep.graph"],
    "cep.interp": ["cep.plan"],
    "cep.verify": ["cep.plan"],
    "cep.solver": ["cep.rules"],
        # A certificate is a verdict written down.
    "cep.wire": ["cep.verify"],
    "cep.logical": ["cep.wire"],
    "cep.equivalence": ["cep.logical"],
    "cep.replay": ["cep.interp", "cep.logical"],
    "cep.physical": ["cep.interp", "cep.verify", "cep.weights"],
    "cep.generate": ["cep.logical"],
    # Reads a proof's facts, not the prover.
    "cep.order": ["cep.logical"],
    # Reads what operators mean, not the prover.
    "cep.batch": ["cep.equivalence"],
    # A plan names its workload by the digest of its bytes.
    "cep.planners": ["cep.wire"],
    "cep.exec": ["cep.interp", "cep.wire"],
    "cep.weights": ["cep.graph"],
    "cep.onnx": ["cep.wire", "cep.interp", "cep.weights"],
}

# Rooms whose folder is not the one their name says.
ROOM_FOLDER = {"cep.onnx": "libcep/onnx"}

# Folders above the libraries -> rooms whose public headers they may include ("*": all; "-": but not this one, though it
# lies below another). The longest prefix wins.
OUTSIDE = {
    "conformance": ["*"],
    "tools": ["*"],
    # Other code than the verifier's: it must be able to disagree.
    "tools/cep-check": ["cep.logical", "cep.order", "-cep.verify"],
    "tests": ["*"],
}

# A shim sees the vendor ABI and nothing else of ours.
VENDOR_HEADERS = {"acp/shim.h", "acp/region.h"}

# Public header -> its room, where neither the header's name nor a source file of the same name says it.
HEADER_ROOM = {
    "acp/region.h": "acp.core",
    "acp/shim.h": "acp.core",
    "acp/status.h": "acp.core",
    "acp/host.h": "acp.host",
    "cep/box.h": "cep.index",
    "cep/region.h": "cep.index",
    "cep/op.h": "cep.ops",
    "cep/elementwise.h": "cep.ops",
    "cep/reduction.h": "cep.ops",
    "cep/rule.h": "cep.rules",
    "cep/distgraph.h": "cep.logical",
    "cep/logical_certificate.h": "cep.logical",
    "cep/logical_forms.h": "cep.logical",
    "cep/tree_order.h": "cep.order",
    "cep/batch.h": "cep.batch",
    "cep/physical_replay.h": "cep.physical",
    # Declares certify(); the verdict's types come with it.
    "cep/certificate.h": "cep.wire",
}

# Third party: include prefix -> CMake target prefix, folders that may use it (None: everyone but public headers).
THIRD_PARTY = [
    ("flatbuffers/", "flatbuffers::", ["libacp/src/wire", "schemas", "tests"]),
    ("sodium", "PkgConfig::SODIUM", ["libacp/src/envelope", "tests"]),
    ("z3", "PkgConfig::Z3", ["libcep/src/solver", "tests"]),
    ("capnp/", "CapnProto::", ["libcep/src/wire", "libcep/src/logical", "libacp/src/host", "schemas", "tests"]),
    ("kj/", "CapnProto::kj", ["libcep/src/wire", "libcep/src/logical", "libacp/src/host", "schemas", "tests"]),
    ("CLI/", "CLI11::", ["tools", "conformance"]),
    ("gtest/", "GTest::", ["tests", "tools/cmake"]),
    ("rapidcheck", "rapidcheck", ["tests", "tools/cmake"]),
    ("benchmark/", "benchmark::", ["tests/bench", "tools/cmake"]),
    ("onnx/", "onnx_proto", ["libcep/onnx", "tests"]),
    ("google/protobuf/", "protobuf::", ["libcep/onnx", "tests"]),
    ("CL/", "OpenCL::", ["vendors", "tests"]),
    ("simdjson", "simdjson::", ["libcep/src/logical"]),
    ("zstd", "PkgConfig::ZSTD", ["libcep/src/logical", "tests"]),
]
GENERATED = [  # headers generated from schemas/, by ending
    ("_generated.h", ["libacp/src/wire", "tests"]),
    (".capnp.h", ["libcep/src/wire", "libcep/src/logical", "libacp/src/host", "schemas", "tests"]),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
C_STANDARD = {
    "assert.h", "errno.h", "inttypes.h", "limits.h", "math.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
    "stdlib.h", "string.h", "stdatomic.h",
}


def below(room):
    """The room itself and every room under it."""
    seen, todo = set(), [room]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += ROOMS.get(here, [])
    return seen


def room_of_source(path):
    match = re.match(r"lib(acp|cep)/src/([^/]+)/", path)
    if match:
        return f"{match[1]}.{match[2]}"
    return next((room for room, folder in ROOM_FOLDER.items() if path.startswith(folder + "/")), None)


def room_of_header(tree, header):
    """Of "cep/graph.h": cep.graph, by the table, by the name of a room, or by the room that holds graph.cc."""
    if header in HEADER_ROOM:
        return HEADER_ROOM[header]
    lib, stem = header.split("/", 1)[0], os.path.splitext(header.rsplit("/", 1)[1])[0]
    if f"{lib}.{stem}" in ROOMS:
        return f"{lib}.{stem}"
    for ending in (".cc", ".c"):
        for path in tree.under(f"lib{lib}/src", ending=f"/{stem}{ending}"):
            return room_of_source(path)
    return None


def allowed_rooms(path):
    """The rooms whose headers this file may include, or None where no table speaks of it."""
    room = room_of_source(path)
    if room:
        return below(room)
    best = max((f for f in OUTSIDE if path.startswith(f + "/")), key=len, default=None)
    if best is None:
        return None
    if "*" in OUTSIDE[best]:
        return set(ROOMS)
    rooms = set().union(*(below(r) for r in OUTSIDE[best] if not r.startswith("-")))
    return rooms - {r[1:] for r in OUTSIDE[best] if r.startswith("-")}


def within(path, folders):
    return any(path.startswith(f + "/") for f in folders)


def includes_of(tree, path):
    text = tree.bare(path)
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1] == "<", match[2]


def third_party(path, header):
    for prefix, _, folders in THIRD_PARTY:
        if header.startswith(prefix) and not within(path, folders):
            return f"<{header}> belongs to {', '.join(folders)}"
    for ending, folders in GENERATED:
        if header.endswith(ending) and not within(path, folders):
            return f"generated <{header}> belongs to {', '.join(folders)}"
    if header.startswith("nlohmann/") and header != "nlohmann/json_fwd.hpp" and path.endswith(".h"):
        return "nlohmann/json stays out of headers: it costs a second per file that includes it"
    return None


def own_header(tree, path, header):
    """Why `path` may not include the public header of ours, or None."""
    room = room_of_header(tree, header)
    if room is None:
        return f'no room owns "{header}": add it to HEADER_ROOM in tools/tidy/rules/includes.py'
    if path.startswith("vendors/"):
        return None if header in VENDOR_HEADERS else f'a vendor sees only {", ".join(sorted(VENDOR_HEADERS))}'
    public = re.match(r"lib(?:acp|cep)/include/(.*)", path)
    if public:
        owner = room_of_header(tree, public[1])
        return None if owner is None or room in below(owner) else f"{owner} may not include {room}"
    rooms = allowed_rooms(path)
    return None if rooms is None or room in rooms else f"{room_of_source(path) or path} may not include {room}"


def public_header(path, angle, header):
    if not re.match(r"lib(?:acp|cep)/include/", path):
        return None
    if angle and ("." not in header and "/" not in header or header in C_STANDARD):
        return None
    if not angle and header.startswith(("acp/", "cep/")):
        return None
    return f"a public header includes only the standard library and ours, not {header}"


def private_header(tree, path, header):
    """Private headers are included as "room/file.h", or "file.h" from the same folder."""
    folder = os.path.dirname(path)
    if f"{folder}/{header}" in tree.paths or os.path.normpath(f"{folder}/{header}") in tree.paths:
        if ".." not in header:
            return None
    for lib in ("acp", "cep"):
        target = f"lib{lib}/src/{header}"
        if target in tree.paths:
            rooms = allowed_rooms(path)
            room = room_of_source(target)
            if room_of_source(path) and rooms and room in rooms or path.startswith("tests/"):
                return None
            return f'"{header}" is private to {room}'
    if ".." in header:
        return f'"{header}": no paths through the parent folder'
    return None


def check(tree):
    findings = []
    for path in tree.under("libacp", "libcep", "vendors", "conformance", "tools", "tests"):
        room = room_of_source(path)
        if room and room not in ROOMS:
            findings.append((path, 1, f"room {room} is not in the table ROOMS"))
            continue
        for line, angle, header in includes_of(tree, path):
            reasons = [third_party(path, header), public_header(path, angle, header)]
            if header.startswith(("acp/", "cep/")) and f"lib{header[:3]}/include/{header}" in tree.paths:
                reasons.append(own_header(tree, path, header))
            elif not angle:
                reasons.append(private_header(tree, path, header))
            findings += [(path, line, reason) for reason in reasons if reason]
    return findings


ROOM_CALL = re.compile(r"acp_room\s*\(([^)]*)\)")


def room_calls(tree):
    """(path, line, room, linked names) of every acp_room in the tree."""
    for path in tree.paths:
        if not path.endswith("CMakeLists.txt"):
            continue
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        for match in ROOM_CALL.finditer(text):
            words = match[1].split()
            if "LIB" not in words or "NAME" not in words:
                continue
            room = f"{words[words.index('LIB') + 1]}.{words[words.index('NAME') + 1]}"
            links, key = [], None
            for word in words:
                if word in ("LIB", "NAME", "SOURCES", "PUBLIC", "PRIVATE"):
                    key = word
                elif key in ("PUBLIC", "PRIVATE"):
                    links.append(word)
            yield path, text.count("\n", 0, match.start()) + 1, room, links


def check_links(tree):
    """Link lines agree with the table, and cover what is included."""
    findings, linked, place = [], {}, {}
    for path, line, room, links in room_calls(tree):
        place[room] = (path, line)
        linked[room] = [l.replace("::", ".") for l in links if re.match(r"(acp|cep)::", l)]
        if room not in ROOMS:
            findings.append((path, line, f"room {room} is not in the table ROOMS"))
            continue
        for other in linked[room]:
            if other not in below(room):
                findings.append((path, line, f"{room} may not link {other}"))
        folder = ROOM_FOLDER.get(room, f"lib{room[:3]}/src/{room[4:]}")
        for _, target, folders in THIRD_PARTY:
            if any(l.startswith(target) for l in links) and folder not in folders:
                findings.append((path, line, f"{room} may not link {target}"))

    def reach(room, seen):
        if room not in seen:
            seen.add(room)
            for other in linked.get(room, []):
                reach(other, seen)
        return seen

    for path in tree.under("libacp/src", "libcep/src", *ROOM_FOLDER.values()):
        room = room_of_source(path)
        if room not in place:
            continue
        for line, _, header in includes_of(tree, path):
            if not header.startswith(("acp/", "cep/")) or f"lib{header[:3]}/include/{header}" not in tree.paths:
                continue
            other = room_of_header(tree, header)
            if other in place and other not in reach(room, set()):
                where = place[room][0]
                findings.append((path, line, f"includes {header} of {other}, which {where} does not link"))
    return findings
