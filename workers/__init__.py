"""Celery workers that verify and print cards. Other packages start them as processes and import nothing from here."""
