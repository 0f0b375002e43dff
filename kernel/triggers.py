"""What the database itself refuses: changed or removed evidence, deleted records, versions that jump."""

from __future__ import annotations

from collections.abc import Iterable

APPEND_ONLY = ("trail", "trail_change", "signature")


def sqlite_triggers(audited: Iterable[str]) -> list[str]:
    """DDL for SQLite. Without ``only_next`` an INSERT OR REPLACE would overwrite a link (stack 3.6)."""
    statements = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    statements.append(
        "CREATE TRIGGER trail_only_next BEFORE INSERT ON trail "
        "WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM trail) "
        "BEGIN SELECT RAISE(ABORT, 'links are consecutive'); END"
    )
    for table in audited:
        if table in APPEND_ONLY:
            continue
        statements.append(
            f"CREATE TRIGGER {table}_next_version BEFORE UPDATE ON {table} "
            "WHEN NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id "
            f"BEGIN SELECT RAISE(ABORT, '{table}: a change is the next version'); END"
        )
        statements.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: records are never deleted'); END"
        )
    return statements


def postgres_triggers(audited: Iterable[str]) -> list[str]:
    """DDL for PostgreSQL; ENABLE ALWAYS also stops replica mode, the TRUNCATE trigger stops TRUNCATE."""
    statements = [
        "CREATE FUNCTION nktrace_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% : records are never removed or rewritten', TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE FUNCTION nktrace_next_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id THEN "
        "RAISE EXCEPTION '% : a change is the next version', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; "
        "END IF; RETURN NEW; END $$",
    ]
    for table in dict.fromkeys((*APPEND_ONLY, *audited)):
        verbs = "UPDATE OR DELETE" if table in APPEND_ONLY else "DELETE"
        statements += [
            f"CREATE TRIGGER {table}_no_delete BEFORE {verbs} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION nktrace_refuse()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION nktrace_refuse()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_delete",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
        ]
        if table not in APPEND_ONLY:
            statements += [
                f"CREATE TRIGGER {table}_next_version BEFORE UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION nktrace_next_version()",
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_next_version",
            ]
    return statements
