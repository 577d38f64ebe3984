"""Released artefacts, each with config, card, licence and run record."""
