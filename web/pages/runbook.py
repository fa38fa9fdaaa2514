"""The runbook: the page to which each alert links, with one anchor for each alert."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import pairwise

from fastapi import APIRouter, Request
from markdown_it import MarkdownIt
from starlette.responses import Response

from web.pages.render import office_of, page

router = APIRouter()


@router.get("/runbook")
def show_runbook(request: Request) -> Response:
    """Show the runbook, also before a login: it holds nothing of the office, and an alert reaches any device."""
    visitor = office_of(request).sessions.read(request.cookies)
    return page(request, "access/runbook.html", visitor, runbook=_render())


@cache
def _render() -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((files("monitoring") / "runbook.md").read_text("utf-8"))
    for heading, title in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", title.content.lower())
    return str(markdown.renderer.render(tokens, markdown.options, {}))
