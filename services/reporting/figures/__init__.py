"""The figures: each a file of arithmetic and, beside it, a file of words that say what it means."""

from services.reporting.figures import funnel, loneliness, matches, recruitment, requests, support, training, volunteers
from services.reporting.figures.figure import Figure

FIGURES: tuple[Figure, ...] = (
    requests.figure,
    volunteers.figure,
    recruitment.figure,
    training.figure,
    funnel.figure,
    matches.figure,
    support.figure,
    loneliness.figure,
)
