"""The report of a run: collected once, shown in the terminal, as JSON and as a page."""
