"""Attacks that need nothing but sockets: slow ones, silent ones, broken ones, and far too many at once."""

import contextlib
import os
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

from attacks import Attack, Tally, rounds
from bad_requests import whoami
from messages import IMM, NGO, UPTD
from target import ENDED, Target, reset
from wire import Malformed, Reader

IDLE = int(os.environ.get("SIMPUL_IDLE", "1000"))
"""Idle connections that are held at one time."""
SLOW = 100
"""Slow connections at one time."""
PIPELINED = 1000
"""Requests that are written at once."""
AGENCIES = [IMM, NGO, UPTD]
GONE = (*ENDED, ssl.SSLError, TimeoutError, OSError)


def hello(target: Target) -> bytes:
    """The first flight of a TLS handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = target.context().wrap_bio(incoming, outgoing, server_hostname=target.address[0])
    with contextlib.suppress(ssl.SSLWantReadError):
        handshake.do_handshake()
    return outgoing.read()


def hold(connections: list[socket.socket], tally: Tally, octet: bytes = b"") -> None:
    """Keeps connections open until the attack shall stop, sending each an octet a second if there is one."""
    tally.add("connections", len(connections))
    tally.ready.set()
    while not tally.stop.wait(1):
        if not octet:
            continue
        for connection in list(connections):
            try:
                connection.sendall(octet)
            except GONE:
                connections.remove(connection)
                tally.add("closed by the daemon")
    for connection in connections:
        connection.close()


def opened(target: Target, count: int, first: bytes) -> list[socket.socket]:
    """So many TLS connections, on each of which those octets were sent."""

    def one(_: int) -> ssl.SSLSocket:
        connection = target.tls()
        connection.sendall(first)
        return connection

    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(one, range(count)))


def slow_heads(target: Target, tally: Tally) -> None:
    hold(opened(target, SLOW, b"GET /v1/whoami HTTP/1.1\r\nX-Lambat: "), tally, b"a")


def slow_bodies(target: Target, tally: Tally) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: {target.authority}\r\nContent-Type: application/jose\r\n"
        "Content-Length: 100000\r\n\r\n")
    hold(opened(target, SLOW, head.encode()), tally, b"a")


def silent_tcp(target: Target, tally: Tally) -> None:
    hold([target.tcp() for _ in range(500)], tally)


def silent_after_hello(target: Target, tally: Tally) -> None:
    connections = [target.tcp() for _ in range(300)]
    for connection in connections:
        connection.sendall(hello(target))
    hold(connections, tally)


def idle(target: Target, tally: Tally) -> None:
    """The memory of each is right where the daemon was just started: later ones reuse what earlier ones left."""
    before = target.resident()
    connections = opened(target, IDLE, b"")
    for connection in connections[::50]:  # TLS 1.3 tells a refused certificate only here
        connection.sendall(whoami(target.authority))
        if (answer := Reader(connection).answer()) is None or answer.status != 200:
            tally.fault(f"an idle connection got {answer}")
    tally.at_least("KiB for each connection", (target.resident() - before) // max(1, len(connections)))
    tally.at_least("connections that the daemon counts", target.metric("simpul_connections"))
    hold(connections, tally)


def resets(target: Target, tally: Tally) -> None:
    """Ends connections with a RST: in the handshake, in a request, and while the answer is written."""
    request = whoami(target.authority)
    parts = [request[:30], request, request.replace(b"whoami", b"directory") * 20]
    for number in rounds(tally, 20_000):
        try:
            if number % 4 == 0:
                connection = target.tcp()
                connection.sendall(hello(target))
            else:
                connection = target.tls()
                connection.sendall(parts[number % 4 - 1])
            reset(connection)
            tally.add("resets")
        except GONE:
            tally.add("refused")


def handshakes(target: Target, tally: Tally) -> None:
    for _ in rounds(tally, 20_000):
        with contextlib.suppress(*GONE), contextlib.closing(target.tls()):
            tally.add("handshakes")


def pipelining(target: Target, tally: Tally) -> None:
    """Writes many requests at once and wants all answers in their order."""
    paths = [f"/v1/directory/{AGENCIES[number % 3]}" for number in range(PIPELINED)]
    octets = "".join(f"GET {path} HTTP/1.1\r\nHost: {target.authority}\r\n\r\n" for path in paths).encode()
    for _ in rounds(tally, 1000):
        with contextlib.closing(target.tls(timeout=60)) as connection:
            reader = Reader(connection)
            try:
                connection.sendall(octets)  # the kernels hold them all, so nobody has to read meanwhile
                for number, path in enumerate(paths):
                    answer = reader.answer()
                    if answer is None or answer.status != 200 or AGENCIES[number % 3].encode() not in answer.body[:60]:
                        return tally.fault(f"request {number} for {path} got {answer}")
                tally.add("pipelines")
            except (*GONE, Malformed) as error:
                tally.fault(f"{error!r}")


def unread_pipelines(target: Target, tally: Tally) -> None:
    """Asks for large answers and reads none: the daemon must not keep them all in memory."""
    request = whoami(target.authority).replace(b"whoami", b"directory")
    connections = opened(target, 20, b"")
    for connection in connections:
        connection.setblocking(False)
    tally.ready.set()
    for _ in rounds(tally, 100, pause=0.1):
        for connection in list(connections):
            try:
                for _ in range(100):
                    connection.send(request)
                    tally.add("requests")
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
                tally.add("held back")
            except GONE:
                connections.remove(connection)
                tally.add("closed by the daemon")
    tally.stop.wait(60)
    for connection in connections:
        reset(connection)


def bad_requests_flood(target: Target, tally: Tally) -> None:
    for _ in rounds(tally, 20_000):
        with contextlib.suppress(*GONE), contextlib.closing(target.tls()) as connection:
            connection.sendall(b"\x16\x03\x01 bukan permintaan\r\n\r\n")
            connection.recv(4096)
            tally.add("bad requests")


SLOW_HEADS = Attack("slow heads, 1 octet/s", slow_heads)
SLOW_BODIES = Attack("slow bodies, 1 octet/s", slow_bodies)
SILENT_TCP = Attack("TCP connections that say nothing", silent_tcp)
SILENT_HELLO = Attack("a ClientHello and then nothing", silent_after_hello)
IDLE_CONNECTIONS = Attack(f"{IDLE} idle connections", idle, longest=600)
RESETS = Attack("resets in handshake, request and answer", resets, threads=2)
HANDSHAKES = Attack("handshakes", handshakes, threads=2)
PIPELINES = Attack(f"{PIPELINED} requests at once", pipelining)
UNREAD = Attack("answers that nobody reads", unread_pipelines)
BAD_REQUESTS = Attack("octets that are no request", bad_requests_flood, threads=2)
