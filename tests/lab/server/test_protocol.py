"""The chat protocol as clients know it: fields, streaming, limits, errors; the official SDK and curl as witnesses."""

import json
import shutil
import subprocess

import openai
import pytest

from mmfinereason.lab.launch import start
from mmfinereason.lab.wire import CHARACTERS_PER_TOKEN, Reply, cut, text_tokens

from .asking import about, blocks, body, picture


@pytest.fixture(scope="module")
def server(samples):
    with start("simulated", [samples]) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    return openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)


def test_the_official_sdk_reads_an_answer_with_thoughts_and_usage(client, puzzles):
    reply = client.chat.completions.create(**about(puzzles[0], seed=1))
    assert f"<answer>{puzzles[0].answer}</answer>" in reply.choices[0].message.content
    assert len(reply.choices[0].message.model_extra["reasoning"].split()) >= 250
    usage = reply.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert 0 < usage.completion_tokens_details.reasoning_tokens < usage.completion_tokens


def test_the_official_sdk_reads_the_same_answer_as_a_stream(client, puzzles):
    whole = client.chat.completions.create(**about(puzzles[0], seed=1)).choices[0].message
    thoughts, content, finish, usage = "", "", None, None
    asked = about(puzzles[0], seed=1, stream=True, stream_options={"include_usage": True})
    for chunk in client.chat.completions.create(**asked):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            thoughts += (choice.delta.model_extra or {}).get("reasoning") or ""
            content += choice.delta.content or ""
            finish = choice.finish_reason or finish
    # the stream differs in its body, so in what is drawn for it; sound answers agree in what they argue for
    assert (
        f"<answer>{puzzles[0].answer}</answer>" in content and f"<answer>{puzzles[0].answer}</answer>" in whole.content
    )
    assert thoughts and finish == "stop" and usage.completion_tokens > 0


def test_the_official_sdk_lists_the_models(client):
    assert {model.id for model in client.models.list()} == {
        f"simulated-{role}" for role in ("teacher", "captioner", "cleaner", "judge", "prober", "student")
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_an_answer(server, puzzles, tmp_path):
    (tmp_path / "body.json").write_text(json.dumps(about(puzzles[0])))
    command = ["curl", "-s", "-f", f"{server.url}/chat/completions", "-d", f"@{tmp_path / 'body.json'}"]
    said = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)
    assert said["object"] == "chat.completion" and said["model"] == "simulated-teacher"


def test_n_gives_as_many_different_choices(ask, puzzles):
    (answer,) = ask([about(puzzles[0], n=3)])
    texts = [choice["message"]["reasoning"] for choice in answer.json["choices"]]
    assert len(set(texts)) == 3 and [choice["index"] for choice in answer.json["choices"]] == [0, 1, 2]


def test_the_same_request_gets_the_same_answer_and_another_seed_another(ask, puzzles):
    first, again, other = ask([about(puzzles[0], seed=seed) for seed in (1, 1, 2)])
    (elsewhere,) = ask([about(puzzles[0], seed=1)], seed=9)
    assert first.raw == again.raw
    assert first.message["reasoning"] not in (other.message["reasoning"], elsewhere.message["reasoning"])


@pytest.mark.parametrize(
    ("shape", "field", "start_", "middle"),
    [
        ("reasoning", "reasoning", "", None),
        ("reasoning_content", "reasoning_content", "", None),
        ("close_tag", "content", "", "</think>\n\n### Phase 1"),
        ("pair", "content", "<think>", "</think>\n\n### Phase 1"),
    ],
)
def test_thoughts_come_back_in_four_shapes(ask, puzzles, shape, field, start_, middle):
    (answer,) = ask([about(puzzles[0])], reasoning=shape)
    text = answer.message[field]
    assert text.startswith(start_) and (middle is None or text.count(middle) == 1)
    assert ("<think>" in text) == (shape == "pair")
    assert set(answer.message) == {"role", "content", field}


def test_max_tokens_cuts_thoughts_first_and_the_content_is_then_null(ask, puzzles):
    whole, short = ask([about(puzzles[0], seed=3), about(puzzles[0], seed=3, max_tokens=50)])
    assert whole.choice["finish_reason"] == "stop"
    assert short.choice["finish_reason"] == "length" and short.message["content"] is None
    assert len(short.message["reasoning"]) == 50 * CHARACTERS_PER_TOKEN
    assert short.json["usage"]["completion_tokens"] == 50


def test_thoughts_cut_in_the_content_carry_no_tag(ask, puzzles):
    (short,) = ask([about(puzzles[0], max_tokens=50)], reasoning="close_tag")
    assert "think>" not in short.message["content"]


def test_a_limit_after_the_thoughts_cuts_the_content():
    reply = Reply(content="c" * 100, reasoning="r" * 40)
    assert cut(reply, 20) == Reply(content="c" * 40, reasoning="r" * 40, finish_reason="length")
    assert cut(reply, 35) == reply == cut(reply, None)
    assert text_tokens("") == 0 and text_tokens("abcde") == 2


def test_an_image_costs_a_token_for_every_32_by_32_pixels(ask, puzzles):
    with_image, without = ask([about(puzzles[0]), body("simulated-prober", blocks(question=puzzles[0].question))])
    assert with_image.json["usage"]["prompt_tokens"] - without.json["usage"]["prompt_tokens"] in range(6, 12)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"model": "gpt-4"}, 404, "model_not_found"),
        ({"messages": []}, 400, "bad_request"),
        ({"n": 0}, 400, "bad_request"),
        ({"max_tokens": "many"}, 400, "bad_request"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, 400, "bad_request"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}
                ]
            },
            400,
            "bad_image",
        ),
    ],
)
def test_a_request_that_cannot_be_read_gets_an_error_object(ask, puzzles, change, status, code):
    (answer,) = ask([about(puzzles[0]) | change])
    assert answer.status == status and answer.error["code"] == code and answer.error["message"]


def test_unknown_rows_get_an_error_that_says_what_is_unknown(ask, puzzles):
    stranger = picture(puzzles[0])[0][:200]
    unknown_image, other_question, unknown_question = ask(
        [
            body("simulated-teacher", blocks(question="What now?"), stranger),
            body("simulated-teacher", blocks(question="Which planet is the farthest away?"), picture(puzzles[0])[0]),
            body("simulated-teacher", blocks(question="Which planet is the farthest away?")),
        ]
    )
    assert unknown_image.status == 422 and unknown_image.error["code"] == "unknown_image"
    assert other_question.error["code"] == "unknown_question" and "image is known" in other_question.error["message"]
    assert (
        unknown_question.error["code"] == "unknown_question"
        and "no image was sent" in unknown_question.error["message"]
    )


def test_the_log_holds_every_request_with_its_row(server, client, puzzles):
    before = len(server.entries())
    client.chat.completions.create(**about(puzzles[1], seed=77))
    (entry,) = server.entries()[before:]
    assert entry["row"] == f"puzzles/{puzzles[1].family}-{puzzles[1].index}"
    assert (entry["seed"], entry["status"], entry["fault"], len(entry["key"])) == (77, 200, None, 64)
