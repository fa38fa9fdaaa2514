"""Reads a scenario's file, and lists all its faults in plain words."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from lembur.domain.card import VERDICTS
from lembur.domain.errors import ScenarioError, write_value
from lembur.domain.scenario.fields import moments_in
from lembur.domain.scenario.model import Scenario
from lembur.domain.scenario.region import read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

    from lembur.domain.scenario.fields import Part

Tables = dict[str, Any]
Location = tuple[int | str, ...]

LONGEST_VALUE: Final = 60
FINITE: Final = ConfigDict(allow_inf_nan=False)


def shipped_scenarios() -> list[str]:
    """List the names of the scenarios that come with the program."""
    return sorted(
        file.name.removesuffix(".toml") for file in files("scenarios").iterdir() if file.name.endswith(".toml")
    )


def load(source: str) -> Scenario:
    """Read a scenario by its shipped name or from a TOML file. ScenarioError lists all its faults at once."""
    tables = _read(source, shipped_scenarios())
    faults = _read_region(source, tables)
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        others = [one for one in _faults_of(tables, error) if not (faults and one.startswith("region"))]
        raise ScenarioError(source, [*faults, *others]) from None


def _read_region(source: str, tables: Tables) -> list[str]:
    """Replace the name of the region's file by its rows, and list the faults of that file."""
    name = tables.get("region")
    if isinstance(name, dict):  # which the ledger has, and no file
        tables["region"] = None
        return ["region: is a table, but must be text: a file such as region.csv beside the scenario"]
    if not isinstance(name, str) or not name.lower().endswith(".csv"):
        return []
    try:
        text = (Path(source).parent / name).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return [f"region: {name} is not UTF-8: save the file as UTF-8"]
    except (OSError, ValueError) as error:
        return [
            f"region: {name} cannot be read: {getattr(error, 'strerror', None) or error}; it lies beside the scenario"
        ]
    rows, faults = read_rows(text)
    tables["region"] = None if faults else {"name": Path(name).stem, "kelurahan": rows}
    return [f"region: {name} {fault}" for fault in faults]


