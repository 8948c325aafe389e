"""What a tender's text may not say: whom to call, where to go, who asks (S1.14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.identifying import identifying

pytestmark = pytest.mark.requirement("S1.14")

NAMES = ("Ida Oppdiktet-Lønne",)
DIGITS = st.text("0123456789", min_size=8, max_size=8)
WORDS = st.sampled_from(["hylder", "sætte op", "hjælp til haven", "cykel", "tre timer", "en lampe", "på lørdag"])


@pytest.mark.parametrize(
    "text",
    [
        "2 hylder, 120 cm, 3 timer",
        "Sætte to hylder op, 2 timer, helst inden den 14.11.2026",
        "Græsplæne på 400 m2, 2-3 timer, lørdag 10.00-12.30",
        "Hjælp til computer: Windows 11, 16 GB RAM, 2 programmer",
        "Sy 4 gardiner, 140 x 250 cm, stof haves",
        "Handle ind for 300 kr. hver uge i 4 uger",
        "Foredrag om Kinas økonomi for 25 personer",
        "Bænk i haven, 3 timer, værktøj findes",
        "Arbejde i haven 3 timer, ukrudt i frugthaven 2 gange",
        "Et pænt stykke arbejde i 2026",
        "",
    ],
)
def test_harmless_words_pass(text: str) -> None:
    assert identifying(text, NAMES) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ring 22 33 44 55", "phone"),
        ("Ring +45 22334455", "phone"),
        ("0045-2233-4455", "phone"),
        ("(+47) 912 34 567", "phone"),
        ("22.33.44.55 efter kl. 16", "phone"),
        ("22 33 og 44 55", "phone"),
        ("２２３３４４５５", "phone"),
        ("22\u200b33\u200b44\u200b55", "phone"),
        ("tlf. 12345", "phone"),
        ("kari@example.org", "email"),
        ("kari (at) example", "email"),
        ("kari snabel-a example", "email"),
        ("se www.example.org", "web"),
        ("se example.dk", "web"),
        ("find mig på facebook", "web"),
        ("Opdigtervej 12", "address"),
        ("Opdigtergade 3 B, 2. th", "address"),
        ("Diktergata 7", "address"),
        ("2840 Opdigterup", "address"),
        ("DK-2840 Opdigterup", "address"),
        ("010170-1234", "national-number"),
        ("01017012345", "national-number"),
        ("Spørg efter Ida", "name"),
        ("spørg efter IDA", "name"),
        ("hos fru Lønne", "name"),
    ],
)
def test_what_identifies_is_named_by_its_kind(text: str, kind: str) -> None:
    assert identifying(f"To hylder, {text}.", NAMES) == (kind,)


@given(DIGITS, st.lists(st.sampled_from(["", " ", "-", ".", "  ", "/"]), min_size=7, max_size=7), WORDS)
def test_eight_digits_are_found_however_they_are_written(digits: str, gaps: list[str], words: str) -> None:
    written = "".join(digit + gap for digit, gap in zip(digits, [*gaps, ""], strict=True))
    assert set(identifying(f"{words} {written} {words}")) & {"phone", "national-number"}


@given(
    st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{2,8}\.(dk|no|org)", fullmatch=True),
    st.sampled_from(["", " ", "  "]),
    WORDS,
)
def test_mails_are_found(mail: str, gap: str, words: str) -> None:
    assert "email" in identifying(f"{words} {mail.replace('@', f'{gap}@{gap}')} {words}")


@given(st.lists(WORDS, max_size=6), st.integers(0, 999), st.sampled_from(["cm", "timer", "kr.", "stk."]))
def test_amounts_with_units_are_harmless(words: list[str], amount: int, unit: str) -> None:
    assert identifying(f"{', '.join(words)}: {amount} {unit} og {amount} {unit}") == ()


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(identifying(text, NAMES), tuple)
