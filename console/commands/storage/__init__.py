"""The commands that put an office away: backup, restore, migrate, archive."""
