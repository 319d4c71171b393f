"""The rules of skills, plainly: what a statement gives, or the SQLSTATEs that it may end in.

A world is four tables of rows. A statement works on a copy of it, row by row; where several rules refuse a row, the
server may name any of them. What the caller cannot see is refused before anything else is looked at."""
import hashlib
import re
from typing import NamedTuple

NO_IDENTITY, NO_SUCH, DENIED, TAKEN, INVALID = "28000", "P0002", "42501", "23505", "22023"
NO_TEXT, NULL_ARGUMENT, NULL_COLUMN, CHECK = "22021", "22004", "23502", "23514"
STALE, NO_PARENT = "55000", "23503"

SKILL_ID = re.compile(r"sk_[0-7][0-9A-HJKMNP-TV-Z]{25}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,120}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
ACCESSIBILITIES = ("private", "org", "org-editable")
FIXED = {
    "skill": ("org_id", "skill_id", "created_by", "created"),
    "version": ("org_id", "skill_id", "version", "created_by", "created"),
    "subscription": ("org_id", "user_id", "skill_id", "subscribed"),
    "file": ("org_id", "skill_id", "version", "path", "created_by", "created"),
}
KEY = {
    "skill": ("org_id", "skill_id"),
    "version": ("org_id", "skill_id", "version"),
    "subscription": ("org_id", "user_id", "skill_id"),
    "file": ("org_id", "skill_id", "version", "path"),
}
MAY_BE_NULL = {"frontmatter", "modified_by", "ai_version"}


class Refused(Exception):
    """The SQLSTATEs that the statement may end in."""

    def __init__(self, *codes):
        super().__init__(*sorted(codes))
        self.codes = set(codes)


class Caller(NamedTuple):
    user: str
    org: str
    bypass: bool                # row security

    @property
    def as_given(self):
        return self.bypass and not self.user


class World:
    """Rows are never changed, but replaced, so that a copy is cheap."""

    def __init__(self):
        self.skill, self.version, self.subscription, self.file = {}, {}, {}, {}
        self.unversioned = set()    # skills that must have a version at commit

    def copy(self):
        new = World()
        for table in KEY:
            setattr(new, table, dict(getattr(self, table)))
        new.unversioned = set(self.unversioned)
        return new

    def versions(self, key):
        return sorted(number for org, skill, number in self.version if (org, skill) == key)

    def commit(self):
        """Rule 4."""
        if any(key in self.skill and not self.versions(key) for key in self.unversioned):
            raise Refused(CHECK)
        self.unversioned = set()


def can_see(caller, row):
    """Rule 1, of a skill, version or file; a subscription is its user's alone."""
    if row["org_id"] != caller.org or not caller.user:
        return False
    if "user_id" in row:
        return row["user_id"] == caller.user
    return row["accessibility"] != "private" or row.get("author", row["created_by"]) == caller.user


def bad_name(name):
    return not NAME.fullmatch(name) or SKILL_ID.fullmatch(name)


def bad_description(row):
    limit = 500 if row["frontmatter"] is None else 1024
    return not 1 <= len(row["description"]) <= limit or CONTROL.search(re.sub("[\n\t]", "", row["description"]))


def bad_path(path):
    segments = path.split("/")
    return (not 1 <= len(path.encode()) <= 512 or CONTROL.search(path) or "\\" in path or re.match("[A-Za-z]:", path)
            or "" in segments or "." in segments or ".." in segments
            or (path != "SKILL.md" and segments[0].lower() == "skill.md"))


def clash(path, other):
    """Paths that no file system could hold side by side; the same path is for the primary key."""
    key, taken = path.lower(), other.lower()
    return path != other and (key == taken or key.startswith(taken + "/") or taken.startswith(key + "/"))


def check(table, row):
    """What NOT NULL and CHECK constraints say of a row, and triggers before them."""
    codes = {NULL_COLUMN for column, value in row.items() if value is None and column not in MAY_BE_NULL}

    def refuse(column, is_bad, code=INVALID):
        if row.get(column) is not None and is_bad(row[column]):
            codes.add(code)

    refuse("accessibility", lambda value: value not in ACCESSIBILITIES)
    if table == "skill":
        refuse("skill_id", lambda value: not SKILL_ID.fullmatch(value))
        refuse("name", bad_name)
        refuse("tags", lambda tags: None in tags, NULL_ARGUMENT)
        refuse("tags", lambda tags: len(tags) > 64 or any(
            tag is not None and (not 1 <= len(tag) <= 64 or CONTROL.search(tag)) for tag in tags))
        refuse("tags", lambda tags: None not in tags and tags != sorted(set(tags), key=str.encode))
    elif table == "version":
        refuse("version", lambda value: value < 1, CHECK)
        refuse("description", lambda value: bad_description(row))
    elif table == "file":
        refuse("path", bad_path)
    return codes


def skill_md(name, description, body):
    return f"---\nname: {name}\ndescription: {description}\n---\n{body}"


def as_bytea(text):
    return "\\x" + text.encode().hex()


class Statement:
    """One statement of one caller, in a transaction that began at now."""

    def __init__(self, world, caller, now):
        self.world, self.caller, self.now = world.copy(), caller, now
        self.codes = set()

    def end(self):
        if self.codes:
            raise Refused(*self.codes)
        return self.world

    # Rows that a WHERE clause finds.

    def find(self, table, **where):
        return [row for row in getattr(self.world, table).values()
                if (self.caller.bypass or can_see(self.caller, row))
                and all(row[column] == value for column, value in where.items())]

    def visible_skill(self, skill_id):
        """For functions, which name the caller's org and rule 1: the skill, or P0002 at once."""
        self.require_argument(skill_id)
        skill = self.world.skill.get((self.caller.org, skill_id))
        if skill is None or not can_see(self.caller, skill):
            raise Refused(NO_SUCH)
        return skill

    def visible_version(self, skill_id, number):
        self.visible_skill(skill_id)
        if number is None:
            number = self.world.versions((self.caller.org, skill_id))[-1]
        version = self.world.version.get((self.caller.org, skill_id, number))
        if version is None:
            raise Refused(NO_SUCH)
        return version

    def require_argument(self, *values):
        if not self.caller.user:
            raise Refused(NO_IDENTITY)
        if None in values:
            raise Refused(NULL_ARGUMENT)

    # Rules 2 and 3.

    def may_not_edit(self, author, row):
        """The code that refuses an edit, or None."""
        user, key = self.caller.user, (self.caller.org, self.caller.user, row["skill_id"])
        if row["org_id"] != self.caller.org:
            return DENIED
        if author == user:
            return None
        if row["accessibility"] == "private":
            return NO_SUCH
        return None if row["accessibility"] == "org-editable" and key in self.world.subscription else DENIED

    # Writing rows. Each gives the row as written, or None where it was refused or a conflict did nothing.

    def insert(self, table, given, on_conflict=None):
        if not self.caller.user and not self.caller.as_given:
            self.codes.add(NO_IDENTITY)
            return None
        row = getattr(self, "default_" + table)() | given
        codes = set()
        if not self.caller.as_given:
            codes |= self.not_own(row, "user_id" if table == "subscription" else "created_by")
            codes |= getattr(self, "before_insert_" + table)(row)
        codes |= check(table, row)
        key = tuple(row[column] for column in KEY[table])
        existing = getattr(self.world, table).get(key)
        if self.caller.as_given and not codes:
            codes |= self.keys_of_given(table, row)
        if existing is not None and on_conflict is None:
            codes.add(TAKEN)
        self.codes |= codes
        if codes or existing is not None and on_conflict == "nothing":
            return None
        if existing is not None:
            if not self.caller.bypass and not can_see(self.caller, existing):
                self.codes.add(DENIED)
                return None
            return self.update(table, existing, on_conflict(row))
        getattr(self.world, table)[key] = row
        getattr(self, "after_insert_" + table, lambda row: None)(row)
        return row

    def not_own(self, row, column):
        codes = {DENIED for mine, given in ((self.caller.org, row["org_id"]), (self.caller.user, row[column]))
                 if given is not None and given != mine}
        return codes | {NULL_COLUMN for name in ("org_id", column) if row[name] is None}

    def keys_of_given(self, table, row):
        world, key = self.world, (row["org_id"], row["skill_id"])
        if table == "skill":
            return self.name_taken(row)
        pinned = row.get("version") if table == "file" else row.get("ai_version")
        missing = key not in world.skill or (pinned is not None and (*key, pinned) not in world.version)
        codes = {NO_PARENT} if missing else set()
        if table == "file" and any(other["path"].lower() == row["path"].lower() for other in self.siblings(row)):
            codes.add(TAKEN)
        return codes

    def stamp(self, row):
        if not self.caller.as_given:
            row |= {"created": self.now, "modified": self.now, "modified_by": self.caller.user, "revision": 1}

    def default_skill(self):
        user = self.caller.user
        return {"org_id": self.caller.org, "skill_id": None, "name": None, "accessibility": "private", "tags": [],
                "created": self.now, "created_by": user, "modified": self.now, "modified_by": user, "revision": 1}

    def default_version(self):
        user = self.caller.user
        return {"org_id": self.caller.org, "skill_id": None, "version": 0, "description": None, "body": None,
                "relevant_topics": [], "frontmatter": None, "author": user, "accessibility": "private",
                "created": self.now, "created_by": user, "modified": self.now, "modified_by": user, "revision": 1}

    def default_subscription(self):
        return {"org_id": self.caller.org, "user_id": self.caller.user, "skill_id": None, "ai_version": None,
                "subscribed": self.now}

    def default_file(self):
        user = self.caller.user
        return {"org_id": self.caller.org, "skill_id": None, "version": None, "path": None, "content": None,
                "size": 0, "sha256": "", "executable": False, "author": user, "accessibility": "private",
                "created": self.now, "created_by": user}

    def name_taken(self, row):
        """Rule 6."""
        private = row["accessibility"] == "private"
        taken = any(other["name"] == row["name"] and other["org_id"] == row["org_id"]
                    and (other["accessibility"] == "private") == private
                    and (not private or other["created_by"] == row["created_by"])
                    for other in self.world.skill.values() if other["skill_id"] != row["skill_id"])
        return {TAKEN} if taken else set()

    def before_insert_skill(self, row):
        self.canonical_tags(row)
        self.stamp(row)
        return self.name_taken(row) | self.hidden_id(row)

    def hidden_id(self, row):
        """The key of a skill that the caller cannot see, ON CONFLICT or not."""
        skill = self.world.skill.get((row["org_id"], row["skill_id"]))
        return set() if skill is None or can_see(self.caller, skill) else {TAKEN}

    def canonical_tags(self, row):
        if row["tags"] is not None and None not in row["tags"]:
            row["tags"] = sorted(set(row["tags"]), key=str.encode)

    def after_insert_skill(self, row):
        if not self.caller.as_given:
            self.world.unversioned.add((row["org_id"], row["skill_id"]))

    def parent(self, row):
        """The skill that a new version, subscription or file is to belong to, and the code if it cannot be seen."""
        skill = self.world.skill.get((row["org_id"], row["skill_id"]))
        if row["skill_id"] is None:
            return None, set()
        if skill is None or not can_see(self.caller, skill):
            return None, {NO_SUCH}
        return skill, set()

    def before_insert_part(self, row):
        """Rule 2 for a new version or file."""
        skill, codes = self.parent(row)
        if skill is not None:
            code = self.may_not_edit(skill["created_by"], skill)
            codes |= {code} - {None}
            row |= {"author": skill["created_by"], "accessibility": skill["accessibility"]}
        return codes

    def before_insert_version(self, row):
        """Rule 5."""
        codes = self.before_insert_part(row)
        wanted, row["version"] = row["version"], None
        if wanted is not None:
            following = max(self.world.versions((row["org_id"], row["skill_id"])), default=0) + 1
            codes |= {INVALID} if wanted not in (0, following) else set()
            row["version"] = following
        row["accessibility"] = row["accessibility"] if row["accessibility"] in ACCESSIBILITIES else "private"
        self.stamp(row)
        return codes

    def after_insert_version(self, row):
        """Rule 4: the author of a skill of this transaction."""
        skill = self.world.skill[row["org_id"], row["skill_id"]]
        if self.caller.as_given or row["version"] != 1 or skill["created"] != self.now:
            return
        key = (row["org_id"], row["author"], row["skill_id"])
        mine = self.world.subscription.get(key)
        if mine is None:
            mine = dict(zip(KEY["subscription"], key)) | {"ai_version": None, "subscribed": self.now}
        if mine["ai_version"] is None:
            self.world.subscription[key] = mine | {"ai_version": 1}

    def no_such_pin(self, row):
        """Rule 7."""
        pin = (row["org_id"], row["skill_id"], row["ai_version"])
        if row["ai_version"] is None or (pin in self.world.version and (
                self.caller.as_given or can_see(self.caller, self.world.version[pin]))):
            return set()
        return {NO_PARENT if self.caller.as_given else NO_SUCH}

    def before_insert_subscription(self, row):
        codes = self.parent(row)[1] | self.no_such_pin(row)
        row["subscribed"] = self.now
        return codes

    def siblings(self, row):
        key = (row["org_id"], row["skill_id"], row["version"])
        return [other for other in self.world.file.values()
                if (other["org_id"], other["skill_id"], other["version"]) == key and other["path"] != row["path"]]

    def before_insert_file(self, row):
        codes = self.before_insert_part(row)
        if not codes and (row["org_id"], row["skill_id"], row["version"]) not in self.world.version:
            codes.add(NO_SUCH)
        if row["path"] is not None and any(clash(row["path"], other["path"]) for other in self.siblings(row)):
            codes.add(INVALID)
        codes |= self.contradicts_version(row)
        self.stamp_file(row)
        row["created"] = self.now
        return codes

    def contradicts_version(self, row):
        """A SKILL.md must say what its version says; the one that import_skill_md() writes does."""
        version = self.world.version.get((row["org_id"], row["skill_id"], row["version"]))
        if row["path"] != "SKILL.md" or version and version["frontmatter"] is not None and row["content"] == as_bytea(
                skill_md(self.world.skill[row["org_id"], row["skill_id"]]["name"], version["description"], version["body"])):
            return set()
        return {INVALID, NO_TEXT}

    @staticmethod
    def stamp_file(row):
        content = row["content"]
        if content is not None:
            row["size"] = len(content) // 2 - 1
            row["sha256"] = hashlib.sha256(bytes.fromhex(content[2:])).hexdigest()

    def update(self, table, old, changes):
        """Rules 2, 3, 6, 7, 11 and 12."""
        row = old | changes
        given, user = self.caller.as_given, self.caller.user
        codes = {DENIED for column in FIXED[table] if row[column] != old[column]}
        if table == "subscription":
            if not given:
                codes |= self.not_own(old, "user_id")
            if row["ai_version"] != old["ai_version"]:
                codes |= self.no_such_pin(row)
        else:
            if not given:
                codes |= {self.may_not_edit(old.get("author", old["created_by"]), old)} - {None}
            if table == "skill":
                if not given:
                    self.canonical_tags(row)
                    codes |= {DENIED} if row["accessibility"] != old["accessibility"] and user != old["created_by"] else set()
                codes |= self.name_taken(row)
            if table == "file":
                codes |= set() if given else self.contradicts_version(row)
                self.stamp_file(row)
            else:
                self.stamp_update(old, row)
            if table in ("version", "file") and not given:
                row |= {"author": old["author"], "accessibility": old["accessibility"]}
        codes |= check(table, row)
        self.codes |= codes
        if codes:
            return None
        getattr(self.world, table)[tuple(old[column] for column in KEY[table])] = row
        if table == "skill":
            self.after_update_skill(old, row)
        if table == "skill" and row["name"] != old["name"] or table == "version" and (
                row["description"], row["body"]) != (old["description"], old["body"]):
            self.remove("file", lambda part: part["path"] == "SKILL.md" and all(
                part[column] == row[column] for column in KEY[table]))
        return row

    def stamp_update(self, old, row):
        """Rule 12; who writes as given may give stamps, too."""
        given = self.caller.as_given
        for column, value in (("modified", self.now), ("revision", old["revision"] + 1), ("modified_by", self.caller.user)):
            if not given or row[column] == old[column]:
                row[column] = value

    def after_update_skill(self, old, row):
        """Rules 4 and 10, and the copies of author and accessibility."""
        world, key = self.world, (row["org_id"], row["skill_id"])
        if (row["accessibility"], row["created_by"]) == (old["accessibility"], old["created_by"]):
            return
        for table in (world.version, world.file):
            for other, part in table.items():
                if other[:2] == key:
                    table[other] = part | {"author": row["created_by"], "accessibility": row["accessibility"]}
        former = world.subscription.get((key[0], old["created_by"], key[1]), {"ai_version": None})
        if row["created_by"] != old["created_by"]:
            world.subscription.setdefault((key[0], row["created_by"], key[1]), {
                "org_id": key[0], "user_id": row["created_by"], "skill_id": key[1],
                "ai_version": former["ai_version"], "subscribed": self.now})
        if row["accessibility"] == "private":
            self.remove("subscription", lambda part: (part["org_id"], part["skill_id"]) == key
                        and part["user_id"] != row["created_by"])

    def remove(self, table, condition):
        rows = getattr(self.world, table)
        for key in [key for key, row in rows.items() if condition(row)]:
            del rows[key]

    def remove_skill(self, key):
        """Rule 9."""
        for table in KEY:
            self.remove(table, lambda row: (row["org_id"], row["skill_id"]) == key)

    def delete(self, table, old):
        key, code = (old["org_id"], old["skill_id"]), None
        last = table == "version" and len(self.world.versions(key)) == 1
        if table != "subscription" and not self.caller.as_given:
            author = old.get("author", old["created_by"])
            code = self.may_not_edit(author, old)
            if code is None and (table == "skill" or last) and author != self.caller.user:
                code = DENIED
        if code is not None:
            self.codes.add(code)
        elif table == "skill" or last:
            self.remove_skill(key)
        else:
            del getattr(self.world, table)[tuple(old[column] for column in KEY[table])]
            if table == "version":
                self.delete_version_of(key, old["version"])

    def delete_version_of(self, key, number):
        """Rule 8."""
        subscriptions = self.world.subscription
        for other, row in subscriptions.items():
            if (row["org_id"], row["skill_id"]) == key and row["ai_version"] == number:
                subscriptions[other] = row | {"ai_version": None}
        self.remove("file", lambda row: (row["org_id"], row["skill_id"], row["version"]) == (*key, number))

    # The functions of section 6 that write.

    def create_skill(self, skill_id, given, version):
        self.require_argument()
        row = self.insert("skill", given | {"skill_id": skill_id})
        if row is not None:
            self.insert("version", version | {"skill_id": skill_id})
        else:
            self.codes |= check("version", self.default_version() | version | {"skill_id": skill_id, "version": 1})
        return row

    def update_skill(self, skill_id, name, accessibility, put_tags, remove_tags, expected):
        skill = self.visible_skill(skill_id)
        self.require_revision(skill, expected)
        if None in (remove_tags or []) or None in (put_tags or []):
            self.codes.add(NULL_ARGUMENT)
        tags = [tag for tag in skill["tags"] + (put_tags or []) if tag not in (remove_tags or [])]
        changes = {"name": name, "accessibility": accessibility}
        return self.update("skill", skill, {k: v for k, v in changes.items() if v is not None} | {"tags": tags})

    def require_revision(self, row, expected):
        if expected is not None and expected != row["revision"]:
            self.codes.add(STALE)

    def delete_skill(self, skill_id):
        self.delete("skill", self.visible_skill(skill_id))
        return True

    def create_version(self, skill_id, given, copy_files):
        self.visible_skill(skill_id)
        key = (self.caller.org, skill_id)
        latest = max(self.world.versions(key), default=0)
        frontmatter = self.world.version[(*key, latest)]["frontmatter"] if latest and copy_files else None
        row = self.insert("version", given | {"skill_id": skill_id, "frontmatter": frontmatter})
        if row is not None and copy_files:
            for file in self.find("file", org_id=key[0], skill_id=skill_id, version=latest):
                if file["path"] != "SKILL.md":
                    kept = {column: file[column] for column in ("skill_id", "path", "content", "executable")}
                    self.insert("file", kept | {"version": row["version"]})
        return row

    def update_version(self, skill_id, number, changes, expected):
        self.require_argument(skill_id, number)
        version = self.visible_version(skill_id, number)
        self.require_revision(version, expected)
        return self.update("version", version, {k: v for k, v in changes.items() if v is not None})

    def delete_version(self, skill_id, number):
        self.require_argument(skill_id, number)
        self.delete("version", self.visible_version(skill_id, number))
        return True

    def subscribe(self, skill_id):
        self.require_argument(skill_id)
        self.insert("subscription", {"skill_id": skill_id}, "nothing")
        return self.world.subscription.get((self.caller.org, self.caller.user, skill_id))

    def unsubscribe(self, skill_id):
        self.require_argument(skill_id)
        return self.world.subscription.pop((self.caller.org, self.caller.user, skill_id), None) is not None

    def set_ai_version(self, skill_id, number):
        self.require_argument(skill_id)
        return self.insert("subscription", {"skill_id": skill_id, "ai_version": number},
                           lambda row: {"ai_version": row["ai_version"]})

    def put_file(self, skill_id, number, path, content, executable):
        self.require_argument(skill_id, number, path, content, executable)
        self.visible_skill(skill_id)
        return self.insert("file", {"skill_id": skill_id, "version": number, "path": path, "content": content,
                                    "executable": executable},
                           lambda row: {"content": row["content"], "executable": row["executable"]})

    def delete_file(self, skill_id, number, path):
        self.require_argument(skill_id, number, path)
        self.visible_version(skill_id, number)
        file = self.world.file.get((self.caller.org, skill_id, number, path))
        if file is None:
            raise Refused(NO_SUCH)
        self.delete("file", file)
        return True

    # For a DBA, whoever that is.

    def named(self, *values):
        if None in values:
            raise Refused(NULL_ARGUMENT)
        if "" in values:
            raise Refused(INVALID)

    def transfer_skill(self, key, author):
        self.named(*key, author)
        old = self.world.skill.get(key)
        if old is None:
            raise Refused(NO_SUCH)
        if old["created_by"] == author:
            return old
        row = old | {"created_by": author, "modified": self.now, "modified_by": None, "revision": old["revision"] + 1}
        self.codes |= self.name_taken(row)
        self.world.skill[key] = row
        self.after_update_skill(old, row)
        return row

    def forget_user(self, org, user, heir):
        self.named(org, user, *([] if heir is None else [heir]))
        if heir == user:
            raise Refused(INVALID)
        for key, skill in list(self.world.skill.items()):
            if (skill["org_id"], skill["created_by"]) == (org, user):
                if heir is None or skill["accessibility"] == "private":
                    self.remove_skill(key)
                else:
                    self.transfer_skill(key, heir)
        self.remove("subscription", lambda row: (row["org_id"], row["user_id"]) == (org, user))
        for table in (self.world.skill, self.world.version, self.world.file):
            for key, row in table.items():
                if key[0] == org and row.get("modified_by") == user:
                    table[key] = row = row | {"modified_by": None}
                if key[0] == org and row["created_by"] == user:
                    table[key] = row | {"created_by": row["author"]}

    def forget_org(self, org):
        self.named(org)
        for table in KEY:
            self.remove(table, lambda row: row["org_id"] == org)

    def import_skill_md(self, new_id, name, description, body, accessibility, tags):
        """A new skill, or a new version of the caller's own of that name unless its latest is the same."""
        self.require_argument(tags)
        own = sorted((row for row in self.find("skill", name=name, org_id=self.caller.org, created_by=self.caller.user)),
                     key=lambda row: row["accessibility"] != "private")
        version = {"description": description, "body": body, "frontmatter": {"name": name, "description": description}}
        if own:
            skill_id, key = own[0]["skill_id"], (self.caller.org, own[0]["skill_id"])
            if accessibility not in (None, own[0]["accessibility"]) or set(tags) - set(own[0]["tags"]):
                self.update_skill(skill_id, None, accessibility, tags, None, None)
            number = max(self.world.versions(key), default=0)
            latest = self.world.version.get((*key, number))
            files = self.find("file", org_id=key[0], skill_id=skill_id, version=number)
            # A SKILL.md that says something else is there where a role that bypasses row security wrote it.
            if latest and (latest["description"], latest["body"]) == (description, body) and not any(
                    file["path"] != "SKILL.md" or file["executable"] or file["content"] != as_bytea(skill_md(name, description, body))
                    for file in files):
                return {"skill_id": skill_id, "version": number, "added": False}
        else:
            skill_id = new_id
            given = {"skill_id": skill_id, "name": name, "accessibility": accessibility or "private", "tags": tags}
            if any(row["name"] == name and row["accessibility"] != "private" for row in self.find("skill", org_id=self.caller.org)):
                self.codes.add(TAKEN)
            self.insert("skill", given)
        row = None if self.codes else self.insert("version", version | {"skill_id": skill_id})
        if row is not None:
            self.insert("file", {"skill_id": skill_id, "version": row["version"], "path": "SKILL.md",
                                 "content": as_bytea(skill_md(name, description, body))})
        return row and {"skill_id": skill_id, "version": row["version"], "added": True}


# What a caller reads.

def registry(world, caller):
    """Pinned, subscribed and visible; of two of one name, the private one."""
    offered = {}
    for mine in world.subscription.values():
        skill = world.skill[mine["org_id"], mine["skill_id"]]
        if can_see(caller, mine) and can_see(caller, skill) and mine["ai_version"] is not None:
            other = offered.get(skill["name"])
            if other is None or skill["accessibility"] == "private":
                version = world.version[skill["org_id"], skill["skill_id"], mine["ai_version"]]
                offered[skill["name"]] = {
                    "name": skill["name"], "skill_id": skill["skill_id"], "version": mine["ai_version"],
                    "description": version["description"], "relevant_topics": version["relevant_topics"],
                    "accessibility": skill["accessibility"], "created_by": skill["created_by"]}
    return [offered[name] for name in sorted(offered)]


def load_skill(world, caller, entry):
    """What the tool call gives for an entry of the registry."""
    key = (caller.org, entry["skill_id"], entry["version"])
    files = sorted((row["path"] for row in world.file.values()
                    if tuple(row[column] for column in KEY["version"]) == key and row["path"] != "SKILL.md"), key=str.encode)
    return {column: entry[column] for column in ("name", "skill_id", "version", "description")} | {
        "body": world.version[key]["body"], "relevant_topics": entry["relevant_topics"], "files": files}


def summary(world, caller):
    rows = []
    for skill in sorted(world.skill.values(), key=lambda row: (row["name"], row["skill_id"])):
        if not can_see(caller, skill):
            continue
        key = (skill["org_id"], skill["skill_id"])
        numbers = world.versions(key)
        latest = world.version[(*key, numbers[-1])] if numbers else {}
        mine = world.subscription.get((caller.org, caller.user, skill["skill_id"]))
        is_author = skill["created_by"] == caller.user
        rows.append(skill | {"latest_" + column: latest.get(column) for column in (
            "version", "description", "body", "relevant_topics", "created", "modified")} | {
            "is_subscribed": mine is not None, "ai_version": mine and mine["ai_version"],
            "subscribed": mine and mine["subscribed"], "is_author": is_author,
            "can_edit": is_author or (skill["accessibility"] == "org-editable" and mine is not None)})
    return rows


def view(world, caller):
    """Everything that a caller reads; rows in the order of their keys."""
    seen = {table: [row for key, row in sorted(getattr(world, table).items()) if can_see(caller, row)] for table in KEY}
    offered = registry(world, caller)
    return seen | {"summary": summary(world, caller), "registry": offered,
                   "loaded": {entry["name"]: load_skill(world, caller, entry) for entry in offered},
                   "tags": sorted({tag for row in seen["skill"] for tag in row["tags"]}, key=str.encode)}
