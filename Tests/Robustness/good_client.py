"""A good client in a process of its own: it calls `GET /v1/whoami` and `POST /v1/messages` at a steady pace over a
connection each that it keeps, and tells how long each call took and which answers were wrong."""

import http.client
import json
import multiprocessing
import statistics
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import interop  # noqa: F401
from drafts import Draft
from hub import Hub
from messages import POL
from simpul_client import Client, Response
from simpul_envelope import envelope_digest, verify, RECEIPT

PACE = 20
"""Calls of each kind in a second."""
AGENCY = POL
"""Not the agency whose certificate the attacks use."""


@dataclass
class Samples:
    """What one stretch of time came to: seconds of each call, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def p50(self) -> float:
        return 1000 * statistics.median(self.seconds) if self.seconds else float("nan")

    @property
    def p99(self) -> float:
        return self.percentile(0.99)


class Stream:
    """One kind of call at a steady pace on one connection, which is opened anew only after a fault."""

    def __init__(self, hub: Hub, samples: Samples, lock: threading.Lock):
        self.client = Client(hub.folder / "agencies" / AGENCY, hub.url)
        self.hub = hub
        self.samples = samples
        self.lock = lock

    def run(self, calls: list[bytes | None], start: float) -> None:
        for number, envelope in enumerate(calls):
            time.sleep(max(0, start + number / PACE - time.monotonic()))
            began = time.monotonic()
            try:
                response = self.call(envelope)
                took, fault = time.monotonic() - began, None
                fault = self.fault(envelope, response)
            except (OSError, http.client.HTTPException) as error:
                took, fault = time.monotonic() - began, f"lost: {error!r}"
                self.client.close()
            with self.lock:
                self.samples.seconds.append(took)
                if fault:
                    self.samples.faults.append(fault)

    def call(self, envelope: bytes | None) -> Response:
        """One call, and no second try."""
        if envelope is None:
            return self.client.exchange("GET", "/v1/whoami", None, {})
        return self.client.exchange("POST", "/v1/messages", envelope, {"Content-Type": "application/jose"})

    def fault(self, envelope: bytes | None, response: Response) -> str | None:
        """What is wrong with an answer."""
        if response.status != (200 if envelope is None else 201):
            return f"status {response.status}: {response.text[:200]}"
        if envelope is None:
            return None if json.loads(response.body)["agency"] == AGENCY else "whoami of another agency"
        receipt = verify(response.text, RECEIPT, lambda thumb: self.client.known_signer(self.hub.id, thumb)).document
        right = (receipt["rung"], receipt["digest"]) == ("accepted", envelope_digest(envelope.decode()))
        return None if right else "receipt of another message"


def serve(folder: str, url: str, pipe: Connection) -> None:
    """Measures for as many seconds as the pipe says, again and again, until it says none."""
    hub = Hub(Path(folder), url)
    sender = hub.client(AGENCY)
    pipe.send("ready")
    while seconds := pipe.recv():
        calls = int(seconds * PACE)
        samples, lock = Samples(), threading.Lock()
        streams = [Stream(hub, samples, lock), Stream(hub, samples, lock)]
        work = [[None] * calls, [Draft(hub, sender, "report").good() for _ in range(calls)]]
        for stream in streams:
            stream.client.whoami()  # the handshake is not what is measured
        pipe.send("begins")
        start = time.monotonic() + 0.1
        threads = [
            threading.Thread(target=stream.run, args=(part, start)) for stream, part in zip(streams, work)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for stream in streams:
            stream.client.close()
        pipe.send(samples)


class GoodClient:
    """The good client as its tests hold it."""

    def __init__(self, folder: Path, url: str):
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(str(folder), url, other), daemon=True)
        self.process.start()
        assert self.pipe.recv() == "ready"

    def begin(self, seconds: float) -> None:
        """Starts to measure. Envelopes and connections are made before this returns."""
        self.pipe.send(seconds)
        assert self.pipe.recv() == "begins"

    def end(self) -> Samples:
        """What was measured since `begin`, when its time is over."""
        return self.pipe.recv()

    def measure(self, seconds: float) -> Samples:
        self.begin(seconds)
        return self.end()

    def close(self) -> None:
        self.pipe.send(0)
        self.process.join(10)
