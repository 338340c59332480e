"""The examination of one endpoint, check by check."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mmfinereason.models.doctor.asking import ROOM, Asking, listed, room
from mmfinereason.models.doctor.checkup import ALPHABET, COLOURS, DIGITS, colour_in, picture
from mmfinereason.models.doctor.finding import Diagnosis, Finding
from mmfinereason.models.exchange import Request
from mmfinereason.models.payload import compose
from mmfinereason.models.reply import Shape, normalize
from mmfinereason.models.response import Answer, Blame, Fault
from mmfinereason.models.transport import Transport
from mmfinereason.recipe.models import EndpointSettings, RoleSettings

EVALUATED = "evaluate.models."
"""Beginning of the names of models that only `evaluate` knows: their place in the recipe."""
SEEING = frozenset({"teacher", "captioner", "prober", "student"})
"""Roles that are sent images."""
THINKING = frozenset({"teacher", "prober"})
"""Roles whose thoughts are wanted; the teacher cannot do without."""

_SHORT = 48
"""Completion tokens of replies that are only compared with each other."""
_MOST_PIXELS = 2048 * 2048
"""Of an image whose role has no max_pixels: collect's longest side, squared."""

_PLACES: Mapping[Shape, str] = {
    "reasoning": "in message.reasoning",
    "reasoning_content": "in message.reasoning_content",
    "close_tag": "in the content, before a lone </think>",
    "pair": "in the content, between <think> tags",
    "none": "nowhere: no thoughts came back",
}


class _Stop(Exception):
    """Nothing more can be found out at this endpoint."""


