"""first schema

There is no way down in production: the way back is the backup.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")
FLAG = sa.Integer().with_variant(sa.Boolean(), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


AUDITED = (
    "access_line",
    "access_review",
    "administration",
    "batch",
    "batch_condition",
    "batch_pause",
    "blood_group",
    "capa_action",
    "cell_count",
    "cell_reading",
    "collection",
    "collection_part",
    "collection_use",
    "contact",
    "container",
    "custody_event",
    "decision",
    "defect",
    "destruction",
    "deviation",
    "deviation_batch",
    "deviation_entry",
    "dispensing",
    "disposition",
    "document",
    "document_approval",
    "donor",
    "donor_event",
    "donor_later_test",
    "donor_marker",
    "dose",
    "downtime_entry",
    "downtime_kit",
    "eligibility",
    "environment_sample",
    "equipment",
    "equipment_event",
    "equipment_use",
    "erasure_request",
    "fcs_file",
    "figure_snapshot",
    "file",
    "file_content",
    "file_import",
    "hand_over",
    "hold",
    "import_example",
    "imported_value",
    "infusion_order",
    "kit",
    "kit_lot",
    "label",
    "label_key_change",
    "laboratory_phase",
    "lookback",
    "lookback_notice",
    "lot",
    "lot_decision",
    "lot_discard",
    "lot_piece",
    "lot_use",
    "message",
    "missed_head",
    "oos",
    "oos_notice",
    "oos_overlay",
    "oos_supply",
    "password",
    "password_link",
    "person",
    "print_job",
    "printer",
    "reaction",
    "reaction_check",
    "reaction_report",
    "recall",
    "recall_batch",
    "recall_call",
    "recall_notice",
    "recall_unit",
    "receiver",
    "receiver_key",
    "reconstitution_step",
    "recovery",
    "result",
    "result_source",
    "retest",
    "role_grant",
    "sample",
    "scan",
    "scanner_test",
    "signature",
    "station",
    "step",
    "step_correction",
    "step_entry",
    "step_measurement",
    "step_value",
    "storage_place",
    "subject",
    "test",
    "training",
    "training_session",
    "transcription",
    "trial",
    "upkeep_run",
    "webhook",
    "weight",
)
APPEND_ONLY = ("trail", "trail_change", "signature")


def upgrade() -> None:

    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("status", WHOLE, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency")),
        sqlite_strict=True,
    )
    op.create_table(
        "trail",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name=op.f("ck_trail_outcome")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail")),
        sa.UniqueConstraint("hash", name=op.f("uq_trail_hash")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_trail_prev_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_trail_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trail_at"), ["at"], unique=False)

    op.create_table(
        "trail_head",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_trail_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_head")),
        sqlite_strict=True,
    )
    op.create_table(
        "trail_change",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["trail.seq"], name=op.f("fk_trail_change_seq")),
        sa.PrimaryKeyConstraint("record_id", "version", name=op.f("pk_trail_change")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("trail_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_change_seq"), ["seq"], unique=False)

    op.create_table(
        "contact",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("valid_until", DAY, nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "duty IN ('physician', 'pharmacy', 'qp', 'qp_deputy', 'quality_assurance', 'sponsor', 'authority')",
            name=op.f("ck_contact_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_contact_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_duty"), ["duty"], unique=False)

    op.create_table(
        "document",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("retraining", FLAG, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status IN ('draft', 'reviewed', 'effective', 'retired')", name=op.f("ck_document_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_document_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("kind", "code", "number", name=op.f("uq_document_kind_code_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "uq_document_effective",
            ["kind", "code"],
            unique=True,
            sqlite_where=sa.text("status = 'effective'"),
            postgresql_where=sa.text("status = 'effective'"),
        )

    op.create_table(
        "downtime_kit",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("printed_by", sa.Text(), nullable=False),
        sa.Column("printed_at", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("checks", WHOLE, nullable=True),
        sa.Column("dispensings", WHOLE, nullable=True),
        sa.Column("hand_overs", WHOLE, nullable=True),
        sa.Column("administrations", WHOLE, nullable=True),
        sa.Column("accounted_by", sa.Text(), nullable=True),
        sa.Column("accounted_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_downtime_kit_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_kit")),
        sa.UniqueConstraint("number", name=op.f("uq_downtime_kit_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "file_content",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_file_content_sha256")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_file_content_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_content")),
        sa.UniqueConstraint("sha256", name=op.f("uq_file_content_sha256")),
        sqlite_strict=True,
    )
    op.create_table(
        "hold",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("lift_document", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "cause IN ('person', 'oos', 'safety', 'temperature', 'donor', 'lot', 'lookback', 'equipment', 'environment', 'recall', 'defect')",
            name=op.f("ck_hold_cause"),
        ),
        sa.CheckConstraint("scope IN ('trial','subject','collection','batch','container')", name=op.f("ck_hold_scope")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_hold_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_record_id"), ["record_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("receivers", WHOLE, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "duty IN ('physician', 'pharmacy', 'qp', 'qp_deputy', 'quality_assurance', 'sponsor', 'authority')",
            name=op.f("ck_message_duty"),
        ),
        sa.CheckConstraint("status IN ('unsent', 'sent', 'given_up')", name=op.f("ck_message_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_message_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_status"), ["status"], unique=False)

    op.create_table(
        "person",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("failed_count", WHOLE, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("identity_checked_by", sa.Text(), nullable=True),
        sa.Column("identity_check", sa.Text(), nullable=True),
        sa.Column("identity_checked_at", INSTANT, nullable=True),
        sa.Column("statement_accepted_at", INSTANT, nullable=True),
        sa.Column("statement_version", sa.Text(), nullable=True),
        sa.Column("deactivated_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status <> 'locked'", name=op.f("ck_person_never_stored")),
        sa.CheckConstraint(
            "status IN ('requested', 'identity_verified', 'active', 'locked', 'deactivated')",
            name=op.f("ck_person_status"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_person_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
        sqlite_strict=True,
    )
    op.create_table(
        "printer",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", WHOLE, nullable=False),
        sa.Column("dpi", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "slot IN ('FULL', 'BAG', 'SYRINGE', 'OUTER', 'SAMPLE', 'BENCH')", name=op.f("ck_printer_slot")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_printer_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("code", name=op.f("uq_printer_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "recall",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("drill", FLAG, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("recall_class", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.Column("cleared", FLAG, nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("report_sha256", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("recall_class IN ('class_1', 'class_2', 'class_3')", name=op.f("ck_recall_recall_class")),
        sa.CheckConstraint(
            "scope IN ('batch', 'lot', 'donor', 'collection', 'equipment')", name=op.f("ck_recall_scope")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_recall_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recall_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("number", name=op.f("uq_recall_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_drill"), ["drill"], unique=False)
        batch_op.create_index(batch_op.f("ix_recall_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recall_status"), ["status"], unique=False)

    op.create_table(
        "receiver",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status IN ('requested', 'approved', 'closed')", name=op.f("ck_receiver_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_receiver_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
        sa.UniqueConstraint("code", name=op.f("uq_receiver_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery",
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("kept_seq", WHOLE, nullable=False),
        sa.Column("lost_until", WHOLE, nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("accounted", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kept_seq < lost_until", name=op.f("ck_recovery_range")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recovery_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("number", name=op.f("uq_recovery_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "station",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scanner", sa.Text(), nullable=False),
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("scanner_test_days", WHOLE, nullable=False),
        sa.Column("key_sha256", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=True),
        sa.Column("enrolled_by", sa.Text(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_station_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("code", name=op.f("uq_station_code")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_station_key_sha256")),
        sqlite_strict=True,
    )
    op.create_table(
        "storage_place",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status_class", sa.Text(), nullable=False),
        sa.Column("low_c", EXACT, nullable=True),
        sa.Column("high_c", EXACT, nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status_class IN ('quarantine', 'released', 'rejected', 'samples', 'workplace')",
            name=op.f("ck_storage_place_status_class"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_storage_place_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_place")),
        sa.UniqueConstraint("code", name=op.f("uq_storage_place_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "upkeep_run",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("milliseconds", WHOLE, nullable=False),
        sa.Column("links", WHOLE, nullable=False),
        sa.Column("records", WHOLE, nullable=False),
        sa.Column("signatures", WHOLE, nullable=False),
        sa.Column("faults", WHOLE, nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("head_seq", WHOLE, nullable=True),
        sa.Column("head_hash", sa.Text(), nullable=True),
        sa.Column("backup_at", INSTANT, nullable=True),
        sa.Column("ran_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("(status = 'run_sound') = (faults = 0)", name=op.f("ck_upkeep_run_sound")),
        sa.CheckConstraint("kind IN ('integrity_check', 'backup', 'read_back')", name=op.f("ck_upkeep_run_kind")),
        sa.CheckConstraint("status IN ('run_sound', 'run_faulty')", name=op.f("ck_upkeep_run_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_upkeep_run_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_run")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("upkeep_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upkeep_run_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upkeep_run_kind"), ["kind"], unique=False)

    op.create_table(
        "access_review",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('access_review_open', 'access_review_signed')", name=op.f("ck_access_review_status")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_access_review_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_access_review_opened_by")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_access_review_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review")),
        sa.UniqueConstraint("number", name=op.f("uq_access_review_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "document_approval",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_approval_document_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_document_approval_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_document_approval_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_approval")),
        sa.UniqueConstraint("document_id", "person_id", name=op.f("uq_document_approval_document_id_person_id")),
        sa.UniqueConstraint("document_id", "role", name=op.f("uq_document_approval_document_id_role")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("document_approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_approval_document_id"), ["document_id"], unique=False)

    op.create_table(
        "equipment",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status IN ('in service', 'out of service', 'retired')", name=op.f("ck_equipment_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_equipment_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_equipment_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment")),
        sa.UniqueConstraint("code", name=op.f("uq_equipment_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("equipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_equipment_kind"), ["kind"], unique=False)

    op.create_table(
        "file",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name=op.f("ck_file_withdrawn")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_file_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_file_person_id")),
        sa.ForeignKeyConstraint(["sha256"], ["file_content.sha256"], name=op.f("fk_file_sha256")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["person.id"], name=op.f("fk_file_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint(
            "entity",
            "record_id",
            "purpose",
            "filename",
            "number",
            name=op.f("uq_file_entity_record_id_purpose_filename_number"),
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_sha256"), ["sha256"], unique=False)

    op.create_table(
        "import_example",
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_import_example_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_example_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_example")),
        sqlite_strict=True,
    )
    op.create_table(
        "label_key_change",
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("place", WHOLE, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("(status = 'approved') = (place IS NOT NULL)", name=op.f("ck_label_key_change_placed")),
        sa.CheckConstraint("change IN ('use', 'revoke')", name=op.f("ck_label_key_change_change")),
        sa.CheckConstraint("status IN ('requested', 'approved', 'declined')", name=op.f("ck_label_key_change_status")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_label_key_change_decided_by")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_label_key_change_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_label_key_change_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_key_change")),
        sa.UniqueConstraint("place", name=op.f("uq_label_key_change_place")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("label_key_change", schema=None) as batch_op:
        batch_op.create_index(
            "uq_label_key_change_open",
            ["letter"],
            unique=True,
            sqlite_where=sa.text("status = 'requested'"),
            postgresql_where=sa.text("status = 'requested'"),
        )

    op.create_table(
        "lot",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("manufacturer_lot", sa.Text(), nullable=False),
        sa.Column("quantity", EXACT, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("expires_on", DAY, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("storage", sa.Text(), nullable=False),
        sa.Column("certificate_reference", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("assessed_by", sa.Text(), nullable=True),
        sa.Column("assessed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('quarantine', 'approved', 'rejected', 'recalled', 'empty')", name=op.f("ck_lot_status")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_lot_document_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lot_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("code", name=op.f("uq_lot_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_manufacturer_lot"), ["manufacturer_lot"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_material"), ["material"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_status"), ["status"], unique=False)

    op.create_table(
        "missed_head",
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("recoveries", WHOLE, nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("noticed_by", sa.Text(), nullable=False),
        sa.Column("noticed_at", INSTANT, nullable=False),
        sa.Column("recovery_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_missed_head_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_missed_head_recovery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_head")),
        sa.UniqueConstraint("seq", "hash", "recoveries", name=op.f("uq_missed_head_seq_hash_recoveries")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("missed_head", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_missed_head_recovery_id"), ["recovery_id"], unique=False)

    op.create_table(
        "password",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_password_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("password", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_person_id"), ["person_id"], unique=False)

    op.create_table(
        "password_link",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("code_sha256", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status IN ('requested', 'approved', 'used', 'void')", name=op.f("ck_password_link_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_password_link_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_password_link_token_sha256")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("password_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "receiver_key",
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_receiver_key_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["receiver_id"], ["receiver.id"], name=op.f("fk_receiver_key_receiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("receiver_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receiver_key_receiver_id"), ["receiver_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("valid_until", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'active', 'refused', 'revoked')", name=op.f("ck_role_grant_status")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_role_grant_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_person_id"), ["person_id"], unique=False)

    op.create_table(
        "scanner_test",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("caps_lock", FLAG, nullable=False),
        sa.Column("enter", FLAG, nullable=False),
        sa.Column("labels_read", FLAG, nullable=False),
        sa.Column("all_read", FLAG, nullable=False),
        sa.Column("data_matrix_read", FLAG, nullable=True),
        sa.Column("tested_by", sa.Text(), nullable=False),
        sa.Column("tested_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_scanner_test_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_scanner_test_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scanner_test")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("scanner_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scanner_test_station_id"), ["station_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("has_signed", FLAG, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "signature",
        sa.Column("record_entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("record_version", WHOLE, nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Text(), nullable=False),
        sa.Column("signer_name", sa.Text(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_signature_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["signer_id"], ["person.id"], name=op.f("fk_signature_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signature_signer_id"), ["signer_id"], unique=False)

    op.create_table(
        "training_session",
        sa.Column("trained_on", DAY, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("trained_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("trained_by <> confirmed_by", name=op.f("ck_training_session_two_people")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_training_session_confirmed_by")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_training_session_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["trained_by"], ["person.id"], name=op.f("fk_training_session_trained_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
        sqlite_strict=True,
    )
    op.create_table(
        "trial",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("eu_trial_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ended_on", DAY, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("protocol_document_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (ended_on IS NOT NULL AND closed_at IS NOT NULL)", name=op.f("ck_trial_closed")
        ),
        sa.CheckConstraint("status IN ('open', 'on_hold', 'closed')", name=op.f("ck_trial_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_trial_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["protocol_document_id"], ["document.id"], name=op.f("fk_trial_protocol_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("code", name=op.f("uq_trial_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "access_line",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("valid_until", INSTANT, nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("unused", FLAG, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("answer IN ('keep', 'take_away')", name=op.f("ck_access_line_answer")),
        sa.CheckConstraint("person_id <> answered_by", name=op.f("ck_access_line_not_the_own")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_access_line_answered_by")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_access_line_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_line_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["access_review.id"], name=op.f("fk_access_line_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_line")),
        sa.UniqueConstraint("review_id", "person_id", "role", name=op.f("uq_access_line_review_id_person_id_role")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("access_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_line_review_id"), ["review_id"], unique=False)

    op.create_table(
        "equipment_event",
        sa.Column("equipment_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("due_on", DAY, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "what IN ('registered', 'calibrated', 'qualified', 'maintained', 'cleaned', 'fault', 'repaired', 'out of tolerance', 'taken out of service', 'returned to service', 'retired for good')",
            name=op.f("ck_equipment_event_what"),
        ),
        sa.ForeignKeyConstraint(["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_event_equipment_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_equipment_event_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_equipment_event_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_event")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("equipment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_equipment_event_equipment_id"), ["equipment_id"], unique=False)

    op.create_table(
        "fcs_file",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("fcs_version", sa.Text(), nullable=False),
        sa.Column("sample_code", sa.Text(), nullable=False),
        sa.Column("acquired", sa.Text(), nullable=False),
        sa.Column("cytometer", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("events", WHOLE, nullable=False),
        sa.Column("parameters", WHOLE, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_fcs_file_file_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_fcs_file_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fcs_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_fcs_file_file_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "figure_snapshot",
        sa.Column("trial_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("frozen_at", INSTANT, nullable=False),
        sa.Column("head_seq", WHOLE, nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version = 1", name=op.f("ck_figure_snapshot_never_changed")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_figure_snapshot_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_figure_snapshot_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_snapshot")),
        sa.UniqueConstraint("code", name=op.f("uq_figure_snapshot_code")),
        sa.UniqueConstraint("trial_id", "number", name=op.f("uq_figure_snapshot_trial_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("figure_snapshot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_figure_snapshot_trial_id"), ["trial_id"], unique=False)

    op.create_table(
        "lot_decision",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('quarantine', 'approved', 'rejected', 'recalled', 'empty')", name=op.f("ck_lot_decision_status")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lot_decision_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_decision_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_decision")),
        sa.UniqueConstraint("lot_id", "sequence", name=op.f("uq_lot_decision_lot_id_sequence")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_decision_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "lot_discard",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("quantity", EXACT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("discarded_at", INSTANT, nullable=False),
        sa.Column("discarded_by", sa.Text(), nullable=False),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lot_discard_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_discard_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_discard")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot_discard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_discard_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "lot_piece",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("usable_until", INSTANT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("event IN ('opened', 'thawed', 'reconstituted')", name=op.f("ck_lot_piece_event")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lot_piece_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_piece_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_piece")),
        sa.UniqueConstraint("code", name=op.f("uq_lot_piece_code")),
        sa.UniqueConstraint("lot_id", "number", name=op.f("uq_lot_piece_lot_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot_piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_piece_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "subject",
        sa.Column("trial_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("donor_type", sa.Text(), nullable=False),
        sa.Column("age_years", WHOLE, nullable=False),
        sa.Column("age_months", WHOLE, nullable=False),
        sa.Column("transplanted_on", DAY, nullable=False),
        sa.Column("eighteenth_birthday", FLAG, nullable=False),
        sa.Column("consent_reference", sa.Text(), nullable=True),
        sa.Column("consented_on", DAY, nullable=True),
        sa.Column("included_at", INSTANT, nullable=True),
        sa.Column("protocol_document_id", sa.Text(), nullable=True),
        sa.Column("concluded_at", INSTANT, nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("diagnosis IN ('ALL', 'AML')", name=op.f("ck_subject_diagnosis")),
        sa.CheckConstraint(
            "donor_type IN ('mismatched_family', 'volunteer_unrelated', 'matched_sibling', 'cord_blood')",
            name=op.f("ck_subject_donor_type"),
        ),
        sa.CheckConstraint(
            "status IN ('registered', 'included', 'concluded', 'completed')", name=op.f("ck_subject_status")
        ),
        sa.CheckConstraint("age_years BETWEEN 0 AND 120 AND age_months BETWEEN 0 AND 11", name=op.f("ck_subject_age")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_subject_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["protocol_document_id"], ["document.id"], name=op.f("fk_subject_protocol_document_id")
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_subject_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("code", name=op.f("uq_subject_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "training",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_training_document_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_training_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_training_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_session_id"), ["session_id"], unique=False)

    op.create_table(
        "webhook",
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("trial_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "event IN ('count.stands', 'count.up', 'count.down', 'count.changed')", name=op.f("ck_webhook_event")
        ),
        sa.CheckConstraint("status IN ('unsent', 'sent', 'given_up', 'cancelled')", name=op.f("ck_webhook_status")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_webhook_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["receiver_id"], ["receiver.id"], name=op.f("fk_webhook_receiver_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_webhook_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("receiver_id", "number", name=op.f("uq_webhook_receiver_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_receiver_id"), ["receiver_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_status"), ["status"], unique=False)

    op.create_table(
        "donor",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("donor_type", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "donor_type IN ('mismatched_family', 'volunteer_unrelated', 'matched_sibling', 'cord_blood')",
            name=op.f("ck_donor_donor_type"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_donor_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_donor_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("code", name=op.f("uq_donor_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("donor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_donor_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "erasure_request",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_on", DAY, nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("keep_until", DAY, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_erasure_request_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_erasure_request_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("erasure_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_request_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "recall_notice",
        sa.Column("recall_id", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("simulated", FLAG, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "duty IN ('physician', 'pharmacy', 'qp', 'qp_deputy', 'quality_assurance', 'sponsor', 'authority')",
            name=op.f("ck_recall_notice_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recall_notice_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_notice_recall_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_recall_notice_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_notice")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_notice_recall_id"), ["recall_id"], unique=False)

    op.create_table(
        "weight",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("kg", EXACT, nullable=False),
        sa.Column("measured_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_weight_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_weight_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weight")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("weight", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weight_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "blood_group",
        sa.Column("donor_id", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("abo", sa.Text(), nullable=False),
        sa.Column("rhd", sa.Text(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("sampled_at", INSTANT, nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("report_reference", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("set_aside_at", INSTANT, nullable=True),
        sa.Column("set_aside_by", sa.Text(), nullable=True),
        sa.Column("set_aside_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("abo IN ('A', 'B', 'AB', 'O')", name=op.f("ck_blood_group_abo")),
        sa.CheckConstraint("rhd IN ('positive', 'negative')", name=op.f("ck_blood_group_rhd")),
        sa.CheckConstraint("(donor_id IS NULL) <> (subject_id IS NULL)", name=op.f("ck_blood_group_whose")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_blood_group_donor_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_blood_group_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_blood_group_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blood_group")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("blood_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blood_group_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blood_group_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "collection",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("is_din", FLAG, nullable=False),
        sa.Column("check_character", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("planned_on", DAY, nullable=False),
        sa.Column("consent_reference", sa.Text(), nullable=False),
        sa.Column("consented_on", DAY, nullable=False),
        sa.Column("mobilised", FLAG, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("shipped_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("delay", sa.Text(), nullable=True),
        sa.Column("container_intact", FLAG, nullable=True),
        sa.Column("label_matches", FLAG, nullable=True),
        sa.Column("free_of_clots", FLAG, nullable=True),
        sa.Column("temperature_c", EXACT, nullable=True),
        sa.Column("logger_low_c", EXACT, nullable=True),
        sa.Column("logger_high_c", EXACT, nullable=True),
        sa.Column("sec", sa.Text(), nullable=True),
        sa.Column("volume_ml", EXACT, nullable=True),
        sa.Column("wbc", EXACT, nullable=True),
        sa.Column("viability", EXACT, nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("htlv_risk", FLAG, nullable=True),
        sa.Column("blood_or_colloids_48h", FLAG, nullable=True),
        sa.Column("crystalloids_1h", FLAG, nullable=True),
        sa.Column("marker_sampled_at", INSTANT, nullable=True),
        sa.Column("donor_identity_check", sa.Text(), nullable=True),
        sa.Column("interview_suitable", FLAG, nullable=True),
        sa.Column("examination_suitable", FLAG, nullable=True),
        sa.Column("outside_eu", FLAG, nullable=True),
        sa.Column("importing_establishment", sa.Text(), nullable=True),
        sa.Column("import_authorisation", sa.Text(), nullable=True),
        sa.Column("third_country_supplier", sa.Text(), nullable=True),
        sa.Column("window_justification", sa.Text(), nullable=True),
        sa.Column("window_justified_by", sa.Text(), nullable=True),
        sa.Column("window_justified_at", INSTANT, nullable=True),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("at_risk_assessment", sa.Text(), nullable=True),
        sa.Column("at_risk_pending", sa.Text(), nullable=True),
        sa.Column("at_risk_by", sa.Text(), nullable=True),
        sa.Column("at_risk_agreed_by", sa.Text(), nullable=True),
        sa.Column("at_risk_at", INSTANT, nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'received_quarantine', 'accepted_at_risk', 'accepted', 'in_use', 'consumed', 'rejected', 'disposed')",
            name=op.f("ck_collection_status"),
        ),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_collection_donor_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_collection_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_collection_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("number", name=op.f("uq_collection_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "lookback",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("informed_on", DAY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("cleared", FLAG, nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("concluded_by", sa.Text(), nullable=True),
        sa.Column("concluded_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('seroconversion', 'malignancy', 'other_finding')", name=op.f("ck_lookback_kind")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_lookback_status")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_lookback_donor_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lookback_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookback")),
        sa.UniqueConstraint("number", name=op.f("uq_lookback_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lookback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lookback_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lookback_status"), ["status"], unique=False)

    op.create_table(
        "recall_call",
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("called_at", INSTANT, nullable=False),
        sa.Column("reached", FLAG, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recall_call_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["recall_notice.id"], name=op.f("fk_recall_call_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_call")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_call_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "batch",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.Text(), nullable=False),
        sa.Column("process_document_id", sa.Text(), nullable=False),
        sa.Column("specification_document_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("formulated_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'in_process', 'paused', 'production_complete', 'qa_reviewed', 'returned_for_correction', 'terminated', 'closed')",
            name=op.f("ck_batch_status"),
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_batch_collection_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_batch_donor_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_batch_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["process_document_id"], ["document.id"], name=op.f("fk_batch_process_document_id")),
        sa.ForeignKeyConstraint(
            ["specification_document_id"], ["document.id"], name=op.f("fk_batch_specification_document_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_batch_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_batch_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "collection_part",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("remainder_ml", EXACT, nullable=False),
        sa.Column("split_at", INSTANT, nullable=False),
        sa.Column("split_by", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_collection_part_collection_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_collection_part_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_part")),
        sa.UniqueConstraint("code", name=op.f("uq_collection_part_code")),
        sa.UniqueConstraint("collection_id", "number", name=op.f("uq_collection_part_collection_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("collection_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_part_collection_id"), ["collection_id"], unique=False)

    op.create_table(
        "donor_event",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grade", WHOLE, nullable=False),
        sa.Column("serious", FLAG, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('citrate_reaction', 'vasovagal_reaction', 'vascular_access', 'allergic_reaction', 'hypotension', 'bleeding', 'other_finding')",
            name=op.f("ck_donor_event_kind"),
        ),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_donor_event_grade")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_donor_event_collection_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_donor_event_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_event")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("donor_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_donor_event_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_donor_event_serious"), ["serious"], unique=False)

    op.create_table(
        "donor_later_test",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("sampled_on", DAY, nullable=False),
        sa.Column("hiv", sa.Text(), nullable=False),
        sa.Column("hbv", sa.Text(), nullable=False),
        sa.Column("hcv", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("kit", sa.Text(), nullable=False),
        sa.Column("report_reference", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("hbv IN ('non_reactive', 'reactive', 'recorded')", name=op.f("ck_donor_later_test_hbv")),
        sa.CheckConstraint("hcv IN ('non_reactive', 'reactive', 'recorded')", name=op.f("ck_donor_later_test_hcv")),
        sa.CheckConstraint("hiv IN ('non_reactive', 'reactive', 'recorded')", name=op.f("ck_donor_later_test_hiv")),
        sa.CheckConstraint("test IN ('nat', 'repeat_after_180_days')", name=op.f("ck_donor_later_test_test")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_donor_later_test_collection_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_donor_later_test_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_later_test")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("donor_later_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_donor_later_test_collection_id"), ["collection_id"], unique=False)

    op.create_table(
        "donor_marker",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("kit", sa.Text(), nullable=False),
        sa.Column("report_reference", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("result IN ('non_reactive', 'reactive', 'recorded')", name=op.f("ck_donor_marker_result")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_donor_marker_collection_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_donor_marker_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_marker")),
        sa.UniqueConstraint("collection_id", "marker", name=op.f("uq_donor_marker_collection_id_marker")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("donor_marker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_donor_marker_collection_id"), ["collection_id"], unique=False)

    op.create_table(
        "lookback_notice",
        sa.Column("lookback_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("audience IN ('physician', 'qp', 'sponsor')", name=op.f("ck_lookback_notice_audience")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lookback_notice_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["lookback_id"], ["lookback.id"], name=op.f("fk_lookback_notice_lookback_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookback_notice")),
        sa.UniqueConstraint("lookback_id", "audience", name=op.f("uq_lookback_notice_lookback_id_audience")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lookback_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lookback_notice_lookback_id"), ["lookback_id"], unique=False)

    op.create_table(
        "batch_condition",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("triggered", FLAG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("answer IN ('opened', 'not_needed')", name=op.f("ck_batch_condition_answer")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_condition_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_batch_condition_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_condition")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_batch_condition_batch_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("batch_condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_condition_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "batch_pause",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed", FLAG, nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("resumed_by", sa.Text(), nullable=True),
        sa.Column("resume_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_pause_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_batch_pause_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_pause")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("batch_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_pause_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "collection_use",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("part_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('batch', 'destroyed', 'lost')", name=op.f("ck_collection_use_kind")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_collection_use_batch_id")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_collection_use_collection_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_collection_use_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["part_id"], ["collection_part.id"], name=op.f("fk_collection_use_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_use")),
        sa.UniqueConstraint("part_id", name=op.f("uq_collection_use_part_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("collection_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_use_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_use_collection_id"), ["collection_id"], unique=False)

    op.create_table(
        "container",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("container_type", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("viable_nk", EXACT, nullable=False),
        sa.Column("filled_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("frozen_at", INSTANT, nullable=True),
        sa.Column("thawed_at", INSTANT, nullable=True),
        sa.Column("filled_by", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_container_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_container_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_container_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_container_batch_id_number")),
        sa.UniqueConstraint("code", name=op.f("uq_container_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("container", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_container_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_container_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("register_number", WHOLE, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", sa.Text(), nullable=True),
        sa.Column("superseding_reason", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("weight_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('review', 'stage1', 'full', 'stage2', 'given', 'given_failed', 'sponsor', 'reject', 'late_oos', 'acknowledged', 'oos_supply', 'weight')",
            name=op.f("ck_decision_kind"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_decision_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_decision_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["supersedes_id"], ["decision.id"], name=op.f("fk_decision_supersedes_id")),
        sa.ForeignKeyConstraint(["weight_id"], ["weight.id"], name=op.f("fk_decision_weight_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("register_number", name=op.f("uq_decision_register_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "file_import",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("header_row", WHOLE, nullable=False),
        sa.Column("others_aside", FLAG, nullable=False),
        sa.Column("aside", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR status <> 'proposed'", name=op.f("ck_file_import_decided")),
        sa.CheckConstraint(
            "status <> 'confirmed' OR decided_by <> imported_by", name=op.f("ck_file_import_second_person")
        ),
        sa.CheckConstraint("status IN ('proposed', 'confirmed', 'rejected')", name=op.f("ck_file_import_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_file_import_batch_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_file_import_decided_by")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_file_import_document_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_file_import_file_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_file_import_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["imported_by"], ["person.id"], name=op.f("fk_file_import_imported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_import")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("file_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_import_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "kit",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("assembled_at", INSTANT, nullable=False),
        sa.Column("assembled_by", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_kit_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_kit_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit")),
        sa.UniqueConstraint("code", name=op.f("uq_kit_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kit_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "recall_batch",
        sa.Column("recall_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_recall_batch_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recall_batch_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_batch_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_batch")),
        sa.UniqueConstraint("recall_id", "batch_id", name=op.f("uq_recall_batch_recall_id_batch_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_batch_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recall_batch_recall_id"), ["recall_id"], unique=False)

    op.create_table(
        "step",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_nl", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("performed_at", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("performed_by", sa.Text(), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("status IN ('pending', 'performed', 'verified', 'not_needed')", name=op.f("ck_step_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_step_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_step_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_step_batch_id_position")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "defect",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("follow_number", sa.Text(), nullable=True),
        sa.Column("assessed_by", sa.Text(), nullable=True),
        sa.Column("assessed_at", INSTANT, nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("classification IN ('minor', 'major', 'critical')", name=op.f("ck_defect_classification")),
        sa.CheckConstraint(
            "follow_up IN ('nothing_follows', 'deviation', 'out_of_specification', 'recall')",
            name=op.f("ck_defect_follow_up"),
        ),
        sa.CheckConstraint(
            "kind IN ('label_defect', 'container_damage', 'appearance_defect', 'temperature_doubt', 'documents_defect', 'unexpected_effect', 'other_finding')",
            name=op.f("ck_defect_kind"),
        ),
        sa.CheckConstraint("status IN ('reported', 'assessed', 'closed')", name=op.f("ck_defect_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_defect_batch_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_defect_container_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_defect_hold_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_defect_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect")),
        sa.UniqueConstraint("number", name=op.f("uq_defect_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("defect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_defect_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_defect_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_defect_status"), ["status"], unique=False)

    op.create_table(
        "destruction",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("lost_ml", EXACT, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("destroyed_by", sa.Text(), nullable=False),
        sa.Column("witnessed_by", sa.Text(), nullable=False),
        sa.Column("destroyed_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_destruction_batch_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_destruction_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_destruction_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sa.UniqueConstraint("container_id", name=op.f("uq_destruction_container_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("destruction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_destruction_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "deviation",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("record_nl", sa.Text(), nullable=False),
        sa.Column("record_en", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("step_id", sa.Text(), nullable=True),
        sa.Column("hold_time", sa.Text(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("root_cause", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("judgement", sa.Text(), nullable=True),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("assessed_by", sa.Text(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "classification IN ('minor', 'major', 'critical')", name=op.f("ck_deviation_classification")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'under_investigation', 'assessed', 'closed')", name=op.f("ck_deviation_status")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_deviation_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_deviation_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_deviation_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deviation")),
        sa.UniqueConstraint("number", name=op.f("uq_deviation_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("deviation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deviation_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deviation_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deviation_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_deviation_step_id"), ["step_id"], unique=False)

    op.create_table(
        "disposition",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sponsor_released", FLAG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('quarantine', 'certified_pending', 'certified_final', 'late_oos', 'oos_supply', 'rejected')",
            name=op.f("ck_disposition_status"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_disposition_batch_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_disposition_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_disposition_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
        sa.UniqueConstraint("container_id", name=op.f("uq_disposition_container_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("disposition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disposition_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "dose",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("formula_version", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("bound_by", sa.Text(), nullable=False),
        sa.Column("nk_per_kg", EXACT, nullable=False),
        sa.Column("cd3_per_kg", EXACT, nullable=False),
        sa.Column("reaches_minimum", FLAG, nullable=False),
        sa.Column("kept_by", sa.Text(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_dose_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_dose_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dose")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("dose", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dose_container_id"), ["container_id"], unique=False)

    op.create_table(
        "equipment_use",
        sa.Column("equipment_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_equipment_use_batch_id")),
        sa.ForeignKeyConstraint(["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_use_equipment_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_equipment_use_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_equipment_use_recorded_by")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_equipment_use_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_use")),
        sa.UniqueConstraint("step_id", "equipment_id", name=op.f("uq_equipment_use_step_id_equipment_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("equipment_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_equipment_use_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_equipment_use_device", ["equipment_id", "used_at", "batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_equipment_use_step_id"), ["step_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_equipment_use_used_at"), ["used_at"], unique=False)

    op.create_table(
        "infusion_order",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("infusion_on", DAY, nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("duration_minutes", WHOLE, nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("container_id", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('ordered', 'eligible', 'dispensed', 'handed_over', 'administered', 'not_administered', 'cancelled')",
            name=op.f("ck_infusion_order_status"),
        ),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_infusion_order_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_infusion_order_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_infusion_order_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_infusion_order")),
        sa.UniqueConstraint("number", name=op.f("uq_infusion_order_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("infusion_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_infusion_order_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_infusion_order_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "kit_lot",
        sa.Column("kit_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_kit_lot_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["kit_id"], ["kit.id"], name=op.f("fk_kit_lot_kit_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_kit_lot_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_lot")),
        sa.UniqueConstraint("kit_id", "material", name=op.f("uq_kit_lot_kit_id_material")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kit_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kit_lot_kit_id"), ["kit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kit_lot_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "label",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("template_document_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("issue", WHOLE, nullable=False),
        sa.Column("label_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("short_number", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("printed_by", sa.Text(), nullable=True),
        sa.Column("printed_at", INSTANT, nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("slot IN ('FULL', 'BAG', 'SYRINGE', 'OUTER')", name=op.f("ck_label_slot")),
        sa.CheckConstraint(
            "status IN ('generated', 'printed', 'verified', 'applied', 'voided', 'destroyed', 'superseded')",
            name=op.f("ck_label_status"),
        ),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_label_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_label_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["template_document_id"], ["document.id"], name=op.f("fk_label_template_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("container_id", "issue", name=op.f("uq_label_container_id_issue")),
        sa.UniqueConstraint("label_id", name=op.f("uq_label_label_id")),
        sa.UniqueConstraint("payload", name=op.f("uq_label_payload")),
        sa.UniqueConstraint("short_number", name=op.f("uq_label_short_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_container_id"), ["container_id"], unique=False)
        batch_op.create_index(
            "uq_label_applied",
            ["container_id"],
            unique=True,
            sqlite_where=sa.text("status = 'applied' AND slot <> 'OUTER'"),
            postgresql_where=sa.text("status = 'applied' AND slot <> 'OUTER'"),
        )
        batch_op.create_index(
            "uq_label_applied_outer",
            ["container_id"],
            unique=True,
            sqlite_where=sa.text("status = 'applied' AND slot = 'OUTER'"),
            postgresql_where=sa.text("status = 'applied' AND slot = 'OUTER'"),
        )

    op.create_table(
        "lot_use",
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("piece_id", sa.Text(), nullable=True),
        sa.Column("quantity", EXACT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_lot_use_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_lot_use_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_use_lot_id")),
        sa.ForeignKeyConstraint(["piece_id"], ["lot_piece.id"], name=op.f("fk_lot_use_piece_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_lot_use_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_use")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_use_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_use_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_use_step_id"), ["step_id"], unique=False)

    op.create_table(
        "oos_supply",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("alternatives", sa.Text(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("request_file_id", sa.Text(), nullable=True),
        sa.Column("evaluation", sa.Text(), nullable=True),
        sa.Column("evaluation_file_id", sa.Text(), nullable=True),
        sa.Column("evaluated_by", sa.Text(), nullable=True),
        sa.Column("evaluated_at", INSTANT, nullable=True),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("agreed_at", INSTANT, nullable=True),
        sa.Column("authorised_by", sa.Text(), nullable=True),
        sa.Column("authorised_at", INSTANT, nullable=True),
        sa.Column("informed", sa.Text(), nullable=True),
        sa.Column("informed_by", sa.Text(), nullable=True),
        sa.Column("informed_at", INSTANT, nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("acceptance_file_id", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Text(), nullable=True),
        sa.Column("sponsor_notified_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "informed IS NULL OR informed IN ('patient','parents','patient_and_parents','legal_representative')",
            name=op.f("ck_oos_supply_informed"),
        ),
        sa.CheckConstraint(
            "status <> 'supply_in_force' OR (accepted_at IS NOT NULL AND informed_at IS NOT NULL AND agreed_at IS NOT NULL AND evaluation_file_id IS NOT NULL AND sponsor_notified_at IS NOT NULL)",
            name=op.f("ck_oos_supply_in_force"),
        ),
        sa.CheckConstraint(
            "status IN ('supply_requested', 'risk_evaluated', 'risk_evaluation_given', 'supply_in_force', 'supply_outdated', 'supply_withdrawn', 'supply_declined')",
            name=op.f("ck_oos_supply_status"),
        ),
        sa.ForeignKeyConstraint(["acceptance_file_id"], ["file.id"], name=op.f("fk_oos_supply_acceptance_file_id")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_oos_supply_accepted_by")),
        sa.ForeignKeyConstraint(["agreed_by"], ["person.id"], name=op.f("fk_oos_supply_agreed_by")),
        sa.ForeignKeyConstraint(["authorised_by"], ["person.id"], name=op.f("fk_oos_supply_authorised_by")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_oos_supply_batch_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_oos_supply_decision_id")),
        sa.ForeignKeyConstraint(["evaluated_by"], ["person.id"], name=op.f("fk_oos_supply_evaluated_by")),
        sa.ForeignKeyConstraint(["evaluation_file_id"], ["file.id"], name=op.f("fk_oos_supply_evaluation_file_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_oos_supply_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["informed_by"], ["person.id"], name=op.f("fk_oos_supply_informed_by")),
        sa.ForeignKeyConstraint(["request_file_id"], ["file.id"], name=op.f("fk_oos_supply_request_file_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_oos_supply_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oos_supply")),
        sa.UniqueConstraint("number", name=op.f("uq_oos_supply_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("oos_supply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oos_supply_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oos_supply_status"), ["status"], unique=False)

    op.create_table(
        "recall_unit",
        sa.Column("recall_id", sa.Text(), nullable=False),
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("whereabouts", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("accounted_by", sa.Text(), nullable=False),
        sa.Column("accounted_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("whereabouts IN ('in_stock', 'returned', 'lost')", name=op.f("ck_recall_unit_whereabouts")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_recall_unit_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_recall_unit_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_unit_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_unit")),
        sa.UniqueConstraint(
            "recall_id", "container_id", "sequence", name=op.f("uq_recall_unit_recall_id_container_id_sequence")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_unit_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recall_unit_recall_id"), ["recall_id"], unique=False)

    op.create_table(
        "reconstitution_step",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_reconstitution_step_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_reconstitution_step_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconstitution_step")),
        sa.UniqueConstraint("container_id", "position", name=op.f("uq_reconstitution_step_container_id_position")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reconstitution_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconstitution_step_container_id"), ["container_id"], unique=False)

    op.create_table(
        "sample",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("collection_id", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("step_id", sa.Text(), nullable=True),
        sa.Column("container_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("volume_ml", EXACT, nullable=False),
        sa.Column("supernatant_only", FLAG, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=True),
        sa.Column("result_reference", sa.Text(), nullable=True),
        sa.Column("kept_in", sa.Text(), nullable=True),
        sa.Column("kept_until", DAY, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('in_process_control', 'flow_cytometry', 'sterility', 'endotoxin', 'mycoplasma', 'donor_markers', 'retention', 'other')",
            name=op.f("ck_sample_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('drawn', 'at_lab', 'tested', 'discarded', 'retained')", name=op.f("ck_sample_status")
        ),
        sa.CheckConstraint(
            "(batch_id IS NULL) OR (step_id IS NOT NULL) OR (container_id IS NOT NULL)", name=op.f("ck_sample_of_batch")
        ),
        sa.CheckConstraint("(collection_id IS NULL) <> (batch_id IS NULL)", name=op.f("ck_sample_source")),
        sa.CheckConstraint("(step_id IS NULL) OR (container_id IS NULL)", name=op.f("ck_sample_one_source")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_sample_batch_id")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_sample_collection_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_sample_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_sample_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_sample_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("code", name=op.f("uq_sample_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_drawn_at"), ["drawn_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_step_id"), ["step_id"], unique=False)

    op.create_table(
        "step_correction",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("corrected_by", sa.Text(), nullable=False),
        sa.Column("corrected_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_step_correction_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_step_correction_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_correction_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_correction")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("step_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_correction_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_correction_step_id"), ["step_id"], unique=False)

    op.create_table(
        "step_measurement",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("value", EXACT, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("measured_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("verdict IN ('none','pass','alert','action')", name=op.f("ck_step_measurement_verdict")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_step_measurement_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_measurement_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_measurement")),
        sa.UniqueConstraint("step_id", "field", "number", name=op.f("uq_step_measurement_step_id_field_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("step_measurement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_measurement_step_id"), ["step_id"], unique=False)

    op.create_table(
        "step_value",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("number", EXACT, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("moment", INSTANT, nullable=True),
        sa.Column("not_applicable", sa.Text(), nullable=True),
        sa.Column("measurement", WHOLE, nullable=True),
        sa.Column("chosen_by", sa.Text(), nullable=True),
        sa.Column("chosen_because", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("verdict IN ('none','pass','alert','action')", name=op.f("ck_step_value_verdict")),
        sa.CheckConstraint(
            "not_applicable IS NULL OR (number IS NULL AND text IS NULL AND moment IS NULL)",
            name=op.f("ck_step_value_not_applicable"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_step_value_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_value_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_value")),
        sa.UniqueConstraint("step_id", "field", name=op.f("uq_step_value_step_id_field")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("step_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_value_step_id"), ["step_id"], unique=False)

    op.create_table(
        "transcription",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("transcribed_by", sa.Text(), nullable=False),
        sa.Column("transcribed_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_transcription_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_transcription_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_transcription_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription")),
        sa.UniqueConstraint("step_id", name=op.f("uq_transcription_step_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("transcription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transcription_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "capa_action",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("deviation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('corrective', 'preventive')", name=op.f("ck_capa_action_kind")),
        sa.CheckConstraint(
            "status IN ('open', 'done', 'found_effective', 'cancelled')", name=op.f("ck_capa_action_status")
        ),
        sa.ForeignKeyConstraint(["deviation_id"], ["deviation.id"], name=op.f("fk_capa_action_deviation_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_capa_action_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capa_action")),
        sa.UniqueConstraint("number", name=op.f("uq_capa_action_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("capa_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capa_action_deviation_id"), ["deviation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capa_action_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capa_action_status"), ["status"], unique=False)

    op.create_table(
        "cell_count",
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("dye", sa.Text(), nullable=False),
        sa.Column("dilution", EXACT, nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sa.Column("wbc", EXACT, nullable=False),
        sa.Column("viability", EXACT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("counted_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "method IN ('manual_dye_exclusion', 'flow_cytometry', 'image_cytometry')", name=op.f("ck_cell_count_method")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_cell_count_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_cell_count_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_count")),
        sa.UniqueConstraint("sample_id", "number", name=op.f("uq_cell_count_sample_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("cell_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cell_count_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "custody_event",
        sa.Column("container_id", sa.Text(), nullable=True),
        sa.Column("collection_id", sa.Text(), nullable=True),
        sa.Column("part_id", sa.Text(), nullable=True),
        sa.Column("sample_id", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("from_place_id", sa.Text(), nullable=True),
        sa.Column("found_place_id", sa.Text(), nullable=True),
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("current", FLAG, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("temperature_c", EXACT, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("gap", FLAG, nullable=False),
        sa.Column("excursion", FLAG, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("assessed_by", sa.Text(), nullable=True),
        sa.Column("assessed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN container_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN collection_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN part_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN sample_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_custody_event_one_unit"),
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_custody_event_collection_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_custody_event_container_id")),
        sa.ForeignKeyConstraint(["found_place_id"], ["storage_place.id"], name=op.f("fk_custody_event_found_place_id")),
        sa.ForeignKeyConstraint(["from_place_id"], ["storage_place.id"], name=op.f("fk_custody_event_from_place_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_custody_event_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["part_id"], ["collection_part.id"], name=op.f("fk_custody_event_part_id")),
        sa.ForeignKeyConstraint(["place_id"], ["storage_place.id"], name=op.f("fk_custody_event_place_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_custody_event_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_event")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_event_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_moved_at"), ["moved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_part_id"), ["part_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "deviation_batch",
        sa.Column("deviation_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        sa.Column("named_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_deviation_batch_batch_id")),
        sa.ForeignKeyConstraint(["deviation_id"], ["deviation.id"], name=op.f("fk_deviation_batch_deviation_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_deviation_batch_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deviation_batch")),
        sa.UniqueConstraint("deviation_id", "batch_id", name=op.f("uq_deviation_batch_deviation_id_batch_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("deviation_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deviation_batch_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deviation_batch_deviation_id"), ["deviation_id"], unique=False)

    op.create_table(
        "deviation_entry",
        sa.Column("deviation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('investigated', 'reclassified', 'batch_named', 'impact_assessed', 'judged_by_qp', 'reopened', 'closed_by')",
            name=op.f("ck_deviation_entry_kind"),
        ),
        sa.ForeignKeyConstraint(["deviation_id"], ["deviation.id"], name=op.f("fk_deviation_entry_deviation_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_deviation_entry_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deviation_entry")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("deviation_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deviation_entry_deviation_id"), ["deviation_id"], unique=False)

    op.create_table(
        "eligibility",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("marrow_blasts", EXACT, nullable=False),
        sa.Column("marrow_assessed_on", DAY, nullable=False),
        sa.Column("circulating_blasts", EXACT, nullable=False),
        sa.Column("circulating_assessed_on", DAY, nullable=False),
        sa.Column("extramedullary_progression", FLAG, nullable=False),
        sa.Column("neutrophils", EXACT, nullable=False),
        sa.Column("neutrophils_per_ul", EXACT, nullable=True),
        sa.Column("neutrophils_assessed_on", DAY, nullable=False),
        sa.Column("donor_chimerism", FLAG, nullable=False),
        sa.Column("gvhd_grade", WHOLE, nullable=False),
        sa.Column("steroids", EXACT, nullable=False),
        sa.Column("immunosuppression_given", FLAG, nullable=True),
        sa.Column("immunosuppression_last_on", DAY, nullable=True),
        sa.Column("second_product_given", FLAG, nullable=True),
        sa.Column("other_condition", FLAG, nullable=False),
        sa.Column("other_condition_text", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("protocol_document_id", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_eligibility_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["order_id"], ["infusion_order.id"], name=op.f("fk_eligibility_order_id")),
        sa.ForeignKeyConstraint(
            ["protocol_document_id"], ["document.id"], name=op.f("fk_eligibility_protocol_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility")),
        sa.UniqueConstraint("order_id", "sequence", name=op.f("uq_eligibility_order_id_sequence")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("eligibility", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_eligibility_order_id"), ["order_id"], unique=False)

    op.create_table(
        "environment_sample",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("exposed_from", INSTANT, nullable=False),
        sa.Column("exposed_until", INSTANT, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("count", EXACT, nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("read_by", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("corrected_because", sa.Text(), nullable=True),
        sa.Column("deviation_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_environment_sample_batch_id")),
        sa.ForeignKeyConstraint(["deviation_id"], ["deviation.id"], name=op.f("fk_environment_sample_deviation_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_environment_sample_document_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_environment_sample_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_environment_sample_step_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_environment_sample_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environment_sample")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("environment_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_environment_sample_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_environment_sample_step_id"), ["step_id"], unique=False)

    op.create_table(
        "imported_value",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("number", EXACT, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("row", WHOLE, nullable=False),
        sa.Column("column_title", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_imported_value_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["import_id"], ["file_import.id"], name=op.f("fk_imported_value_import_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_imported_value_sample_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_imported_value_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_value")),
        sa.UniqueConstraint("import_id", "step_id", "field", name=op.f("uq_imported_value_import_id_step_id_field")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("imported_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_value_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_imported_value_step_id"), ["step_id"], unique=False)

    op.create_table(
        "oos_notice",
        sa.Column("supply_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("recipient IN ('sponsor', 'igj', 'ccmo')", name=op.f("ck_oos_notice_recipient")),
        sa.CheckConstraint(
            "status = 'notice_open' OR (done_at IS NOT NULL AND (recipient = 'sponsor' OR reference IS NOT NULL))",
            name=op.f("ck_oos_notice_done"),
        ),
        sa.CheckConstraint("status IN ('notice_open', 'notice_done')", name=op.f("ck_oos_notice_status")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_oos_notice_done_by")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_oos_notice_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["supply_id"], ["oos_supply.id"], name=op.f("fk_oos_notice_supply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oos_notice")),
        sa.UniqueConstraint("supply_id", "recipient", name=op.f("uq_oos_notice_supply_id_recipient")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("oos_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oos_notice_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_oos_notice_supply_id"), ["supply_id"], unique=False)

    op.create_table(
        "oos_overlay",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supply_id", sa.Text(), nullable=False),
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("printed_by", sa.Text(), nullable=False),
        sa.Column("printed_at", INSTANT, nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('overlay_printed', 'overlay_applied', 'overlay_destroyed')", name=op.f("ck_oos_overlay_status")
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["person.id"], name=op.f("fk_oos_overlay_applied_by")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_oos_overlay_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_oos_overlay_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("fk_oos_overlay_printed_by")),
        sa.ForeignKeyConstraint(["supply_id"], ["oos_supply.id"], name=op.f("fk_oos_overlay_supply_id")),
        sa.ForeignKeyConstraint(["witnessed_by"], ["person.id"], name=op.f("fk_oos_overlay_witnessed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oos_overlay")),
        sa.UniqueConstraint("number", name=op.f("uq_oos_overlay_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("oos_overlay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oos_overlay_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oos_overlay_supply_id"), ["supply_id"], unique=False)
        batch_op.create_index(
            "uq_oos_overlay_live",
            ["container_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "print_job",
        sa.Column("label_id", sa.Text(), nullable=False),
        sa.Column("printer_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "status IN ('unsent', 'sending', 'sent', 'uncertain', 'given_up', 'cancelled')",
            name=op.f("ck_print_job_status"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_print_job_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_print_job_label_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_print_job_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint("label_id", name=op.f("uq_print_job_label_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_job_printer_id"), ["printer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_job_status"), ["status"], unique=False)

    op.create_table(
        "scan",
        sa.Column("container_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("label_id", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("typed", FLAG, nullable=False),
        sa.Column("camera", FLAG, nullable=False),
        sa.Column("scanned_by", sa.Text(), nullable=False),
        sa.Column("scanned_at", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("place IN ('pharmacy','bedside','paper')", name=op.f("ck_scan_place")),
        sa.CheckConstraint(
            "verdict IN ('ALLOW', 'ALLOW_CONDITIONAL', 'ALLOW_OOS', 'DENY')", name=op.f("ck_scan_verdict")
        ),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_scan_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_scan_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_scan_label_id")),
        sa.ForeignKeyConstraint(["order_id"], ["infusion_order.id"], name=op.f("fk_scan_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_order_id"), ["order_id"], unique=False)

    op.create_table(
        "test",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("inoculated_at", INSTANT, nullable=True),
        sa.Column("inoculated_by", sa.Text(), nullable=True),
        sa.Column("sample_id", sa.Text(), nullable=True),
        sa.Column("last_read_at", INSTANT, nullable=True),
        sa.Column("last_read_day", WHOLE, nullable=True),
        sa.Column("result_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("attempt", WHOLE, nullable=False),
        sa.Column("retest_of", sa.Text(), nullable=True),
        sa.Column("retest_id", sa.Text(), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('pass','alert','oos','report','undecidable')", name=op.f("ck_test_outcome")
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'in_test', 'interim', 'entered', 'verified', 'invalidated', 'reopened', 'cancelled')",
            name=op.f("ck_test_status"),
        ),
        sa.CheckConstraint("(attempt = 0) = (retest_of IS NULL)", name=op.f("ck_test_retest")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_test_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_test_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_test_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test")),
        sa.UniqueConstraint("batch_id", "criterion", "attempt", name=op.f("uq_test_batch_id_criterion_attempt")),
        sa.UniqueConstraint("number", name=op.f("uq_test_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_test_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "cell_reading",
        sa.Column("count_id", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("wbc", EXACT, nullable=False),
        sa.Column("viability", EXACT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["cell_count.id"], name=op.f("fk_cell_reading_count_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_cell_reading_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_reading")),
        sa.UniqueConstraint("count_id", "number", name=op.f("uq_cell_reading_count_id_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("cell_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cell_reading_count_id"), ["count_id"], unique=False)

    op.create_table(
        "dispensing",
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("label_id", sa.Text(), nullable=False),
        sa.Column("dispensed_by", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("dispensed_at", INSTANT, nullable=False),
        sa.Column("conditional", FLAG, nullable=False),
        sa.Column("out_of_specification", FLAG, nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancel_checked_by", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_dispensing_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_dispensing_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_dispensing_label_id")),
        sa.ForeignKeyConstraint(["order_id"], ["infusion_order.id"], name=op.f("fk_dispensing_order_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_dispensing_scan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispensing")),
        sa.UniqueConstraint("order_id", name=op.f("uq_dispensing_order_id")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_dispensing_scan_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("dispensing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispensing_container_id"), ["container_id"], unique=False)
        batch_op.create_index(
            "uq_dispensing_container",
            ["container_id"],
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.create_table(
        "result",
        sa.Column("test_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("number", EXACT, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("typed_number", EXACT, nullable=True),
        sa.Column("typed_unit", sa.Text(), nullable=False),
        sa.Column("replicates", sa.Text(), nullable=True),
        sa.Column("typed_replicates", sa.Text(), nullable=True),
        sa.Column("sample_id", sa.Text(), nullable=True),
        sa.Column("events", WHOLE, nullable=True),
        sa.Column("bead_events", WHOLE, nullable=True),
        sa.Column("beads_per_tube", EXACT, nullable=True),
        sa.Column("sample_volume", EXACT, nullable=True),
        sa.Column("dilution", EXACT, nullable=True),
        sa.Column("day", WHOLE, nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("measured_at", INSTANT, nullable=False),
        sa.Column("raw_data_reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("operator IN ('=','<','>')", name=op.f("ck_result_operator")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_result_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_result_sample_id")),
        sa.ForeignKeyConstraint(["test_id"], ["test.id"], name=op.f("fk_result_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("test_id", "sequence", name=op.f("uq_result_test_id_sequence")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_test_id"), ["test_id"], unique=False)

    op.create_table(
        "step_entry",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("value", EXACT, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("moment", INSTANT, nullable=True),
        sa.Column("performed_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("after_signatures", WHOLE, nullable=False),
        sa.Column("imported_value_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_step_entry_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["imported_value_id"], ["imported_value.id"], name=op.f("fk_step_entry_imported_value_id")
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_entry_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_entry")),
        sa.UniqueConstraint("step_id", "field", "number", name=op.f("uq_step_entry_step_id_field_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("step_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_entry_step_id"), ["step_id"], unique=False)

    op.create_table(
        "administration",
        sa.Column("dispensing_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.Column("volume_given_ml", EXACT, nullable=True),
        sa.Column("premedication", FLAG, nullable=True),
        sa.Column("identity_checked", FLAG, nullable=True),
        sa.Column("bedside_scan_id", sa.Text(), nullable=True),
        sa.Column("bedside_verdict", sa.Text(), nullable=True),
        sa.Column("weight_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("no_reaction_confirmed", FLAG, nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('complete','partial','not_administered')", name=op.f("ck_administration_outcome")
        ),
        sa.ForeignKeyConstraint(["bedside_scan_id"], ["scan.id"], name=op.f("fk_administration_bedside_scan_id")),
        sa.ForeignKeyConstraint(["dispensing_id"], ["dispensing.id"], name=op.f("fk_administration_dispensing_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_administration_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["weight_id"], ["weight.id"], name=op.f("fk_administration_weight_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administration")),
        sa.UniqueConstraint("dispensing_id", name=op.f("uq_administration_dispensing_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "downtime_entry",
        sa.Column("kit_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("dispensing_id", sa.Text(), nullable=True),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("performed_by", sa.Text(), nullable=False),
        sa.Column("second_person", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("compared_by", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("conflicts", sa.Text(), nullable=False),
        sa.Column("deviation_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('check', 'dispensing', 'hand_over', 'administration')", name=op.f("ck_downtime_entry_kind")
        ),
        sa.ForeignKeyConstraint(["deviation_id"], ["deviation.id"], name=op.f("fk_downtime_entry_deviation_id")),
        sa.ForeignKeyConstraint(["dispensing_id"], ["dispensing.id"], name=op.f("fk_downtime_entry_dispensing_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_downtime_entry_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["kit_id"], ["downtime_kit.id"], name=op.f("fk_downtime_entry_kit_id")),
        sa.ForeignKeyConstraint(["order_id"], ["infusion_order.id"], name=op.f("fk_downtime_entry_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_entry")),
        sa.UniqueConstraint("record_id", name=op.f("uq_downtime_entry_record_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("downtime_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_downtime_entry_dispensing_id"), ["dispensing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_downtime_entry_kit_id"), ["kit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_downtime_entry_order_id"), ["order_id"], unique=False)

    op.create_table(
        "hand_over",
        sa.Column("dispensing_id", sa.Text(), nullable=False),
        sa.Column("handed_over_at", INSTANT, nullable=False),
        sa.Column("temperature_c", EXACT, nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("transport_box", sa.Text(), nullable=False),
        sa.Column("handed_over_by", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["dispensing_id"], ["dispensing.id"], name=op.f("fk_hand_over_dispensing_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_hand_over_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sa.UniqueConstraint("dispensing_id", name=op.f("uq_hand_over_dispensing_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "oos",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("test_id", sa.Text(), nullable=False),
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "ground IS NULL OR ground IN ('fault_of_the_test_facility','fault_of_the_test_procedure','growth_in_the_negative_controls','growth_from_material_or_technique')",
            name=op.f("ck_oos_ground"),
        ),
        sa.CheckConstraint("status IN ('oos_open', 'result_invalidated', 'oos_confirmed')", name=op.f("ck_oos_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_oos_batch_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_oos_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_oos_result_id")),
        sa.ForeignKeyConstraint(["test_id"], ["test.id"], name=op.f("fk_oos_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oos")),
        sa.UniqueConstraint("number", name=op.f("uq_oos_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("oos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oos_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oos_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_oos_test_id"), ["test_id"], unique=False)

    op.create_table(
        "result_source",
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("row", WHOLE, nullable=False),
        sa.Column("column_title", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_result_source_document_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_result_source_file_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_result_source_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_result_source_result_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_result_source_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_source")),
        sa.UniqueConstraint("result_id", name=op.f("uq_result_source_result_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "laboratory_phase",
        sa.Column("oos_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("cause_found", FLAG, nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("concluded_by", sa.Text(), nullable=False),
        sa.Column("concluded_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_laboratory_phase_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["oos_id"], ["oos.id"], name=op.f("fk_laboratory_phase_oos_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_phase")),
        sa.UniqueConstraint("oos_id", "sequence", name=op.f("uq_laboratory_phase_oos_id_sequence")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("laboratory_phase", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_laboratory_phase_oos_id"), ["oos_id"], unique=False)

    op.create_table(
        "reaction",
        sa.Column("administration_id", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("onset_at", INSTANT, nullable=False),
        sa.Column("grade", WHOLE, nullable=False),
        sa.Column("serious", FLAG, nullable=False),
        sa.Column("life_threatening", FLAG, nullable=True),
        sa.Column("known_at", INSTANT, nullable=True),
        sa.Column("relatedness", sa.Text(), nullable=False),
        sa.Column("adjudicated", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("adjudicated_by", sa.Text(), nullable=True),
        sa.Column("adjudicated_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "adjudicated IN ('pending','confirmed','not_qualifying')", name=op.f("ck_reaction_adjudicated")
        ),
        sa.CheckConstraint(
            "relatedness IN ('unrelated','unlikely','possible','probable','definite','pending')",
            name=op.f("ck_reaction_relatedness"),
        ),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_reaction_grade")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administration.id"], name=op.f("fk_reaction_administration_id")
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_reaction_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reaction_administration_id"), ["administration_id"], unique=False)

    op.create_table(
        "retest",
        sa.Column("oos_id", sa.Text(), nullable=False),
        sa.Column("sample_choice", sa.Text(), nullable=False),
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("analyst_id", sa.Text(), nullable=False),
        sa.Column("replicates", WHOLE, nullable=False),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("authorised_by", sa.Text(), nullable=False),
        sa.Column("authorised_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("acceptance IN ('every_single_value_meets_the_limit')", name=op.f("ck_retest_acceptance")),
        sa.CheckConstraint("sample_choice IN ('same_sample', 'new_sample')", name=op.f("ck_retest_sample_choice")),
        sa.CheckConstraint("replicates > 0", name=op.f("ck_retest_replicates")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_retest_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["oos_id"], ["oos.id"], name=op.f("fk_retest_oos_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_retest_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retest")),
        sa.UniqueConstraint("oos_id", name=op.f("uq_retest_oos_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "reaction_check",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reaction_id", sa.Text(), nullable=False),
        sa.Column("container_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("follow_number", sa.Text(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("concluded_by", sa.Text(), nullable=True),
        sa.Column("concluded_at", INSTANT, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "follow_up IN ('nothing_follows', 'deviation', 'out_of_specification', 'recall')",
            name=op.f("ck_reaction_check_follow_up"),
        ),
        sa.CheckConstraint(
            "outcome IN ('no_quality_cause', 'cause_undetermined', 'cause_in_product', 'cause_in_donation')",
            name=op.f("ck_reaction_check_outcome"),
        ),
        sa.CheckConstraint("status IN ('open', 'concluded')", name=op.f("ck_reaction_check_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_reaction_check_batch_id")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_reaction_check_container_id")),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_reaction_check_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["reaction_id"], ["reaction.id"], name=op.f("fk_reaction_check_reaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction_check")),
        sa.UniqueConstraint("number", name=op.f("uq_reaction_check_number")),
        sa.UniqueConstraint("reaction_id", name=op.f("uq_reaction_check_reaction_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reaction_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reaction_check_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reaction_check_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reaction_check_status"), ["status"], unique=False)

    op.create_table(
        "reaction_report",
        sa.Column("reaction_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('sponsor', 'authority', 'not_susar', 'authority_follow_up', 'tissue_establishment', 'not_donation')",
            name=op.f("ck_reaction_report_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            name="fk_reaction_report_trail",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["reaction_id"], ["reaction.id"], name=op.f("fk_reaction_report_reaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction_report")),
        sa.UniqueConstraint("reaction_id", "kind", name=op.f("uq_reaction_report_reaction_id_kind")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reaction_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reaction_report_reaction_id"), ["reaction_id"], unique=False)
    protect()


def protect() -> None:
    """Triggers, the empty head of the trail, and the rights of the application's role."""
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    for statement in sqlite_triggers(AUDITED) if sqlite else postgres_triggers(AUDITED):
        op.execute(sa.text(statement))
    op.execute(sa.text(f"INSERT INTO trail_head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')"))
    app_role = context.config.attributes.get("app_role")
    if app_role and not sqlite:
        role = bind.dialect.identifier_preparer.quote(app_role)
        op.execute(sa.text(f"GRANT USAGE ON SCHEMA public TO {role}"))
        op.execute(sa.text(f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}"))
        op.execute(sa.text(f"REVOKE UPDATE ON trail, trail_change, signature, alembic_version FROM {role}"))


def sqlite_triggers(audited: tuple[str, ...]) -> list[str]:
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


def postgres_triggers(audited: tuple[str, ...]) -> list[str]:
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
