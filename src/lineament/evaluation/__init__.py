"""Metrics and data sets: the figures this project quotes."""
