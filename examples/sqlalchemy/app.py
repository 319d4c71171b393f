"""A table of the app's own, beside the extension's."""
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class Conversation(Base):
    __tablename__ = "conversation"
    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[str]
    user_id: Mapped[str]
    frozen: Mapped[dict[str, Any] | None] = mapped_column(comment="skills.freeze_registry()")
