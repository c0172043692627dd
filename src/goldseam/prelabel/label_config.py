"""Label config: a project's questions as Label Studio's XML, for ML backends that read it.

In: a schema, a modality. Out: XML as text. Never: a name that could end its attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Question, QuestionKind, Schema

K = QuestionKind
OBJECTS: Mapping[Modality, tuple[str, str]] = MappingProxyType(
    {Modality.TEXT: ("Text", "text"), Modality.HTML: ("HyperText", "text"), Modality.IMAGE: ("Image", "image")}
)
"""By what items show: the tag, and the key of a task's data."""


def _choices(question: Question, to: str, choice: str) -> str:
    return _with_labels("Choices", "Choice", question, to, choice=choice)


def _with_labels(tag: str, inner: str, question: Question, to: str, **more: str) -> str:
    labels = "".join(f"<{inner} value={quoteattr(name)}/>" for name in question.label_names)
    return f"{_opened(tag, question, to, **more)}>{labels}</{tag}>"


def _alone(tag: str, question: Question, to: str, **more: str) -> str:
    return f"{_opened(tag, question, to, **more)}/>"


def _opened(tag: str, question: Question, to: str, **more: str) -> str:
    told = "".join(f" {name}={quoteattr(value)}" for name, value in more.items())
    return f"<{tag} name={quoteattr(question.name)} toName={quoteattr(to)}{told}"


CONTROLS: Mapping[QuestionKind, Callable[[Question, str], str]] = MappingProxyType(
    {
        K.CHOICE: lambda question, to: _choices(question, to, "single"),
        K.CHOICES: lambda question, to: _choices(question, to, "multiple"),
        K.RATING: lambda question, to: _alone("Rating", question, to, maxRating=str(int(question.maximum or 5))),
        K.NUMBER: lambda question, to: _alone("Number", question, to),
        K.DATE: lambda question, to: _alone("DateTime", question, to),
        K.TEXT: lambda question, to: _alone("TextArea", question, to),
        K.SPAN: lambda question, to: _with_labels("Labels", "Label", question, to),
        K.BOX: lambda question, to: _with_labels("RectangleLabels", "Label", question, to),
        K.ELLIPSE: lambda question, to: _with_labels("EllipseLabels", "Label", question, to),
        K.POLYGON: lambda question, to: _with_labels("PolygonLabels", "Label", question, to),
        K.MASK: lambda question, to: _with_labels("BrushLabels", "Label", question, to),
    }
)
"""By kind of question: the control that Label Studio has for it, and that its results are read back from."""


def unanswerable(schema: Schema) -> tuple[Question, ...]:
    """Return the questions that have to be answered and that Label Studio has no control for."""
    return tuple(one for one in schema.questions if one.required and one.kind not in CONTROLS)


def xml(schema: Schema, modality: Modality) -> str:
    """Return the XML of a project: what its items show, and a control for each question there is one for."""
    tag, key = OBJECTS[modality]
    controls = "".join(CONTROLS[one.kind](one, key) for one in schema.questions if one.kind in CONTROLS)
    return f'<View><{tag} name="{key}" value="${key}"/>{controls}</View>'
