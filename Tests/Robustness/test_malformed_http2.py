"""Every bad head of HTTP/2 ends its stream or its connection, or gets a 4xx; the daemon itself is never at fault."""

import contextlib
import unittest

from hyperframe.frame import HeadersFrame

from attacks_http2 import GONE, Peer, answer_to
from target import target

METHOD, SCHEME, PATH = (":method", "GET"), (":scheme", "https"), (":path", "/v1/whoami")
SUBMIT = [(":method", "POST"), SCHEME, (":path", "/v1/messages"), ("content-type", "application/jose")]
GET = [METHOD, SCHEME, PATH]

BAD = {
    "no path": [METHOD, SCHEME],
    "an empty path": [METHOD, SCHEME, (":path", "")],
    "a path without a slash": [METHOD, SCHEME, (":path", "v1/whoami")],
    "two paths": [*GET, PATH],
    "no method": [SCHEME, PATH],
    "an empty method": [(":method", ""), SCHEME, PATH],
    "a method that is no token": [(":method", "G E T"), SCHEME, PATH],
    "no scheme": [METHOD, PATH],
    "a pseudo-field of answers": [*GET, (":status", "200")],
    "a pseudo-field nobody knows": [*GET, (":nama", "a")],
    "a pseudo-field behind a field": [METHOD, SCHEME, ("x-a", "a"), PATH],
    "an upper-case name": [*GET, ("X-A", "a")],
    "an empty name": [*GET, ("", "a")],
    "a space in a name": [*GET, ("x a", "a")],
    "NUL in a value": [*GET, ("x-a", "a\0b")],
    "a line end in a value": [*GET, ("x-a", "a\r\nx-b: b")],
    "a line end in the path": [METHOD, SCHEME, (":path", "/v1/who\nami")],
    "a space in the path": [METHOD, SCHEME, (":path", "/v1/whoami HTTP/1.1")],
    "connection": [*GET, ("connection", "close")],
    "transfer-encoding": [*GET, ("transfer-encoding", "chunked")],
    "te": [*GET, ("te", "gzip")],
    "CONNECT": [(":method", "CONNECT")],
    "HEAD": [(":method", "HEAD"), SCHEME, PATH],
    "OPTIONS *": [(":method", "OPTIONS"), SCHEME, (":path", "*")],
    "a length without a body": [*SUBMIT, ("content-length", "5")],
    "a negative length": [*SUBMIT, ("content-length", "-5")],
    "a length of 2^63": [*SUBMIT, ("content-length", "9223372036854775808")],
    "two lengths": [*SUBMIT, ("content-length", "0"), ("content-length", "1")],
}


class BadHeads(unittest.TestCase):
    def test_each_is_refused(self):
        hub = target()
        for name, fields in BAD.items():
            with self.subTest(name):
                outcome = self.outcome(Peer(hub, timeout=5), fields)
                self.assertRegex(outcome, "^(refused|closed by the daemon|status 4[0-9]{2})$")
                self.assertTrue(hub.is_alive(), "the daemon is gone")
        self.assertEqual(self.outcome(Peer(hub, timeout=5), GET), "status 200", "a good head is served")

    def outcome(self, peer: Peer, fields: list[tuple[str, str]]) -> str:
        ordered = [*fields[:1], (":authority", peer.authority), *fields[1:]]
        with contextlib.closing(peer.socket):
            try:
                peer.send(HeadersFrame(1, peer.encoder.encode(ordered), flags=["END_HEADERS", "END_STREAM"]))
                return answer_to(peer)
            except GONE as error:
                return "a hang" if isinstance(error, TimeoutError) else "closed by the daemon"


if __name__ == "__main__":
    unittest.main()
