"""The rasteriser: pictures with exact 2D-3D labels (workshop)."""
