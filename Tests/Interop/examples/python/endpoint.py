"""python3 endpoint.py FOLDER URL PORT CERTIFICATE KEY: takes what the broker pushes, stores it, and acknowledges it"""

import json
import ssl
import sys
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509

import store
from agency import Agency, in_date
from jose import envelope_digest, inflate, require, thumbprint, unb64, verify

LARGEST = 262_144


def claimed_sender(token):
    """Who an envelope says that it is from, to find out who should have signed it."""
    header, payload = (unb64(part) for part in token.split(".")[:2])
    document = inflate(payload)[0] if "zip" in json.loads(header) else payload
    return json.loads(document)["header"]["sender"]


class Endpoint(BaseHTTPRequestHandler):
    protocol_version, timeout = "HTTP/1.1", 60  # connections are kept for the next delivery

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "-1"))
        if self.path != "/simpul" or not 0 < length <= LARGEST:
            self.close_connection = True
            return self.answer(404 if self.path != "/simpul" else 413)
        token = self.rfile.read(length).decode("ascii", "replace")
        try:
            self.require_broker()
            digest = self.take(token)
        except Exception as error:  # nothing is acknowledged that is not stored
            print(f"not taken: {type(error).__name__} {error}", file=sys.stderr)
            return self.answer(400)
        self.answer(200, digest)

    def require_broker(self):
        """Every agency has a certificate that chains here; only the broker has checked what may be sent to us."""
        shown = x509.load_der_x509_certificate(self.connection.getpeercert(binary_form=True))
        listed = self.server.agency.get("/v1/directory")["broker"]["certificates"]
        require(thumbprint(shown) in [one["x5t#S256"] for one in listed if one["use"] == "tls"], "not the broker")

    def take(self, token):
        """Signed by its sender, for us, and on disk; a repeat changes nothing."""
        agency, digest = self.server.agency, envelope_digest(token)
        document, signer = verify(token, "simpul+jws", agency.trusted(claimed_sender(token), "sign"))
        header = document["header"]
        require(in_date(signer, datetime.now(timezone.utc)), "the signer is not in date")
        require(agency.id in header["recipients"] + header.get("fallback", []), "not meant for us")
        path = agency.folder / "store" / "pushed" / f"{digest.removeprefix('sha-256:')}.jose"
        if not path.exists():
            store.write(path, token.encode())
            print("taken", header["sender"], header["id"], flush=True)
        return digest

    def answer(self, status, digest=None):
        self.send_response(status)
        if digest:
            self.send_header("Simpul-Ack", digest)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def __init__(self, agency, port, certificate, key):
        super().__init__(("127.0.0.1", port), Endpoint)
        self.agency = agency
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version, tls.verify_mode = ssl.TLSVersion.TLSv1_3, ssl.CERT_REQUIRED
        tls.load_cert_chain(certificate, key)
        tls.load_verify_locations(agency.folder / "ca.pem")
        # The handshake happens in the connection's own thread: who is slow stops nobody.
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


if __name__ == "__main__":
    folder, url, port, certificate, key = sys.argv[1:]
    Server(Agency(folder, url), int(port), certificate, key).serve_forever()
