import pytest
from pydantic import ValidationError

from mmfinereason.recipe.base import deciding
from mmfinereason.recipe.models import EndpointSettings, ModelsSettings, RoleSettings

URL = "http://localhost:8000/v1"


def role(**fields):
    return RoleSettings.model_validate({"model": "m", "endpoints": [{"url": URL}]} | fields)


@pytest.mark.parametrize(
    "url", ["http://user:key@host/v1", "https://host/v1?key=sk-1", "host/v1", "ftp://host/v1", "https:///v1"]
)
def test_a_url_that_holds_a_secret_or_is_none_is_refused(url):
    with pytest.raises(ValidationError):
        EndpointSettings(url=url)


def test_a_trailing_slash_is_dropped():
    assert EndpointSettings(url=URL + "/").url == URL


@pytest.mark.parametrize("field", ["messages", "model", "n", "stream"])
def test_extra_body_cannot_set_what_the_client_writes(field):
    with pytest.raises(ValidationError, match=field):
        role(extra_body={field: 1})


def test_a_role_is_served_by_endpoints_or_a_lab_and_not_by_both_or_none():
    assert role(endpoints=[], lab="simulated").lab.mode == "simulated"
    for wrong in ({"endpoints": []}, {"lab": "simulated"}, {"endpoints": [], "lab": "replay"}):
        with pytest.raises(ValidationError):
            role(**wrong)


def test_a_started_lab_server_takes_the_place_of_its_settings():
    served = role(endpoints=[], lab="simulated").at(URL)
    assert served.endpoints[0].url == URL


def test_how_a_reply_is_fetched_decides_nothing_and_how_it_is_sampled_does():
    other = role(endpoints=[{"url": "http://elsewhere/v1"}], timeout=5, budget={"requests": 1}, retries={"tries": 2})
    assert deciding(role()) == deciding(other)
    assert deciding(role()) != deciding(role(temperature=0.5))


def test_one_judge_is_called_judge_and_several_are_numbered():
    assert list(ModelsSettings(judge=role()).roles()) == ["judge"]
    assert list(ModelsSettings(teacher=role(), judge=[role(), role()]).roles()) == ["teacher", "judge-1", "judge-2"]


def test_one_prompt_file_is_a_list_of_one():
    assert role(prompt="mine.md").prompt == ["mine.md"]
