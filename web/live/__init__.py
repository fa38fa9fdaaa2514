"""The live office: read once for all open pages, and handed to each of them."""

from web.live.office_view import NowView, OrderRow, StationRow, view_now, view_orders
from web.live.reader import LiveReader, Reading
from web.live.sentence import describe_obstacle, describe_waits

__all__ = [
    "LiveReader",
    "NowView",
    "OrderRow",
    "Reading",
    "StationRow",
    "describe_obstacle",
    "describe_waits",
    "view_now",
    "view_orders",
]
