"""The accounts of the web console: people with their roles, and programs with their tokens."""

from lembur.accounts.people import ROLE_SCOPES, SECRET_LETTERS, AccountError, Person, Role, Scope
from lembur.accounts.store import Accounts, ApiToken, User

__all__ = [
    "ROLE_SCOPES",
    "SECRET_LETTERS",
    "AccountError",
    "Accounts",
    "ApiToken",
    "Person",
    "Role",
    "Scope",
    "User",
]
