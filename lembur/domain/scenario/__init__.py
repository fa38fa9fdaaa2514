"""A scenario: its tables, its rules, and how its file is read."""
