"""Hard rules of ranking that are refused when somebody is picked against them, under the name that `why_not` gives."""

from chassis.refusal import Refusal


class LeftInPeace(Refusal):
    rule, sentence = "fristed", "This helper wishes to be left in peace for now. Choose another candidate."


class RequesterLeftInPeace(Refusal):
    rule, sentence = (
        "requester_fristed",
        "Who asks wishes to be left in peace for now, and keeps the place in the queue.",
    )


class GenderNotWished(Refusal):
    rule, sentence = "gender_not_wished", "Who asks wishes for somebody of another gender. Choose another candidate."


class RoleDoesNotFit(Refusal):
    rule, sentence = "role_does_not_fit", "This helper is approved for other roles. Choose another candidate."


class CategoryDoesNotFit(Refusal):
    rule, sentence = "category_does_not_fit", "This is a matter for an authority, not for a helper."


# Who is proposed against these would be proposed against somebody's word. Approval and a free place are asked of the
# helper's own stream instead; and who was proposed before may be proposed again.
BEFOREHAND: tuple[type[Refusal], ...] = (
    RequesterLeftInPeace,
    LeftInPeace,
    GenderNotWished,
    RoleDoesNotFit,
    CategoryDoesNotFit,
)
