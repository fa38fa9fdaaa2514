"""The command `lembur` as a module, for children that must not depend on what is on the PATH."""

from console.cli import main

main()
