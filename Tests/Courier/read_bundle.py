#!/usr/bin/env python3
"""Reads a courier bundle by docs/courier.md alone, with Python's own library and the openssl command, and lists its items.

    read_bundle.py --signer CERTIFICATE --seal CERTIFICATE KEY [--now TIME] BUNDLE

A line for each item: its kind, then what of it is short enough to compare. Ends with code 1 and one line on the standard
error where the file is no bundle that was signed by that certificate and sealed to that key."""

import argparse
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib

MOST_ITEM_OCTETS = 1024 * 1024
MOST_LINE_OCTETS = 2 * 1024 * 1024
MOST_LINES = 20_000
MOST_ITEMS = 50_000
AGE = datetime.timedelta(days=30)
AHEAD = datetime.timedelta(days=1)


class Refused(Exception):
    """Why the file is not believed: one of the codes of docs/courier.md."""


def need(condition, code):
    if not condition:
        raise Refused(code)


def decode(text, code="bundle-invalid"):
    """Base64url without padding, other letters or spare bits."""
    need(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]*", text), code)
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused(code) from error
    need(base64.urlsafe_b64encode(octets).rstrip(b"=").decode() == text, code)
    return octets


def strict(octets):
    """Strict JSON: UTF-8, no name twice in an object."""

    def members(pairs):
        need(len({name for name, _ in pairs}) == len(pairs), "bundle-invalid")
        return dict(pairs)

    try:
        return json.loads(octets.decode("utf-8"), object_pairs_hook=members)
    except ValueError as error:
        raise Refused("bundle-invalid") from error


def openssl(*arguments, given=b"", code):
    ended = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False)
    need(ended.returncode == 0, code)
    return ended.stdout


def der(certificate):
    return openssl("x509", "-in", certificate, "-outform", "DER", code="usage")


def thumbprint(certificate):
    return base64.urlsafe_b64encode(hashlib.sha256(der(certificate)).digest()).rstrip(b"=").decode()


def length_octets(length):
    if length < 128:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, octets):
    return bytes([tag]) + length_octets(len(octets)) + octets


# ---- signatures (docs/protocol.md, section 1)


def verify(algorithm, certificate, signing_input, signature, folder):
    def file(name, octets):
        path = os.path.join(folder, name)
        with open(path, "wb") as stream:
            stream.write(octets)
        return path

    public = file("signer.pub", openssl("x509", "-in", certificate, "-pubkey", "-noout", code="usage"))
    data = file("signed", signing_input)
    if algorithm == "ES256":
        need(len(signature) == 64, "signature-invalid")
        numbers = b""
        for half in (signature[:32], signature[32:]):
            octets = half.lstrip(b"\0") or b"\0"
            numbers += tlv(0x02, b"\0" + octets if octets[0] & 0x80 else octets)
        name = file("signature", tlv(0x30, numbers))
        openssl("dgst", "-sha256", "-verify", public, "-signature", name, data, code="signature-invalid")
    elif algorithm == "EdDSA":
        name = file("signature", signature)
        openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-sigfile", name, "-in", data,
                code="signature-invalid")
    else:
        padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if algorithm == "PS256" else []
        need(algorithm in ("PS256", "RS256"), "algorithm-refused")
        name = file("signature", signature)
        openssl("dgst", "-sha256", *padding, "-verify", public, "-signature", name, data, code="signature-invalid")


# ---- the seal (docs/protocol.md, section 4: "The JWE", but for the length of the ciphertext)


def content_key(recipient, protected, key, folder):
    parameters = {**protected, **recipient["header"]}
    wrapped = decode(recipient["encrypted_key"], "bundle-seal")
    if parameters["alg"] == "RSA-OAEP-256":
        return openssl("pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt",
                       "rsa_oaep_md:sha256", given=wrapped, code="bundle-seal")
    need(parameters["alg"] == "ECDH-ES+A256KW", "bundle-seal")
    point = parameters["epk"]
    need(point["kty"] == "EC" and point["crv"] == "P-256", "bundle-seal")
    octets = b"\4" + decode(point["x"], "bundle-seal") + decode(point["y"], "bundle-seal")
    need(len(octets) == 65, "bundle-seal")
    # SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 (RFC 5480).
    identifier = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
    path = os.path.join(folder, "ephemeral.der")
    with open(path, "wb") as stream:
        stream.write(tlv(0x30, identifier + tlv(0x03, b"\0" + octets)))
    shared = openssl("pkeyutl", "-derive", "-inkey", key, "-peerkey", path, "-peerform", "DER", code="bundle-seal")
    name = b"ECDH-ES+A256KW"
    other = len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")
    return unwrap(hashlib.sha256((1).to_bytes(4, "big") + shared + other).digest(), wrapped)


