/*
 * identity.c
 *		Who is asking: the two parameters, who may set them, and their readers.
 *
 * The parameters are PGC_SUSET, so the server itself decides who may assert an
 * identity: superusers, and roles with GRANT SET ON PARAMETER on both.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "skills.h"

#define USER_PARAMETER "skills.user_id"
#define ORG_PARAMETER "skills.org_id"

/* The server keeps these true, also in parallel workers and after rollback. */
static char *user_parameter;
static char *org_parameter;

PG_FUNCTION_INFO_V1(skills_current_user_id);
PG_FUNCTION_INFO_V1(skills_current_org_id);
PG_FUNCTION_INFO_V1(skills_require_caller);
PG_FUNCTION_INFO_V1(skills_require_argument);

/* A value that is no text would be stored, and no dump of it could be restored. */
static bool
check_encoding(char **value, void **extra, GucSource source)
{
	if (*value == NULL || pg_verifymbstr(*value, (int) strlen(*value), true))
		return true;
	GUC_check_errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE);
	GUC_check_errdetail("The value is not valid in the encoding of the database.");
	return false;
}

void
skills_define_identity_parameters(void)
{
	DefineCustomStringVariable(USER_PARAMETER,
							   "The user on whose behalf the session reads and writes skills.",
							   "Empty means no identity. Needs SET on the parameter, see GRANT.",
							   &user_parameter, "", PGC_SUSET, 0, check_encoding, NULL, NULL);
	DefineCustomStringVariable(ORG_PARAMETER,
							   "The organisation (tenant) of skills.user_id.",
							   "Empty means no identity. Needs SET on the parameter, see GRANT.",
							   &org_parameter, "", PGC_SUSET, 0, check_encoding, NULL, NULL);
}

static bool
is_empty(const char *value)
{
	return value == NULL || value[0] == '\0';
}

/* The caller's identity; false if there is none. Half an identity is none. */
bool
skills_identity(SkillsIdentity *identity)
{
	identity->user_id = NULL;
	identity->org_id = NULL;
	if (is_empty(user_parameter) || is_empty(org_parameter))
		return false;
	identity->user_id = user_parameter;
	identity->org_id = org_parameter;
	return true;
}

/* The caller's identity, or 28000 (design, section 3). */
void
skills_require_identity(SkillsIdentity *identity)
{
	if (!skills_identity(identity))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("no caller identity is set"),
				 errhint("Call skills.set_identity(user_id, org_id) at the start of the transaction, "
						 "or let a DBA run ALTER ROLE ... SET skills.user_id and skills.org_id.")));
}

static bool
may_set_identity(void)
{
	Oid			role = GetUserId();

	return pg_parameter_aclcheck(USER_PARAMETER, role, ACL_SET) == ACLCHECK_OK &&
		pg_parameter_aclcheck(ORG_PARAMETER, role, ACL_SET) == ACLCHECK_OK;
}

static void
set_until_restored(const char *parameter, const char *value)
{
	(void) set_config_option(parameter, value,
							 superuser() ? PGC_SUSET : PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* 42501 for a role that may not act for others than the caller. */
static void
require_may_set_identity(void)
{
	if (!may_set_identity())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to act for another user or org"),
				 errdetail("Only a role with SET on the parameters \"%s\" and \"%s\" may name another than the caller's own.",
						   USER_PARAMETER, ORG_PARAMETER)));
}

static bool
is_caller(const SkillsIdentity *identity)
{
	SkillsIdentity caller;

	return skills_identity(&caller) &&
		strcmp(identity->user_id, caller.user_id) == 0 &&
		strcmp(identity->org_id, caller.org_id) == 0;
}

/*
 * The named user and org; NULL stands for the caller's own. 28000 where that
 * leaves no identity, 42501 where it names another than the caller's and the
 * role could not have set both parameters.
 */
void
skills_resolve_identity(SkillsIdentity *identity, text *user_id, text *org_id)
{
	SkillsIdentity caller;

	(void) skills_identity(&caller);
	identity->user_id = user_id ? text_to_cstring(user_id) : caller.user_id;
	identity->org_id = org_id ? text_to_cstring(org_id) : caller.org_id;

	if (is_empty(identity->user_id) || is_empty(identity->org_id))
	{
		if (user_id == NULL || org_id == NULL)
			skills_require_identity(&caller);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("user and org must not be empty")));
	}
	if (!is_caller(identity))
		require_may_set_identity();
}

/*
 * Run what follows on behalf of an identity that skills_resolve_identity()
 * gave. Gives the nest level for skills_act_as_before(), which ends it; an
 * error ends it too.
 */
int
skills_act_as(const SkillsIdentity *identity)
{
	int			nest_level = NewGUCNestLevel();

	if (!is_caller(identity))
	{
		set_until_restored(USER_PARAMETER, identity->user_id);
		set_until_restored(ORG_PARAMETER, identity->org_id);
	}
	return nest_level;
}

void
skills_act_as_before(int nest_level)
{
	AtEOXact_GUC(true, nest_level);
}

/* skills.current_user_id() → text: the caller, NULL if no identity is set. */
Datum
skills_current_user_id(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	if (!skills_identity(&identity))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identity.user_id));
}

/* skills.current_org_id() → text: the caller's org, NULL if no identity is set. */
Datum
skills_current_org_id(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	if (!skills_identity(&identity))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identity.org_id));
}

/* skills.require_caller() → boolean: true, or 28000 without an identity. */
Datum
skills_require_caller(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	skills_require_identity(&identity);
	PG_RETURN_BOOL(true);
}

/*
 * skills.require_argument(argument, given) → boolean: true, or 28000 without
 * an identity, or 22004 if the named argument of the calling function is null.
 */
Datum
skills_require_argument(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	skills_require_identity(&identity);
	if (!PG_GETARG_BOOL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null",
						text_to_cstring(PG_GETARG_TEXT_PP(0)))));
	PG_RETURN_BOOL(true);
}
