"""The extension's tables and its view. What has a db_default is the database's: it is left out, and read back by create()."""
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class CurrentOrg(models.Func):
    function = "skills.current_org_id"


class CurrentUser(models.Func):
    function = "skills.current_user_id"


class NewSkillId(models.Func):
    function = "skills.new_skill_id"


def part_of(model, *fields, related_name):
    return models.ForeignObject(model, models.DO_NOTHING, from_fields=fields, to_fields=fields, related_name=related_name)


class Skill(models.Model):
    pk = models.CompositePrimaryKey("org_id", "skill_id")
    org_id = models.TextField(db_default=CurrentOrg())
    skill_id = models.TextField(db_default=NewSkillId())
    name = models.TextField()
    accessibility = models.TextField(db_default="private")
    tags = ArrayField(models.TextField(), db_default=[], blank=True)
    created = models.DateTimeField(db_default=Now())
    created_by = models.TextField(db_default=CurrentUser())
    modified = models.DateTimeField(db_default=Now())
    modified_by = models.TextField(db_default=CurrentUser(), null=True)
    revision = models.IntegerField(db_default=1)

    class Meta:
        managed = False
        db_table = '"skills"."skill"'


class SkillVersion(models.Model):
    pk = models.CompositePrimaryKey("org_id", "skill_id", "version")
    org_id = models.TextField(db_default=CurrentOrg())
    skill_id = models.TextField()
    version = models.IntegerField(db_default=0)
    description = models.TextField()
    body = models.TextField()
    relevant_topics = ArrayField(models.TextField(), db_default=[], blank=True)
    frontmatter = models.JSONField(null=True)
    author = models.TextField(db_default=CurrentUser())
    accessibility = models.TextField(db_default="private")
    created = models.DateTimeField(db_default=Now())
    created_by = models.TextField(db_default=CurrentUser())
    modified = models.DateTimeField(db_default=Now())
    modified_by = models.TextField(db_default=CurrentUser(), null=True)
    revision = models.IntegerField(db_default=1)
    skill = part_of(Skill, "org_id", "skill_id", related_name="versions")

    class Meta:
        managed = False
        db_table = '"skills"."skill_version"'


class SkillFile(models.Model):
    pk = models.CompositePrimaryKey("org_id", "skill_id", "version", "path")
    org_id = models.TextField(db_default=CurrentOrg())
    skill_id = models.TextField()
    version = models.IntegerField()
    path = models.TextField()
    content = models.BinaryField()
    size = models.IntegerField(db_default=0)
    sha256 = models.TextField(db_default="")
    executable = models.BooleanField(db_default=False)
    author = models.TextField(db_default=CurrentUser())
    accessibility = models.TextField(db_default="private")
    created = models.DateTimeField(db_default=Now())
    created_by = models.TextField(db_default=CurrentUser())
    of = part_of(SkillVersion, "org_id", "skill_id", "version", related_name="files")

    class Meta:
        managed = False
        db_table = '"skills"."skill_file"'


class SkillSubscription(models.Model):
    pk = models.CompositePrimaryKey("org_id", "user_id", "skill_id")
    org_id = models.TextField(db_default=CurrentOrg())
    user_id = models.TextField(db_default=CurrentUser())
    skill_id = models.TextField()
    ai_version = models.IntegerField(null=True)
    subscribed = models.DateTimeField(db_default=Now())
    skill = part_of(Skill, "org_id", "skill_id", related_name="subscriptions")
    pinned = models.ForeignObject(
        SkillVersion, models.DO_NOTHING, from_fields=("org_id", "skill_id", "ai_version"),
        to_fields=("org_id", "skill_id", "version"), related_name="+", null=True)

    class Meta:
        managed = False
        db_table = '"skills"."skill_subscription"'


class SkillSummary(models.Model):
    """The view: to read only."""
    pk = models.CompositePrimaryKey("org_id", "skill_id")
    org_id = models.TextField()
    skill_id = models.TextField()
    name = models.TextField()
    accessibility = models.TextField()
    tags = ArrayField(models.TextField())
    created = models.DateTimeField()
    created_by = models.TextField()
    modified = models.DateTimeField()
    modified_by = models.TextField(null=True)
    revision = models.IntegerField()
    latest_version = models.IntegerField()
    latest_description = models.TextField()
    latest_body = models.TextField()
    latest_relevant_topics = ArrayField(models.TextField())
    latest_created = models.DateTimeField()
    latest_modified = models.DateTimeField()
    is_subscribed = models.BooleanField()
    ai_version = models.IntegerField(null=True)
    subscribed = models.DateTimeField(null=True)
    is_author = models.BooleanField()
    can_edit = models.BooleanField()

    class Meta:
        managed = False
        db_table = '"skills"."skill_summary"'
