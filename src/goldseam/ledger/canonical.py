"""Canonical JSON: one value, one sequence of bytes (RFC 8785).

In: None, bools, numbers, strings, lists and mappings. Out: bytes that hash alike on every machine.
Never: a value that would come back changed: NaN, infinities, integers beyond 2**53, half a surrogate pair, other keys.

References
----------
Rundgren, Jordan, Erdtman: JSON Canonicalization Scheme (JCS), RFC 8785, 2020.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring

MAX_INTEGER = 2**53 - 1
"""Beyond this, a reader that keeps numbers as doubles would change the integer."""

MAX_DEPTH = 100


def canonical(value: object) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises
    ------
    ValueError
        If the value has no canonical form; the message names the part and what would have been right.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError as error:
        raise ValueError("A text in the value holds half of a surrogate pair, which has no UTF-8 form.") from error


def parse(data: bytes) -> object:
    """Return the value of canonical bytes.

    Raises
    ------
    ValueError
        If the bytes are not JSON, or are JSON in another form than the canonical one.
    """
    try:
        value: object = json.loads(data.decode(), object_pairs_hook=unique_keys, parse_int=_integer)
    except RecursionError as error:
        raise ValueError(f"The JSON is nested more than {MAX_DEPTH} deep.") from error
    except OverflowError as error:
        raise ValueError("The JSON holds a number beyond every double.") from error
    if canonical(value) != data:
        raise ValueError("The bytes are JSON, but not in canonical form (RFC 8785).")
    return value


def _integer(text: str) -> float:
    """Return a whole number as the type it was: doubles from 2**53 on are written without a point, too."""
    value = int(text)
    return value if -MAX_INTEGER <= value <= MAX_INTEGER else float(value)


def unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs as a dict; for `json.loads(..., object_pairs_hook=unique_keys)`.

    Raises
    ------
    ValueError
        If a key stands twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key, n in times.items() if n > 1)
        raise ValueError(f"The key {twice!r} stands twice in one object.")
    return found


def _write(value: object, parts: list[str], depth: int) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError(f"An integer lies within ±(2**53 - 1); got {value}. Write larger ones as text.")
        parts.append(int.__repr__(value))
    elif isinstance(value, float):
        parts.append(number(value))
    elif depth >= MAX_DEPTH:
        raise ValueError(f"The value is nested more than {MAX_DEPTH} deep.")
    elif isinstance(value, Mapping):
        _write_object(value, parts, depth)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        _write_array(value, parts, depth)
    else:
        raise ValueError(f"A value of type {type(value).__name__} has no JSON form.")


def _write_object(value: Mapping[object, object], parts: list[str], depth: int) -> None:
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"The keys of an object are texts; got {key!r}.")  # noqa: TRY004 (one family)
    keys = [str(key) for key in value]
    joined = "".join(keys)
    if joined.isascii() or max(joined) < "\ud800":
        keys.sort()
    else:
        # The standard orders by UTF-16 code units: a character beyond U+FFFF comes before U+E000.
        keys.sort(key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    lead = "{"
    for key in keys:
        parts.append(lead)
        parts.append(encode_basestring(key))
        parts.append(":")
        _write(value[key], parts, depth + 1)
        lead = ","
    parts.append("}" if keys else "{}")


def _write_array(value: Sequence[object], parts: list[str], depth: int) -> None:
    lead = "["
    for element in value:
        parts.append(lead)
        _write(element, parts, depth + 1)
        lead = ","
    parts.append("]" if len(value) else "[]")


def number(value: float) -> str:
    """Return a double as ECMAScript writes it: the shortest digits that read back to the same double.

    Raises
    ------
    ValueError
        For NaN and infinities.
    """
    if not math.isfinite(value):
        raise ValueError(f"JSON has no number {value}; leave the value out and say why.")
    if value == 0:
        return "0"
    mantissa, _, power = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # `point`: the decimal point stands after this many digits of `digits`.
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    return sign + digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "") + exponent
