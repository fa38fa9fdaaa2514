"""Commands about the office as a whole: its file, its changes, its faults and its reports."""
