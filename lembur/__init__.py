"""The heart of Lembur: what all rooms agree upon."""
