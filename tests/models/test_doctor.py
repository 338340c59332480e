"""What the doctor says of servers whose habits are known."""

from __future__ import annotations

import asyncio
import base64
import random
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.lab.launch import serving
from mmfinereason.models.doctor import examine, roles_of
from mmfinereason.models.doctor.checkup import COLOURS, SHADES, colour_in, colour_of, picture
from mmfinereason.recipe import Recipe, parse
from mmfinereason.recipe.lab import FaultSettings, LabOptions
from mmfinereason.recipe.models import ModelsSettings

from .conftest import run


class Server:
    """A chat server with habits: it sees or not, refuses fields, keeps to seeds, thinks, has a context length."""

    def __init__(self, *, sees=True, refuses=(), seeds=True, thoughts="reasoning", window=None, n=True, fails=0):
        self.sees, self.refuses, self.seeds, self.thoughts = sees, set(refuses), seeds, thoughts
        self.window, self.n, self.fails = window, n, fails
        self.bodies: list[dict[str, Any]] = []

    async def models(self, request):
        if self.fails == 401:
            return web.json_response({"error": {"message": "no"}}, status=401)
        entry = {"id": "m"} | ({"max_model_len": self.window} if self.window else {})
        return web.json_response({"data": [entry]})

    async def chat(self, request):
        body = await request.json()
        self.bodies.append(body)
        if refused := self.refuses & body.keys():
            return web.json_response({"error": {"message": f"unknown field {refused}"}}, status=400)
        parts = body["messages"][-1]["content"]
        images = [] if isinstance(parts, str) else [part for part in parts if part["type"] == "image_url"]
        if images and self.sees is None:
            return web.json_response({"error": {"message": "not a multimodal model"}}, status=400)
        content = "red" if images else "none"
        if images and self.sees and images[0]["image_url"]["url"].endswith(self.blue()):
            content = "blue"
        if not (parts if isinstance(parts, str) else parts[-1]["text"]).startswith(COLOURS[:20]):
            greedy = body.get("top_k") == 1
            dice = random.Random(0 if greedy else body.get("seed") if self.seeds else None)
            content = str(dice.random())
        message = {"role": "assistant", "content": content}
        if self.thoughts:
            message[self.thoughts] = "hm"
        most = body.get("max_tokens", body.get("max_completion_tokens"))
        usage = {"prompt_tokens": 40 + 100 * len(images), "completion_tokens": 5}
        choice = {"message": message, "finish_reason": "length" if most == 1 else "stop"}
        count = body.get("n", 1) if self.n else 1
        return web.json_response({"choices": [choice] * count, "usage": usage, "model": "m"})

    @staticmethod
    def blue():
        return base64.b64encode(picture("blue")).decode()

    def examine(self, role="teacher", **settings):
        async def go():
            app = web.Application(client_max_size=1 << 24)
            app.router.add_get("/v1/models", self.models)
            app.router.add_post("/v1/chat/completions", self.chat)
            async with TestServer(app) as server:
                endpoint = {"url": str(server.make_url("/v1")), **settings.pop("endpoint", {})}
                one = {"model": "m", "endpoints": [endpoint], **settings}
                return await examine(ModelsSettings.model_validate({role: one}).roles())

        (diagnosis,) = run(go())
        return diagnosis, {one.check: one for one in diagnosis.findings}


@pytest.mark.parametrize("colour", SHADES)
def test_a_picture_shows_its_colour(colour):
    assert colour_of(picture(colour)) == colour


def test_an_answer_names_one_colour_or_none_at_all():
    assert colour_in("It is **Red**.") == "red"
    assert colour_in("red or blue") is None and colour_in("reddish") is None and colour_in("") is None


def test_a_good_server_is_fine_in_everything():
    diagnosis, found = Server(window=40_000).examine(max_tokens=16384)
    assert not diagnosis.blocked
    assert {one.level for one in diagnosis.findings} == {"fine"}
    assert "one for 2,007" in found["an image costs"].found
    assert "40,000" in found["context"].found and "message.reasoning" in found["thoughts"].found
    assert found["seed"].found.startswith("kept to") and found["top_k"].found.startswith("kept to")
    assert found["n"].found.startswith("kept to")


def test_a_blind_model_blocks_a_teacher_and_not_a_judge():
    diagnosis, found = Server(sees=False).examine()
    assert diagnosis.blocked and "red and red" in found["sees images"].found
    diagnosis, found = Server(sees=False).examine("judge")
    assert not diagnosis.blocked and "sees images" not in found


def test_a_text_only_server_blocks():
    diagnosis, found = Server(sees=None).examine()
    assert diagnosis.blocked and "not a multimodal model" in found["sees images"].found


@pytest.mark.parametrize(
    ("settings", "field", "change"),
    [
        ({"top_k": 20}, "top_k", "models.teacher.top_k: null"),
        ({}, "seed", "models.teacher.seed: none"),
        ({"extra_body": {"think": 1}}, "think", "leave think out of models.teacher.extra_body"),
        ({"max_tokens": 9000}, "max_tokens", "models.teacher.extra_body: {max_completion_tokens: 9000}"),
    ],
)
def test_a_refused_field_is_named_with_the_line_that_mends_it(settings, field, change):
    diagnosis, found = Server(refuses=[field]).examine(**settings)
    told = found["recipe's fields"]
    assert diagnosis.blocked and told.level == "blocks" and told.found.startswith(f"{field} is refused")
    assert change in told.change
    assert found["sees images"].level == "fine", "the examination goes on without the field"


def test_top_k_that_nobody_set_may_be_refused():
    diagnosis, found = Server(refuses=["top_k"]).examine()
    assert not diagnosis.blocked and found["top_k"].found.startswith("refused")


