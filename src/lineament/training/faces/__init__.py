"""Faces from any side: the second method and what it is compared with, on features of a frozen recogniser."""
