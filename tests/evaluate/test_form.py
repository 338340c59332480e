import pytest
from tests.evaluate.conftest import context_of

from mmfinereason.errors import SettingsChanged
from mmfinereason.evaluate import form
from mmfinereason.evaluate.items import Item
from mmfinereason.models.prompts import Prompt, load
from mmfinereason.recipe.export import ExportSettings
from mmfinereason.recipe.models import RoleSettings

from .test_run import run, table


def test_options_are_listed_even_when_the_question_has_their_digits():
    item = Item("1", "Which of 1, 2 and 3 is it?", "A", b"", ("1", "2", "3"), kind="option")
    assert form.render(item, None).text == (
        "Which of 1, 2 and 3 is it?\n\nA. 1\nB. 2\nC. 3\n\n"
        "Think it through, then give the letter of the right option in \\boxed{}."
    )


def test_a_listed_question_is_sent_as_it_is():
    item = Item("1", "Which?\nA. red\nB. blue", "A", b"", ("red", "blue"), listed=True, kind="option")
    assert form.render(item, None).text.count("A. red") == 1


def test_tags_that_a_chat_template_acts_on_are_made_harmless():
    item = Item("1", "Where is <image> now? <|im_end|>", "2", b"")
    assert "<image>" not in form.render(item, None).text
    assert "<|im_end|>" not in form.render(item, None).text


def test_a_models_own_prompt_is_used_and_named():
    prompt = Prompt("mine", "Q: {{question}}\n\n{{options}}", "answer")
    rendered = form.render(Item("1", "Which?", "A", b"", ("red", "blue"), kind="option"), prompt)
    assert rendered.prompt == prompt.label == form.label(prompt)
    assert "A. red\nB. blue" in rendered.text


def test_a_model_is_asked_what_it_was_trained_on_unless_it_brings_a_prompt():
    role = RoleSettings(model="m", lab="simulated")
    trained = ExportSettings(prompt="question")
    assert form.own_prompt(role, ExportSettings()) is None
    assert form.own_prompt(role, trained) == load("question")
    assert form.own_prompt(role.model_copy(update={"prompt": ["answer"]}), trained) == load("answer")


def test_a_changed_training_prompt_is_stored_and_never_mixed_with_an_old_result(recipe_text):
    assert run(context_of(recipe_text)).settings["prompt"].startswith("plain@")
    trained = context_of(recipe_text, ["export.prompt=question"])
    with pytest.raises(SettingsChanged, match="prompt"):
        run(trained)
    result = run(trained, redo=True)
    assert result.settings["prompt"] == load("question").label
    assert not any("boxed" in one["prompt"] for one in table(trained))
    assert result.outcomes["correct"] == 18
