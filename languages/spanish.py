"""Spanish, with formal address."""

from languages.language import Language, MailTexts, Notice, PageTexts, SignInTexts

SPANISH = Language(
    code="es",
    name="Spanish",
    direction="ltr",
    mail=MailTexts(
        hello="Hola",
        ask_subject="¿Qué tal su visita a {location}?",
        ask_preheader="Responder solo lleva un minuto.",
        ask="Gracias por su visita a {location}. ¿Qué tal fue? Responder solo lleva un minuto y nos ayuda a nosotros y a "
        "quienes vengan después.",
        remind_subject="A {location} le gustaría conocer su opinión",
        remind_preheader="Solo lleva un minuto y nos alegraría saberlo.",
        remind="Hace unos días le preguntamos qué tal fue su visita a {location}. Si tiene un minuto, todavía nos gustaría "
        "saberlo.",
        button="Dar mi opinión",
        closing="Un cordial saludo",
        why="Recibe este mensaje porque ha sido cliente de {name}.",
        unsubscribe="Darse de baja",
        test="Prueba: {subject}",
    ),
    sign_in=SignInTexts(
        subject="Iniciar sesión en Plaudit",
        open="abra este enlace para iniciar sesión como {name} ({accounts}):",
        once="Funciona una sola vez, durante {minutes} minutos, y solo en el navegador en el que lo solicitó.",
        ignore="Si no lo ha solicitado, ignore este mensaje. Nadie puede iniciar sesión con él en otro lugar.",
    ),
    pages=PageTexts(
        hello="Hola, {name}: ¿qué tal su visita a {location}?",
        hello_no_name="¿Qué tal su visita a {location}?",
        question="¿Qué probabilidad hay de que recomiende {location} a un amigo o familiar?",
        least="0: nada probable",
        most="10: muy probable",
        thanks_score="Gracias. Su puntuación es {score}; puede cambiarla en cualquier momento.",
        platforms="Cuénteselo a otros: publique una reseña",
        platforms_more="Elija dónde quiere escribirla.",
        note="Enviar un mensaje privado",
        note_more="También puede escribirnos en privado. Solo lo leerá {location}.",
        send_note="Enviar mensaje",
        thanks_note="Gracias, hemos recibido su mensaje.",
        no_score="Elija una puntuación de 0 a 10.",
        no_note="Escriba algo primero.",
        no_platform="Esa opción no está disponible aquí; elija otra.",
        enough="Gracias. Ha alcanzado el límite; sus respuestas anteriores están guardadas.",
        unsubscribe="¿No quiere recibir más mensajes de {location}?",
        unsubscribe_more="Si se da de baja, ni {location} ni los demás establecimientos de la empresa volverán a "
        "escribir a {address}. Los recordatorios previstos no se enviarán; un mensaje que ya esté en "
        "camino aún puede llegarle.",
        unsubscribe_do="Darme de baja",
        unsubscribed=Notice(
            "Se ha dado de baja",
            "Ni {location} ni los demás establecimientos de la empresa volverán a escribir a {address}. Los "
            "recordatorios previstos no se enviarán.",
        ),
        undo_more="¿Ha sido un error? Puede deshacer la baja durante una hora.",
        undo="Deshacer la baja",
        undone=Notice(
            "La baja se ha deshecho",
            "{location} puede volver a escribir a {address}. Los recordatorios previstos antes de la baja "
            "no se enviarán.",
        ),
        undo_late="Ya no se puede deshacer aquí. Si quiere volver a recibir mensajes de {location}, póngase en "
        "contacto directamente.",
        unknown=Notice("Este enlace no funciona", "Puede que esté incompleto. Abra de nuevo el enlace del mensaje."),
        expired=Notice(
            "Este enlace ya no es válido", "Fue válido durante 180 días. Gracias por volver de todos modos."
        ),
        test=Notice(
            "Este es un mensaje de prueba",
            "A un cliente, este enlace le abre su propia página. Aquí no se guarda nada.",
        ),
        too_long=Notice("El mensaje es demasiado largo", "Vuelva atrás y escriba un poco menos."),
        lost=Notice("Su mensaje no ha llegado completo", "Vuelva atrás y envíelo de nuevo."),
        later=Notice(
            "Vuelva dentro de un momento", "Ahora no podemos abrir esta página. Su enlace sigue siendo válido."
        ),
        broken=Notice(
            "Algo ha salido mal",
            "No es culpa suya; lo hemos registrado con el número {number}. Inténtelo de nuevo más tarde.",
        ),
    ),
)
