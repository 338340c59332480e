"""A page taken apart as a browser would."""

from html.parser import HTMLParser


def elements(html):
    """Every element with its attributes, in order."""
    parser = _Elements()
    parser.feed(html)
    parser.close()
    return parser.found


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, {name: value or "" for name, value in attributes}))
