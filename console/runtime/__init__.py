"""Runs an office's processes: server, workers, feed, Flower, Prometheus."""
