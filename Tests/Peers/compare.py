"""Times StrictJSON, JSONSchema and JOSE beside their peers: same documents, one run, rounds A B C A B C.

    compare.py PROGRAM [ROUNDS] [MILLISECONDS]

PROGRAM is standards-bench. Each round takes the smallest of seven measurements of each competitor; the table has the
median of the rounds. Peers in Python are measured in this process, ours in a process of its own that does nothing between
its tasks; sourcemeta-jsonschema measures itself."""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import fastjsonschema
import jsonschema_rs
import orjson

from documents import Subject, subjects


class Ours:
    """standards-bench, asked one task at a time."""

    def __init__(self, program: str, milliseconds: int):
        self.milliseconds = milliseconds
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def time(self, **task: object) -> float:
        self.process.stdin.write(json.dumps(task | {"milliseconds": self.milliseconds}) + "\n")
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise SystemExit(f"compare: {task}: {answer['error']}")
        return answer["nanoseconds"]


def smallest(run, milliseconds: int) -> float:
    """Nanoseconds of one run: the smallest of seven measurements."""
    best = float("inf")
    for _ in range(7):
        runs, start, elapsed = 0, time.perf_counter_ns(), 0
        while elapsed < milliseconds * 1_000_000:
            for _ in range(16):
                run()
            runs += 16
            elapsed = time.perf_counter_ns() - start
        best = min(best, elapsed / runs)
    return best


def parsers(ours: Ours, name: str, file: pathlib.Path, milliseconds: int) -> dict:
    text = file.read_bytes()
    return {
        f"parse {name} ({len(text)} octets)": {
            "StrictJSON": lambda: ours.time(task="parse", instances=[str(file)]),
            "orjson": lambda: smallest(lambda: orjson.loads(text), milliseconds),
            "Python json": lambda: smallest(lambda: json.loads(text), milliseconds),
            "Foundation": lambda: ours.time(task="parse-foundation", instances=[str(file)]),
        }
    }


def validators(ours: Ours, subject: Subject, milliseconds: int) -> dict:
    text = subject.instance.read_bytes()
    instance = json.loads(text)
    documents = [json.loads(path.read_bytes()) for path in subject.resources]
    task = {
        "schema": subject.uri,
        "resources": [str(path) for path in subject.resources],
        "instances": [str(subject.instance)],
        "formats": subject.formats,
    }
    registry = jsonschema_rs.Registry([(document["$id"], document) for document in documents])
    rust = jsonschema_rs.Draft202012Validator(documents[0], registry=registry, validate_formats=subject.formats)
    if not rust.is_valid(instance):
        raise SystemExit(f"compare: jsonschema-rs refuses {subject.name}")
    alone = {
        "JSONSchema": lambda: ours.time(task="validate", **task),
        "jsonschema-rs": lambda: smallest(lambda: rust.is_valid(instance), milliseconds),
        "sourcemeta-jsonschema": lambda: sourcemeta(subject),
    }
    whole = {
        "StrictJSON + JSONSchema": lambda: ours.time(task="parse-validate", **task),
        "orjson + jsonschema-rs": lambda: smallest(lambda: rust.is_valid(orjson.loads(text)), milliseconds),
        "json + jsonschema-rs": lambda: smallest(lambda: rust.is_valid(json.loads(text)), milliseconds),
    }
    try:
        by_uri = {document["$id"]: document for document in documents}
        python = fastjsonschema.compile(
            documents[0], handlers={"urn": by_uri.__getitem__}, use_formats=subject.formats
        )
        python(instance)
        alone["fastjsonschema"] = lambda: smallest(lambda: python(instance), milliseconds)
        whole["orjson + fastjsonschema"] = lambda: smallest(lambda: python(orjson.loads(text)), milliseconds)
    except Exception as error:  # a peer that cannot do it is left out, and said
        print(f"fastjsonschema cannot check {subject.name}: {type(error).__name__}", file=sys.stderr)
    return {f"check {subject.name}": alone, f"parse and check {subject.name}": whole}


def sourcemeta(subject: Subject) -> float:
    """The program prints the mean of its own loop, in microseconds."""
    command = [f"{pathlib.Path(sys.executable).parent}/jsonschema", "validate", "--fast", "--benchmark"]
    command += ["--loop", "100000"] + (["--format-assertion"] if subject.formats else [])
    for path in subject.resources[1:]:
        command += ["--resolve", str(path)]
    output = subprocess.run(
        command + [str(subject.resources[0]), str(subject.instance)], capture_output=True, text=True
    )
    found = re.search(r"PASS ([0-9.]+) ", output.stdout + output.stderr)
    if not found:
        raise SystemExit(f"compare: sourcemeta-jsonschema: {output.stdout}{output.stderr}")
    return float(found.group(1)) * 1000


def signatures(ours: Ours) -> dict:
    return {
        f"verify {name}": {
            "JOSE": lambda name=name: ours.time(task="verify", algorithm=name),
            "openssl speed": lambda arguments=arguments: openssl(*arguments),
        }
        for name, arguments in {
            "ES256": ("ecdsap256", "+F4:"),
            "ES384": ("ecdsap384", "+F4:"),
            "EdDSA": ("ed25519", "+F6:"),
            "RS256": ("rsa2048", "+F2:"),
        }.items()
    }


def openssl(what: str, line: str) -> float:
    """Verifications of a digest alone: what precedes it, hashing 1 500 octets, is about a microsecond more."""
    output = subprocess.run(["openssl", "speed", "-seconds", "1", "-mr", what], capture_output=True, text=True)
    fields = next(found for found in output.stdout.splitlines() if found.startswith(line)).split(":")
    value = float(fields[-1])
    return 1e9 / value if value > 1 else value * 1e9


def main() -> None:
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    milliseconds = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    with tempfile.TemporaryDirectory() as scratch:
        ours = Ours(program, milliseconds)
        contests: dict = {}
        found = subjects(pathlib.Path(scratch))
        for subject in found:
            contests |= parsers(ours, subject.name, subject.instance, milliseconds)
        contests |= parsers(ours, "large-schema", found[-1].resources[0], milliseconds)
        for subject in found:
            contests |= validators(ours, subject, milliseconds)
        contests |= signatures(ours)
        times = {contest: {name: [] for name in entrants} for contest, entrants in contests.items()}
        for turn in range(rounds):
            print(f"round {turn + 1} of {rounds}", file=sys.stderr)
            for contest, entrants in contests.items():
                for name, run in entrants.items():
                    times[contest][name].append(run())
    for contest, entrants in times.items():
        first = statistics.median(next(iter(entrants.values())))
        print(f"\n{contest}")
        for name, values in entrants.items():
            median = statistics.median(values)
            spread = f"{min(values) / 1000:.2f} to {max(values) / 1000:.2f}"
            print(f"  {name:26} {median / 1000:10.2f} µs  ({spread})  {median / first:6.2f}")


main()
