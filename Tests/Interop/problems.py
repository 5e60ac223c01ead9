"""What every error must look like: a problem document, whole, with a signed refusal and no word of the message."""

import json
from typing import Any

import schemas
from simpul_client import Client, Response
from simpul_envelope import envelope_digest

STATUS = {
    "not-jose": 400, "parameter-refused": 400, "algorithm-refused": 400, "inflate-failed": 400, "json-invalid": 400,
    "agency-inactive": 401, "signer-unknown": 403, "signature-invalid": 403, "sender-mismatch": 403,
    "policy-denied": 403, "not-found": 404, "id-conflict": 409, "lease-expired": 409, "offset-mismatch": 409,
    "too-large": 413, "media-type": 415, "range-unsatisfiable": 416, "schema-unknown": 422, "schema-invalid": 422,
    "time-invalid": 422, "wrong-hub": 422, "recipient-unknown": 422, "must-be-sealed": 422, "seal-recipients": 422,
    "attachment-missing": 422, "digest-mismatch": 422, "lifecycle": 422, "consent": 422, "rule": 422}

MEMBERS = {
    "type": str, "title": str, "status": int, "detail": str, "code": str, "stage": str, "temporary": bool, "trace": str}


def problem(response: Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of a response; `AssertionError` where it is another one, or not whole."""
    assert response.status == status, f"status {response.status} instead of {status}: {response.text}"
    assert response.media_type == "application/problem+json", f"media type {response.media_type}"
    assert response.headers.get("Cache-Control") == "no-store", f"Cache-Control {response.headers.get('Cache-Control')}"
    found = json.loads(response.body)
    for name, kind in MEMBERS.items():
        assert isinstance(found.get(name), kind), f"member {name} is {found.get(name)!r}"
        assert found[name] != "", f"member {name} is empty"
    assert code is None or found["code"] == code, f"code {found['code']} instead of {code}: {response.text}"
    assert found["status"] == status, f"status {found['status']} in the document"
    assert found["type"] == f"urn:simpul:error:{found['code']}", found["type"]
    assert found["temporary"] == (status in (429, 503)), f"temporary {found['temporary']}"
    for fault in found.get("errors", []):
        assert {"pointer", "keyword", "detail"} <= set(fault), f"errors {fault}"
    return found


def refusal(
    response: Response, code: str, client: Client, canaries: list[str], token: bytes | None = None
) -> dict[str, Any]:
    """A refused submission: the problem, and in it the broker's signed word for it."""
    found = problem(response, STATUS[code], code)
    for canary in canaries:
        assert canary not in response.text, f"the problem repeats a value of the message: {response.text}"
        assert canary not in json.dumps(found, ensure_ascii=False), "the problem repeats a value of the message"
    assert "receipt" in found, f"no receipt: {response.text}"
    receipt = client.broker_receipt(found["receipt"], "refused")
    assert not (faults := schemas.faults("receipt", receipt)), f"receipt: {faults}"
    assert receipt["sender"] == client.agency, receipt
    assert (receipt["code"], receipt["stage"]) == (code, found["stage"]), receipt
    assert not any(canary in json.dumps(receipt) for canary in canaries), "the receipt repeats a value of the message"
    if "digest" in receipt:
        assert token is not None and receipt["digest"] == envelope_digest(text(token)), "digest of another envelope"
    if code == "schema-invalid":
        assert found.get("errors"), f"no errors: {response.text}"
    return found


def text(token: bytes) -> str:
    """An envelope as the broker reads it: one final line end is no part of it."""
    stripped = token[:-1] if token.endswith(b"\n") else token
    if stripped is not token and stripped.endswith(b"\r"):
        stripped = stripped[:-1]
    return stripped.decode("latin-1")
