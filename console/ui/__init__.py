"""The board in the terminal, and how times are written."""
