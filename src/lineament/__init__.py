"""Recognise people in photographs by registering them to enrolled 3D prototypes, and show why."""
