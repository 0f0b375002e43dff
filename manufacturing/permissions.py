"""Roles of the trade and what they may do to subjects, collections and batches."""

from __future__ import annotations

from kernel.accounts.permissions import IN, QA
from kernel.documents.permissions import QP, SP
from kernel.permissions import permission, role
from kernel.refusals import N_

T = role("T", N_("technician"))
PH = role("Ph", N_("pharmacist"))
DR = role("Dr", N_("treating physician"))
NURSE = role("N", N_("ward nurse"))

EVERYBODY = (T, QA, QP, PH, SP, DR, NURSE, IN)

permission("trial:open", SP)
permission("trial:read", SP, QA, QP, DR, IN)
permission("subject:read", *EVERYBODY)
permission("subject:register", SP)
permission("subject:include", SP)
permission("weight:record", SP, DR, NURSE)
permission("weight:verify", SP, DR, NURSE)
permission("collection:read", T, QA, QP, IN)
permission("collection:plan", T, SP)
permission("collection:receive", T)
permission("collection:verify", T, QA)
permission("donor:record", T, QA)
permission("collection:accept", QA)
permission("collection:agree_at_risk", QP)
permission("collection:reject", QA, QP)
permission("collection:dispose", T)
permission("collection:witness", T, QA)
permission("donor:justify", QP)
permission("batch:read", T, QA, QP, PH, SP, IN)
permission("batch:open", T)
permission("batch:perform", T)
permission("batch:verify", T, QA)
permission("batch:complete", T)
permission("container:fill", T)
permission("sample:read", T, QA, QP, IN)
permission("sample:draw", T)
permission("sample:receive", T, QA)
permission("sample:conclude", T, QA)
permission("place:read", T, QA, QP, PH, IN)
permission("place:open", QA)
permission("custody:move", T, QA, PH)
permission("custody:assess", QA, QP)
permission("deviation:raise", T, QA, QP, PH)
permission("deviation:assess", QA, QP)
permission("deviation:close", QA)
permission("hold:set", QA, QP)
permission("hold:lift", QP)
permission("hold:lift_safety", SP)
