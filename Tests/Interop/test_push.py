"""The receiving endpoint of docs/integrate.md: the hub pushes to it over mutual TLS, and it takes from nobody else."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, load_pem_private_key)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub import running
from messages import IMM, TF, UPTD, activity_report
from simpul_envelope import envelope_digest

HERE = Path(__file__).resolve().parent


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def server_certificate(trust: Path, folder: Path) -> tuple[Path, Path]:
    """What an agency gets from an authority that the hub trusts: for TLS servers, with the endpoint's address."""
    ca = x509.load_pem_x509_certificate((trust / "ca.pem").read_bytes())
    ca_key = load_pem_private_key((trust / "ca.key").read_bytes(), None)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "endpoint")])).issuer_name(ca.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.public_key()), False)
        .sign(ca_key, hashes.SHA256()))
    paths = folder / "endpoint.pem", folder / "endpoint.key"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def within(seconds: float, found):
    """The first result that counts, or the last one."""
    end = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < end:
        time.sleep(0.05)
    return result


class Push(unittest.TestCase):
    def setUp(self):
        self.hub = running()
        self.addCleanup(self.hub.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.port = Path(folder.name), free_port()
        given, foreign = self.hub.folder / "agencies" / TF, shutil.ignore_patterns("spool", "store")
        shutil.copytree(given, self.folder / TF, ignore=foreign)
        self.files = server_certificate(self.hub.folder / "trust", self.folder)
        self.hub.drain(TF)
        self.addCleanup(self.hub.drain, TF, UPTD)

    def start(self):
        endpoint = subprocess.Popen(
            [sys.executable, "-B", HERE / "examples/python/endpoint.py", self.folder / TF, self.hub.url,
             str(self.port), *self.files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(endpoint.stdout.close)
        self.addCleanup(endpoint.wait)
        self.addCleanup(endpoint.kill)
        self.assertTrue(within(20, self.answers), "it listens")

    def answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def reload(self):
        """SIGHUP to whoever answers on the status socket."""
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(self.hub.folder / "status.sock"))
            pid, _, _ = struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        os.kill(pid, signal.SIGHUP)

    def push_to_endpoint(self):
        entry = self.hub.folder / "roster" / f"{TF}.yaml"
        before = entry.read_text()
        self.addCleanup(self.reload)
        self.addCleanup(entry.write_text, before)
        push = f"push: https://127.0.0.1:{self.port}/simpul\npushPrivateAddresses: true\n"
        entry.write_text(before + push)
        self.reload()

    def test_what_is_pushed_is_stored_and_settled(self):
        self.start()
        self.push_to_endpoint()
        sender = self.hub.client(UPTD)
        header, body = activity_report(self.hub.id, UPTD, [TF])
        envelope = sender.envelope(header, body, sealed=False)
        sender.send(envelope, header["id"])
        state = within(30, lambda: sender.state(header["id"]).json()["state"] == "acknowledged")
        self.assertTrue(state, sender.state(header["id"]).text)
        stored = self.folder / TF / "store/pushed" / f"{envelope_digest(envelope).removeprefix('sha-256:')}.jose"
        self.assertEqual(stored.read_text(), envelope)
        self.assertEqual(self.hub.client(TF).inbox(max=100), [], "nothing is left to fetch")

    def test_nobody_but_the_broker_is_believed(self):
        self.start()
        context = ssl.create_default_context(cafile=self.hub.folder / "trust" / "ca.pem")
        folder = self.hub.folder / "agencies" / IMM
        context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
        sender = self.hub.client(IMM)
        envelope = sender.envelope(*activity_report(self.hub.id, IMM, [TF]), sealed=False)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=20)
        self.addCleanup(connection.close)
        connection.request("POST", "/simpul", envelope, {"Content-Type": "application/jose"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Simpul-Ack")), (400, None))
        self.assertFalse((self.folder / TF / "store" / "pushed").exists())


if __name__ == "__main__":
    unittest.main()
