"""What happens to cards: Celery workers that verify and print."""
