"""Telephone numbers as they are typed, and as they are stored: E.164."""

import phonenumbers

from chassis.refusal import Refusal
from services.intake.domain.calendar import Country


class PhoneInvalid(Refusal):
    rule, status = "phone_invalid", 422
    sentence = "This is no telephone number that can be called. Write it with its country code, as in +47."
    field = "phone"


def e164(text: str, *, country: Country = "NO") -> str:
    """The number in E.164, read as one of that country where it has no `+`. Raises PhoneInvalid."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise PhoneInvalid() from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def without_country(number: str) -> str:
    """What follows the country code in E.164: all that is the same in `+45 41 23 45 01` and `41 23 45 01`."""
    return phonenumbers.national_significant_number(phonenumbers.parse(number))
