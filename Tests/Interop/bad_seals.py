"""Bad sealed bodies, rightly signed: for whom they are sealed, and how."""

import base64
import secrets
from typing import Any, Callable

from cryptography import x509

from bad_envelopes import Bad
from drafts import Draft
from messages import NGO, SOC
from simpul_envelope import b64, compact_json


def sealed(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Draft], bytes]:
    """The JWE edited after sealing."""
    return lambda draft: draft.token(draft.sealed(edit))


def sealed_for(choose: Callable[[Draft, list[x509.Certificate]], list[x509.Certificate]]) -> Callable[[Draft], bytes]:
    """The body sealed for other certificates than it must be."""

    def make(draft: Draft) -> bytes:
        right = [one for party in draft.header["recipients"] for one in draft.seals(party)]
        return draft.token(draft.sealed(certificates=choose(draft, right)))

    return make


def certificate(draft: Draft, agency: str, use: str) -> x509.Certificate:
    return draft.hub.client(agency).pair(use)[1]


def outsider(draft: Draft) -> str:
    """An agency that is no party of the draft."""
    return SOC if draft.sender.agency == NGO else NGO


def with_fallback(draft: Draft) -> bytes:
    return draft.token(draft.sealed(header={"fallback": [outsider(draft)]}))


def protected(**members: Any) -> Callable[[Draft], bytes]:
    return sealed(lambda jwe: jwe.update(protected=b64(compact_json({"enc": "A256GCM"} | members))))


def member(name: str, value: Any) -> Callable[[Draft], bytes]:
    return sealed(lambda jwe: jwe.update({name: value}))


def without(name: str) -> Callable[[Draft], bytes]:
    return sealed(lambda jwe: jwe.pop(name))


def recipient(**members: Any) -> Callable[[Draft], bytes]:
    """Members of the first recipient's header."""
    return sealed(lambda jwe: jwe["recipients"][0]["header"].update(members))


def recipient_without(name: str) -> Callable[[Draft], bytes]:
    return sealed(lambda jwe: jwe["recipients"][0]["header"].pop(name))


def epk(**members: Any) -> Callable[[Draft], bytes]:
    return sealed(lambda jwe: jwe["recipients"][0]["header"]["epk"].update(members))


def ciphertext(count: int) -> Callable[[Draft], bytes]:
    return member("ciphertext", b64(secrets.token_bytes(count)))


def bad(name: str, code: str, make: Callable[[Draft], bytes], pointer: str | None = None) -> Bad:
    return Bad(name, code, make, kind="alert", pointer=pointer)


PARTIES = [
    bad("sealed for too few", "seal-recipients", sealed_for(lambda d, right: right[:1])),
    bad("sealed for too many", "seal-recipients",
        sealed_for(lambda d, right: [*right, certificate(d, outsider(d), "seal")])),
    bad("sealed for the sender besides", "seal-recipients",
        sealed_for(lambda d, right: [*right, certificate(d, d.sender.agency, "seal")])),
    bad("not sealed for the fallback", "seal-recipients", with_fallback),
    bad("sealed for nobody we know", "seal-recipients", recipient(kid=b64(bytes(32)))),
    bad("sealed for another agency instead", "seal-recipients",
        sealed_for(lambda d, right: [right[0], certificate(d, outsider(d), "seal")])),
    bad("sealed for a sign certificate", "seal-recipients",
        sealed_for(lambda d, right: [certificate(d, d.header["recipients"][0], "sign"), right[1]])),
    bad("sealed for a TLS certificate", "seal-recipients",
        sealed_for(lambda d, right: [certificate(d, d.header["recipients"][0], "tls"), right[1]])),
]

PARAMETERS = [
    bad("zip in protected", "parameter-refused", protected(zip="DEF")),
    bad("crit in protected", "parameter-refused", protected(crit=["exp"], exp=1)),
    bad("unknown in protected", "parameter-refused", protected(cty="JSON")),
    bad("unprotected", "parameter-refused", member("unprotected", {"jku": "https://contoh.invalid"})),
    bad("unprotected, empty", "parameter-refused", member("unprotected", {})),
    bad("aad", "parameter-refused", member("aad", "AAAA")),
    bad("unknown member", "parameter-refused", member("ekstra", 1)),
    bad("general and flattened at once", "parameter-refused", member("encrypted_key", "AAAA")),
    bad("apu", "parameter-refused", recipient(apu="AAAA")),
    bad("apv", "parameter-refused", recipient(apv="AAAA")),
    bad("crit of a recipient", "parameter-refused", recipient(crit=["exp"])),
    bad("unknown of a recipient", "parameter-refused", recipient(jku="https://contoh.invalid")),
    bad("unknown member of a recipient", "parameter-refused",
        sealed(lambda jwe: jwe["recipients"][0].update(ekstra=1))),
    bad("enc A128GCM", "algorithm-refused", protected(enc="A128GCM")),
    bad("enc A256CBC-HS512", "algorithm-refused", protected(enc="A256CBC-HS512")),
    bad("alg dir", "algorithm-refused", recipient(alg="dir")),
    bad("alg RSA-OAEP", "algorithm-refused", recipient(alg="RSA-OAEP")),
    bad("alg RSA1_5", "algorithm-refused", recipient(alg="RSA1_5")),
    bad("alg ECDH-ES", "algorithm-refused", recipient(alg="ECDH-ES")),
]

FORM = [
    bad("iv short", "schema-invalid", member("iv", b64(bytes(11))), "/body"),
    bad("iv padded", "schema-invalid", member("iv", base64.urlsafe_b64encode(bytes(16)).decode()), "/body"),
    bad("iv missing", "schema-invalid", without("iv"), "/body"),
    bad("tag short", "schema-invalid", member("tag", b64(bytes(15))), "/body"),
    bad("tag no text", "schema-invalid", member("tag", 7), "/body"),
    bad("tag missing", "schema-invalid", without("tag"), "/body"),
    bad("protected missing", "schema-invalid", without("protected"), "/body"),
    bad("protected no JSON", "schema-invalid", member("protected", "AAAA"), "/body"),
    bad("recipients empty", "schema-invalid", member("recipients", []), "/body"),
    bad("recipients no list", "schema-invalid", member("recipients", {}), "/body"),
    bad("ciphertext alone", "schema-invalid",
        lambda d: d.token(d.sealed() | {"body": {"ciphertext": "AAAA"}}), "/body"),
    bad("ciphertext no text", "schema-invalid", member("ciphertext", None), "/body"),
    bad("ciphertext empty", "schema-invalid", member("ciphertext", ""), "/body"),
    bad("ciphertext of 256 octets", "schema-invalid", ciphertext(256), "/body"),
    bad("ciphertext of 513 octets", "schema-invalid", ciphertext(513), "/body"),
    bad("ciphertext of 768 octets", "schema-invalid", ciphertext(768), "/body"),
    bad("ciphertext of 65 537 octets", "schema-invalid", ciphertext(65_537), "/body"),
    bad("kid missing", "schema-invalid", recipient_without("kid"), "/body"),
    bad("epk missing", "schema-invalid", recipient_without("epk"), "/body"),
    bad("epk not on the curve", "schema-invalid", epk(x=b64(b"\x01" * 32)), "/body"),
    bad("epk of another curve", "schema-invalid", epk(crv="P-384"), "/body"),
    bad("same recipient twice", "schema-invalid",
        sealed(lambda jwe: jwe["recipients"].append(jwe["recipients"][0])), "/body"),
]

CASES = PARTIES + PARAMETERS + FORM
