"""Serve the web console: `python -m web HOST PORT`, with the settings in the environment."""

import sys

from lembur.domain.errors import SettingsError
from lembur.settings import read_settings
from web import serve

if __name__ == "__main__":  # the planner's process imports this file again
    try:
        serve(read_settings(), host=sys.argv[1], port=int(sys.argv[2]))
    except SettingsError as fault:
        sys.exit(f"lembur: {fault}")
