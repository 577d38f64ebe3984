"""Enrolled prototypes: store, search, enrolment."""
