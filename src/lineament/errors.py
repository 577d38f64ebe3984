"""Errors that a user can act on: one clear line, what to do, and the exit code of the command line."""


class LineamentError(Exception):
    """Base of every error raised on purpose; `exit_code` is what the command line returns for it.

    The message is one line: what is wrong, then what to do about it.
    """

    exit_code = 1


class BadInputError(LineamentError):
    """The user's input cannot be used: a broken file, an impossible value, an incompatible revision."""

    exit_code = 2


class NothingFoundError(LineamentError):
    """The input is fine but holds nothing to work on: no person, no face, no such identity."""

    exit_code = 3
