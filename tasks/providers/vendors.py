"""The one module that calls pydantic-ai and the vendors' SDKs; `vendor_errors` knows their exceptions.

Importing those takes seconds and a hundred megabytes, so it happens when the first call is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tasks.errors import ProviderError, ProviderUnavailable
from tasks.providers.calls import Usage, estimated_usage
from tasks.providers.vendor_errors import brief, is_refused, translated

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI
    from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent
    from pydantic_ai.models import Model

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"


@dataclass(frozen=True)
class Access:
    """How to reach the vendors. With `openai_base_url` a key is optional: local servers have none."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    anthropic_api_key: str = field(default="", repr=False)
    anthropic_base_url: str = ""
    requires_finish_reason: bool = True
    """Off only for OpenAI-like servers that never send one: a stream that breaks off then passes as whole."""


@dataclass(frozen=True)
class Turn:
    speaker: Literal["user", "assistant"]
    text: str


@dataclass
class Reply:
    """What has arrived so far; it can still be read when the call failed or was cancelled."""

    text: str = ""
    usage: Usage | None = None
    is_refused: bool = False
    """True when the provider turned the request down before a model saw it: nothing was used."""


@dataclass(frozen=True)
class OpenModel:
    model: Model
    client: AsyncOpenAI | AsyncAnthropic

    async def close(self) -> None:
        await self.client.close()


def open_model(name: str, access: Access) -> OpenModel:
    """Make the client of "openai:NAME" or "anthropic:NAME". Slow at first. Raises ProviderError."""
    vendor, _, model_name = name.partition(":")
    if vendor == "openai" and model_name:
        return _open_openai(model_name, access)
    if vendor == "anthropic" and model_name:
        return _open_anthropic(model_name, access)
    raise ProviderError(f"{name!r} is no known model: PIPELINE_MODELS takes openai:NAME and anthropic:NAME.")


def _open_openai(model_name: str, access: Access) -> OpenModel:
    if not (access.openai_api_key or access.openai_base_url):
        raise ProviderError("OPENAI_API_KEY is not set: set it, or OPENAI_BASE_URL for a local server.")
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    # Every argument is given, because the SDK would read a missing one from the environment.
    client = AsyncOpenAI(
        api_key=access.openai_api_key or "none",
        base_url=access.openai_base_url or OPENAI_URL,
        max_retries=0,
    )
    profile = OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=access.requires_finish_reason,
        openai_chat_supports_multiple_system_messages=False,
    )
    provider = OpenAIProvider(openai_client=client)
    return OpenModel(OpenAIChatModel(model_name, provider=provider, profile=profile), client)


def _open_anthropic(model_name: str, access: Access) -> OpenModel:
    if not access.anthropic_api_key:
        raise ProviderError("ANTHROPIC_API_KEY is not set: set it, or take the model out of PIPELINE_MODELS.")
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=access.anthropic_api_key,
        base_url=access.anthropic_base_url or ANTHROPIC_URL,
        max_retries=0,
    )
    provider = AnthropicProvider(anthropic_client=client)
    return OpenModel(AnthropicModel(model_name, provider=provider), client)


async def stream_reply(
    opened: OpenModel,
    name: str,
    instructions: str,
    turns: Sequence[Turn],
    reply: Reply,
    *,
    read_timeout_seconds: float,
    on_text: Callable[[str], None],
) -> None:
    """Fill `reply` as the model writes. Raises ProviderError or ProviderUnavailable.

    Cancelling closes the connection at once.
    """
    import httpx2
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.exceptions import ContentFilterError, ModelAPIError, UnexpectedModelBehavior, UserError
    from pydantic_ai.settings import ModelSettings

    messages = _messages(instructions, turns)
    try:
        async with model_request_stream(
            opened.model, messages, model_settings=ModelSettings(timeout=read_timeout_seconds)
        ) as stream:
            async for event in stream:
                if piece := _piece(event):
                    reply.text += piece
                    on_text(reply.text)
        response = stream.get()
    except ModelAPIError as error:
        reply.is_refused = is_refused(error)
        raise translated(error, name) from error
    except ContentFilterError as error:
        raise ProviderError(f"{name} refused to write about this.") from error
    except (UnexpectedModelBehavior, httpx2.HTTPError) as error:
        raise ProviderUnavailable(f"{name} sent an answer that cannot be read: {brief(error)}") from error
    except UserError as error:
        raise ProviderError(f"{name} cannot be called: {brief(error)}") from error
    if response.finish_reason is None:
        raise ProviderUnavailable(f"{name} broke off in the middle of its answer.")
    reply.text = _text(response)
    reply.usage = _usage(response, instructions, turns)
    _check_complete(response, name)


def _messages(instructions: str, turns: Sequence[Turn]) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    messages: list[ModelMessage] = [ModelRequest(parts=[SystemPromptPart(instructions)])]
    for turn in turns:
        if turn.speaker == "user":
            messages.append(ModelRequest(parts=[UserPromptPart(turn.text)]))
        else:
            messages.append(ModelResponse(parts=[TextPart(turn.text)]))
    return messages


def _piece(event: ModelResponseStreamEvent) -> str:
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return text
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return text
    return ""


def _text(response: ModelResponse) -> str:
    """The answer without the model's thinking."""
    from pydantic_ai.messages import TextPart

    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _usage(response: ModelResponse, instructions: str, turns: Sequence[Turn]) -> Usage:
    used = response.usage
    if used.input_tokens and used.output_tokens:
        return Usage(used.input_tokens, used.output_tokens)
    return estimated_usage(prompt_text(instructions, turns), _text(response))


def prompt_text(instructions: str, turns: Sequence[Turn]) -> str:
    return "\n".join([instructions, *(turn.text for turn in turns)])


def _check_complete(response: ModelResponse, name: str) -> None:
    if response.finish_reason == "length":
        raise ProviderError(f"{name} stopped at its length limit: ask for fewer words or use another model.")
    if response.finish_reason == "content_filter":
        raise ProviderError(f"{name} refused to write about this.")
    if not _text(response).strip():
        raise ProviderUnavailable(f"{name} returned an empty answer.")
