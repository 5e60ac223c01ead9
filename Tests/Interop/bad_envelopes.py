"""Bad envelopes: form, parameters, signer, signature, compression, each with the code that it must get."""

import base64
import gzip
import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass
from typing import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from drafts import DROP, Draft, signature
from messages import IMM, POL
from simpul_envelope import b64, compact_json, deflate, thumbprint

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Bad:
    """One bad input: its name, the code it must get, and the octets that are sent."""

    name: str
    code: str
    make: Callable[[Draft], bytes]
    kind: str = "report"
    sender: str | None = None
    pointer: str | None = None


def part(token: bytes, index: int, change: Callable[[bytes], bytes]) -> bytes:
    """The token with one of its parts, still encoded, changed."""
    parts = token.split(b".")
    parts[index] = change(parts[index])
    return b".".join(parts)


def flipped(token: bytes, index: int, octet: int, bit: int = 0) -> bytes:
    """The token with one bit of one part changed, encoded anew."""

    def change(text: bytes) -> bytes:
        octets = bytearray(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
        octets[octet] ^= 1 << bit
        return b64(bytes(octets)).encode()

    return part(token, index, change)


def spare_bits(text: bytes) -> bytes:
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1:]) + 1:][:1]


def hmac_with_certificate(draft: Draft) -> bytes:
    """The classic confusion: the public certificate as the secret of an HMAC."""
    secret = draft.sender.sign_certificate.public_bytes(Encoding.PEM)
    return draft.token(
        protected=draft.protected(alg="HS256"), sign=lambda _, octets: hmac.digest(secret, octets, hashlib.sha256))


def other_thumbprint(draft: Draft) -> bytes:
    """A bit of the thumbprint flipped after signing."""
    thumb = bytearray(base64.urlsafe_b64decode(thumbprint(draft.sender.sign_certificate) + "="))
    thumb[9] ^= 16
    spoiled = b64(compact_json(draft.protected(x5t=b64(bytes(thumb))))).encode()
    return part(draft.good(), 0, lambda text: spoiled)


def der(key: object, octets: bytes) -> bytes:
    return key.sign(octets, ec.ECDSA(hashes.SHA256()))


def numbers(r: int, s: int) -> Callable[[object, bytes], bytes]:
    return lambda key, octets: r.to_bytes(32, "big") + s.to_bytes(32, "big")


def other(draft: Draft, use: str = "sign", agency: str = POL) -> tuple[object, str]:
    key, certificate = draft.hub.client(agency).pair(use)
    return key, thumbprint(certificate)


def signed_by(draft: Draft, agency: str, use: str, **header: str) -> bytes:
    key, thumb = other(draft, use, agency)
    return draft.token(draft.document(header=header), protected=draft.protected(x5t=thumb), key=key)


def protected(**changes: object) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(protected=draft.protected(**changes))


def raw_protected(change: Callable[[bytes], bytes]) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(protected=change(compact_json(draft.protected())))


def payload(change: Callable[[bytes], bytes]) -> Callable[[Draft], bytes]:
    """The DEFLATE stream changed, and then rightly signed."""
    return lambda draft: draft.token(payload=change(deflate(compact_json(draft.document()))))


def spaces(count: int) -> Callable[[Draft], bytes]:
    """A document that white space makes so many octets long."""
    return lambda draft: draft.token(
        payload=deflate((octets := compact_json(draft.document())) + b" " * (count - len(octets))))


