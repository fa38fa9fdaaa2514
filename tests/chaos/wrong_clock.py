"""Run a module with a wrong clock: `python -m chaos.wrong_clock SECONDS MODULE ...` puts Python's time that much off.

`libfaketime` would do it for every library, but its 0.9.10 breaks `time.sleep` of Python 3.11.
"""

from __future__ import annotations

import runpy
import sys
import time

if __name__ == "__main__":
    right, off_s = time.time, float(sys.argv[1])
    time.time = lambda: right() + off_s
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
