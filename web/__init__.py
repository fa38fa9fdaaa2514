"""The web console: pages on which a shift lead decides, and the REST interface behind the same functions."""

from web.app import create_app
from web.server import serve

__all__ = ["create_app", "serve"]
