"""What every mail looks like: the layout around a template's text, its button, and the signature below."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from languages import Language, choose, direction_of
from models.reads.drafts import Draft
from models.rules.color import ButtonColors, button_colors

DEFAULT_COLOR = "#1f5fbf"
LONGEST_PREHEADER = 200
_CARD, _DARK_CARD = "#ffffff", "#22262b"
LOOK = {
    "page": "#f1f3f5",
    "dark_page": "#16181b",
    "card": _CARD,
    "dark_card": _DARK_CARD,
    "ink": "#1b1f24",
    "dark_ink": "#f1f3f5",
    "quiet": "#5a626b",
    "dark_quiet": "#b6bdc6",
    "font": "-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif",
}


def _layouts() -> Environment:
    folder = files("delivery").joinpath("templates")
    sources = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".html")}
    made = Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update(LOOK)
    return made


_LAYOUTS = _layouts()
_MAIL, _BUTTON = _LAYOUTS.get_template("mail.html"), _LAYOUTS.get_template("button.html")


@lru_cache(maxsize=512)
def colors_of(fill: str | None) -> ButtonColors:
    """The colors of a location's buttons, in mails and on its pages."""
    return button_colors(fill or DEFAULT_COLOR, _CARD, _DARK_CARD)


@dataclass(frozen=True, slots=True)
class Button:
    """The button to the review page. In a template, `{{ button }}` has the language's label, `{{ button("Rate us") }}` its
    own."""

    address: str
    label: str
    color: str | None

    def __call__(self, label: str) -> Markup:
        return Markup(_BUTTON.render(asdict(colors_of(self.color)), address=self.address, label=label))  # noqa: S704 - ours

    def __html__(self) -> str:
        return self(self.label)

    __str__ = __html__


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses in a mail. `opened` is the tracking pixel's, if there is one."""

    review: str
    unsubscribe: str
    opened: str | None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the layout adds to the texts of a draft, all in one language: that of the template if we have it, else English."""

    draft: Draft
    links: Links
    language: Language

    @classmethod
    def of(cls, draft: Draft, links: Links) -> "Letterhead":
        return cls(draft, links, choose([draft.language]))

    @property
    def button(self) -> Button:
        return Button(self.links.review, self.language.mail.button, self.draft.sender.color)

    def html(self, subject: str, preheader: str, body: str) -> str:
        """The whole page. `body` is HTML; the button follows unless the link is in it."""
        sender, mail, colors = self.draft.sender, self.language.mail, colors_of(self.draft.sender.color)
        if self.links.review not in body:
            body = f"{body}\n{self.button}"
        return _MAIL.render(
            language=self.draft.language,
            direction=direction_of(self.draft.language),
            footer_language=self.language.code,
            footer_direction=self.language.direction,
            subject=subject,
            preheader=preheader[:LONGEST_PREHEADER],
            fill=colors.fill,
            on_fill=colors.text,
            dark_edge=colors.dark_edge,
            logo=sender.logo,
            location=sender.location_name,
            body=Markup(body),  # noqa: S704 - the template escapes what it fills in
            address=sender.postal_address.splitlines(),
            why=mail.why.format(name=sender.location_name),
            unsubscribe=self.links.unsubscribe,
            unsubscribe_label=mail.unsubscribe,
            opened=self.links.opened,
        )

    def text(self, body: str) -> str:
        """The text with its signature; the link precedes it unless it is in the text."""
        sender, mail, links = self.draft.sender, self.language.mail, self.links
        link = "" if links.review in body else f"\n\n{mail.button}: {links.review}"
        why = mail.why.format(name=sender.location_name)
        signature = f"{sender.location_name}\n{sender.postal_address}\n{why}\n{mail.unsubscribe}: {links.unsubscribe}"
        return f"{body}{link}\n\n-- \n{signature}\n"
