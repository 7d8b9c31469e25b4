"""Fictional people for the demo: names in several scripts, each with a different address under example.com."""

import unicodedata
from collections.abc import Iterator
from random import Random

from demo.catcher import NO_MAILBOX
from models.commands.intake import Person

_NAMES = {
    "de": (
        "Anna Jürgen Käthe Lukas Mia Noah Sören Björn Greta Heike Uwe Paula",
        "Müller Schmidt Weiß Köhler Schäfer Groß Jäger Vogt Böhm Hahn",
    ),
    "en": (
        "Olivia Jack Grace Henry Ruby Oscar Ivy Leo Maeve Seán Zoe Aaron",
        "O’Brien Smith Taylor Clarke Walker Hughes Bell Murphy Price Ward",
    ),
    "fr": ("Chloé Hélène Théo Élodie Rémi Noémie Loïc Maëlle", "Lefèvre Dupré Gérard Noël Béranger Chauvin Rousseau"),
    "es": ("Íñigo Lucía Martín Sofía Andrés Inés Joaquín Núria", "Núñez García Peña López Muñoz Ibáñez Castaño"),
    "pl": ("Zofia Łukasz Małgorzata Paweł Żaneta Michał", "Wójcik Kowalczyk Zieliński Dąbrowska Łukaszewicz"),
    "tr": ("Çağla Şükrü Ömer Işıl Gülşen İbrahim", "Yılmaz Özdemir Şahin Çelik Koç"),
    "vi": ("Nguyễn Trần Phạm Đặng", "Thị Hương Văn Đức Quốc Bảo"),
    "ru": ("Анна Дмитрий Екатерина Михаил Ольга Сергей", "Иванова Кузнецов Соколова Попов Лебедев"),
    "el": ("Ελένη Γιώργος Μαρία Νίκος Σοφία", "Παπαδοπούλου Νικολάου Γεωργίου Οικονόμου"),
    "ar": ("فاطمة محمد ليلى يوسف نور", "الحسن خليل منصور العلي حداد"),
    "he": ("נועה דוד יעל אורי", "כהן לוי מזרחי פרץ"),
    "ja": ("さくら 健太 美咲 大輔 陽菜", "佐藤 鈴木 高橋 田中 伊藤"),
    "ko": ("지우 민준 서연 하은", "김 이 박 최"),
    "zh": ("伟 芳 秀英 敏 强", "王 李 张 刘 陈"),
}
_MIX = {
    "de": 40,
    "en": 22,
    "fr": 6,
    "es": 6,
    "pl": 5,
    "tr": 6,
    "vi": 2,
    "ru": 4,
    "el": 2,
    "ar": 2,
    "he": 1,
    "ja": 2,
    "ko": 1,
    "zh": 1,
}
EMPLOYEES = ("Jana", "Tom", "Ayşe", "Piotr", "Nils", "Chiara")
SERVICES = ("Breakfast", "Cake order", "Delivery", "Workshop", "Catering")


def people(random: Random, domain: str) -> Iterator[Person]:
    """People with different addresses. Of 40, one has no first name; of 20, one has a phone; of 100, one has no
    mailbox."""
    number = 0
    while True:
        number += 1
        firsts, lasts = _NAMES[random.choices(list(_MIX), list(_MIX.values()))[0]]
        first, last = random.choice(firsts.split()), random.choice(lasts.split())
        yield Person(
            first_name=None if random.random() < 0.025 else first,
            last_name=last,
            email=f"{_plain(first)}{number}@{NO_MAILBOX if random.random() < 0.01 else ''}{domain}",
            phone=f"+49301{number:06}" if random.random() < 0.05 else None,
            phone_national=None,
        )


def _plain(name: str) -> str:
    """The letters allowed in an address, or "guest" for names in other scripts."""
    folded = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in folded if "a" <= letter <= "z") or "guest"