def test_a_seed_that_is_ignored_is_noted():
    _, found = Server(seeds=False).examine()
    assert found["seed"].level == "note" and found["seed"].found.startswith("not kept to")


def test_a_teacher_without_thoughts_blocks_unless_its_prompt_asks_for_them():
    assert Server(thoughts=None).examine()[0].blocked
    assert not Server(thoughts=None).examine(prompt="distill_instruct")[0].blocked
    assert not Server(thoughts=None).examine("captioner")[0].blocked


def test_more_tokens_than_the_context_holds_block_with_a_number_that_fits():
    diagnosis, found = Server(window=20_000).examine(max_tokens=32_768, max_pixels=802_816)
    assert diagnosis.blocked
    assert "models.teacher.max_tokens: 18496" in found["context"].change


def test_one_choice_of_two_is_no_harm():
    diagnosis, found = Server(n=False).examine()
    assert not diagnosis.blocked and found["n"].found.startswith("ignored")


def test_a_model_that_is_not_there_blocks_with_the_name_that_is():
    server = Server()
    diagnosis, found = server.examine(model="mm")
    assert diagnosis.blocked and found["model"].change == "models.teacher.model: m" and not server.bodies


def test_a_missing_key_blocks_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    server = Server()
    diagnosis, found = server.examine(endpoint={"key_env": "NO_SUCH_KEY"})
    assert diagnosis.blocked and found["key"].change == "export NO_SUCH_KEY=..." and diagnosis.requests == 0


def test_a_refused_key_and_a_dead_server_block():
    assert "refuses the key" in Server(fails=401).examine()[1]["reachable"].found
    models = ModelsSettings.model_validate({"judge": {"model": "m", "endpoints": [{"url": "http://127.0.0.1:9/v1"}]}})
    (diagnosis,) = run(examine(models.roles()))
    assert diagnosis.blocked and diagnosis.findings[-2].found.startswith("no: ")


def test_roles_that_share_a_server_and_its_settings_are_examined_once():
    role = {"model": "m", "endpoints": [{"url": "http://127.0.0.1:9/v1"}]}
    models = {"teacher": role, "captioner": role, "judge": [role, role | {"temperature": 0.0}]}
    found = run(examine(ModelsSettings.model_validate(models).roles()))
    assert [one.roles for one in found] == [("teacher", "captioner", "judge-1"), ("judge-2",)]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ("reasoning", "in message.reasoning;"),
        ("reasoning_content", "in message.reasoning_content;"),
        ("close_tag", "lone </think>"),
        ("pair", "between <think> tags"),
    ],
)
def test_a_lab_server_is_diagnosed_truthfully(shape, place):
    async def go(options):
        async with serving("simulated", [], options) as (url, _):
            role = {"model": "simulated-teacher", "endpoints": [{"url": url}]}
            return await examine(ModelsSettings.model_validate({"teacher": role}).roles())

    faults = FaultSettings(server_error=0.2, html=0.1)
    (diagnosis,) = asyncio.run(go(LabOptions(reasoning=shape, faults=faults, seed=3)))
    found = {one.check: one for one in diagnosis.findings}
    assert not diagnosis.blocked and place in found["thoughts"].found
    assert found["top_k"].found.startswith("taken and ignored") and found["seed"].found.startswith("kept to")
    assert found["sees images"].level == "fine" and found["max_tokens: 1"].level == "fine"
    assert found["steady"].level == "note"


def test_evaluated_models_are_examined_as_they_are_asked():
    served = "{model: m, endpoints: [{url: 'http://127.0.0.1:9/v1'}]}"
    roles = roles_of(parse(f"name: x\nmodels: {{student: {served}}}\nevaluate: {{models: {{my-base: {served}}}}}\n"))
    assert list(roles) == ["student", "evaluate.models.my-base"]
    assert {(role.temperature, role.repetition_penalty) for role in roles.values()} == {(0.0, 1.05)}
    (found,) = run(examine(roles, ["student"]))
    assert found.roles == ("student", "evaluate.models.my-base")
    assert run(examine(roles, ["teacher"])) == []


def test_a_line_to_change_of_an_evaluated_model_stands_in_its_place():
    async def go():
        server, app = Server(refuses=["top_k"]), web.Application(client_max_size=1 << 24)
        app.router.add_get("/v1/models", server.models)
        app.router.add_post("/v1/chat/completions", server.chat)
        async with TestServer(app) as running:
            base = {"model": "m", "top_k": 5, "endpoints": [{"url": str(running.make_url("/v1"))}]}
            recipe = {"name": "x", "evaluate": {"models": {"base": base}}}
            return await examine(roles_of(Recipe.model_validate(recipe)))

    (found,) = run(go())
    assert "evaluate.models.base.top_k: null" in [one.change for one in found.findings]


def test_the_command_examines_lab_roles_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "name: x\nsources: [{use: puzzles}]\nmodels:\n  captioner: {lab: simulated}\n"
        "  judge: {model: m, endpoints: [{url: 'http://127.0.0.1:9/v1'}]}\n"
    )
    done = CliRunner().invoke(app, ["doctor", str(recipe)])
    assert done.exit_code == 2 and "start the server" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    done = CliRunner().invoke(app, ["doctor", str(recipe), "--role", "captioner"])
    assert done.exit_code == 0 and "not a model" in done.stdout and "Nothing has to be changed" in done.stdout
    done = CliRunner().invoke(app, ["doctor", str(recipe), "--role", "techer"])
    assert done.exit_code == 2 and "no techer" in done.output
