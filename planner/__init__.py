"""How many seats, how many hours, with what chance, at what cost: pure, knows only `lembur.domain`."""
