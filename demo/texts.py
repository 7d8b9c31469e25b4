"""Texts of the demo's people: reviews in several scripts, and private feedback."""

from random import Random

REVIEWS: dict[int, tuple[str, ...]] = {
    5: (
        "Das beste Roggenbrot der Stadt, und alle so freundlich.",
        "Warm bread at seven in the morning. What more could you want?",
        "Une boulangerie comme on n’en fait plus. Merci !",
        "Самый вкусный хлеб в городе, приду ещё не раз.",
        "Το καλύτερο ψωμί που έχω φάει εδώ και χρόνια.",
        "خبز رائع وخدمة لطيفة جدا، سأعود بالتأكيد.",
        "パンがとても美味しく、店員さんも親切でした。また来ます。",
        "빵이 정말 맛있고 직원분들이 친절해요.",
        "面包很香，服务也很好，会再来。",
        "הלחם הכי טוב בשכונה, ממליצה בחום.",
        "Poğaçalar harika, kahve de öyle. Kesinlikle tavsiye ederim.",
    ),
    4: (
        "Sehr gutes Brot, samstags muss man nur etwas warten.",
        "Lovely place, a bit loud at noon.",
        "Muy buen pan, volveremos.",
        "Bardzo dobre bułki, obsługa miła.",
        "Хороший кофе, но мало мест.",
        "とても良かったです。席がもう少しあると嬉しい。",
    ),
    3: ("In Ordnung, mehr nicht.", "Fine, but the coffee was cold.", "Correct, sans plus.", "Нормально, но дорого."),
    2: (
        "Zwanzig Minuten gewartet, und dann war das Brot aus.",
        "The cake was dry, sorry.",
        "Troppo caro per quello che è.",
    ),
    1: (
        "Bestellung vergessen, niemand hat sich entschuldigt.",
        "Rude at the till. Not again.",
        "تأخر الطلب ساعة كاملة.",
    ),
}
_NOTES = (
    "Bitte öfter Dinkelbrot backen!",
    "The door is hard to open with a pram.",
    "Danke an Ayşe für die Geduld mit meiner Bestellung.",
    "Есть ли у вас хлеб без дрожжей?",
    "駐輪場があると助かります。",
    "La musique est un peu forte le dimanche.",
    "هل يمكن الدفع بالبطاقة؟",
)


def review(random: Random, stars: int) -> str | None:
    """None for one in eight, who leave only stars."""
    return None if random.random() < 0.125 else random.choice(REVIEWS[stars])


def note(random: Random) -> str:
    return random.choice(_NOTES)
