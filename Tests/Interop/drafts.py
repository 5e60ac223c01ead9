"""A good message, and every way to spoil it on its way to octets. Signs with `cryptography` alone, so that it can also
make what no JOSE library lets out of the house."""

import copy
import secrets
from typing import Any, Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hub import Hub
from messages import IMM, POL, TF, UPTD, activity_report, alert
from simpul_client import Client
from simpul_envelope import ENVELOPE, b64, compact_json, deflate, seal, thumbprint

DROP = object()
"""Stands for a member that is to be left out."""


def changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (members | changes).items() if value is not DROP}


def signature(key: Any, octets: bytes) -> bytes:
    """ES256: r and s, 32 octets each."""
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Draft:
    """One message of one sender: `report` is clear, `alert` is sealed. Nothing that spoils it changes the draft."""

    def __init__(self, hub: Hub, sender: Client, kind: str):
        self.hub = hub
        self.sender = sender
        self.kind = kind
        self.canary = f"KENARI-{secrets.token_hex(6)}"
        if kind == "report":
            self.header, self.body = activity_report(hub.id, sender.agency, [TF])
            self.body["title"] = f"CONTOH FIKTIF {self.canary}"
        else:
            parties = [agency for agency in (POL, UPTD, IMM) if agency != sender.agency][:2]
            self.header, self.body = alert(hub.id, sender.agency, parties)
            self.body["headline"] = f"CONTOH FIKTIF {self.canary}"

    @property
    def id(self) -> str:
        return self.header["id"]

    def good(self) -> bytes:
        return self.token(self.document())

    def document(self, header: dict[str, Any] | None = None, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The document, with members changed, added or dropped."""
        if self.kind == "alert":
            return self.sealed(header=header)
        return {"header": changed(self.header, header or {}), "body": changed(self.body, body or {})}

    def clear(self, header: dict[str, Any] | None = None) -> dict[str, Any]:
        """The document with its body left clear, whatever it holds."""
        return {"header": changed(self.header, header or {}), "body": self.body}

    def sealed(
        self, edit: Callable[[dict[str, Any]], Any] = lambda sealed: None, header: dict[str, Any] | None = None,
        certificates: list[x509.Certificate] | None = None
    ) -> dict[str, Any]:
        """The document sealed for its parties or for those certificates, and then edited."""
        if certificates is None:
            certificates = [one for party in self.header["recipients"] for one in self.seals(party)]
        sealed, body_digest = seal(self.body, self.id, self.sender.agency, certificates)
        sealed = copy.deepcopy(sealed)
        edit(sealed)
        return {"header": changed(self.header | {"bodyDigest": body_digest}, header or {}), "body": sealed}

    def seals(self, agency: str) -> list[x509.Certificate]:
        return self.sender.seal_certificates(agency)

    def protected(self, **changes: Any) -> dict[str, Any]:
        """The protected header; `x5t` stands for `x5t#S256`."""
        if "x5t" in changes:
            changes["x5t#S256"] = changes.pop("x5t")
        default = {
            "alg": "ES256", "x5t#S256": thumbprint(self.sender.sign_certificate), "typ": ENVELOPE, "zip": "DEF"}
        return changed(default, changes)

    def input(self, document: Any = None, protected: Any = None, payload: bytes | None = None) -> bytes:
        """What the signature covers. A document or header that is already octets stays as it is."""
        document = self.document() if document is None else document
        octets = document if isinstance(document, bytes) else compact_json(document)
        protected = self.protected() if protected is None else protected
        head = protected if isinstance(protected, bytes) else compact_json(protected)
        return f"{b64(head)}.{b64(deflate(octets) if payload is None else payload)}".encode()

    def token(
        self, document: Any = None, *, protected: Any = None, payload: bytes | None = None, key: Any = None,
        sign: Callable[[Any, bytes], bytes] = signature
    ) -> bytes:
        """An envelope, whole and rightly signed unless the arguments say otherwise."""
        signing_input = self.input(document, protected, payload)
        return signing_input + b"." + b64(sign(key or self.sender.sign_key, signing_input)).encode()
