"""Polish, with formal address. `firma` before a name keeps the name in its basic form."""

from languages.language import Language, MailTexts, Notice, PageTexts, SignInTexts

POLISH = Language(
    code="pl",
    name="Polish",
    direction="ltr",
    mail=MailTexts(
        hello="Dzień dobry",
        ask_subject="{location}: jak oceniają Państwo wizytę?",
        ask_preheader="Odpowiedź zajmie tylko minutę.",
        ask="dziękujemy za wizytę w firmie {location}. Jak ją Państwo oceniają? Odpowiedź zajmie minutę i pomoże nam oraz "
        "kolejnym klientom.",
        remind_subject="{location}: nadal chętnie poznamy Państwa opinię",
        remind_preheader="Zajmie to tylko minutę, a nam bardzo pomoże.",
        remind="kilka dni temu zapytaliśmy o Państwa wizytę w firmie {location}. Jeśli mają Państwo chwilę, nadal chętnie "
        "poznamy Państwa opinię.",
        button="Oceń wizytę",
        closing="Z pozdrowieniami",
        why="Otrzymują Państwo tę wiadomość w związku z wizytą w firmie {name}.",
        unsubscribe="Wypisz się",
        test="Próba: {subject}",
    ),
    sign_in=SignInTexts(
        subject="Logowanie do Plaudit",
        open="aby zalogować się jako {name} ({accounts}), prosimy otworzyć ten link:",
        once="Działa on jeden raz, przez {minutes} minut, i tylko w przeglądarce, w której o niego poproszono.",
        ignore="Jeśli to nie była Państwa prośba, prosimy zignorować tę wiadomość. Nikt nie zaloguje się nią gdzie indziej.",
    ),
    pages=PageTexts(
        hello="Dzień dobry, {name}! Jak oceniają Państwo wizytę w firmie {location}?",
        hello_no_name="Jak oceniają Państwo wizytę w firmie {location}?",
        question="Jak bardzo prawdopodobne jest, że polecą Państwo firmę {location} znajomym?",
        least="0: bardzo mało prawdopodobne",
        most="10: bardzo prawdopodobne",
        thanks_score="Dziękujemy. Państwa ocena to {score}; można ją zmienić w każdej chwili.",
        platforms="Proszę powiedzieć o tym innym: opinia publiczna",
        platforms_more="Proszę wybrać, gdzie chcą Państwo napisać opinię.",
        note="Wyślij prywatną wiadomość",
        note_more="Mogą też Państwo napisać do nas prywatnie. Wiadomość przeczyta tylko firma {location}.",
        send_note="Wyślij wiadomość",
        thanks_note="Dziękujemy, wiadomość została wysłana.",
        no_score="Proszę wybrać ocenę od 0 do 10.",
        no_note="Proszę najpierw coś napisać.",
        no_platform="Ta opcja nie jest tu dostępna; proszę wybrać inną.",
        enough="Dziękujemy. Limit odpowiedzi został osiągnięty; wcześniejsze odpowiedzi są zapisane.",
        unsubscribe="Nie chcą Państwo więcej wiadomości od firmy {location}?",
        unsubscribe_more="Po wypisaniu ani {location}, ani inne placówki tej firmy nie będą więcej wysyłać wiadomości na "
        "{address}. Zaplanowane przypomnienia nie zostaną wysłane; wiadomość, która jest już w drodze, "
        "może jeszcze dotrzeć.",
        unsubscribe_do="Wypisz mnie",
        unsubscribed=Notice(
            "Adres został wypisany",
            "Ani {location}, ani inne placówki tej firmy nie będą więcej wysyłać wiadomości na {address}. "
            "Zaplanowane przypomnienia nie zostaną wysłane.",
        ),
        undo_more="To pomyłka? Wypisanie można cofnąć w ciągu godziny.",
        undo="Cofnij wypisanie",
        undone=Notice(
            "Wypisanie zostało cofnięte",
            "{location} może znowu wysyłać wiadomości na {address}. Przypomnienia zaplanowane przed "
            "wypisaniem nie zostaną wysłane.",
        ),
        undo_late="Nie można już tego tutaj cofnąć. Aby znowu otrzymywać wiadomości od firmy {location}, proszę "
        "się z nią skontaktować.",
        unknown=Notice(
            "Ten link nie działa", "Być może brakuje jego części. Proszę ponownie otworzyć link z wiadomości."
        ),
        expired=Notice("Ten link stracił ważność", "Był ważny przez 180 dni. Dziękujemy mimo to za odwiedziny."),
        test=Notice(
            "To jest wiadomość próbna",
            "Klientom ten link otwiera ich własną stronę. Tutaj nic nie jest zapisywane.",
        ),
        too_long=Notice("Wiadomość jest za długa", "Proszę wrócić i napisać trochę mniej."),
        lost=Notice("Wiadomość nie dotarła w całości", "Proszę wrócić i wysłać ją ponownie."),
        later=Notice("Proszę wrócić za chwilę", "Nie możemy teraz otworzyć tej strony. Link nadal działa."),
        broken=Notice(
            "Coś poszło nie tak",
            "To nie Państwa wina; zapisaliśmy to pod numerem {number}. Proszę spróbować ponownie później.",
        ),
    ),
)
