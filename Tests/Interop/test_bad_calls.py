"""Calls that the HTTP layer, the delivery of messages or the TLS handshake must refuse."""

import http.client
import ssl
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from drafts import Draft
from hub import running
from messages import IMM, NGO, POL, UPTD, uuid7
from problems import problem
from simpul_client import Message
from simpul_envelope import RECEIPT, b64, compact_json, sign


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.imm, cls.pol, cls.uptd, cls.ngo = (cls.hub.client(agency) for agency in (IMM, POL, UPTD, NGO))
        cls.hub.drain(IMM, POL, UPTD, NGO)
        cls.addClassCleanup(cls.hub.close)

    def sent(self) -> Draft:
        """A sealed alert to the police and the protection unit that the broker has accepted."""
        draft = Draft(self.hub, self.imm, "alert")
        self.imm.send(draft.good().decode(), draft.id)
        return draft

    def test_third_parties_see_no_message(self):
        draft = self.sent()
        problem(self.ngo.state(draft.id), 404, "not-found")
        problem(self.ngo.state(draft.id, IMM), 404, "not-found")
        problem(self.pol.state(draft.id), 404, "not-found")
        problem(self.pol.state(draft.id, UPTD), 404, "not-found")
        problem(self.imm.state(uuid7()), 404, "not-found")
        self.assertEqual(self.pol.state(draft.id, IMM).status, 200)
        self.hub.drain(POL, UPTD)

    def test_ids_that_are_none(self):
        for path in ("x", "..%2f..", "%00", "0" * 4000, "019cb932-dfc8-7dc3-9501", f"{IMM}/x", f"x/{uuid7()}"):
            with self.subTest(path[:40]):
                problem(self.imm.call("GET", f"/v1/messages/{path}"), 404, "not-found")

    def test_third_parties_cannot_settle_a_delivery(self):
        self.sent()
        token = self.pol.receive().delivery
        problem(self.uptd.acknowledge(token), 404, "not-found")
        problem(self.imm.acknowledge(token), 404, "not-found")
        problem(self.pol.acknowledge(b64(bytes(16))), 404, "not-found")
        problem(self.pol.acknowledge("x"), 404, "not-found")
        self.assertEqual(self.pol.acknowledge(token).status, 200)
        self.hub.drain(UPTD)

    def test_a_lease_that_is_over_settles_nothing(self):
        draft = self.sent()
        first = self.pol.receive(lease=1)
        time.sleep(1.2)
        problem(self.pol.acknowledge(first.delivery), 409, "lease-expired")
        second = self.pol.receive()
        self.assertEqual((second.header["id"], second.attempt), (draft.id, 2))
        self.assertNotEqual(first.delivery, second.delivery)
        problem(self.pol.acknowledge(first.delivery), 409, "lease-expired")
        self.assertEqual(self.pol.acknowledge(second.delivery).status, 200)
        self.hub.drain(UPTD)

    def test_receipts_that_are_not_about_the_message_settle_nothing(self):
        self.sent()
        message = self.pol.receive()
        for name, token in self.wrong_receipts(message):
            with self.subTest(name):
                response = self.pol.acknowledge(message.delivery, token)
                problem(response, response.status)
                self.assertIn(response.status, (400, 403, 422), response.text)
        self.assertEqual(self.pol.acknowledge(message.delivery).status, 200)
        self.hub.drain(UPTD)

    def wrong_receipts(self, message: Message) -> list[tuple[str, str]]:
        def mine(rung: str = "opened", **changes: str) -> str:
            return self.pol.own_receipt(rung, message, "petugas-piket", **changes)

        payload = {"v": 1, "rung": "opened", "broker": self.hub.id, "id": message.header["id"], "sender": IMM,
                   "digest": message.digest, "at": "2026-03-05T08:00:00Z", "agency": POL, "by": "petugas"}
        return [
            ("another digest", mine(digest="sha-256:" + "0" * 64)),
            ("another id", mine(id=uuid7())),
            ("another sender", mine(sender=UPTD)),
            ("another agency", mine(agency=UPTD)),
            ("another broker", mine(broker="id-17.simpul")),
            ("a rung of the broker", mine("delivered")),
            ("signed by another agency", self.uptd.own_receipt("opened", message, "petugas", agency=POL)),
            ("typ of an envelope", sign(
                compact_json(payload), self.pol.sign_key, self.pol.sign_certificate, "simpul+jws")),
            ("compressed", sign(
                compact_json(payload), self.pol.sign_key, self.pol.sign_certificate, RECEIPT, compress=True)),
            ("no JWS", "x"),
            ("an envelope", message.envelope),
        ]

    def test_media_types(self):
        good = Draft(self.hub, self.imm, "report").good()
        for media_type in ("text/plain", "application/json", "application/jose+json", "x", ""):
            with self.subTest(media_type):
                problem(self.imm.call("POST", "/v1/messages", good, Content_Type=media_type), 415, "media-type")
        problem(self.imm.call("POST", "/v1/messages", good), 415, "media-type")

    def test_paths_and_methods(self):
        for path in ("/", "/v1", "/v1/", "/v2/messages", "/v1/inbox/x", "/v1/deliveries/x", "/%2e%2e/x", "/status"):
            with self.subTest(path):
                problem(self.imm.call("GET", path), 404, "not-found")
        for method, path, allowed in (
            ("PUT", "/v1/messages", "POST"), ("DELETE", f"/v1/messages/{uuid7()}", "GET"), ("POST", "/v1/inbox", "GET"),
            ("POST", "/v1/directory", "GET"), ("DELETE", "/v1/whoami", "GET"),
            ("GET", f"/v1/deliveries/{b64(bytes(16))}/ack", "POST"),
        ):
            with self.subTest(f"{method} {path}"):
                response = self.imm.call(method, path, b"" if method in ("PUT", "POST") else None)
                problem(response, 405)
                self.assertIn(allowed, response.headers.get("Allow") or "")

    def test_query_parameters(self):
        for query in (
            "wait=61", "wait=-1", "wait=x", "wait=1.5", "wait=", "max=0", "max=101", "max=x", "lease=0", "lease=x",
            "lease=-1", "lease=999999", "wait=99999999999999999999", "type=%ff", "wait=0&wait=1",
        ):
            with self.subTest(query):
                problem(self.imm.call("GET", f"/v1/inbox?{query}"), 400, "parameter-refused")

    def test_no_answer_is_stored_on_its_way(self):
        for path in ("/v1/whoami", "/v1/directory", "/v1/inbox?wait=0"):
            response = self.imm.call("GET", path)
            self.assertIn(response.status, (200, 204))
            self.assertEqual(response.headers.get("Cache-Control"), "no-store", path)


class Handshakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.imm = cls.hub.client(IMM)
        cls.addClassCleanup(cls.hub.close)

    def require_no_answer(self, context: ssl.SSLContext) -> None:
        address = self.imm.address
        connection = http.client.HTTPSConnection(address.hostname, address.port, context=context, timeout=10)
        with self.assertRaises((ssl.SSLError, ConnectionResetError, http.client.RemoteDisconnected, BrokenPipeError)):
            connection.request("GET", "/v1/whoami")
            self.fail(f"answered {connection.getresponse().status}")
        connection.close()

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.imm.folder / "ca.pem"))

    def test_without_a_certificate(self):
        self.require_no_answer(self.context())

    def test_with_another_authority_s_certificate(self):
        with tempfile.TemporaryDirectory() as folder:
            key, chain = self.foreign_pair(Path(folder))
            context = self.context()
            context.load_cert_chain(chain, key)
            self.require_no_answer(context)

    def test_with_a_certificate_that_may_not_open_connections(self):
        context = self.context()
        context.load_cert_chain(self.imm.folder / "sign.pem", self.imm.folder / "sign.key")
        self.require_no_answer(context)

    def test_with_an_old_version_of_tls(self):
        context = self.context()
        context.load_cert_chain(self.imm.folder / "tls.pem", self.imm.folder / "tls.key")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.require_no_answer(context)

    def foreign_pair(self, folder: Path) -> tuple[Path, Path]:
        """A certificate that says all that ours says, from an authority that the broker does not know."""
        authority = ec.generate_private_key(ec.SECP256R1())
        key = ec.generate_private_key(ec.SECP256R1())
        mine = self.imm.pair("tls")[1]
        start = datetime.now(timezone.utc) - timedelta(hours=1)
        leaf = (
            x509.CertificateBuilder().subject_name(mine.subject).issuer_name(mine.issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(start)
            .not_valid_after(start + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(authority, hashes.SHA256()))
        (folder / "tls.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        (folder / "tls.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return folder / "tls.key", folder / "tls.pem"


if __name__ == "__main__":
    unittest.main()
