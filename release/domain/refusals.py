"""Why a result is not taken, a batch not reviewed, certified or released; each code with who can resolve it."""

from __future__ import annotations

from kernel.refusals import N_, kind

_YOU = N_("you")
_LAB = N_("the laboratory")
_QA = N_("QA")
_QP = N_("the QP")

RESULT_MISSING = kind(
    "RESULT_MISSING",
    409,
    N_("%(test)s has no result yet, and this decision does not go without it."),
    resolver=_LAB,
    next_step=N_("Enter the result as soon as it is there, and have it verified."),
)
RESULT_UNVERIFIED = kind(
    "RESULT_UNVERIFIED",
    409,
    N_("The result of %(test)s is entered but nobody verified it."),
    resolver=N_("a second person of the laboratory or QA"),
    next_step=N_("Open the result with its raw data and verify it."),
)
RESULT_OOS = kind(
    "RESULT_OOS",
    409,
    N_("%(test)s is out of specification: %(value)s (limit: %(limit)s)."),
    resolver=_QP,
    next_step=N_("The batch cannot be certified; the QP decides on rejection."),
)
RESULT_UNDECIDABLE = kind(
    "RESULT_UNDECIDABLE",
    409,
    N_("%(test)s cannot be judged: %(why)s."),
    resolver=N_("the laboratory and the trial team"),
    next_step=N_(
        "Complete what is missing (weight, container, comparable value); what cannot be judged does not pass."
    ),
)
RESULT_NOT_POSSIBLE = kind(
    "RESULT_NOT_POSSIBLE",
    422,
    N_("%(value)s is not a possible result of %(test)s: %(why)s."),
    resolver=_YOU,
    next_step=N_("Compare with the raw data and enter it again."),
)
REPLICATES_MISSING = kind(
    "REPLICATES_MISSING",
    422,
    N_("The specification asks for %(count)s values of this result, and one is missing."),
    resolver=_YOU,
    next_step=N_("Enter every single value as it stands on the print; the mean is computed."),
)
SAMPLE_NOT_SCANNED = kind(
    "SAMPLE_NOT_SCANNED",
    422,
    N_("Samples of this product were drawn, and no tube was scanned for this result."),
    resolver=_YOU,
    next_step=N_("Scan the tube that was measured, or say that the container itself was."),
)
RAW_DATA_NOT_OPENED = kind(
    "RAW_DATA_NOT_OPENED",
    409,
    N_("You have not opened the raw data: %(file)s (SHA-256 %(sha256)s)."),
    resolver=N_("the second person"),
    next_step=N_("Open the file on this page, compare it with the entry, then verify."),
)
MYCOPLASMA_OMITTED = kind(
    "MYCOPLASMA_OMITTED",
    409,
    N_("The cells were cultured (%(steps)s), and the specification of this batch omits the test of mycoplasma."),
    resolver=_QP,
    next_step=N_("The batch cannot be certified by this version; open the next one under a version with the test."),
)
REOPEN_OOS = kind(
    "REOPEN_OOS",
    409,
    N_("%(test)s was found out of specification (%(number)s); its value is not corrected, it is investigated."),
    resolver=_QA,
    next_step=N_("Conclude the laboratory phase; a slip of the pen is a cause that invalidates the result."),
)
TEST_REQUIRED = kind(
    "TEST_REQUIRED",
    409,
    N_("The specification requires %(test)s; a required test is not cancelled."),
    resolver=N_("nobody: it is done, or the batch is not certified"),
    next_step=N_("Do the test, or reject the batch."),
)
SOD_REOPEN = kind(
    "SOD_REOPEN",
    403,
    N_("Who entered or verified a result does not authorise its correction."),
    resolver=N_("another person of QA"),
    next_step=N_("Ask a colleague in QA who had no hand in this result."),
)
RESULT_FROM_RECORDS = kind(
    "RESULT_FROM_RECORDS",
    409,
    N_("%(test)s is read from the records of the batch; nobody types it."),
    resolver=N_("nobody: the records decide"),
    next_step=N_("Open the test to see which records speak for it."),
)
WRONG_KIND_OF_TEST = kind(
    "WRONG_KIND_OF_TEST",
    409,
    N_("%(test)s is not a test of this kind."),
    resolver=_YOU,
    next_step=N_("Open the test and use the actions it offers."),
)
RAW_DATA_UNSEEN = kind(
    "RAW_DATA_UNSEEN",
    422,
    N_("A result is verified against its raw data (%(reference)s), not against the screen."),
    resolver=_YOU,
    next_step=N_("Open the raw data, compare, and answer yes."),
)
FINAL_READ_TOO_EARLY = kind(
    "FINAL_READ_TOO_EARLY",
    409,
    N_("The culture has not incubated %(days)s days yet; final from %(due)s."),
    resolver=N_("nobody: the incubation takes its time"),
    next_step=N_("Read again when the time is over; until then it is “negative to date”."),
)
SOD_RESULT = kind(
    "SOD_RESULT",
    403,
    N_("Whoever entered, corrected or read this test may not verify it."),
    resolver=N_("another trained person"),
    next_step=N_("Ask a colleague who had no hand in this test."),
)
SOD_QA_QP = kind(
    "SOD_QA_QP",
    403,
    N_("The QA review and the certification of a batch are not signed by one person."),
    resolver=N_("another person with the role"),
    next_step=N_("Ask a colleague who has not signed the other of the two."),
)
SOD_SPONSOR = kind(
    "SOD_SPONSOR",
    403,
    N_("The certification of a batch and its release for the sponsor are not signed by one person."),
    resolver=N_("another person with the role"),
    next_step=N_("Ask a colleague who has not signed the other of the two."),
)
DONOR_NOT_ACCEPTED = kind(
    "DONOR_NOT_ACCEPTED",
    409,
    N_("The starting material %(collection)s is not accepted (%(state)s): donor not assessed as eligible."),
    resolver=_QA,
    next_step=N_("Complete the donor's markers and have QA accept the leukapheresis."),
)
PRODUCTION_NOT_COMPLETE = kind(
    "PRODUCTION_NOT_COMPLETE",
    409,
    N_("Production is not complete (%(state)s)."),
    resolver=N_("the technicians"),
    next_step=N_("Finish the steps, fill and label, then declare production complete."),
)
DEVIATION_OPEN = kind(
    "DEVIATION_OPEN",
    409,
    N_("Deviation %(number)s (%(classification)s) is %(state)s."),
    resolver=_QA,
    next_step=N_("Assess the deviation; a major or critical one must be closed."),
)
WEIGHT_MISSING = kind(
    "WEIGHT_MISSING",
    409,
    N_("There is no weight of subject %(subject)s."),
    resolver=N_("the trial team or the ward"),
    next_step=N_("Weigh the child and enter the weight twice, the second time by another person."),
)
WEIGHT_STALE = kind(
    "WEIGHT_STALE",
    409,
    N_("The weight of subject %(subject)s was measured on %(at)s, more than %(days)s days ago."),
    resolver=N_("the ward"),
    next_step=N_("Weigh the child again and enter the weight twice."),
)
WEIGHT_CHANGED = kind(
    "WEIGHT_CHANGED",
    409,
    N_("The weight changed from %(old)s kg to %(new)s kg since the certification: %(why)s."),
    resolver=_QP,
    next_step=N_("The QP judges the doses per kg anew and signs."),
)
WEIGHT_UNCHANGED = kind(
    "WEIGHT_UNCHANGED",
    409,
    N_("The weight is still the one the QP signed for."),
    resolver=N_("nobody"),
    next_step=N_("Nothing has to be signed."),
)
AUDIT_REVIEW_MISSING = kind(
    "AUDIT_REVIEW_MISSING",
    409,
    N_("QA has not reviewed the batch record and its trail."),
    resolver=_QA,
    next_step=N_("QA reviews the batch, exceptions first, and signs."),
)
AUDIT_REVIEW_STALE = kind(
    "AUDIT_REVIEW_STALE",
    409,
    N_("The batch record changed after the QA review of %(at)s."),
    resolver=_QA,
    next_step=N_("QA reads what changed and signs the review again."),
)
FORMULATION_DIFFERENCE = kind(
    "FORMULATION_DIFFERENCE",
    409,
    N_(
        "Release result and formulation count of viable NK cells differ by %(percent)s %% (tolerance %(tolerance)s %%)."
    ),
    resolver=_QA,
    next_step=N_("QA explains the difference in the review."),
)
FORMULATION_COUNT_ZERO = kind(
    "FORMULATION_COUNT_ZERO",
    409,
    N_(
        "The formulation counts give no viable NK cells for %(containers)s; the release result has nothing to agree with."
    ),
    resolver=_QA,
    next_step=N_("Have the counts corrected if they were read wrongly, and reviewed again; otherwise the QP rejects."),
)
DEVIATION_NOT_JUDGED = kind(
    "DEVIATION_NOT_JUDGED",
    422,
    N_("The batch has %(count)s deviation(s); the QP writes down why quality and safety are not affected."),
    resolver=_QP,
    next_step=N_("Write the assessment in words; a tick is not one."),
)
STATEMENT_OPEN = kind(
    "STATEMENT_OPEN",
    422,
    N_("This has to be confirmed personally before you sign; a “no” means that you cannot sign."),
    resolver=_YOU,
    next_step=N_("Answer yes if it is so; otherwise do not sign."),
)
CERTIFIER_MISSING = kind(
    "CERTIFIER_MISSING",
    409,
    N_("No QP is left who had no part in making, testing or reviewing this batch."),
    resolver=N_("QA and the administrator"),
    next_step=N_("Ask for a QP who did not work on the batch."),
)
CERTIFICATION_VOID = kind(
    "CERTIFICATION_VOID",
    409,
    N_("Certification no. %(number)s no longer stands: the record was corrected on %(at)s."),
    resolver=N_("QA and the QP"),
    next_step=N_("Have the corrected record reviewed; then the QP certifies anew, or finds that it does not meet."),
)
CERTIFICATION_STANDS = kind(
    "CERTIFICATION_STANDS",
    409,
    N_("The certification of this batch stands: its record was not corrected after it."),
    resolver=N_("nobody"),
    next_step=N_("Nothing is decided anew. A result that fails late speaks for itself; a product is recalled."),
)
SUPERSEDING_UNEXPLAINED = kind(
    "SUPERSEDING_UNEXPLAINED",
    422,
    N_("Certification no. %(number)s no longer stands; the register says why another one takes its place."),
    resolver=_YOU,
    next_step=N_("Write what was corrected and why the batch may be certified all the same."),
)
NOTHING_PENDING = kind(
    "NOTHING_PENDING",
    409,
    N_("Every result is final; the batch is certified as final, not with results pending."),
    resolver=_QP,
    next_step=N_("Use the final certification."),
)
NOT_IN_TEST = kind(
    "NOT_IN_TEST",
    409,
    N_("%(test)s may wait for its result, but its sample is not in test yet."),
    resolver=_LAB,
    next_step=N_("Record the inoculation, so that the certificate can name the expected date."),
)
ALREADY_ACKNOWLEDGED = kind(
    "ALREADY_ACKNOWLEDGED",
    409,
    N_("The late result is already acknowledged for this role."),
    resolver=N_("nobody"),
    next_step=N_("Nothing more to do here."),
)
ACTION_PLAN_MISSING = kind(
    "ACTION_PLAN_MISSING",
    409,
    N_("The specification of this batch names no written action plan on a positive culture after the infusion."),
    resolver=N_("QA and the QP"),
    next_step=N_("Wait for the final results; name the plan in the next version of the specification."),
)
