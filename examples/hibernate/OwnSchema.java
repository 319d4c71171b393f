import org.hibernate.boot.model.relational.Namespace;
import org.hibernate.boot.model.relational.Sequence;
import org.hibernate.mapping.Table;
import org.hibernate.tool.schema.spi.SchemaFilter;
import org.hibernate.tool.schema.spi.SchemaFilterProvider;

/** What hibernate.hbm2ddl.auto may touch: all but the extension's schema. */
public class OwnSchema implements SchemaFilterProvider, SchemaFilter {
	@Override public boolean includeNamespace(Namespace namespace) {
		return namespace.getName().schema() == null || !namespace.getName().schema().getText().equals("skills");
	}

	@Override public boolean includeTable(Table table) {
		return !"skills".equals(table.getSchema());
	}

	@Override public boolean includeSequence(Sequence sequence) {
		return true;
	}

	@Override public SchemaFilter getCreateFilter() { return this; }
	@Override public SchemaFilter getDropFilter() { return this; }
	@Override public SchemaFilter getMigrateFilter() { return this; }
	@Override public SchemaFilter getValidateFilter() { return this; }
	@Override public SchemaFilter getTruncatorFilter() { return this; }
}
