"""Connections that stand still, each with the time after which the daemon must have ended it.

They are opened together and watched together, since the longest of them takes a minute and a half. Whether one has
ended is read from the kernel's table: a client that reads nothing would never hear of it.
"""

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from hyperframe.frame import DataFrame

from attacks_http1 import hello
from attacks_http2 import Peer
from bad_requests import whoami
from target import Target
from wire import Reader

SLACK = 8
"""Seconds more than the documented ones."""
HANDSHAKE, BODY, ANSWER, HEAD, GOODBYE = 10, 30, 60, 90, 5
"""Seconds of `Limits`: of a handshake, of a body, until the kernel takes an answer, until the next head, and from
the word that an HTTP/2 connection shall end to its end."""


@dataclass(frozen=True)
class Still:
    """One way to stand still: how it begins, what it sends each second, and after how many seconds it must end."""

    name: str
    seconds: int
    begin: Callable[[Target], socket.socket]
    octet: bytes = b""
    earliest: int = 0


def head(target: Target) -> bytes:
    return (
        f"POST /v1/messages HTTP/1.1\r\nHost: {target.authority}\r\nContent-Type: application/jose\r\n"
        "Content-Length: 100000\r\n\r\n").encode()


def after(octets: Callable[[Target], bytes]) -> Callable[[Target], socket.socket]:
    def begin(target: Target) -> socket.socket:
        connection = target.tls()
        connection.sendall(octets(target))
        return connection

    return begin


def after_hello(target: Target) -> socket.socket:
    connection = target.tcp()
    connection.sendall(hello(target))
    return connection


def after_an_answer(target: Target) -> socket.socket:
    connection = target.tls()
    connection.sendall(whoami(target.authority))
    Reader(connection).answer()
    return connection


def unread(target: Target) -> socket.socket:
    """Asks for more than both kernels hold, and reads nothing."""
    connection = target.tls()
    request = whoami(target.authority).replace(b"whoami", b"directory")
    connection.settimeout(1)
    with contextlib.suppress(TimeoutError, ssl.SSLError):
        for _ in range(20):
            connection.sendall(request * 100)
    return connection


def http2(flags: tuple[str, ...], data: bytes = b"") -> Callable[[Target], socket.socket]:
    def begin(target: Target) -> socket.socket:
        peer = Peer(target)
        if flags or data:
            peer.send(peer.request(1, flags=flags))
        if data:
            peer.send(DataFrame(1, data))
        return peer.socket

    return begin


STILL = [
    Still("says nothing at all", HANDSHAKE, Target.tcp, earliest=5),
    Still("says hello and nothing else", HANDSHAKE, after_hello, earliest=5),
    Still("sends octets that are no handshake, slowly", HANDSHAKE, Target.tcp, b"\x16"),
    Still("sends a body slowly", BODY, after(head), b"a", earliest=20),
    Still("sends no body", BODY, after(head), earliest=20),
    Still("reads no answer", ANSWER, unread, earliest=40),
    Still("sends a head slowly", HEAD, after(lambda target: b"GET /v1/whoami HTTP/1.1\r\nX-Lambat: "), b"a", 60),
    Still("sends no head", HEAD, Target.tls, earliest=60),
    Still("asks once and then nothing", HEAD, after_an_answer, earliest=60),
    Still("speaks HTTP/2 and asks nothing", HEAD + GOODBYE, http2(()), earliest=60),
    Still("leaves a head of HTTP/2 open", HEAD + GOODBYE, http2(("END_STREAM",))),
]
"""Those that must not be cut too early say so by `earliest`."""


class Watch:
    """Holds every connection of ``STILL``, and notes when the daemon has ended it."""

    def __init__(self, target: Target):
        self.target = target
        self.ended: dict[str, float] = {}
        self.began: dict[str, float] = {}
        self.connections: dict[str, socket.socket] = {}
        for still in STILL:
            self.began[still.name] = time.monotonic()
            self.connections[still.name] = still.begin(target)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        limit = time.monotonic() + HEAD + GOODBYE + SLACK + 2
        while len(self.ended) < len(STILL) and time.monotonic() < limit:
            open_ports = self.open_ports()
            for still in STILL:
                if still.name in self.ended:
                    continue
                connection = self.connections[still.name]
                if connection.getsockname()[1] not in open_ports:
                    self.ended[still.name] = time.monotonic() - self.began[still.name]
                elif still.octet:
                    with contextlib.suppress(OSError):
                        connection.sendall(still.octet)
            time.sleep(1)
        for connection in self.connections.values():
            connection.close()

    def open_ports(self) -> set[int]:
        """Our ports whose other end the daemon still holds open."""
        rows = [line.split() for line in Path(f"/proc/{self.target.pid}/net/tcp").read_text().splitlines()[1:]]
        mine = f":{self.target.address[1]:04X}"
        return {
            int(remote.rpartition(":")[2], 16) for _, local, remote, state, *_ in rows
            if local.endswith(mine) and state in ("01", "08")}  # established, or closed by the client alone

    def seconds(self, still: Still) -> float | None:
        """After how many seconds it was ended; waits for it no longer than it may take."""
        limit = self.began[still.name] + still.seconds + SLACK
        while still.name not in self.ended and time.monotonic() < limit + 2:
            time.sleep(0.2)
        return self.ended.get(still.name)
