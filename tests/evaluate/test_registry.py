import pytest

from mmfinereason.errors import RecipeError, SourceError
from mmfinereason.evaluate import registry
from mmfinereason.evaluate.published import MODELS, TABLE_3, score


def test_the_papers_fourteen_benchmarks_are_all_known():
    rows = [one.paper for one in registry.known().values() if one.paper]
    assert sorted(rows) == sorted(TABLE_3)


def test_every_column_of_table_3_averages_to_what_the_paper_says():
    averages = (75.0, 76.5, 72.5, 74.5, 77.9, 67.4, 65.1, 65.3, 65.3, 73.9, 75.7)
    for model, average in zip(MODELS, averages, strict=True):
        assert sum(score(model, row) for row in TABLE_3) / 14 == pytest.approx(average, abs=0.3), model


def test_a_benchmark_is_known_by_its_name_and_by_its_file():
    assert registry.find("mmstar") is registry.find("MMStar")
    assert registry.find("MMMU_DEV_VAL") is registry.find("MMMU")


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(RecipeError, match="did you mean 'MathVista'"):
        registry.find("MathVsta")


def test_a_missing_file_says_where_to_get_it_and_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setenv(registry.LMU_DATA, str(tmp_path))
    with pytest.raises(SourceError) as error:
        registry.locate(registry.find("MMStar"), None)
    assert str(tmp_path / "MMStar.tsv") in error.value.message
    assert "download https://" in error.value.next_step


def test_a_file_is_found_in_lmudata_or_where_the_recipe_says(tmp_path, monkeypatch):
    (tmp_path / "MMStar.tsv").touch()
    known = registry.find("MMStar")
    monkeypatch.setenv(registry.LMU_DATA, str(tmp_path))
    assert registry.locate(known, None) == tmp_path / "MMStar.tsv"
    assert registry.locate(known, str(tmp_path)) == tmp_path / "MMStar.tsv"
