"""AsyncAPI 3.0 of one service: the channels it sends to and reads from, with CloudEvents headers and examples."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contracts import referral, topics
from contracts.base import Event, JsonObject, event_classes
from contracts.envelope import Origin, StreamId, commit_headers, event_headers
from contracts.publish.catalogue import Published, events_of, published
from contracts.publish.streams import category_of
from contracts.publish.values import COORDINATOR, REQUEST, TENANT

_AT = datetime(2026, 8, 19, 7, 15, 3, tzinfo=UTC)
_ORIGIN = Origin(_AT, _AT, "0199d2a5-7d10-7c55-8e21-3f6a90b1c2d4", COORDINATOR)
_DAY_MS = 24 * 3600 * 1000
_TEXT: JsonObject = {"type": "string", "minLength": 1}
_INSTANT: JsonObject = {"type": "string", "format": "date-time"}
_COUNT: JsonObject = {"type": "string", "pattern": "^[1-9][0-9]{0,14}$"}

EVENT_HEADERS: JsonObject = {
    "type": "object",
    "description": "CloudEvents 1.0, binary mode.",
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**_TEXT, "description": "derived from stream and position: sent twice, it is the same"},
        "ce_source": {**_TEXT, "description": "/kobling/<service>"},
        "ce_type": {**_TEXT, "description": "name of the event"},
        "ce_schemaversion": {**_COUNT, "description": "of the body"},
        "ce_tenant": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "ce_stream": {"type": "string", "pattern": "^[^/]+/[^/]+/[^/]+$", "description": "tenant/category/id"},
        "ce_position": {**_COUNT, "description": "in the stream, without gaps"},
        "ce_time": {**_INSTANT, "description": "when it happened"},
        "ce_recordedtime": {**_INSTANT, "description": "when it was written down"},
        "ce_correlationid": _TEXT,
        "ce_causationid": {**_TEXT, "description": "ce_id of the event that led to it"},
        "ce_actor": {**_TEXT, "description": "pseudonym of a person or name of a system"},
        "traceparent": {**_TEXT, "description": "W3C trace context"},
    },
    "required": [
        *("content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_schemaversion", "ce_tenant"),
        *("ce_stream", "ce_position", "ce_time", "ce_recordedtime", "ce_correlationid", "ce_actor"),
    ],
}

MESSAGE_HEADERS: JsonObject = {
    "type": "object",
    "description": "CloudEvents 1.0, binary mode. Other headers are let through unread.",
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**_TEXT, "maxLength": 255, "description": "of the message; an answer sent twice has the same"},
        "ce_source": {**_TEXT, "maxLength": 255, "description": "the system that wrote it"},
        "ce_type": {"enum": [referral.REFERRAL, referral.STATUS, referral.REJECTED]},
        "ce_schemaversion": {"const": str(referral.SCHEMA_VERSION)},
        "ce_tenant": {"type": "string", "pattern": "^[a-z0-9-]+$", "description": "the tenant of the topic"},
        "ce_time": _INSTANT,
        "traceparent": {**_TEXT, "description": "W3C trace context"},
    },
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_schemaversion"],
}


def asyncapi(service: str, handles: dict[str, tuple[str, ...]]) -> JsonObject:
    """The public document; events that nobody else may read are left out.

    `handles`: topic → names of the events that the service reads from it.
    """
    sent = {topics.events_of(service): [cls.event_type for cls in events_of(service)]}
    read = {topic: _public(names) for topic, names in handles.items()}
    channels = {
        topic: _event_channel(topic, {*sent.get(topic, ()), *read.get(topic, ())}) for topic in {**sent, **read}
    }
    operations = {f"send-{_dashed(topic)}": _operation("send", topic, names) for topic, names in sent.items() if names}
    operations |= {f"receive-{_dashed(topic)}": _operation("receive", topic, names) for topic, names in read.items()}
    if service == "intake":
        channels |= _referral_channels()
        operations |= _referral_operations()
    used = {name for channel in channels.values() for name in channel["messages"]}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Kobling {service}",
            "version": "1",
            "description": f"What the service {service} sends and reads on Kafka. Personal fields are ciphertext.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: channel for name, channel in channels.items() if channel["messages"]},
        "operations": operations,
        "components": {
            "schemas": {"EventHeaders": EVENT_HEADERS, "MessageHeaders": MESSAGE_HEADERS},
            "messages": {item.name: _message(item) for item in published() if item.name in used},
        },
    }


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not event_classes()[name].internal]


def _dashed(topic: str) -> str:
    return topic.replace(".", "-")


def _event_channel(topic: str, names: Iterable[str]) -> JsonObject:
    return {
        "address": topic,
        "description": "Keyed by stream, in order per stream, at least once, kept for ever.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(names)},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": topics.PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
            }
        },
    }


def _referral_channels() -> JsonObject:
    told = (
        (referral.REFERRAL, "Written by the tenant's own systems."),
        (referral.STATUS, "What became of each referral; several per referral."),
        (referral.REJECTED, "Referrals that could not be read, with the field."),
    )
    return {
        topic.name.partition(".")[0]: {
            "address": topic.name,
            "description": f"{words} Kept for {topic.retention_ms // _DAY_MS} days.",
            "parameters": {"tenant": {"description": "an organisation that answers for its own data"}},
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions}},
        }
        for topic, (name, words) in zip(topics.topics_of_tenant("{tenant}"), told, strict=True)
    }


def _referral_operations() -> JsonObject:
    return {
        "receive-referrals": _operation("receive", "referrals", [referral.REFERRAL]),
        "send-referral-status": _operation("send", "referral-status", [referral.STATUS]),
        "send-referral-rejected": _operation("send", "referral-rejected", [referral.REJECTED]),
    }


def _operation(action: str, channel: str, names: Sequence[str]) -> JsonObject:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def _message(item: Published) -> JsonObject:
    is_event = issubclass(item.model, Event)
    message: JsonObject = {
        "name": item.name,
        "title": f"{item.name}, schema version {item.version}",
        "summary": item.schema["description"],
        "headers": {"$ref": f"#/components/schemas/{'EventHeaders' if is_event else 'MessageHeaders'}"},
        "payload": {"$ref": f"../{item.stem}.schema.json"},
        "examples": [{"name": "headers", "headers": example_headers(item)}],
    }
    if is_event:
        key = {"type": "string", "description": f"the stream: tenant/{category_of(item.name)}/id"}
        message["correlationId"] = {"location": "$message.header#/ce_correlationid"}
        message["bindings"] = {"kafka": {"key": key}}
    return message


def example_headers(item: Published) -> JsonObject:
    """For an event, made by the code that makes the real ones."""
    if not issubclass(item.model, Event):
        return {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": "fb-msg-90417",
            "ce_source": "/fjordby/case-system" if item.name == referral.REFERRAL else "/kobling/intake",
            "ce_type": item.name,
            "ce_schemaversion": str(item.version),
        }
    service = item.name.partition(".")[0]
    stream = StreamId(TENANT, category_of(item.name), REQUEST)
    headers = event_headers(
        commit_headers(str(stream), _ORIGIN),
        source=f"/kobling/{service}",
        name=item.name,
        schema_version=item.version,
        position=1,
    )
    return {name: value.decode() for name, value in headers}
