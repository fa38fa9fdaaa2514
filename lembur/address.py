"""The address of the server: checked once for ledger and bus alike, and shown without its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from lembur.domain.errors import Sentence, SettingsError

SHAPE: Final = re.compile(
    r"(?P<scheme>rediss?)://"
    r"(?:(?P<user>[^][:@/?#]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^][:@/?#\s]+)(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<database>\d{0,4}))?(?:\?(?P<options>[^@#]*))?",
    re.DOTALL,
)
MISPLACED: Final = re.compile(r"(^\d{1,5}(/\d*)?|@.*)\?")
"""In a password: a port or host with options behind it. The '@' that follows belongs to an option, not to the host."""
CERTIFICATES: Final = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
PORT: Final = 6379
HIGHEST_PORT: Final = 65_535
FAULT: Final = Sentence(
    "the address of the server (--redis, or LEMBUR_REDIS_URL) must be like redis://:PASSWORD@HOST:6379/0: a number "
    "behind the last '/', nothing behind '?', and '%40' for an '@' in the password"
)
"""One sentence for every fault: to quote the address could show a part of its password."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a server's address; as text it has no password."""

    scheme: str
    user: str
    password: str = field(repr=False)
    host: str
    port: int
    database: int
    certificates: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"redis at {self.host}:{self.port}/{self.database}"

    @property
    def url(self) -> str:
        """The address with every special sign encoded, so that redis-py and kombu read it alike."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user or self.password else ""
        # Without the first option kombu would accept any certificate.
        options = [("ssl_cert_reqs", "required"), *self.certificates] if self.scheme == "rediss" else []
        query = "?" + urlencode(options, safe="/") if options else ""
        return f"{self.scheme}://{login}{self.host}:{self.port}/{self.database}{query}"


def parse_address(text: str) -> Address:
    """Read an address; `/`, `#` and `?` may stand in its password as they are."""
    match = SHAPE.fullmatch(text.strip())
    if match is None or MISPLACED.search(match["password"] or ""):
        raise SettingsError.of(FAULT)
    port = int(match["port"] or PORT)
    options = parse_qsl(match["options"] or "", keep_blank_values=True)
    allowed = CERTIFICATES | {"ssl_cert_reqs"} if match["scheme"] == "rediss" else set()
    if not 0 < port <= HIGHEST_PORT or not {name for name, _ in options} <= allowed or match["options"] == "":
        raise SettingsError.of(FAULT)
    return Address(
        scheme=match["scheme"],
        user=unquote(match["user"] or ""),
        password=unquote(match["password"] or ""),
        host=match["host"],
        port=port,
        database=int(match["database"] or 0),
        certificates=tuple((name, value) for name, value in options if name in CERTIFICATES),
    )
