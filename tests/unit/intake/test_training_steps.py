"""The list that a volunteer ticks off: what a role asks for, in its order, and nothing it does not ask for."""

from services.intake.pages.training import Step, steps

NEEDS = {"hours": 12.0, "modules": ["measure", "role"], "confidentiality": "v1", "certificate": None, "talk": True}


def test_steps_come_in_the_order_in_which_a_role_is_learnt_each_done_or_not() -> None:
    progress = {"met": ("talk",), "missing": ("hours", "modules", "confidentiality")}

    assert steps(NEEDS, progress, frozenset({"measure", "elsewhere"})) == [
        Step("hours", is_done=False),
        Step("modules", is_done=False, parts=[("measure", True), ("role", False)]),
        Step("confidentiality", is_done=False),
        Step("talk", is_done=True),
    ]


def test_a_role_that_asks_for_nothing_has_no_steps() -> None:
    needs = {**NEEDS, "modules": [], "talk": False}
    assert steps(needs, {"met": (), "missing": ()}, frozenset()) == []
