"""The commands that copy, restore, convert and archive an office."""
