"""Recipes, loops, checkpoints and export to ONNX (workshop)."""
