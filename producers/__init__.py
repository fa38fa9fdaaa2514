"""What brings cards in: files, field visits, and the feed that plays a scenario."""
