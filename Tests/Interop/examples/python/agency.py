"""One agency at one broker: its folder, whom it believes, and its calls."""

import json
import random
import re
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from jose import require, thumbprint, unverified, verify

TRIES = 8


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def in_date(certificate, at):
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


class Agency:
    def __init__(self, folder, url):
        self.folder, self.url, self.directory = Path(folder), url, {}
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy: one that ends TLS has no certificate of ours
        self.http.cert, self.http.verify = (f"{folder}/tls.pem", f"{folder}/tls.key"), f"{folder}/ca.pem"
        self.sign_key, self.sign_certificate = self.pair("sign")
        self.seal_key, self.seal_certificate = self.pair("seal")
        self.id = self.get("/v1/whoami")["agency"]
        self.hub = self.get("/v1/directory")["broker"]["id"]  # a name only; its certificate is in known/

    def pair(self, use):
        key = load_pem_private_key((self.folder / f"{use}.key").read_bytes(), None)
        return key, x509.load_pem_x509_certificate((self.folder / f"{use}.pem").read_bytes())

    def known(self, agency):
        """What came by hand. The id comes from outside, and becomes a file's name."""
        require(re.fullmatch(r"id-[0-9]{2,4}(\.[a-z0-9-]{1,32}){1,4}", agency), "no agency id")
        path = self.folder / "known" / f"{agency}.pem"
        pems = x509.load_pem_x509_certificates(path.read_bytes()) if path.exists() else []
        return {thumbprint(one): one for one in pems}

    def trusted(self, agency, use):
        """Known `sign` certificates, and what one of them has endorsed for that use. Never the broker's word alone."""
        known = self.known(agency)
        found = dict(known) if use == "sign" else {}
        if agency not in self.directory and agency != self.hub:
            self.directory[agency] = self.get(f"/v1/directory/{agency}")["certificates"]
        for one in self.directory.get(agency, []):
            if one["use"] != use or "endorsement" not in one:
                continue
            claim, _ = verify(one["endorsement"], "simpul-key+jws", known)
            certificate = x509.load_pem_x509_certificate(one["pem"].encode())
            named = (agency, use, thumbprint(certificate)) == (claim["agency"], claim["use"], claim["x5t#S256"])
            if named and moment(claim["from"]) <= datetime.now(timezone.utc) < moment(claim["until"]):
                found[thumbprint(certificate)] = certificate
        return found

    def receipt(self, token, sender, message, digest):
        """A receipt about that message. Its rung says who must have signed it: nobody opens for another."""
        claim = unverified(token)
        signers = {"acknowledged": [self.hub, claim.get("agency")], "opened": [claim.get("agency")]}
        by = signers.get(claim["rung"], [self.hub])
        trusted = {thumb: one for agency in by for thumb, one in self.trusted(agency, "sign").items()}
        receipt, certificate = verify(token, "simpul-receipt+jws", trusted)
        said = tuple(map(receipt.get, ("broker", "sender", "id", "digest")))
        require(said == (self.hub, sender, message, digest), "a receipt about something else")
        require(in_date(certificate, moment(receipt["at"])), "the receipt's signer was not in date")
        return receipt

    def get(self, path):
        answer = self.call("GET", path)
        require(answer.ok, f"GET {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None  # 204 has none

    def stream(self, path):
        """Each delivery of a stream as it comes. Ends with the connection; 45 seconds of silence are an error."""
        with self.http.get(self.url + path, stream=True, timeout=(10, 45)) as answer:
            answer.raise_for_status()
            kind, data = None, []
            for line in answer.iter_lines(chunk_size=None):  # as it comes, never waiting for more
                name, _, value = line.partition(b":")
                if name == b"event":
                    kind = value.strip()
                elif name == b"data":
                    data.append(value.removeprefix(b" "))
                elif not line:
                    if kind == b"delivery":
                        yield json.loads(b"\n".join(data))
                    kind, data = None, []

    def call(self, method, path, body=None, media_type="application/jose"):
        """The answer, whatever it is. What may pass later is tried again with the same octets."""
        headers = {"Content-Type": media_type} if body else {}
        for attempt in range(TRIES):
            pause = random.uniform(0, min(60, 2**attempt))
            try:
                answer = self.http.request(method, self.url + path, data=body, headers=headers, timeout=(10, 75))
                if answer.status_code != 429 and answer.status_code < 500:
                    return answer
                pause += float(answer.headers.get("Retry-After", 0))
            except (requests.ConnectionError, requests.Timeout) as error:
                print(f"no answer: {type(error).__name__}", file=sys.stderr)
            time.sleep(pause)
        sys.exit("the broker cannot be reached; what is stored goes out with the next send")
