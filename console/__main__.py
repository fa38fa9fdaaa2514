"""The command `lembur`, also as the module `console` for children that must not depend on what is on the PATH."""

import signal
import sys
from types import FrameType


def main() -> None:
    """Load the command line and run it; Ctrl-C ends either part without a traceback, with exit code 130."""
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell may have it ignored
        signal.signal(signal.SIGINT, interrupt)
    try:
        from console.cli import run

        run()
    except (Exception, KeyboardInterrupt):
        if interrupted:  # a module that was being loaded may make another fault of it
            sys.exit(130)
        raise


if __name__ == "__main__":
    main()
