"""The Net Promoter Score; pure."""


def net_promoter_score(promoters: int, detractors: int, answers: int) -> int | None:
    """The percentage of promoters less that of detractors, -100 to 100; None without an answer.

    Rounded to the nearest, halves up (12.5 is 13, -12.5 is -12) as JavaScript's Math.round does, so that a frontend
    that works it out from the same counts shows the same number. Whole numbers only: no half is lost in a float.
    """
    if not answers:
        return None
    return (200 * (promoters - detractors) + answers) // (2 * answers)
