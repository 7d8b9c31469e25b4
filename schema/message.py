"""The mutations that preview a step's message, and send it to oneself."""

import strawberry

from models.rules.shown import shown_email
from resolvers import messages
from resolvers.command import RequestId
from schema.connection import Info
from schema.errors import UserError, returns_user_errors, user_errors


@strawberry.type(description="What a message says. Its links record nothing.")
class MessagePreview:
    subject: str = strawberry.field(description="The subject.")
    text: str = strawberry.field(description="The plain text, for mail clients without HTML.")
    html: str = strawberry.field(description="The HTML page, for a sandboxed frame.")


@strawberry.input(description="Which step to preview, and for whom it is filled in.")
class PreviewMessageInput:
    location_id: strawberry.ID = strawberry.field(description="The location.")
    step: int = strawberry.field(description="The step of its sequence, from 1.")
    name: str | None = strawberry.field(default=None, description="The customer's name. Defaults to the viewer's.")
    employee: str | None = strawberry.field(default=None, description="The employee who served the customer.")
    service: str | None = strawberry.field(default=None, description="The service the customer received.")


@strawberry.type(description="The preview, or the errors to correct.")
class PreviewMessagePayload:
    preview: MessagePreview | None = strawberry.field(default=None, description="The preview.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which step to send to oneself.")
class SendTestMessageInput:
    location_id: strawberry.ID = strawberry.field(description="The location.")
    step: int = strawberry.field(description="The step of its sequence, from 1.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="Where the message goes, or the errors to correct.")
class SendTestMessagePayload:
    recipient: str | None = strawberry.field(default=None, description="The viewer's e-mail address.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class MessageMutations:
    @strawberry.mutation(
        description="Shows what a step says, as new invitations will. A mutation, although it changes nothing, so that what must "
        "be corrected is a user error, as in sendTestMessage."
    )
    @returns_user_errors(PreviewMessagePayload)
    async def preview_message(self, info: Info, input: PreviewMessageInput) -> PreviewMessagePayload | None:
        found = await messages.preview(info.context, **vars(input))
        return PreviewMessagePayload(preview=MessagePreview(subject=found.subject, text=found.text, html=found.html))

    @strawberry.mutation(
        description="Sends a step to the viewer's own e-mail address, soon and at any hour, with a mark in the subject and links "
        "that record nothing."
    )
    @returns_user_errors(SendTestMessagePayload)
    async def send_test_message(self, info: Info, input: SendTestMessageInput) -> SendTestMessagePayload | None:
        request = RequestId.of(input)
        recipient = await messages.send_test_message(info.context, request, input.location_id, input.step)
        return SendTestMessagePayload(recipient=shown_email(recipient))
