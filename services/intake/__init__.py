"""The front door: programmes, people, volunteers and requests (README.md)."""