def unwrap(key, wrapped):
    """RFC 3394, section 2.2.2, one block of AES at a time."""
    need(len(wrapped) == 40, "bundle-seal")
    blocks = [wrapped[index:index + 8] for index in range(0, 40, 8)]
    check, blocks = blocks[0], blocks[1:]
    for turn in range(5, -1, -1):
        for index in range(4, 0, -1):
            mixed = (int.from_bytes(check, "big") ^ (4 * turn + index)).to_bytes(8, "big")
            clear = openssl("enc", "-d", "-aes-256-ecb", "-nopad", "-K", key.hex(), given=mixed + blocks[index - 1],
                            code="bundle-seal")
            check, blocks[index - 1] = clear[:8], clear[8:]
    need(check == b"\xa6" * 8, "bundle-seal")
    return b"".join(blocks)


def ghash(secret, octets):
    """GHASH (NIST SP 800-38D, section 6.4) with a table of products, eight bits at a time."""
    polynomial = 0xE1 << 120
    products, value = [0] * 256, int.from_bytes(secret, "big")
    for bit in range(7, -1, -1):
        products[1 << bit] = value
        value = (value >> 1) ^ (polynomial if value & 1 else 0)
    for byte in range(256):
        low = byte & -byte
        if byte != low:
            products[byte] = products[low] ^ products[byte ^ low]
    # What the eight bits that are shifted out come back as.
    returns = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        returns.append(value)
    sum_ = 0
    for start in range(0, len(octets), 16):
        sum_ ^= int.from_bytes(octets[start:start + 16].ljust(16, b"\0"), "big")
        product = 0
        for byte in sum_.to_bytes(16, "big")[::-1]:
            product = (product >> 8) ^ returns[product & 0xFF] ^ products[byte]
        sum_ = product
    return sum_.to_bytes(16, "big")


