"""The session of a person in a browser, and the checks before a person acts."""

from web.session.identity import NeedsLoginError, NotAllowedError, Posted, Sessions, Visitor, posted, visitor
from web.session.limits import LoginLimit

__all__ = [
    "LoginLimit",
    "NeedsLoginError",
    "NotAllowedError",
    "Posted",
    "Sessions",
    "Visitor",
    "posted",
    "visitor",
]
