"""A table of the app's own."""
from django.db import models


class Conversation(models.Model):
    org_id = models.TextField()
    user_id = models.TextField()
    frozen = models.JSONField(null=True)
