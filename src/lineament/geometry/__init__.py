"""Cameras, alignment, the template, the site model and splatting: numpy only."""
