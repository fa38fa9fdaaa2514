"""Roles, scopes, and the one check: may this person act so at these stations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LemburError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET_LETTERS: Final = 10
"""Letters of the shortest password."""


class AccountError(LemburError):
    """An account, password or token that cannot be accepted."""


class Role(StrEnum):
    """A viewer looks, a lead acts at her own stations, a head acts at all of them and manages the users."""

    VIEWER = "viewer"
    LEAD = "lead"
    HEAD = "head"


class Scope(StrEnum):
    """A part of the work that a person or a token may do."""

    READ = "read"
    CARDS = "cards"
    SEATS = "seats"
    STOCK = "stock"
    PLAN = "plan"
    USERS = "users"


ROLE_SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.LEAD: frozenset(Scope) - {Scope.USERS},
    Role.HEAD: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A user or a program that has shown who it is; `stations` is empty for all stations."""

    login: str
    name: str
    scopes: frozenset[Scope]
    stations: frozenset[str] = frozenset()

    def may(self, scope: Scope, *stations: str) -> bool:
        """Return whether this person may act so at all these stations."""
        return scope in self.scopes and (not self.stations or self.stations.issuperset(stations))
