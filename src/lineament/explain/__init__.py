"""Words, pictures and the report."""
