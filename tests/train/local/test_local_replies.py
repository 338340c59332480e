"""The served model's side of the protocol, as far as it needs no model."""

import asyncio

import orjson
import pytest

from mmfinereason.lab import chat
from mmfinereason.lab.chat import Refusal
from mmfinereason.lab.engines.base import Written
from mmfinereason.lab.local import LocalModel, apart, name_of


class Parrot:
    """An engine that tells what it was asked."""

    context = 100

    def __init__(self):
        self.batches = []

    def prompt(self, wanted):
        return wanted.messages[-1]["content"]

    def length(self, wanted):
        return len(self.prompt(wanted))

    def count(self, text):
        return len(text)

    def write(self, batch, later):
        self.batches.append([one.sampling for one in batch])
        for number, one in enumerate(batch):
            yield number, Written(f"<think>\n{one.sampling.seed}\n</think>\n\nend STOP more", False, 3, 9)


def ask(engine, *bodies, batch=16):
    model = LocalModel(engine, batch)
    asked = [
        chat.parse(
            orjson.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}], **body}), {"m": "student"}
        )
        for body in bodies
    ]

    async def all_of_them():
        return await asyncio.gather(*(model.answers(one) for one in asked))

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("text", "opened", "expected"),
    [
        ("<think>\nwhy\n</think>\n\nso", False, ("why", "so")),
        ("why\n</think>\n\nso", True, ("why", "so")),
        ("<think>\nwhy and", False, (None, None)),
        ("why and", True, (None, None)),
        ("so", False, (None, "so")),
    ],
)
def test_thoughts_and_content_are_taken_apart(text, opened, expected):
    thoughts, content = apart(text, opened)
    assert content == expected[1]
    assert (thoughts if content else None) == expected[0]


def test_requests_that_wait_share_a_batch_and_its_size_is_kept():
    engine = Parrot()
    ask(engine, *[{"seed": n} for n in range(5)], batch=4)
    assert [len(batch) for batch in engine.batches] == [4, 1]


def test_choices_of_one_request_differ_and_are_the_same_again():
    first, second = ask(Parrot(), {"n": 3, "seed": 1, "temperature": 1}, {"n": 3, "seed": 1, "temperature": 1})
    assert [one.reasoning for one in first] == [one.reasoning for one in second]
    assert len({one.reasoning for one in first}) == 3


def test_a_greedy_request_is_written_once_whatever_n():
    engine = Parrot()
    (replies,) = ask(engine, {"n": 3, "temperature": 0})
    assert len(replies) == 3 and len(engine.batches[0]) == 1


def test_sampling_fields_arrive():
    engine = Parrot()
    ask(engine, {"temperature": 0.5, "top_p": 0.9, "top_k": -1, "repetition_penalty": 1.05, "max_tokens": 7})
    (sampling,) = engine.batches[0]
    assert (sampling.temperature, sampling.top_p, sampling.top_k) == (0.5, 0.9, 0)
    assert (sampling.repetition_penalty, sampling.max_tokens, sampling.seed) == (1.05, 7, None)


def test_a_stop_text_ends_the_content():
    ((reply,),) = ask(Parrot(), {"stop": "STOP"})
    assert (reply.content, reply.finish_reason) == ("end ", "stop")


def test_tokens_are_the_models_own():
    ((reply,),) = ask(Parrot(), {"seed": 0})
    assert (reply.counted.prompt, reply.counted.completion) == (3, 9)


@pytest.mark.parametrize(
    "body", [{"logprobs": True}, {"tools": [{"type": "function"}]}, {"best_of": 2}, {"temperature": "hot"}]
)
def test_what_would_change_the_reply_and_is_not_known_is_refused(body):
    with pytest.raises(Refusal) as refused:
        ask(Parrot(), body)
    assert refused.value.status == 400


def test_fields_that_change_nothing_are_taken():
    ask(Parrot(), {"logprobs": False, "presence_penalty": 0, "user": "me", "stream": False})


def test_a_prompt_without_room_for_a_reply_is_refused():
    with pytest.raises(Refusal, match="takes 100"):
        ask(Parrot(), {"messages": [{"role": "user", "content": "x" * 100}]})


def test_a_failure_of_the_model_is_an_answer_and_the_next_request_is_served():
    class Breaks(Parrot):
        def write(self, batch, later):
            if not self.batches:
                self.batches.append(batch)
                raise RuntimeError("out of memory")
            yield from super().write(batch, later)

    engine = Breaks()
    with pytest.raises(Refusal, match="out of memory"):
        ask(engine, {})
    assert ask(engine, {})[0][0].content


@pytest.mark.parametrize(
    ("path", "name"), [("/runs/a/train/trl-sft/model", "trl-sft"), ("/models/Qwen3-VL-2B/", "Qwen3-VL-2B")]
)
def test_a_model_is_called_by_its_folder(path, name):
    assert name_of(path) == name
