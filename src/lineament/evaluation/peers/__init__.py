"""Others, on the same probes: each as its own authors run it, and with our alignment."""
