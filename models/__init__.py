"""The stored data and the operations on it; knows nothing of GraphQL or HTTP."""

from models.tables.account import Account, Boost, Membership, User
from models.tables.activity_event import ActivityEvent
from models.tables.bulk_import import BulkImport, Upload
from models.tables.customer import Customer
from models.tables.idempotency_key import IdempotencyKey
from models.tables.invitation import Invitation
from models.tables.location import Location, ReviewPlatform, SequenceStep, Template
from models.tables.message import Lane, Message
from models.tables.review import Review
from models.tables.suppression import LiftedSuppression, Suppression

__all__ = [
    "Account",
    "ActivityEvent",
    "Boost",
    "BulkImport",
    "Customer",
    "IdempotencyKey",
    "Invitation",
    "Lane",
    "LiftedSuppression",
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
