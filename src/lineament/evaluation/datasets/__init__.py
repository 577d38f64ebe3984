"""Data sets that a user holds: each reader checks what it is pointed at and yields plain records."""
