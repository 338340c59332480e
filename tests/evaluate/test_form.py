from mmfinereason.evaluate import form
from mmfinereason.evaluate.items import Item
from mmfinereason.models.prompts import Prompt


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
