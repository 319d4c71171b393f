"""The vendors' Python types accept the definitions and messages."""
from collections.abc import Iterator

import mcp_types
from anthropic.types import MessageParam, ToolParam
from jsonschema import Draft202012Validator
from mcp_types.jsonrpc import JSONRPCRequest, JSONRPCResponse
from mcp_types.methods import validate_client_request, validate_server_result
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS
from openai.lib._pydantic import _ensure_strict_json_schema
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from openai.types.responses import FunctionToolParam, ResponseInputParam
from pydantic import TypeAdapter, ValidationError

from store import FORMATS, check, messages, tool, value

TOOL = {
    "anthropic": ToolParam,
    "openai": FunctionToolParam,
    "openai-chat": ChatCompletionFunctionToolParam,
    "mcp": mcp_types.Tool,
}
MESSAGES = {
    "anthropic": list[MessageParam],
    "openai": ResponseInputParam,
    "openai-chat": list[ChatCompletionMessageParam],
}


def read_out(validated):
    """Pydantic validates an Iterable only when it is read."""
    if isinstance(validated, dict):
        return {key: read_out(item) for key, item in validated.items()}
    if isinstance(validated, (list, Iterator)) or type(validated).__name__ == "ValidatorIterator":
        return [read_out(item) for item in validated]
    return validated


def accept(type_, given):
    """The type takes all of it: it refuses an unknown key, and gives back what it was given."""
    adapter = TypeAdapter(type_)
    validated = adapter.validate_python(given, extra="forbid")
    if type_ is mcp_types.Tool or type_ in (JSONRPCRequest, JSONRPCResponse):
        validated = validated.model_dump(by_alias=True, exclude_unset=True)
    assert read_out(validated) == given, validated


def refuse(type_, given):
    try:
        accept(type_, given)
    except ValidationError:
        return
    raise AssertionError(f"{type_} takes {given}")


for user in ["alice", "bob"]:
    for format in FORMATS:
        definition = tool(user, format)
        schema = (definition.get("input_schema") or definition.get("parameters") or definition.get("inputSchema")
                  or definition["function"]["parameters"])

        @check(f"{user}, {format}: the tool is the SDK's {TOOL[format].__name__}, and has no other key")
        def _():
            accept(TOOL[format], definition)
            refuse(TOOL[format], {**definition, "unknown": 1})

        @check(f"{user}, {format}: jsonschema takes the schema, and with it the registry's names alone")
        def _():
            Draft202012Validator.check_schema(schema)
            validator = Draft202012Validator(schema)
            names = value(user, "SELECT array_agg(name) FROM skills.ai_registry()")
            assert schema["properties"]["name"]["enum"] == names
            for name in names:
                assert validator.is_valid({"name": name})
            for wrong in [{}, None, "deploy", {"name": None}, {"name": "unknown"}, {"name": [names[0]]},
                          {"name": names[0], "version": 1}]:
                assert not validator.is_valid(wrong), wrong

        @check(f"{user}, {format}: OpenAI's SDK finds nothing to change for strict mode")
        def _():
            # It changes the schema in place: give it one of its own.
            own = tool(user, format)
            own = own.get("input_schema") or own.get("parameters") or own.get("inputSchema") or own["function"]["parameters"]
            assert _ensure_strict_json_schema(own, path=(), root=own) == schema

    for format, type_ in MESSAGES.items():
        @check(f"{user}, {format}: the messages are the SDK's, and have no other key")
        def _():
            given = messages(user, format)
            hello = {"role": "user", "content": "hello"}
            accept(type_, [hello, *given])
            refuse(type_, [{**given[0], "unknown": 1}, *given[1:]])
            if format == "anthropic":
                block = {**given[1]["content"][0], "unknown": 1}
                refuse(type_, [given[0], {**given[1], "content": [block]}])

    for version in KNOWN_PROTOCOL_VERSIONS:
        # From 2026-07-28 on each message says who speaks and how far the work is: that
        # is known to the host, which adds it. The rest is taken as it is given.
        host = {"resultType": "complete"} if version >= "2026" else {}
        speaker = {"_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "host", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {}}} if version >= "2026" else {}

        @check(f"{user}, mcp {version}: the SDK takes the tool")
        def _():
            around = {**host, "ttlMs": 0, "cacheScope": "private"} if version >= "2026" else {}
            validate_server_result("tools/list", version, {"tools": [tool(user, "mcp")], **around})

        @check(f"{user}, mcp {version}: the SDK takes the request")
        def _():
            for request in messages(user, "mcp")[::2]:
                accept(JSONRPCRequest, request)
                validate_client_request(request["method"], version, {**request["params"], **speaker})

        @check(f"{user}, mcp {version}: the SDK takes the response")
        def _():
            for response in messages(user, "mcp")[1::2]:
                accept(JSONRPCResponse, response)
                validate_server_result("tools/call", version, {**response["result"], **host})
