"""Invented messages with which the tests speak. Every person, place and number in them is made up."""

import secrets
import time
from datetime import datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7))
IMM = "id-1709.imigrasi"
POL = "id-1709.polres.ppa"
UPTD = "id-1709.uptd-ppa"
NGO = "id-1709.ngo.rumah-aman"
SOC = "id-17.dinsos.rpsa"
TF = "id-1709.gugus-tugas"
FACILITATOR = "id-1709.desa-fasilitator"


def uuid7() -> str:
    octets = bytearray(int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    octets[6] = 0x70 | octets[6] & 0x0F
    octets[8] = 0x80 | octets[8] & 0x3F
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def stamp(**offset: float) -> str:
    return (datetime.now(WIB) + timedelta(**offset)).isoformat(timespec="seconds")


def header(kind: str, hub: str, sender: str, recipients: list[str], **members: Any) -> dict[str, Any]:
    return {
        "id": uuid7(), "type": kind, "schema": f"{kind}/1.0", "hub": hub, "sent": stamp(), "expires": stamp(days=1),
        "sender": sender, "recipients": recipients, "status": "Actual", "region": "17.09", "retainDays": 90, **members}


def alert(hub: str, sender: str, recipients: list[str], **members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    body = {
        "headline": "CONTOH FIKTIF: rombongan kerja berangkat malam ini",
        "description": "CONTOH FIKTIF. Lima orang muda menunggu bus tanpa kontrak kerja.",
        "stage": "in-transit",
        "area": {"areaDesc": "Terminal fiktif", "geocode": {"KEMENDAGRI": "17.09"}},
        "contact": {"unit": "Piket", "phone": "+62000000011"},
    }
    coded = dict(
        kind="Report", event="TRAVEL_CONCERN", urgency="Immediate", severity="Severe", certainty="Likely",
        child="presumed", tlp="RED", purpose="VICTIM_SAFETY", legalBasis="PDP20-2d", privacy="P4")
    if UPTD not in [sender, *recipients]:
        coded["uptdAbsence"] = "INFORMED_BEFORE"
    return envelope_header("alert", hub, sender, recipients, coded, members), body


def referral(hub: str, sender: str, recipients: list[str], **members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    body = {
        "case": "K-0000-A1",
        "referrer": {"unit": "Manajer Kasus", "phone": "+62000000015"},
        "person": {
            "ref": "P1", "displayName": "Contoh Fiktif", "age": 17, "languages": ["ind"],
            "safeContact": {"method": "ViaReferrer"}},
        "reason": "Other",
        "summary": "CONTOH FIKTIF. Anak, 17 tahun, memerlukan rumah aman segera.",
        "requested": [{"service": "safehouse_service", "timeframe": "1_day"}],
        "consent": {"by": "individual", "scope": ["identity"], "withheld": [], "withholdReason": []},
    }
    coded = dict(
        kind="Request", priority="EMERGENCY_24H", urgency="Immediate", severity="Severe", certainty="Observed",
        services=["safehouse_service"], child="yes", tlp="RED", purpose="SERVICE_PROVISION", legalBasis="PDP20-2d",
        privacy="P4")
    return envelope_header("referral", hub, sender, recipients, coded, members), body


def referral_status(
    hub: str, sender: str, recipients: list[str], **members: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    body = {"case": "K-0000-A1", "perService": [{"service": "safehouse_service", "state": "accepted"}]}
    coded = dict(
        kind="Response", state="accepted", child="yes", tlp="RED", purpose="SERVICE_PROVISION",
        legalBasis="PDP20-2d", privacy="P2")
    return envelope_header("referral-status", hub, sender, recipients, coded, members), body


def activity_report(
    hub: str, sender: str, recipients: list[str], **members: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    body = {
        "activity": "SOSIALISASI",
        "title": "CONTOH FIKTIF: kelas waspada tawaran kerja",
        "state": "held",
        "from": stamp(hours=-4),
        "to": stamp(hours=-2),
        "where": {"KEMENDAGRI": "17.09", "precision": "kabupaten"},
        "organisers": [sender],
        "reach": {"participants": {"total": 64, "female": 35, "male": 29, "under18": 22, "disability": 2}},
    }
    coded = dict(
        kind="Report", child="no", tlp="GREEN", purpose="MONITORING", legalBasis="NONE_PERSONAL", privacy="P1")
    return envelope_header("activity-report", hub, sender, recipients, coded, members), body


def consent(hub: str, sender: str, recipients: list[str], **members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A grant that covers referrals to the shelter, under a reference of its own."""
    body = {
        "consentRef": "C-" + secrets.token_hex(6).upper(), "grantor": "Individual", "shareWith": [NGO],
        "purposes": ["SERVICE_PROVISION"], "types": ["referral", "referral-status"], "scope": ["safety"],
        "withheld": [], "from": stamp(hours=-1), "until": stamp(days=90), "informedOf": ["purpose", "withdrawal"],
        "recordRef": "sha-256:" + secrets.token_hex(32), "identityIncluded": False}
    coded = dict(
        kind="Report", action="grant", child="yes", tlp="RED", purpose="SERVICE_PROVISION", legalBasis="PDP20-2e",
        privacy="P1")
    return envelope_header("consent", hub, sender, recipients, coded, members), body


def withdrawn(hub: str, sender: str, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The end of a grant, for the broker alone."""
    coded, _ = consent(hub, sender, [hub], action="withdraw")
    ended = {"at": stamp(), "cause": "WITHDRAWN_BY_PERSON"}
    return coded, {"consentRef": reference, "ended": ended, "identityIncluded": False}


def envelope_header(
    kind: str, hub: str, sender: str, recipients: list[str], coded: dict[str, Any], members: dict[str, Any]
) -> dict[str, Any]:
    return header(kind, hub, sender, recipients) | coded | members
