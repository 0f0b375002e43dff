"""Who tests, reviews, certifies, releases, orders, dispenses, administers."""

from __future__ import annotations

from kernel.accounts.permissions import IN, QA
from kernel.documents.permissions import QP, SP
from kernel.permissions import permission
from manufacturing.permissions import DR, EVERYBODY, NURSE, PH, T

permission("result:read", T, QA, QP, IN)
permission("result:enter", T)
permission("result:verify", T, QA)
permission("oos:read", T, QA, QP, IN)
permission("oos:investigate", T, QA)
permission("oos:decide", QA)
permission("batch:review", QA)
permission("release:read", T, QA, QP, PH, SP, IN)
permission("release:certify", QP)
permission("release:reject", QP)
permission("release:sponsor", SP)
permission("weight:resign", QP)
permission("late_oos:acknowledge", QP, SP, DR)
permission("order:read", PH, DR, NURSE, QA, QP, SP, IN)
permission("order:write", DR)
permission("eligibility:write", DR)
permission("container:scan", PH, NURSE, DR, QA, QP)
permission("container:dispense", PH)
permission("container:check", PH, QP)
permission("container:hand_over", PH)
permission("container:destroy", T, PH, QA)
permission("container:administer", DR, NURSE)
permission("reaction:record", DR, NURSE)
permission("reaction:adjudicate", SP)
permission("trial:figures", SP, QA, QP, DR, IN)
permission("dose:read", *EVERYBODY)
permission("dose:keep", T, PH, QP, DR)
permission("trace:read", *EVERYBODY)
permission("contact:read", *EVERYBODY)
permission("contact:keep", QA, QP)
permission("recall:read", QA, QP, PH, SP, DR, IN)
permission("recall:open", QA, QP)
permission("recall:confirm", PH, DR, SP, QP, QA)
permission("recall:confirm_pharmacy", PH)
permission("recall:confirm_physician", DR)
permission("recall:confirm_sponsor", SP)
permission("recall:confirm_qp", QP)
permission("recall:confirm_authority", QA, QP)
permission("recall:account", QA, QP, PH)
permission("recall:close", QA, QP)
