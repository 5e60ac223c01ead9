"""Envelopes, receipts, endorsements and sealed bodies of the wire protocol, built on joserfc and cryptography alone.

Nothing here is shared with the broker's code: it is written from protocol.md, to show that the page is enough.
"""

import base64
import hashlib
import json
import math
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Any, Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

ENVELOPE = "simpul+jws"
RECEIPT = "simpul-receipt+jws"
ENDORSEMENT = "simpul-key+jws"

ENVELOPE_LIMIT = 256 * 1024
DOCUMENT_LIMIT = 1024 * 1024
SEALED_SIZES = [512 << n for n in range(8)]
DEPTH_LIMIT = 32
INTEGER_LIMIT = 2**53 - 1
SIGNATURES = ["ES256", "EdDSA", "PS256", "RS256"]
SEALS = ["ECDH-ES+A256KW", "RSA-OAEP-256", "A256GCM"]


class Refused(Exception):
    """What came in is not what the protocol asks for; the text says which rule it breaks."""


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """base64url without padding, without white space, spare bits zero."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Refused("not base64url")
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("not base64url") from error
    if b64(octets) != text:
        raise Refused("spare bits of base64url are not zero")
    return octets


def digest(octets: bytes) -> str:
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


def envelope_digest(token: str) -> str:
    """The digest of the signing input: a changed signature makes no other message."""
    return digest(token.rpartition(".")[0].encode())


def thumbprint(certificate: x509.Certificate) -> str:
    return b64(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def compact_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def strict_json(octets: bytes) -> Any:
    """RFC 8259 with the protocol's bounds: UTF-8, no BOM, no duplicate names, numbers that every reader understands."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise Refused("duplicate names in JSON")
        return names

    def constant(name: str) -> Any:
        raise Refused(f"{name} is not JSON")

    def integer(text: str) -> int:
        if len(text) > 17 or abs(int(text)) > INTEGER_LIMIT:
            raise Refused("an integer is beyond 2^53-1")
        return int(text)

    def number(text: str) -> float:
        if math.isinf(value := float(text)):
            raise Refused("a number is beyond binary64")
        return value

    try:
        text = octets.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=constant, parse_int=integer, parse_float=number)
        compact_json(value)  # which a lone surrogate does not survive
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    require_depth(value)
    return value


def require_depth(value: Any, left: int = DEPTH_LIMIT) -> None:
    if isinstance(value, (dict, list)):
        if left == 0:
            raise Refused("JSON is nested too deep")
        for inner in value.values() if isinstance(value, dict) else value:
            require_depth(inner, left - 1)


