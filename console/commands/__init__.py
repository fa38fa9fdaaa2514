"""The commands of `lembur`, a module each."""
