"""Object code of the kernels, kept on the disk. Only the first process compiles, and only it imports numba.

The import of numba takes longer than many an answer. LLVM alone loads object code in hundredths of a second.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from stat import S_IFDIR
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from llvmlite import binding as llvm

from planner.simulation.kernel_arrays import KERNELS, types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from planner.simulation.kernel_arrays import AssignmentArrays, ReplayArrays

ENTRY: Final = "entry"
"""Name of a kernel's compiled function, in its module and in its object code."""
NOTHING_TO_FREE: Final = "define void @NRT_MemInfo_call_dtor(ptr %memory) { ret void }"
"""Numba's function that frees an array. The arrays of a kernel belong to its caller, so it is never called."""
KEY_BYTES: Final = 8
CHECKSUM_BYTES: Final = 16
"""A file that a power cut left short is never run: it begins with a checksum of its code."""
NO_BYTES: Final = ctypes.c_char * 0
PRIVATE: Final = 0o700
"""Mode of a folder that only its user can read and write."""

_kernels: Final[dict[str, Kernel]] = {}
_loading: Final = Lock()


class Kernel:
    """A compiled kernel of this room, by the name of its module."""

    def __init__(self, name: str) -> None:
        self._types = types_of(name)
        source, machine = Path(__file__).with_name(f"{name}.py"), _make_machine()
        code = _read(source) or _keep(source, _compile(name))
        # The engine owns the memory of the code.
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
        self._call: Callable[..., None] = call(self._engine.get_function_address(ENTRY))

    def run(self, arrays: ReplayArrays | AssignmentArrays) -> None:
        """Run the kernel on its arrays. Other threads run meanwhile."""
        if tuple(array.dtype for array in arrays) != self._types:
            message = f"arrays of the kernel have types {[str(array.dtype) for array in arrays]}"
            raise TypeError(message)
        # An array with gaps is refused here. NumPy's types know its buffers from Python 3.12 on.
        addresses = [ctypes.addressof(NO_BYTES.from_buffer(array)) for array in arrays]  # type: ignore[arg-type]
        lengths = [array.size for array in arrays]
        self._call((ctypes.c_void_p * len(arrays))(*addresses), (ctypes.c_int64 * len(arrays))(*lengths))


def load_kernel(name: str) -> Kernel:
    """Return a kernel. The first process that asks compiles it."""
    if name not in _kernels:
        with _loading:
            if name not in _kernels:
                _kernels[name] = Kernel(name)
    return _kernels[name]


def load_kernels() -> None:
    """Load every kernel, so that no later question waits for a compiler."""
    for name in KERNELS:
        load_kernel(name)


def _compile(name: str) -> bytes:
    """Compile a kernel by numba, for the processor of this machine."""
    entry = getattr(import_module(f"{__package__}.{name}"), ENTRY)
    module = llvm.parse_assembly(entry.inspect_llvm())
    module.get_function(entry.native_name).name = ENTRY
    module.link_in(llvm.parse_assembly(NOTHING_TO_FREE))
    code: bytes = _make_machine().emit_object(module)
    return code


def _make_machine() -> Any:  # noqa: ANN401 - llvmlite has no types
    """Return LLVM's description of this machine, as numba uses it: code for x86 has fixed addresses."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple = llvm.get_process_triple()
    cpu, features = _processor()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=3, reloc="static" if triple.startswith("x86") else "default", jit=True
    )


@cache
def _processor() -> tuple[str, str]:
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _read(source: Path) -> bytes | None:
    for file in _files(source):
        with suppress(OSError):
            kept = file.read_bytes()
            checksum, code = kept[:CHECKSUM_BYTES], kept[CHECKSUM_BYTES:]
            if checksum == _checksum(code):
                return code
    return None


def _checksum(code: bytes) -> bytes:
    return blake2b(code, digest_size=CHECKSUM_BYTES).digest()


def _keep(source: Path, code: bytes) -> bytes:
    """Keep object code in the first folder that takes it. Where none does, the next process compiles again."""
    for file in _files(source):
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_checksum(code) + code)
            draft.replace(file)
            break
    return code


def _files(source: Path) -> Iterator[Path]:
    """Yield the files for a kernel's object code: beside its bytecode, and in a folder of this user.

    Where any source of this room is another one, or the interpreter, the compiler or the processor, so is the file.
    """
    sources = (one.read_bytes() for one in sorted(source.parent.glob("*.py")))
    made_of = (*sources, *(part.encode() for part in (sys.version, version("numba"), *_processor())))
    key = blake2b(b"\0".join(made_of), digest_size=KEY_BYTES).hexdigest()
    yield Path(cache_from_source(str(source))).with_suffix(f".{key}.o")
    own = Path(tempfile.gettempdir()) / f"lembur-{os.getuid()}"
    with suppress(OSError):
        own.mkdir(mode=PRIVATE, exist_ok=True)
        found = own.lstat()
        # Code that another user wrote must never run.
        if found.st_uid == os.getuid() and found.st_mode == S_IFDIR | PRIVATE:
            yield own / f"{source.stem}.{key}.o"
