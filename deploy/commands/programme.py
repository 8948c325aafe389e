"""`kobling programme`: take a programme that works to another municipality, with its terms and no persons (S1.25)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml
from pydantic import ValidationError

from contracts.policy import Mandate
from contracts.template import ProgrammeTemplate, ResidenceMissing
from deploy.commands.database import stopped

if TYPE_CHECKING:
    import httpx

app = typer.Typer(
    no_args_is_help=True, help="Take a programme that works to somebody else, with its terms and no persons."
)

Tenant = Annotated[str, typer.Option(help="Whose programme it is.")]
Url = Annotated[str, typer.Option(help="Where the stack answers.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="KOBLING_TOKEN", help="An access token of the tenant; else the local issuer's coordinator."),
]
Code = Annotated[str, typer.Argument(help="The programme's code.")]
File = Annotated[Path, typer.Argument(help="What `kobling programme export` wrote.")]
By = Annotated[str, typer.Option(help="Who decided to take it over, e.g. a committee.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which they decided.")]
NewCode = Annotated[str | None, typer.Option("--code", help="Another code than the programme has in the file.")]
Municipality = Annotated[str | None, typer.Option(help="Where people live whom a programme for residents is for.")]
OptionalDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First and last day of a mandate.")]

_LOCAL = "http://127.0.0.1:8080"


@app.command()
def export(code: Code, tenant: Tenant, url: Url = _LOCAL, token: Token = None) -> None:
    """Print the programme as a template: policy, terms and categories; of the tenant and its people nothing."""
    typer.echo(ask_intake(url, tenant, token, lambda http, path: exported(http, path, code)), nl=False)


@app.command()
def adopt(
    file: File,
    tenant: Tenant,
    by: By,
    on: Day,
    code: NewCode = None,
    municipality: Municipality = None,
    mandate_from: OptionalDay = None,
    mandate_to: OptionalDay = None,
    url: Url = _LOCAL,
    token: Token = None,
) -> None:
    """Adopt an exported programme as a pilot of another tenant; the same again changes nothing."""
    template = read_template(file)
    try:
        policy = template.adopted(
            by=by, on=on.date(), municipality=municipality, mandate=_mandate(mandate_from, mandate_to)
        )
    except ResidenceMissing:
        raise stopped("This programme is for residents: say of which municipality with --municipality.") from None
    body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_defaults=True), "adopted_by": by}
    body["adopted_on"] = on.date().isoformat()
    adopted_code = code or template.programme
    version = ask_intake(url, tenant, token, lambda http, path: adopted(http, path, adopted_code, body))
    typer.echo(f"{tenant} has adopted {adopted_code}, version {version} of its stream.")


async def exported(http: httpx.AsyncClient, path: str, code: str) -> str:
    """The template as YAML; `path` is where intake answers. Raises typer.Exit where it says no."""
    answer = answered(await http.get(f"{path}/v1/programmes/{code}/template"))
    template = ProgrammeTemplate.model_validate(answer)
    found = template.model_dump(mode="json", by_alias=True, exclude_none=True)
    found["policy"] = template.policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return str(yaml.safe_dump(found, allow_unicode=True, sort_keys=False))


async def adopted(http: httpx.AsyncClient, path: str, code: str, body: dict[str, Any]) -> str:
    return str(answered(await http.post(f"{path}/v1/programmes/{code}/policy", json=body))["version"])


def read_template(file: Path) -> ProgrammeTemplate:
    """Raises typer.Exit for a file that is none."""
    try:
        # By way of JSON: a day in YAML is a date, and a policy takes it as text like everything that comes over HTTP.
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        return ProgrammeTemplate.model_validate_json(json.dumps(found, default=str))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise stopped(f"{file} cannot be read: {problem}") from None
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise stopped(f"{file} is no exported programme: {where}: {first['msg']}") from None


def _mandate(begins: datetime | None, ends: datetime | None) -> Mandate | None:
    if begins is None and ends is None:
        return None
    if begins is None or ends is None or ends < begins:
        raise stopped("A mandate has a first and a last day: --mandate-from and --mandate-to, in this order.")
    days: dict[str, date] = {"from": begins.date(), "to": ends.date()}
    return Mandate.model_validate(days)


def answered(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        found: dict[str, Any] = answer.json()
        return found
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    field = f" ({problem['field']})" if problem.get("field") else ""
    raise stopped(f"{answer.status_code}: {problem.get('detail') or problem.get('title') or answer.text}{field}")


def ask_intake(
    url: str, tenant: str, token: str | None, ask: Callable[[httpx.AsyncClient, str], Awaitable[str]]
) -> str:
    import httpx

    from deploy.local.issuer import log_in

    if token is not None and tenant_of(token) != tenant:
        raise stopped(f"This token is not one of {tenant}.")

    async def asked() -> str:
        async with httpx.AsyncClient(timeout=30) as http:
            bearer = token or await log_in(http, f"{url.rstrip('/')}/issuer", f"{tenant}-coordinator")
            http.headers["Authorization"] = f"Bearer {bearer}"
            return await ask(http, f"{url.rstrip('/')}/intake")

    try:
        return asyncio.run(asked())
    except httpx.HTTPStatusError:
        raise stopped(f"The issuer at {url} knows no coordinator of {tenant}: give a token in KOBLING_TOKEN.") from None
    except httpx.TransportError:
        raise stopped(f"Nothing answers at {url}: is `make up` running?") from None


def tenant_of(token: str) -> str | None:
    """Whose token it says it is: looked at so that nobody adopts for another by mistake; intake verifies it."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(claims["tenant"])
    except (IndexError, ValueError, KeyError, TypeError):
        return None
