import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.OffsetDateTime;
import org.hibernate.annotations.Generated;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.generator.EventType;
import org.hibernate.type.SqlTypes;

// The extension's tables and the view. @Generated leaves a column to the database, and reads it back.

@MappedSuperclass
class Created {
	@Generated @Column(updatable = false) public OffsetDateTime created;
	@Generated @Column(updatable = false) public String createdBy;
}

@MappedSuperclass
class Stamped extends Created {
	@Generated(event = { EventType.INSERT, EventType.UPDATE }) public OffsetDateTime modified;
	@Generated(event = { EventType.INSERT, EventType.UPDATE }) public String modifiedBy;
	/** The database counts; Hibernate compares. */
	@Version @Generated(event = { EventType.INSERT, EventType.UPDATE }) public Integer revision;
}

@Entity @Table(schema = "skills") @IdClass(Skill.Key.class)
class Skill extends Stamped {
	record Key(String orgId, String skillId) {}

	@Id public String orgId;
	@Id public String skillId;
	public String name;
	public String accessibility = "private";
	public String[] tags = {};

	protected Skill() {}

	Skill(String orgId, String skillId, String name) {
		this.orgId = orgId;
		this.skillId = skillId;
		this.name = name;
	}
}

@Entity @Table(schema = "skills") @IdClass(SkillVersion.Key.class)
class SkillVersion extends Stamped {
	record Key(String orgId, String skillId, Integer version) {}

	@Id public String orgId;
	@Id public String skillId;
	@Id public Integer version;
	public String description;
	public String body;
	public String[] relevantTopics = {};
	@JdbcTypeCode(SqlTypes.JSON) public String frontmatter;
	@Generated @Column(updatable = false) public String author;
	@Generated @Column(updatable = false) public String accessibility;

	protected SkillVersion() {}

	SkillVersion(Skill skill, int version, String description, String body) {
		orgId = skill.orgId;
		skillId = skill.skillId;
		this.version = version;
		this.description = description;
		this.body = body;
	}
}

@Entity @Table(schema = "skills") @IdClass(SkillSubscription.Key.class)
class SkillSubscription {
	record Key(String orgId, String userId, String skillId) {}

	@Id public String orgId;
	@Id public String userId;
	@Id public String skillId;
	public Integer aiVersion;
	@Generated @Column(updatable = false) public OffsetDateTime subscribed;

	protected SkillSubscription() {}

	SkillSubscription(String orgId, String userId, String skillId, Integer aiVersion) {
		this.orgId = orgId;
		this.userId = userId;
		this.skillId = skillId;
		this.aiVersion = aiVersion;
	}
}

@Entity @Table(schema = "skills") @IdClass(SkillFile.Key.class)
class SkillFile extends Created {
	record Key(String orgId, String skillId, Integer version, String path) {}

	@Id public String orgId;
	@Id public String skillId;
	@Id public Integer version;
	@Id public String path;
	public byte[] content;
	@Generated(event = { EventType.INSERT, EventType.UPDATE }) public Integer size;
	@Generated(event = { EventType.INSERT, EventType.UPDATE }) public String sha256;
	public boolean executable;
	@Generated @Column(updatable = false) public String author;
	@Generated @Column(updatable = false) public String accessibility;
}

@Entity @Immutable @Table(schema = "skills") @IdClass(Skill.Key.class)
class SkillSummary {
	@Id public String orgId;
	@Id public String skillId;
	public String name;
	public String accessibility;
	public String[] tags;
	public OffsetDateTime created;
	public String createdBy;
	public OffsetDateTime modified;
	public String modifiedBy;
	public Integer revision;
	public Integer latestVersion;
	public String latestDescription;
	public String latestBody;
	public String[] latestRelevantTopics;
	public OffsetDateTime latestCreated;
	public OffsetDateTime latestModified;
	public Boolean isSubscribed;
	public Integer aiVersion;
	public OffsetDateTime subscribed;
	public Boolean isAuthor;
	public Boolean canEdit;
}
