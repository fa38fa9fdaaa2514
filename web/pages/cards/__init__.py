"""The pages of cards: find and list them, one card and the acts on it, the counter, and intake by upload."""

from web.pages.cards import acts, card_page, counter, intake, listing

routers = (intake.router, listing.router, card_page.router, counter.router, acts.router)
"""In this order, because an address with a card or a verb in it also fits the addresses before."""

__all__ = ["routers"]
