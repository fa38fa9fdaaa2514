"""The bus of wake-ups: its queues, its tasks, and the Celery application that carries them."""

from lembur.bus.wakeups import PRINT_NEXT, VERIFY_NEXT, make_app, node_of, queue_of, send, sender

__all__ = ["PRINT_NEXT", "VERIFY_NEXT", "make_app", "node_of", "queue_of", "send", "sender"]
