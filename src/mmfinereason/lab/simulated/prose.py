"""Wording of simulated thoughts: sentences that fit any question, in several versions each.

Sentences are drawn without replacement, so that no trace repeats itself by accident and two seeds word it differently.
"""

from __future__ import annotations

OPENINGS = (
    "Okay, let me look at the picture carefully before I calculate anything.",
    "Let me start with what can actually be seen here.",
    "So I have a question about an image; first I should read the image itself.",
    "Alright, I want to collect what the figure shows and only then think about the question.",
    "Let me take this slowly and begin with the visible details.",
)
LOOKING = (
    "I go over it from the top left to the bottom right so that no label or mark escapes me.",
    "Small marks matter in figures like this one, so I compare each of them with its neighbours.",
    "Nothing in the margin seems to add a condition, and there is no note that changes a unit.",
    "The labels are readable, and I take every value exactly as it is printed or drawn.",
    "I keep apart what is drawn and what I merely expect to be drawn.",
    "Sizes on the page may mislead, therefore I trust written values more than apparent lengths.",
    "It helps to say aloud what each part stands for before using it.",
    "I do not see anything hidden behind another object that would matter for the task.",
)
PLANNING = (
    "What is being asked? I restate it in my own words to be sure that I answer that and nothing else.",
    "The plan is to turn every observation into a statement, and then to combine these statements step by step.",
    "There may be a quicker trick, but a direct way leaves fewer places for a slip.",
    "I should also settle the form of the result now: it has to be given the way the question wants it.",
    "Which of the observations do I really need? Some of them only describe the scene.",
    "If two ways lead to the result, I can use the second one as a check afterwards.",
    "The relation between the parts decides everything here, so I write it down before putting in values.",
    "No outside knowledge beyond elementary rules should be needed for this.",
)
WORKING = (
    "I carry this forward.",
    "That follows directly from what I read off above.",
    "Good, this part is settled and I can build on it.",
    "I do this once more in my head and get the same.",
    "So far everything fits together.",
    "This agrees with the picture as well.",
    "Now the next piece follows almost by itself.",
    "I note it down and go on.",
)
DOUBTS = (
    "Wait, could it be {wrong} instead? That would need a reading of the picture that the marks do not support, so no.",
    "Hmm, someone in a hurry might say {wrong}. I went through it again, and that value comes from skipping one.",
    "Let me test {wrong} as a rival: put back into the question it contradicts what I saw, so I drop it.",
    "For a moment {wrong} looks tempting, but it answers a slightly different question from the one that was asked.",
)
CHECKING = (
    "To verify, I go backwards from the result and see whether I arrive at the values in the image again, and I do.",
    "The order of magnitude is sensible: neither far too large nor far too small for what is drawn.",
    "Every fact I listed has either been used or is clearly only description.",
    "I also make sure that I did not mix up two neighbouring labels, which would be the easiest mistake to make here.",
    "The form of the result is the one that was asked for.",
    "Nothing in the figure speaks against this conclusion.",
    "A second reading of the question confirms that no condition was overlooked.",
    "Were one value in the picture another, the result would move in the expected direction, which is reassuring.",
)
GENERIC = (
    "The subject of the question fixes which quantities or objects I have to look for in the image.",
    "I identify them one after another and give each a short name, so that the relations can be written compactly.",
    "Then I look for the statement that links the unknown with what is given, because that is the heart of the task.",
    "With that link in hand the remaining work is bookkeeping: insert, simplify, and keep the conditions in mind.",
    "Cases that the conditions rule out can be left aside early, which keeps the argument short.",
    "Where the wording allows two readings I prefer the one that the drawing supports.",
    "Each intermediate result should make sense on its own before I use it further.",
    "Now I bring the parts together and see which conclusion they force.",
    "I compare that conclusion with each alternative that could reasonably be proposed.",
    "What remains is to express it in the requested form.",
)
LEAKS = (
    "The caption says the same, so I can rely on it.",
    "According to the provided solution this is how it should go.",
    "The reference answer I was given confirms it.",
    "As stated in the caption of the image, this reading is correct.",
)


def words(text: str) -> int:
    """Words of a text, split at blanks."""
    return len(text.split())
