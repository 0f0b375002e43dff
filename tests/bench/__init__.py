"""What acts and pages cost, as ratios to a bare durable commit through the same server, on both databases."""

COMMIT = "/bench/commit"
STATEMENTS = "Bench-Statements"
