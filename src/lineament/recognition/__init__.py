"""From registration to evidence, a calibrated score and a decision."""
