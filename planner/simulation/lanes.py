"""Sixteen completion times in one vector register: a type of the kernel, and what it does with them.

LLVM's instructions are written here by hand, because numba's own do not keep a vector in its register.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from planner.simulation.kernel_arrays import LANES

_WORD: Final = ir.IntType(64)
_VECTOR: Final = ir.VectorType(_WORD, LANES)
_INDEX: Final = ir.VectorType(ir.IntType(32), LANES)


class _Lanes(types.Type):
    """Sixteen integers in a register, ascending."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


_LANES: Final = _Lanes()


def _address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    data = cgutils.create_struct_proxy(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _VECTOR.as_pointer())


def _everywhere(builder: Any, word: Any) -> Any:
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), word, ir.IntType(32)(0))
    return builder.shuffle_vector(one, one, ir.Constant(_INDEX, [0] * LANES))


def _pick(builder: Any, order: str, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_signed(order, one, other), one, other)


@intrinsic
def load_lanes(_: Any, array: Any, index: Any) -> Any:
    """Load the lanes from `array[index:]`."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.load(_address(context, builder, signature.args[0], *given), align=8)

    return _LANES(array, types.int64), build


@intrinsic
def store_lanes(_: Any, array: Any, index: Any, lanes: Any) -> Any:
    """Store the lanes into `array[index:]`."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.store(given[2], _address(context, builder, signature.args[0], *given[:2]), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, lanes), build


@intrinsic
def first_lane(_: Any, lanes: Any) -> Any:
    """Return the lowest lane: the moment at which a seat is free."""

    def build(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.extract_element(given[0], ir.IntType(32)(0))

    return types.int64(lanes), build


@intrinsic
def serve_card(_: Any, lanes: Any, above: Any, since: Any, takes: Any) -> Any:
    """Serve a card with the seat of the lowest lane: it is done `takes` after max(lowest lane, `since`).

    The lowest value leaves and that moment enters: lane j becomes the median of lane j, lane j+1 and the moment.
    `above` is the value behind the last lane. Everything stays in vectors: moving a number out of one and back is
    the slowest part.
    """

    def build(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        lanes, above, since, takes = given
        lowest = builder.shuffle_vector(lanes, lanes, ir.Constant(_INDEX, [0] * LANES))
        begun = _pick(builder, ">", lowest, _everywhere(builder, since))
        done = builder.add(begun, _everywhere(builder, takes))
        up = builder.shuffle_vector(lanes, _everywhere(builder, above), ir.Constant(_INDEX, list(range(1, LANES + 1))))
        return _pick(builder, ">", lanes, _pick(builder, "<", up, done))

    return _LANES(lanes, types.int64, types.int64, types.int64), build
