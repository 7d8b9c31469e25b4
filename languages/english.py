"""English, the language used where no other one fits."""

from languages.language import Language, MailTexts, Notice, PageTexts, SignInTexts

ENGLISH = Language(
    code="en",
    name="English",
    direction="ltr",
    mail=MailTexts(
        hello="Hello",
        ask_subject="How was your visit to {location}?",
        ask_preheader="Your answer takes a minute.",
        ask="Thank you for coming to {location}. How was it? Your answer takes a minute and helps us and those who come "
        "after you.",
        remind_subject="{location} would still like to hear from you",
        remind_preheader="It takes a minute, and we would be glad to know.",
        remind="A few days ago we asked how your visit to {location} was. If you have a minute, we would still like to know.",
        button="Tell us how it was",
        closing="Kind regards",
        why="You received this message because you were a customer of {name}.",
        unsubscribe="Unsubscribe",
        test="Test: {subject}",
    ),
    sign_in=SignInTexts(
        subject="Sign in to Plaudit",
        open="open this link to sign in as {name} ({accounts}):",
        once="It works once, within {minutes} minutes, and only in the browser in which you asked for it.",
        ignore="If you did not ask for this, ignore this message. Nobody can sign in with it elsewhere.",
    ),
    pages=PageTexts(
        hello="Hello {name}, how was it at {location}?",
        hello_no_name="How was it at {location}?",
        question="How likely are you to recommend {location} to a friend?",
        least="0: not at all likely",
        most="10: extremely likely",
        thanks_score="Thank you. Your score is {score}; you can change it at any time.",
        platforms="Tell others: leave a review",
        platforms_more="Choose where you would like to write it.",
        note="Send a private note",
        note_more="In addition, you can write to us privately. Only {location} reads it.",
        send_note="Send note",
        thanks_note="Thank you, your note was sent.",
        no_score="Please choose a score from 0 to 10.",
        no_note="Please write something first.",
        no_platform="That one is not offered here; please choose another.",
        enough="Thank you. You have reached the limit; your earlier answers are saved.",
        unsubscribe="No more messages from {location}?",
        unsubscribe_more="If you unsubscribe, neither {location} nor any other location of the business will write to "
        "{address} again. Reminders that are planned will not be sent; a message that is on its way may "
        "still arrive.",
        unsubscribe_do="Unsubscribe",
        unsubscribed=Notice(
            "You are unsubscribed",
            "Neither {location} nor any other location of the business will write to {address} again. "
            "Reminders that were planned will not be sent.",
        ),
        undo_more="Was this a mistake? You can undo it within an hour.",
        undo="Undo",
        undone=Notice(
            "You are subscribed again",
            "{location} may write to {address} again. Reminders that were planned before you unsubscribed "
            "will not be sent.",
        ),
        undo_late="This can no longer be undone here. If you would like to hear from {location} again, please "
        "contact them.",
        unknown=Notice(
            "This link does not work", "Part of it may be missing. Please open the link in the message again."
        ),
        expired=Notice("This link is no longer valid", "It was valid for 180 days. Thank you for coming back anyway."),
        test=Notice(
            "This is a test message",
            "For a customer, this link opens their own page. Nothing is recorded here.",
        ),
        too_long=Notice("That was too long", "Please go back and write a little less."),
        lost=Notice("Your message did not arrive completely", "Please go back and send it again."),
        later=Notice("Please come back in a moment", "We cannot open this page right now. Your link still works."),
        broken=Notice(
            "Something went wrong here",
            "It is not your fault; we have recorded it as {number}. Please try again later.",
        ),
    ),
)
