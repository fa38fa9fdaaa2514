"""Write the dashboards: `python -m monitoring.grafana.generate`. A test compares the committed files with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from monitoring.grafana.flow import flow
from monitoring.grafana.overtime import overtime
from monitoring.grafana.quality import quality
from monitoring.grafana.system import system
from monitoring.grafana.wall import wall

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).parent / "dashboards"


def files() -> Iterator[tuple[Path, str]]:
    """Yield the path and the content of every dashboard."""
    for made in (wall(), flow(), quality(), overtime(), system()):
        dashboard = made.build()
        yield FOLDER / f"{dashboard.uid}.json", json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text, "utf-8")
