import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;

/** A table of the app's own that refers to a skill. */
@Entity
class Conversation {
	@Id public String conversationId;

	@ManyToOne
	@JoinColumn(name = "org_id", referencedColumnName = "orgId")
	@JoinColumn(name = "about", referencedColumnName = "skillId")
	public Skill about;
}
