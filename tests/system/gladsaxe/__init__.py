"""The story of the mentors in Gladsaxe, by chapters."""
