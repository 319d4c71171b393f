# What inspectdb writes of the extension, made into models that work.
s/^from django.db import models$/from django.contrib.postgres.fields import ArrayField\n&/
# Of a foreign key of several columns it knows one.
s/^    org = models\.ForeignKey([^,]*, models\.DO_NOTHING, /    org_id = models.TextField(/
# It takes unique indexes with a condition or an expression for constraints on the columns alone.
/^        unique_together/d
s/models\.TextField(\(db_collation='C', \)\{0,1\}\(.*)\)  # This field type is a guess\./ArrayField(models.TextField(), \2/
# The view has no key.
/^class SkillSummary/,/^$/ {
	s/^class .*/&\n    pk = models.CompositePrimaryKey('org_id', 'skill_id')/
	/^    \(org\|skill\)_id/ s/blank=True, null=True, //
}
s/^        db_table = '\(.*\)'/        db_table = '"skills"."\1"'/
