"""The office's rules, pure: time, randomness and data come in as arguments."""
