"""The table of commands: name, group and one line of help each; a command is one row here and one file beside.

In: nothing. Out: `COMMANDS`, `GROUPS`. Never: an import of a command.
"""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = (
    "Start",
    "People and programs",
    "The loop",
    "Look and label",
    "Publish and prove",
    "Votes and labels in a file",
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command as help shows it."""

    name: str
    group: str
    summary: str


COMMANDS = (
    Command("init", "Start", "make a project: a folder with a goldseam.yaml, its database and its key"),
    Command("plan", "Start", "show what the project file would change"),
    Command("apply", "Start", "make the project what its file says"),
    Command("db", "Start", "bring the database up to date, back everything up, restore it"),
    Command("demo", "Start", "the whole loop on handwritten digits with a synthetic crowd, in a new folder"),
    Command("people", "People and programs", "add people, give roles and API tokens"),
    Command("skills", "People and programs", "grant and revoke skills, which items may require of whoever answers"),
    Command(
        "qualify", "People and programs", "questions with known answers, onboarding, promotions proposed from figures"
    ),
    Command("calibrate", "People and programs", "have annotators answer the same items blindly, and agree on them"),
    Command("pay", "People and programs", "rates, statements of what people earned, payment, cost of a settled label"),
    Command("webhook", "People and programs", "let other programs hear of a project's events"),
    Command("run", "The loop", "say the next steps and do them, until a person is needed or the round ends"),
    Command("worker", "The loop", "rounds, backups, webhooks in the background, at their times"),
    Command("jobs", "The loop", "what the worker did, when each job runs next, and the last error"),
    Command("status", "The loop", "where the round stands, how good the labels are, what comes next"),
    Command("report", "The loop", "what each round cost and brought: answers, money, accuracy, coverage, models"),
    Command("lf", "The loop", "labeling functions: try them, see what they are worth, let them make suggestions"),
    Command("capture", "The loop", "take in what a model did in production, and what people made of it"),
    Command("drift", "The loop", "whether what production sees and says is still of the kind it was; what is new"),
    Command(
        "coverage", "The loop", "what the draws cover by segment and cluster, what they say of all items, when to stop"
    ),
    Command("value", "The loop", "which labels cost the model most, and whose they are; ask about them again"),
    Command("model", "The loop", "the models so far; promote one that may be better, or keep the old"),
    Command("patterns", "The loop", "where the model errs, and what may help"),
    Command("suggest", "The loop", "suggest what a release, or JSON of Label Studio, COCO or spaCy, says of the items"),
    Command(
        "guard", "The loop", "how far people follow suggestions because they are shown; switch a label's off or on"
    ),
    Command("queue", "The loop", "give items to people by hand, put items ahead, ask about items again"),
    Command("replay", "The loop", "feed recorded votes through the real queue: back-test a policy"),
    Command("serve", "Look and label", "open the page and the HTTP API"),
    Command("annotate", "Look and label", "label in the terminal, one key per label"),
    Command("adjudicate", "Look and label", "rule on escalated items in the terminal"),
    Command("items", "Look and label", "look through items: by state, label, confidence, metadata, words"),
    Command("map", "Look and label", "lay items out by what they contain, for the page with the lasso"),
    Command("release", "Publish and prove", "publish settled labels as an immutable, numbered release"),
    Command(
        "trace", "Publish and prove", "what a label rests on: raw line, people, rules, settlements, releases, models"
    ),
    Command("diff", "Publish and prove", "what changed between two releases, item by item, and why"),
    Command("verify", "Publish and prove", "check a release or the whole project against a public key, offline"),
    Command("export", "Publish and prove", "write a release as CSV, JSONL or Parquet"),
    Command("agreement", "Votes and labels in a file", "how much annotators agree beyond chance"),
    Command("truth", "Votes and labels in a file", "the label behind the votes, and whom to believe"),
    Command("issues", "Votes and labels in a file", "labels that are likely wrong, by a model's probabilities"),
)