def opened(sealed, certificate, key, folder):
    need(isinstance(sealed, dict), "bundle-invalid")
    protected = strict(decode(sealed.get("protected"), "bundle-seal"))
    need(protected.get("enc") == "A256GCM" and isinstance(sealed.get("recipients"), list), "bundle-seal")
    name = thumbprint(certificate)
    mine = [one for one in sealed["recipients"] if {**protected, **one["header"]}.get("kid") == name]
    need(len(mine) == 1, "bundle-seal")
    secret = content_key(mine[0], protected, key, folder).hex()
    iv, ciphertext, tag = (decode(sealed[part], "bundle-seal") for part in ("iv", "ciphertext", "tag"))
    need(len(iv) == 12 and len(tag) == 16, "bundle-seal")

    def encrypted(mode, octets, *more):
        return openssl("enc", f"-aes-256-{mode}", "-nopad", "-K", secret, *more, given=octets, code="bundle-seal")

    additional = sealed["protected"].encode("ascii")
    lengths = (8 * len(additional)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    padded = b"".join(part + bytes(-len(part) % 16) for part in (additional, ciphertext))
    sum_ = ghash(encrypted("ecb", bytes(16)), padded + lengths)
    mask = encrypted("ecb", iv + (1).to_bytes(4, "big"))
    need(bytes(a ^ b for a, b in zip(sum_, mask)) == tag, "bundle-seal")
    return encrypted("ctr", ciphertext, "-iv", (iv + (2).to_bytes(4, "big")).hex())


# ---- the bundle (docs/courier.md, "The file")


def lines(path):
    with open(path, "rb") as stream:
        while line := stream.readline(MOST_LINE_OCTETS + 2):
            need(len(line) <= MOST_LINE_OCTETS + 1, "too-large")
            need(line.endswith(b"\n"), "bundle-incomplete")
            yield line[:-1]


def items(path, signer, seal, now):
    """The items of a whole bundle, line by line; a caller does nothing with them before it has got the last one."""
    head, previous, last, count, place = None, None, False, 0, 0
    name = thumbprint(signer)
    with tempfile.TemporaryDirectory() as folder:
        for place, line in enumerate(lines(path)):
            need(not last, "bundle-incomplete")
            need(place < MOST_LINES, "too-large")
            parts = line.split(b".")
            need(len(parts) == 3 and line.isascii(), "bundle-invalid")
            header, payload = (strict(decode(part.decode())) for part in parts[:2])
            need(set(header) == {"alg", "typ", "x5t#S256"} and header["typ"] == "simpul-bundle+jws", "bundle-invalid")
            need(payload.get("v") == 1, "bundle-invalid")
            need(header["x5t#S256"] == name, "signer-unknown")
            signing_input = line[:line.rindex(b".")]
            verify(header["alg"], signer, signing_input, decode(parts[2].decode()), folder)
            this = {member: payload[member] for member in ("bundle", "from", "for", "at")}
            if head is None:
                head, made = this, datetime.datetime.fromisoformat(this["at"].replace("Z", "+00:00"))
                need(now - AGE <= made <= now + AHEAD, "time-invalid")
            need(this == head and payload["index"] == place, "bundle-incomplete")
            need(payload.get("previous") == previous, "bundle-incomplete")
            document = inflated(opened(payload["sealed"], *seal, folder))
            inner = {"bundle": head["bundle"], "index": place, "from": head["from"], "for": head["for"]}
            need({member: document.get(member) for member in inner} == inner, "bundle-seal")
            previous, last = "sha-256:" + hashlib.sha256(signing_input).hexdigest(), payload["last"]
            count += len(document["items"])
            need(count <= MOST_ITEMS, "too-large")
            yield head, document["items"]
    need(head is not None, "bundle-invalid")
    need(last is True, "bundle-incomplete")


def inflated(octets):
    inflater = zlib.decompressobj(wbits=-15)
    try:
        clear = inflater.decompress(octets, MOST_ITEM_OCTETS)
    except zlib.error as error:
        raise Refused("inflate-failed") from error
    need(not inflater.unconsumed_tail, "too-large")
    need(inflater.eof and not inflater.unused_data, "inflate-failed")
    return strict(clear)


def summary(item):
    """One line of an item; of a token the digest of its octets."""

    def digest(member):
        return "sha-256:" + hashlib.sha256(item[member].encode()).hexdigest()

    kind = item.get("kind")
    members = {
        "delivery": lambda: [item["sender"], item["id"], digest("envelope"), digest("receipt"),
                             *(f"{name}={item['due'][name]}" for name in sorted(item["due"]))],
        "rung": lambda: [item["id"], item["mark"], digest("receipt")],
        "answer": lambda: [item["mark"], digest("receipt")],
        "courier": lambda: [digest("pem"), digest("endorsement")],
        "envelope": lambda: [digest("envelope")],
        "receipt": lambda: [item["sender"], item["id"], digest("receipt")],
        "confirmation": lambda: [item["mark"], item["digest"]],
        "attachment-part": lambda: [item["digest"], item["bytes"], item["offset"],
                                    "sha-256:" + hashlib.sha256(decode(item["data"])).hexdigest()],
    }
    return " ".join(str(part) for part in [kind, *members[kind]()]) if kind in members else f"unknown {kind}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signer", required=True)
    parser.add_argument("--seal", required=True, nargs=2)
    parser.add_argument("--now", type=lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
                        default=datetime.datetime.now(datetime.timezone.utc))
    parser.add_argument("bundle")
    given = parser.parse_args()
    try:
        head, all_ = None, []
        for head, some in items(given.bundle, given.signer, given.seal, given.now):
            all_ += [summary(item) for item in some]
        print(f"bundle {head['bundle']} from {head['from']} for {head['for']} at {head['at']}")
        print("\n".join(all_), end="\n" if all_ else "")
    except (KeyError, TypeError, UnicodeDecodeError):
        sys.exit("bundle-invalid")
    except Refused as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
