"""The language of a question."""

import pytest

from mmfinereason.collect.language import detect
from mmfinereason.collect.text import clean_question
from mmfinereason.recipe.clean import TextSettings

TEXTS = {
    "en": [
        "",
        "Find x.",
        "$a=3$, $b=?$",
        "What does the sign '小心地滑' mean in the picture?",
        "△ABC ∼ △DEF, α + β = γ",
        "Find m∠ABC if ∠θ = 30°.",
        "Read the menu del día in the image.",
        "A) ①②③,④⑤⑥ B) ①④⑤,②③⑥",
        "DIE DER DAS: which of the three articles does the table show?",
    ],
    "zh": [
        "如图，求图中线段 HI 的长度。\nA. 26 in\nB. 32 in\nC. 18 in\nD. 24 in",
        "如图所示，在$\\triangle ABC$中，$AB=AC$，求$\\angle A$的度数。",
        "如图所示，下列说法中正确的是哪一个？Answer with the option's letter from the given choices directly.",
    ],
    "ja": ["図のように三角形ABCの面積を求めなさい。"],
    "ko": ["그림에서 삼각형의 넓이를 구하시오."],
    "ru": ["Найдите площадь треугольника на рисунке."],
    "es": ["¿Cuál es el área del triángulo que se muestra en la figura?"],
    "fr": ["Quelle est la longueur du côté AB dans le triangle de la figure ?"],
    "de": ["Wie groß ist der Winkel zwischen den beiden Seiten, und was ist die Fläche?"],
    "vi": ["Tính diện tích của tam giác được cho trong hình."],
    "ar": ["ما هي مساحة المثلث في الشكل؟"],
}


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in TEXTS.items() for text in texts])
def test_the_language_is_told_by_script_and_little_words(language, text):
    assert detect(text) == language


def test_foreign_questions_need_a_translation():
    cleaned = clean_question("<image>19.下图反映了状况，（）", TextSettings())
    assert (cleaned.language, cleaned.needs, cleaned.reason) == ("zh", ("translate",), None)
