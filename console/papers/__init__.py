"""Papers of the counter for signatures, as PDF: the interim letter, and the minutes of a destruction."""

from console.papers.interim_letter import InterimPaper, give_interim_letter, write_interim_letter
from console.papers.minutes import Destruction, find_destruction, write_minutes

__all__ = [
    "Destruction",
    "InterimPaper",
    "find_destruction",
    "give_interim_letter",
    "write_interim_letter",
    "write_minutes",
]
