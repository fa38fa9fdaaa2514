"""Prometheus beside an office, where the machine has one, with our rules. Its data are in the run's folder."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from lembur.files import write_private

if TYPE_CHECKING:
    from console.runtime.supervisor import Processes
    from lembur.settings import Settings

PORT = 9090
CONFIG = """\
global:
  scrape_interval: 5s
  evaluation_interval: 5s
  external_labels: {{console: "{web_console}"}}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: lembur
    static_configs: [{{targets: ["{exporter}"]}}]
  - job_name: prometheus
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def start_prometheus(processes: Processes, settings: Settings, *, exporter: str, web_console: str) -> str:
    """Start Prometheus under supervision. Return its address, or a sentence about the missing part.

    Its alerts link to the runbook of the web console at this address.
    """
    program = shutil.which("prometheus")
    if program is None:
        return "not here: install Prometheus (on Debian the package prometheus) to keep the figures and see alerts"
    port, folder = processes.reserve_port(PORT), settings.data / "prometheus"
    with as_file(files("monitoring") / "prometheus" / "rules") as rules:
        shutil.copytree(rules, folder / "rules", dirs_exist_ok=True)
    write_private(folder / "prometheus.yml", CONFIG.format(exporter=exporter, web_console=web_console, port=port))
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    processes.start("prometheus", command)
    return f"http://127.0.0.1:{port}  (no login: it listens on this machine only)"
