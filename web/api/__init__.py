"""The REST interface `/api/v1`: the same functions and checks as the pages and the command line."""

from web.api.application import create_api

__all__ = ["create_api"]
