"""The daemon under test: its folder, address and process, and sockets to it that nothing tidies up."""

import contextlib
import os
import resource
import socket
import ssl
import struct
import unittest
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import interop  # noqa: F401
from messages import IMM

ENDED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, BrokenPipeError)
"""What a socket raises where the other side has ended the connection, one way or another."""


class Target:
    def __init__(self, folder: Path, url: str, pid: int):
        self.folder = folder
        self.url = url
        self.pid = pid
        address = urlsplit(url)
        self.address = (address.hostname, address.port)
        self.contexts: dict[tuple[str, str], ssl.SSLContext] = {}

    @property
    def authority(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def context(self, agency: str = IMM, protocol: str = "http/1.1") -> ssl.SSLContext:
        if (agency, protocol) not in self.contexts:
            folder = self.folder / "agencies" / agency
            context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
            context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
            context.set_alpn_protocols([protocol])
            self.contexts[agency, protocol] = context
        return self.contexts[agency, protocol]

    def tcp(self, timeout: float = 10) -> socket.socket:
        connection = socket.create_connection(self.address, timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def tls(self, agency: str = IMM, protocol: str = "http/1.1", timeout: float = 10) -> ssl.SSLSocket:
        """A connection whose client certificate the daemon has taken or will take: TLS 1.3 does not say which."""
        plain = self.tcp(timeout)
        try:
            return self.context(agency, protocol).wrap_socket(plain, server_hostname=self.address[0])
        except BaseException:
            plain.close()
            raise

    def is_alive(self) -> bool:
        """Whether the process that was named is still there and is no zombie."""
        try:
            return self.status_field("State").split()[0] not in ("Z", "X")
        except FileNotFoundError:
            return False

    def resident(self) -> int:
        """Resident memory in KiB."""
        return int(self.status_field("VmRSS").split()[0])

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def status_field(self, name: str) -> str:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:"))

    def metric(self, name: str) -> int:
        """A number of the status socket without labels."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.settimeout(10)
            connection.connect(str(self.folder / "status.sock"))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: status\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


def reset(connection: socket.socket) -> None:
    """Ends the TCP connection with a RST instead of a FIN."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain = connection.detach() if isinstance(connection, ssl.SSLSocket) else connection.fileno()
    if isinstance(connection, ssl.SSLSocket):
        os.close(plain)
    else:
        connection.close()


def raise_open_files() -> int:
    """Allows this process as many open files as it may have, and tells how many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@cache
def target() -> Target:
    """The hub under test; without one the tests are skipped, and say so."""
    folder, url, pid = (os.environ.get(f"SIMPUL_{name}") for name in ("HUB_DIR", "URL", "PID"))
    if not folder or not url or not pid:
        print("skipped: SIMPUL_HUB_DIR, SIMPUL_URL and SIMPUL_PID name no running hub", flush=True)
        raise unittest.SkipTest("SIMPUL_HUB_DIR, SIMPUL_URL and SIMPUL_PID name no running hub")
    raise_open_files()
    return Target(Path(folder), url, int(pid))
