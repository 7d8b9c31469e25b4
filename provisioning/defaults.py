# ruff: noqa: E501 - sentences
"""The default templates, in several languages, and the default sequence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from string import Template

from models.rules.enums import Channel
from provisioning.file import Step, TemplateText

ASK, REMIND = "ask", "remind"
BUILT_IN = (ASK, REMIND)
"""Keys of built-in templates, which the file can override."""
DEFAULT_DAYS = (0, 3, 7, 14)


@dataclass(frozen=True, slots=True)
class _Words:
    """Texts of a language, one line each. The customer's name is inserted after `hello`."""

    hello: str
    ask_subject: str
    ask: str
    remind_subject: str
    remind: str
    button: str
    thanks: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        "Hello",
        "How was your visit to {{ location }}?",
        "thank you for coming to {{ location }}. How was it? Your answer takes a minute and helps us and those who come after you.",
        "{{ location }} would still like to hear from you",
        "a few days ago we asked how your visit to {{ location }} was. If you have a minute, we would still like to know.",
        "Tell us how it was",
        "Thank you",
    ),
    "de": _Words(
        "Guten Tag",
        "Wie war Ihr Besuch bei {{ location }}?",
        "danke für Ihren Besuch bei {{ location }}. Wie war es? Die Antwort dauert eine Minute und hilft uns und allen, die nach Ihnen kommen.",
        "{{ location }} freut sich noch über Ihre Antwort",
        "vor einigen Tagen haben wir gefragt, wie Ihr Besuch bei {{ location }} war. Wenn Sie eine Minute haben, wüssten wir es noch immer gern.",
        "Sagen Sie uns, wie es war",
        "Vielen Dank",
    ),
    "fr": _Words(
        "Bonjour",
        "Comment s’est passée votre visite chez {{ location }} ?",
        "merci d’être venu chez {{ location }}. Comment cela s’est-il passé ? Répondre prend une minute et nous aide, ainsi que ceux qui viendront après vous.",
        "{{ location }} aimerait encore avoir votre avis",
        "il y a quelques jours, nous vous avons demandé comment s’était passée votre visite chez {{ location }}. Si vous avez une minute, votre réponse nous intéresse toujours.",
        "Dites-nous comment c’était",
        "Merci",
    ),
    "es": _Words(
        "Hola",
        "¿Qué tal su visita a {{ location }}?",
        "gracias por venir a {{ location }}. ¿Qué tal fue? Responder lleva un minuto y nos ayuda a nosotros y a quienes vengan después.",
        "A {{ location }} todavía le gustaría saber de usted",
        "hace unos días le preguntamos qué tal fue su visita a {{ location }}. Si tiene un minuto, todavía nos gustaría saberlo.",
        "Cuéntenos qué tal fue",
        "Gracias",
    ),
}

_TEXT = Template("""$hello{% if first_name %} {{ first_name }}{% endif %},

$body

$button: {{ review_url }}

$thanks
{{ location }}""")

_HTML = Template("""<p>$hello{% if first_name %} {{ first_name }}{% endif %},</p>
<p>$body</p>
<p><a href="{{ review_url }}">$button</a></p>
<p>$thanks<br>{{ location }}</p>""")


def built_in(key: str, language: str) -> TemplateText:
    """The built-in template in this language, or in English if there is no translation."""
    words = _WORDS.get(language.partition("-")[0], _WORDS["en"])
    subject, body = (words.ask_subject, words.ask) if key == ASK else (words.remind_subject, words.remind)
    values = {"hello": words.hello, "body": body, "button": words.button, "thanks": words.thanks}
    return TemplateText(subject=subject, text=_TEXT.substitute(values), html=_HTML.substitute(values))


def default_sequence(most: int) -> list[Step]:
    """E-mails immediately and after 3, 7 and 14 days, limited to the number of steps in the plan."""
    return [
        Step(after=timedelta(days=days), channel=Channel.EMAIL, template=REMIND if days else ASK)
        for days in DEFAULT_DAYS[:most]
    ]
