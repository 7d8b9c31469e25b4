"""French, with formal address. A no-break space stands before : ; ? and !."""

from languages.language import Language, MailTexts, Notice, PageTexts, SignInTexts

FRENCH = Language(
    code="fr",
    name="French",
    direction="ltr",
    mail=MailTexts(
        hello="Bonjour",
        ask_subject="Comment s’est passée votre visite chez {location} ?",
        ask_preheader="Votre réponse ne prend qu’une minute.",
        ask="Merci de votre visite chez {location}. Comment s’est-elle passée ? Votre réponse ne prend qu’une minute et nous "
        "aide, ainsi que les clients qui viendront après vous.",
        remind_subject="{location} aimerait toujours avoir votre avis",
        remind_preheader="Une minute suffit, et votre avis nous serait utile.",
        remind="Il y a quelques jours, nous vous avons demandé comment s’était passée votre visite chez {location}. Si vous "
        "avez une minute, votre réponse nous intéresse toujours.",
        button="Donner mon avis",
        closing="Bien cordialement",
        why="Vous recevez ce message à la suite de votre visite chez {name}.",
        unsubscribe="Se désabonner",
        test="Essai : {subject}",
    ),
    sign_in=SignInTexts(
        subject="Se connecter à Plaudit",
        open="ouvrez ce lien pour vous connecter en tant que {name} ({accounts}) :",
        once="Il fonctionne une seule fois, dans les {minutes} minutes, et uniquement dans le navigateur où vous l’avez demandé.",
        ignore="Si vous ne l’avez pas demandé, ignorez ce message. Personne ne peut s’en servir ailleurs pour se connecter.",
    ),
    pages=PageTexts(
        hello="Bonjour {name}, comment s’est passée votre visite chez {location} ?",
        hello_no_name="Comment s’est passée votre visite chez {location} ?",
        question="Quelle est la probabilité que vous recommandiez {location} à un proche ?",
        least="0 : très peu probable",
        most="10 : très probable",
        thanks_score="Merci. Votre note est {score} ; vous pouvez la modifier à tout moment.",
        platforms="Partagez votre avis publiquement",
        platforms_more="Choisissez où vous souhaitez l’écrire.",
        note="Envoyer un message privé",
        note_more="Vous pouvez aussi nous écrire en privé. Seule l’équipe de {location} lira votre message.",
        send_note="Envoyer le message",
        thanks_note="Merci, votre message a été envoyé.",
        no_score="Veuillez choisir une note de 0 à 10.",
        no_note="Veuillez d’abord écrire un message.",
        no_platform="Ce choix n’est pas proposé ici ; veuillez en choisir un autre.",
        enough="Merci. Vous avez atteint la limite ; vos réponses précédentes sont enregistrées.",
        unsubscribe="Ne plus recevoir de messages de {location} ?",
        unsubscribe_more="Si vous vous désabonnez, {location} et les autres établissements de l’entreprise n’écriront "
        "plus à {address}. Les rappels prévus ne seront pas envoyés ; un message déjà en route peut "
        "encore vous parvenir.",
        unsubscribe_do="Se désabonner",
        unsubscribed=Notice(
            "Votre désabonnement est enregistré",
            "{location} et les autres établissements de l’entreprise n’écriront plus à {address}. Les "
            "rappels prévus ne seront pas envoyés.",
        ),
        undo_more="C’était une erreur ? Vous pouvez annuler votre désabonnement pendant une heure.",
        undo="Annuler le désabonnement",
        undone=Notice(
            "Votre désabonnement est annulé",
            "{location} peut de nouveau écrire à {address}. Les rappels prévus avant votre désabonnement ne "
            "seront pas envoyés.",
        ),
        undo_late="Il n’est plus possible d’annuler ici. Pour recevoir à nouveau des messages de {location}, "
        "veuillez les contacter directement.",
        unknown=Notice(
            "Ce lien ne fonctionne pas",
            "Il est peut-être incomplet. Veuillez ouvrir à nouveau le lien qui figure dans le message.",
        ),
        expired=Notice("Ce lien n’est plus valable", "Il était valable 180 jours. Merci tout de même de votre visite."),
        test=Notice(
            "Ceci est un essai",
            "Pour un client, ce lien ouvre sa propre page. Rien n’est enregistré ici.",
        ),
        too_long=Notice("Votre message est trop long", "Veuillez revenir en arrière et le raccourcir un peu."),
        lost=Notice("Votre message n’est pas arrivé en entier", "Veuillez revenir en arrière et l’envoyer à nouveau."),
        later=Notice(
            "Veuillez revenir dans un instant",
            "Nous ne pouvons pas ouvrir cette page pour le moment. Votre lien reste valable.",
        ),
        broken=Notice(
            "Une erreur s’est produite",
            "Vous n’y êtes pour rien ; nous l’avons enregistrée sous le numéro {number}. Veuillez réessayer plus tard.",
        ),
    ),
)
