"""What intake says to people in their language: rules, ways that stay open, where a request stands (S3.19, S3.75)."""

from collections.abc import Mapping
from pathlib import Path

from chassis.http.sentences import LANGUAGES, Sentences
from services.intake.domain.eligibility import Ineligible

SENTENCES = Path(__file__).with_name("sentences.yaml")


class Wording:
    """The catalogue of `sentences.yaml`. Languages are nb, nn, da and en."""

    def __init__(self) -> None:
        self._sentences = Sentences.read(SENTENCES)
        self._refusals = {refusal.rule: refusal for refusal in Ineligible.__subclasses__()}
        self._options = {
            language: {code: self._sentences.code(code, language) for code in self._sentences.codes}
            for language in LANGUAGES
        }

    def options(self, language: str) -> Mapping[str, str]:
        """The text of every option by its code."""
        return self._options[language]

    def reason(self, rule: str | None, language: str) -> str | None:
        """The sentence of the rule that declined or ended a request."""
        refusal = self._refusals.get(rule or "")
        return None if refusal is None else self._sentences.rule(refusal, language)

    def status(self, status: str, rule: str | None, language: str) -> str:
        """Where a request stands, in plain words: one that a rule ended is told as one that it declined."""
        return self._sentences.code("request-declined" if rule else f"request-{status}", language)
