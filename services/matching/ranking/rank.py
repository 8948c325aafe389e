"""Candidates for a request, best first, each with its reasons: the kernel finds them, plain words explain them."""

from services.matching.ranking.criteria import Question
from services.matching.ranking.explain import Ranked, explain
from services.matching.ranking.kernel import against, best
from services.matching.ranking.table import HelperTable


def rank(table: HelperTable, question: Question, *, limit: int) -> list[Ranked]:
    """The best `limit` helpers. Software ranks and explains, a person decides (S2.30)."""
    found = best(table, question, limit=limit)
    return [explain(candidate, question) for candidate in table.candidates(found.rows, question)]


def pass_over(table: HelperTable, question: Question, *, limit: int) -> list[Ranked]:
    """`limit` helpers who are not among them, each with every rule that stands against it."""
    rows = against(table, question, limit=limit)
    return [explain(candidate, question) for candidate in table.candidates(rows, question)]


def look_at(table: HelperTable, helper_id: str, question: Question) -> Ranked:
    """One helper, with every rule that stands against it; who is not in the table is not listed."""
    row = table.row_of(helper_id)
    if row is None:
        return Ranked(helper_id, 0.0, (), ("not_listed",))
    [candidate] = table.candidates([row], question)
    return explain(candidate, question)
