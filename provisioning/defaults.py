"""The default templates, in several languages, and the default sequence."""

from datetime import timedelta
from string import Template

from languages import choose
from models.rules.enums import Channel
from provisioning.file import Step, TemplateText

ASK, REMIND = "ask", "remind"
BUILT_IN = (ASK, REMIND)
"""Keys of built-in templates, which the file can override."""
DEFAULT_DAYS = (0, 3, 7, 14)


_TEXT = Template("""$hello{% if first_name %} {{ first_name }}{% endif %},

$body

$button: {{ review_url }}

$closing
{{ location }}""")

_HTML = Template("""<p>$hello{% if first_name %} {{ first_name }}{% endif %},</p>
<p>$body</p>
{{ button }}
<p>$closing<br>{{ location }}</p>""")


def built_in(key: str, language: str) -> TemplateText:
    """The built-in template in this language, or in English if there is no translation."""
    texts = choose([language]).mail
    subject, preheader, body = (
        (texts.ask_subject, texts.ask_preheader, texts.ask)
        if key == ASK
        else (texts.remind_subject, texts.remind_preheader, texts.remind)
    )
    values = {"hello": texts.hello, "body": _placed(body), "button": texts.button, "closing": texts.closing}
    return TemplateText(
        subject=_placed(subject),
        preheader=_placed(preheader),
        text=_TEXT.substitute(values),
        html=_HTML.substitute(values),
    )


def _placed(text: str) -> str:
    """The text with the template's placeholder for the location."""
    return text.format(location="{{ location }}")


def default_sequence(most: int) -> list[Step]:
    """E-mails immediately and after 3, 7 and 14 days, limited to the number of steps in the plan."""
    return [
        Step(after=timedelta(days=days), channel=Channel.EMAIL, template=REMIND if days else ASK)
        for days in DEFAULT_DAYS[:most]
    ]
