"""A client of one agency, from the folder that `simpul init` writes: sends, receives, opens, acknowledges, proves."""

import contextlib
import http.client
import json
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from simpul_envelope import (
    ENDORSEMENT, ENVELOPE, RECEIPT, Refused, Verified, compact_json, envelope_digest, open_sealed, seal, sign,
    thumbprint, verify)


@dataclass(frozen=True)
class Response:
    """What the broker answered."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Message:
    """A message that was received, verified and opened."""

    delivery: str
    attempt: int
    header: dict[str, Any]
    body: Any
    digest: str
    envelope: str
    accepted: dict[str, Any]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def now() -> datetime:
    return datetime.now(timezone.utc)


class Client:
    """One agency at one broker. Not safe for several threads: it holds one connection."""

    def __init__(self, folder: Path, url: str):
        self.folder = Path(folder)
        self.agency = self.folder.name
        self.address = urlsplit(url)
        self.known = {
            path.stem: x509.load_pem_x509_certificates(path.read_bytes()) for path in folder.glob("known/*.pem")}
        self.tls_context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        self.tls_context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
        self.sign_key, self.sign_certificate = self.pair("sign")
        seal_key, seal_certificate = self.pair("seal")
        self.seal_keys = {thumbprint(seal_certificate): seal_key}
        self.connection: http.client.HTTPSConnection | None = None
        self.cached_directory: dict[str, Any] | None = None

    def pair(self, use: str) -> tuple[Any, x509.Certificate]:
        key = load_pem_private_key((self.folder / f"{use}.key").read_bytes(), None)
        return key, x509.load_pem_x509_certificate((self.folder / f"{use}.pem").read_bytes())

    # Calls

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            self.address.hostname, self.address.port, context=self.tls_context, timeout=70)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Response:
        """One call; header names are written with underscores. A connection that went away is opened once more."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reused = self.connection is not None
        try:
            return self.exchange(method, path, body, named)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            if not reused:
                raise
            return self.exchange(method, path, body, named)

    def exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Response:
        self.connection = self.connection or self.connect()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer may have come before the end
                self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            response = Response(answer.status, answer.headers, answer.read())
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return response

    def get(self, path: str, status: int = 200) -> Any:
        response = self.call("GET", path)
        if response.status != status:
            raise Refused(f"GET {path}: {response.status} {response.text}")
        return response.json()

    def whoami(self) -> dict[str, Any]:
        return self.get("/v1/whoami")

    # Trust

    @property
    def directory(self) -> dict[str, Any]:
        if self.cached_directory is None:
            self.cached_directory = self.get("/v1/directory")
        return self.cached_directory

    @property
    def hub(self) -> str:
        return self.directory["broker"]["id"]

    def known_signer(self, agency: str, thumb: str) -> x509.Certificate | None:
        """A `sign` certificate that came out of band, in the client's own folder."""
        return next((one for one in self.known.get(agency, []) if thumbprint(one) == thumb), None)

    def endorsed(self, agency: str, use: str) -> list[x509.Certificate]:
        """The certificates of the directory that a known `sign` key of that agency has endorsed for that use, now."""
        entries = [entry for entry in self.directory["agencies"] if entry["id"] == agency]
        found = []
        for entry in (one for agency_entry in entries for one in agency_entry["certificates"]):
            if entry["use"] != use or "endorsement" not in entry:
                continue
            certificate = x509.load_pem_x509_certificate(entry["pem"].encode())
            try:
                self.require_endorsement(entry["endorsement"], agency, use, certificate)
                found.append(certificate)
            except Refused:
                continue
        return found

    def require_endorsement(self, token: str, agency: str, use: str, certificate: x509.Certificate) -> None:
        claim = verify(token, ENDORSEMENT, lambda thumb: self.known_signer(agency, thumb)).document
        if set(claim) != {"agency", "use", "x5t#S256", "from", "until"}:
            raise Refused("the endorsement has other members than it must have")
        if (claim["agency"], claim["use"], claim["x5t#S256"]) != (agency, use, thumbprint(certificate)):
            raise Refused("the endorsement is about another certificate")
        if not moment(claim["from"]) <= now() <= moment(claim["until"]):
            raise Refused("the endorsement is not in force")

    def seal_certificates(self, agency: str) -> list[x509.Certificate]:
        certificates = self.endorsed(agency, "seal")
        if not certificates:
            raise Refused(f"{agency} has no endorsed seal certificate")
        return certificates

    def signer(self, agency: str, thumb: str) -> x509.Certificate | None:
        known = self.known_signer(agency, thumb)
        endorsed = (one for one in self.endorsed(agency, "sign") if thumbprint(one) == thumb)
        return known or next(endorsed, None)

    # Sending

    def envelope(self, header: dict[str, Any], body: Any, sealed: bool, compress: bool = True) -> str:
        """Signs a message of ours; a sealed one for every recipient and fallback."""
        if sealed:
            parties = header["recipients"] + header.get("fallback", [])
            certificates = [one for party in parties for one in self.seal_certificates(party)]
            body, body_digest = seal(body, header["id"], header["sender"], certificates)
            header = header | {"bodyDigest": body_digest}
        document = compact_json({"header": header, "body": body})
        return sign(document, self.sign_key, self.sign_certificate, ENVELOPE, compress)

    def post(self, envelope: str | bytes, **headers: str) -> Response:
        octets = envelope if isinstance(envelope, bytes) else envelope.encode()
        return self.call("POST", "/v1/messages", octets, Content_Type="application/jose", **headers)

    def send(self, envelope: str, message: str) -> str:
        """Submits an envelope and gives the broker's receipt `accepted`, verified."""
        response = self.post(envelope)
        if response.status not in (200, 201) or response.media_type != "application/jose":
            raise Refused(f"not accepted: {response.status} {response.text}")
        receipt = self.broker_receipt(response.text, "accepted")
        self.require_about(receipt, message, self.agency, envelope_digest(envelope))
        return response.text

    # Receipts

    def broker_receipt(self, token: str, rung: str) -> dict[str, Any]:
        receipt = verify(token, RECEIPT, lambda thumb: self.known_signer(self.hub, thumb)).document
        if receipt["v"] != 1 or receipt["rung"] != rung or receipt["broker"] != self.hub:
            raise Refused("a receipt of another kind or of another broker")
        return receipt

    def agency_receipt(self, token: str, agency: str) -> dict[str, Any]:
        receipt = verify(token, RECEIPT, lambda thumb: self.signer(agency, thumb)).document
        if receipt.get("agency") != agency:
            raise Refused("a receipt that speaks for another agency")
        return receipt

    @staticmethod
    def require_about(receipt: dict[str, Any], message: str, sender: str, message_digest: str) -> None:
        if (receipt.get("id"), receipt["sender"], receipt.get("digest")) != (message, sender, message_digest):
            raise Refused("the receipt is about another message")

    def own_receipt(self, rung: str, message: Message, by: str, **changes: Any) -> str:
        """A receipt that we sign about a message we have received."""
        payload = {
            "v": 1, "rung": rung, "broker": self.hub, "id": message.header["id"], "sender": message.header["sender"],
            "digest": message.digest, "at": now().isoformat(timespec="milliseconds"), "agency": self.agency, "by": by}
        return sign(compact_json(payload | changes), self.sign_key, self.sign_certificate, RECEIPT)

    # Receiving

    def inbox(self, **query: Any) -> list[dict[str, Any]]:
        """Leases waiting deliveries; none when the broker says 204."""
        terms = "&".join(f"{name}={value}" for name, value in query.items())
        response = self.call("GET", f"/v1/inbox?{terms}")
        if response.status == 204:
            return []
        if response.status != 200:
            raise Refused(f"inbox: {response.status} {response.text}")
        return response.json()["deliveries"]

    def receive(self, wait: int = 5, lease: int = 60) -> Message:
        """The next message, whole; rungs of our own messages that wait in the inbox are settled on the way."""
        while deliveries := self.inbox(wait=wait, max=1, lease=lease):
            if "envelope" in deliveries[0]:
                return self.open(deliveries[0])
            self.acknowledge(deliveries[0]["delivery"])
        raise Refused("nothing came")

    def open(self, delivery: dict[str, Any]) -> Message:
        """Verifies sender and broker, then opens: nothing of a delivery is believed without a signature."""
        envelope = delivery["envelope"]
        verified = verify(envelope, ENVELOPE, lambda thumb: self.signer(delivery["sender"], thumb), compress=True)
        header, body = self.parts(verified)
        accepted = self.broker_receipt(delivery["receipt"], "accepted")
        if header["sender"] != delivery["sender"] or header["id"] != delivery["id"] or header["hub"] != self.hub:
            raise Refused("the delivery speaks of another message than the envelope")
        self.require_about(accepted, header["id"], header["sender"], verified.digest)
        self.require_valid(verified.certificate, moment(accepted["at"]))
        if self.agency not in header["recipients"]:
            raise Refused("not meant for us")
        if "ciphertext" in body:
            body = open_sealed(body, header, self.seal_keys)
        return Message(
            delivery["delivery"], delivery["attempt"], header, body, verified.digest, envelope, accepted)

    @staticmethod
    def parts(verified: Verified) -> tuple[dict[str, Any], dict[str, Any]]:
        if not isinstance(verified.document, dict) or set(verified.document) != {"header", "body"}:
            raise Refused("an envelope holds header and body and nothing else")
        return verified.document["header"], verified.document["body"]

    @staticmethod
    def require_valid(certificate: x509.Certificate, at: datetime) -> None:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise Refused("the signer's certificate was not in date when the message was accepted")

    def acknowledge(self, delivery: str, receipt: str | None = None) -> Response:
        """Settles a delivery: with nothing (the system has it), or with a receipt that we have signed."""
        path = f"/v1/deliveries/{delivery}/ack"
        if receipt is None:
            return self.call("POST", path, b"")
        return self.call("POST", path, receipt.encode(), Content_Type="application/jose")

    def state(self, message: str, sender: str | None = None) -> Response:
        """What the broker knows of a message: of our own by id, of one that we received by its sender and id."""
        return self.call("GET", f"/v1/messages/{sender}/{message}" if sender else f"/v1/messages/{message}")
