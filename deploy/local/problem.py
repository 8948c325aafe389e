"""What keeps the local stack from starting, told in one sentence."""


class StackProblem(Exception):
    """The stack cannot start or go on. The message is one sentence for the person at the terminal."""
