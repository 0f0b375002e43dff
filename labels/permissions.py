"""Who prints, verifies, applies and voids labels."""

from __future__ import annotations

from kernel.accounts.permissions import AD, IN, QA
from kernel.permissions import permission
from manufacturing.permissions import DR, EVERYBODY, NURSE, PH, T

permission("label:read", *EVERYBODY)
permission("label:print", T)
permission("label:verify", T, QA)
permission("label:apply", T)
permission("label:void", T, QA)
permission("label_key:request", AD)
permission("label_key:approve", QA)
permission("label_key:read", QA, AD, IN)
permission("printer:manage", QA)
permission("printer:read", T, QA, AD, IN)
permission("scanner:test", T, QA, PH, DR, NURSE)
permission("scanner:read", T, QA, PH, DR, NURSE, IN)
