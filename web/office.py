"""The office behind the pages: its ledger, its workers, its accounts and its live reading."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lembur.accounts import Accounts
from lembur.bus import sender
from lembur.ledger import Ledger, connect
from web.live import LiveReader
from web.session import LoginLimit, Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.ledger.types import Wakes
    from lembur.office import OfficeSetup
    from lembur.settings import Settings


@dataclass(frozen=True)
class WebOffice:
    """One open office, as pages and REST act on it."""

    settings: Settings
    ledger: Ledger
    accounts: Accounts
    sessions: Sessions
    live: LiveReader
    limit: LoginLimit = field(default_factory=LoginLimit)

    @property
    def setup(self) -> OfficeSetup:
        """The setup of the office, as it was at the newest reading."""
        return self.live.setup

    @cached_property
    def _send(self) -> Callable[[Wakes], None]:
        return sender(self.settings)

    def wake(self, wakes: Wakes) -> None:
        """Send wake-ups to the workers."""
        self._send(wakes)

    def with_token(self, token: str) -> WebOffice:
        """Return this office for one request that may be repeated under a token."""
        return replace(self, ledger=self.ledger.with_token(token)) if token else self


def open_web_office(settings: Settings) -> WebOffice:
    """Open the office that the settings name."""
    ledger = Ledger(connect(settings.redis_url), office=settings.office)
    accounts = Accounts(settings.data / "console")
    return WebOffice(settings, ledger, accounts, Sessions(accounts), LiveReader(ledger))
