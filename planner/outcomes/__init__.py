"""What a replay leads to: completion, backlog, forecast, one card's date."""
