import java.time.OffsetDateTime;

// The rows of the extension's tables and of the view.

record Skill(String orgId, String skillId, String name, String accessibility, String[] tags,
	OffsetDateTime created, String createdBy, OffsetDateTime modified, String modifiedBy, Integer revision) {}

record SkillVersion(String orgId, String skillId, Integer version, String description, String body, String[] relevantTopics,
	String frontmatter, String author, String accessibility,
	OffsetDateTime created, String createdBy, OffsetDateTime modified, String modifiedBy, Integer revision) {}

record SkillSubscription(String orgId, String userId, String skillId, Integer aiVersion, OffsetDateTime subscribed) {}

record SkillFile(String orgId, String skillId, Integer version, String path, byte[] content, Integer size, String sha256,
	Boolean executable, String author, String accessibility, OffsetDateTime created, String createdBy) {}

/** Of the view, and of list_skills(), which alone has the page token. */
record SkillSummary(String orgId, String skillId, String name, String accessibility, String[] tags,
	OffsetDateTime created, String createdBy, OffsetDateTime modified, String modifiedBy, Integer revision,
	Integer latestVersion, String latestDescription, String latestBody, String[] latestRelevantTopics,
	OffsetDateTime latestCreated, OffsetDateTime latestModified, Boolean isSubscribed, Integer aiVersion,
	OffsetDateTime subscribed, Boolean isAuthor, Boolean canEdit, String pageToken) {}
