"""What was seen of an office: its state at a moment, its history, forecasts of it."""
