"""What the trial's figures are called and how each is defined; the texts are frozen with the figures (TR-PROV)."""

from __future__ import annotations

from kernel.refusals import N_

STAGES = {
    "T": N_("Transplanted"),
    "I": N_("Included"),
    "D": N_("Donor cleared"),
    "L": N_("Leukapheresis done"),
    "M": N_("Product manufactured"),
    "R": N_("Certified"),
    "R_final": N_("Certified, final"),
    "F": N_("Infused with a product that met all criteria (provisional)"),
    "F_final": N_("Infused with a product that met all criteria (final)"),
}
LISTS = {
    "infused": N_("Infused with anything (safety)"),
    "confirmed": N_("Severe reaction, likely due to the infusion, confirmed"),
    "pending": N_("Severe reaction waiting for the sponsor's decision"),
    "reactions_not_recorded": N_("Infused, reactions not recorded"),
}
SUPPLIED = N_("Infused out of specification, at the physician's request")
CRITERIA = {
    "inclusion": N_("Included of all transplanted"),
    "inclusion_of_eligible": N_("Included of the transplanted of the accepted age and donor type"),
    "infusion": N_("Infused of included, provisional"),
    "infusion_final": N_("Infused of included, final certificates only"),
    "infusion_with_supplied": N_("Infused of included, out of specification counted too"),
    "infusion_of_concluded": N_("Infused of concluded, provisional"),
    "infusion_final_of_concluded": N_("Infused of concluded, final certificates only"),
}
BATCHES = {
    "started": N_("Started"),
    "released": N_("Released"),
    "infused": N_("Infused"),
    "partially_infused": N_("Infused in part"),
    "pending": N_("Waiting for infusion"),
    "not_infused": N_("Not infused"),
    "in_progress": N_("In progress"),
    "rejected": N_("Rejected"),
    "terminated": N_("Terminated"),
}
# Whoever changes a text below gives it a new version: frozen figures carry both.
DEFINITIONS_VERSION = 1
DEFINITIONS = {
    "T": N_("Registered as transplanted for the indication in the accrual window; each subject once."),
    "I": N_("Of those, included: transplanted and consent signed."),
    "D": N_("Of the included, with at least one accepted collection: the donor was cleared."),
    "L": N_("Of the included, with at least one collection received."),
    "M": N_("Of those, with at least one batch that reached a final container."),
    "R": N_("Of those, with at least one batch certified, sterility possibly pending, and neither rejected nor ended."),
    "R_final": N_("Of those, with at least one batch certified with every result, and no late failure since."),
    "F": N_(
        "Of those, infused with at least the minimum dose of a certified product without a late failure, not out of "
        "specification and not after a refused bedside scan; each subject once."
    ),
    "F_final": N_("The same with a product certified with every result."),
    "confirmed": N_(
        "Infused subjects with at least one reaction of the set CTCAE grade or more and a relation that counts as "
        "likely; subjects, not events."
    ),
    "pending": N_("Infused subjects with a reaction that may still count so, and none that does."),
}
