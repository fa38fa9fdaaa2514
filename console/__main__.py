"""The command `lembur`. Child processes start it as the module `console`, so they do not depend on the PATH."""

import gc
import signal
import sys
from types import FrameType


def main() -> None:
    """Load the command line and run it. Ctrl-C ends both parts without a traceback, with exit code 130."""
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # A shell may ignore it.
        signal.signal(signal.SIGINT, interrupt)
    try:
        from console.cli import run

        run()
    except (Exception, KeyboardInterrupt):
        if interrupted:  # A module that is interrupted while it loads may raise another fault.
            sys.exit(130)
        raise
    finally:
        gc.freeze()  # The process ends. Without this Python would search everything for garbage once more.


if __name__ == "__main__":
    main()
