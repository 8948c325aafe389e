"""A certificate is shown and never stored, however it is sent (S2.25)."""

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from chassis.http.refusals import UnsupportedContentType
from chassis.http.routes import Handler, Route
from chassis.refusal import Refusal


class CertificateNotStored(Refusal):
    rule, status, field = "certificate_not_stored", 422, "certificate"
    sentence = "A certificate is shown, never stored. Say who saw it, what for, and how long it is valid."


class CertificateRoute(Route):
    """Takes no file and no field with content: both are refused with the same words, and nothing was read of them."""

    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await answer(request)
            except UnsupportedContentType:
                raise CertificateNotStored() from None
            except RequestValidationError as fault:
                if any(entry["type"] == "extra_forbidden" for entry in fault.errors()):
                    raise CertificateNotStored() from None
                raise

        return handle
