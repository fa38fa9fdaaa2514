"""Settings: read once from the environment, checked whole, passed on explicitly."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_OFFICE = "3372"
"""Surakarta (Kemendagri code): the case this system is checked against."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the ledger is, whose it is, and where files of this machine go."""

    redis_url: str
    office: str = DEFAULT_OFFICE
    data: Path = Path("var")
    lease_s: float = 15.0

    @property
    def printers(self) -> Path:
        """Where the printers of this machine log their jobs."""
        return self.data / "printers"

    def environment(self) -> dict[str, str]:
        """The same settings as variables for a child process."""
        return {
            "LEMBUR_REDIS_URL": self.redis_url,
            "LEMBUR_OFFICE": self.office,
            "LEMBUR_DATA": str(self.data),
            "LEMBUR_LEASE_S": str(self.lease_s),
        }


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; every fault is told at once."""
    given = os.environ if environment is None else environment
    faults = []
    url = given.get("LEMBUR_REDIS_URL", "")
    try:
        url = _with_password(url, given.get("LEMBUR_REDIS_PASSWORD_FILE", ""))
    except OSError as fault:
        faults.append(f"LEMBUR_REDIS_PASSWORD_FILE cannot be read: {fault.filename} ({fault.strerror})")
    if not url.startswith(("redis://", "rediss://")):
        faults.append("LEMBUR_REDIS_URL must be an address like redis://:password@127.0.0.1:6379/0")
    office = given.get("LEMBUR_OFFICE", DEFAULT_OFFICE)
    if not (office.isdigit() and len(office) == 4):  # noqa: PLR2004 - province and city have two digits each
        faults.append(f"LEMBUR_OFFICE must be the four digits of province and city, not '{office}'")
    lease = given.get("LEMBUR_LEASE_S", "15")
    if not lease.replace(".", "", 1).isdigit() or float(lease) <= 0:
        faults.append(f"LEMBUR_LEASE_S must be a number of seconds above zero, not '{lease}'")
    if faults:
        raise SettingsError("; ".join(faults))
    return Settings(url, office, Path(given.get("LEMBUR_DATA", "var")).absolute(), float(lease))


def _with_password(url: str, file: str) -> str:
    """Put the password from a file into an address that holds none: what is in the environment, others may see."""
    parts = urlsplit(url)
    if not file or parts.password:
        return url
    password = quote(Path(file).read_text().strip(), safe="")
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{password}@{server}").geturl()
