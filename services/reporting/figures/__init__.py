"""The figures: each a file of arithmetic and, beside it, a file of words that say what it means."""

from services.reporting.figures import (
    activities,
    categories,
    chances,
    funnel,
    loneliness,
    matches,
    recruitment,
    requests,
    resources,
    support,
    tenders,
    training,
    volunteers,
)
from services.reporting.figures.figure import Figure

FIGURES: tuple[Figure, ...] = (
    requests.figure,
    categories.figure,
    tenders.figure,
    chances.figure,
    resources.figure,
    activities.figure,
    volunteers.figure,
    recruitment.figure,
    training.figure,
    funnel.figure,
    matches.figure,
    support.figure,
    loneliness.figure,
)
