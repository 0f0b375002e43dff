"""What is said when a file of an instrument is not read: which row, which column, what stands there, why not."""

from __future__ import annotations

from kernel.refusals import N_, kind

YOU = N_("you")
EXPORT_AGAIN = N_("Export the file again; do not edit it. Nothing of it was entered.")
MAPPER = N_("whoever maps the columns of this instrument, and QA")

IMPORT_NOT_A_TABLE = kind(
    "IMPORT_NOT_A_TABLE",
    422,
    N_("The content is %(media_type)s, not a table in plain text."),
    resolver=YOU,
    next_step=N_("Let the instrument's software export CSV; a renamed file stays what it was."),
)
IMPORT_ENCODING = kind(
    "IMPORT_ENCODING",
    422,
    N_("The letters of the file cannot be read with certainty (%(why)s)."),
    resolver=YOU,
    next_step=N_("Export it as UTF-8."),
)
IMPORT_HIDDEN = kind(
    "IMPORT_HIDDEN",
    422,
    N_("Row %(row)s contains a character that cannot be seen or that turns the direction of reading (%(code)s)."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
IMPORT_DELIMITER = kind(
    "IMPORT_DELIMITER",
    422,
    N_("It cannot be told what separates the columns (comma, semicolon or tab)."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
IMPORT_QUOTES = kind(
    "IMPORT_QUOTES",
    422,
    N_("The quotation marks do not close (row %(row)s or after it)."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
IMPORT_TOO_LONG = kind(
    "IMPORT_TOO_LONG",
    422,
    N_("The table is larger than is read here: %(what)s."),
    resolver=YOU,
    next_step=N_("Export only the samples of this batch and the columns that are needed."),
)
IMPORT_NO_ROWS = kind(
    "IMPORT_NO_ROWS",
    422,
    N_("There is no row below the names of the columns."),
    resolver=YOU,
    next_step=N_("Export it again with the samples selected."),
)
IMPORT_HEADER = kind(
    "IMPORT_HEADER",
    422,
    N_("No row names all the columns of the mapping; missing: %(missing)s."),
    resolver=MAPPER,
    next_step=N_("Choose the mapping of this instrument and export; if its export changed, map it anew."),
)
IMPORT_HEADER_TWICE = kind(
    "IMPORT_HEADER_TWICE",
    422,
    N_("“%(column)s” names a column twice (row %(row)s)."),
    resolver=YOU,
    next_step=N_("Export one table with one row of names, and each column once."),
)
IMPORT_RAGGED = kind(
    "IMPORT_RAGGED",
    422,
    N_("Row %(row)s has %(cells)s cells, the names above have %(columns)s."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
IMPORT_DECIMAL_MARK = kind(
    "IMPORT_DECIMAL_MARK",
    422,
    N_("Row %(row)s, column “%(column)s”: in “%(cell)s” it cannot be told whether the mark separates decimals."),
    resolver=MAPPER,
    next_step=N_("Export with a decimal point, or map the instrument with the mark it really writes."),
)
IMPORT_CELL = kind(
    "IMPORT_CELL",
    422,
    N_("Row %(row)s, column “%(column)s”: “%(cell)s” is not a number (%(why)s)."),
    resolver=YOU,
    next_step=N_("Compare with the instrument's print. What the instrument could not measure is entered by hand."),
)
IMPORT_CENSORED = kind(
    "IMPORT_CENSORED",
    422,
    N_("Row %(row)s, column “%(column)s”: “%(cell)s” is a bound, not a value."),
    resolver=YOU,
    next_step=N_("Enter it by hand where a “<” or “>” has a field of its own."),
)
IMPORT_PERCENT = kind(
    "IMPORT_PERCENT",
    422,
    N_("Row %(row)s, column “%(column)s”: “%(cell)s” is a percentage, the mapping says %(unit)s."),
    resolver=MAPPER,
    next_step=N_("Map the column with the unit that stands in the file."),
)
IMPORT_IMPLAUSIBLE = kind(
    "IMPORT_IMPLAUSIBLE",
    422,
    N_("Row %(row)s, column “%(column)s”: %(value)s %(unit)s is not possible (%(low)s to %(high)s)."),
    resolver=YOU,
    next_step=N_("Compare number and unit with the instrument's print; a wrong unit or a shifted column?"),
)
IMPORT_UNIT_IN_HEADER = kind(
    "IMPORT_UNIT_IN_HEADER",
    422,
    N_("The column is called “%(column)s”, which says %(found)s; it is mapped as %(unit)s."),
    resolver=MAPPER,
    next_step=N_("Choose the unit that the instrument prints above the column."),
)
IMPORT_SAMPLE_UNKNOWN = kind(
    "IMPORT_SAMPLE_UNKNOWN",
    422,
    N_("Row %(row)s: “%(sample)s” is no sample of this batch."),
    resolver=YOU,
    next_step=N_(
        "Export the samples of this batch only, or have the other rows set aside. A mistyped code is corrected at the instrument."
    ),
)
IMPORT_SAMPLE_TWICE = kind(
    "IMPORT_SAMPLE_TWICE",
    422,
    N_("Sample %(sample)s stands in rows %(rows)s; which one counts is not ours to choose."),
    resolver=YOU,
    next_step=N_("Export the measurement that counts, and say on the record why there were two."),
)
IMPORT_FIELD = kind(
    "IMPORT_FIELD",
    422,
    N_("Row %(row)s: the step of sample %(sample)s has no field “%(value)s”."),
    resolver=MAPPER,
    next_step=N_("Use a mapping without this column for this sample."),
)
IMPORT_POPULATION = kind(
    "IMPORT_POPULATION",
    422,
    N_("Sample %(sample)s has no row for “%(population)s”, which the mapping names."),
    resolver=YOU,
    next_step=N_("Export all the populations of the mapping, or use the mapping of this export."),
)
IMPORT_STEP_CLOSED = kind(
    "IMPORT_STEP_CLOSED",
    409,
    N_("Row %(row)s: step %(position)s, from which sample %(sample)s comes, is already signed."),
    resolver=YOU,
    next_step=N_("A signed step is corrected by hand, with a reason."),
)
IMPORT_NOTHING = kind(
    "IMPORT_NOTHING",
    422,
    N_("No row is of a sample of this batch; %(aside)s rows would be set aside."),
    resolver=YOU,
    next_step=N_("Check that this is the file of this batch and that the samples were measured under their code."),
)
IMPORT_MORE = kind(
    "IMPORT_MORE",
    422,
    N_("There are %(count)s more faults of this kind of file; only the first are listed."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
IMPORT_ALREADY = kind(
    "IMPORT_ALREADY",
    409,
    N_("This very file was imported before (SHA-256 %(sha256)s)."),
    resolver=N_("nobody: its values are there already"),
    next_step=N_("Open the import that is there (%(location)s)."),
)
IMPORT_WAITING = kind(
    "IMPORT_WAITING",
    409,
    N_("An earlier import for step %(position)s waits for its second person."),
    resolver=N_("a second person"),
    next_step=N_("Have it confirmed or rejected first (%(location)s)."),
)
IMPORT_DECIDED = kind(
    "IMPORT_DECIDED",
    409,
    N_("This import is already %(status)s."),
    resolver=N_("nobody: it is decided once"),
    next_step=N_("Open the import."),
)
SOD_IMPORT = kind(
    "SOD_IMPORT",
    403,
    N_("Whoever imported a file does not confirm its values."),
    resolver=N_("another trained person"),
    next_step=N_("Ask a colleague to compare the values with the file."),
)
