"""Octets that are no HTTP/1.1 request, or hardly one, each with what may come back.

Most of them are also tried as a smuggler would: with a good request right behind them, which must not be answered where
the two sides may disagree about where the first one ends.
"""

from dataclasses import dataclass

import interop  # noqa: F401
from messages import uuid7

CLOSED = 0
"""Stands for a connection that ends without an answer."""


@dataclass(frozen=True)
class BadRequest:
    """One bad request: `answers` are the statuses that it may get, `ends` says that the connection must end with it."""

    name: str
    octets: bytes
    answers: frozenset[int]
    ends: bool = True
    to_head: bool = False


def whoami(authority: str) -> bytes:
    return f"GET /v1/whoami HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()


def table(authority: str) -> list[BadRequest]:
    host = f"Host: {authority}\r\n".encode()
    jose = b"Content-Type: application/jose\r\n"

    def get(target: bytes, fields: bytes = host, version: bytes = b"HTTP/1.1", method: bytes = b"GET") -> bytes:
        return method + b" " + target + b" " + version + b"\r\n" + fields + b"\r\n"

    def post(fields: bytes, body: bytes = b"") -> bytes:
        return b"POST /v1/messages HTTP/1.1\r\n" + host + jose + fields + b"\r\n" + body

    def chunked(body: bytes, fields: bytes = b"") -> bytes:
        return post(b"Transfer-Encoding: chunked\r\n" + fields, body)

    def bad(name: str, octets: bytes, *answers: int) -> BadRequest:
        """The connection must end with it: nobody can say where the next request begins."""
        return BadRequest(name, octets, frozenset(answers or (400, CLOSED)))

    def refused(name: str, octets: bytes, *answers: int, to_head: bool = False) -> BadRequest:
        """A request that is whole, and refused or served as such."""
        return BadRequest(name, octets, frozenset(answers), ends=False, to_head=to_head)

    path = b"/v1/whoami"
    return [
        # The request line
        bad("no Host", get(path, b""), 400),
        bad("two Hosts", get(path, host + b"Host: lain.example\r\n"), 400),
        bad("the same Host twice", get(path, host + host), 400),
        bad("no method token", get(path, method=b"G(T"), 400),
        bad("an empty line of spaces", b"   \r\n" + host + b"\r\n", 400),
        bad("no target", b"GET HTTP/1.1\r\n" + host + b"\r\n", 400),
        bad("a target without a slash", get(b"v1/whoami"), 400, 404),
        bad("a tab in the request line", b"GET\t/v1/whoami\tHTTP/1.1\r\n" + host + b"\r\n", 400),
        bad("a version that is none", get(path, version=b"HTTP/x.y"), 400),
        bad("version 2.0 in the request line", get(path, version=b"HTTP/2.0"), 400),
        bad("version 1.10", get(path, version=b"HTTP/1.10"), 400),
        bad("lower-case version", get(path, version=b"http/1.1"), 400),
        bad("another protocol", get(path, version=b"ICAP/1.0"), 400),
        bad("HTTP/0.9", b"GET /v1/whoami\r\n\r\n", 400),
        bad("HTTP/0.9 with a version", get(path, version=b"HTTP/0.9"), 400),
        bad("the preface of HTTP/2 on HTTP/1.1", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        bad("octets of a TLS record", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), 400),
        bad("a target that is not ASCII", get("/v1/m\u00e9ssages".encode()), 400, 404),
        bad("a target that is not UTF-8", get(b"/v1/\xff\xfe"), 400, 404),
        bad("NUL in the target", get(b"/v1/\0whoami"), 400),
        bad("a control character in the target", get(b"/v1/\x01whoami"), 400),
        refused("two spaces before the target", b"GET  /v1/whoami HTTP/1.1\r\n" + host + b"\r\n", 200, 400, 404),
        refused("a fragment in the target", get(b"/v1/whoami#x"), 400, 404),
        refused("lower-case method", get(path, method=b"get"), 400, 405),
        refused("an unknown method", get(path, method=b"SIMPUL"), 400, 405),
        refused("HEAD", get(path, method=b"HEAD"), 405, to_head=True),
        refused("TRACE", get(path, method=b"TRACE"), 400, 405),
        refused("OPTIONS *", get(b"*", method=b"OPTIONS"), 400, 404),
        refused("GET *", get(b"*"), 400, 404),
        refused("CONNECT", get(authority.encode(), method=b"CONNECT"), 400, 404, 405),
        refused("absolute form", get(f"https://{authority}/v1/whoami".encode()), 200, 400),
        refused("absolute form of another host", get(b"https://lain.example/v1/whoami"), 200, 400, 404),
        refused("absolute form of another scheme", get(b"ftp://lain.example/v1/whoami"), 200, 400, 404),
        refused("%00 in the path", get(b"/v1/messages/%00"), 400, 404),
        refused("an escape that is none", get(b"/v1/messages/%zz"), 400, 404),
        refused("an escaped path", get(b"/v1/%77hoami"), 400, 404),
        refused("dots in the path", get(b"/v1/../v1/whoami"), 400, 404),
        refused("two slashes", get(b"/v1//whoami"), 400, 404),
        refused("a path of 16 000 octets", get(b"/v1/messages/" + b"a" * 16_000), 400, 404),
        refused("5000 segments", get(b"/v1" + b"/a" * 5000), 400, 404),
        bad("a path of 40 000 octets", get(b"/v1/messages/" + b"a" * 40_000), 400),
        refused("HTTP/1.0", get(path, version=b"HTTP/1.0"), 200, 400),
        refused("HTTP/1.0 without Host", get(path, b"", version=b"HTTP/1.0"), 200, 400),
        # Fields
        bad("bare LF", b"GET /v1/whoami HTTP/1.1\nHost: " + authority.encode() + b"\n\n", 400),
        bad("bare CR", get(path, host + b"X-Satu: a\rX-Dua: b\r\n"), 400),
        bad("obs-fold", get(path, host + b"X-Lipat: a\r\n b\r\n"), 400),
        bad("space before the colon", get(path, host + b"X-Spasi : a\r\n"), 400),
        bad("space before the first field", get(path, b" X-Spasi: a\r\n" + host), 400),
        bad("no colon", get(path, host + b"X-Tanpa-Titik-Dua\r\n"), 400),
        bad("an empty name", get(path, host + b": a\r\n"), 400),
        bad("a name that is no token", get(path, host + b"X(Y): a\r\n"), 400),
        bad("a name that is not ASCII", get(path, host + "X-\u00c9: a\r\n".encode()), 400),
        bad("NUL in a value", get(path, host + b"X-Nol: a\0b\r\n"), 400),
        bad("NUL in a name", get(path, host + b"X\0Y: a\r\n"), 400),
        bad("a control character in a value", get(path, host + b"X-Kendali: a\x01b\r\n"), 400),
        refused("octets above 127 in a value", get(path, host + b"X-Lain: \xe9\xff\r\n"), 200, 400),
        bad("a head of 33 KiB in one field", get(path, host + b"X-Besar: " + b"a" * 33 * 1024 + b"\r\n"), 400),
        bad("a head of 33 KiB in 90 fields", get(path, host + b"".join(
            f"X-{n:02}: ".encode() + b"a" * 380 + b"\r\n" for n in range(90))), 400),
        bad("101 fields", get(path, host + b"".join(f"X-{n}: a\r\n".encode() for n in range(100))), 400),
        bad("a field of one MiB", get(path, host + b"X-Besar: " + b"a" * 1024 * 1024 + b"\r\n")),
        refused("Upgrade", get(path, host + b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n"),
                200, 400),
        refused("an expectation nobody knows", get(path, host + b"Expect: mukjizat\r\n"), 200, 400),
        # Where the body ends
        bad("Transfer-Encoding and Content-Length", post(
            b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n")),
        bad("Content-Length and Transfer-Encoding", post(
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
        bad("two Content-Lengths", post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"aaaaa")),
        bad("two equal Content-Lengths", post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"aaaaa")),
        bad("a list of Content-Lengths", post(b"Content-Length: 5, 5\r\n", b"aaaaa")),
        bad("negative Content-Length", post(b"Content-Length: -5\r\n", b"aaaaa")),
        bad("Content-Length with a plus", post(b"Content-Length: +5\r\n", b"aaaaa")),
        bad("hexadecimal Content-Length", post(b"Content-Length: 0x5\r\n", b"aaaaa")),
        bad("Content-Length that is no number", post(b"Content-Length: lima\r\n", b"aaaaa")),
        bad("empty Content-Length", post(b"Content-Length: \r\n", b"aaaaa")),
        bad("Content-Length of 30 digits", post(b"Content-Length: " + b"9" * 30 + b"\r\n", b"aaaaa")),
        bad("Content-Length of 2^64", post(b"Content-Length: 18446744073709551616\r\n", b"aaaaa")),
        bad("Content-Length of 2^63", post(b"Content-Length: 9223372036854775808\r\n", b"aaaaa"), 400, 413, CLOSED),
        bad("Content-Length of one TiB", post(b"Content-Length: 1099511627776\r\n", b"aaaaa"), 413),
        bad("Transfer-Encoding that nobody knows", post(b"Transfer-Encoding: kertas\r\n", b"aaaaa")),
        refused("Transfer-Encoding gzip, chunked", post(
            b"Transfer-Encoding: gzip, chunked\r\n", b"1\r\na\r\n0\r\n\r\n"), 400),
        bad("Transfer-Encoding chunked, gzip", post(b"Transfer-Encoding: chunked, gzip\r\n", b"1\r\na\r\n0\r\n\r\n")),
        bad("Transfer-Encoding chunked twice", post(
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"1\r\na\r\n0\r\n\r\n")),
        bad("Transfer-Encoding xchunked", post(b"Transfer-Encoding: xchunked\r\n", b"1\r\na\r\n0\r\n\r\n")),
        bad("Transfer-Encoding with a tab", post(b"Transfer-Encoding:\x0bchunked\r\n", b"1\r\na\r\n0\r\n\r\n")),
        bad("Transfer-Encoding on HTTP/1.0", b"POST /v1/messages HTTP/1.0\r\n" + host + jose
            + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
        # Chunks
        bad("a chunk size that is no number", chunked(b"zz\r\na\r\n0\r\n\r\n")),
        bad("a negative chunk size", chunked(b"-1\r\na\r\n0\r\n\r\n")),
        bad("a chunk size with 0x", chunked(b"0x1\r\na\r\n0\r\n\r\n")),
        bad("a chunk size of 2^64", chunked(b"10000000000000000\r\na\r\n0\r\n\r\n")),
        refused("a chunk size of 5000 digits", chunked(b"0" * 5000 + b"1\r\na\r\n0\r\n\r\n"), 400, CLOSED),
        bad("no chunk size", chunked(b"\r\na\r\n0\r\n\r\n")),
        bad("a chunk that is longer than it says", chunked(b"1\r\nab\r\n0\r\n\r\n")),
        bad("a chunk that ends with LF", chunked(b"1\r\na\n0\r\n\r\n")),
        bad("a chunk size that ends with LF", chunked(b"1\na\r\n0\r\n\r\n")),
        bad("a space before the chunk size", chunked(b" 1\r\na\r\n0\r\n\r\n")),
        refused("a chunk extension of one MiB", chunked(b"1;" + b"a" * 1024 * 1024 + b"\r\na\r\n0\r\n\r\n"),
                400, CLOSED),
        bad("trailers of one MiB", chunked(b"1\r\na\r\n0\r\nX-Besar: " + b"a" * 1024 * 1024 + b"\r\n\r\n")),
        bad("101 trailers", chunked(
            b"1\r\na\r\n0\r\n" + b"".join(f"X-{n}: a\r\n".encode() for n in range(101)) + b"\r\n"), 400, CLOSED),
        bad("a trailer that is no field", chunked(b"1\r\na\r\n0\r\nX Y\r\n\r\n")),
        refused("a chunk extension", chunked(b'1;nama="nilai"\r\na\r\n0\r\n\r\n'), 400),
        refused("a trailer", chunked(b"1\r\na\r\n0\r\nX-Akhir: a\r\n\r\n"), 400),
        refused("a trailer that would be a length", chunked(b"1\r\na\r\n0\r\nContent-Length: 9\r\n\r\n"), 400),
        refused("no body at all", post(b"Content-Length: 0\r\n"), 400),
        refused("no length", post(b""), 400),
        refused("a body where none belongs", get(b"/v1/whoami", host + b"Content-Length: 4\r\n") + b"GET ", 200, 400),
        bad("a body that is too large", post(b"Content-Length: 300000\r\n", b"a" * 300_000), 413),
        bad("a chunked body that is too large", chunked(b"493e0\r\n" + b"a" * 300_000 + b"\r\n0\r\n\r\n"), 413),
        refused("an id that is asked for with a body", b"GET /v1/messages/" + uuid7().encode() + b" HTTP/1.1\r\n" + host
                + b"Content-Length: 2\r\n\r\n{}", 404, 400),
    ]
