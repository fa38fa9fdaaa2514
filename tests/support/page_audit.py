"""A page as a person meets it: fields with names, texts with contrast, nothing cut off, and a focus that is seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CONTRAST: Final = 4.5
"""WCAG 2.2, AA, for text of normal size."""

AUDIT: Final = (Path(__file__).parent / "page_audit.js").read_text("utf-8")

FOCUS: Final = """
const one = document.activeElement;
if (!one || one === document.body) return null;
const style = getComputedStyle(one);
const box = one.getBoundingClientRect();
const name = one.name || one.getAttribute("href") || one.getAttribute("aria-label") || one.textContent.trim();
return {
  name: `${one.tagName.toLowerCase()} ${name}`,
  outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  shown: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
};
"""


def audit(chrome: Chrome) -> list[str]:
    """List what is wrong with the page that is open."""
    found: list[str] = chrome.execute_script(AUDIT, CONTRAST)
    return found


def focused(chrome: Chrome) -> dict[str, Any] | None:
    """Describe the element with the focus: its name, whether its outline is seen, and whether it is on the screen."""
    found: dict[str, Any] | None = chrome.execute_script(FOCUS)
    return found
