"""From a scan, photographs or body parameters to a prototype."""
