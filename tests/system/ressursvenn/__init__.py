"""The story "Ressursvenn, Oslo", by chapters."""
