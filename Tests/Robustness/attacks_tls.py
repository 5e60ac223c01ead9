"""Attacks on the TLS layer with OpenSSL's own library, since Python's `ssl` cannot ask for what they need."""

import contextlib
import ctypes
import ctypes.util
import time
from functools import cache
from typing import Any, Iterator

from attacks import Attack, Tally, rounds
from messages import IMM
from target import Target

TLS12 = 0x0303
SET_MAX_VERSION = 124
UPDATE_NOT_REQUESTED, UPDATE_REQUESTED = 0, 1
MOST_UPDATES = 5000
"""KeyUpdate messages on one connection before the attack gives it up."""


@cache
def library() -> Any:
    """libssl with the signatures of what is used here; None where it is not to be had."""
    name = ctypes.util.find_library("ssl")
    if name is None:
        return None
    ssl = ctypes.CDLL(name)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for function, result, arguments in (
        ("TLS_client_method", pointer, []), ("SSL_CTX_new", pointer, [pointer]), ("SSL_CTX_free", None, [pointer]),
        ("SSL_CTX_use_certificate_chain_file", number, [pointer, text]),
        ("SSL_CTX_use_PrivateKey_file", number, [pointer, text, number]),
        ("SSL_CTX_ctrl", ctypes.c_long, [pointer, number, ctypes.c_long, pointer]),
        ("SSL_new", pointer, [pointer]), ("SSL_free", None, [pointer]), ("SSL_set_fd", number, [pointer, number]),
        ("SSL_connect", number, [pointer]), ("SSL_do_handshake", number, [pointer]),
        ("SSL_key_update", number, [pointer, number]), ("SSL_renegotiate", number, [pointer]),
        ("SSL_write", number, [pointer, text, number]), ("SSL_read", number, [pointer, text, number]),
    ):
        found = getattr(ssl, function)
        found.restype, found.argtypes = result, arguments
    return ssl


class Session:
    """A TLS connection as OpenSSL's library holds it. It believes any server: it is the attacker's."""

    def __init__(self, pointer: int):
        self.pointer = pointer

    def update_key(self, kind: int) -> bool:
        return library().SSL_key_update(self.pointer, kind) == 1 and library().SSL_do_handshake(self.pointer) == 1

    def renegotiate(self) -> bool:
        return library().SSL_renegotiate(self.pointer) == 1 and library().SSL_do_handshake(self.pointer) == 1

    def write(self, octets: bytes) -> bool:
        return library().SSL_write(self.pointer, octets, len(octets)) == len(octets)

    def read(self) -> bytes:
        buffer = ctypes.create_string_buffer(16384)
        count = library().SSL_read(self.pointer, buffer, len(buffer))
        return buffer.raw[:max(0, count)]


@contextlib.contextmanager
def session(target: Target, newest: int = 0) -> Iterator[Session | None]:
    """A connection with the certificate of an agency; None where the handshake is refused."""
    ssl, folder = library(), target.folder / "agencies" / IMM
    context = ssl.SSL_CTX_new(ssl.TLS_client_method())
    ssl.SSL_CTX_use_certificate_chain_file(context, str(folder / "tls.pem").encode())
    ssl.SSL_CTX_use_PrivateKey_file(context, str(folder / "tls.key").encode(), 1)
    if newest:
        ssl.SSL_CTX_ctrl(context, SET_MAX_VERSION, newest, None)
    connection = target.tcp()
    connection.settimeout(None)  # the library speaks to the descriptor itself and must not be told to come again
    for option in (20, 21):  # SO_RCVTIMEO, SO_SNDTIMEO: nothing here may wait for ever
        connection.setsockopt(1, option, (5).to_bytes(8, "little") + bytes(8))
    pointer = ssl.SSL_new(context)
    ssl.SSL_set_fd(pointer, connection.fileno())
    try:
        yield Session(pointer) if ssl.SSL_connect(pointer) == 1 else None
    finally:
        ssl.SSL_free(pointer)
        ssl.SSL_CTX_free(context)
        connection.close()


def key_updates(kind: int, between: bytes, tally: Tally, target: Target) -> None:
    for _ in rounds(tally, 500):
        with session(target) as attacker:
            if attacker is None:
                tally.fault("no handshake")
                return
            if between:
                attacker.write(b"GET /v1/whoami HTTP/1.1\r\nX-Lambat: ")
            count = 0
            while count < MOST_UPDATES and not tally.stop.is_set():
                if not attacker.update_key(kind) or (between and not attacker.write(between)):
                    break
                count += 1
            tally.add("KeyUpdates", count)
            tally.at_least("most on one connection", count)
            if not between and count == MOST_UPDATES and not ends(attacker, kind):
                tally.fault(f"{count} KeyUpdates, and still open after 5 s")
            tally.add("connections")


def ends(attacker: Session, kind: int) -> bool:
    """Whether the daemon ends the connection within 5 seconds: the kernel takes a flood faster than it is read."""
    limit = time.monotonic() + 5
    while time.monotonic() < limit:
        if not attacker.update_key(kind):
            return True
        time.sleep(0.05)
    return False


def bare_key_updates(target: Target, tally: Tally) -> None:
    key_updates(UPDATE_REQUESTED, b"", tally, target)


def key_updates_between_octets(target: Target, tally: Tally) -> None:
    """Octets of a request between them make them look less like a flood; its head is bounded all the same."""
    key_updates(UPDATE_NOT_REQUESTED, b"a", tally, target)


def renegotiation(target: Target, tally: Tally) -> None:
    """Asks for TLS 1.2, and where that is spoken, for a new handshake within it."""
    for _ in rounds(tally, 500, pause=0.01):
        with session(target, newest=TLS12) as attacker:
            if attacker is None:
                tally.add("TLS 1.2 refused")
            elif attacker.renegotiate():
                tally.fault("a renegotiation was taken")
            else:
                tally.add("renegotiation refused")


KEY_UPDATES = Attack("KeyUpdate flood", bare_key_updates, threads=2)
KEY_UPDATES_BETWEEN = Attack("KeyUpdates between the octets of a head", key_updates_between_octets, threads=2)
RENEGOTIATION = Attack("TLS 1.2 and renegotiation", renegotiation)
