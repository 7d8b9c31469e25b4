"""German, with formal address."""

from languages.language import Language, MailTexts, Notice, PageTexts, SignInTexts

GERMAN = Language(
    code="de",
    name="German",
    direction="ltr",
    mail=MailTexts(
        hello="Guten Tag",
        ask_subject="Wie war Ihr Besuch bei {location}?",
        ask_preheader="Die Antwort dauert nur eine Minute.",
        ask="vielen Dank für Ihren Besuch bei {location}. Wie war es? Die Antwort dauert nur eine Minute und hilft uns und "
        "allen, die nach Ihnen kommen.",
        remind_subject="{location} freut sich noch über Ihre Antwort",
        remind_preheader="Es dauert nur eine Minute, und wir würden uns freuen.",
        remind="vor einigen Tagen haben wir Sie gefragt, wie Ihr Besuch bei {location} war. Wenn Sie eine Minute Zeit haben, "
        "würden wir es immer noch gern erfahren.",
        button="Sagen Sie uns, wie es war",
        closing="Freundliche Grüße",
        why="Sie erhalten diese Nachricht, weil Sie bei {name} Kunde waren.",
        unsubscribe="Abmelden",
        test="Probe: {subject}",
    ),
    sign_in=SignInTexts(
        subject="Bei Plaudit anmelden",
        open="öffnen Sie diesen Link, um sich als {name} ({accounts}) anzumelden:",
        once="Er funktioniert einmal, innerhalb von {minutes} Minuten, und nur in dem Browser, in dem Sie ihn angefordert haben.",
        ignore="Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht. Anderswo kann sich damit niemand anmelden.",
    ),
    pages=PageTexts(
        hello="Hallo {name}, wie war es bei {location}?",
        hello_no_name="Wie war es bei {location}?",
        question="Wie wahrscheinlich ist es, dass Sie {location} weiterempfehlen?",
        least="0: sehr unwahrscheinlich",
        most="10: sehr wahrscheinlich",
        thanks_score="Danke. Sie haben {score} gewählt; Sie können das jederzeit ändern.",
        platforms="Sagen Sie es anderen: öffentlich bewerten",
        platforms_more="Wählen Sie, wo Sie schreiben möchten.",
        note="Private Nachricht senden",
        note_more="Zusätzlich können Sie uns vertraulich schreiben. Nur {location} liest es.",
        send_note="Nachricht senden",
        thanks_note="Danke, Ihre Nachricht ist angekommen.",
        no_score="Bitte wählen Sie eine Zahl von 0 bis 10.",
        no_note="Bitte schreiben Sie erst etwas.",
        no_platform="Das steht hier nicht zur Wahl; bitte wählen Sie etwas anderes.",
        enough="Danke. Mehr Antworten sind hier nicht möglich; Ihre früheren sind gespeichert.",
        unsubscribe="Keine Nachrichten mehr von {location}?",
        unsubscribe_more="Wenn Sie sich abmelden, schreiben {location} und die anderen Standorte des Unternehmens nicht "
        "mehr an {address}. Geplante Erinnerungen werden nicht gesendet; eine Nachricht, die gerade "
        "unterwegs ist, kann Sie noch erreichen.",
        unsubscribe_do="Abmelden",
        unsubscribed=Notice(
            "Sie sind abgemeldet",
            "{location} und die anderen Standorte des Unternehmens schreiben nicht mehr an {address}. "
            "Geplante Erinnerungen werden nicht gesendet.",
        ),
        undo_more="War das ein Versehen? Sie können die Abmeldung eine Stunde lang rückgängig machen.",
        undo="Rückgängig machen",
        undone=Notice(
            "Ihre Abmeldung ist rückgängig gemacht",
            "{location} darf wieder an {address} schreiben. Erinnerungen, die vor der Abmeldung geplant "
            "waren, werden nicht mehr gesendet.",
        ),
        undo_late="Das lässt sich hier nicht mehr rückgängig machen. Wenn Sie wieder von {location} hören "
        "möchten, wenden Sie sich bitte direkt dorthin.",
        unknown=Notice(
            "Dieser Link funktioniert nicht",
            "Vielleicht fehlt ein Teil. Bitte öffnen Sie den Link in der Nachricht noch einmal.",
        ),
        expired=Notice(
            "Dieser Link gilt nicht mehr", "Er galt 180 Tage lang. Danke, dass Sie trotzdem zurückgekommen sind."
        ),
        test=Notice(
            "Dies ist eine Probe",
            "Für Kunden öffnet dieser Link ihre eigene Seite. Hier wird nichts gespeichert.",
        ),
        too_long=Notice("Das war zu lang", "Bitte gehen Sie zurück und schreiben Sie etwas weniger."),
        lost=Notice(
            "Ihre Nachricht kam nicht vollständig an", "Bitte gehen Sie zurück und senden Sie sie noch einmal."
        ),
        later=Notice(
            "Bitte kommen Sie gleich noch einmal",
            "Wir können diese Seite gerade nicht öffnen. Ihr Link bleibt gültig.",
        ),
        broken=Notice(
            "Hier ist etwas schiefgegangen",
            "Es liegt nicht an Ihnen; wir haben es als {number} vermerkt. Bitte versuchen Sie es später noch einmal.",
        ),
    ),
)
