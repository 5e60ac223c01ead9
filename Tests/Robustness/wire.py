"""HTTP/1.1 as octets: answers are read one by one from a socket, and judged without any HTTP library's forgiveness."""

import json
import re
import socket
from dataclasses import dataclass
from typing import Any

import interop  # noqa: F401
from problems import MEMBERS, STATUS

CODES = STATUS | {"method-not-allowed": 405, "quota": 429, "internal-error": 500, "draining": 503,
                  "storage-unavailable": 503}
"""Every code of the protocol and its status."""


class Malformed(Exception):
    """Octets that are no HTTP/1.1 answer."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """The problem document; `AssertionError` where it is none, or not whole."""
        assert self.headers.get("content-type") == "application/problem+json", self
        document = json.loads(self.body)
        for name, kind in MEMBERS.items():
            assert isinstance(document.get(name), kind), f"member {name} is {document.get(name)!r}"
        assert CODES.get(document["code"]) == self.status == document["status"], self
        assert document["type"] == f"urn:simpul:error:{document['code']}", document["type"]
        assert document["temporary"] == (self.status in (429, 500, 503)), self
        return document


class Reader:
    """Reads the answers of one connection in their order."""

    def __init__(self, connection: socket.socket):
        self.stream = connection.makefile("rb")

    def answer(self, to_head: bool = False) -> Answer | None:
        """The next answer, or None where the connection ended cleanly before one began.

        A final answer is meant: invitations (100) are read over.
        """
        while True:
            line = self.stream.readline(4096)
            if not line:
                return None
            found = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9]{2}) [ -~]*\r\n", line)
            if found is None:
                raise Malformed(repr(line[:80]))
            status, headers = int(found[1]), self.headers()
            if status >= 200:
                return Answer(status, headers, self.body(status, headers, to_head))

    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while (line := self.stream.readline(65536)) != b"\r\n":
            name, colon, value = line.partition(b":")
            if not colon or not line.endswith(b"\r\n") or not re.fullmatch(rb"[!#-'*+.0-9A-Z^-z|~-]+", name):
                raise Malformed(repr(line[:80]))
            key = name.decode().lower()
            if key in headers and key in ("content-length", "transfer-encoding", "content-type"):
                raise Malformed(f"{key} twice")
            headers[key] = value.strip().decode("latin-1")
        return headers

    def body(self, status: int, headers: dict[str, str], to_head: bool) -> bytes:
        if status in (204, 304) or to_head:
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return b"".join(iter(self.chunk, b""))
        return self.exactly(int(headers["content-length"]))

    def chunk(self) -> bytes:
        size = int(self.stream.readline(64), 16)
        octets = self.exactly(size)
        if self.exactly(2) != b"\r\n":
            raise Malformed("a chunk without its end")
        return octets

    def exactly(self, count: int) -> bytes:
        octets = self.stream.read(count)
        if len(octets) != count:
            raise Malformed(f"{len(octets)} of {count} octets")
        return octets