def _read(source: str, shipped: Sequence[str]) -> Tables:
    """Read the tables of a shipped scenario or of a file."""
    if source in shipped:
        return _parse_text(source, files("scenarios").joinpath(f"{source}.toml").read_bytes())
    path = Path(source)
    try:
        return _parse_text(source, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise ScenarioError(source, [_unknown(source, shipped)]) from None
    except OSError as error:
        raise ScenarioError(source, [f"the file cannot be read: {error.strerror}"]) from error


def _unknown(source: str, shipped: Sequence[str]) -> str:
    known = f"the shipped scenarios are {', '.join(shipped)}"
    close = get_close_matches(source.removesuffix(".toml"), shipped, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    return f"there is no scenario and no file of this name: {guess}{known}"


def _parse_text(source: str, content: bytes) -> Tables:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError(source, [f"line {line} is not UTF-8: save the file as UTF-8"]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(source, [_syntax(str(error), text)]) from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise ScenarioError(source, ["a number has too many digits"]) from None
    except RecursionError:
        raise ScenarioError(source, ["the tables are nested too deeply"]) from None


def _syntax(message: str, text: str) -> str:
    lines = text.splitlines() or [""]
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not found:
        return message
    line, column = (int(found[2]), int(found[3])) if found[2] else (len(lines), len(lines[-1]) + 1)
    row = lines[line - 1].strip() if line <= len(lines) else ""
    remedy = next((f": {text}" for start, text in _REMEDIES.items() if found[1].startswith(start)), "")
    return f"line {line}, column {column}: {found[1]}, in `{_shorten(row)}`{remedy}"


def _faults_of(tables: Tables, error: ValidationError) -> list[str]:
    """List every fault: first the values that cannot be read, then those that do not fit together."""
    unread = [_describe_fault(fault, tables, Scenario) for fault in error.errors() if fault["type"] != "faults"]
    with moments_in(tables.get("time_zone")):
        _, unfit = _draft(Scenario, tables, (), tables)
    return list(dict.fromkeys([*unread, *unfit]))


def _draft(model: type[Part], table: Mapping[str, Any], at: Location, tables: Tables) -> tuple[Part, list[str]]:
    """Build a table from the values that can be read, with None for the others, and collect its faults."""
    values: Tables = {}
    faults: list[str] = []
    for name, field in model.model_fields.items():
        inner, value = _table_in(field.annotation), table.get(name)
        one = field.annotation is inner
        if name not in table:
            values[name] = None if field.is_required() else field.get_default(call_default_factory=True)
        elif inner is None or isinstance(value, str):  # a text may name a shipped table
            values[name] = _readable(Annotated[field.annotation, field], value, None if inner else FINITE)
        elif isinstance(value, dict) and one:
            values[name], more = _draft(inner, value, (*at, name), tables)
            faults += more
        elif isinstance(value, list) and not one:
            tidy = [row if isinstance(row, dict) else {} for row in value]
            rows = [_draft(inner, row, (*at, name, index), tables) for index, row in enumerate(tidy)]
            values[name] = tuple(row for row, _ in rows)
            faults += [fault for _, more in rows for fault in more]
        else:
            values[name] = None
    draft = model.model_construct(**values)
    own = [f"{_join_path(_where(at, tables), where)}: {what}" for where, what in draft.faults()]
    return draft, own + faults


def _readable(kind: Any, value: object, config: ConfigDict | None) -> object:  # noqa: ANN401  (any type that the models name)
    try:
        return TypeAdapter(kind, config=config).validate_python(value)
    except ValidationError:
        return None


def _table_in(annotation: object) -> type[Part] | None:
    """Find the model of a table or of a list of tables."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind  # type: ignore[return-value]
    return None


def _join_path(where: str, more: str) -> str:
    return f"{where}.{more}" if where and more else where or more


def _where(at: Location, tables: Tables) -> str:
    """Write a place in the file: a station by its code, a row of another list by its number from 1."""
    path = ""
    value: Any = tables
    for part in at:
        value = value[part] if part in (value if isinstance(value, dict) else range(len(value or ()))) else None
        if isinstance(part, str):
            path = _join_path(path, part if re.fullmatch(r"[\w-]+", part) else f'"{part}"')
        else:
            path += f".{value['code']}" if _is_named(value, tables) else f"[{part + 1}]"
    return path


def _is_named(row: object, tables: Tables) -> bool:
    code = row.get("code") if isinstance(row, dict) else None
    stations = tables.get("stations")
    rows = stations if isinstance(stations, list) else []
    return isinstance(code, str) and sum(isinstance(other, dict) and other.get("code") == code for other in rows) == 1


def _describe_fault(fault: ErrorDetails, tables: Tables, model: type[Part]) -> str:
    """Write one finding of the validator in words, with the given value."""
    at = fault["loc"]
    if at and at[-1] == "[key]":
        at = at[:-1]
    return f"{_where(at, tables)}: {_sentence(fault, at, model)}"


def _sentence(fault: ErrorDetails, at: Location, model: type[Part]) -> str:
    kind, context = fault["type"], {name: write_value(value) for name, value in fault.get("ctx", {}).items()}
    if kind == "enum" and fault["loc"][-1] == "[key]":
        kind = "verdict"
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "extra_forbidden":
        names = list(_model_at(at[:-1], model).model_fields)
        close = get_close_matches(str(at[-1]), names, n=1)
        if homes := _tables_with(str(at[-1])):
            return f"is no field here: it belongs {' or '.join(homes)}"
        return f"is no field here: did you mean {close[0]}?" if close else f"is no field here: use {', '.join(names)}"
    must = _MUST[kind].format(**context) if kind in _MUST else fault["msg"]
    must = re.sub(r"<[\w.]+: ('\w+')>", r"\1", must)  # a status by its name alone
    return f"is {_value(fault['input'])}, but {must}"


def _tables_with(name: str) -> list[str]:
    """List the tables that have a field of this name, for one that stands below the wrong title."""
    homes = ["above the first table of the file"] if name in Scenario.model_fields else []
    for table, field in Scenario.model_fields.items():
        inner = _table_in(field.annotation)
        if inner and table != "region" and name in inner.model_fields:  # a region has a file of its own
            homes.append(f"to [{table}]" if field.annotation is inner else f"to [[{table}]]")
    return homes


_REMEDIES: Final = {
    "Cannot declare": "this table is there twice: keep one, or write [[ ]] for a row of a list",
    "Cannot overwrite a value": "this field is there twice: keep one",
    "Expected newline": (
        "write decimals with a point (0.02), dates that exist (2016-08-25), times in two digits up to 23:59 "
        "(08:00:00), text in quotes"
    ),
    "Invalid date or datetime": "there is no such day or time",
    "Invalid value": "write text in straight quotes, numbers in digits, and true or false without quotes",
}
"""Remedies for what the reader of TOML finds, by the beginning of its message."""
_SENTENCES: Final = {
    "missing": "is missing: add it",
    "too_short": "is empty: write at least one",
    "string_too_short": "is empty: write something",
}
_MUST: Final = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "finite_number": "must be a finite number",
    "verdict": f"must be a verdict of the centre: {', '.join(sorted(VERDICTS))}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "string_pattern_mismatch": "must be small letters, digits and hyphens, a letter first, at most 31",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


def _value(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return _shorten(text)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _model_at(at: Location, model: type[Part]) -> type[Part]:
    for part in at:
        if isinstance(part, str):
            model = _table_in(model.model_fields[part].annotation) or model
    return model
