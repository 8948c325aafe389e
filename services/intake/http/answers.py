"""What intake's commands answer when there is nothing else to say."""

from pydantic import BaseModel


class Done(BaseModel):
    """The thing and its version: send the version as If-Match, X-Position as X-Min-Position."""

    id: str
    version: int
