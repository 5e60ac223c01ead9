"""Tokens and sealed bodies: what the protocol makes of JOSE, with P-256 keys. Knows nothing of files and calls."""

import base64
import hashlib
import json
import os
import zlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding

PARAMETERS = {"alg", "x5t#S256", "typ"}


class Refused(Exception):
    """Something that must not be believed, and why."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def digest(octets):
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


def envelope_digest(token):
    """Of what is signed; the signature is no part of it."""
    return digest(token.rpartition(".")[0].encode())


def thumbprint(certificate):
    return b64(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def deflate(octets):
    return zlib.compress(octets, wbits=-15)


def inflate(octets):
    """The document, and what stands behind the stream."""
    stream = zlib.decompressobj(-15)
    document = stream.decompress(octets, 1 << 20)
    require(stream.eof, "no whole DEFLATE stream, or too large")
    return document, stream.unused_data


def sign(document, typ, key, certificate):
    """A compact JWS; an envelope is compressed, receipts are not."""
    header, payload = {"alg": "ES256", "x5t#S256": thumbprint(certificate), "typ": typ}, to_json(document)
    if typ == "simpul+jws":
        header["zip"], payload = "DEF", deflate(payload)
    signed = f"{b64(to_json(header))}.{b64(payload)}"
    r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))  # the library makes DER
    return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def unverified(token):
    """What a token claims, to find out who should have signed it."""
    return json.loads(unb64(token.split(".")[1]))


def verify(token, typ, trusted):
    """The document and its signer. `trusted` maps thumbprints to the certificates that may sign it."""
    signed, _, signature = token.rpartition(".")
    header, payload = map(unb64, signed.split("."))
    header, raw = json.loads(header), unb64(signature)
    zipped = typ == "simpul+jws" and header.get("zip") == "DEF"
    require(set(header) == PARAMETERS | ({"zip"} if zipped else set()), "parameters of the protected header")
    require((header["typ"], header["alg"], len(raw)) == (typ, "ES256", 64), "another typ or alg")
    require(header["x5t#S256"] in trusted, "the signer is not trusted")
    certificate = trusted[header["x5t#S256"]]
    require(isinstance(certificate.public_key(), ec.EllipticCurvePublicKey), "another kind of key")
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    certificate.public_key().verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    if zipped:
        payload, rest = inflate(payload)
        require(not rest, "something stands behind the payload")
    return json.loads(payload), certificate


def wrapping_key(private, public):
    """ECDH-ES+A256KW: Concat KDF with the algorithm's name, empty party infos, and 256 bits (RFC 7518 §4.6.2)."""
    name = b"ECDH-ES+A256KW"
    info = len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")
    return ConcatKDFHash(hashes.SHA256(), 32, info).derive(private.exchange(ec.ECDH(), public))


def seal(body, header, certificates):
    """A JWE for those certificates, and the digest for `bodyDigest`."""
    inner = {"id": header["id"], "sender": header["sender"], "salt": b64(os.urandom(16)), "body": body}
    short = deflate(to_json(inner))
    plain = short.ljust(next(512 << n for n in range(8) if 512 << n >= len(short)), b"\0")
    key, iv, protected = os.urandom(32), os.urandom(12), b64(b'{"enc":"A256GCM"}')
    recipients = []
    for certificate in certificates:
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        point = ephemeral.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (point.x, point.y))
        epk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        wrapped = aes_key_wrap(wrapping_key(ephemeral, certificate.public_key()), key)
        recipients.append({
            "header": {"alg": "ECDH-ES+A256KW", "kid": thumbprint(certificate), "epk": epk},
            "encrypted_key": b64(wrapped)})
    sealed = AESGCM(key).encrypt(iv, plain, protected.encode())
    return {
        "protected": protected, "recipients": recipients, "iv": b64(iv), "ciphertext": b64(sealed[:-16]),
        "tag": b64(sealed[-16:])}, digest(plain)


def open_sealed(sealed, header, key, certificate):
    """The body, if it was sealed for us and for this very message."""
    protected = json.loads(unb64(sealed["protected"]))
    parts = [(protected | one["header"], one["encrypted_key"]) for one in sealed.get("recipients", [sealed])]
    mine = [part for part in parts if part[0]["kid"] == thumbprint(certificate)]
    require(mine and mine[0][0]["alg"] == "ECDH-ES+A256KW" and protected["enc"] == "A256GCM", "not sealed for us")
    x, y = (int.from_bytes(unb64(mine[0][0]["epk"][name]), "big") for name in "xy")
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()  # refuses what is no point of the curve
    content = aes_key_unwrap(wrapping_key(key, public), unb64(mine[0][1]))
    secret = unb64(sealed["ciphertext"]) + unb64(sealed["tag"])
    plain = AESGCM(content).decrypt(unb64(sealed["iv"]), secret, sealed["protected"].encode())
    require(digest(plain) == header["bodyDigest"], "not the body that the header names")
    document, padding = inflate(plain)
    inner = json.loads(document)
    require(not padding.strip(b"\0") and set(inner) == {"id", "sender", "salt", "body"}, "not a sealed document")
    require((inner["id"], inner["sender"]) == (header["id"], header["sender"]), "sealed for another message")
    return inner["body"]
