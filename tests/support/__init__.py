"""What tests share: servers, runs of `lembur`, programs of the system, and ways to wait."""
