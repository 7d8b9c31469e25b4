"""What is stored and what may happen to it; knows no GraphQL and no HTTP."""

from models.account import Account, Boost, Membership, User
from models.activity import ActivityEvent
from models.bulk_import import BulkImport, Upload
from models.customer import Customer
from models.idempotency import IdempotencyKey
from models.invitation import Invitation
from models.location import Location, ReviewPlatform, SequenceStep, Template
from models.message import Lane, Message
from models.review import Review
from models.suppression import Suppression

__all__ = [
    "Account",
    "ActivityEvent",
    "Boost",
    "BulkImport",
    "Customer",
    "IdempotencyKey",
    "Invitation",
    "Lane",
    "Location",
    "Membership",
    "Message",
    "Review",
    "ReviewPlatform",
    "SequenceStep",
    "Suppression",
    "Template",
    "Upload",
    "User",
]
