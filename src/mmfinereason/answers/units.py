"""Units of measure: one table, and a reader for products, quotients and powers of its entries (`kg m/s^2`, `sq. feet`).

A unit is a factor to a base and the powers of the base dimensions. Factors are exact; sources: the SI brochure, and the
international yard and pound agreement for the imperial ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` and `offset` lead to the base unit: base = number * factor + offset. `dimension` is sorted."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]
    offset: Fraction = Fraction(0)
    ambiguous: bool = False


_PREFIXED = {
    "m": ("L=1", "metre metres meter meters"),
    "g": ("M=1", "gram grams gramme grammes"),
    "s": ("T=1", "sec secs second seconds"),
    "A": ("I=1", "ampere amperes amp amps"),
    "mol": ("N=1", "mole moles"),
    "N": ("M=1 L=1 T=-2 *1000", "newton newtons"),
    "J": ("M=1 L=2 T=-2 *1000", "joule joules"),
    "W": ("M=1 L=2 T=-3 *1000", "watt watts"),
    "Pa": ("M=1 L=-1 T=-2 *1000", "pascal pascals"),
    "Hz": ("T=-1", "hertz"),
    "C": ("I=1 T=1", "coulomb coulombs"),
    "V": ("M=1 L=2 T=-3 I=-1 *1000", "volt volts"),
    "Ω": ("M=1 L=2 T=-3 I=-2 *1000", "ohm ohms"),
    "F": ("M=-1 L=-2 T=4 I=2 *1/1000", "farad farads"),
    "T": ("M=1 T=-2 I=-1 *1000", "tesla teslas"),
    "H": ("M=1 L=2 T=-2 I=-2 *1000", "henry henries"),
    "L": ("L=3 *1/1000", "litre litres liter liters l"),
    "eV": ("M=1 L=2 T=-2 *1602176634/10000000000000000000000000", "electronvolt electronvolts"),
    "cal": ("M=1 L=2 T=-2 *4184", "calorie calories"),
    "B": ("data=1", "byte bytes"),
    "t": ("M=1 *1000000", "tonne tonnes"),
}
_PREFIXES = {
    "p": (-12, "pico"), "n": (-9, "nano"), "μ": (-6, "micro"), "m": (-3, "milli"), "c": (-2, "centi"),
    "d": (-1, "deci"), "k": (3, "kilo"), "M": (6, "mega"), "G": (9, "giga"), "h": (2, "hecto"),
}  # fmt: skip
_PLAIN = {
    "T=1": "min=60 minute=60 minutes=60 mins=60 h=3600 hr=3600 hrs=3600 hour=3600 hours=3600 day=86400 days=86400 "
    "week=604800 weeks=604800",
    "months=1": "month=1 months=1 year=12 years=12 yr=12 yrs=12",
    "L=1": "in=127/5000 inch=127/5000 inches=127/5000 ft=381/1250 foot=381/1250 feet=381/1250 yd=1143/1250 "
    "yard=1143/1250 yards=1143/1250 mi=201168/125 mile=201168/125 miles=201168/125",
    "M=1": "lb=45359237/100000 lbs=45359237/100000 pound=45359237/100000 pounds=45359237/100000 "
    "oz=45359237/1600000 ounce=45359237/1600000 ounces=45359237/1600000",
    "L=2": "acre=316160658/78125 acres=316160658/78125 ha=10000 hectare=10000 hectares=10000",
    "L=3": "cc=1/1000000 gal=473176473/125000000000 gallon=473176473/125000000000 gallons=473176473/125000000000",
    "angle=1": "°=1 deg=1 degree=1 degrees=1",
    "radian=1": "rad=1 radian=1 radians=1",
    "rpm=1": "rpm=1",
    "L=1 T=-1": "mph=1397/3125 kph=5/18 kmh=5/18",
    "I=1 T=1": "Ah=3600 mAh=18/5",
    "M=1 L=2 T=-2": "kWh=3600000000 Wh=3600000",
    "M=1 L=-1 T=-2": "atm=101325000 bar=100000000 mmHg=133322",
    "USD=1": "$=1 USD=1 dollar=1 dollars=1 cent=1/100 cents=1/100 ¢=1/100",
    "EUR=1": "€=1 EUR=1 euro=1 euros=1",
    "GBP=1": "£=1 GBP=1",
    "CNY=1": "¥=1 yuan=1 RMB=1 CNY=1",
    "INR=1": "₹=1 Rs=1 rupee=1 rupees=1 INR=1",
    "any length=1": "unit=1 units=1",
    "percentage points=1": "pp=1",
}
_TEMPERATURES = {
    "°C": (Fraction(1), Fraction(27315, 100)), "celsius": (Fraction(1), Fraction(27315, 100)),
    "°F": (Fraction(5, 9), Fraction(45967, 180)), "fahrenheit": (Fraction(5, 9), Fraction(45967, 180)),
    "K": (Fraction(1), Fraction(0)), "kelvin": (Fraction(1), Fraction(0)),
}  # fmt: skip
CURRENCIES = "$€£¥₹"


def _dimension(text: str) -> tuple[Fraction, dict[str, int]]:
    factor, powers = Fraction(1), {}
    for item in text.split() if " " not in text.split("=")[0] else [text]:
        if item.startswith("*"):
            factor = Fraction(item[1:])
        else:
            base, power = item.split("=")
            powers[base] = int(power)
    return factor, powers


def _unit(factor: Fraction, powers: dict[str, int], name: str) -> Unit:
    dimension = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Unit(factor, dimension, ambiguous=len(name) == 1 and name.isalpha())


@lru_cache(maxsize=1)
def _table() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for symbol, (dimension, names) in _PREFIXED.items():
        factor, powers = _dimension(dimension)
        for name in (symbol, *names.split()):
            table[name] = _unit(factor, powers, name)
        for short, (exponent, long) in _PREFIXES.items():
            if short + symbol == "pm" or (symbol in ("t", "B") and exponent < 3):
                continue  # 3 pm is a time, ct and dB are something else
            scaled = factor * Fraction(10) ** exponent
            table[short + symbol] = _unit(scaled, powers, short + symbol)
            for name in names.split():
                prefix = short if name == "l" else long
                table[prefix + name] = _unit(scaled, powers, prefix + name)
    for dimension, entries in _PLAIN.items():
        _, powers = _dimension(dimension)
        for entry in entries.split():
            name, factor_text = entry.rsplit("=", 1)
            table[name] = _unit(Fraction(factor_text), powers, name)
    for name, (factor, offset) in _TEMPERATURES.items():
        table[name] = Unit(factor, (("temperature", 1),), offset, ambiguous=name == "K")
    return table


_WORD = re.compile(r"°[CF]\b|[A-Za-zμΩ]+|[°$€£¥₹¢]")
_PIECE = re.compile(
    r"\s*(?:(?P<per>/|\bper\b)|(?P<times>\*|-(?=[A-Za-z]))|(?P<degrees>degrees?\s+(?:celsius|fahrenheit)\b)"
    r"|(?P<area>(?:sq(?:uare|\.)?|cu(?:bic|\.)?)\s)|(?P<word>°\s?[CF]\b|[A-Za-zμΩ]+\.?|[°$€£¥₹¢])"
    r"|\^\s*[({]?\s*(?P<power>-?\d)\s*[)}]?|(?P<digit>[23])(?![\d.])|(?P<suffix>squared|cubed)|(?P<bracket>[()]))",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def read_unit(text: str) -> Unit | None:
    """The unit that the whole of cleaned `text` spells, or None."""
    factor, powers, offset = Fraction(1), dict[str, int](), Fraction(0)
    position, sign, raised, ambiguous, count = 0, 1, 0, True, 0
    last: tuple[Unit, int] | None = None
    text = text.strip()
    if not text or len(text) > 60:
        return None
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            return None
        position = match.end()
        kind = match.lastgroup
        if kind == "per":
            sign = -1
        elif kind == "area":
            raised = 2 if match["area"].lower().startswith("s") else 3
        elif kind in ("word", "degrees"):
            unit = _lookup(match[kind])
            if unit is None:
                return None
            power = sign * (raised or 1)
            factor, raised, last, count = factor * unit.factor**power, 0, (unit, power), count + 1
            offset, ambiguous = unit.offset, ambiguous and unit.ambiguous
            for base, base_power in unit.dimension:
                powers[base] = powers.get(base, 0) + base_power * power
        elif kind in ("power", "digit", "suffix"):
            wanted = int(match[kind]) if kind != "suffix" else 2 if match[kind].lower() == "squared" else 3
            if last is None or not -4 <= wanted <= 4:
                return None
            unit, power = last
            extra = power * wanted - power
            factor *= unit.factor**extra
            ambiguous = False
            for base, base_power in unit.dimension:
                powers[base] = powers.get(base, 0) + base_power * extra
            last = None
    if (last is None and not powers) or raised:
        return None
    if count > 1 and offset:
        return None
    dimension = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Unit(factor, dimension, offset, ambiguous and count == 1)


def _lookup(word: str) -> Unit | None:
    word = word.rstrip(".")
    table = _table()
    found = table.get(word) or table.get(re.sub(r"\s", "", word))
    if found is None and (len(word) > 2 or word.lower() in ("kg", "km", "cm", "mm")):
        found = table.get(word.lower())
    if found is None and " " in word:
        found = table.get(word.split()[-1].lower())
    return found


def units_named(question: str) -> tuple[Unit, ...]:
    """The units whose names or symbols of two letters or more stand in `question`."""
    words = _WORD.findall(question[:4_000])
    found = (_lookup(word) for word in words if word != "in" and (len(word) > 1 or not word.isalpha()))
    return tuple(dict.fromkeys(unit for unit in found if unit is not None))
