"""The least that takes a command over HTTP: FastAPI reads the body and answers with an id. Served by uvicorn alone."""

from uuid import uuid4

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Wish(BaseModel):
    programme: str
    person_id: str
    what: str


@app.post("/v1/requests", status_code=201)
async def post_request(wish: Wish) -> dict[str, str]:
    return {"request_id": uuid4().hex, "programme": wish.programme}
