"""Addresses of error reports, signed for an hour. They name the member who asked, whose permission counts when they are opened."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from wire.signing import Signer

VALID_FOR = timedelta(hours=1)
_PURPOSE = "report"


@dataclass(frozen=True, slots=True)
class ReportLink:
    """Which import's report was asked for, by whom, and until when the address works."""

    bulk_import_id: UUID
    issuer: str
    subject: str
    expires_at: datetime


class ReportLinks:
    """Signs the addresses and reads them back."""

    def __init__(self, base_url: str, secrets: tuple[str, ...]) -> None:
        self._base_url, self._signer = base_url, Signer(secrets, "plaudit report")

    def address(self, bulk_import_id: UUID, issuer: str, subject: str, now: datetime) -> str:
        body = orjson.dumps([bulk_import_id.hex, issuer, subject, int((now + VALID_FOR).timestamp())])
        return f"{self._base_url}/reports/{self._signer.sign(_PURPOSE, body)}.csv"

    def read(self, token: str, now: datetime) -> ReportLink | None:
        """None if the address was not signed here, or has expired."""
        body = self._signer.read(_PURPOSE, token)
        if body is None:
            return None
        key, issuer, subject, ends = orjson.loads(body)
        expires_at = datetime.fromtimestamp(ends, UTC)
        return ReportLink(UUID(hex=key), issuer, subject, expires_at) if now < expires_at else None
