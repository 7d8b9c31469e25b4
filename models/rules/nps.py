"""The Net Promoter Score."""


def net_promoter_score(promoters: int, detractors: int, answers: int) -> int | None:
    """The percentage of promoters minus that of detractors, -100 to 100; None without answers.

    Rounds halves up (12.5 to 13, -12.5 to -12) like JavaScript's Math.round, so that a frontend computes the same number
    from the same counts. Uses integers, so that halves are exact.
    """
    if not answers:
        return None
    return (200 * (promoters - detractors) + answers) // (2 * answers)