class Visit:
    """The examination of one endpoint."""

    def __init__(
        self, transport: Transport, roles: tuple[str, ...], role: RoleSettings, endpoint: EndpointSettings
    ) -> None:
        self._asking = Asking(transport, role, endpoint)
        self._roles = roles
        self._kinds = {kind(name) for name in roles}
        self._found: list[Finding] = []
        self._image_tokens = 0  # of the largest image the role may send

    async def diagnosis(self) -> Diagnosis:
        """Everything that can be found out, in the order in which it matters."""
        try:
            self._take_key()
            window = await self._model()
            plain = await self._plain()
            colours = await self._pictures(plain) if self._kinds & SEEING else []
            self._thoughts([plain, *colours])
            self._context(window, plain)
            await self._cut_short()
            await self._sampling()
            await self._choices()
        except _Stop:
            pass
        asked = self._asking
        if asked.failed:
            told = f"{len(asked.failed)} of {asked.requests} requests failed and were sent again: {asked.failed[0]}"
            self._note("steady", told)
        else:
            self._fine("steady", f"{asked.requests} requests, no fault")
        found = tuple(self._found)
        return Diagnosis(self._roles, self._role.model, asked.endpoint.url, found, asked.requests, asked.tokens)

    @property
    def _role(self) -> RoleSettings:
        return self._asking.role

    # --- what is found ----------------------------------------------------------------------------------------------

    def _fine(self, check: str, found: str) -> None:
        self._found.append(Finding(check, found))

    def _note(self, check: str, found: str, change: str = "") -> None:
        self._found.append(Finding(check, self._asking.redacted(found), "note", change))

    def _block(self, check: str, found: str, change: str) -> None:
        self._found.append(Finding(check, self._asking.redacted(found), "blocks", change))

    def _line(self, field: str, value: object) -> str:
        """The recipe lines that set a field of all roles examined here."""
        shown = "null" if value is None else value
        return "\n".join(f"{_place(name)}.{field}: {shown}" for name in self._roles)

    # --- checks -----------------------------------------------------------------------------------------------------

    def _take_key(self) -> None:
        if self._role.lab is not None and self._role.made_up:
            self._note("who answers", f"a lab server, {self._role.lab.mode}: not a model; its words prove nothing")
        name = self._asking.endpoint.key_env
        if name is None:
            self._fine("key", "none needed by the recipe")
            return
        if self._asking.lacks_key:
            self._block("key", f"the environment variable {name} is not set", f"export {name}=...")
            raise _Stop
        self._fine("key", f"{name} is set")

    async def _model(self) -> int | None:
        """Whether the server is there and has the model; its context length where told."""
        came = await self._asking.models()
        if isinstance(came, Fault):
            self._block("reachable", f"no: {came.detail}", "start the server, or mend the endpoint's url")
            raise _Stop
        status, _, body = came
        if status in (401, 403):
            self._block("reachable", f"yes, but it refuses the key (HTTP {status})", "mend the endpoint's key_env")
            raise _Stop
        self._fine("reachable", "yes")
        known = listed(body) if status == 200 else {}
        if not known:
            self._note("model", f"the server does not list its models (HTTP {status})")
            return None
        if self._role.model not in known:
            near = difflib.get_close_matches(self._role.model, known, n=1, cutoff=0.3) or list(known)[:1]
            others = f"it has {', '.join(list(known)[:6])}"
            self._block("model", f"{self._role.model} is not there; {others}", self._line("model", near[0]))
            raise _Stop
        self._fine("model", f"{self._role.model} is there")
        return known[self._role.model]

    async def _plain(self) -> Answer:
        """A question without an image, with all the recipe's fields; finds the field that is refused."""
        came = await self._asking.ask(COLOURS)
        if isinstance(came, Answer):
            self._fine("recipe's fields", f"taken: {', '.join(self._fields()) or 'none are set'}")
            return came
        if came.blame != Blame.ROW:
            self._block("answers", f"no: {came.detail}", "look at the server's log")
            raise _Stop
        for field in (*self._fields(), *({"max_tokens"} - set(self._fields()))):
            without = await self._asking.ask(COLOURS, leave_out=field)
            if isinstance(without, Answer):
                self._block("recipe's fields", f"{field} is refused: {came.detail}", self._without(field))
                self._asking.role = _dropped(self._role, field)
                return without
        self._block("recipe's fields", f"refused: {came.detail}", "look at what the server says")
        raise _Stop

    async def _pictures(self, plain: Answer) -> list[Answer]:
        """Whether the model sees, and what an image costs."""
        came = [await self._asking.ask(COLOURS, image=picture(colour)) for colour in ("red", "blue")]
        seen = [one for one in came if isinstance(one, Answer)]
        for fault in came:
            if isinstance(fault, Fault):
                change = self._line("model", "a vision model, served with image input")
                self._block("sees images", f"refused: {fault.detail}", change)
                return seen
        said = [colour_in(_text(one)) for one in seen]
        if said == ["red", "blue"]:
            self._fine("sees images", "yes: it told a red shape from a blue one")
        elif None in said:
            shown = _text(seen[said.index(None)]).strip()[:60] or "nothing after its thoughts"
            self._note("sees images", f"cannot tell: asked for a colour it said {shown!r}")
        else:
            told = f"no: a red and a blue shape are {said[0]} and {said[1]} to it"
            self._block("sees images", told, self._line("model", "a vision model, served with image input"))
        self._cost(plain, seen[0])
        return seen

    def _cost(self, plain: Answer, pictured: Answer) -> None:
        sent = compose(self._role, Request("", COLOURS, image=picture("red")), 0).picture
        tokens = pictured.tokens.prompt - plain.tokens.prompt
        if sent is None or not plain.tokens.prompt or tokens <= 0:
            self._note("an image costs", "not told: the server's usage does not count it")
            return
        each = sent.pixels / tokens
        largest = self._role.max_pixels or _MOST_PIXELS
        self._image_tokens = int(largest / each)
        told = f"{tokens} tokens for {sent.pixels:,} pixels, one for {each:,.0f} of them"
        self._fine("an image costs", f"{told}; with {largest:,} pixels about {self._image_tokens:,}")

    def _thoughts(self, answers: Sequence[Answer]) -> None:
        shapes = [normalize(one.message, one.finish_reason).shape for one in answers]
        shape: Shape = next((one for one in shapes if one != "none"), "none")
        counted = any(one.tokens.reasoning for one in answers)
        told = _PLACES[shape] + ("; usage counts them" if counted and shape != "none" else "")
        if shape != "none" or not self._kinds & THINKING:
            self._fine("thoughts", told)
        elif "teacher" in self._kinds and "distill_instruct" not in self._role.prompt:
            change = "models.teacher.prompt: distill_instruct   (asks an instruct model for thoughts), or another model"
            self._block("thoughts", f"{told}, and a trace without thoughts is rejected", change)
        else:
            self._note("thoughts", told)
        if any(one.finish_reason == "length" for one in answers):
            self._note(
                "room", f"a plain question took more than {room(self._role)} tokens", self._line("max_tokens", 16384)
            )

    def _context(self, window: int | None, plain: Answer) -> None:
        if window is None:
            self._note("context", "not told by /v1/models; prompt and max_tokens together must fit")
            return
        room = window - self._image_tokens - 2 * plain.tokens.prompt - 1024
        most = self._role.max_tokens
        if most is not None and most > room:
            told = f"{window:,} tokens, too few for max_tokens {most:,} beside prompt and image"
            change = (
                f"{self._line('max_tokens', max(1, room))}\nor serve it with a longer context (vLLM: --max-model-len)"
            )
            self._block("context", told, change)
        else:
            self._fine("context", f"{window:,} tokens" + (f", max_tokens {most:,} fits" if most else ""))

    async def _cut_short(self) -> None:
        came = await self._asking.ask(ALPHABET, max_tokens=1)
        if isinstance(came, Fault):
            self._note("max_tokens: 1", f"refused: {came.detail}")
        elif came.finish_reason == "length":
            self._fine("max_tokens: 1", "finish reason length, as it should be")
        else:
            told = f"finish reason {came.finish_reason or 'missing'}: a cut reply cannot be told from a whole one"
            self._note("max_tokens: 1", told, "distill.screen.max_tokens: a little below max_tokens")

    async def _sampling(self) -> None:
        """Seed and top_k, from replies that chance would make different."""
        once, again, other = [await self._random(seed=seed) for seed in (11, 11, 12)]
        if once is None or again is None or other is None:
            return
        if once != again:
            self._note("seed", "not kept to: one seed gave two texts; a run cannot be repeated word for word")
        elif once == other:
            self._note("seed", "cannot tell: two seeds gave the same text")
        else:
            self._fine("seed", "kept to: one seed gave one text twice, another seed another")
        greedy, greedy_too = [await self._random(seed=seed, top_k=1) for seed in (11, 12)]
        if greedy is None or greedy_too is None:
            return
        if once == other:
            self._note("top_k", "taken; cannot tell whether it is kept to")
        elif greedy == greedy_too:
            self._fine("top_k", "kept to: with top_k 1 two seeds gave one text")
        elif self._role.top_k is None:
            self._fine("top_k", "taken and ignored; the recipe sets none")
        else:
            self._note("top_k", "taken and ignored", self._line("top_k", None))

    async def _random(self, **extra: Any) -> str | None:
        """A reply that depends on chance, as text; None, and a note, when the fields are refused."""
        seed = extra.pop("seed")
        came = await self._asking.ask(DIGITS, max_tokens=_SHORT, temperature=1.0, seed=seed, extra=extra)
        if isinstance(came, Answer):
            return orjson.dumps(came.message, option=orjson.OPT_SORT_KEYS).decode()
        used = "top_k" if extra else "seed"
        if used not in {one.check for one in self._found}:
            self._note(used, f"refused: {came.detail}")
        return None

    async def _choices(self) -> None:
        payload = self._asking.payload(DIGITS, max_tokens=_SHORT)
        body = orjson.dumps(orjson.loads(payload.body()) | {"n": 2})
        came = await self._asking.post(body)
        if isinstance(came, Fault):
            self._fine("n", f"refused ({came.detail}); not needed: each candidate is a request of its own")
            return
        count = len(orjson.loads(came).get("choices") or [])
        told = "kept to: two choices" if count == 2 else f"ignored: {count} choice of two"
        self._fine("n", f"{told}; not needed: each candidate is a request of its own")

    def _fields(self) -> list[str]:
        """The body fields that the recipe's settings send."""
        options = compose(self._role, Request("", COLOURS), 0).options
        return [name for name in options if name != "model"]

    def _without(self, field: str) -> str:
        if field == "seed":
            return self._line("seed", "none")
        if field == "max_tokens":
            instead = f"{{max_completion_tokens: {self._role.max_tokens or 16384}}}"
            return f"{self._line('max_tokens', None)}\n{self._line('extra_body', instead)}"
        if field in self._role.extra_body:
            return "\n".join(f"leave {field} out of {_place(name)}.extra_body" for name in self._roles)
        return self._line(field, None)


def _text(answer: Answer) -> str:
    return normalize(answer.message, answer.finish_reason).answer_text


def kind(role: str) -> str:
    """What a role does, whatever it is called: each judge is a judge, each evaluated model a student."""
    return "student" if role.startswith(EVALUATED) else role.partition("-")[0]


def _place(role: str) -> str:
    """Where a recipe has a role's settings: judges of several are numbered from 0."""
    if role.startswith(EVALUATED):
        return role
    name, _, number = role.partition("-")
    return f"models.{name}.{int(number) - 1}" if number else f"models.{name}"


def _dropped(role: RoleSettings, field: str) -> RoleSettings:
    """The role without a field that is refused, so that the examination can go on."""
    if field == "seed":
        return role.model_copy(update={"seed": "none"})
    if field in role.extra_body:
        rest = {name: value for name, value in role.extra_body.items() if name != field}
        return role.model_copy(update={"extra_body": rest})
    if field == "max_tokens":
        extra = role.extra_body | {"max_completion_tokens": ROOM}
        return role.model_copy(update={"max_tokens": None, "extra_body": extra})
    return role.model_copy(update={field: None})
