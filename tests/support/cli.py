"""The command line inside the test's own process: quick enough for many hundred commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from console.cli import app
from lembur.domain.errors import LemburError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """The output of a command, its exit code, and the sentence of a refusal."""

    output: str
    exit_code: int
    refusal: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at the command line of one office.

    `columns` is the width of the terminal; `broker` is the server of the messages, for an office on a Redis Cluster.
    """

    redis_url: str
    office: str
    data: Path
    columns: int = 200
    broker: str = ""

    def ask(self, *words: str) -> Answer:
        """Run a command; a fault that is no refusal is raised."""
        environment = {
            "LEMBUR_REDIS_URL": self.redis_url,
            "LEMBUR_OFFICE": self.office,
            "LEMBUR_DATA": str(self.data),
            "COLUMNS": str(self.columns),
            **({"LEMBUR_BROKER_URL": self.broker} if self.broker else {}),
        }
        done = CliRunner().invoke(app, words, env=environment)
        if done.exception and not isinstance(done.exception, LemburError | SystemExit):
            raise done.exception
        refusal = str(done.exception) if isinstance(done.exception, LemburError) else ""
        return Answer(done.output, done.exit_code, refusal)

    def do(self, *words: str) -> str:
        """Run a command that must succeed, and return its output."""
        answer = self.ask(*words)
        assert answer.exit_code == 0, (words, answer)
        return answer.output

    def be_refused(self, *words: str) -> str:
        """Run a command that must be refused in a sentence, and return the sentence."""
        answer = self.ask(*words)
        assert answer.exit_code != 0, (words, answer)
        return answer.refusal or answer.output