def deflate(octets: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(octets) + compressor.flush()


def inflate(octets: bytes, limit: int = DOCUMENT_LIMIT) -> tuple[bytes, bytes]:
    """The inflated octets, bounded while inflating, and what stands after the stream."""
    decompressor = zlib.decompressobj(-15)
    try:
        output = decompressor.decompress(octets, limit + 1)
    except zlib.error as error:
        raise Refused("not DEFLATE") from error
    if len(output) > limit:
        raise Refused("inflates beyond the limit")
    if not decompressor.eof:
        raise Refused("DEFLATE is truncated")
    return output, decompressor.unused_data


def jose_key(key: Any) -> ECKey | RSAKey | OKPKey:
    """A key of `cryptography` as joserfc wants it."""
    kinds = [
        ((ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey), ECKey),
        ((rsa.RSAPrivateKey, rsa.RSAPublicKey), RSAKey),
        ((ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey), OKPKey),
    ]
    kind = next((jose for types, jose in kinds if isinstance(key, types)), None)
    if kind is None:
        raise Refused("a key of a kind that the protocol does not use")
    if hasattr(key, "private_bytes"):
        return kind.import_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return kind.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def signature_registry() -> jws.JWSRegistry:
    """joserfc, told that `zip` is allowed in a JWS and how large an envelope may be."""
    registry = jws.JWSRegistry({"zip": HeaderParameter("DEFLATE", "str")}, algorithms=SIGNATURES)
    registry.max_payload_length = ENVELOPE_LIMIT
    return registry


def seal_registry() -> jwe.JWERegistry:
    """joserfc, told how large a sealed body may be (its bounds count encoded octets)."""
    registry = jwe.JWERegistry(algorithms=SEALS)
    registry.max_ciphertext_length = 2 * SEALED_SIZES[-1]
    return registry


def sign(payload: bytes, key: Any, certificate: x509.Certificate, typ: str, compress: bool = False) -> str:
    """A compact JWS of ours."""
    jose = jose_key(key)
    algorithm = {"EC": "ES256", "OKP": "EdDSA", "RSA": "PS256"}[jose.key_type]
    header = {"alg": algorithm, "x5t#S256": thumbprint(certificate), "typ": typ}
    if compress:
        header["zip"] = "DEF"
        payload = deflate(payload)
    return jws.serialize_compact(header, payload, jose, registry=signature_registry())


@dataclass(frozen=True)
class Verified:
    """A token whose signature was made by a certificate that the caller trusts."""

    document: Any
    certificate: x509.Certificate
    digest: str


def verify(token: str, typ: str, trusted: Callable[[str], x509.Certificate | None], compress: bool = False) -> Verified:
    """Takes a compact JWS apart, letting in exactly the parameters of the protocol.

    `trusted` answers a thumbprint with its certificate, or None where it is not trusted.
    """
    if len(token) > ENVELOPE_LIMIT:
        raise Refused("larger than an envelope may be")
    parts = token.split(".")
    if len(parts) != 3:
        raise Refused("not a compact JWS")
    header, payload, _ = (unb64(part) for part in parts)
    parameters = strict_json(header)
    allowed = {"alg", "x5t#S256", "typ"} | ({"zip"} if compress else set())
    if not isinstance(parameters, dict) or not {"alg", "x5t#S256", "typ"} <= set(parameters) <= allowed:
        raise Refused("parameters of the protected header")
    if parameters["typ"] != typ or parameters["alg"] not in SIGNATURES or parameters.get("zip", "DEF") != "DEF":
        raise Refused("a parameter of the protected header has a value that is refused")
    certificate = trusted(parameters["x5t#S256"])
    if certificate is None:
        raise Refused("the signer is not trusted")
    try:
        jws.deserialize_compact(token, jose_key(certificate.public_key()), registry=signature_registry())
    except Exception as error:
        raise Refused("the signature does not verify") from error
    if "zip" in parameters:
        payload, rest = inflate(payload)
        if rest:
            raise Refused("something stands after the DEFLATE stream")
    return Verified(strict_json(payload), certificate, envelope_digest(token))


def seal(body: Any, message: str, sender: str, certificates: list[x509.Certificate]) -> tuple[dict[str, Any], str]:
    """A sealed body for those certificates, and the digest for `header.bodyDigest`."""
    document = {"id": message, "sender": sender, "salt": b64(secrets.token_bytes(16)), "body": body}
    compressed = deflate(compact_json(document))
    size = next((size for size in SEALED_SIZES if size >= len(compressed)), None)
    if size is None:
        raise Refused("too long for a sealed body: use an attachment")
    plaintext = compressed.ljust(size, b"\0")
    sealed = jwe.GeneralJSONEncryption({"enc": "A256GCM"}, plaintext)
    for certificate in certificates:
        key = jose_key(certificate.public_key())
        algorithm = "RSA-OAEP-256" if key.key_type == "RSA" else "ECDH-ES+A256KW"
        sealed.add_recipient({"alg": algorithm, "kid": thumbprint(certificate)}, key)
    return jwe.encrypt_json(sealed, None, registry=seal_registry()), digest(plaintext)


def open_sealed(sealed: dict[str, Any], header: dict[str, Any], keys: dict[str, Any]) -> Any:
    """The body that was sealed, refused unless it is bound to this header. `keys` maps thumbprints to private keys."""
    recipients = sealed.get("recipients", [sealed])
    protected = strict_json(unb64(sealed["protected"]))
    for recipient in recipients:
        kid = {**protected, **recipient.get("header", {})}.get("kid")
        if kid in keys:
            break
    else:
        raise Refused("not sealed for us")
    mine = {name: sealed[name] for name in ("protected", "iv", "ciphertext", "tag")}
    mine |= {name: recipient[name] for name in ("header", "encrypted_key") if name in recipient}
    try:
        plaintext = jwe.decrypt_json(mine, jose_key(keys[kid]), registry=seal_registry()).plaintext
    except Exception as error:
        raise Refused("the sealed body does not open") from error
    if digest(plaintext) != header["bodyDigest"]:
        raise Refused("the sealed body is not the one that the header names")
    if len(plaintext) not in SEALED_SIZES:
        raise Refused("the sealed body has no allowed length")
    octets, padding = inflate(plaintext)
    if padding.strip(b"\0"):
        raise Refused("the padding is not zero")
    document = strict_json(octets)
    if set(document) != {"id", "sender", "salt", "body"} or len(unb64(document["salt"])) != 16:
        raise Refused("the sealed document has other members than it must have")
    if document["id"] != header["id"] or document["sender"] != header["sender"]:
        raise Refused("the body was sealed for another message or by another sender")
    return document["body"]