def oversized(count: int) -> Callable[[Draft], bytes]:
    """An envelope of that many octets: right in all but its size."""

    def make(draft: Draft) -> bytes:
        plain = draft.protected(zip=DROP)
        document = compact_json(draft.document())
        filled = document
        while len(token := draft.token(protected=plain, payload=filled)) < count:
            filled += b" " * max(1, (count - len(token)) * 3 // 4)
        return token

    return make


FORM = [
    Bad("garbage", "not-jose", lambda d: f"bukan JWS {d.canary}".encode()),
    Bad("octets that are no text", "not-jose", lambda d: b"\xff\x00\xfe." * 3),
    Bad("nothing", "not-jose", lambda d: b""),
    Bad("a line end alone", "not-jose", lambda d: b"\n"),
    Bad("points alone", "not-jose", lambda d: b".."),
    Bad("two parts", "not-jose", lambda d: d.good().rpartition(b".")[0]),
    Bad("four parts", "not-jose", lambda d: d.good() + b".AAAA"),
    Bad("JWS in JSON serialization", "not-jose", lambda d: compact_json({"payload": "e30", "signatures": []})),
    Bad("padded header", "not-jose", lambda d: part(d.good(), 0, lambda text: text + b"=")),
    Bad("padded signature", "not-jose", lambda d: part(d.good(), 2, lambda text: text + b"==")),
    Bad("base64 instead of base64url", "not-jose", lambda d: part(d.good(), 2, lambda text: b"+/" + text[2:])),
    Bad("white space inside", "not-jose", lambda d: part(d.good(), 1, lambda text: text[:40] + b" " + text[40:])),
    Bad("a line break inside", "not-jose", lambda d: part(d.good(), 1, lambda text: text[:40] + b"\r\n" + text[40:])),
    Bad("white space before", "not-jose", lambda d: b" " + d.good()),
    Bad("two line ends after", "not-jose", lambda d: d.good() + b"\n\n"),
    Bad("spare bits not zero", "not-jose", lambda d: part(d.good(), 2, spare_bits)),
    Bad("impossible length of base64url", "not-jose", lambda d: part(d.good(), 2, lambda text: text[:85])),
    Bad("header is no JSON", "not-jose", raw_protected(lambda text: b"alg=ES256")),
    Bad("header is no object", "not-jose", raw_protected(lambda text: b"[" + text + b"]")),
    Bad("header is empty", "not-jose", lambda d: part(d.good(), 0, lambda text: b"")),
    Bad("duplicate names in the header", "not-jose", raw_protected(lambda text: text[:-1] + b',"alg":"ES256"}')),
    Bad("escaped duplicate in the header", "not-jose",
        raw_protected(lambda text: text[:-1] + b',"\\u0061lg":"none"}')),
]

PARAMETERS = [
    Bad("alg none", "algorithm-refused",
        lambda d: d.token(protected=d.protected(alg="none"), sign=lambda key, octets: b"")),
    Bad("alg none, signed", "algorithm-refused", protected(alg="none")),
    Bad("alg None", "algorithm-refused", protected(alg="None")),
    Bad("alg HS256", "algorithm-refused", hmac_with_certificate),
    Bad("alg ES384", "algorithm-refused", protected(alg="ES384")),
    Bad("alg es256", "algorithm-refused", protected(alg="es256")),
    Bad("alg unknown", "algorithm-refused", lambda d: d.token(protected=d.protected(alg=d.canary))),
    Bad("alg RS256, not allowed by the roster", "algorithm-refused", protected(alg="RS256")),
    Bad("alg missing", "parameter-refused", protected(alg=DROP)),
    Bad("alg no text", "parameter-refused", protected(alg=7)),
    Bad("crit", "parameter-refused", protected(crit=["exp"], exp=1)),
    Bad("crit that names a known member", "parameter-refused", protected(crit=["zip"])),
    Bad("crit empty", "parameter-refused", protected(crit=[])),
    Bad("b64 false", "parameter-refused", protected(b64=False, crit=["b64"])),
    Bad("b64 true", "parameter-refused", protected(b64=True)),
    Bad("unknown member", "parameter-refused", lambda d: d.token(protected=d.protected(kid=d.canary))),
    Bad("embedded key", "parameter-refused", protected(jwk={"kty": "EC"})),
    Bad("typ of a receipt", "parameter-refused", protected(typ="simpul-receipt+jws")),
    Bad("typ unknown", "parameter-refused", lambda d: d.token(protected=d.protected(typ=d.canary))),
    Bad("typ missing", "parameter-refused", protected(typ=DROP)),
    Bad("x5t#S256 missing", "parameter-refused", protected(x5t=DROP)),
    Bad("x5t#S256 short", "parameter-refused", protected(x5t=b64(b"31 octets are one short of it.."))),
    Bad("x5t#S256 padded", "parameter-refused", lambda d: d.token(
        protected=d.protected(x5t=thumbprint(d.sender.sign_certificate) + "="))),
    Bad("x5t#S256 no text", "parameter-refused", protected(x5t=None)),
    Bad("zip unknown", "parameter-refused", protected(zip="GZ")),
    Bad("zip def", "parameter-refused", protected(zip="def")),
    Bad("zip null", "parameter-refused", protected(zip=None)),
]

SIGNATURE = [
    Bad("unknown thumbprint", "signer-unknown",
        lambda d: d.token(protected=d.protected(x5t=b64(secrets.token_bytes(32))))),
    Bad("own TLS certificate signs", "signer-unknown", lambda d: signed_by(d, d.sender.agency, "tls")),
    Bad("own seal certificate signs", "signer-unknown", lambda d: signed_by(d, d.sender.agency, "seal")),
    Bad("another agency signs for us", "sender-mismatch", lambda d: signed_by(d, POL, "sign"), sender=IMM),
    Bad("another agency signs for itself", "sender-mismatch",
        lambda d: signed_by(d, POL, "sign", sender=POL), sender=IMM),
    Bad("our thumbprint, another agency's key", "signature-invalid",
        lambda d: d.token(key=other(d)[0]), sender=IMM),
    Bad("another agency's thumbprint, our key", "signature-invalid",
        lambda d: d.token(protected=d.protected(x5t=other(d)[1])), sender=IMM),
    Bad("flipped bit in the signature", "signature-invalid", lambda d: flipped(d.good(), 2, 17, 3)),
    Bad("flipped last bit of the signature", "signature-invalid", lambda d: flipped(d.good(), 2, 63)),
    Bad("flipped bit in the payload", "signature-invalid", lambda d: flipped(d.good(), 1, 100, 5)),
    Bad("flipped first bit of the payload", "signature-invalid", lambda d: flipped(d.good(), 1, 0)),
    Bad("flipped bit in the header's braces", "not-jose", lambda d: flipped(d.good(), 0, 0, 1)),
    Bad("flipped bit in the header's alg", "algorithm-refused", lambda d: flipped(d.good(), 0, 8)),
    Bad("flipped bit in the header's thumbprint", "signer-unknown", other_thumbprint),
    Bad("signature in DER", "signature-invalid", lambda d: d.token(sign=der)),
    Bad("signature empty", "signature-invalid", lambda d: d.token(sign=lambda key, octets: b"")),
    Bad("signature one octet short", "signature-invalid", lambda d: d.token(sign=lambda *a: signature(*a)[:63])),
    Bad("signature one octet long", "signature-invalid", lambda d: d.token(sign=lambda *a: signature(*a) + b"\0")),
    Bad("r and s zero", "signature-invalid", lambda d: d.token(sign=numbers(0, 0))),
    Bad("r zero", "signature-invalid", lambda d: d.token(sign=numbers(0, 1))),
    Bad("s zero", "signature-invalid", lambda d: d.token(sign=numbers(1, 0))),
    Bad("r and s the order of the curve", "signature-invalid", lambda d: d.token(sign=numbers(ORDER, ORDER))),
]

COMPRESSION = [
    Bad("DEFLATE truncated", "inflate-failed", payload(lambda octets: octets[:-5])),
    Bad("DEFLATE empty", "inflate-failed", payload(lambda octets: b"")),
    Bad("DEFLATE trailing octet", "inflate-failed", payload(lambda octets: octets + b"x")),
    Bad("DEFLATE trailing zeros", "inflate-failed", payload(lambda octets: octets + bytes(16))),
    Bad("DEFLATE twice", "inflate-failed", payload(lambda octets: octets + octets)),
    Bad("DEFLATE garbage", "inflate-failed", payload(lambda octets: b"\xff" * 64)),
    Bad("zlib instead of raw DEFLATE", "inflate-failed",
        lambda d: d.token(payload=zlib.compress(compact_json(d.document())))),
    Bad("gzip instead of raw DEFLATE", "inflate-failed",
        lambda d: d.token(payload=gzip.compress(compact_json(d.document())))),
    Bad("not compressed, but zip says so", "inflate-failed", lambda d: d.token(payload=compact_json(d.document()))),
    Bad("compressed, but zip does not say so", "json-invalid", protected(zip=DROP)),
    Bad("DEFLATE bomb of 32 MiB", "too-large", spaces(32 * 1024 * 1024)),
    Bad("document one octet too large", "too-large", spaces(1024 * 1024 + 1)),
    Bad("envelope too large", "too-large", oversized(256 * 1024 + 1)),
    Bad("envelope of 2 MiB", "too-large", lambda d: b"A" * 2 * 1024 * 1024),
]

CASES = FORM + PARAMETERS + SIGNATURE + COMPRESSION
