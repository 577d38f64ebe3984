"""Photographs to people: decode, detect, crop, register, embed; ONNX Runtime only."""
