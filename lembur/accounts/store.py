"""The file of accounts: users, one-time links, tokens and the key of the sessions, in the data folder."""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Final

from lembur.accounts.people import ROLE_SCOPES, SECRET_LETTERS, AccountError, Person, Role, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

LINK_S: Final = 24 * 3600
"""Seconds for which a one-time link is accepted."""
LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LONGEST_SECRET: Final = 200
HASHING: Final = Semaphore(2)
"""A hash takes 64 MB on purpose: a crowd at the login waits instead of filling the memory."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS users (
    login TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, stations TEXT NOT NULL,
    hash TEXT NOT NULL, epoch INTEGER NOT NULL, active INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS links (digest TEXT PRIMARY KEY, login TEXT NOT NULL, until_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, stations TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class User:
    """A user as the file holds one; `epoch` rises with each change that ends the user's sessions."""

    login: str
    name: str
    role: Role
    stations: tuple[str, ...]
    epoch: int
    active: bool

    @property
    def person(self) -> Person:
        """The rights of this user; those of a head hold at all stations."""
        own = frozenset() if self.role is Role.HEAD else frozenset(self.stations)
        return Person(self.login, self.name, ROLE_SCOPES[self.role], own)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a program, without its secret."""

    name: str
    scopes: frozenset[Scope]
    stations: tuple[str, ...]


class Accounts:
    """The accounts of one data folder; each call is one transaction, so processes may share the file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / "accounts.sqlite"
        self._file.touch(mode=0o600)
        with self._transaction() as file:
            file.executescript(SCHEMA)

    def users(self) -> list[User]:
        """List the users by login."""
        return [_user(row) for row in self._rows("SELECT * FROM users ORDER BY login")]

    def user(self, login: str) -> User | None:
        """Find a user."""
        found = self._rows("SELECT * FROM users WHERE login = ?", login)
        return _user(found[0]) if found else None

    def add_user(self, login: str, name: str, role: Role, stations: Collection[str] = ()) -> None:
        """Add a user without a password: a one-time link lets the user choose one."""
        if not LOGIN.fullmatch(login):
            raise AccountError("a login is 2 to 32 small letters, digits, dots and hyphens, and begins with a letter")
        try:
            self._write(
                "INSERT INTO users VALUES (?, ?, ?, ?, '', 0, 1)", login, name, role, ",".join(sorted(stations))
            )
        except sqlite3.IntegrityError:
            raise AccountError(
                "there is a user %(login)s or %(name)s already: choose another", login=login, name=name
            ) from None

    def change_user(self, login: str, role: Role, stations: Collection[str], *, active: bool) -> None:
        """Change the rights of a user; open sessions have the new ones at once. One head always remains."""
        heads = {one.login for one in self.users() if one.role is Role.HEAD and one.active}
        if heads == {login} and not (role is Role.HEAD and active):
            raise AccountError("this is the last head: name another one first")
        self._write(
            "UPDATE users SET role = ?, stations = ?, active = ?, epoch = epoch + ? WHERE login = ?",
            *(role, ",".join(sorted(stations)), int(active), int(not active), login),
        )

    def check_password(self, login: str, password: str) -> User | None:
        """Return the user whose password this is; an unknown login takes as long as a wrong password."""
        row = self._rows("SELECT * FROM users WHERE login = ?", login.strip().lower())
        known = row[0]["hash"] if row and row[0]["active"] else ""
        right = _matches(known or self._dummy_hash(), password)
        return _user(row[0]) if right and known else None

    def set_password(self, login: str, password: str) -> None:
        """Set a password, and end all sessions and links of the user."""
        _check_password(password, login)
        self._write("UPDATE users SET hash = ?, epoch = epoch + 1 WHERE login = ?", _hash(password), login)
        self._write("DELETE FROM links WHERE login = ?", login)

    def make_link(self, login: str = "") -> str:
        """Make the secret of a one-time link for a user; without one, for the first head of a new file."""
        secret = secrets.token_urlsafe(24)
        self._write("DELETE FROM links WHERE login = ? OR until_s < ?", login, time.time())
        self._write("INSERT INTO links VALUES (?, ?, ?)", _digest(secret), login, time.time() + LINK_S)
        return secret

    def has_links(self) -> bool:
        """Return whether a one-time link waits for its user."""
        return bool(self._rows("SELECT login FROM links WHERE until_s > ?", time.time()))

    def login_of_link(self, secret: str) -> str | None:
        """Return the login that a link is for, '' for the first head, None when the link is used or too old."""
        found = self._rows("SELECT login FROM links WHERE digest = ? AND until_s > ?", _digest(secret), time.time())
        if not found or (not found[0]["login"] and self.users()):
            return None
        return str(found[0]["login"])

    def use_link(self, secret: str, *, login: str, name: str, password: str) -> str:
        """Choose the password of the link's user; the first head chooses login and name too. Return the login."""
        known = self.login_of_link(secret)
        if known is None:
            raise AccountError("this link was used already or is too old: ask for a new one")
        _check_password(password, known or login)
        if not known:
            self.add_user(login, name, Role.HEAD)
        self.set_password(known or login, password)
        self._write("DELETE FROM links WHERE digest = ?", _digest(secret))
        return known or login

    def tokens(self) -> list[ApiToken]:
        """List the tokens of programs."""
        return [_token(row) for row in self._rows("SELECT * FROM tokens ORDER BY name")]

    def add_token(self, name: str, scopes: Collection[Scope], stations: Collection[str] = ()) -> str:
        """Add a token for a program, and return its secret, which is kept nowhere."""
        secret = f"lembur_{secrets.token_urlsafe(32)}"
        row = (name, _digest(secret), ",".join(sorted(scopes)), ",".join(sorted(stations)))
        try:
            self._write("INSERT INTO tokens VALUES (?, ?, ?, ?)", *row)
        except sqlite3.IntegrityError:
            raise AccountError(
                "there is a token '%(name)s' already: remove it, or give another name", name=name
            ) from None
        return secret

    def remove_token(self, name: str) -> None:
        """Remove a token: its program is refused from now on."""
        if not self._rows("SELECT name FROM tokens WHERE name = ?", name):
            raise AccountError("there is no token '%(name)s': 'lembur token list' lists them", name=name)
        self._write("DELETE FROM tokens WHERE name = ?", name)

    def person_of_token(self, secret: str) -> Person | None:
        """Return the program whose token this is."""
        found = self._rows("SELECT * FROM tokens WHERE digest = ?", _digest(secret))
        if not found:
            return None
        token = _token(found[0])
        return Person(f"token:{token.name}", f"{token.name} (API)", token.scopes, frozenset(token.stations))

    def session_key(self) -> str:
        """Return the key that signs sessions."""
        return self._key("session", lambda: secrets.token_urlsafe(32))

    def _dummy_hash(self) -> str:
        return self._key("dummy", lambda: _hash(secrets.token_urlsafe()))

    def _key(self, name: str, make: Callable[[], str]) -> str:
        """Return a kept secret; the first call makes it."""
        query = "SELECT value FROM keys WHERE name = ?"
        if not self._rows(query, name):
            self._write("INSERT OR IGNORE INTO keys VALUES (?, ?)", name, make())
        return str(self._rows(query, name)[0]["value"])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, timeout=10)) as file, file:
                file.row_factory = sqlite3.Row
                yield file
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as fault:  # a full disk, a file that may only be read, or one that is damaged
            raise AccountError(
                "the accounts in %(file)s cannot be used: %(fault)s", file=self._file, fault=fault
            ) from fault

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._transaction() as file:
            return file.execute(query, values).fetchall()

    def _write(self, query: str, *values: Any) -> None:
        with self._transaction() as file:
            file.execute(query, values)


def _user(row: sqlite3.Row) -> User:
    return User(
        row["login"], row["name"], Role(row["role"]), _words(row["stations"]), row["epoch"], bool(row["active"])
    )


def _token(row: sqlite3.Row) -> ApiToken:
    return ApiToken(row["name"], frozenset(map(Scope, _words(row["scopes"]))), _words(row["stations"]))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()  # a random secret needs no slow hash


def _hash(password: str) -> str:
    from argon2 import PasswordHasher

    with HASHING:
        return PasswordHasher().hash(password)


def _matches(known: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import VerifyMismatchError

    try:
        with HASHING:
            return PasswordHasher().verify(known, password[:LONGEST_SECRET])
    except VerifyMismatchError:
        return False


def _check_password(password: str, login: str) -> None:
    if not SECRET_LETTERS <= len(password) <= LONGEST_SECRET:
        raise AccountError(
            "a password has %(least)s to %(most)s letters: choose another", least=SECRET_LETTERS, most=LONGEST_SECRET
        )
    if login and login in password.lower():
        raise AccountError("the password contains the login: choose another")
