"""Words for a request over HTTP that got no answer."""

from __future__ import annotations

import httpx2

UNTRUSTED = "certificate verify failed: "
"""OpenSSL writes its reason behind these words."""


def describe_fault(fault: httpx2.HTTPError) -> str:
    """Describe the reason for people: a certificate that is not trusted is the one that they can mend here."""
    if isinstance(fault, httpx2.TimeoutException):
        return "no answer came in time"
    text = str(fault) or type(fault).__name__
    _, is_untrusted, reason = text.partition(UNTRUSTED)
    return f"this machine does not trust its certificate ({reason.partition(' (_ssl')[0]})" if is_untrusted else text
