"""Covariates to labelled samples (workshop)."""
