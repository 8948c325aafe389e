"""The story "Ressourcebanken, Rudersdal", by chapters."""
