"""What is wrong with the DNS records of a domain that sends mail, in sentences that say which record to create."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.dkim import DkimKey

_RESERVED = re.compile(r"(?:.+\.)?(?:test|example|invalid|localhost|example\.(?:com|net|org))")
_REGISTRIES = re.compile("ac|com?|edu|gob|gouv|govt?|gv|go|ltd|mil|net?|nom|org?|plc|sch")
"""Labels below which countries register names of others, as in co.uk. A suffix that is missing here matters only if it has a
DMARC record."""
_MOST_PARENTS = 7
_SPF = re.compile(rb"v=spf1(?: |\Z)", re.IGNORECASE)
_DMARC = re.compile(rb"\s*v\s*=\s*DMARC1\s*(?:;|\Z)")
_POLICIES = (b"none", b"quarantine", b"reject")
_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """The records of one type at one name: the text of each TXT record, the host of each MX record. `exists`: whether the name
    has records of any type, or names below it."""

    records: Sequence[bytes] = ()
    exists: bool = True


def is_reserved(domain: str) -> bool:
    """Whether nobody can receive mail there (RFC 2606, RFC 6761)."""
    return bool(_RESERVED.fullmatch(domain))


def of_missing_domain(domain: str) -> str:
    return f"The domain {domain} does not exist in the DNS. Correct it where it is misspelled, or register it."


def of_spf(domain: str, answer: Answer) -> str | None:
    """RFC 7208. `answer`: the domain's TXT records."""
    found = [record for record in answer.records if _SPF.match(record)]
    if not found:
        return (
            f"{domain} has no SPF record, so receivers cannot tell who may send for it. Create, with the name that your relay's "
            f'provider gives you: {domain}. TXT "v=spf1 include:_spf.relay.example.net -all"'
        )
    if len(found) > 1:
        return (
            f"{domain} has {len(found)} SPF records, so receivers ignore them all. Merge them into one: "
            f'{domain}. TXT "v=spf1 include:_spf.relay.example.net -all"'
        )
    if _allows_everyone(found[0]):
        return f"The SPF record of {domain} allows everyone to send for it. End it with -all instead of +all."
    return None


def _allows_everyone(spf: bytes) -> bool:
    """The first `all` decides; without a qualifier it means +all (RFC 7208, 4.6.2 and 5.1)."""
    terms = (term for term in spf.lower().split() if term.lstrip(b"+-~?") == b"all")
    return next(terms, b"") in (b"all", b"+all")


def of_mx(domain: str, answer: Answer) -> str | None:
    """`answer`: the domain's MX records."""
    create = f"with the host that receives its mail: {domain}. MX 10 mail.{domain}."
    if not answer.records:
        return f"{domain} has no MX record, so replies and bounces may not arrive. Create, {create}"
    if all(host == b"." for host in answer.records):  # RFC 7505
        return f"{domain} has a null MX record: it receives no mail, and receivers refuse mail from it. Replace it, {create}"
    return None


def dmarc_places(domain: str) -> list[str]:
    """The domain and its parents, except public suffixes: where receivers look for DMARC records, in this order.

    A receiver asks only the domain and the one that was registered (RFC 7489, 6.6.3), but needs the Public Suffix List to find
    it."""
    labels = domain.split(".")
    parents = [".".join(labels[at:]) for at in range(1, len(labels))][-_MOST_PARENTS:]
    return [domain, *(parent for parent in parents if not _is_public_suffix(parent))]


def _is_public_suffix(domain: str) -> bool:
    label, _, top = domain.rpartition(".")
    return not label or (len(top) == 2 and _REGISTRIES.fullmatch(label) is not None)


def dmarc_records(answer: Answer) -> list[bytes]:
    """The others are ignored, as receivers do."""
    return [record for record in answer.records if _DMARC.match(record)]


def of_dmarc(domain: str, place: str, answer: Answer) -> str | None:
    """`place`: the first of `dmarc_places` with a DMARC record; `answer`: the TXT records of `_dmarc.` there."""
    found = dmarc_records(answer)
    if not found:
        return (
            f"{domain} has no DMARC record, which Gmail and Yahoo require of bulk senders. Create: "
            f'_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:dmarc@{domain}"'
        )
    create = f'_dmarc.{place}. TXT "v=DMARC1; p=none; rua=mailto:dmarc@{place}"'
    if len(found) > 1:
        return f"_dmarc.{place} has {len(found)} DMARC records, so receivers ignore them all. Leave one: {create}"
    policy = _tags(found[0]).get(b"p", b"")
    if policy.lower() in _POLICIES:
        return None
    return f"_dmarc.{place} has the unknown policy p={_quoted(policy)}. Write none, quarantine or reject, for example: {create}"


def of_dkim(key: DkimKey, answer: Answer) -> str | None:
    """`answer`: the TXT records at the key's `record_name`."""
    place, create = key.record_name, f'{key.record_name}. TXT "{key.record}"'
    found = [tags for tags in map(_tags, answer.records) if b"p" in tags and tags.get(b"v", b"DKIM1") == b"DKIM1"]
    if not found:
        return f"{place} has no DKIM record for the key in PLAUDIT_DKIM_KEYS, so signatures are not valid. Create: {create}"
    if len(found) > 1:
        return f"{place} has {len(found)} DKIM records, so signatures may not be valid. Leave one: {create}"
    if not found[0][b"p"]:
        return (
            f"The DKIM record at {place} is revoked (p= is empty). Set another selector and key in PLAUDIT_DKIM_KEYS, or replace "
            f"the record: {create}"
        )
    if not _holds(found[0], key):
        return (
            f"The DKIM record at {place} has another public key than the key in PLAUDIT_DKIM_KEYS, so signatures are not valid. "
            f"Correct the setting, or replace the record: {create}"
        )
    return None


def _holds(tags: dict[bytes, bytes], key: DkimKey) -> bool:
    """Whether this DKIM record has the public key."""
    text = b"".join(tags[b"p"].split())
    try:
        public = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)  # padding is optional (RFC 6376, 2.10)
    except binascii.Error:
        return False
    return tags.get(b"k", b"rsa").lower() == key.kind.encode() and public in key.public_forms


def _tags(record: bytes) -> dict[bytes, bytes]:
    """The tags of a record like `v=DKIM1; p=…` (RFC 6376, 3.2)."""
    pairs = (part.partition(b"=") for part in record.split(b";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _quoted(text: bytes) -> str:
    """Safe to print: whoever writes a record can put anything in it."""
    shown = "".join(chr(byte) if chr(byte).isprintable() and byte < 128 else "?" for byte in text[:_LONGEST_QUOTE])
    return shown if len(text) <= _LONGEST_QUOTE else f"{shown}..."
