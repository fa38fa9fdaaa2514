"""The user interface: the command line, the report, and the processes it starts."""
