"""What Django sees of the extension. Usage: compare.py models | managed | inspected"""
import sys
from unittest import mock

import django
from django.apps import apps
from django.db import ProgrammingError, connection

django.setup()
from skills.identity import as_user

COLUMNS = """SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, atthasdef, EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p' AND attnum = ANY (conkey))
    FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"""


def models():
    """models.py has the columns of the database; of a view, that knows neither keys nor what may be null."""
    for model in apps.get_app_config("skills").get_models():
        is_view = model.__name__ == "SkillSummary"
        keys = {field.name for field in model._meta.pk_fields}
        here = {(field.column, field.db_type(connection), is_view or (field.null, field.has_db_default(), field.name in keys))
                for field in model._meta.concrete_fields if field.column}
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, [model._meta.db_table])
            there = {(name, type_, is_view or tuple(rest)) for name, type_, *rest in cursor.fetchall()}
        assert here == there, (model, here ^ there)


def managed():
    """Without managed = False, migrations would create the tables, and be refused."""
    for model in apps.get_app_config("skills").get_models():
        try:
            with mock.patch.object(model._meta, "managed", True), connection.schema_editor() as editor:
                editor.create_model(model)
        except ProgrammingError as error:
            assert error.__cause__.sqlstate == "42P07", error
        else:
            raise AssertionError(f"created {model._meta.db_table}")


def inspected():
    """The models that inspectdb made just now read and write. They know no defaults."""
    from inspected.models import Skill, SkillFile, SkillSubscription, SkillSummary, SkillVersion
    with as_user("alice", "acme") as cursor:
        cursor.execute("SELECT skills.new_skill_id()")
        key = {"org_id": "acme", "skill_id": cursor.fetchone()[0]}
        skill = Skill.objects.create(**key, name="inspected", accessibility="org", tags=["b", "a"], created_by="alice")
        SkillVersion.objects.create(**key, version=1, description="When", body="What", relevant_topics=[], created_by="alice")
        SkillFile.objects.create(**key, version=1, path="a.md", content=b"A", executable=False, created_by="alice")
        skill.refresh_from_db()
        assert (skill.tags, skill.revision) == (["a", "b"], 1)
        summary = SkillSummary.objects.get(name="inspected")
        assert (summary.pk, summary.ai_version, summary.latest_body) == (skill.pk, 1, "What")
        assert SkillVersion.objects.filter(**key, version=1, revision=1).update(body="Else") == 1
        assert SkillSubscription.objects.filter(**key, user_id="alice").update(ai_version=None) == 1
        assert bytes(SkillFile.objects.get(**key).content) == b"A"
        skill.delete()


globals()[sys.argv[1]]()
